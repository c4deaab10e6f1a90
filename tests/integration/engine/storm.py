"""A world in which everything goes wrong: two engines, hosts whose words get lost or come twice, a clock that jumps."""

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

import asyncpg
import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from tests.integration.engine.rules import Record, broken, read
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, new_job, now_ms
from tests.waiting import WITHIN_S

from jobfleet.bus import subjects
from jobfleet.bus.envelope import Gate, RefusedOrderError
from jobfleet.engine.accept import JobHead, NewStep, accept_job, store_script
from jobfleet.engine.service import Engine, nudge
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.job import JobType, LaunchMode, StartedJob, StepType
from jobfleet.model.order import (
    AskOrder,
    Chunk,
    Hello,
    KillOrder,
    Order,
    OrderReply,
    Report,
    RunOrder,
    Segment,
    Stored,
    TaskResult,
    TaskStarted,
)
from jobfleet.model.outcome import Outcome
from jobfleet.model.rolling import Rolling
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import Target
from jobfleet.operations.platform import Platform
from jobfleet.store.inventory import Account

HOSTS = 4
NO_AGENT = 5
"""The host that never had an agent."""

OUTPUT = b"some words\n"
ROOT = Account(1, "root", "root")


def _turns(most: int) -> Iterator[int]:
    """Count turns: so many, and as many more as fit into the time that everything is waited for."""
    deadline = time.monotonic() + WITHIN_S
    return itertools.takewhile(lambda turn: turn < most or time.monotonic() < deadline, itertools.count())


