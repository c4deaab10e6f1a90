"""Queries over a scope's past jobs; a window of time keeps them to the partitions of its days."""

from collections.abc import Collection

import sqlalchemy as sa

from jobfleet.model import job_id as job_ids
from jobfleet.model.history import JobFilter, JobPage
from jobfleet.model.scope import Scope
from jobfleet.store.database import Transaction
from jobfleet.store.jobs import job_of
from jobfleet.store.tables import jobs, plans, schedule_fires, targets

Condition = sa.ColumnElement[bool]


async def list_jobs(tx: Transaction, scope: Scope, wanted: JobFilter, *, start: int, length: int) -> JobPage:
    """Return a page of the jobs of a scope that match, newest first, and how many match."""
    matching = sa.and_(_of_scope(scope), *_conditions(wanted))
    chosen = sa.select(jobs).where(matching)
    counted = sa.select(sa.func.count()).select_from(jobs).where(matching)
    if wanted.ip and wanted.job_id is None:
        hit = _jobs_on(wanted)
        chosen, counted = chosen.where(jobs.c.id.in_(hit)), counted.where(jobs.c.id.in_(hit))
    total = (await tx.execute(counted)).scalar_one()
    page = chosen.order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).offset(start).limit(length)
    found = tuple(job_of(row) for row in await tx.execute(page))
    return JobPage(int(total), found, await _templates(tx, {job.plan_id for job in found}))


def _of_scope(scope: Scope) -> Condition:
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
        jobs.c.launch_mode: wanted.launch_mode,
        jobs.c.type: wanted.type,
        jobs.c.status: wanted.status,
    }
    found += [column == _whole(value) for column, value in equal.items() if value is not None]
    if wanted.name:
        found.append(jobs.c.name.icontains(wanted.name, autoescape=True))
    if wanted.schedule_id is not None:
        fired = sa.select(schedule_fires.c.job_id).where(
            schedule_fires.c.schedule_id == wanted.schedule_id, schedule_fires.c.job_id.between(first, last)
        )
        found.append(jobs.c.id.in_(fired))
    return found


def _whole(value: str | int) -> sa.BindParameter[str] | sa.BindParameter[int]:
    """Return a value to compare with; a number may be larger than any that the column holds."""
    return sa.literal(value, sa.Integer) if isinstance(value, int) else sa.literal(value)


def _jobs_on(wanted: JobFilter) -> sa.Select[tuple[int]]:
    """Return the query for the jobs of a window that had a target with an address, which is looked up once."""
    address = targets.c.ipv6 if ":" in wanted.ip else targets.c.ip
    between = targets.c.job_id.between(*job_ids.bounds(wanted.created_from, wanted.created_to))
    hit = sa.select(targets.c.job_id).where(address == wanted.ip, between, targets.c.ordinal >= 0).distinct()
    return sa.select(hit.cte("hit").prefix_with("MATERIALIZED").c.job_id)


async def _templates(tx: Transaction, plan_ids: Collection[int]) -> dict[int, int]:
    query = sa.select(plans.c.id, plans.c.template_id).where(plans.c.id.in_(plan_ids))
    return {row.id: row.template_id for row in await tx.execute(query)} if plan_ids else {}
