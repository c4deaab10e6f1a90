"""What ran, counted: exact numbers from the counts of days that are over, and bounded looks at the newest runs."""

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from jobfleet.model.analytics import FailingHost, HostNames, RunCount, SlowPlan, SlowRun, StatusCount
from jobfleet.model.job_id import FIRST_DAY, JOBS_A_DAY
from jobfleet.model.scope import Scope, ScopeType, scope_text
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.store.database import Transaction
from jobfleet.store.tables import history_counts, history_days, hosts, jobs, plans, tasks

SAMPLE = 5_000
"""So many of the newest runs are looked at for what nobody counts: applications, durations, plans."""

FAILED_SAMPLE = 200
FAILED_TASKS = 100_000
"""So many of the newest runs that failed, and of their hosts, are looked at for hosts that fail."""

SHOWN = 10
_FINE = [int(status) for status in (TaskStatus.SUCCEEDED_BEFORE, TaskStatus.WAITING, TaskStatus.RUNNING)]
_FINE.append(int(TaskStatus.SUCCEEDED))


_DAY: sa.ColumnElement[int] = sa.literal_column(f"job.id / {JOBS_A_DAY} + {FIRST_DAY}", sa.BigInteger)


class Window(msgspec.Struct, frozen=True):
    """Say which days are looked at, counted since the epoch, both inclusive, and in which scope; None for all."""

    first: int
    last: int
    scope: Scope | None

    @property
    def ids(self) -> tuple[int, int]:
        """Return the lowest and the highest id of jobs of these days."""
        return (self.first - FIRST_DAY) * JOBS_A_DAY, (self.last - FIRST_DAY + 1) * JOBS_A_DAY - 1


async def list_counted_days(tx: Transaction, window: Window) -> set[int]:
    """Return the days of a window that are over and counted."""
    query = sa.select(history_days.c.day).where(history_days.c.day.between(window.first, window.last))
    return set((await tx.execute(query)).scalars())


async def counted_runs(tx: Transaction, window: Window, days: Collection[int]) -> list[RunCount]:
    """Return how many jobs ran on days that are counted, by day, operator, kind and launch mode."""
    columns = [history_counts.c[name] for name in ("day", "operator", "type", "launch_mode")]
    chosen = history_counts.c.day == sa.any_(sa.cast(list(days), ARRAY(sa.BigInteger)))
    query = sa.select(*columns, sa.cast(sa.func.sum(history_counts.c.jobs), sa.BigInteger)).group_by(*columns)
    found = await tx.execute(query.where(chosen, *_of(history_counts, window)))
    return [RunCount(row[0], row[1], row[2], row[3], row[4]) for row in found]


async def fresh_runs(tx: Transaction, window: Window, days: Collection[int]) -> list[RunCount]:
    """Return the same of days that are not counted yet: today, as a rule."""
    spans = [jobs.c.id.between(*Window(day, day, None).ids) for day in days]
    if not spans:
        return []
    columns = [_DAY, jobs.c.operator, jobs.c.type, jobs.c.launch_mode]
    query = sa.select(*columns, sa.func.count()).where(sa.or_(*spans), *_of(jobs, window)).group_by(*columns)
    return [RunCount(row[0], row[1], row[2], row[3], row[4]) for row in await tx.execute(query)]


async def statuses(tx: Transaction, window: Window) -> list[StatusCount]:
    """Return how many jobs of each day have a status other than «succeeded»."""
    not_succeeded = jobs.c.status != sa.literal_column(str(int(RunStatus.SUCCEEDED)))
    query = sa.select(_DAY, jobs.c.status, sa.func.count()).group_by(_DAY, jobs.c.status)
    found = await tx.execute(query.where(jobs.c.id.between(*window.ids), not_succeeded, *_of(jobs, window)))
    return [StatusCount(*row) for row in found]


