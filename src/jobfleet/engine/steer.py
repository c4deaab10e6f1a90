"""What an operator does to a job or a step that exists: terminate, start, retry, ignore, skip, go on.

Each function writes the wish down; the nudge after the commit, or a sweep, has the engine act on it.
"""

from collections.abc import Awaitable, Callable, Mapping

from jobfleet.engine.context import Context
from jobfleet.engine.settle import remember
from jobfleet.model.errors import AlreadyStartedError, UnsupportedOperationError
from jobfleet.model.event import Event
from jobfleet.model.job import Job, Step, StepOperation
from jobfleet.model.status import RETRYABLE, RunStatus
from jobfleet.store import events, jobs, tasks
from jobfleet.store.database import Transaction


async def start(tx: Transaction, ctx: Context, job: Job, actor: str) -> None:
    """Start a job that was created without starting it.

    Raises:
        AlreadyStartedError: The job was started before.
    """
    now = ctx.clock()
    if not await jobs.move_job(tx, job.id, RunStatus.RUNNING, started_at=now, look_at=now):
        raise AlreadyStartedError(job.id)
    await _remember_job(tx, job, RunStatus.RUNNING, now, actor, "started")


async def terminate(tx: Transaction, ctx: Context, job: Job, actor: str) -> None:
    """Stop a job: tasks whose order was sent are to be killed, others never start.

    Raises:
        UnsupportedOperationError: The job neither runs nor waits.
    """
    now = ctx.clock()
    if job.status not in {RunStatus.RUNNING, RunStatus.WAITING}:
        raise UnsupportedOperationError(job.id)
    await jobs.move_job(tx, job.id, RunStatus.STOPPING, look_at=now)
    await _remember_job(tx, job, RunStatus.STOPPING, now, actor, "termination asked for")
    for step in await jobs.list_steps(tx, job.id, lock=True):
        await _stop_step(tx, step, now, actor)


async def _stop_step(tx: Transaction, step: Step, now: int, actor: str) -> None:
    if step.status is RunStatus.WAITING:
        total_ms = now - (step.started_at or now)
        await jobs.move_step(tx, step.job_id, step.id, RunStatus.STOPPED, ended_at=now, total_ms=total_ms)
        await _remember_step(tx, step, RunStatus.STOPPED, now, actor)
    elif step.status in {RunStatus.RUNNING, RunStatus.BETWEEN_BATCHES}:
        await jobs.move_step(tx, step.job_id, step.id, RunStatus.STOPPING, stopping_at=now)
        awaited = await tasks.count_sent(tx, step.job_id, step.id, step.attempt)
        await jobs.set_open_count(tx, step.job_id, step.id, awaited)
        await _remember_step(tx, step, RunStatus.STOPPING, now, actor)


async def operate_step(
    tx: Transaction, ctx: Context, job: Job, step: Step, operation: StepOperation, actor: str
) -> None:
    """Do an operation to a step of a job that the transaction holds.

    Raises:
        UnsupportedOperationError: The step's status or kind does not allow the operation.
    """
    handler = _HANDLERS.get(operation)
    if handler is None:
        raise UnsupportedOperationError(step.id)
    await handler(tx, ctx, job, step, actor)


async def _retry_failed(tx: Transaction, ctx: Context, job: Job, step: Step, actor: str) -> None:
    await _retry(tx, ctx, job, step, actor, everything=False)


async def _retry_all(tx: Transaction, ctx: Context, job: Job, step: Step, actor: str) -> None:
    await _retry(tx, ctx, job, step, actor, everything=True)


async def _retry(tx: Transaction, ctx: Context, job: Job, step: Step, actor: str, *, everything: bool) -> None:
    now = ctx.clock()
    if step.status not in RETRYABLE:
        raise UnsupportedOperationError(step.id)
    attempt = step.attempt + 1
    await _resume_job(tx, job, now, actor, "retry")
    await jobs.move_step(
        tx,
        job.id,
        step.id,
        RunStatus.RUNNING,
        attempt=attempt,
        operator=actor,
        ended_at=None,
        total_ms=None,
        stopping_at=None,
    )
    awaited = await tasks.insert_retry(tx, job.id, step.id, attempt, everything=everything)
    await jobs.set_open_count(tx, job.id, step.id, awaited)
    await _remember_step(tx, step, RunStatus.RUNNING, now, actor, f"attempt {attempt}")


async def _ignore_error(tx: Transaction, ctx: Context, job: Job, step: Step, actor: str) -> None:
    if step.status not in {RunStatus.FAILED, RunStatus.ABNORMAL}:
        raise UnsupportedOperationError(step.id)
    await _pass_over(tx, ctx, job, step, RunStatus.IGNORED, actor)


async def _next_step(tx: Transaction, ctx: Context, job: Job, step: Step, actor: str) -> None:
    if step.status is not RunStatus.STOPPED:
        raise UnsupportedOperationError(step.id)
    await _pass_over(tx, ctx, job, step, RunStatus.SKIPPED, actor)


async def _force_skip(tx: Transaction, ctx: Context, job: Job, step: Step, actor: str) -> None:
    if step.status is not RunStatus.STOPPING:
        raise UnsupportedOperationError(step.id)
    now = ctx.clock()
    await remember(tx, await tasks.skip_open(tx, job.id, step.id, step.attempt, now), now, actor)
    total_ms = now - (step.started_at or now)
    await jobs.move_step(
        tx, job.id, step.id, RunStatus.SKIPPED, ended_at=now, total_ms=total_ms, open_count=0, operator=actor
    )
    await _remember_step(tx, step, RunStatus.SKIPPED, now, actor)
    await _resume_job(tx, job, now, actor, "step skipped")


async def _pass_over(tx: Transaction, ctx: Context, job: Job, step: Step, status: RunStatus, actor: str) -> None:
    now = ctx.clock()
    await jobs.move_step(tx, job.id, step.id, status, operator=actor)
    await _remember_step(tx, step, status, now, actor)
    await _resume_job(tx, job, now, actor, f"step {status.name.lower()}")


async def _resume_job(tx: Transaction, job: Job, now: int, actor: str, detail: str) -> None:
    if not await jobs.move_job(tx, job.id, RunStatus.RUNNING, ended_at=None, total_ms=None, look_at=now):
        raise UnsupportedOperationError(job.id)
    await _remember_job(tx, job, RunStatus.RUNNING, now, actor, detail)


async def _remember_job(tx: Transaction, job: Job, status: RunStatus, now: int, actor: str, detail: str) -> None:
    await events.insert(
        tx,
        [
            Event(
                job_id=job.id,
                at=now,
                kind="job moved",
                actor=actor,
                from_status=job.status,
                to_status=status,
                detail=detail,
            )
        ],
    )


async def _remember_step(
    tx: Transaction, step: Step, status: RunStatus, now: int, actor: str, detail: str = ""
) -> None:
    await events.insert(
        tx,
        [
            Event(
                job_id=step.job_id,
                at=now,
                kind="step moved",
                actor=actor,
                step_id=step.id,
                from_status=step.status,
                to_status=status,
                detail=detail,
            )
        ],
    )


_Handler = Callable[[Transaction, Context, Job, Step, str], Awaitable[None]]
_HANDLERS: Mapping[StepOperation, _Handler] = {
    StepOperation.RETRY_FAILED: _retry_failed,
    StepOperation.RETRY_ALL: _retry_all,
    StepOperation.IGNORE_ERROR: _ignore_error,
    StepOperation.NEXT_STEP: _next_step,
    StepOperation.FORCE_SKIP: _force_skip,
}
