"""Carry a job on: decide by its rows what comes next, write it, and only then let messages go out."""

from collections.abc import Mapping

import msgspec

from jobfleet.engine.context import Context
from jobfleet.engine.definition import check_seal
from jobfleet.engine.settle import settle_rest
from jobfleet.model.errors import InternalError
from jobfleet.model.event import Event
from jobfleet.model.job import Job, Step
from jobfleet.model.status import NEVER_RAN, RunStatus, TaskStatus
from jobfleet.model.verdict import FinishJob, FinishStep, StartStep, next_move, step_verdict
from jobfleet.store import events, jobs, tasks
from jobfleet.store.database import Transaction


class Dispatchable(msgspec.Struct, frozen=True):
    """Name a step whose tasks wait to be sent to their hosts."""

    job_id: int
    step_id: int


async def advance(ctx: Context, job_id: int) -> list[Dispatchable]:
    """Do everything that a job can do now; return the steps whose orders must be sent after the commit.

    Safe to call at any time, by several servers at once: the job's row is held meanwhile.
    """
    async with ctx.db.begin() as tx:
        job = await jobs.find(tx, job_id, lock=True)
        return [] if job is None else await _Course(tx, ctx, job).go()


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
        await course.end_step(step, RunStatus.ABNORMAL, reason, open_count=0)
        await course.go()


class _Course:
    """Take one job as far as it goes, inside one transaction that holds its rows."""

    def __init__(self, tx: Transaction, ctx: Context, job: Job) -> None:
        self._tx = tx
        self._ctx = ctx
        self._job = job
        self._steps: dict[int, Step] = {}
        self._happened: list[Event] = []
        self._started: list[Dispatchable] = []

    async def go(self) -> list[Dispatchable]:
        """Carry out decision after decision until there is none; return the steps that were started."""
        self._steps = {step.id: step for step in await jobs.list_steps(self._tx, self._job.id, lock=True)}
        while (decision := next_move(self._job, list(self._steps.values()))) is not None:
            match decision:
                case StartStep(step):
                    await self._start_step(step)
                case FinishStep(step):
                    await self._judge_step(step)
                case FinishJob(status):
                    await self._finish_job(status)
        await events.insert(self._tx, self._happened)
        return self._started

    async def _start_step(self, step: Step) -> None:
        try:
            await check_seal(self._tx, self._ctx, step)
        except InternalError as error:
            await self._move(step, RunStatus.RUNNING, started_at=self._ctx.clock())
            await self.end_step(self._steps[step.id], RunStatus.ABNORMAL, error.detail)
            return
        now = self._ctx.clock()
        awaited = await tasks.insert_first_attempt(self._tx, self._job.id, step.id, now)
        await self._move(step, RunStatus.RUNNING, started_at=now, open_count=awaited)
        await jobs.set_current_step(self._tx, self._job.id, step.id)
        self._started.append(Dispatchable(self._job.id, step.id))

    async def _judge_step(self, step: Step) -> None:
        counts = await tasks.count_by_status(self._tx, step.job_id, step.id, step.attempt)
        stopping = step.status is RunStatus.STOPPING
        verdict = step_verdict(counts, stopping=stopping, ignore_error=step.ignore_error)
        await self.end_step(step, verdict, _reason(counts))

    async def end_step(self, step: Step, status: RunStatus, detail: str, **values: int) -> None:
        """End a step with a status, and remember why."""
        now = self._ctx.clock()
        total_ms = now - (step.started_at or now)
        await self._move(step, status, detail, ended_at=now, total_ms=total_ms, **values)

    async def _move(self, step: Step, status: RunStatus, detail: str = "", **values: int) -> None:
        if not await jobs.move_step(self._tx, step.job_id, step.id, status, **values):
            raise InternalError(detail=f"step {step.id} cannot go from {step.status.name} to {status.name}")
        self._steps[step.id] = msgspec.structs.replace(step, status=status, **values)
        self._remember("step moved", step.status, status, step.id, detail)

    async def _finish_job(self, status: RunStatus) -> None:
        now = self._ctx.clock()
        total_ms = now - (self._job.started_at or now)
        if not await jobs.move_job(self._tx, self._job.id, status, ended_at=now, total_ms=total_ms, look_at=None):
            raise InternalError(detail=f"job {self._job.id} cannot end as {status.name}")
        self._remember("job ended", self._job.status, status, None, "")
        self._job = msgspec.structs.replace(self._job, status=status, ended_at=now, total_ms=total_ms)

    def _remember(self, kind: str, before: RunStatus, after: RunStatus, step_id: int | None, detail: str) -> None:
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