class Clock:
    """Tell a time that a test moves on."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return now_ms() + self.ahead_ms


class Work(msgspec.Struct):
    """Hold what a host knows of a task: when its script began, and how it ended."""

    order: RunOrder
    started_at: int | None = None
    ended: TaskResult | None = None


class Host:
    """Keep a journal as the real agent does; speak only when told to."""

    def __init__(self, host_id: int, client: Client, gate: Gate, clock: Clock) -> None:
        self.id = host_id
        self._client = client
        self._gate = gate
        self._clock = clock
        self._listening: Subscription | None = None
        self.live: dict[int, Work] = {}
        self.done: set[int] = set()
        self.never: set[int] = set()
        self.ran: Counter[int] = Counter()
        self.said: list[Report] = []
        self.is_silent = False
        self.loses_answers = False
        self.survives_kills = False

    async def listen(self) -> None:
        if self._listening is None:
            self._listening = await self._client.subscribe(subjects.orders(self.id), cb=self._take)
            await self._client.flush()

    async def leave(self) -> None:
        """Be gone: nobody listens to orders."""
        if self._listening is not None:
            await self._listening.unsubscribe()
            await self._client.flush()
            self._listening = None

    async def hello(self) -> None:
        unfinished = [task_id for task_id, work in self.live.items() if work.ended is None]
        hello = Hello(self.id, "storm", "boot", unfinished, {})
        await self._client.publish(subjects.hello(self.id), msgspec.msgpack.encode(hello))

    async def _take(self, message: Msg) -> None:
        if self.is_silent:
            return
        try:
            reply = self._obey(self._gate.admit(message.data, self._clock()))
        except RefusedOrderError as error:
            reply = OrderReply(accepted=False, reason=error.reason)
        if not self.loses_answers:
            await message.respond(msgspec.msgpack.encode(reply))

    def _obey(self, order: Order) -> OrderReply:
        match order:
            case RunOrder(task_id=task_id):
                if task_id not in self.live and task_id not in self.done | self.never:
                    self.live[task_id] = Work(order)
                    self.ran[task_id] += 1
                return OrderReply(accepted=True)
            case KillOrder(task_ids=task_ids):
                for task_id in task_ids:
                    self._kill(task_id)
                return OrderReply(accepted=True, unknown=self._unknown(task_ids))
            case AskOrder(task_ids=task_ids):
                return OrderReply(accepted=True, unknown=self._unknown(task_ids))
        raise AssertionError(f"no host of the storm moves files: {order}")

    def _kill(self, task_id: int) -> None:
        if (work := self.live.get(task_id)) is not None and work.ended is None:
            work.ended = self._end(work, exit_code=137, error_code=126, survivors=[77] if self.survives_kills else [])

    def _unknown(self, task_ids: Sequence[int]) -> list[int]:
        self.never |= {task_id for task_id in task_ids if task_id not in self.live and task_id not in self.done}
        return [task_id for task_id in task_ids if task_id in self.never]

    def _end(self, work: Work, *, exit_code: int, error_code: int = 0, survivors: Sequence[int] = ()) -> TaskResult:
        now = self._clock()
        return TaskResult(
            task_id=work.order.task_id,
            job_id=work.order.job_id,
            outcome=Outcome.FAILED if exit_code else Outcome.SUCCEEDED,
            exit_code=exit_code,
            error_code=error_code,
            started_at=work.started_at or now,
            ended_at=now,
            output_bytes=len(OUTPUT),
            survivors=list(survivors),
        )

    def begin(self) -> None:
        """Start the scripts that wait."""
        for work in self.live.values():
            work.started_at = work.started_at or self._clock()

    def finish(self, exit_code: int) -> None:
        """Let the scripts that run come to their end."""
        self.begin()
        for work in self.live.values():
            work.ended = work.ended or self._end(work, exit_code=exit_code)

    def words(self) -> Report:
        """Return everything that this host has to say."""
        report = Report(
            self.id,
            started=[
                TaskStarted(one.order.task_id, one.order.job_id, one.started_at)
                for one in self.live.values()
                if one.started_at is not None
            ],
            chunks=[
                Chunk(one.order.task_id, one.order.job_id, 0, [Segment(1, self._clock(), OUTPUT)])
                for one in self.live.values()
                if one.ended is not None
            ],
            results=[one.ended for one in self.live.values() if one.ended is not None],
        )
        self.said = [*self.said[-20:], report]
        return report

    async def tell(self, report: Report, *, hears: bool) -> None:
        """Send a report; a host that `hears` takes note of what was stored."""
        message = msgspec.msgpack.encode(report)
        if not hears:
            await self._client.publish(subjects.report(self.id), message, reply=self._client.new_inbox())
            return
        with suppress(nats.errors.TimeoutError, nats.errors.NoRespondersError):
            answer = await self._client.request(subjects.report(self.id), message, timeout=2)
            self._forget(msgspec.msgpack.decode(answer.data, type=Stored))

    def _forget(self, stored: Stored) -> None:
        for task_id in (*stored.results, *stored.gone):
            if self.live.pop(task_id, None) is not None:
                self.done.add(task_id)


class Storm:
    """Hold the engines and the hosts, and run one job after the other through them."""

    def __init__(self, stage: Stage, connection: asyncpg.Connection) -> None:
        self._stage = stage
        self._connection = connection
        self.clock = Clock()
        self.platforms: list[Platform] = []
        self.engines: list[Engine | None] = [None, None]
        self.hosts: list[Host] = []

    async def open(self) -> None:
        self.platforms = [self._timed(self._stage.platform), self._timed(await self._stage.another_platform())]
        for host_id in range(1, HOSTS + 1):
            client, gate = await self._stage.client_and_gate(host_id)
            self.hosts.append(Host(host_id, client, gate, self.clock))

    def _timed(self, platform: Platform) -> Platform:
        return msgspec.structs.replace(platform, engine=msgspec.structs.replace(platform.engine, clock=self.clock))

    async def calm(self) -> None:
        """Make everything as it should be: engines run, hosts are there and answer."""
        for number in (0, 1):
            await self.start(number)
        for host in self.hosts:
            host.is_silent = host.loses_answers = host.survives_kills = False
            await host.listen()

    async def start(self, number: int) -> None:
        if self.engines[number] is None:
            self.engines[number] = await self._stage.start_engine(self.platforms[number])

    async def stop(self, number: int) -> None:
        engine, self.engines[number] = self.engines[number], None
        if engine is not None:
            await engine.stop()

    async def sweep(self, ahead_ms: int) -> None:
        """Move the clock on and have the engines that run look at what is due."""
        self.clock.ahead_ms += ahead_ms
        for engine in self.engines:
            if engine is not None:
                await engine._sweep()

    async def accept(self, steps: Sequence[NewStep], *, start: bool) -> StartedJob:
        """Accept a job of steps."""
        ctx = self.platforms[0].engine
        head = JobHead(SCOPE, "a job in a storm", JobType.PLAN, LaunchMode.API, start, plan_id=7)
        async with ctx.db.begin() as tx:
            spec = await store_script(tx, ctx, new_job((1,), timeout_s=60), ROOT)
            filled = [step if step.targets == () else msgspec.structs.replace(step, definition=spec) for step in steps]
            started = await accept_job(tx, ctx, ADMIN, head, filled)
        if start:
            await nudge(ctx.bus, started.job_id)
        return started

    async def record(self, job_id: int) -> Record:
        return await read(self._connection, job_id)

    async def weather_out(self, job_id: int) -> Record:
        """Let the hosts work until the job is over or waits for a person; orders that were lost are sent again."""
        await self.calm()
        for _ in _turns(60):
            for host in self.hosts:
                await host.hello()
                host.finish(0)
                await host.tell(host.words(), hears=True)
            record = await self.record(job_id)
            if _rests(record):
                return record
            await self.sweep(random.choice((1_000, 16_000)))
            await asyncio.sleep(0.05)
        raise AssertionError(f"the job never comes to an end: {describe(record)}")

    async def outlast(self, job_id: int) -> Record:
        """Let no host ever say a word again until the job is over: everything that is waited for has an end."""
        await self.start(0)
        for host in self.hosts:
            host.is_silent = True
        for _ in _turns(40):
            record = await self.record(job_id)
            if _rests(record):
                return record
            await self.sweep(61_000)
            await asyncio.sleep(0.25)
        raise AssertionError(f"the job waits for ever: {describe(record)}")

    def lies(self, record: Record) -> list[str]:
        """Return what the record says of hosts and the hosts do not."""
        ran = sum((host.ran for host in self.hosts), Counter[int]())
        never: set[int] = set().union(*(host.never for host in self.hosts))
        known = {task["id"]: task for task in record.tasks if task["log_task_id"] == task["id"]}
        found = [f"task {task_id} ran {times} times" for task_id, times in ran.items() if times > 1]
        for task_id, task in known.items():
            status = TaskStatus(task["status"])
            if task_id in ran and status in {TaskStatus.AGENT_UNREACHABLE, TaskStatus.AGENT_NOT_INSTALLED}:
                found.append(f"task {task_id} ran and is said not to have reached its host")
            if task_id not in ran and status in {TaskStatus.SUCCEEDED, TaskStatus.NONZERO_EXIT}:
                found.append(f"task {task_id} never ran and has an exit code")
            if task_id in never and task_id in ran:
                found.append(f"task {task_id} ran though its host had said that it never would")
        return found

    def check(self, record: Record) -> None:
        """Fail when the record is not as it must be."""
        wrong = broken(record) + self.lies(record)
        assert not wrong, "\n".join([*wrong, describe(record)])


def _rests(record: Record) -> bool:
    return record.job["status"] in {1, 3, 4, 5, 6, 7, 8, 9, 11, 13, 14}


def describe(record: Record) -> str:
    """Return a job's rows and its history as text."""
    lines = [f"job {record.job['id']} {record.job['status']}"]
    lines += [
        f"step {one['id']} type {one['type']} status {one['status']} attempt {one['attempt']} batch {one['batch']}"
        f" of {one['batch_count']} open {one['open_count']} {one['rolling']}"
        for one in record.steps
    ]
    names = "id", "step_id", "attempt", "batch", "host_id", "status", "sent_at", "lease_until", "deadline_at"
    lines += ["task " + " ".join(str(one[name]) for name in names) for one in record.tasks]
    lines += [
        f"{one['at']} {one['kind']} {one['step_id'] or ''} {one['task_ids'] or ''}"
        f" {one['from_status']}->{one['to_status']} {one['actor']} {one['detail']}"
        for one in record.events
    ]
    return "\n".join(lines)


def script(hosts: Sequence[int], rolling: Rolling | None = None, *, ignore_error: bool = False) -> NewStep:
    """Return a step that runs on hosts; the definition is filled in when the job is accepted."""
    targets = [_target(ordinal, host_id) for ordinal, host_id in enumerate(hosts)]
    return NewStep("run", StepType.SCRIPT, ApprovalSpec(""), targets, rolling, ignore_error)


def approval() -> NewStep:
    return NewStep("ask", StepType.APPROVAL, ApprovalSpec("go on?"))


def _target(ordinal: int, host_id: int) -> Target:
    initial = TaskStatus.AGENT_NOT_INSTALLED if host_id == NO_AGENT else TaskStatus.WAITING
    return Target(ordinal, host_id, 0, "", f"127.0.0.{host_id + 1}", None, f"0:{host_id}", "linux", True, initial)
