"""Look at every unfinished job now and then: what a lost message, a dead server or a silent host left behind."""

import asyncio

import msgspec

from jobfleet.engine.advance import Dispatchable
from jobfleet.engine.audit_chain import forget_before
from jobfleet.engine.batches import by_clock, start_due
from jobfleet.engine.context import Context
from jobfleet.engine.dispatch import LEASE_MS
from jobfleet.engine.inquire import inquire
from jobfleet.engine.settle import Settlement, settle
from jobfleet.engine.stop import by_second, send_kills_of
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.outcome import ErrorCode
from jobfleet.model.start_request import KEPT_MS
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.store import (
    dangerous_hits,
    file_sources,
    files,
    fires,
    history_counts,
    idempotency,
    jobs,
    outbox,
    overdue,
    partitions,
    plans,
    start_requests,
)
from jobfleet.store.database import Transaction
from jobfleet.store.tasks import Key

JOBS_AT_ONCE = 200
LOOK_AHEAD_MS = 2_000
"""A sweep takes a job so long before the clock starts its next batch, and the server then waits for the moment."""

ACCEPT_PATIENCE_MS = 60_000
"""How long a host that was reached may leave an order unanswered, however often it is sent."""

ANSWER_MS = 6_000
"""How long after an order was sent it is known whether an agent took it over."""

ASK_PATIENCE_MS = 45_000
"""How long a host may leave the question unanswered what became of a task that is past its deadline."""

IDEMPOTENCY_MS = 7 * DAY_MS
"""How long an idempotency key is remembered."""


MESSAGES_MS = 30 * DAY_MS
"""How long it is remembered whether a callback or a notification was delivered."""

FILES_MS = 7 * DAY_MS
"""How long a file stays on the server after it was last sent or fetched."""


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


async def keep_house(ctx: Context, *, history_days: int, output_days: int, audit_days: int) -> list[str]:
    """Make partitions ahead, drop what is past its window, forget old keys; return what was dropped."""
    now = ctx.clock()
    async with ctx.db.begin() as tx:
        await partitions.ensure(tx, now)
        await file_sources.delete_fetched(tx, now - FILES_MS)
        named = await plans.list_upload_paths(tx)
        await files.delete_uploads(tx, now - FILES_MS, named)
        for content_hash in await files.list_hashes(tx, named):
            ctx.blobs.find(content_hash)  # notes that it is used
        await idempotency.delete_before(tx, now - IDEMPOTENCY_MS)
        await outbox.delete_before(tx, now - MESSAGES_MS)
        await fires.delete_before(tx, now - history_days * DAY_MS)
        await dangerous_hits.delete_before(tx, now - history_days * DAY_MS)
        await start_requests.forget(tx, now, now - KEPT_MS)
    await _count_history(ctx, now, history_days)
    await forget_before(ctx, now - audit_days * DAY_MS)
    async with ctx.db.begin() as tx:
        dropped = await partitions.drop_expired(tx, now, history_days=history_days, output_days=output_days)
    await asyncio.to_thread(ctx.blobs.sweep, (now - FILES_MS) / 1000)
    if ctx.file_store is not None:
        await ctx.file_store.sweep(ctx.blobs)
    return dropped


async def _count_history(ctx: Context, now: int, history_days: int) -> None:
    """Count the jobs of days that are over, some days in each transaction."""
    more = True
    while more:
        async with ctx.db.begin() as tx:
            more = await history_counts.count_days(tx, now, history_days)
