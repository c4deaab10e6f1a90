"""Carry a job on: decide by its rows what comes next, write it, and only then let messages go out."""

import msgspec

from jobfleet.engine.context import Context
from jobfleet.engine.definition import check_seal
from jobfleet.model.errors import InternalError
from jobfleet.model.event import Event
from jobfleet.model.job import Job, Step
from jobfleet.model.status import NEVER_RAN, RunStatus, TaskStatus
from jobfleet.model.verdict import Decision, FinishJob, FinishStep, StartStep, next_move, step_verdict
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
        if job is None:
            return []
        return await advance_locked(tx, ctx, job)


async def give_up_step(ctx: Context, wanted: Dispatchable, reason: str) -> None:
    """Set a running step to ABNORMAL because the engine cannot go on with it; its job ends with it."""
    async with ctx.db.begin() as tx:
        job = await jobs.find(tx, wanted.job_id, lock=True)
        step = await jobs.find_step(tx, wanted.job_id, wanted.step_id)
        if job is None or step is None:
            return
        now = ctx.clock()
        total_ms = now - (step.started_at or now)
        if await jobs.move_step(tx, job.id, step.id, RunStatus.ABNORMAL, ended_at=now, total_ms=total_ms, open_count=0):
            await _remember_step(tx, step, RunStatus.ABNORMAL, now, "engine", reason)
            await advance_locked(tx, ctx, job)


async def advance_locked(tx: Transaction, ctx: Context, job: Job) -> list[Dispatchable]:
    """Do what `advance` does for a job that the transaction holds."""
    started: list[Dispatchable] = []
    while True:
        steps = await jobs.list_steps(tx, job.id, lock=True)
        decision = next_move(job, steps, await jobs.open_counts(tx, job.id))
        if decision is None:
            return started
        started += await _carry_out(tx, ctx, job, decision)
        job = await _again(tx, job.id)


async def _again(tx: Transaction, job_id: int) -> Job:
    job = await jobs.find(tx, job_id)
    if job is None:
        raise InternalError(detail=f"job {job_id} vanished while it was held")
    return job


async def _carry_out(tx: Transaction, ctx: Context, job: Job, decision: Decision) -> list[Dispatchable]:
    match decision:
        case StartStep(step):
            return await _start_step(tx, ctx, job, step)
        case FinishStep(step):
            await _finish_step(tx, ctx, step)
        case FinishJob(status):
            await _finish_job(tx, ctx, job, status)
    return []


async def _start_step(tx: Transaction, ctx: Context, job: Job, step: Step) -> list[Dispatchable]:
    now = ctx.clock()
    await jobs.set_current_step(tx, job.id, step.id)
    if not await _sealed(tx, ctx, step, now):
        return []
    await jobs.move_step(tx, job.id, step.id, RunStatus.RUNNING, started_at=now)
    await jobs.set_open_count(tx, job.id, step.id, await tasks.insert_first_attempt(tx, job.id, step.id, now))
    await _remember_step(tx, step, RunStatus.RUNNING, now, "engine")
    return [Dispatchable(job.id, step.id)]


async def _sealed(tx: Transaction, ctx: Context, step: Step, now: int) -> bool:
    try:
        await check_seal(tx, ctx, step)
    except InternalError as error:
        await jobs.move_step(tx, step.job_id, step.id, RunStatus.RUNNING, started_at=now)
        await jobs.move_step(tx, step.job_id, step.id, RunStatus.ABNORMAL, ended_at=now, total_ms=0)
        await _remember_step(tx, step, RunStatus.ABNORMAL, now, "engine", error.detail)
        return False
    return True


async def _finish_step(tx: Transaction, ctx: Context, step: Step) -> None:
    now = ctx.clock()
    counts = await tasks.count_by_status(tx, step.job_id, step.id, step.attempt)
    stopping = step.status is RunStatus.STOPPING
    verdict = step_verdict(counts, stopping=stopping, ignore_error=step.ignore_error)
    total_ms = now - (step.started_at or now)
    await jobs.move_step(tx, step.job_id, step.id, verdict, ended_at=now, total_ms=total_ms)
    await _remember_step(tx, step, verdict, now, "engine", _reason(counts))


def _reason(counts: dict[TaskStatus, int]) -> str:
    return ", ".join(
        f"{count} never ran ({status.name.lower()})" for status, count in sorted(counts.items()) if status in NEVER_RAN
    )


async def _finish_job(tx: Transaction, ctx: Context, job: Job, status: RunStatus) -> None:
    now = ctx.clock()
    total_ms = now - (job.started_at or now)
    await jobs.move_job(tx, job.id, status, ended_at=now, total_ms=total_ms, look_at=None)
    await events.insert(
        tx,
        [
            Event(
                job_id=job.id,
                at=now,
                kind="job ended",
                actor="engine",
                from_status=job.status,
                to_status=status,
            )
        ],
    )


async def _remember_step(
    tx: Transaction, step: Step, status: RunStatus, now: int, actor: str, detail: str = ""
) -> None:
    event = Event(
        job_id=step.job_id,
        at=now,
        kind="step moved",
        actor=actor,
        step_id=step.id,
        from_status=step.status,
        to_status=status,
        detail=detail,
    )
    await events.insert(tx, [event])
