"""What this machine can do at best, measured in the same run: starting processes, the broker, the database."""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg

from jobfleet.bus import identity
from jobfleet.bus.connection import Endpoint, connect
from jobfleet.cli.keys import trust_of
from jobfleet.embedded.nats import Nats
from jobfleet.embedded.postgres import Postgres

_ROUNDS = 200
_IN_FLIGHT = 2000
_SUBJECT = "bench.echo"


class Limits(msgspec.Struct, frozen=True):
    """The machine's own limits.

    `fork_exec_ms`: one `/bin/true`, median. `round_trip_ms`: one request over NATS and back, median.
    `exchanges_per_s`: requests a second with many in flight. `commit_ms`: one durable commit, median.
    """

    fork_exec_ms: float
    round_trip_ms: float
    exchanges_per_s: float
    commit_ms: float


async def measure(directory: Path) -> Limits:
    """Measure the limits with engines of our own under a directory."""
    round_trip_ms, exchanges_per_s = await _broker(directory)
    return Limits(await asyncio.to_thread(_fork_exec_ms), round_trip_ms, exchanges_per_s, await _commit_ms(directory))


def _fork_exec_ms() -> float:
    spans = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        os.waitpid(os.posix_spawn("/bin/true", ["true"], os.environ), 0)
        spans.append(time.perf_counter() - begun)
    return statistics.median(spans) * 1000


async def _broker(directory: Path) -> tuple[float, float]:
    keys = identity.generate()
    engine = Nats(directory / "nats", directory / "nats.log", trust_of(keys, int(time.time())))
    await engine.start()
    try:
        who = identity.server_identity(keys, int(time.time()))
        asking, answering = [await connect(Endpoint([engine.url], who, name)) for name in ("asking", "answering")]
        await answering.subscribe(_SUBJECT, cb=_echo)
        await answering.flush()
        found = await _median_ms(lambda: asking.request(_SUBJECT, b"x" * 300)), await _rate(asking)
        for client in (asking, answering):
            await client.close()
        return found
    finally:
        await engine.stop()


async def _echo(message: Msg) -> None:
    await message.respond(message.data)


async def _rate(asking: Client) -> float:
    """Ask many times without waiting for each answer; what comes back a second."""
    everything = asyncio.Event()
    missing = _IN_FLIGHT

    async def count(_message: Msg) -> None:
        nonlocal missing
        missing -= 1
        if missing == 0:
            everything.set()

    inbox = asking.new_inbox()
    await asking.subscribe(inbox, cb=count)
    begun = time.perf_counter()
    for _ in range(_IN_FLIGHT):
        await asking.publish(_SUBJECT, b"x" * 300, reply=inbox)
    await everything.wait()
    return _IN_FLIGHT / (time.perf_counter() - begun)


async def _commit_ms(directory: Path) -> float:
    engine = Postgres(directory / "postgres", directory / "postgres.log")
    await engine.start()
    try:
        connection = await asyncpg.connect(engine.url)
        await connection.execute("CREATE TABLE bench (id bigserial PRIMARY KEY, text text)")
        found = await _median_ms(lambda: connection.execute("INSERT INTO bench (text) VALUES ('a row')"))
        await connection.close()
        return found
    finally:
        await engine.stop()


async def _median_ms(work: Callable[[], Awaitable[object]]) -> float:
    spans = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        await work()
        spans.append(time.perf_counter() - begun)
    return statistics.median(spans) * 1000