async def newest(tx: Transaction, window: Window) -> tuple[int, list[tuple[str, int]], list[SlowRun], list[SlowPlan]]:
    """Return of the newest SAMPLE runs how many there are, how many each application started, and what took longest.

    Of plans the median of their runs counts.
    """
    sample = _sample(window).cte("sample").prefix_with("MATERIALIZED")
    total = (await tx.execute(sa.select(sa.func.count()).select_from(sample))).scalar_one()
    by_app = sa.select(sample.c.app_code, sa.func.count()).group_by(sample.c.app_code)
    slow = sa.select(sample).where(sample.c.total_ms.is_not(None)).order_by(sample.c.total_ms.desc()).limit(SHOWN)
    median = sa.func.percentile_cont(0.5).within_group(sample.c.total_ms)
    whose = [sample.c[name] for name in ("scope_type", "scope_id", "plan_id")]
    by_plan = (
        sa.select(*whose, plans.c.template_id, plans.c.name, sa.func.count(), sa.cast(median, sa.BigInteger))
        .join(plans, plans.c.id == sample.c.plan_id)
        .where(sample.c.total_ms.is_not(None), sa.not_(plans.c.debug))
        .group_by(*whose, plans.c.template_id, plans.c.name)
        .order_by(median.desc())
        .limit(SHOWN)
    )
    apps = [(str(row[0]), int(row[1])) for row in await tx.execute(by_app.order_by(sa.func.count().desc()))]
    runs = [_slow_run(row) for row in await tx.execute(slow)]
    longest = [_slow_plan(row) for row in await tx.execute(by_plan)]
    return int(total), apps, runs, longest


async def failing_hosts(tx: Transaction, window: Window) -> tuple[int, bool, list[FailingHost]]:
    """Return the hosts that failed in most of the newest runs that failed.

    Before them stand how many runs were looked at, and whether all of their hosts were.
    """
    ids = list((await tx.execute(_failed(window))).scalars())
    failed = (
        sa.select(tasks.c.host_id, tasks.c.job_id)
        .where(
            tasks.c.job_id == sa.any_(sa.cast(ids, ARRAY(sa.BigInteger))),
            tasks.c.ordinal >= 0,
            tasks.c.host_id > 0,
            tasks.c.status.not_in(_FINE),
        )
        .limit(FAILED_TASKS)
        .cte("failed")
        .prefix_with("MATERIALIZED")
    )
    looked = (await tx.execute(sa.select(sa.func.count()).select_from(failed))).scalar_one()
    count = sa.func.count(failed.c.job_id.distinct())
    query = sa.select(failed.c.host_id, count, sa.func.max(failed.c.job_id)).group_by(failed.c.host_id)
    rows = (await tx.execute(query.order_by(count.desc(), failed.c.host_id).limit(SHOWN))).all()
    names = await _hosts(tx, [row.host_id for row in rows])
    found = [FailingHost(row[0], names.get(row[0], HostNames()), row[1], row[2]) for row in rows]
    return len(ids), looked < FAILED_TASKS, found


async def _hosts(tx: Transaction, ids: Collection[int]) -> dict[int, HostNames]:
    columns = [hosts.c[name] for name in ("id", "business_id", "cloud_id", "ip", "ipv6", "name")]
    rows = await tx.execute(sa.select(*columns).where(hosts.c.id.in_(list(ids))))
    return {row.id: HostNames(row.business_id, row.cloud_id, row.ip or row.ipv6 or "", row.name) for row in rows}


def _sample(window: Window) -> sa.Select[Any]:
    newest_first = jobs.c.created_at.desc() if window.scope else jobs.c.id.desc()
    return (
        sa.select(jobs).where(jobs.c.id.between(*window.ids), *_of(jobs, window)).order_by(newest_first).limit(SAMPLE)
    )


def _failed(window: Window) -> sa.Select[Any]:
    ended_badly = jobs.c.status.in_([int(RunStatus.FAILED), int(RunStatus.ABNORMAL), int(RunStatus.IGNORED)])
    query = sa.select(jobs.c.id).where(jobs.c.id.between(*window.ids), ended_badly, *_of(jobs, window))
    return query.order_by(jobs.c.id.desc()).limit(FAILED_SAMPLE)


def _of(table: sa.Table, window: Window) -> list[sa.ColumnElement[bool]]:
    if window.scope is None:
        return []
    return [table.c.scope_type == window.scope.type.value, table.c.scope_id == window.scope.id]


def _slow_run(row: Any) -> SlowRun:
    return SlowRun(row.id, _scope(row), row.name, row.operator, row.status, row.created_at, row.total_ms)


def _slow_plan(row: Any) -> SlowPlan:
    return SlowPlan(row.plan_id, row.template_id, _scope(row), row.name, row[5], row[6])


def _scope(row: Any) -> str:
    return scope_text(Scope(ScopeType(row.scope_type), row.scope_id))
