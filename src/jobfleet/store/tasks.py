"""How tasks change (a task is one step on one host in one attempt). Bulk work goes through unnest."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from jobfleet.model.status import TaskStatus
from jobfleet.store.database import Transaction, raw
from jobfleet.store.statuses import with_statuses

STATUSES = {int(status): status for status in TaskStatus}
"""Statuses by number: a look-up costs a tenth of calling the enumeration, and large jobs need many."""

Key = tuple[int, int]
"""Names a task or a step: (job id, its own id)."""


class TaskState(msgspec.Struct, frozen=True):
    """Describe a stored task as far as recording a report needs it."""

    job_id: int
    id: int
    step_id: int
    host_id: int
    status: TaskStatus
    output_bytes: int
    host_revoked: bool
    is_source: bool = False


class TaskChange(msgspec.Struct, frozen=True):
    """Say what a task becomes; `started_at` None keeps the stored start, `total_ms` None counts from it."""

    job_id: int
    id: int
    status: TaskStatus
    tag: str
    exit_code: int | None
    error_code: int
    started_at: int | None
    ended_at: int | None
    total_ms: int | None
    message: str
    survivors: tuple[int, ...]


class MovedTask(msgspec.Struct, frozen=True):
    """Name a task that changed, and how."""

    job_id: int
    step_id: int
    id: int
    before: TaskStatus
    after: TaskStatus


async def mark_running(tx: Transaction, job_id: int, accepted: Collection[int]) -> list[MovedTask]:
    """Note that agents took tasks over; those that moved on meanwhile stay as they are.

    The rows are locked in order of their ids, as in `lock_states`: the two meet on the same tasks.
    """
    rows = await (await raw(tx)).fetch(
        with_statuses("""
        UPDATE task SET status = <task.RUNNING> WHERE job_id = $1 AND id = ANY(ARRAY(
            SELECT id FROM task WHERE job_id = $1 AND id = ANY($2) AND status = <task.WAITING>
            ORDER BY id FOR NO KEY UPDATE))
        RETURNING step_id, id
        """),
        job_id,
        list(accepted),
    )
    return [MovedTask(job_id, row[0], row[1], TaskStatus.WAITING, TaskStatus.RUNNING) for row in rows]


async def lock_states(tx: Transaction, wanted: Sequence[Key]) -> dict[Key, TaskState]:
    """Return the stored state of tasks, holding their steps and rows until the transaction ends.

    Steps are locked before tasks, in order of their ids, as everywhere, so that servers do not block each other.
    """
    driver = await raw(tx)
    job_ids, task_ids = [key[0] for key in wanted], [key[1] for key in wanted]
    await driver.execute(
        """
        SELECT 1 FROM step WHERE (job_id, id) IN (
            SELECT t.job_id, t.step_id FROM unnest($1::bigint[], $2::bigint[]) AS w (job_id, id)
            JOIN task t ON t.job_id = w.job_id AND t.id = w.id)
        ORDER BY job_id, id FOR NO KEY UPDATE
        """,
        job_ids,
        task_ids,
    )
    rows = await driver.fetch(
        """
        SELECT t.job_id, t.id, t.step_id, t.host_id, t.status, t.output_bytes, a.revoked_at IS NOT NULL,
               t.ordinal < 0
        FROM unnest($1::bigint[], $2::bigint[]) AS w (job_id, id)
        JOIN task t ON t.job_id = w.job_id AND t.id = w.id
        LEFT JOIN agent a ON a.host_id = t.host_id
        ORDER BY t.job_id, t.id FOR NO KEY UPDATE OF t
        """,
        job_ids,
        task_ids,
    )
    return {
        (row[0], row[1]): TaskState(row[0], row[1], row[2], row[3], STATUSES[row[4]], row[5], row[6], row[7])
        for row in rows
    }


async def set_started(tx: Transaction, started: Sequence[tuple[int, int, int]]) -> list[MovedTask]:
    """Note the starts (job id, task id, epoch ms) of scripts; tasks that are over stay as they are.

    What is returned changed, if only in when it started.
    """
    rows = await (await raw(tx)).fetch(
        with_statuses("""
        UPDATE task t SET status = <task.RUNNING>, started_at = w.at,
            deadline_at = CASE WHEN t.started_at IS NULL  -- told again, it must not be put off again
                THEN greatest(t.deadline_at, w.at + t.deadline_at - t.sent_at) ELSE t.deadline_at END
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (job_id, id, at),
             task old
        WHERE t.job_id = w.job_id AND t.id = w.id AND t.status IN (<task.OPEN>)
          AND old.job_id = t.job_id AND old.id = t.id
        RETURNING t.job_id, t.step_id, t.id, old.status, old.started_at IS NOT DISTINCT FROM t.started_at
        """),
        [one[0] for one in started],
        [one[1] for one in started],
        [one[2] for one in started],
    )
    return [
        MovedTask(row[0], row[1], row[2], STATUSES[row[3]], TaskStatus.RUNNING)
        for row in rows
        if row[3] == TaskStatus.WAITING or not row[4]
    ]


async def set_output_bytes(tx: Transaction, stored: Mapping[Key, int]) -> None:
    """Note how much of each task's output is stored; the tasks must be locked."""
    await (await raw(tx)).execute(
        """
        UPDATE task t SET output_bytes = w.size
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (job_id, id, size)
        WHERE t.job_id = w.job_id AND t.id = w.id
        """,
        [key[0] for key in stored],
        [key[1] for key in stored],
        list(stored.values()),
    )


