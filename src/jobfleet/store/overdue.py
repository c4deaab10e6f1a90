"""Queries over tasks that are waited for in vain: overdue, never taken over, or on hosts that nobody believes.

Tasks of the server itself (host id 0) are none of them: whichever server takes one past its deadline ends it.
"""

from jobfleet.store.database import Transaction, raw
from jobfleet.store.statuses import with_statuses
from jobfleet.store.tasks import Key


async def claim_overdue(tx: Transaction, job_id: int, step_id: int, now: int, patience_ms: int) -> list[Key]:
    """Take tasks past their deadline that nobody asked for yet, as (task id, host id); see `list_overdue`."""
    rows = await (await raw(tx)).fetch(
        with_statuses("""
        UPDATE task SET lease_until = $4 WHERE job_id = $1 AND id = ANY(ARRAY(
            SELECT id FROM task WHERE job_id = $1 AND step_id = $2 AND status IN (<task.OPEN>) AND sent_at IS NOT NULL
            AND host_id > 0 AND deadline_at <= $3 AND (lease_until IS NULL OR lease_until < deadline_at)
            ORDER BY id FOR UPDATE SKIP LOCKED))
        RETURNING id, host_id
        """),
        job_id,
        step_id,
        now,
        now + patience_ms,
    )
    return [(row[0], row[1]) for row in rows]


async def list_overdue(tx: Transaction, job_id: int, step_id: int, now: int) -> list[int]:
    """Return ids of tasks past their deadline that were asked for in vain: a lease past the deadline has ended too."""
    rows = await (await raw(tx)).fetch(
        with_statuses("""
        SELECT id FROM task WHERE job_id = $1 AND step_id = $2 AND status IN (<task.OPEN>) AND sent_at IS NOT NULL
        AND host_id > 0 AND deadline_at <= $3 AND lease_until >= deadline_at AND lease_until <= $3
        """),
        job_id,
        step_id,
        now,
    )
    return [row[0] for row in rows]


async def list_unaccepted(
    tx: Transaction, job_id: int, step_id: int, *, first: int, last: int, lease_ms: int
) -> list[int]:
    """Return ids of tasks that no agent took over, though they were sent again and again.

    Args:
        first: Sent for the first time before this (epoch ms).
        last: Sent for the last time before this, and at least twice `lease_ms` after the first time.
    """
    rows = await (await raw(tx)).fetch(
        with_statuses("""
        SELECT id FROM task WHERE job_id = $1 AND step_id = $2 AND status = <task.WAITING>
        AND host_id > 0 AND sent_at <= $3 AND lease_until - $5 <= $4 AND lease_until - $5 >= sent_at + 2 * $5
        """),
        job_id,
        step_id,
        first,
        last,
        lease_ms,
    )
    return [row[0] for row in rows]


async def list_of_revoked_agents(tx: Transaction, job_id: int, step_id: int) -> list[int]:
    """Return ids of a step's unfinished tasks that were sent to agents which are revoked by now."""
    rows = await (await raw(tx)).fetch(
        with_statuses("""
        SELECT t.id FROM task t JOIN agent a ON a.host_id = t.host_id WHERE t.job_id = $1 AND t.step_id = $2
        AND t.status IN (<task.OPEN>) AND t.sent_at IS NOT NULL AND a.revoked_at IS NOT NULL
        """),
        job_id,
        step_id,
    )
    return [row[0] for row in rows]
