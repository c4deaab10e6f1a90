"""The server's side of the protocol for the agent's tests: signs orders, stores reports, holds a broker."""

import asyncio
import base64
import contextlib
import hashlib
import os
import pwd
import secrets
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from tests.installation import READY_S
from tests.ports import steady_port
from tests.waiting import WITHIN_S

from jobfleet.agent.identity import Identity, store
from jobfleet.agent.settings import AgentSettings
from jobfleet.bus import subjects
from jobfleet.bus.client import BusClient
from jobfleet.bus.envelope import sign
from jobfleet.bus.nkey import generate_user_seed
from jobfleet.model.order import (
    AskOrder,
    Hello,
    KillOrder,
    Order,
    OrderReply,
    Report,
    RunOrder,
    ScriptOrder,
    Segment,
    Stored,
    TaskResult,
)

_encoder = msgspec.msgpack.Encoder()


async def until(condition: Callable[[], object]) -> None:
    """Poll until the condition holds, often: what is looked for may go again soon; fail when it does not in time."""
    end = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < end, "condition did not come true in time"
        await asyncio.sleep(0.005)


class Broker:
    """A real nats-server of the wheel, which can be stopped and started again on its port."""

    def __init__(self) -> None:
        self.port = steady_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        program = Path(sys.executable).with_name("nats-server")
        self._process = await asyncio.create_subprocess_exec(
            program, "-a", "127.0.0.1", "-p", str(self.port), stderr=asyncio.subprocess.DEVNULL
        )
        await until(self._answers)

    async def stop(self) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Host:
    """What the server knows of one host: its reports, put together by task."""

    def __init__(self, host_id: int, client: Client, key: Ed25519PrivateKey) -> None:
        self.host_id = host_id
        self.client = client
        self.key = key
        self.reports: list[Report] = []
        self.hellos: list[Hello] = []
        self.segments: dict[int, list[Segment]] = {}
        self.results: dict[int, TaskResult] = {}
        self.started: dict[int, int] = {}
        self.arrived: dict[int, float] = {}
        self.answers = True
        self.answer_for: Callable[[Report, Stored], Stored] = lambda _report, stored: stored

    async def listen(self) -> None:
        await self.client.subscribe(subjects.report(self.host_id), cb=self._on_report)
        await self.client.subscribe(subjects.hello(self.host_id), cb=self._on_hello)
        await self.client.flush()

    async def order(self, order: Order, key: Ed25519PrivateKey | None = None) -> OrderReply:
        message = sign(key or self.key, self.host_id, order, time.time_ns() // 1_000_000)
        return await self.send(message)

    async def send(self, message: bytes) -> OrderReply:
        """Send an order, again and again while its agent is not connected, as after a restart of the broker."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                with contextlib.suppress(NoRespondersError):
                    answer = await self.client.request(subjects.orders(self.host_id), message, timeout=WITHIN_S)
                    return msgspec.msgpack.decode(answer.data, type=OrderReply)
                await asyncio.sleep(0.02)

    async def run(self, order: ScriptOrder) -> TaskResult:
        """Order a script, wait for its end."""
        reply = await self.order(order)
        assert reply.accepted, reply
        return await self.result(order.task_id)

    async def result(self, task_id: int) -> TaskResult:
        await until(lambda: task_id in self.results)
        return self.results[task_id]

    async def kill(self, *task_ids: int) -> OrderReply:
        return await self.order(KillOrder(task_ids=list(task_ids)))

    async def ask(self, *task_ids: int) -> OrderReply:
        return await self.order(AskOrder(task_ids=list(task_ids)))

    def output(self, task_id: int) -> bytes:
        return b"".join(segment.data for segment in self.segments.get(task_id, []))

    async def _on_hello(self, message: Msg) -> None:
        self.hellos.append(msgspec.msgpack.decode(message.data, type=Hello))

    async def _on_report(self, message: Msg) -> None:
        report = msgspec.msgpack.decode(message.data, type=Report)
        self.reports.append(report)
        if self.answers:
            stored = self.answer_for(report, self._store(report))
            await message.respond(_encoder.encode(stored))

    def _store(self, report: Report) -> Stored:
        for started in report.started:
            self.started[started.task_id] = started.started_at
        for chunk in report.chunks:
            known = self.segments.setdefault(chunk.task_id, [])
            if chunk.offset == len(self.output(chunk.task_id)):
                known.extend(chunk.segments)
        for result in report.results:
            if result.output_bytes == len(self.output(result.task_id)):
                self.results.setdefault(result.task_id, result)
                self.arrived.setdefault(result.task_id, time.monotonic())
        return Stored(
            output={chunk.task_id: len(self.output(chunk.task_id)) for chunk in report.chunks},
            results=[result.task_id for result in report.results if result.task_id in self.results],
        )


AS_ITSELF = "from jobfleet.agent.main import run_agent; sys.exit(run_agent(settings))"
AS_IT_IS = "from jobfleet.agent.main import serve; sys.exit(serve(settings))"
"""Stay in the process whose modules a test has changed: `run_agent` replaces it."""

AS_NOBODY = """
import concurrent.futures.thread, jobfleet.agent.enrol, jobfleet.agent.service, logging
import jobfleet.agent.fetch, jobfleet.agent.offer
from jobfleet.agent.main import serve
os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
sys.exit(serve(settings))
"""
_BEGIN = """
import os, sys, msgspec
from jobfleet.agent.settings import AgentSettings
settings = msgspec.json.decode(sys.argv[1], type=AgentSettings)
"""


class AgentProcess:
    """A real agent in a process of its own, which can be killed and started again."""

    def __init__(self, data_dir: Path, log: Path, code: str = AS_ITSELF, within: Sequence[str] = ()) -> None:
        self.data_dir = data_dir
        self._log = log
        self.within = within
        self._code = _BEGIN + code
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_started(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self, settings: AgentSettings | None = None, *, is_ready: bool = True) -> None:
        wanted = msgspec.json.encode(settings or AgentSettings(data_dir=str(self.data_dir))).decode()
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.within, sys.executable, "-c", self._code, wanted, stdout=asyncio.subprocess.PIPE, stderr=log
            )
        if is_ready:
            assert self._process.stdout is not None
            line = await asyncio.wait_for(self._process.stdout.readline(), READY_S)
            assert line.startswith(b"agent ready host="), self.log()

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await asyncio.wait_for(self._process.wait(), WITHIN_S)

    async def wait(self) -> int:
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), WITHIN_S)

    def log(self) -> str:
        return self._log.read_text()


class Site:
    """One broker, one host, one agent."""

    def __init__(self, host: Host, agent: AgentProcess, broker: Broker) -> None:
        self.host = host
        self.agent = agent
        self.broker = broker

    async def restart_agent(self, number: signal.Signals = signal.SIGKILL) -> None:
        await self.agent.stop(number)
        await self.agent.start()


def task_id() -> int:
    return secrets.randbits(50)


def run_order(script: str | bytes, **changes: object) -> RunOrder:
    """Return an order for a shell script as root (or whoever runs the tests)."""
    content = script if isinstance(script, bytes) else script.encode()
    order = RunOrder(
        task_id=task_id(),
        job_id=11,
        step_id=12,
        attempt=0,
        batch=0,
        language=1,
        content_hash=hashlib.sha256(content).hexdigest(),
        content=content,
        account=pwd.getpwuid(os.geteuid()).pw_name,
        params="",
        timeout_s=60,
        output_cap_bytes=5 * 1024 * 1024,
    )
    return msgspec.structs.replace(order, **changes)


@asynccontextmanager
async def site(
    data_dir: Path, broker: Broker, host_id: int, code: str = AS_ITSELF, within: Sequence[str] = ()
) -> AsyncIterator[Site]:
    """Start an agent with an identity of its own against the broker; stop both sides afterwards.

    Args:
        within: What the agent's command is put behind.
    """
    key = Ed25519PrivateKey.generate()
    order_key = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    identity = Identity(
        host_id=host_id,
        user_jwt="",
        seed=generate_user_seed(),
        nats_urls=[broker.url],
        order_key=order_key,
        nats_ca="",
        server="http://127.0.0.1:9",
    )
    store(data_dir, identity)
    if code == AS_NOBODY:
        for path in (data_dir, data_dir / "identity.toml"):
            os.chown(path, 65534, 65534)
    client = BusClient()
    await client.connect(broker.url, reconnect_time_wait=1)
    host = Host(host_id, client, key)
    await host.listen()
    agent = AgentProcess(data_dir, data_dir.parent / "agent.log", code, within)
    await agent.start()
    try:
        yield Site(host, agent, broker)
    finally:
        await agent.stop(signal.SIGTERM)
        await client.close()
