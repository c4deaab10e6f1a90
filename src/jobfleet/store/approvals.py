"""Queries over jobs that wait for a person."""

from collections.abc import Collection

import sqlalchemy as sa

from jobfleet.model.job import Job, Step, StepType
from jobfleet.model.job_errors import MovedStep
from jobfleet.model.scope import Scope
from jobfleet.model.status import RunStatus
from jobfleet.store.database import Transaction
from jobfleet.store.jobs import job_of, step_of
from jobfleet.store.quotas import RUNNING
from jobfleet.store.tables import jobs, steps


async def list_waiting(tx: Transaction, scope: Scope, most: int) -> list[tuple[Job, Step]]:
    """Return the jobs of a scope that wait at an approval step, with that step; the longest waiting first.

    Args:
        most: At most so many jobs are looked at.
    """
    found = {job.id: job for job in await _jobs(tx, scope, most)}
    # Two statements: fresh jobs have no statistics, and a join by job id would be planned for many rows of each.
    query = sa.select(steps).where(
        steps.c.job_id.in_(list(found)), steps.c.status == RunStatus.WAITING, steps.c.type == StepType.APPROVAL
    )
    waiting = [step_of(row) for row in await tx.execute(query)] if found else []
    waiting.sort(key=lambda step: (step.started_at or 0, step.id))
    return [(found[step.job_id], step) for step in waiting]


async def moved_steps(tx: Transaction, job_ids: Collection[int]) -> dict[int, list[MovedStep]]:
    """Return where the steps of jobs are by now, in order, by the jobs' ids."""
    # Not the whole steps: they carry their scripts, and pages ask every few seconds.
    columns = steps.c.job_id, steps.c.id, steps.c.status, steps.c.attempt, steps.c.batch
    query = sa.select(*columns).where(steps.c.job_id.in_(job_ids)).order_by(steps.c.job_id, steps.c.ordinal)
    found: dict[int, list[MovedStep]] = {}
    for job_id, *facts in await tx.execute(query) if job_ids else ():
        found.setdefault(job_id, []).append(MovedStep(*facts))
    return found


async def _jobs(tx: Transaction, scope: Scope, most: int) -> list[Job]:
    # The constants are those of the partial index, so that the planner sees that it holds all that is wanted.
    running = sa.text(f"job.status IN ({', '.join(str(int(status)) for status in RUNNING)})")
    mine = sa.and_(jobs.c.scope_type == scope.type.value, jobs.c.scope_id == scope.id)
    query = sa.select(jobs).where(running, mine, jobs.c.status == RunStatus.WAITING)
    return [job_of(row) for row in await tx.execute(query.order_by(jobs.c.id).limit(most))]
