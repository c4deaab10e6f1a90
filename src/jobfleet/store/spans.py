"""Queries over when the tasks of a job ran, by step, attempt and batch."""

from collections.abc import Sequence
from itertools import groupby

import msgspec
from asyncpg import Record

from jobfleet.model.host_counts import HostCounts, host_counts
from jobfleet.model.status import UNFINISHED_TASK, TaskStatus
from jobfleet.store.database import Transaction, raw


class Span(msgspec.Struct, frozen=True):
    """Say when a batch of a step ran in an attempt, epoch milliseconds; None for what has not begun or not ended.

    `batch` is 0 in a step that does not roll. Hosts that an attempt did not run again are not counted in it.
    """

    step_id: int
    attempt: int
    batch: int
    started_at: int | None
    ended_at: int | None
    counts: HostCounts


async def list_of_job(tx: Transaction, job_id: int) -> list[Span]:
    """Return a job's spans by step, attempt and batch."""
    # A host that was kept from an earlier attempt has a task of its own there, whose output is an earlier task's.
    rows = await (await raw(tx)).fetch(
        """
        SELECT step_id, attempt, batch, status, min(started_at), max(ended_at), count(*)
        FROM task WHERE job_id = $1 AND ordinal >= 0 AND log_task_id = id
        GROUP BY step_id, attempt, batch, status ORDER BY step_id, attempt, batch
        """,
        job_id,
    )
    return [_span(place, list(group)) for place, group in groupby(rows, lambda row: (row[0], row[1], row[2]))]


def _span(place: tuple[int, int, int], rows: Sequence[Record]) -> Span:
    counts = {TaskStatus(row["status"]): int(row["count"]) for row in rows}
    begun = [row["min"] for row in rows if row["min"] is not None]
    ended = [row["max"] for row in rows if row["max"] is not None]
    is_over = UNFINISHED_TASK.isdisjoint(counts)
    until = max(ended, default=None) if is_over else None
    return Span(*place, min(begun, default=None), until, host_counts(0, counts))
