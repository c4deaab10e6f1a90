"""Carry a job on: decide by its rows what comes next, write it, and only then let messages go out."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from jobfleet.engine.batches import key_of, open_first_attempt, start_batch
from jobfleet.engine.context import Context
from jobfleet.engine.settle import settle_rest
from jobfleet.engine.tell import tell_approval_waits, tell_job_ended
from jobfleet.engine.variables import keep_left
from jobfleet.model.callback import Outcome
from jobfleet.model.errors import InternalError
from jobfleet.model.event import Event, EventKind
from jobfleet.model.job import Job, Step, StepType
from jobfleet.model.rolling import RollingMode
from jobfleet.model.status import NEVER_RAN, RunStatus, TaskStatus
from jobfleet.model.verdict import (
    AfterBatch,
    FinishJob,
    FinishStep,
    StartStep,
    after_batch,
    converged_verdict,
    next_move,
    step_verdict,
    total,
)
from jobfleet.store import attempts, batches, callbacks, events, jobs
from jobfleet.store.database import Transaction


class Dispatchable(msgspec.Struct, frozen=True):
    """Name a step whose tasks wait to be sent to their hosts.

    `by_clock` when more batches start by the clock; `goes_on` when it ran before and its files may be there now.
    """

    job_id: int
    step_id: int
    by_clock: bool = False
    goes_on: bool = False


async def advance(ctx: Context, job_id: int) -> list[Dispatchable]:
    """Do everything that a job can do now; return the steps whose orders must be sent after the commit.

    Safe to call at any time, by several servers at once: the job's row is held meanwhile.
    """
    async with ctx.db.begin() as tx:
        job = await jobs.find(tx, job_id, lock=True)
        return [] if job is None else await _Course(tx, ctx, job).go()


async def advance_new(tx: Transaction, ctx: Context, job: Job, steps: Sequence[Step], happened: Event) -> None:
    """Start a job in the transaction that stores it; its rows are as given, and `happened` is remembered first."""
    await _Course(tx, ctx, job, [happened]).go(steps)


async def give_up_step(ctx: Context, wanted: Dispatchable, reason: str) -> None:
    """Set a running step to ABNORMAL because the engine cannot go on with it; its tasks and its job end with it."""
    async with ctx.db.begin() as tx:
        job = await jobs.find(tx, wanted.job_id, lock=True)
        steps = {step.id: step for step in await jobs.list_steps(tx, wanted.job_id, lock=True)}
        step = steps.get(wanted.step_id)
        if job is None or step is None or step.status is not RunStatus.RUNNING:
            return
        await settle_rest(tx, step, reason, ctx.clock())
        course = _Course(tx, ctx, job)
        if step.rolling is not None:
            await batches.finish(tx, key_of(step), step.batch, RunStatus.ABNORMAL, ctx.clock())
        await course.end_step(step, RunStatus.ABNORMAL, reason, open_count=0)
        await course.go()


class _Course:
    """Take one job as far as it goes, inside one transaction that holds its rows."""

    def __init__(self, tx: Transaction, ctx: Context, job: Job, happened: Sequence[Event] = ()) -> None:
        self._tx = tx
        self._ctx = ctx
        self._job = job
        self._steps: dict[int, Step] = {}
        self._happened = list(happened)
        self._started: list[Dispatchable] = []

    async def go(self, steps: Sequence[Step] | None = None) -> list[Dispatchable]:
        """Carry out decision after decision until there is none; return the steps that were started.

        Args:
            steps: The job's steps, where the caller knows them.
        """
        known = await jobs.list_steps(self._tx, self._job.id, lock=True) if steps is None else steps
        self._steps = {step.id: step for step in known}
        while (decision := next_move(self._job, list(self._steps.values()))) is not None:
            match decision:
                case StartStep(step):
                    await self._start_step(step)
                case FinishStep(step) if step.rolling is not None:
                    await self._judge_rolling(step)
                case FinishStep(step):
                    await self._judge_step(step)
                case FinishJob(status):
                    await self._move_job(status, EventKind.JOB_ENDED, look_at=None)
        await events.insert(self._tx, self._happened)
        return self._started + self._going_on()

    def _going_on(self) -> list[Dispatchable]:
        """Return file steps that run already: their targets are sent orders when all sources have answered."""
        new = {one.step_id for one in self._started}
        running = [step for step in self._steps.values() if step.status is RunStatus.RUNNING]
        return [
            Dispatchable(self._job.id, step.id, goes_on=True)
            for step in running
            if step.type is StepType.FILE and step.id not in new
        ]

    async def _start_step(self, step: Step) -> None:
        now = self._ctx.clock()
        await jobs.set_current_step(self._tx, self._job.id, step.id)
        if step.type is StepType.APPROVAL:
            await self._wait_for_person(step, started_at=now)
            await tell_approval_waits(self._tx, self._ctx, self._job, step, now)
            return
        await self._move(step, RunStatus.RUNNING, started_at=now, **await open_first_attempt(self._tx, step, now))
        by_clock = step.rolling is not None and step.rolling.parallel
        self._started.append(Dispatchable(self._job.id, step.id, by_clock))

    async def _wait_for_person(self, step: Step, **values: Any) -> None:
        await self._move(step, RunStatus.WAITING, **values)
        await self._move_job(RunStatus.WAITING, EventKind.JOB_MOVED, look_at=None)

    async def _judge_step(self, step: Step) -> None:
        counts = total(await attempts.count_by_status(self._tx, step.job_id, step.id, step.attempt))
        stopping = step.status is RunStatus.STOPPING
        verdict = step_verdict(counts, stopping=stopping, ignore_error=step.ignore_error)
        await self.end_step(step, verdict, _reason(counts))

    async def _judge_rolling(self, step: Step) -> None:
        counts = await attempts.count_by_status(self._tx, step.job_id, step.id, step.attempt)
        if step.rolling is not None and step.rolling.parallel:
            await self._judge_parallel(step, counts)
        elif step.status is RunStatus.STOPPING:
            verdict = step_verdict(total(counts), stopping=True, ignore_error=False)
            await self._finish_batch(step, step.batch, verdict)
            await self.end_step(step, verdict, _reason(total(counts)))
        else:
            await self._judge_batch(step, counts[step.batch])

    async def _judge_parallel(self, step: Step, counts: Mapping[int, Mapping[TaskStatus, int]]) -> None:
        stopping = step.status is RunStatus.STOPPING
        verdicts = [step_verdict(one, stopping=stopping, ignore_error=False) for _, one in sorted(counts.items())]
        for number, verdict in enumerate(verdicts, 1):
            await self._finish_batch(step, number, verdict)
        status = converged_verdict(verdicts)
        # What was stopped did not all run: it stays for an operator to retry.
        if status is RunStatus.FAILED and step.ignore_error and not stopping:
            status = RunStatus.IGNORED
        await self.end_step(step, status, _reason(total(counts)))

    async def _judge_batch(self, step: Step, counts: Mapping[TaskStatus, int]) -> None:
        ignore = step.rolling is not None and step.rolling.mode == RollingMode.IGNORE_FAILURES
        verdict = step_verdict(counts, stopping=False, ignore_error=ignore or step.ignore_error)
        await self._finish_batch(step, step.batch, verdict)
        match after_batch(step, verdict):
            case AfterBatch.NEXT:
                await self._next_batch(step)
            case AfterBatch.ASK:
                await self._wait_for_person(step, **self._ending(step))
            case AfterBatch.END:
                await self.end_step(step, verdict, _reason(counts))

    async def _next_batch(self, step: Step) -> None:
        between = await self._move(step, RunStatus.BETWEEN_BATCHES, **self._ending(step))
        started = await start_batch(self._tx, between, step.batch + 1, self._ctx.clock())
        detail = f"batch {step.batch + 1}"
        await self._move(between, RunStatus.RUNNING, detail, ended_at=None, total_ms=None, **started)
        self._started.append(Dispatchable(self._job.id, step.id))

    async def _finish_batch(self, step: Step, number: int, verdict: RunStatus) -> None:
        await batches.finish(self._tx, key_of(step), number, verdict, self._ctx.clock())

    async def end_step(self, step: Step, status: RunStatus, detail: str, **values: Any) -> None:
        """End a step with a status, and remember why; what it left of the variables is kept."""
        await keep_left(self._tx, self._ctx, step)
        await self._move(step, status, detail, **self._ending(step), **values)

    def _ending(self, step: Step) -> dict[str, Any]:
        now = self._ctx.clock()
        return {"ended_at": now, "total_ms": now - (step.started_at or now)}

    async def _move(self, step: Step, status: RunStatus, detail: str = "", **values: Any) -> Step:
        if not await jobs.move_step(self._tx, step.job_id, step.id, status, **values):
            raise InternalError(detail=f"step {step.id} cannot go from {step.status.name} to {status.name}")
        self._remember(EventKind.STEP_MOVED, step.status, status, step.id, detail)
        self._steps[step.id] = msgspec.structs.replace(step, status=status, **values)
        return self._steps[step.id]

    async def _move_job(self, status: RunStatus, kind: EventKind, **values: int | None) -> None:
        if status is not RunStatus.WAITING:
            now = self._ctx.clock()
            values |= {"ended_at": now, "total_ms": now - (self._job.started_at or now)}
        if not await jobs.move_job(self._tx, self._job.id, status, **values):
            raise InternalError(detail=f"job {self._job.id} cannot become {status.name}")
        self._remember(kind, self._job.status, status, None, "")
        if status is not RunStatus.WAITING:
            await self._tell(status, values.get("total_ms"))
        self._job = msgspec.structs.replace(self._job, status=status)

    async def _tell(self, status: RunStatus, total_ms: int | None) -> None:
        """Note who is to be told that the job has ended."""
        await tell_job_ended(self._tx, self._ctx, self._job, status, total_ms, self._ctx.clock())
        if self._job.callback_url:
            outcome = Outcome(status, tuple((step.id, step.status) for step in self._steps.values()))
            await callbacks.insert(self._tx, self._job.id, self._job.callback_url, outcome, self._ctx.clock())

    def _remember(self, kind: EventKind, before: RunStatus, after: RunStatus, step_id: int | None, detail: str) -> None:
        event = Event(
            job_id=self._job.id,
            at=self._ctx.clock(),
            kind=kind,
            actor="engine",
            step_id=step_id,
            from_status=before,
            to_status=after,
            detail=detail,
        )
        self._happened.append(event)


def _reason(counts: Mapping[TaskStatus, int]) -> str:
    return ", ".join(
        f"{count} never ran ({status.name.lower()})" for status, count in sorted(counts.items()) if status in NEVER_RAN
    )
