"""A server's engine on real engines, and agents at the other end of the wire that do as a test says."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.aio.client import Client
from nats.aio.msg import Msg
from tests.engines import Broker
from tests.platforms import CHOICES, WINDOWS
from tests.waiting import WITHIN_S, eventually

from jobfleet.api import callback
from jobfleet.bus import subjects
from jobfleet.bus.envelope import Gate
from jobfleet.bus.requests import Requests
from jobfleet.engine.context import Context
from jobfleet.engine.courier import Courier
from jobfleet.engine.mail import Mailer
from jobfleet.engine.sealing import Sealer
from jobfleet.engine.service import Engine
from jobfleet.model.callback import CallbackPolicy
from jobfleet.model.caller import Caller
from jobfleet.model.job import JobView, NewScriptJob, StartedJob
from jobfleet.model.order import (
    Chunk,
    Hello,
    KillOrder,
    LogOrder,
    Order,
    OrderReply,
    Report,
    RunOrder,
    ScriptOrder,
    Segment,
    Stored,
    TaskResult,
    WorkOrder,
)
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.model.target import TargetSpec
from jobfleet.operations import execute, query
from jobfleet.operations.platform import Platform
from jobfleet.store import tables
from jobfleet.store.blobs import Blobs
from jobfleet.store.database import Database, raw

SCOPE = Scope(ScopeType.BUSINESS, 2)
ADMIN = Caller("admin", "demo", platform_admin=True, grants=())


class WireAgent:
    """Take the orders of one host; keep what came, answer as told."""

    def __init__(self, host_id: int, client: Client, gate: Gate) -> None:
        self.host_id = host_id
        self._client = client
        self._gate = gate
        self.orders: list[Order] = []
        self.arrived = asyncio.Condition()
        self.on_run: Callable[[RunOrder], Awaitable[None]] | None = None
        self.knows = True
        self.silent = False
        self.says: Callable[[Order], bytes] | None = None

    async def listen(self) -> None:
        await self._client.subscribe(subjects.orders(self.host_id), cb=self._take)
        await self._client.flush()

    async def _take(self, message: Msg) -> None:
        order = self._gate.admit(message.data, now_ms())
        async with self.arrived:
            self.orders.append(order)
            self.arrived.notify_all()
        if self.silent:
            return
        if self.says is not None:
            await message.respond(self.says(order))
            return
        unknown = [] if self.knows or isinstance(order, WorkOrder | LogOrder) else order.task_ids
        await message.respond(msgspec.msgpack.encode(OrderReply(accepted=True, unknown=unknown)))
        if isinstance(order, RunOrder) and self.on_run:
            await self.on_run(order)

    async def run_order(self) -> RunOrder:
        """Wait for the newest run order."""
        return (await self.runs(1))[-1]

    async def runs(self, count: int) -> list[RunOrder]:
        async with asyncio.timeout(WITHIN_S), self.arrived:
            await self.arrived.wait_for(lambda: len(self._runs()) >= count)
            return self._runs()

    async def kill_order(self) -> KillOrder:
        async with asyncio.timeout(WITHIN_S), self.arrived:
            await self.arrived.wait_for(lambda: any(isinstance(order, KillOrder) for order in self.orders))
            return next(order for order in self.orders if isinstance(order, KillOrder))

    def _runs(self) -> list[RunOrder]:
        return [order for order in self.orders if isinstance(order, RunOrder)]

    async def report(self, report: Report, timeout_s: float = WITHIN_S) -> Stored:
        answer = await self._client.request(
            subjects.report(self.host_id), msgspec.msgpack.encode(report), timeout=timeout_s
        )
        return msgspec.msgpack.decode(answer.data, type=Stored)

    async def end_quietly(self, order: RunOrder) -> None:
        """Report that a task ended well without a word; give it as `on_run` to an agent that just works."""
        await self.end(order)

    async def hello(self, unfinished: list[int]) -> None:
        hello = Hello(self.host_id, "test", "boot", unfinished, {})
        await self._client.publish(subjects.hello(self.host_id), msgspec.msgpack.encode(hello))

    async def end(self, order: RunOrder, exit_code: int = 0, text: bytes = b"", tag: str = "") -> Stored:
        """Report that a task printed a text and ended."""
        ended = result(order, exit_code, text, tag)
        return await self.report(Report(self.host_id, chunks=chunks(order, text), results=[ended]))


def chunks(order: RunOrder, text: bytes, offset: int = 0) -> list[Chunk]:
    return [Chunk(order.task_id, order.job_id, offset, [Segment(1, now_ms(), text)])] if text else []


def result(order: ScriptOrder, exit_code: int = 0, text: bytes = b"", tag: str = "", **more: object) -> TaskResult:
    values: dict[str, object] = {
        "task_id": order.task_id,
        "job_id": order.job_id,
        "outcome": 5 if exit_code else 2,
        "exit_code": exit_code,
        "error_code": 0,
        "started_at": now_ms() - 5,
        "ended_at": now_ms(),
        "output_bytes": len(text),
        "tag": tag,
    }
    return msgspec.convert(values | more, TaskResult)


class Stage:
    """Hold a platform with a running engine, and its agents."""

    def __init__(self, broker: Broker, database_url: str, stack: AsyncExitStack) -> None:
        self._broker = broker
        self._url = database_url
        self._stack = stack
        self._key = Ed25519PrivateKey.generate()
        self.callback_key = Ed25519PrivateKey.generate()
        self._sealer = Sealer(b"k" * 32)
        self.platform: Platform

    async def open(self) -> None:
        self.platform = await self.another_platform()

    async def another_platform(self) -> Platform:
        """Return one more server's platform on the same database and broker."""
        db = Database(self._url)
        self._stack.push_async_callback(db.close)
        bus = await self._broker.server()
        self._stack.push_async_callback(bus.close)
        ctx = Context(
            db=db,
            bus=bus,
            requests=await Requests(bus).open(),
            order_key=self._key,
            sealer=self._sealer,
            output_cap_bytes=5 * 2**20,
            blobs=Blobs(Path(self._stack.enter_context(TemporaryDirectory()))),
        )
        return Platform(engine=ctx, **CHOICES)

    def at(self, clock: Callable[[], int]) -> Platform:
        """Return the platform with another clock."""
        return msgspec.structs.replace(self.platform, engine=msgspec.structs.replace(self.platform.engine, clock=clock))

    def courier(self, platform: Platform | None = None, mailer: Mailer | None = None) -> Courier:
        ctx = (platform or self.platform).engine
        return Courier(ctx, CallbackPolicy(loopback=True), self.callback_key, callback.render, mailer)

    async def start_engine(self, platform: Platform | None = None, mailer: Mailer | None = None) -> Engine:
        engine = Engine((platform or self.platform).engine, self.courier(platform, mailer), WINDOWS)
        await engine.start()
        self._stack.push_async_callback(engine.stop)
        return engine

    async def client_and_gate(self, host_id: int) -> tuple[Client, Gate]:
        """Return a new connection of a host, and what lets its orders through."""
        client = await self._broker.agent(host_id)
        self._stack.push_async_callback(client.close)
        return client, Gate(host_id, self._key.public_key())

    async def agent(self, host_id: int) -> WireAgent:
        agent = WireAgent(host_id, *await self.client_and_gate(host_id))
        await agent.listen()
        return agent

    async def agents(self, count: int) -> list[WireAgent]:
        return [await self.agent(host_id) for host_id in range(1, count + 1)]

    async def run(self, hosts: int = 1, **changes: object) -> StartedJob:
        """Start a job on hosts 1 to `hosts`."""
        new = msgspec.structs.replace(new_job(tuple(range(1, hosts + 1))), **changes)
        return await execute.start_script(self.platform, ADMIN, new)

    async def change(self, statement: str) -> None:
        """Change the record behind the engine's back."""
        async with self.platform.engine.db.begin() as tx:
            await (await raw(tx)).execute(statement)

    async def view(self, job_id: int) -> JobView:
        return await query.job_status(self.platform, ADMIN, SCOPE, job_id, with_tasks=True)

    async def wait(self, job_id: int, wanted: RunStatus, *, within_s: float = WITHIN_S) -> JobView:
        """Return a job's view once it has the status."""
        return await eventually(lambda: self.view(job_id), lambda view: view.job.status is wanted, within_s=within_s)

    async def wait_tasks(self, job_id: int, wanted: list[TaskStatus], *, within_s: float = WITHIN_S) -> JobView:
        """Return a job's view once its step's tasks have these statuses."""
        return await eventually(lambda: self.view(job_id), lambda view: statuses(view) == wanted, within_s=within_s)


