"""Tasks with the targets that they are about, as they are read."""

from typing import Any

import msgspec

from jobfleet.model.container import Container
from jobfleet.model.job import Task
from jobfleet.model.target import Target
from jobfleet.store.database import Transaction, raw
from jobfleet.store.tasks import STATUSES

_TASK_COLUMNS = """
    SELECT id, job_id, step_id, attempt, batch, log_task_id, status, tag, exit_code, error_code,
           started_at, ended_at, total_ms, output_bytes, message, survivors, ordinal
    FROM task
"""
_TARGET_COLUMNS = """
    SELECT ordinal, host_id, cloud_id, cloud_name, ip, ipv6, agent_id, os, alive, initial, container FROM target
"""


async def list_of_attempt(tx: Transaction, job_id: int, step_id: int, attempt: int) -> list[Task]:
    """Return a step's tasks of one attempt in target order; empty when the attempt does not exist."""
    return await _list(tx, (job_id, step_id, attempt), "ordinal >= 0 ORDER BY batch, ordinal")


async def list_sources(tx: Transaction, job_id: int, step_id: int, attempt: int) -> list[Task]:
    """Return the tasks of a file step's sources of one attempt, in the order of the request."""
    return await _list(tx, (job_id, step_id, attempt), "ordinal < 0 ORDER BY ordinal DESC")


async def list_of_target(tx: Transaction, job_id: int, step_id: int, task_id: int) -> list[Task]:
    """Return the tasks of all attempts on the target, or source, of one task, in the order of attempts.

    It is empty when the step has no such task. A step that rolls by file source has several in an attempt.
    """
    rows = await (await raw(tx)).fetch(
        f"""
        {_TASK_COLUMNS} WHERE job_id = $1 AND step_id = $2
        AND ordinal = (SELECT ordinal FROM task WHERE job_id = $1 AND step_id = $2 AND id = $3)
        ORDER BY attempt, batch
        """,  # noqa: S608 - only columns
        job_id,
        step_id,
        task_id,
    )
    if not rows:
        return []
    target = await (await raw(tx)).fetchrow(
        f"{_TARGET_COLUMNS} WHERE job_id = $1 AND step_id = $2 AND ordinal = $3",
        job_id,
        step_id,
        rows[0][16],
    )
    return [_task(row, _target(target)) for row in rows]


async def _list(tx: Transaction, step: tuple[int, int, int], which: str) -> list[Task]:
    """Return tasks of a step's attempt, given as (job id, step id, attempt).

    Tasks and targets are put together here: the planner has no statistics of a job that has just begun, and
    joins its 10,000 tasks with their targets by a nested loop that takes 20 seconds instead of 10 milliseconds.
    """
    rows = await (await raw(tx)).fetch(
        f"{_TASK_COLUMNS} WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND {which}",
        *step,
    )
    if not rows:
        return []
    targets = {target.ordinal: target for target in await list_hosts(tx, *step[:2])}
    return [_task(row, targets[row[16]]) for row in rows]


async def list_targets(tx: Transaction, job_id: int, step_id: int) -> list[Target]:
    """Return a step's targets in stored order."""
    return [target for target in await list_hosts(tx, job_id, step_id) if target.ordinal >= 0]


async def list_hosts(tx: Transaction, job_id: int, step_id: int) -> list[Target]:
    """Return a step's targets and, before them, the sources of its files."""
    rows = await (await raw(tx)).fetch(
        f"{_TARGET_COLUMNS} WHERE job_id = $1 AND step_id = $2 ORDER BY ordinal",
        job_id,
        step_id,
    )
    return [_target(row) for row in rows]


def _task(row: Any, target: Target) -> Task:
    return Task(
        id=row[0],
        job_id=row[1],
        step_id=row[2],
        attempt=row[3],
        batch=row[4],
        log_task_id=row[5],
        status=STATUSES[row[6]],
        tag=row[7],
        exit_code=row[8],
        error_code=row[9],
        started_at=row[10],
        ended_at=row[11],
        total_ms=row[12],
        output_bytes=row[13],
        message=row[14],
        survivors=tuple(row[15]),
        target=target,
    )


def _target(row: Any) -> Target:
    ordinal, host_id, cloud_id, cloud_name, ip, ipv6, agent_id, os, alive, initial, container = row
    return Target(
        ordinal,
        host_id,
        cloud_id,
        cloud_name,
        ip,
        ipv6,
        agent_id,
        os,
        alive,
        STATUSES[initial],
        None if container is None else msgspec.convert(container, Container),
    )
