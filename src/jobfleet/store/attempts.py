"""Queries over attempts: the tasks that a step's first run or a retry makes, and how they stand."""

from collections.abc import Sequence

import msgspec

from jobfleet.model.chosen_hosts import ChosenTask
from jobfleet.model.status import NOT_EXECUTABLE, SUCCEEDED_TASK, UNFINISHED_TASK, TaskStatus
from jobfleet.store.batches import StepKey
from jobfleet.store.database import Transaction, raw
from jobfleet.store.statuses import with_statuses
from jobfleet.store.tasks import MovedTask

_UNFINISHED = [int(status) for status in UNFINISHED_TASK]
_SUCCEEDED = [int(status) for status in SUCCEEDED_TASK]
_NOT_EXECUTABLE = [int(status) for status in NOT_EXECUTABLE]
_KILLED = int(TaskStatus.KILLED)
NOT_CHOSEN = "it was stopped before it began, and not chosen to run again"


async def insert_first(tx: Transaction, job_id: int, step_id: int, starts: Sequence[int], now: int) -> dict[int, int]:
    """Make the tasks of a step's first attempt from its targets; return how many wait to be sent, by batch.

    Sources of files belong to the first batch.

    Args:
        starts: The ordinal of the first target of each batch; empty for a step that does not roll, its batch is 0.
    """
    rows = await (await raw(tx)).fetch(
        with_statuses("""
        WITH made AS (
            INSERT INTO task (job_id, id, step_id, attempt, batch, ordinal, host_id, log_task_id, status,
                              started_at, ended_at, total_ms)
            SELECT job_id, n, step_id, 0, width_bucket(greatest(ordinal, 0), $5::integer[]), ordinal, host_id, n,
                   initial,
                   CASE WHEN initial = ANY($4) THEN $3::bigint END, CASE WHEN initial = ANY($4) THEN $3::bigint END,
                   CASE WHEN initial = ANY($4) THEN 0 END
            FROM (SELECT nextval('task_id_seq') AS n, t.* FROM target t
                  WHERE job_id = $1 AND step_id = $2 ORDER BY ordinal) numbered
            RETURNING batch, status
        ) SELECT batch, count(*) FROM made WHERE status = <task.WAITING> GROUP BY batch
        """),
        job_id,
        step_id,
        now,
        _NOT_EXECUTABLE,
        list(starts),
    )
    return {row[0]: int(row[1]) for row in rows}


async def insert_first_by_source(
    tx: Transaction, job_id: int, step_id: int, source_batches: Sequence[int], now: int
) -> None:
    """Make the tasks of the first attempt of a step that rolls by file source: every target has one in each batch.

    Args:
        source_batches: The batch of each source, by ordinals from -1 down.
    """
    await (await raw(tx)).execute(
        """
        INSERT INTO task (job_id, id, step_id, attempt, batch, ordinal, host_id, log_task_id, status,
                          started_at, ended_at, total_ms)
        SELECT job_id, n, step_id, 0, number, ordinal, host_id, n, initial,
               CASE WHEN initial = ANY($4) THEN $3::bigint END, CASE WHEN initial = ANY($4) THEN $3::bigint END,
               CASE WHEN initial = ANY($4) THEN 0 END
        FROM (SELECT nextval('task_id_seq') AS n, placed.* FROM (
            SELECT t.*, s.batch AS number FROM target t
            JOIN unnest($5::integer[]) WITH ORDINALITY AS s (batch, at) ON t.ordinal = -s.at
            WHERE t.job_id = $1 AND t.step_id = $2
            UNION ALL
            SELECT t.*, b.number FROM target t CROSS JOIN generate_series(1, $6::integer) AS b (number)
            WHERE t.job_id = $1 AND t.step_id = $2 AND t.ordinal >= 0
            ORDER BY number, ordinal) placed) numbered
        """,
        job_id,
        step_id,
        now,
        _NOT_EXECUTABLE,
        list(source_batches),
        max(source_batches),
    )


class RetryTerms(msgspec.Struct, frozen=True):
    """Say what a new attempt runs again: `everything` also what succeeded, of one `batch` only when one is given.

    `by_source` is True for a step whose sources have batches of their own. `chosen` are ids of the attempt before,
    none for all that did not succeed; `now` is epoch ms.
    """

    key: StepKey
    everything: bool
    batch: int | None
    now: int
    by_source: bool = False
    chosen: Sequence[int] = ()