def statuses(view: JobView) -> list[TaskStatus]:
    return [task.status for task in view.tasks.get(view.steps[0].id, ())]


def new_job(host_ids: tuple[int, ...], **changes: object) -> NewScriptJob:
    new = NewScriptJob(
        scope=SCOPE,
        name="a job",
        language=1,
        content=b"#!/bin/sh\ntrue\n",
        params="",
        sensitive=False,
        account_id=None,
        account_alias="root",
        timeout_s=None,
        target=TargetSpec(host_ids=host_ids),
    )
    return msgspec.structs.replace(new, **changes)


async def furnish(db: Database, hosts: int) -> None:
    """Fill the inventory: businesses 2 and 3, hosts 1 to `hosts` in 2, the next one in 3, account root."""
    async with db.begin() as tx:
        await tx.execute(sa.insert(tables.businesses), [{"id": 2, "name": "demo"}, {"id": 3, "name": "other"}])
        rows = [
            {"id": n, "business_id": 2 if n <= hosts else 3, "cloud_id": 0, "ip": f"127.0.{n // 250}.{n % 250 + 1}"}
            for n in range(1, hosts + 2)
        ]
        await tx.execute(sa.insert(tables.hosts), rows)
        await tx.execute(
            sa.insert(tables.accounts),
            {"id": 1, "business_id": 2, "alias": "root", "account": "root", "category": 1, "type": 1},
        )


def now_ms() -> int:
    return time.time_ns() // 1_000_000
