"""Queries over what happens now: who reads it keeps a cursor, and misses nothing whoever commits first."""

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa

from jobfleet.model.cursor import Cursor, parse_cursor
from jobfleet.model.scope import Scope
from jobfleet.store.database import Transaction, raw
from jobfleet.store.statuses import with_statuses


class Change(msgspec.Struct, frozen=True):
    """Name a change that happened since a cursor; `task_ids` are those of a step that changed alike."""

    job_id: int
    kind: str
    step_id: int | None
    task_ids: tuple[int, ...]
    from_status: int | None
    to_status: int | None


async def begin_look(tx: Transaction) -> Cursor:
    """Have a transaction, with its first statement, see the record as of one moment; return the moment's cursor."""
    await tx.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    # Cheap by its index whatever the statistics say, and those of a day that has just begun say nothing.
    await tx.execute(sa.text("SET LOCAL enable_seqscan = off"))
    text = str((await tx.execute(sa.text("SELECT pg_current_snapshot()::text"))).scalar_one())
    found = parse_cursor(text)
    if found is None:
        raise ValueError(f"no snapshot: {text}")
    return found


async def list_since(tx: Transaction, cursor: Cursor, limit: int) -> list[Change]:
    """Return what happened since a cursor, `limit` changes at most, in the order of the transactions.

    Old events, from before their transactions were noted, happened before every cursor.
    """
    rows = await (await raw(tx)).fetch(
        """
        SELECT job_id, kind, step_id, task_ids, from_status, to_status FROM event
        WHERE tx >= $1::text::xid8 AND NOT pg_visible_in_snapshot(tx, $2::text::pg_snapshot)
        ORDER BY tx, id LIMIT $3
        """,
        str(cursor.oldest),
        cursor.text,
        limit,
    )
    return [Change(row[0], row[1], row[2], tuple(row[3] or ()), row[4], row[5]) for row in rows]


class OutputSize(msgspec.Struct, frozen=True):
    """Say how much output of a task is stored, and whether the task is over."""

    job_id: int
    task_id: int
    output_bytes: int
    ended: bool


async def list_output_sizes(tx: Transaction, wanted: Collection[tuple[int, int]]) -> list[OutputSize]:
    """Return how much output tasks, named by job id and id, have so far; those that do not exist are left out."""
    rows = await (await raw(tx)).fetch(
        with_statuses("""
        SELECT t.job_id, t.id, t.output_bytes, t.status NOT IN (<task.OPEN>)
        FROM unnest($1::bigint[], $2::bigint[]) AS w (job_id, id)
        JOIN task t ON t.job_id = w.job_id AND t.id = w.id
        """),
        [one[0] for one in wanted],
        [one[1] for one in wanted],
    )
    return [OutputSize(*row) for row in rows]


class StepOutput(msgspec.Struct, frozen=True):
    """Say how much hosts of a step, sources too, have told in all attempts, and how many of them are over."""

    output_bytes: int
    ended: int


async def step_output(tx: Transaction, job_id: int, step_id: int) -> StepOutput | None:
    """Return how much the tasks of a step have told so far; None for a step without any."""
    row = await (await raw(tx)).fetchrow(
        with_statuses("""
        SELECT sum(output_bytes)::bigint, count(*) FILTER (WHERE status NOT IN (<task.OPEN>)) FROM task
        WHERE job_id = $1 AND step_id = $2
        """),
        job_id,
        step_id,
    )
    return None if row is None or row[0] is None else StepOutput(int(row[0]), int(row[1]))


async def count_ended_since(tx: Transaction, job_id: int, step_id: int, since: int) -> int:
    """Count the tasks of a step that ended since a moment (epoch ms), by the clock of the servers."""
    counted = await (await raw(tx)).fetchval(
        with_statuses("""
        SELECT coalesce(sum(cardinality(task_ids)), 0) FROM event
        WHERE job_id = $1 AND step_id = $2 AND at >= $3 AND kind = 'task moved' AND to_status <> <task.RUNNING>
        """),
        job_id,
        step_id,
        since,
    )
    return int(counted)


class Asked(msgspec.Struct, frozen=True):
    """Say who asked for something, and when (epoch ms)."""

    by: str
    at: int


async def find_termination(tx: Transaction, job_id: int) -> Asked | None:
    """Return who asked last for a job to be terminated."""
    row: Any = await (await raw(tx)).fetchrow(
        with_statuses("""
        SELECT actor, at FROM event WHERE job_id = $1 AND kind = 'job moved' AND to_status = <run.STOPPING>
        ORDER BY id DESC LIMIT 1
        """),
        job_id,
    )
    return None if row is None else Asked(row[0], row[1])


class Provenance(msgspec.Struct, frozen=True):
    """Name the plan, its template and the schedule that a job comes from; "" and None without one.

    `approved_by` is the second person who let it start.
    """

    plan_name: str = ""
    template_id: int | None = None
    schedule_id: int | None = None
    schedule_name: str = ""
    approved_by: str = ""


async def find_provenance(tx: Transaction, job_id: int, plan_id: int) -> Provenance:
    """Return what a job comes from; a plan or schedule that is deleted has no name any more."""
    row: Any = await (await raw(tx)).fetchrow(
        """
        SELECT (SELECT name FROM plan WHERE id = $2), (SELECT template_id FROM plan WHERE id = $2), f.schedule_id,
               (SELECT name FROM schedule WHERE id = f.schedule_id),
               (SELECT decided_by FROM start_request WHERE start_request.job_id = $1)
        FROM (SELECT 1) one LEFT JOIN schedule_fire f ON f.job_id = $1
        """,
        job_id,
        plan_id,
    )
    return Provenance(row[0] or "", row[1], row[2], row[3] or "", row[4] or "")


async def count_unfinished(tx: Transaction, scope: Scope) -> tuple[int, int]:
    """Count the jobs of a scope that run or are being stopped, and those that wait for a person or a batch."""
    row: Any = await (await raw(tx)).fetchrow(
        with_statuses("""
        SELECT count(*) FILTER (WHERE status <> <run.WAITING>), count(*) FILTER (WHERE status = <run.WAITING>) FROM job
        WHERE scope_type = $1 AND scope_id = $2 AND status <> <run.SUCCEEDED>
        AND status IN (<run.RUNNING>, <run.WAITING>, <run.STOPPING>, <run.BETWEEN_BATCHES>)
        """),
        scope.type.value,
        scope.id,
    )
    return int(row[0]), int(row[1])
