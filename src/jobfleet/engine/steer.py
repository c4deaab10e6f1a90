"""What an operator does to a job or a step that exists: terminate, start, retry, ignore, skip, confirm, go on.

Each function writes the wish down; the nudge after the commit, or a sweep, has the engine act on it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from jobfleet.engine.batches import is_by_source, key_of, open_attempt, start_batch
from jobfleet.engine.context import Context
from jobfleet.engine.settle import remember
from jobfleet.engine.tell import tell_approval_waits
from jobfleet.engine.variables import keep_left
from jobfleet.model.chosen_hosts import check_chosen
from jobfleet.model.errors import UnsupportedOperationError
from jobfleet.model.event import Event, EventKind
from jobfleet.model.job import Job, Step, StepOperation, StepType
from jobfleet.model.job_errors import AlreadyStartedError
from jobfleet.model.rolling import RollingMode
from jobfleet.model.run_actions import NOTHING_SAID, Said
from jobfleet.model.status import RETRYABLE, RunStatus
from jobfleet.store import attempts, batches, events, jobs
from jobfleet.store.attempts import RetryTerms
from jobfleet.store.database import Transaction


async def start(tx: Transaction, ctx: Context, job: Job, actor: str) -> None:
    """Start a job that was created without starting it.

    Raises:
        AlreadyStartedError: The job was started before.
    """
    now = ctx.clock()
    if job.status is not RunStatus.PENDING:
        raise AlreadyStartedError(job.id)
    await jobs.move_job(tx, job.id, RunStatus.RUNNING, started_at=now, look_at=now)
    await _remember(tx, job, None, RunStatus.RUNNING, now, actor, "started")


async def terminate(tx: Transaction, ctx: Context, job: Job, actor: str) -> None:
    """Stop a job: tasks whose order was sent are to be killed, others never start.

    Raises:
        UnsupportedOperationError: The job neither runs nor waits.
    """
    now = ctx.clock()
    if job.status not in {RunStatus.RUNNING, RunStatus.WAITING}:
        raise UnsupportedOperationError(job.id)
    await jobs.move_job(tx, job.id, RunStatus.STOPPING, look_at=now)
    await _remember(tx, job, None, RunStatus.STOPPING, now, actor, "termination asked for")
    for step in await jobs.list_steps(tx, job.id, lock=True):
        await _stop_step(tx, ctx, job, step, actor)


async def _stop_step(tx: Transaction, ctx: Context, job: Job, step: Step, actor: str) -> None:
    now = ctx.clock()
    if step.status is RunStatus.WAITING:
        await keep_left(tx, ctx, step)
        total_ms = now - (step.started_at or now)
        await jobs.move_step(tx, job.id, step.id, RunStatus.STOPPED, ended_at=now, total_ms=total_ms)
        await _remember(tx, job, step, RunStatus.STOPPED, now, actor)
    elif step.status in {RunStatus.RUNNING, RunStatus.BETWEEN_BATCHES}:
        await jobs.move_step(tx, job.id, step.id, RunStatus.STOPPING, stopping_at=now)
        awaited = await attempts.count_sent(tx, job.id, step.id, step.attempt)
        await jobs.set_open_count(tx, job.id, step.id, awaited)
        await _remember(tx, job, step, RunStatus.STOPPING, now, actor)


async def operate_step(
    tx: Transaction, ctx: Context, job: Job, step: Step, operation: StepOperation, actor: str, said: Said = NOTHING_SAID
) -> None:
    """Do an operation to a step of a job that the transaction holds; what is said with it is kept.

    Raises:
        UnsupportedOperationError: The step's status or kind does not allow the operation.
        IllegalParameterReasonError: A chosen host cannot run again.
    """
    await _OPERATIONS[operation](_Wish(tx, ctx, job, step, actor, ctx.clock(), said))


class _Wish(msgspec.Struct, frozen=True):
    """Hold one operation on one step, and change rows as it asks."""

    tx: Transaction
    ctx: Context
    job: Job
    step: Step
    actor: str
    now: int
    said: Said

    def allow(self, *statuses: RunStatus, kind: bool = True) -> None:
        """Refuse the operation unless the step has one of the statuses and is of the right kind."""
        if self.step.status not in statuses or not kind:
            raise UnsupportedOperationError(self.step.id)

    async def move_step(self, status: RunStatus, detail: str = "", **values: Any) -> None:
        """Change the step, with other columns, and remember it."""
        if not await jobs.move_step(self.tx, self.job.id, self.step.id, status, **values):
            raise UnsupportedOperationError(self.step.id)
        await _remember(self.tx, self.job, self.step, status, self.now, self.actor, detail or self.said.reason)

    async def move_job(self, status: RunStatus, detail: str, **values: Any) -> None:
        """Change the job, with other columns, and remember it."""
        if not await jobs.move_job(self.tx, self.job.id, status, **values):
            raise UnsupportedOperationError(self.job.id)
        await _remember(self.tx, self.job, None, status, self.now, self.actor, detail)

    async def resume_job(self, detail: str) -> None:
        """Have the job run again, from where its steps say it is."""
        await self.move_job(RunStatus.RUNNING, detail, ended_at=None, total_ms=None, look_at=self.now)

    def resumed(self) -> "_Wish":
        """Return the wish as it stands once job and step run again."""
        job = msgspec.structs.replace(self.job, status=RunStatus.RUNNING)
        return msgspec.structs.replace(self, job=job, step=msgspec.structs.replace(self.step, status=RunStatus.RUNNING))

    @property
    def ending(self) -> dict[str, Any]:
        """Return the columns that say that the step ends now."""
        return {"ended_at": self.now, "total_ms": self.now - (self.step.started_at or self.now)}


async def _retry_failed(wish: _Wish) -> None:
    await _retry(wish, everything=False)


async def _retry_all(wish: _Wish) -> None:
    await _retry(wish, everything=True)


async def _retry(wish: _Wish, *, everything: bool) -> None:
    # Run again, an approval would await nothing and so count as confirmed: it is asked again or passed over instead.
    wish.allow(*RETRYABLE, kind=wish.step.type is not StepType.APPROVAL)
    step = msgspec.structs.replace(wish.step, attempt=wish.step.attempt + 1)
    serial = step.rolling is not None and not step.rolling.parallel
    batch, chosen = step.batch if serial else None, await _choose(wish)
    terms = RetryTerms(key_of(step), everything, batch, wish.now, by_source=is_by_source(step), chosen=chosen)
    await attempts.insert_retry(wish.tx, terms)
    opened = await open_attempt(wish.tx, step, batch or 1, wish.now)
    await wish.resume_job("retry")
    await wish.move_step(
        RunStatus.RUNNING,
        f"attempt {step.attempt}, chosen hosts: {len(chosen)}" if chosen else f"attempt {step.attempt}",
        attempt=step.attempt,
        operator=wish.actor,
        ended_at=None,
        total_ms=None,
        stopping_at=None,
        **opened,
    )


async def _choose(wish: _Wish) -> list[int]:
    """Return the ids of the chosen tasks, none when nobody chose; they are remembered."""
    chosen = sorted(set(wish.said.task_ids))
    if chosen:
        check_chosen(wish.step, chosen, await attempts.find_chosen(wish.tx, key_of(wish.step), chosen))
        event = Event(
            job_id=wish.job.id,
            at=wish.now,
            kind=EventKind.TASK_CHOSEN,
            actor=wish.actor,
            step_id=wish.step.id,
            task_ids=tuple(chosen),
            detail=f"attempt {wish.step.attempt + 1}",
        )
        await events.insert(wish.tx, [event])
    return chosen


async def _ignore_error(wish: _Wish) -> None:
    wish.allow(RunStatus.FAILED, RunStatus.ABNORMAL)
    rolling = wish.step.rolling
    await wish.resume_job("error ignored")
    if rolling is None or rolling.parallel or wish.step.batch >= wish.step.batch_count:
        await wish.move_step(RunStatus.IGNORED, operator=wish.actor)
        return
    await batches.set_status(wish.tx, key_of(wish.step), wish.step.batch, RunStatus.IGNORED)
    if rolling.mode == RollingMode.ASK_EACH_TIME:
        await wish.move_step(RunStatus.RUNNING, "batch ignored", operator=wish.actor)
        resumed = wish.resumed()
        await resumed.move_step(RunStatus.WAITING)
        await resumed.move_job(RunStatus.WAITING, "batch ignored", look_at=None)
    else:
        await _next_batch(wish, "batch ignored")


async def _next_batch(wish: _Wish, detail: str) -> None:
    started = await start_batch(wish.tx, wish.step, wish.step.batch + 1, wish.now)
    await wish.move_step(RunStatus.RUNNING, detail, operator=wish.actor, ended_at=None, total_ms=None, **started)


async def _next_step(wish: _Wish) -> None:
    wish.allow(RunStatus.STOPPED)
    await wish.move_step(RunStatus.SKIPPED, operator=wish.actor)
    await wish.resume_job("step skipped")


async def _force_skip(wish: _Wish) -> None:
    wish.allow(RunStatus.STOPPING)
    step = wish.step
    skipped = await attempts.skip_open(wish.tx, step.job_id, step.id, step.attempt, wish.now)
    await remember(wish.tx, skipped, wish.now, wish.actor)
    await batches.finish_running(wish.tx, key_of(step), RunStatus.SKIPPED, wish.now)
    await keep_left(wish.tx, wish.ctx, step)
    await wish.move_step(RunStatus.SKIPPED, operator=wish.actor, open_count=0, **wish.ending)
    await wish.resume_job("step skipped")


async def _confirm(wish: _Wish) -> None:
    wish.allow(RunStatus.WAITING, kind=wish.step.type is StepType.APPROVAL)
    await wish.move_step(RunStatus.SUCCEEDED, operator=wish.actor, **wish.ending)
    await wish.resume_job("confirmed")


async def _reject(wish: _Wish) -> None:
    wish.allow(RunStatus.WAITING, kind=wish.step.type is StepType.APPROVAL)
    await wish.move_step(RunStatus.REJECTED, operator=wish.actor, **wish.ending)
    total_ms = wish.now - (wish.job.started_at or wish.now)
    await wish.move_job(RunStatus.REJECTED, "rejected", ended_at=wish.now, total_ms=total_ms, look_at=None)


async def _restart_approval(wish: _Wish) -> None:
    wish.allow(RunStatus.REJECTED, kind=wish.step.type is StepType.APPROVAL)
    await wish.move_step(RunStatus.WAITING, started_at=wish.now, ended_at=None, total_ms=None)
    await wish.move_job(RunStatus.WAITING, "asked again", ended_at=None, total_ms=None, look_at=None)
    await tell_approval_waits(wish.tx, wish.ctx, wish.job, wish.step, wish.now)


async def _continue_rolling(wish: _Wish) -> None:
    wish.allow(RunStatus.WAITING, kind=wish.step.rolling is not None)
    await wish.resume_job("rolling goes on")
    await _next_batch(wish, f"batch {wish.step.batch + 1}")


_OPERATIONS: Mapping[StepOperation, Callable[[_Wish], Awaitable[None]]] = {
    StepOperation.RETRY_FAILED: _retry_failed,
    StepOperation.IGNORE_ERROR: _ignore_error,
    StepOperation.CONFIRM: _confirm,
    StepOperation.RETRY_ALL: _retry_all,
    StepOperation.REJECT: _reject,
    StepOperation.RESTART_APPROVAL: _restart_approval,
    StepOperation.NEXT_STEP: _next_step,
    StepOperation.FORCE_SKIP: _force_skip,
    StepOperation.CONTINUE_ROLLING: _continue_rolling,
}


async def _remember(
    tx: Transaction, job: Job, step: Step | None, status: RunStatus, now: int, actor: str, detail: str = ""
) -> None:
    event = Event(
        job_id=job.id,
        at=now,
        kind=EventKind.JOB_MOVED if step is None else EventKind.STEP_MOVED,
        actor=actor,
        step_id=None if step is None else step.id,
        from_status=job.status if step is None else step.status,
        to_status=status,
        detail=detail,
    )
    await events.insert(tx, [event])
