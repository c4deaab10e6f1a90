"""Queries over what ran on one host: by the index of targets by address, and by that of unfinished tasks."""

from typing import Any

from jobfleet.model.highest import MAX_ID
from jobfleet.model.host_run import HostRun
from jobfleet.model.job import StepType
from jobfleet.model.scope import Scope
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.model.target import Host
from jobfleet.store.database import Transaction, raw
from jobfleet.store.statuses import WORST_FIRST, with_statuses

_SHOWN = """
    j.id, j.name, j.status, j.operator, j.created_at, s.id, s.name, s.type, s.attempt,
    coalesce((s.rolling->>'by_source')::boolean, false),
    t.id, t.status, t.exit_code, t.tag, t.started_at, t.total_ms
"""
# A task is looked up by its place in the step's attempt, batch by batch: there is no index by host, which would cost
# every job for what one page asks. Where a target has a task in each batch, what broke is told before what goes on.
_TASK = with_statuses(f"""
    LEFT JOIN LATERAL (
        SELECT t.* FROM generate_series(0, s.batch_count) AS part (batch)
        JOIN task t ON t.job_id = s.job_id AND t.step_id = s.id AND t.attempt = s.attempt AND t.batch = part.batch
            AND t.ordinal = hit.ordinal
        ORDER BY {WORST_FIRST}, t.batch LIMIT 1
    ) AS t ON true
""")  # noqa: S608 - our own words


async def list_page(
    tx: Transaction, scope: Scope, host: Host, before: int | None, length: int
) -> tuple[list[HostRun], int | None]:
    """Return the steps that a host was a target of, latest job first, and the job id before which more may be.

    Steps of one job are never parted: a page may hold some more than `length`.

    Args:
        before: Only steps of jobs with smaller ids; None for the latest.
    """
    column, address = ("ip", host.ip) if host.ip else ("ipv6", host.ipv6)
    rows = await (await raw(tx)).fetch(
        f"""
        WITH named AS MATERIALIZED (
            SELECT g.job_id, g.step_id, g.ordinal, g.container->>'name' AS container
            FROM target g JOIN job j ON j.id = g.job_id
            WHERE g.{column} = $1 AND g.job_id < $2 AND g.host_id = $3 AND g.ordinal >= 0
                AND j.scope_type = $4 AND j.scope_id = $5
            ORDER BY g.job_id DESC FETCH FIRST {int(length)} ROWS WITH TIES
        )
        SELECT {_SHOWN}, hit.ordinal, hit.container FROM named AS hit
        JOIN job j ON j.id = hit.job_id
        JOIN step s ON s.job_id = hit.job_id AND s.id = hit.step_id
        {_TASK}
        ORDER BY j.id DESC, s.ordinal DESC, hit.ordinal
        """,  # noqa: S608 - our own words
        address,
        MAX_ID if before is None else before,
        host.id,
        scope.type.value,
        scope.id,
    )
    return [_run(row) for row in rows], rows[-1][0] if len(rows) >= length else None


async def list_open(tx: Transaction, scope: Scope, host_id: int, length: int) -> list[HostRun]:
    """Return what a host has not finished, latest job first, `length` at most; a target once, by what runs of it."""
    rows = await (await raw(tx)).fetch(
        with_statuses(f"""
        SELECT DISTINCT ON (j.id, s.ordinal, t.ordinal) {_SHOWN}, t.ordinal, (
            SELECT g.container->>'name' FROM target g
            WHERE g.job_id = t.job_id AND g.step_id = t.step_id AND g.ordinal = t.ordinal
        ) FROM task t
        JOIN job j ON j.id = t.job_id
        JOIN step s ON s.job_id = t.job_id AND s.id = t.step_id AND s.attempt = t.attempt
        WHERE t.host_id = $1 AND t.status IN (<task.OPEN>) AND t.ordinal >= 0 AND j.scope_type = $2 AND j.scope_id = $3
        ORDER BY j.id DESC, s.ordinal DESC, t.ordinal, t.status DESC, t.batch LIMIT $4
        """),  # noqa: S608 - our own words
        host_id,
        scope.type.value,
        scope.id,
        length,
    )
    return [_run(row) for row in rows]


def _run(row: Any) -> HostRun:
    return HostRun(
        job_id=row[0],
        job_name=row[1],
        job_status=RunStatus(row[2]),
        operator=row[3],
        created_at=row[4],
        step_id=row[5],
        step_name=row[6],
        step_type=StepType(row[7]),
        attempt=row[8],
        by_source=row[9],
        task_id=row[10],
        status=None if row[11] is None else TaskStatus(row[11]),
        exit_code=row[12],
        tag=row[13] or "",
        started_at=row[14],
        total_ms=row[15],
        ordinal=row[16],
        container=row[17] or "",
    )
