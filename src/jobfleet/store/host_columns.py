"""Queries for the hosts of a step as columns."""

from collections.abc import Sequence
from typing import Any

import msgspec

from jobfleet.model.host_columns import HostAddresses, HostColumns
from jobfleet.store.database import Transaction, raw

# A list a column, no row a host: a third less of this process's time. Sorted rows come to the lists in order.
_COLUMNS = """
SELECT array_agg(id), array_agg(log_task_id), array_agg(status), array_agg(exit_code), array_agg(started_at),
       array_agg(total_ms), array_agg(batch), array_agg(tag), array_agg(ordinal)
FROM (SELECT id, log_task_id, status, exit_code, started_at, total_ms, batch, tag, ordinal FROM task
      WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND ordinal >= 0
"""


class HostRows(msgspec.Struct, frozen=True):
    """Hold columns, and the ordinal of the target of each row."""

    columns: HostColumns
    ordinals: list[int]


async def list_of_attempt(
    tx: Transaction, job_id: int, step_id: int, attempt: int, *, batch: int | None = None
) -> HostRows:
    """Return the hosts of a step's attempt, of one batch only when one is given, by batch, then in target order."""
    row = await (await raw(tx)).fetchrow(
        _COLUMNS + "AND batch = coalesce($4, batch) ORDER BY batch, ordinal) host",
        job_id,
        step_id,
        attempt,
        batch,
    )
    return await _columns(tx, (job_id, step_id, attempt), row)


async def list_of_tasks(
    tx: Transaction, job_id: int, step_id: int, attempt: int, task_ids: Sequence[int]
) -> HostColumns:
    """Return those hosts of a step's attempt whose tasks are named."""
    row = await (await raw(tx)).fetchrow(
        _COLUMNS + "AND id = ANY($4) ORDER BY id) host",
        job_id,
        step_id,
        attempt,
        list(task_ids),
    )
    return (await _columns(tx, (job_id, step_id, attempt), row)).columns


async def _columns(tx: Transaction, attempt: tuple[int, int, int], row: Sequence[Any]) -> HostRows:
    """Return what _COLUMNS says of one attempt, named by (job id, step id, attempt), as columns."""
    if row[0] is None:
        return HostRows(HostColumns([], [], [], [], [], [], [], [], [], [""]), [])
    task_ids, log_ids, status, exits, started, totals, batches, tag_texts, ordinals = row
    tags = ["", *sorted(set(tag_texts) - {""})]
    place = {tag: at for at, tag in enumerate(tags)}
    columns = HostColumns(
        task_id=task_ids,
        log_task_id=log_ids,
        status=status,
        exit_code=exits,
        started_at=[one or 0 for one in started],
        duration_ms=[-1 if one is None else one for one in totals],
        batch=batches,
        attempt=await _attempts(tx, attempt, task_ids, log_ids),
        tag=[place[tag] for tag in tag_texts],
        tags=tags,
    )
    return HostRows(columns, ordinals)


async def _attempts(
    tx: Transaction, attempt: tuple[int, int, int], task_ids: list[int], log_ids: list[int]
) -> list[int]:
    """Return in which attempt each host really ran."""
    job_id, step_id, latest = attempt
    kept = [log_id for task_id, log_id in zip(task_ids, log_ids, strict=True) if task_id != log_id]
    if not kept:
        return [latest] * len(task_ids)
    rows = await (await raw(tx)).fetch(
        "SELECT id, attempt FROM task WHERE job_id = $1 AND step_id = $2 AND id = ANY($3)", job_id, step_id, kept
    )
    really = {row[0]: row[1] for row in rows}
    return [really.get(log_id, latest) for log_id in log_ids]


async def list_addresses(tx: Transaction, job_id: int, step_id: int) -> HostAddresses:
    """Return who the targets of a step are, in stored order."""
    rows = await (await raw(tx)).fetch(
        """
        SELECT host_id, cloud_id, ip, ipv6, container->>'name' FROM target
        WHERE job_id = $1 AND step_id = $2 AND ordinal >= 0 ORDER BY ordinal
        """,
        job_id,
        step_id,
    )
    if not rows:
        return HostAddresses([], [], [], [], [])
    host_ids, cloud_ids, ips, ipv6s, containers = map(list, zip(*rows, strict=True))
    return HostAddresses(
        host_ids, cloud_ids, ips, ipv6s, [name or "" for name in containers] if any(containers) else []
    )


async def list_initial(tx: Transaction, job_id: int, step_id: int) -> list[int]:
    """Return the statuses that the targets of a step which has not begun will begin with, in stored order."""
    rows = await (await raw(tx)).fetch(
        "SELECT initial FROM target WHERE job_id = $1 AND step_id = $2 AND ordinal >= 0 ORDER BY ordinal",
        job_id,
        step_id,
    )
    return [row[0] for row in rows]
