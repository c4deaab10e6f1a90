"""The engine as it runs in a server: takes nudges, reports and hellos, and sweeps."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any

import msgspec
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from jobfleet.bus import subjects
from jobfleet.engine import metrics
from jobfleet.engine.advance import Dispatchable, advance, give_up_step
from jobfleet.engine.context import Context
from jobfleet.engine.courier import Courier
from jobfleet.engine.dispatch import dispatch
from jobfleet.engine.gather import Bounds, Gatherer
from jobfleet.engine.greet import greet
from jobfleet.engine.housekeeping import Windows, keep_house, make_partitions
from jobfleet.engine.marks import DELAY_MS, RunningMarks
from jobfleet.engine.pull import Puller
from jobfleet.engine.record import Recorded, entries, record
from jobfleet.engine.sweep import LOOK_AHEAD_MS, claim_due, look_after
from jobfleet.model.errors import InternalError, UnavailableError
from jobfleet.model.order import Hello, Report, TaskResult, TaskStarted
from jobfleet.model.unreadable import UNREADABLE

SWEEP_S = 1.0
HOUSEKEEPING_S = 3_600.0
BOUNDS = Bounds(portion=1_000, portion_bytes=16 * 2**20, waiting_bytes=128 * 2**20)
"""What one transaction stores, and what waits for it: while the database is away, reports come again and again."""

MESSAGE_BYTES = 1_024
"""What a message takes besides its payload."""

RETRY_S = 0.5
AGAIN_S = 60.0
"""How long after a failure housekeeping is tried again."""

_log = structlog.get_logger()
_reports = msgspec.msgpack.Decoder(Report)
_hellos = msgspec.msgpack.Decoder(Hello)
_encoder = msgspec.msgpack.Encoder()


async def nudge(bus: Client, job_id: int, step_id: int | None = None) -> None:
    """Tell the engines that a job has something to decide; a sweep finds it anyway if this is lost.

    Args:
        step_id: The step that was started with the job and needs nothing but its orders sent.
    """
    words = str(job_id) if step_id is None else f"{job_id} {step_id}"
    with suppress(nats.errors.Error):  # what was to be told is stored by now, and stays so without the broker
        await bus.publish(subjects.NUDGE, words.encode())
    await tell_followers(bus, [job_id])


async def tell_followers(bus: Client, job_ids: Iterable[int]) -> None:
    """Tell the servers that something about jobs is new, for those who follow them."""
    with suppress(nats.errors.Error):  # they look by themselves, a little later
        for job_id in dict.fromkeys(job_ids):
            await bus.publish(subjects.LIVE, str(job_id).encode())


class Engine:
    """Run the engine's handlers; any number of engines share one database and one broker."""

    def __init__(self, ctx: Context, courier: Courier, windows: Windows) -> None:
        self._ctx = ctx
        # Many jobs have much to do at once; reports and callers find a connection all the same.
        self._jobs_ctx = msgspec.structs.replace(ctx, db=ctx.db.share())
        self._courier = courier
        self._windows = windows
        self._marks = RunningMarks()
        self._reports: Gatherer[tuple[Msg, Report]] = Gatherer(
            self._record, BOUNDS, lambda one: len(one[0].data) + MESSAGE_BYTES
        )
        self._hellos: Gatherer[Hello] = Gatherer(self._greet, BOUNDS, lambda _: MESSAGE_BYTES)
        self._puller = Puller(ctx, self._decide)
        self._tasks: set[asyncio.Task[object]] = set()
        self._awaited: set[int] = set()
        self._subscriptions: list[Any] = []

    async def start(self) -> None:
        """Make the partitions, if the database is there, and start listening, sweeping and keeping house."""
        await _guarded(make_partitions(self._ctx), "partitions")
        listen = self._ctx.bus.subscribe
        self._subscriptions = [
            await listen(subjects.NUDGE, queue=subjects.ENGINES, cb=self._on_nudge),
            await listen(subjects.REPORTS, queue=subjects.ENGINES, cb=self._on_report),
            await listen(subjects.HELLOS, queue=subjects.ENGINES, cb=self._on_hello),
        ]
        self._spawn(self._reports.run())
        self._spawn(self._hellos.run())
        self._spawn(self._every(SWEEP_S, self._sweep))
        self._spawn(self._every(DELAY_MS / 1000, self._mark))
        self._spawn(self._every(SWEEP_S, self._courier.deliver_due))
        self._spawn(self._go_on_keeping())

    async def stop(self) -> None:
        """Stop listening and give up what is under way; other servers or the next start carry it on."""
        listening, self._subscriptions = self._subscriptions, []
        for subscription in listening:
            with suppress(nats.errors.Error):  # the broker may be gone already
                await subscription.unsubscribe()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._puller.stop()
        await self._courier.close()

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _on_nudge(self, message: Msg) -> None:
        job_id, *step_id = map(int, message.data.split())
        work = self._dispatch([Dispatchable(job_id, step_id[0])]) if step_id else self._look_after(job_id)
        self._spawn(_guarded(work, "nudge"))

    async def _on_report(self, message: Msg) -> None:
        report = _decoded(_reports, message)
        is_own = report is not None and report.host_id == subjects.host_of(message.subject)
        if is_own and not self._reports.add((message, report)):
            metrics.PUT_OFF.inc()

    async def _on_hello(self, message: Msg) -> None:
        hello = _decoded(_hellos, message)
        if hello is not None and hello.host_id == subjects.host_of(message.subject):
            self._hellos.add(hello)

    async def _mark(self) -> None:
        await tell_followers(self._ctx.bus, await self._marks.flush(self._ctx))

    async def _advance(self, job_id: int) -> None:
        started = await advance(self._jobs_ctx, job_id)
        await tell_followers(self._ctx.bus, [job_id])
        await self._dispatch(started)

    async def _dispatch(self, steps: list[Dispatchable]) -> None:
        for step in steps:
            try:
                to_decide = await dispatch(self._jobs_ctx, self._marks, step, self._puller.take)
            except* InternalError as errors:
                await give_up_step(self._jobs_ctx, step, "; ".join(str(error) for error in errors.exceptions))
            else:
                await self._decide(to_decide)
            await tell_followers(self._ctx.bus, [step.job_id])

    async def _decide(self, job_ids: list[int]) -> None:
        for job_id in dict.fromkeys(job_ids):
            await self._advance(job_id)

    async def _record(self, portion: list[tuple[Msg, Report]]) -> None:
        """Store a portion and answer it; what is not answered, its senders send again."""
        try:
            recorded = await record(self._ctx, [report for _, report in portion])
        except UnavailableError as error:
            _log.warning("reports not stored, their senders will repeat them", reason=str(error))
            await asyncio.sleep(RETRY_S)
        except Exception:  # noqa: BLE001 - told apart one by one below, and logged there
            await self._record_apart(portion)
        else:
            await _guarded(self._answer(portion, recorded), "answers to reports")

    async def _record_apart(self, portion: list[tuple[Msg, Report]]) -> None:
        # One report that cannot be stored must not keep the others from it.
        if len(portion) == 1:
            _log.exception("report not stored", host_id=portion[0][1].host_id)
            return
        for one in portion:
            await self._record([one])

    async def _answer(self, portion: list[tuple[Msg, Report]], recorded: Recorded) -> None:
        metrics.REPORTS.inc(len(portion))
        for (message, report), answer in zip(portion, recorded.answers, strict=True):
            if answer is None:
                continue
            await self._reply(message.reply, report.host_id, _encoder.encode(answer))
            moved: list[TaskStarted | TaskResult] = [*report.started, *report.results]
            for entry in moved:
                if entry.task_id in answer.output:
                    self._marks.discard(entry.job_id, entry.task_id)
        await tell_followers(self._ctx.bus, [entry.job_id for _, report in portion for entry in entries(report)])
        for job_id in dict.fromkeys(recorded.jobs):
            self._spawn(_guarded(self._advance(job_id), "advance"))

    async def _reply(self, inbox: str, host_id: int, answer: bytes) -> None:
        """Answer a host in its own inbox: the broker looks at what agents publish, not at where they want answers."""
        if not inbox.startswith(f"{subjects.inbox_prefix(host_id)}."):
            return
        try:
            await self._ctx.bus.publish(inbox, answer)
        except nats.errors.BadSubjectError:
            _log.warning("report not answered: no inbox is called so", host_id=host_id)

    async def _greet(self, portion: list[Hello]) -> None:
        await _guarded(self._greet_all(portion), "hello")

    async def _greet_all(self, portion: list[Hello]) -> None:
        for job_id in dict.fromkeys(await greet(self._ctx, portion)):
            self._spawn(_guarded(self._advance(job_id), "advance"))

    async def _sweep(self) -> None:
        for job_id in await claim_due(self._ctx):
            self._spawn(_guarded(self._look_after(job_id), f"job {job_id}"))

    async def _look_after(self, job_id: int) -> None:
        started = await advance(self._jobs_ctx, job_id)
        await tell_followers(self._ctx.bus, [job_id])
        await self._dispatch(started)
        if any(not (step.by_clock or step.goes_on) for step in started):
            return
        looked = await look_after(self._jobs_ctx, job_id)
        await self._dispatch(looked.running)
        await self._decide(looked.to_decide)
        if looked.again_at is not None:
            self._look_again(job_id, looked.again_at - self._ctx.clock())

    def _look_again(self, job_id: int, wait_ms: int) -> None:
        """Look at a job when the clock starts its next batch, once however often that is found out.

        What is further away than LOOK_AHEAD_MS, a sweep takes in time.
        """
        if wait_ms <= LOOK_AHEAD_MS and job_id not in self._awaited:
            self._awaited.add(job_id)
            self._spawn(_guarded(self._look_later(job_id, wait_ms), "batch"))

    async def _look_later(self, job_id: int, wait_ms: int) -> None:
        try:
            await asyncio.sleep(max(0, wait_ms) / 1000)
        finally:
            self._awaited.discard(job_id)
        await self._look_after(job_id)

    async def _go_on_keeping(self) -> None:
        while True:
            is_kept = await _guarded(keep_house(self._ctx, self._windows), "housekeeping")
            await asyncio.sleep(HOUSEKEEPING_S if is_kept else AGAIN_S)

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            await _guarded(work(), getattr(work, "__name__", "work"))


async def _guarded(work: Awaitable[None], what: str) -> bool:
    """Run a piece of work at the engine's edge and tell whether it was done: the next sweep tries again if not."""
    is_done = False
    try:
        await work
        is_done = True
    except* UnavailableError as errors:
        _log.warning("put off", what=what, reason=str(errors.exceptions[0]))
    except* Exception:  # noqa: BLE001 - the edge of a handler: the engine goes on whatever one job does
        _log.exception("failed", what=what)
    return is_done


def _decoded(decoder: msgspec.msgpack.Decoder[Any], message: Msg) -> Any:
    try:
        return decoder.decode(message.data)
    except UNREADABLE as error:
        metrics.MALFORMED.inc()
        _log.warning("message dropped", subject=message.subject, reason=str(error))
        return None
