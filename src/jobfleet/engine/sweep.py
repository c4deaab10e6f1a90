"""Look at every unfinished job now and then: what a lost message, a dead server or a silent host left behind."""

from jobfleet.engine.advance import Dispatchable
from jobfleet.engine.batches import start_due
from jobfleet.engine.context import Context
from jobfleet.engine.settle import Settlement, settle
from jobfleet.engine.stop import send_kills_of
from jobfleet.model.job import Step
from jobfleet.model.outcome import ErrorCode
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.store import idempotency, jobs, partitions, tasks
from jobfleet.store.database import Transaction

JOBS_AT_ONCE = 200
ACCEPT_PATIENCE_MS = 60_000
"""How long a host that was reached may leave an order unanswered."""

IDEMPOTENCY_MS = 7 * 86_400_000
"""How long an idempotency key is remembered."""


async def claim_due(ctx: Context) -> list[int]:
    """Return ids of jobs that this server is to look at now."""
    async with ctx.db.begin() as tx:
        return await jobs.claim_due(tx, ctx.clock(), JOBS_AT_ONCE)


async def look_after(ctx: Context, job_id: int) -> tuple[list[Dispatchable], list[int]]:
    """Give up what is overdue, kill what is to be stopped; return steps to dispatch and jobs to decide on.

    The steps are all that run: dispatching one whose orders are sent does nothing.
    """
    async with ctx.db.begin() as tx:
        steps = await jobs.list_steps(tx, job_id, lock=True)
        for step in steps:
            await _start_due_batches(tx, ctx, step)
    running = [Dispatchable(job_id, step.id) for step in steps if step.status is RunStatus.RUNNING]
    to_decide = await _give_up(ctx, running)
    if any(step.status is RunStatus.STOPPING for step in steps):
        to_decide += await send_kills_of(ctx, job_id)
    return running, to_decide


async def _start_due_batches(tx: Transaction, ctx: Context, step: Step) -> None:
    if step.status is RunStatus.RUNNING and step.rolling is not None and step.rolling.parallel:
        next_at = await start_due(tx, step, ctx.clock())
        if next_at is not None:
            await jobs.set_look_at(tx, step.job_id, next_at)


async def _give_up(ctx: Context, running: list[Dispatchable]) -> list[int]:
    now = ctx.clock()
    lost: dict[int, Settlement] = {}
    async with ctx.db.begin() as tx:
        for one in running:
            overdue = await tasks.list_open(tx, one.job_id, one.step_id, overdue_at=now)
            silent = await tasks.list_unaccepted(tx, one.job_id, one.step_id, now - ACCEPT_PATIENCE_MS)
            lost |= {task_id: _lost(one, task_id, "no result came in time") for task_id, _ in overdue}
            lost |= {task_id: _lost(one, task_id, "the agent did not answer the order") for task_id, _ in silent}
    return await settle(ctx, list(lost.values()))


def _lost(step: Dispatchable, task_id: int, reason: str) -> Settlement:
    return Settlement(step.job_id, task_id, TaskStatus.RESULT_LOST, ErrorCode.OK, reason)


async def keep_house(ctx: Context, *, history_days: int, output_days: int) -> list[str]:
    """Make partitions ahead, drop what is past its window, forget old keys; return what was dropped."""
    now = ctx.clock()
    async with ctx.db.begin() as tx:
        await partitions.ensure(tx, now)
        await idempotency.delete_before(tx, now - IDEMPOTENCY_MS)
        return await partitions.drop_expired(tx, now, history_days=history_days, output_days=output_days)
