"""Queries over what is remembered of one task: when its order left, and the events around it."""

from jobfleet.model.event import Event, EventKind
from jobfleet.store.database import Transaction, raw


async def sent_at(tx: Transaction, job_id: int, task_id: int) -> int | None:
    """Return when a task's order first left for its host (epoch ms), None when it did not."""
    found = await (await raw(tx)).fetchval("SELECT sent_at FROM task WHERE job_id = $1 AND id = $2", job_id, task_id)
    return None if found is None else int(found)


async def list_events(tx: Transaction, job_id: int, step_id: int, task_id: int, limit: int) -> list[Event]:
    """Return the latest events of a job that concern a task: its own, its step's and the job's, in order.

    They come without the ids of other tasks: an event of a large job names thousands.
    """
    rows = await (await raw(tx)).fetch(
        """
        SELECT at, kind, actor, step_id, from_status, to_status, detail FROM (
            SELECT * FROM event WHERE job_id = $1 AND (step_id IS NULL OR step_id = $2)
            AND (task_ids IS NULL OR $3 = ANY(task_ids)) ORDER BY id DESC LIMIT $4) latest
        ORDER BY id
        """,
        job_id,
        step_id,
        task_id,
        limit,
    )
    return [
        Event(
            job_id=job_id,
            at=row[0],
            kind=EventKind(row[1]),
            actor=row[2],
            step_id=row[3],
            from_status=row[4],
            to_status=row[5],
            detail=row[6],
        )
        for row in rows
    ]
