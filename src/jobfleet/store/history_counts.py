"""Counts of the jobs of days that are over, so that long histories are counted without walking through them."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from jobfleet.model.history import JobFilter
from jobfleet.model.job_id import DAY_MS, FIRST_DAY, JOBS_A_DAY
from jobfleet.model.scope import Scope
from jobfleet.store import history_names
from jobfleet.store.database import Transaction
from jobfleet.store.locks import AdvisoryLock, wait_for
from jobfleet.store.tables import history_counts as counts
from jobfleet.store.tables import history_days as days

SETTLED_MS = 3_600_000
"""How long after its end a day is counted: whoever accepted a job in its last moment has committed by then."""

AT_ONCE = 30
"""Most days that are counted in one transaction."""

_COUNT = sa.text(
    f"""
    INSERT INTO history_count (scope_type, scope_id, day, operator, type, launch_mode, app_code, jobs)
    SELECT scope_type, scope_id, id / {JOBS_A_DAY} + {FIRST_DAY}, operator, type, launch_mode, app_code, count(*)
    FROM job
    WHERE id BETWEEN CAST(:first AS bigint) AND CAST(:last AS bigint)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    """  # noqa: S608 (our own numbers)
)


async def count_days(tx: Transaction, now: int, keep_days: int) -> bool:
    """Count the jobs of days of the last `keep_days` that are over, oldest first; tell whether there may be more."""
    await wait_for(tx, AdvisoryLock.HISTORY_COUNTS)
    run = _first_run(await _list_uncounted(tx, now, keep_days))
    if not run:
        return False
    first, last = ((day - FIRST_DAY) * JOBS_A_DAY for day in (run[0], run[-1] + 1))
    await tx.execute(_COUNT, {"first": first, "last": last - 1})
    await history_names.keep(tx, first, last - 1)
    await tx.execute(sa.insert(days), [{"day": day} for day in run])
    return True


async def _list_uncounted(tx: Transaction, now: int, keep_days: int) -> list[int]:
    last = (now - SETTLED_MS) // DAY_MS - 1
    known = set((await tx.execute(sa.select(days.c.day))).scalars())
    return [day for day in range(max(FIRST_DAY, last - keep_days + 1), last + 1) if day not in known]


def _first_run(found: list[int]) -> list[int]:
    """Return the first days that follow one another, AT_ONCE at most."""
    return [day for index, day in enumerate(found[:AT_ONCE]) if day == found[0] + index]


async def list_counted(tx: Transaction, wanted: JobFilter) -> list[int]:
    """Return the counted days that lie in the window of a filter, whole."""
    inside = days.c.day.between(-(-wanted.created_from // DAY_MS), (wanted.created_to + 1) // DAY_MS - 1)
    return list((await tx.execute(sa.select(days.c.day).where(inside))).scalars())


async def find_counts(
    tx: Transaction, scope: Scope | None, wanted: JobFilter, which: Collection[int]
) -> dict[int, int]:
    """Return how many jobs of counted days match operator, application, type and launch mode.

    Days without any are left out. Without a scope they are those of all.
    """
    query = (
        sa.select(counts.c.day, sa.func.sum(counts.c.jobs))
        .where(counts.c.day == sa.any_(sa.cast(list(which), ARRAY(sa.BigInteger))), *_narrowed(wanted))
        .group_by(counts.c.day)
    )
    if scope is not None:
        query = query.where(counts.c.scope_type == scope.type.value, counts.c.scope_id == scope.id)
    return {int(row[0]): int(row[1]) for row in await tx.execute(query)}


def _narrowed(wanted: JobFilter) -> list[sa.ColumnElement[bool]]:
    equal = {counts.c.type: wanted.type, counts.c.launch_mode: wanted.launch_mode}
    found = [column == sa.literal(value, sa.Integer) for column, value in equal.items() if value is not None]
    texts = {counts.c.operator: wanted.operator, counts.c.app_code: wanted.app_code}
    return found + [column == value for column, value in texts.items() if value]


async def forget_before(tx: Transaction, day: int) -> None:
    """Forget the counts and names of days before one; call it in the transaction that drops their jobs."""
    await tx.execute(sa.delete(counts).where(counts.c.day < day))
    await tx.execute(sa.delete(days).where(days.c.day < day))
    await history_names.forget_before(tx, day)
