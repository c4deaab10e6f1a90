"""What the database can tell of how the installation is: sizes, queues, lags."""

import msgspec
import sqlalchemy as sa

from jobfleet.model.job_id import DAY_MS, span_end_ms
from jobfleet.model.status import RunStatus
from jobfleet.store.database import Transaction
from jobfleet.store.partitions import HISTORY_TABLES, OUTPUT_TABLES
from jobfleet.store.tables import callbacks, jobs, notifications, schedules, steps

AT_WORK = (int(RunStatus.PENDING), int(RunStatus.RUNNING), int(RunStatus.STOPPING))
"""What `count_running` counts; lists of runs find the same by these."""


class DatabaseHealth(msgspec.Struct, frozen=True):
    """Tell of the database: its version, how large it is, and how many connections it has and may have."""

    version: str
    size_bytes: int
    connections: int
    max_connections: int


class Queue(msgspec.Struct, frozen=True):
    """Tell of a queue: how much waits, how much of it is due, and since when (epoch ms) the first of it is due."""

    name: str
    waiting: int
    due: int
    due_since: int | None


class Delivered(msgspec.Struct, frozen=True):
    """Tell what became of messages within a day."""

    delivered: int
    given_up: int


class Retained(msgspec.Struct, frozen=True):
    """Tell of a kind of run data: its partitions, their size, and from when to when (epoch ms) they reach.

    `next_drop_at` is when the oldest of them is due to be dropped.
    """

    kind: str
    keep_days: int
    partitions: int
    size_bytes: int
    since: int | None
    until: int | None
    next_drop_at: int | None


async def database(tx: Transaction) -> DatabaseHealth:
    """Return how the database is."""
    query = sa.text(
        "SELECT current_setting('server_version'), pg_database_size(current_database()), "
        "(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'), "
        "CAST(current_setting('max_connections') AS int)"
    )
    return DatabaseHealth(*(await tx.execute(query)).one())


async def queues(tx: Transaction, now: int) -> list[Queue]:
    """Return the queues that servers work on."""
    is_mail = notifications.c.receiver != ""
    return [
        await _queue(tx, "jobs", jobs.c.look_at, now),
        await _queue(tx, "schedules", schedules.c.look_at, now, schedules.c.enabled),
        await _queue(tx, "callbacks", callbacks.c.due_at, now),
        await _queue(tx, "hooks", notifications.c.due_at, now, sa.not_(is_mail)),
        await _queue(tx, "mails", notifications.c.due_at, now, is_mail),
    ]


async def _queue(tx: Transaction, name: str, due: sa.Column[int], now: int, *more: sa.ColumnElement[bool]) -> Queue:
    first = sa.func.min(due).filter(due <= now)
    query = sa.select(sa.func.count(), sa.func.count().filter(due <= now), first)
    return Queue(name, *(await tx.execute(query.where(due.is_not(None), *more))).one())


async def deliveries(tx: Transaction, since: int) -> dict[str, Delivered]:
    """Return what became of callbacks, hooks' messages and mails that ended after a moment (epoch ms)."""
    is_mail = notifications.c.receiver != ""
    return {
        "callbacks": await _delivered(tx, callbacks, since),
        "hooks": await _delivered(tx, notifications, since, sa.not_(is_mail)),
        "mails": await _delivered(tx, notifications, since, is_mail),
    }


async def _delivered(tx: Transaction, table: sa.Table, since: int, *more: sa.ColumnElement[bool]) -> Delivered:
    told = table.c.delivered
    query = sa.select(sa.func.count().filter(told), sa.func.count().filter(sa.not_(told)))
    return Delivered(*(await tx.execute(query.where(table.c.ended_at >= since, *more))).one())


async def count_running(tx: Transaction) -> tuple[int, int]:
    """Return how many jobs are at work or about to be, and how many hosts are awaited by their steps that run."""
    # Servers look at each of them: that index is the small one.
    unfinished = sa.select(jobs.c.id).where(jobs.c.look_at.is_not(None), jobs.c.status.in_(AT_WORK))
    count = (await tx.execute(sa.select(sa.func.count()).select_from(unfinished.subquery()))).scalar_one()
    waited = sa.select(sa.func.coalesce(sa.func.sum(steps.c.open_count), 0)).where(
        steps.c.job_id.in_(unfinished), steps.c.status.in_([int(RunStatus.RUNNING), int(RunStatus.STOPPING)])
    )
    return int(count), int((await tx.execute(waited)).scalar_one())


async def retention(tx: Transaction, *, history_days: int, output_days: int) -> list[Retained]:
    """Return how much of the history and of the output is kept."""
    return [
        await _retained(tx, "history", HISTORY_TABLES, history_days),
        await _retained(tx, "output", OUTPUT_TABLES, output_days),
    ]


_SIZES = sa.text(
    """
    SELECT child.relname, pg_total_relation_size(child.oid) FROM pg_inherits
    JOIN pg_class parent ON parent.oid = inhparent JOIN pg_class child ON child.oid = inhrelid
    WHERE parent.relname = ANY(CAST(:tables AS text[]))
    """
)


async def _retained(tx: Transaction, kind: str, tables: tuple[str, ...], keep_days: int) -> Retained:
    rows = (await tx.execute(_SIZES, {"tables": list(tables)})).all()
    spans = sorted({int(row[0].rsplit("_s", 1)[1]) for row in rows})
    since = span_end_ms(spans[0] - 1) if spans else None
    until = span_end_ms(spans[-1]) if spans else None
    drop_at = span_end_ms(spans[0]) + keep_days * DAY_MS if spans else None
    return Retained(kind, keep_days, len(rows), sum(row[1] for row in rows), since, until, drop_at)
