"""Queries over agents that are awaited by a step and have not been heard of."""

from collections.abc import Collection

import msgspec

from jobfleet.model.status import UNFINISHED_TASK, RunStatus
from jobfleet.store.batches import StepKey
from jobfleet.store.database import Transaction, raw

_AT_WORK = [int(status) for status in (RunStatus.RUNNING, RunStatus.STOPPING, RunStatus.BETWEEN_BATCHES)]
_UNFINISHED = [int(status) for status in UNFINISHED_TASK]

# An order that left a moment ago was answered a moment ago: its agent is not silent, whenever it said hello last.
_AGENTS = """
WITH awaited AS MATERIALIZED (
    SELECT host_id, min(id) AS task_id, min(sent_at) AS sent_at FROM task
    WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND ordinal >= 0 AND status = ANY($4) AND sent_at IS NOT NULL
    GROUP BY host_id),
known AS (
    SELECT w.host_id, w.task_id, coalesce(a.seen_at, 0) AS seen_at,
           w.sent_at < $5 AND coalesce(a.seen_at, 0) < $5 AS is_silent
    FROM awaited w JOIN agent a ON a.host_id = w.host_id)
"""
_COUNTED = "SELECT count(*), count(*) FILTER (WHERE is_silent), min(seen_at) FILTER (WHERE is_silent) FROM known"
_LISTED = "SELECT task_id, host_id, seen_at FROM known WHERE is_silent ORDER BY seen_at, host_id"


class SilentCount(msgspec.Struct, frozen=True):
    """Count hosts of a step: `silent` of `awaited`; `since` is when the most silent was heard of, None for never."""

    silent: int
    awaited: int
    since: int | None


class SilentHosts(msgspec.Struct, frozen=True):
    """Name silent hosts: lists of equal length; `seen_at` (epoch ms) is None for an agent that never said hello."""

    task_id: list[int]
    host_id: list[int]
    seen_at: list[int | None]


async def count_silent(tx: Transaction, key: StepKey, before: int) -> SilentCount:
    """Count the hosts whose agents a step's attempt awaits, and those not heard of since `before` (epoch ms)."""
    row = await (await raw(tx)).fetchrow(_AGENTS + _COUNTED, key.job_id, key.step_id, key.attempt, _UNFINISHED, before)
    return SilentCount(silent=row[1], awaited=row[0], since=row[2] or None)


async def list_silent(tx: Transaction, key: StepKey, before: int) -> SilentHosts:
    """Return the hosts that `count_silent` counts as silent, those that are silent for longest first."""
    rows = await (await raw(tx)).fetch(_AGENTS + _LISTED, key.job_id, key.step_id, key.attempt, _UNFINISHED, before)
    return SilentHosts([row[0] for row in rows], [row[1] for row in rows], [row[2] or None for row in rows])


async def list_long_steps(tx: Transaction, job_ids: Collection[int], before: int) -> list[StepKey]:
    """Return the steps of jobs that are at work since before a moment (epoch ms), with their latest attempts."""
    rows = await (await raw(tx)).fetch(
        "SELECT job_id, id, attempt FROM step WHERE job_id = ANY($1) AND status = ANY($2) AND started_at < $3",
        list(job_ids),
        _AT_WORK,
        before,
    )
    return [StepKey(row[0], row[1], row[2]) for row in rows]
