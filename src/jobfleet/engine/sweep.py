"""Look at every unfinished job now and then: what a lost message, a dead server or a silent host left behind."""

import msgspec

from jobfleet.engine.advance import Dispatchable
from jobfleet.engine.batches import by_clock, start_due
from jobfleet.engine.context import Context
from jobfleet.engine.dispatch import ACCEPT_PATIENCE_MS
from jobfleet.engine.inquire import inquire
from jobfleet.engine.pull import LEASE_MS
from jobfleet.engine.settle import Settlement, settle
from jobfleet.engine.stop import by_second, send_kills_of
from jobfleet.model.outcome import ErrorCode
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.store import jobs, overdue
from jobfleet.store.database import Transaction
from jobfleet.store.tasks import Key

JOBS_AT_ONCE = 200
LOOK_AHEAD_MS = 2_000
"""A sweep takes a job so long before the clock starts its next batch, and the server then waits for the moment."""

ANSWER_MS = 6_000
"""How long after an order was sent it is known whether an agent took it over."""

ASK_PATIENCE_MS = 45_000
"""How long a host may leave the question unanswered what became of a task that is past its deadline."""


async def claim_due(ctx: Context) -> list[int]:
    """Return ids of jobs that this server is to look at now."""
    async with ctx.db.begin() as tx:
        return await jobs.claim_due(tx, ctx.clock(), JOBS_AT_ONCE)


class Looked(msgspec.Struct, frozen=True):
    """Say what a look at a job found to do.

    `running` are all steps that run: dispatching one whose orders are sent does nothing. `again_at` (epoch ms) is
    when the clock starts the next batch, None when nothing waits for the clock.
    """

    running: list[Dispatchable]
    to_decide: list[int]
    again_at: int | None


async def look_after(ctx: Context, job_id: int) -> Looked:
    """Start batches whose time has come, give up what is overdue, kill what is to be stopped."""
    async with ctx.db.begin() as tx:
        steps = await jobs.list_steps(tx, job_id)
    again_at = await _start_due_batches(ctx, job_id) if any(by_clock(step) for step in steps) else None
    running = [Dispatchable(job_id, step.id) for step in steps if step.status is RunStatus.RUNNING]
    to_decide = await _give_up(ctx, running)
    if any(step.status is RunStatus.STOPPING for step in steps):
        to_decide += await send_kills_of(ctx, job_id)
    return Looked(running, to_decide, again_at)


async def _start_due_batches(ctx: Context, job_id: int) -> int | None:
    """Start batches whose time has come; return when the next one is due (epoch ms), None when none is."""
    async with ctx.db.begin() as tx:
        await jobs.find(tx, job_id, lock=True)
        steps = await jobs.list_steps(tx, job_id, lock=True)
        dues = [await start_due(tx, step, ctx.clock()) for step in steps if by_clock(step)]
        next_at = min((due for due in dues if due is not None), default=None)
        if next_at is not None:
            await jobs.set_look_at(tx, job_id, next_at - LOOK_AHEAD_MS)
        return next_at


async def _give_up(ctx: Context, running: list[Dispatchable]) -> list[int]:
    if not ctx.bus.is_connected:  # nobody can be asked, and nobody could have answered
        return []
    lost: dict[int, Settlement] = {}
    late: list[tuple[Dispatchable, list[Key]]] = []
    async with ctx.db.begin() as tx:
        for step in running:
            late.append(
                (step, await overdue.claim_overdue(tx, step.job_id, step.step_id, ctx.clock(), ASK_PATIENCE_MS))
            )
            for reason, task_ids in (await _hopeless(tx, step, ctx.clock())).items():
                lost |= {task_id: _lost(step, task_id, reason) for task_id in task_ids}
    to_decide = await settle(ctx, list(lost.values()))
    for step, asked in late:
        to_decide += await inquire(ctx, by_second(asked), {task_id: step.job_id for task_id, _ in asked})
    return to_decide


async def _hopeless(tx: Transaction, step: Dispatchable, now: int) -> dict[str, list[int]]:
    """Return ids of tasks that are waited for no longer, by why."""
    ids = step.job_id, step.step_id
    sent = {"first": now - ACCEPT_PATIENCE_MS, "last": now - ANSWER_MS, "lease_ms": LEASE_MS}
    return {
        "no result came in time": await overdue.list_overdue(tx, *ids, now),
        "the agent did not answer the order": await overdue.list_unaccepted(tx, *ids, **sent),
        "the agent was revoked; how the script ends is not known": await overdue.list_of_revoked_agents(tx, *ids),
    }


def _lost(step: Dispatchable, task_id: int, reason: str) -> Settlement:
    return Settlement(step.job_id, task_id, TaskStatus.RESULT_LOST, ErrorCode.OK, reason)