async def finish(tx: Transaction, changes: Sequence[TaskChange]) -> None:
    """Store how tasks ended; the caller has locked them and checked the transitions with `task_sources`.

    A task that no host ran counts from when its order was sent: callers read start and duration of all that ended.
    """
    await (await raw(tx)).execute(
        """
        UPDATE task t SET status = w.status, tag = w.tag, exit_code = w.exit_code, error_code = w.error_code,
            started_at = coalesce(w.started_at, t.started_at, t.sent_at, w.ended_at), ended_at = w.ended_at,
            total_ms = coalesce(
                w.total_ms, greatest(100, w.ended_at - coalesce(w.started_at, t.started_at, t.sent_at, w.ended_at))),
            message = w.message, survivors = w.survivors::integer[], lease_until = NULL
        FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::text[], $5::integer[], $6::integer[],
                    $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[])
             AS w (job_id, id, status, tag, exit_code, error_code, started_at, ended_at, total_ms, message, survivors)
        WHERE t.job_id = w.job_id AND t.id = w.id
        """,
        [change.job_id for change in changes],
        [change.id for change in changes],
        [int(change.status) for change in changes],
        [change.tag for change in changes],
        [change.exit_code for change in changes],
        [change.error_code for change in changes],
        [change.started_at for change in changes],
        [change.ended_at for change in changes],
        [change.total_ms for change in changes],
        [change.message for change in changes],
        ["{" + ",".join(map(str, change.survivors)) + "}" for change in changes],
    )


async def list_open(tx: Transaction, job_id: int, step_id: int) -> list[Key]:
    """Return (task id, host id) of a step's unfinished tasks whose order was sent."""
    rows = await (await raw(tx)).fetch(
        with_statuses("""
        SELECT id, host_id FROM task WHERE job_id = $1 AND step_id = $2 AND status IN (<task.OPEN>)
        AND sent_at IS NOT NULL ORDER BY ordinal
        """),
        job_id,
        step_id,
    )
    return [(row[0], row[1]) for row in rows]


async def list_unfinished(
    tx: Transaction, job_id: int, step_id: int, attempt: int, last_batch: int | None
) -> list[tuple[int, bool]]:
    """Return (task id, whether its order was sent) of a step's unfinished tasks of one attempt.

    Args:
        last_batch: Up to this batch; None for all.
    """
    rows = await (await raw(tx)).fetch(
        with_statuses("""
        SELECT id, sent_at IS NOT NULL FROM task
        WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND status IN (<task.OPEN>)
        AND batch <= coalesce($4, batch)
        """),
        job_id,
        step_id,
        attempt,
        last_batch,
    )
    return [(row[0], row[1]) for row in rows]


async def list_jobs_of_host(tx: Transaction, host_id: int) -> list[int]:
    """Return ids of jobs with an unfinished task on a host."""
    rows = await (await raw(tx)).fetch(
        with_statuses("SELECT DISTINCT job_id FROM task WHERE host_id = $1 AND status IN (<task.OPEN>)"), host_id
    )
    return [row[0] for row in rows]


async def list_open_of_hosts(
    tx: Transaction, host_ids: Sequence[int], sent_before: int
) -> list[tuple[int, int, int, bool]]:
    """Return (host id, job id, task id, whether its step is being stopped) of tasks that hosts took over or must end.

    Args:
        sent_before: Only tasks whose order first left before this (epoch ms); newer ones may be on their way.
    """
    rows = await (await raw(tx)).fetch(
        with_statuses("""
        SELECT t.host_id, t.job_id, t.id, s.status = <run.STOPPING>
        FROM task t JOIN step s ON s.job_id = t.job_id AND s.id = t.step_id
        WHERE t.host_id = ANY($1) AND t.status IN (<task.OPEN>) AND t.sent_at < $2
        AND (t.status = <task.RUNNING> OR s.status = <run.STOPPING>)
        """),
        list(host_ids),
        sent_before,
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]
