"""Queries over how long steps took before, on about as many targets; none reads more than the LOOKED_AT latest."""

from jobfleet.model.scope import Scope
from jobfleet.model.status import RunStatus
from jobfleet.store.database import Transaction, raw

LOOKED_AT = 200
_SUCCEEDED = int(RunStatus.SUCCEEDED)


async def of_plan_step(tx: Transaction, plan_step_id: int, target_count: int, limit: int) -> list[int]:
    """Return how long the latest runs of a plan's step took that succeeded on half to twice as many targets."""
    rows = await (await raw(tx)).fetch(
        """
        SELECT total_ms FROM (
            SELECT total_ms, status, target_count FROM step WHERE plan_step_id = $1 AND plan_step_id > 0
            ORDER BY id DESC LIMIT $5) latest
        WHERE status = $6 AND total_ms IS NOT NULL AND target_count BETWEEN $2 AND $3 LIMIT $4
        """,
        plan_step_id,
        target_count // 2,
        target_count * 2,
        limit,
        LOOKED_AT,
        _SUCCEEDED,
    )
    return [int(row[0]) for row in rows]


async def of_script(tx: Transaction, scope: Scope, content_hash: str, target_count: int, limit: int) -> list[int]:
    """Return how long the latest steps of a scope took that ran the same script; else as `of_plan_step`.

    Args:
        content_hash: SHA-256 of the script in hex: the same version, wherever it is kept.
    """
    # A subquery for each row, not a join: it stays a lookup by id, whatever statistics of fresh days say.
    rows = await (await raw(tx)).fetch(
        """
        SELECT total_ms FROM (
            SELECT job_id, total_ms, status, target_count FROM step WHERE definition->>'content_hash' = $1
            ORDER BY id DESC LIMIT $7) latest
        WHERE status = $8 AND total_ms IS NOT NULL AND target_count BETWEEN $4 AND $5
        AND (SELECT scope_type = $2 AND scope_id = $3 FROM job WHERE id = latest.job_id) LIMIT $6
        """,
        content_hash,
        scope.type.value,
        scope.id,
        target_count // 2,
        target_count * 2,
        limit,
        LOOKED_AT,
        _SUCCEEDED,
    )
    return [int(row[0]) for row in rows]


async def of_plan(tx: Transaction, scope: Scope, plan_id: int, limit: int) -> list[int]:
    """Return how long the latest runs of a plan took that succeeded, latest first; debug runs are of no plan."""
    rows = await (await raw(tx)).fetch(
        """
        SELECT total_ms FROM (
            SELECT total_ms, status, scope_type, scope_id FROM job WHERE plan_id = $1 AND plan_id > 0
            ORDER BY id DESC LIMIT $5) latest
        WHERE status = $6 AND total_ms IS NOT NULL AND scope_type = $2 AND scope_id = $3 LIMIT $4
        """,
        plan_id,
        scope.type.value,
        scope.id,
        limit,
        LOOKED_AT,
        _SUCCEEDED,
    )
    return [int(row[0]) for row in rows]
