"""The partitions of run data: made ahead of time, dropped as a whole when their window is over."""

from collections.abc import Collection

import sqlalchemy as sa

from jobfleet.model.job_id import DAY_MS, span_bounds, span_end_ms, span_of, span_of_job
from jobfleet.store import history_counts
from jobfleet.store.database import Transaction
from jobfleet.store.locks import AdvisoryLock, wait_for

VARIABLE_TABLES = ("job_variable", "step_variables", "task_variables")
HISTORY_TABLES = ("job", "step", "batch", "target", "task", "event", "step_file", *VARIABLE_TABLES)
OUTPUT_TABLES = ("output_chunk", "output_blob", "output_hash")
SPANS_AHEAD = 2
PATIENCE_MS = 500
"""How long dropping waits for a table: everybody who comes meanwhile waits behind it. PostgreSQL looks for
deadlocks after a second, so that of two that wait for each other it is always this one that gives way."""

_PARTITIONS = """
SELECT child.relname FROM pg_inherits
JOIN pg_class parent ON parent.oid = inhparent JOIN pg_class child ON child.oid = inhrelid
WHERE parent.oid = to_regclass(:table)
"""


async def ensure(tx: Transaction, now: int) -> None:
    """Make the partitions for `now` (epoch ms) and SPANS_AHEAD spans after it, where they are missing."""
    await wait_for(tx, AdvisoryLock.PARTITIONS)
    for table in (*HISTORY_TABLES, *OUTPUT_TABLES):
        existing = await _names(tx, table)
        for span in range(span_of(now), span_of(now) + SPANS_AHEAD + 1):
            if _name(table, span) not in existing:
                await _create(tx, table, span)


async def drop_expired(tx: Transaction, now: int, *, history_days: int, output_days: int) -> list[str]:
    """Drop the partitions of history and of output that are older than their windows; return their names.

    Raises:
        UnavailableError: By the end of the transaction, when somebody uses the tables for too long; try again later.
    """
    await wait_for(tx, AdvisoryLock.PARTITIONS)
    await tx.execute(sa.text(f"SET LOCAL lock_timeout = {PATIENCE_MS}"))
    windows = dict.fromkeys(HISTORY_TABLES, history_days) | dict.fromkeys(OUTPUT_TABLES, output_days)
    dropped = []
    for table, days in windows.items():
        for name in sorted(await _names(tx, table)):
            if span_end_ms(int(name.rsplit("_s", 1)[1])) + days * DAY_MS <= now:
                await tx.execute(sa.text(f"DROP TABLE {name}"))
                dropped.append(name)
    if gone := [int(name.rsplit("_s", 1)[1]) for name in dropped if name.startswith("job_s")]:
        await history_counts.forget_before(tx, span_end_ms(max(gone)) // DAY_MS)
    return dropped


async def list_without_output(tx: Transaction, job_ids: Collection[int]) -> set[int]:
    """Return those of the jobs for whose output there is no place any more."""
    names = {_name("output_chunk", span_of_job(job_id)) for job_id in job_ids}
    query = sa.text("SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE to_regclass(name) IS NULL")
    missing = set((await tx.execute(query, {"names": list(names)})).scalars())
    return {job_id for job_id in job_ids if _name("output_chunk", span_of_job(job_id)) in missing}


async def _names(tx: Transaction, table: str) -> set[str]:
    return set((await tx.execute(sa.text(_PARTITIONS), {"table": table})).scalars())


async def _create(tx: Transaction, table: str, span: int) -> None:
    # Attached, not created in its place: that would wait for everybody who reads the table, and all others for it.
    name, (first, after) = _name(table, span), span_bounds(span)
    await tx.execute(
        sa.text(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)")
    )
    await tx.execute(sa.text(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({after})"))


def _name(table: str, span: int) -> str:
    return f"{table}_s{span}"
