"""Queries over the tasks with which a server fetches the files of third-party sources; their host id is 0."""

from collections.abc import Collection

from jobfleet.store.database import Transaction, raw
from jobfleet.store.statuses import with_statuses


async def hold(tx: Transaction, job_id: int, task_id: int, now: int, lease_ms: int) -> int | None:
    """Keep a task for the server that works on it; return how much of its output is stored, None when it is over."""
    stored: int | None = await (await raw(tx)).fetchval(
        with_statuses("""
        UPDATE task SET lease_until = $3, started_at = coalesce(started_at, $4)
        WHERE job_id = $1 AND id = $2 AND status = <task.WAITING> RETURNING output_bytes
        """),
        job_id,
        task_id,
        now + lease_ms,
        now,
    )
    return stored


async def release(tx: Transaction, held: Collection[tuple[int, int]], now: int) -> None:
    """Let other servers take tasks, given as (job id, id), at once."""
    await (await raw(tx)).execute(
        with_statuses("""
        UPDATE task t SET lease_until = $3 FROM unnest($1::bigint[], $2::bigint[]) AS w (job_id, id)
        WHERE t.job_id = w.job_id AND t.id = w.id AND t.status = <task.WAITING>
        """),
        [one[0] for one in held],
        [one[1] for one in held],
        now,
    )


async def count_open_sources(tx: Transaction, job_id: int, step_id: int, attempt: int) -> int:
    """Count the sources of files of an attempt that have not ended."""
    counted = await (await raw(tx)).fetchval(
        with_statuses("""
        SELECT count(*) FROM task WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND ordinal < 0
        AND status IN (<task.OPEN>)
        """),
        job_id,
        step_id,
        attempt,
    )
    return int(counted)


async def started_at(tx: Transaction, job_id: int, step_id: int, attempt: int) -> int | None:
    """Return when fetching the files of an attempt began (epoch ms); None when nothing is, or was, fetched."""
    first: int | None = await (await raw(tx)).fetchval(
        """
        SELECT min(started_at) FROM task WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND ordinal < 0
        AND host_id = 0
        """,
        job_id,
        step_id,
        attempt,
    )
    return first


async def find_failure(tx: Transaction, job_id: int, step_id: int, attempt: int, batch: int) -> str | None:
    """Return why fetching the files of a batch failed, or None."""
    message: str | None = await (await raw(tx)).fetchval(
        with_statuses("""
        SELECT message FROM task WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND ordinal < 0
        AND host_id = 0 AND batch = $4 AND status NOT IN (<task.OPEN>, <task.SUCCEEDED>, <task.SUCCEEDED_BEFORE>)
        ORDER BY ordinal DESC LIMIT 1
        """),
        job_id,
        step_id,
        attempt,
        batch,
    )
    return message
