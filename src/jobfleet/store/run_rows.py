"""What a list of runs shows besides the runs: how one host fared in them, and what started them."""

from collections.abc import Collection, Mapping

import msgspec

from jobfleet.model.status import TaskStatus
from jobfleet.store.database import Transaction, raw
from jobfleet.store.statuses import WORST_FIRST, with_statuses


class OwnResult(msgspec.Struct, frozen=True):
    """Say how a host fared in the last step of a job that it had a part in; `status` is None when it has not begun."""

    step_id: int
    host_id: int
    status: TaskStatus | None
    exit_code: int | None
    total_ms: int | None


class Starter(msgspec.Struct, frozen=True):
    """Name the schedule that started a job; its name is "" when it is deleted."""

    schedule_id: int
    name: str


_OWN = with_statuses(f"""
    SELECT t.status, t.exit_code, t.total_ms FROM task t
    WHERE t.job_id = $1 AND t.step_id = $2 AND t.ordinal = $3 ORDER BY t.attempt DESC, {WORST_FIRST}, t.id DESC LIMIT 1
""")  # noqa: S608 - our own words


async def own_results(tx: Transaction, ip: str, job_ids: Collection[int]) -> dict[int, OwnResult]:
    """Return how the host at an address fared in each of these jobs."""
    # Two lookups instead of a join: of fresh jobs the planner knows nothing, and takes the wrong side first.
    column = "ipv6" if ":" in ip else "ip"
    query = f"""
        SELECT DISTINCT ON (job_id) job_id, step_id, ordinal, host_id FROM target
        WHERE {column} = $1 AND job_id = ANY($2) AND ordinal >= 0 ORDER BY job_id, step_id DESC
        """  # noqa: S608 (one of two names of ours)
    connection = await raw(tx)
    found: dict[int, OwnResult] = {}
    for job_id, step_id, ordinal, host_id in await connection.fetch(query, ip, list(job_ids)):
        row = await connection.fetchrow(
            _OWN,
            job_id,
            step_id,
            ordinal,
        )
        status = None if row is None else TaskStatus(row[0])
        found[job_id] = OwnResult(step_id, host_id, status, row and row[1], row and row[2])
    return found


async def starters(tx: Transaction, job_ids: Collection[int]) -> Mapping[int, Starter]:
    """Return the schedules that started jobs, by the jobs' ids."""
    rows = await (await raw(tx)).fetch(
        """
        SELECT fire.job_id, fire.schedule_id, coalesce(kept.name, '') FROM schedule_fire fire
        LEFT JOIN schedule kept ON kept.id = fire.schedule_id WHERE fire.job_id = ANY($1)
        """,
        list(job_ids),
    )
    return {row[0]: Starter(row[1], row[2]) for row in rows}