async def insert_retry(tx: Transaction, terms: RetryTerms) -> None:
    """Make the tasks of a new attempt from the one before.

    Hosts that succeeded keep their result and log unless everything runs again; targets that cannot run stay as they
    are, and so does everything outside the batch, when one is given. Sources of files offer anew, as part of it.
    Of chosen hosts the others keep what they have; what was stopped before it began must not begin now, and ends so.
    """
    kept = _NOT_EXECUTABLE if terms.everything else _NOT_EXECUTABLE + _SUCCEEDED
    await (await raw(tx)).execute(
        with_statuses("""
        WITH before AS (
            SELECT nextval('task_id_seq') AS n, t.*,
                   t.status = ANY($6) OR (t.status <> <task.WAITING> AND (
                       (t.ordinal >= 0 AND t.status = ANY($4))
                       OR ((t.ordinal >= 0 OR $7) AND t.batch <> coalesce($5, t.batch)))) AS kept,
                   t.ordinal >= 0 AND t.batch = coalesce($5, t.batch) AND t.id <> ALL($8::bigint[]) AS spared
            FROM task t WHERE job_id = $1 AND step_id = $2 AND attempt = $3 - 1 ORDER BY batch, ordinal
        )
        INSERT INTO task (job_id, id, step_id, attempt, batch, ordinal, host_id, log_task_id, status, tag,
                          exit_code, error_code, started_at, ended_at, total_ms, output_bytes, message, survivors)
        SELECT job_id, n, step_id, $3, batch, ordinal, host_id, log_task_id, status, tag,
               exit_code, error_code, started_at, ended_at, total_ms, output_bytes, message, survivors
        FROM before WHERE kept OR (spared AND status <> <task.WAITING>)
        UNION ALL
        SELECT job_id, n, step_id, $3, batch, ordinal, host_id, n, $9, '', NULL, 0, $10, $10, 0, 0, $11, '{}'
        FROM before WHERE spared AND status = <task.WAITING>
        UNION ALL
        SELECT job_id, n, step_id, $3, CASE WHEN ordinal < 0 AND NOT $7 THEN coalesce($5, batch) ELSE batch END,
               ordinal, host_id, n, 5, '', NULL, 0, NULL, NULL, NULL, 0, '', '{}'
        FROM before WHERE NOT kept AND spared IS NOT TRUE
        """),
        terms.key.job_id,
        terms.key.step_id,
        terms.key.attempt,
        kept,
        terms.batch,
        _NOT_EXECUTABLE,
        terms.by_source,
        list(terms.chosen) or None,
        _KILLED,
        terms.now,
        NOT_CHOSEN,
    )


async def find_chosen(tx: Transaction, key: StepKey, task_ids: Sequence[int]) -> dict[int, ChosenTask]:
    """Return those of some tasks that are of a step's attempt, by id."""
    rows = await (await raw(tx)).fetch(
        """
        SELECT id, ordinal, batch, status FROM task
        WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND id = ANY($4)
        """,
        key.job_id,
        key.step_id,
        key.attempt,
        list(task_ids),
    )
    return {row[0]: ChosenTask(row[0], row[1], row[2], TaskStatus(row[3])) for row in rows}


async def count_waiting(tx: Transaction, job_id: int, step_id: int, attempt: int, batch: int | None) -> int:
    """Count the tasks of an attempt that wait to be sent; of one batch only, when one is given."""
    counted = await (await raw(tx)).fetchval(
        with_statuses("""
        SELECT count(*) FROM task WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND status = <task.WAITING>
        AND batch = coalesce($4, batch)
        """),
        job_id,
        step_id,
        attempt,
        batch,
    )
    return int(counted)


async def count_sent(tx: Transaction, job_id: int, step_id: int, attempt: int) -> int:
    """Count a step's unfinished tasks of one attempt whose order left for a host."""
    counted = await (await raw(tx)).fetchval(
        """
        SELECT count(*) FROM task WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND status = ANY($4)
        AND sent_at IS NOT NULL
        """,
        job_id,
        step_id,
        attempt,
        _UNFINISHED,
    )
    return int(counted)


async def count_by_status(tx: Transaction, job_id: int, step_id: int, attempt: int) -> dict[int, dict[TaskStatus, int]]:
    """Count a step's tasks of one attempt by batch (0 for a step that does not roll), then by status."""
    key = StepKey(job_id, step_id, attempt)
    return (await count_all(tx, [key]))[key]


async def count_all(tx: Transaction, keys: Sequence[StepKey]) -> dict[StepKey, dict[int, dict[TaskStatus, int]]]:
    """Count the tasks of each of some attempts as `count_by_status` does; one without tasks counts nothing."""
    # The jobs are named twice: the planner leaves out all other partitions by the array only, and what it does not
    # leave out it plans and locks for each count.
    rows = await (await raw(tx)).fetch(
        """
        SELECT wanted.job_id, wanted.step_id, wanted.attempt, counted.batch, counted.status, counted.count
        FROM unnest($1::bigint[], $2::bigint[], $3::integer[]) AS wanted (job_id, step_id, attempt)
        CROSS JOIN LATERAL (
            SELECT batch, status, count(*) AS count FROM task
            WHERE job_id = wanted.job_id AND step_id = wanted.step_id AND attempt = wanted.attempt AND ordinal >= 0
                AND job_id = ANY($1)
            GROUP BY batch, status
        ) AS counted
        """,
        [key.job_id for key in keys],
        [key.step_id for key in keys],
        [key.attempt for key in keys],
    )
    counts: dict[StepKey, dict[int, dict[TaskStatus, int]]] = {key: {} for key in keys}
    for job_id, step_id, attempt, batch, status, count in rows:
        counts[StepKey(job_id, step_id, attempt)].setdefault(batch, {})[TaskStatus(status)] = int(count)
    return counts


async def skip_open(tx: Transaction, job_id: int, step_id: int, attempt: int, now: int) -> list[MovedTask]:
    """Set a step's unfinished tasks to UNKNOWN, as a force skip does; the step must be locked."""
    # Locked first, in order of their ids as everywhere: a row that is only joined would be seen as it was before
    # whoever held it changed it.
    rows = await (await raw(tx)).fetch(
        with_statuses("""
        WITH old AS (
            SELECT id, status FROM task WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND status IN (<task.OPEN>)
            ORDER BY id FOR NO KEY UPDATE)
        UPDATE task t SET status = <task.UNKNOWN>, ended_at = $4, started_at = coalesce(t.started_at, t.sent_at, $4),
            total_ms = greatest(100, $4 - coalesce(t.started_at, t.sent_at, $4)), lease_until = NULL
        FROM old WHERE t.job_id = $1 AND t.id = old.id
        RETURNING t.id, old.status
        """),
        job_id,
        step_id,
        attempt,
        now,
    )
    return [MovedTask(job_id, step_id, row[0], TaskStatus(row[1]), TaskStatus.UNKNOWN) for row in rows]
