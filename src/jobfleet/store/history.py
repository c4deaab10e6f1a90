"""Queries over past jobs, of a scope or (None) of all; a window of time keeps them to the partitions of its days."""

from collections.abc import Collection

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from jobfleet.model import job_id as job_ids
from jobfleet.model.history import JobFilter, JobPage, Stretch, skipped, stretches
from jobfleet.model.job import Job
from jobfleet.model.scope import Scope
from jobfleet.model.status import RunStatus
from jobfleet.store import history_counts, history_names
from jobfleet.store.database import Transaction
from jobfleet.store.jobs import NOT_SUCCEEDED, job_of
from jobfleet.store.tables import jobs, plans, schedule_fires, targets

Condition = sa.ColumnElement[bool]
_BROKEN = (int(RunStatus.FAILED), int(RunStatus.ABNORMAL), int(RunStatus.IGNORED))


async def list_jobs(tx: Transaction, scope: Scope | None, wanted: JobFilter, *, start: int, length: int) -> JobPage:
    """Return a page of the jobs that match, newest first, and how many match.

    Days that are over are counted already by what most filters ask for: of a long history only its ends, and the day
    on which the page begins, are walked through.
    """
    if not (wanted.is_counted or _is_of_successes(wanted)):
        names = await _names(tx, scope, wanted) if wanted.name and wanted.job_id is None else None
        total = await _count(tx, scope, wanted, names=names)
        return await _page(tx, scope, wanted, Slice(total, start, length), names)
    parts = await (_parts(tx, scope, wanted) if wanted.is_counted else _successes(tx, scope, wanted))
    counts = [count for _, count in parts]
    index, left = skipped(counts, start)
    since = parts[index][0].last if index < len(parts) else wanted.created_from
    rest = msgspec.structs.replace(wanted, created_to=since)
    return await _page(tx, scope, rest, Slice(sum(counts), left, length if index < len(parts) else 0))


class HourCount(msgspec.Struct, frozen=True):
    """Count the jobs that were created from `at` (epoch ms) on, and those of them that failed."""

    at: int
    jobs: int
    failed: int


class Slice(msgspec.Struct, frozen=True):
    """Say which of the jobs that match are shown: `length` of them after `start` others; `total` match."""

    total: int
    start: int
    length: int


async def _names(tx: Transaction, scope: Scope | None, wanted: JobFilter) -> list[str] | None:
    """Return all names that jobs of a window have and that hold what is asked for; None when they are too many.

    Those of days that are counted are kept; those of the window's ends, and of today, are read from the jobs.
    """
    kept = await history_names.find_holding(tx, scope, wanted.name)
    if kept is None:
        return None
    parts = stretches(wanted.created_from, wanted.created_to, await history_counts.list_counted(tx, wanted))
    found = set(kept)
    for part in [part for part in parts if part.day is None]:
        within = JobFilter(part.first, part.last, name=wanted.name)
        query = sa.select(jobs.c.name).where(*_matching(scope, within)).distinct()
        found |= set((await tx.execute(query.limit(history_names.MOST_NAMES + 1))).scalars())
    return sorted(found) if len(found) <= history_names.MOST_NAMES else None


async def _page(
    tx: Transaction, scope: Scope | None, wanted: JobFilter, shown: Slice, names: list[str] | None = None
) -> JobPage:
    if not shown.length:
        return JobPage(shown.total, ())
    # Ids follow time; only those of a scope have an index by the time itself.
    newest_first = [jobs.c.id.desc()] if scope is None else [jobs.c.created_at.desc(), jobs.c.id.desc()]
    query = sa.select(jobs).where(*_matching(scope, wanted, names)).order_by(*newest_first)
    found = tuple(job_of(row) for row in await tx.execute(query.offset(shown.start).limit(shown.length)))
    return JobPage(shown.total, found, await _templates(tx, {job.plan_id for job in found}))


def _is_of_successes(wanted: JobFilter) -> bool:
    return wanted.status == RunStatus.SUCCEEDED and msgspec.structs.replace(wanted, status=None).is_counted


async def _successes(tx: Transaction, scope: Scope | None, wanted: JobFilter) -> list[tuple[Stretch, int]]:
    """Return `_parts` for jobs that succeeded: all of a part without the others, which are few and have an index."""
    whole = msgspec.structs.replace(wanted, status=None)
    parts = await _parts(tx, scope, whole)
    begins = sa.cast([part.first for part, _ in reversed(parts)], ARRAY(sa.BigInteger))
    at: sa.ColumnElement[int] = sa.func.width_bucket(jobs.c.created_at, begins).label("at")
    query = sa.select(at, sa.func.count()).where(*_matching(scope, whole), NOT_SUCCEEDED).group_by(at)
    others = {len(parts) - int(row[0]): int(row[1]) for row in await tx.execute(query)}
    return [(part, max(0, count - others.get(index, 0))) for index, (part, count) in enumerate(parts)]


async def _parts(tx: Transaction, scope: Scope | None, wanted: JobFilter) -> list[tuple[Stretch, int]]:
    """Return the window of a filter in parts, newest first, and how many jobs match in each."""
    parts = stretches(wanted.created_from, wanted.created_to, await history_counts.list_counted(tx, wanted))
    days = [part.day for part in parts if part.day is not None]
    known = await history_counts.find_counts(tx, scope, wanted, days) if days else {}
    return [
        (part, await _count(tx, scope, _within(wanted, part)) if part.day is None else known.get(part.day, 0))
        for part in parts
    ]


def _within(wanted: JobFilter, part: Stretch) -> JobFilter:
    return msgspec.structs.replace(wanted, created_from=part.first, created_to=part.last)


