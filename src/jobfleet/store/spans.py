"""Queries over when the tasks of a job ran, by step, attempt and batch."""

import msgspec

from jobfleet.model.status import SUCCEEDED_TASK, UNFINISHED_TASK
from jobfleet.store.database import Transaction, raw

_UNFINISHED = [int(status) for status in UNFINISHED_TASK]
_SUCCEEDED = [int(status) for status in SUCCEEDED_TASK]


class Span(msgspec.Struct, frozen=True):
    """Say when a batch of a step ran in an attempt, epoch milliseconds; None for what has not begun or not ended.

    `batch` is 0 in a step that does not roll. Hosts that an attempt did not run again are not counted in it.
    """

    step_id: int
    attempt: int
    batch: int
    started_at: int | None
    ended_at: int | None
    total: int
    succeeded: int
    failed: int


async def list_of_job(tx: Transaction, job_id: int) -> list[Span]:
    """Return a job's spans by step, attempt and batch."""
    # A host that was kept from an earlier attempt has a task of its own there, whose output is an earlier task's.
    rows = await (await raw(tx)).fetch(
        """
        SELECT step_id, attempt, batch, min(started_at), max(ended_at), count(*) AS total,
               count(*) FILTER (WHERE status = ANY($2)) AS succeeded, count(*) FILTER (WHERE status = ANY($3)) AS open
        FROM task WHERE job_id = $1 AND ordinal >= 0 AND log_task_id = id
        GROUP BY step_id, attempt, batch ORDER BY step_id, attempt, batch
        """,
        job_id,
        _SUCCEEDED,
        _UNFINISHED,
    )
    return [
        Span(
            step_id=row["step_id"],
            attempt=row["attempt"],
            batch=row["batch"],
            started_at=row["min"],
            ended_at=None if row["open"] else row["max"],
            total=row["total"],
            succeeded=row["succeeded"],
            failed=row["total"] - row["succeeded"] - row["open"],
        )
        for row in rows
    ]
