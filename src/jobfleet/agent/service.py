"""The agent at work: puts connection, orders, tasks and reports together, until it is told to stop."""

import asyncio
import base64
import contextlib
import logging
import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jobfleet import __version__
from jobfleet.agent.connection import Connection
from jobfleet.agent.container_watch import ContainerWatch
from jobfleet.agent.files import now_ms
from jobfleet.agent.identity import Identity
from jobfleet.agent.journal import Journal
from jobfleet.agent.orders import Orders
from jobfleet.agent.own_log import OwnLog
from jobfleet.agent.reports import Reporter
from jobfleet.agent.spawner import Spawner
from jobfleet.agent.tasks import Tasks
from jobfleet.bus import agent_http, subjects
from jobfleet.bus.envelope import Gate
from jobfleet.bus.nkey import private_key
from jobfleet.model.order import HELLO_INTERVAL_S, Hello

CONTENT_PATH = "/api/agent/v1/content/"
STOP_S = 1.5
"""How long an agent takes at most to say good-bye."""

_COME_BACK_S = 1.0
"""Over how long a fleet spreads its reports when the broker is back."""

_TELL_REFUSALS_S = 1.0
"""How long after a refused order its agent says so; a flood of them is told together."""

_HINT_BYTES = 64
_FETCH_WAITS_S = (0.5, 1.0, 2.0, 4.0, 8.0)

log = logging.getLogger(__name__)
_encoder = msgspec.msgpack.Encoder()


class Agent:
    """One agent: everything that lives in its process beside the spawner."""

    def __init__(
        self, identity: Identity, spawner: Spawner, data_dir: Path, containers_every_s: float, own_log: OwnLog
    ) -> None:
        """Look for containers every so many seconds; 0: never. `own_log` is what the agent tells of itself."""
        self._identity = identity
        self._spawner = spawner
        self._journal = Journal(data_dir)
        self._gate = Gate(identity.host_id, _order_key(identity))
        self._connection = Connection(identity, self._answer, self._on_connected)
        self._reporter = Reporter(identity.host_id, self._connection.ask, self._on_done)
        self._tasks = Tasks(self._journal, spawner, self._reporter, self._fetch)
        self._containers_every_s = containers_every_s
        self._containers = ContainerWatch(identity.host_id, self._connection.ask, containers_every_s, data_dir)
        self._orders = Orders(self._gate, self._tasks, own_log)
        self._stopping = asyncio.Event()
        self._has_refused = asyncio.Event()
        self._exit_code = 0
        self._is_ready = False

    async def serve(self) -> int:
        """Work until SIGTERM or SIGINT; return the exit code. Scripts run on."""
        self._listen()
        self._tasks.recover()
        work = [
            asyncio.create_task(self._connection.run()),
            asyncio.create_task(self._tasks.watch()),
            asyncio.create_task(self._keep_saying_hello()),
        ]
        if self._containers_every_s:
            work.append(asyncio.create_task(self._containers.run()))
        await self._until_stopped(work)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await self._close(work)
        return self._exit_code

    async def _until_stopped(self, work: list[asyncio.Task[None]]) -> None:
        stop = asyncio.create_task(self._stopping.wait())
        done, _ = await asyncio.wait([stop, *work], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stop}:
            task.result()  # none of them ends but by an error that nobody foresaw: let it be seen

    async def _close(self, work: list[asyncio.Task[None]]) -> None:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await self._reporter.close()
        await self._tasks.close()
        await self._connection.close()

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        loop.add_reader(self._spawner.hints, self._hear)
        loop.add_reader(self._spawner.lifeline, self._on_spawner_gone)

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while hint := self._spawner.hints.recv(_HINT_BYTES, socket.MSG_DONTWAIT):
                self._tasks.hear(hint)

    def _on_spawner_gone(self) -> None:
        log.error("spawner-gone: the agent ends; scripts run on and the next agent takes them up")
        asyncio.get_running_loop().remove_reader(self._spawner.lifeline)
        self._exit_code = 1
        self._stopping.set()

    async def _answer(self, message: bytes) -> bytes:
        before = sum(self._gate.refused.values())
        answer = await self._orders.answer(message)
        if sum(self._gate.refused.values()) > before:
            self._has_refused.set()
        return answer

    def _on_done(self, task_id: int) -> None:
        self._tasks.done(task_id)

    async def _on_connected(self) -> None:
        log.info("connected version=%s", __version__)
        await self._say_hello()
        self._reporter.retry(within_s=_COME_BACK_S if self._is_ready else 0.0)
        if not self._is_ready:
            self._is_ready = True
            print(f"agent ready host={self._identity.host_id}", flush=True)  # noqa: T201 — who started it waits for it

    async def _keep_saying_hello(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._has_refused.wait(), HELLO_INTERVAL_S)
                await asyncio.sleep(_TELL_REFUSALS_S)
            self._has_refused.clear()
            await self._say_hello()

    async def _say_hello(self) -> None:
        hello = Hello(
            host_id=self._identity.host_id,
            version=__version__,
            boot_id=self._journal.boot_id,
            unfinished=self._tasks.unfinished(),
            refused=self._gate.refused,
        )
        with contextlib.suppress(ConnectionError):
            await self._connection.say(subjects.hello(self._identity.host_id), _encoder.encode(hello))

    async def _fetch(self, path: Path, content_hash: str) -> None:
        for wait_s in _FETCH_WAITS_S:
            try:
                await asyncio.to_thread(self._download, path, content_hash)
            except OSError as error:
                log.warning("fetch-failed content=%s error=%r", content_hash, str(error))
                await asyncio.sleep(wait_s)
            else:
                return
        await asyncio.to_thread(self._download, path, content_hash)

    def _download(self, path: Path, content_hash: str) -> None:
        from jobfleet.agent.http import download  # most agents never need HTTP and its memory

        url = self._identity.server + CONTENT_PATH + content_hash
        key = private_key(self._identity.seed)
        proof = agent_http.sign(key, self._identity.host_id, now_ms(), "GET", urlsplit(url).path)
        download(url, {agent_http.HEADER: proof}, path, content_hash)


def _order_key(identity: Identity) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(identity.order_key))
