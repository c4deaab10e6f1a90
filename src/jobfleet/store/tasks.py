"""Queries over tasks: one step on one host in one attempt. Bulk work goes through unnest."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from jobfleet.model.container import Container
from jobfleet.model.job import Task
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import Target
from jobfleet.store.database import Transaction, raw

_STATUS = {int(status): status for status in TaskStatus}
"""Statuses by number: a look-up costs a tenth of calling the enumeration, and large jobs need many."""

Key = tuple[int, int]
"""Names a task or a step: (job id, its own id)."""


class ClaimedTask(msgspec.Struct, frozen=True):
    """Name a task that this server has taken to send to its host; `sent_before` when an order left earlier.

    `ordinal` is below 0 for a source of files; a host id of 0 is the server itself. It is given up after
    `deadline_at` (epoch ms).
    """

    id: int
    host_id: int
    attempt: int
    batch: int
    sent_before: bool
    ordinal: int
    deadline_at: int = 0


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


class ClaimTerms(msgspec.Struct, frozen=True):
    """Say on what terms tasks are taken to be sent.

    `first_batch` to `batch` are the batches that may start, 0 for a step that does not roll; `lease_ms` is how long
    other servers leave the tasks alone, `patience_ms` how long from `now` (epoch ms) they may take before they are
    given up, and `own_patience_ms` those of the server itself.
    """

    attempt: int
    batch: int
    now: int
    lease_ms: int
    patience_ms: int
    limit: int
    has_sources: bool = False
    first_batch: int = 0
    own_patience_ms: int = 0


async def claim_unsent(tx: Transaction, job_id: int, step_id: int, terms: ClaimTerms) -> list[ClaimedTask]:
    """Take tasks of a running step whose order must be sent (again); other servers leave them alone meanwhile.

    The step must be held, so that nobody stops it between its tasks being counted and being taken. Targets of files
    are not taken while a source is unfinished, nor after the server could not fetch them, and tasks that an earlier
    attempt never sent are not taken any more.
    """
    # An array is made once; PostgreSQL may run the select of an IN anew for every row, with a limit and locks in it.
    rows = await (await raw(tx)).fetch(
        """
        UPDATE task SET sent_at = coalesce(sent_at, $3), lease_until = $4,
                        deadline_at = coalesce(deadline_at, CASE WHEN host_id = 0 THEN $10::bigint ELSE $5 END)
        WHERE job_id = $1 AND id = ANY(ARRAY(
            SELECT id FROM task WHERE job_id = $1 AND step_id = $2 AND attempt = $7 AND status = 5
            AND (lease_until IS NULL OR lease_until <= $3) AND batch BETWEEN $11 AND $8 AND (ordinal < 0 OR NOT $9)
            ORDER BY ordinal LIMIT $6 FOR UPDATE SKIP LOCKED))
        RETURNING id, host_id, attempt, batch, sent_at < $3, ordinal, deadline_at
        """,
        job_id,
        step_id,
        terms.now,
        terms.now + terms.lease_ms,
        terms.now + terms.patience_ms,
        terms.limit,
        terms.attempt,
        terms.batch,
        terms.has_sources and await _is_held_up(tx, job_id, step_id, terms),
        terms.now + terms.own_patience_ms,
        terms.first_batch,
    )
    return [ClaimedTask(*row) for row in rows]


async def _is_held_up(tx: Transaction, job_id: int, step_id: int, terms: ClaimTerms) -> bool:
    """Tell whether sources still offer, or what the server itself was to fetch for these batches cannot be had."""
    query = """
        SELECT 1 FROM task WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND ordinal < 0
        AND batch BETWEEN $4 AND $5 AND (status IN (5, 7) OR (host_id = 0 AND status NOT IN (3, 9))) LIMIT 1
    """
    driver = await raw(tx)
    found = await driver.fetchval(query, job_id, step_id, terms.attempt, terms.first_batch, terms.batch)
    return found is not None


async def release(tx: Transaction, job_id: int, step_id: int, task_ids: Collection[int], until: int) -> None:
    """Take back that orders of a running step were sent, because nobody got them; they are sent again after `until`.

    Of a step that is being stopped nothing is taken back: it waits for what was sent.
    """
    driver = await raw(tx)
    running = await driver.fetchval(
        "SELECT true FROM step WHERE job_id = $1 AND id = $2 AND status = 2 FOR SHARE", job_id, step_id
    )
    if running:
        await driver.execute(
            """
            UPDATE task SET sent_at = NULL, deadline_at = NULL, lease_until = $3
            WHERE job_id = $1 AND id = ANY($2) AND status = 5
            """,
            job_id,
            list(task_ids),
            until,
        )


async def mark_running(tx: Transaction, job_id: int, accepted: Collection[int]) -> list[MovedTask]:
    """Note that agents took tasks over; those that moved on meanwhile stay as they are.

    The rows are locked in order of their ids, as in `lock_states`: the two meet on the same tasks.
    """
    rows = await (await raw(tx)).fetch(
        """
        UPDATE task SET status = 7 WHERE job_id = $1 AND id = ANY(ARRAY(
            SELECT id FROM task WHERE job_id = $1 AND id = ANY($2) AND status = 5 ORDER BY id FOR NO KEY UPDATE))
        RETURNING step_id, id
        """,
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
        (row[0], row[1]): TaskState(row[0], row[1], row[2], row[3], _STATUS[row[4]], row[5], row[6], row[7])
        for row in rows
    }


async def set_started(tx: Transaction, started: Sequence[tuple[int, int, int]]) -> list[MovedTask]:
    """Note the starts (job id, task id, epoch ms) of scripts; tasks that are over stay as they are.

    What is returned changed, if only in when it started.
    """
    rows = await (await raw(tx)).fetch(
        """
        UPDATE task t SET status = 7, started_at = w.at,
            deadline_at = CASE WHEN t.started_at IS NULL  -- told again, it must not be put off again
                THEN greatest(t.deadline_at, w.at + t.deadline_at - t.sent_at) ELSE t.deadline_at END
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (job_id, id, at),
             task old
        WHERE t.job_id = w.job_id AND t.id = w.id AND t.status IN (5, 7)
          AND old.job_id = t.job_id AND old.id = t.id
        RETURNING t.job_id, t.step_id, t.id, old.status, old.started_at IS NOT DISTINCT FROM t.started_at
        """,
        [one[0] for one in started],
        [one[1] for one in started],
        [one[2] for one in started],
    )
    return [
        MovedTask(row[0], row[1], row[2], _STATUS[row[3]], TaskStatus.RUNNING)
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
        """
        SELECT id, host_id FROM task WHERE job_id = $1 AND step_id = $2 AND status IN (5, 7) AND sent_at IS NOT NULL
        ORDER BY ordinal
        """,
        job_id,
        step_id,
    )
    return [(row[0], row[1]) for row in rows]


async def list_unfinished(tx: Transaction, job_id: int, step_id: int, attempt: int) -> list[tuple[int, bool]]:
    """Return (task id, whether its order was sent) of a step's unfinished tasks of one attempt."""
    rows = await (await raw(tx)).fetch(
        """
        SELECT id, sent_at IS NOT NULL FROM task
        WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND status IN (5, 7)
        """,
        job_id,
        step_id,
        attempt,
    )
    return [(row[0], row[1]) for row in rows]


async def list_jobs_of_host(tx: Transaction, host_id: int) -> list[int]:
    """Return ids of jobs with an unfinished task on a host."""
    rows = await (await raw(tx)).fetch(
        "SELECT DISTINCT job_id FROM task WHERE host_id = $1 AND status IN (5, 7)", host_id
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
        """
        SELECT t.host_id, t.job_id, t.id, s.status = 10
        FROM task t JOIN step s ON s.job_id = t.job_id AND s.id = t.step_id
        WHERE t.host_id = ANY($1) AND t.status IN (5, 7) AND t.sent_at < $2 AND (t.status = 7 OR s.status = 10)
        """,
        list(host_ids),
        sent_before,
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


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


_TASK_COLUMNS = """
    SELECT id, job_id, step_id, attempt, batch, log_task_id, status, tag, exit_code, error_code,
           started_at, ended_at, total_ms, output_bytes, message, survivors, ordinal
    FROM task
"""
_TARGET_COLUMNS = """
    SELECT ordinal, host_id, cloud_id, cloud_name, ip, ipv6, agent_id, os, alive, initial, container FROM target
"""


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
        status=_STATUS[row[6]],
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
        _STATUS[initial],
        None if container is None else msgspec.convert(container, Container),
    )