async def _count(tx: Transaction, scope: Scope | None, wanted: JobFilter, *, names: list[str] | None = None) -> int:
    query = sa.select(sa.func.count()).select_from(jobs).where(*_matching(scope, wanted, names))
    return int((await tx.execute(query)).scalar_one())


def _matching(scope: Scope | None, wanted: JobFilter, names: list[str] | None = None) -> list[Condition]:
    """Return the conditions of a filter; `names` are all that hold the text it asks for, where these are known."""
    found = [_of_scope(scope), *_conditions(wanted)]
    if wanted.name and wanted.job_id is None:
        found.append(_named(wanted.name) if names is None else jobs.c.name == sa.any_(sa.cast(names, ARRAY(sa.Text))))
    if wanted.ip and wanted.job_id is None:
        found.append(jobs.c.id.in_(_jobs_on(wanted)))
    return found


def _named(text: str) -> Condition:
    return jobs.c.name.icontains(text, autoescape=True)


def _of_scope(scope: Scope | None) -> Condition:
    if scope is None:
        return sa.true()
    return sa.and_(jobs.c.scope_type == scope.type.value, jobs.c.scope_id == scope.id)


def _conditions(wanted: JobFilter) -> list[Condition]:
    if wanted.job_id is not None:
        return [jobs.c.id == wanted.job_id]
    first, last = job_ids.bounds(wanted.created_from, wanted.created_to)
    found: list[Condition] = [
        jobs.c.id.between(first, last),
        jobs.c.created_at.between(wanted.created_from, wanted.created_to),
    ]
    equal = {
        jobs.c.operator: wanted.operator or None,
        jobs.c.app_code: wanted.app_code or None,
        jobs.c.launch_mode: wanted.launch_mode,
        jobs.c.type: wanted.type,
        jobs.c.status: wanted.status,
        jobs.c.plan_id: wanted.plan_id,
    }
    found += [column == _whole(value) for column, value in equal.items() if value is not None]
    if wanted.statuses:
        found.append(jobs.c.status.in_(wanted.statuses))
    if wanted.status not in {None, RunStatus.SUCCEEDED} or (
        wanted.statuses and RunStatus.SUCCEEDED not in wanted.statuses
    ):
        found.append(NOT_SUCCEEDED)  # says that the index of those that did not succeed has all that is asked for
    if wanted.schedule_id is not None:
        fired = sa.select(schedule_fires.c.job_id).where(
            schedule_fires.c.schedule_id == wanted.schedule_id, schedule_fires.c.job_id.between(first, last)
        )
        found.append(jobs.c.id.in_(fired))
    return found


async def count_by_hour(tx: Transaction, scope: Scope | None, wanted: JobFilter, bucket_ms: int) -> list[HourCount]:
    """Return how many jobs match in each span of `bucket_ms`, oldest first; spans without any are left out."""
    # A constant, so that the database sees one expression where it is grouped by and where it is shown.
    at: sa.ColumnElement[int] = sa.literal_column(f"job.created_at / {int(bucket_ms)} * {int(bucket_ms)}")
    failed = sa.func.count().filter(jobs.c.status.in_(_BROKEN))
    query = sa.select(at, sa.func.count(), failed).where(*_matching(scope, wanted)).group_by(at).order_by(at)
    return [HourCount(int(row[0]), int(row[1]), int(row[2])) for row in await tx.execute(query)]


def _whole(value: str | int) -> sa.BindParameter[str] | sa.BindParameter[int]:
    """Return a value to compare with; a number may be larger than any that the column holds."""
    return sa.literal(value, sa.Integer) if isinstance(value, int) else sa.literal(value)


def _jobs_on(wanted: JobFilter) -> sa.Select[tuple[int]]:
    """Return the query for the jobs of a window that had a target with an address, which is looked up once."""
    address = targets.c.ipv6 if ":" in wanted.ip else targets.c.ip
    between = targets.c.job_id.between(*job_ids.bounds(wanted.created_from, wanted.created_to))
    hit = sa.select(targets.c.job_id).where(address == wanted.ip, between, targets.c.ordinal >= 0).distinct()
    return sa.select(hit.cte("hit").prefix_with("MATERIALIZED").c.job_id)


async def usual_times(tx: Transaction, like: Job, since: int, most_jobs: int) -> list[int]:
    """Return how long jobs like one took that succeeded, milliseconds, newest first.

    Alike are those of the same plan, else those of the same type and name. Only the newest `most_jobs` of the scope
    that were created from `since` (epoch ms) on are looked at, so that a long history costs no more than a short one.
    """
    first, _ = job_ids.bounds(since, like.created_at)
    newest = (
        sa.select(jobs.c.name, jobs.c.type, jobs.c.plan_id, jobs.c.status, jobs.c.total_ms)
        .where(_of_scope(like.scope), jobs.c.created_at >= since, jobs.c.id >= first)
        .order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
        .limit(most_jobs)
        .subquery()
    )
    alike = newest.c.plan_id == like.plan_id if like.plan_id > 0 else newest.c.name == like.name
    query = sa.select(newest.c.total_ms).where(
        alike,
        newest.c.type == int(like.type),
        newest.c.status == int(RunStatus.SUCCEEDED),
        newest.c.total_ms.is_not(None),
    )
    return [int(took) for took in (await tx.execute(query)).scalars()]


async def _templates(tx: Transaction, plan_ids: Collection[int]) -> dict[int, int]:
    query = sa.select(plans.c.id, plans.c.template_id).where(plans.c.id.in_(plan_ids))
    return {row.id: row.template_id for row in await tx.execute(query)} if plan_ids else {}
