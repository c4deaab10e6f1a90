"""Queries over jobs and their steps."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from jobfleet.model import job_id as job_ids
from jobfleet.model.container import Runtime
from jobfleet.model.definition import Definition
from jobfleet.model.job import Job, JobType, LaunchMode, Step, StepType
from jobfleet.model.job_errors import JobNotFoundError
from jobfleet.model.rolling import Rolling
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.status import RunStatus, job_sources, step_sources
from jobfleet.model.target import Target
from jobfleet.store.database import Transaction, raw
from jobfleet.store.tables import jobs, steps

NOT_SUCCEEDED: sa.ColumnElement[bool] = jobs.c.status != sa.literal_column(str(int(RunStatus.SUCCEEDED)))
"""The condition of the index of jobs that did not succeed, word for word: who says it, may be answered from there."""

_TARGET_COLUMNS = (
    "job_id",
    "step_id",
    "ordinal",
    "host_id",
    "cloud_id",
    "cloud_name",
    "ip",
    "ipv6",
    "agent_id",
    "os",
    "alive",
    "initial",
    "container",
)


async def next_job_id(tx: Transaction, now: int) -> int:
    """Return a fresh job id that carries the day of `now` (epoch ms)."""
    serial = (await tx.execute(sa.text("SELECT nextval('job_serial')"))).scalar_one()
    return job_ids.job_id(int(serial), now)


async def next_step_ids(tx: Transaction, count: int) -> list[int]:
    """Return fresh step ids, ascending."""
    query = sa.text("SELECT nextval('step_id_seq') FROM generate_series(1, :count)")
    return sorted((await tx.execute(query, {"count": count})).scalars())


async def insert(tx: Transaction, job: Job, look_at: int | None) -> None:
    """Store a new job; `look_at` (epoch ms) is when a sweep looks at it if nobody did before."""
    await tx.execute(
        sa.insert(jobs).values(
            id=job.id,
            scope_type=job.scope.type.value,
            scope_id=job.scope.id,
            name=job.name,
            type=job.type,
            plan_id=job.plan_id,
            launch_mode=job.launch_mode,
            operator=job.operator,
            app_code=job.app_code,
            status=job.status,
            current_step_id=job.current_step_id,
            callback_url=job.callback_url,
            created_at=job.created_at,
            started_at=job.started_at,
            look_at=look_at,
        )
    )


async def insert_step(tx: Transaction, step: Step, seal: bytes, resolved: Sequence[Target]) -> None:
    """Store a new step with its targets."""
    await tx.execute(
        sa.insert(steps).values(
            job_id=step.job_id,
            id=step.id,
            ordinal=step.ordinal,
            plan_step_id=step.plan_step_id,
            name=step.name,
            type=step.type,
            operator=step.operator,
            status=step.status,
            target_count=step.target_count,
            ignore_error=step.ignore_error,
            definition=msgspec.to_builtins(step.definition),
            rolling=None if step.rolling is None else msgspec.to_builtins(step.rolling),
            batch_count=step.batch_count,
            variable_count=step.variable_count,
            seal=seal,
            created_at=step.created_at,
        )
    )
    records = [(step.job_id, step.id, *_columns(target)) for target in resolved]
    await (await raw(tx)).copy_records_to_table("target", records=records, columns=_TARGET_COLUMNS)


def _columns(target: Target) -> tuple[Any, ...]:
    values = msgspec.structs.astuple(target)
    if target.container is None:
        return values
    return *values[:-1], msgspec.json.encode(target.container).decode()


async def find(tx: Transaction, job_id: int, *, lock: bool = False) -> Job | None:
    """Return a job or None; with `lock` the row is held until the transaction ends."""
    query = sa.select(jobs).where(jobs.c.id == job_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else job_of(row)


async def get_in_scope(tx: Transaction, job_id: int, scope: Scope, *, lock: bool = False) -> Job:
    """Return a job of a scope.

    Raises:
        JobNotFoundError: No job has this id in the scope; a foreign job looks the same as none.
    """
    job = await find(tx, job_id, lock=lock)
    if job is None or job.scope != scope:
        raise JobNotFoundError(job_id)
    return job


async def list_by_ids(tx: Transaction, job_ids: Collection[int]) -> dict[int, Job]:
    """Return jobs by their ids; those that are gone are left out."""
    found = await tx.execute(sa.select(jobs).where(jobs.c.id.in_(list(job_ids))))
    return {row.id: job_of(row) for row in found}


async def find_last_of_plan(tx: Transaction, scope: Scope, plan_id: int) -> Job | None:
    """Return the job of a scope that a plan started last, or None."""
    # The constant comparison lets the planner see that the partial index holds all that is wanted.
    mine = sa.and_(jobs.c.plan_id == plan_id, jobs.c.plan_id > sa.literal_column("0"))
    of_scope = sa.and_(jobs.c.scope_type == scope.type.value, jobs.c.scope_id == scope.id)
    row = (await tx.execute(sa.select(jobs).where(mine, of_scope).order_by(jobs.c.id.desc()).limit(1))).one_or_none()
    return None if row is None else job_of(row)


async def list_steps(tx: Transaction, job_id: int, *, lock: bool = False) -> list[Step]:
    """Return a job's steps in order; with `lock` their rows are held until the transaction ends."""
    query = sa.select(steps).where(steps.c.job_id == job_id).order_by(steps.c.ordinal)
    found = await tx.execute(query.with_for_update() if lock else query)
    return [step_of(row) for row in found]


async def list_steps_of(tx: Transaction, job_ids: Collection[int]) -> dict[int, list[Step]]:
    """Return the steps of jobs in order, by the ids of their jobs."""
    query = sa.select(steps).where(steps.c.job_id == sa.any_(sa.cast(list(job_ids), ARRAY(sa.BigInteger))))
    found: dict[int, list[Step]] = {job_id: [] for job_id in job_ids}
    for row in await tx.execute(query.order_by(steps.c.job_id, steps.c.ordinal)):
        found[row.job_id].append(step_of(row))
    return found


async def find_step(tx: Transaction, job_id: int, step_id: int, *, share: bool = False) -> Step | None:
    """Return one step of a job or None; with `share` nobody changes it until the transaction ends."""
    query = sa.select(steps).where(steps.c.job_id == job_id, steps.c.id == step_id)
    query = query.with_for_update(read=True) if share else query
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else step_of(row)


async def find_step_anywhere(tx: Transaction, step_id: int) -> Step | None:
    """Return a step by its id alone or None; every partition is looked into, so it is for single questions."""
    row = (await tx.execute(sa.select(steps).where(steps.c.id == step_id))).one_or_none()
    return None if row is None else step_of(row)


class SealedContainer(msgspec.Struct, frozen=True, array_like=True):
    """Name a container among the targets of a step, with what its seal covers."""

    ordinal: int
    host_id: int
    runtime: Runtime
    uid: str


class SealedTargets(msgspec.Struct, frozen=True):
    """Hold a step's seal, the host ids of its sources, last first, and of its targets, and its containers."""

    seal: bytes
    host_ids: list[int]
    containers: list[SealedContainer]


async def sealed_targets(tx: Transaction, job_id: int, step_id: int) -> SealedTargets:
    """Return a step's seal and what it covers of its sources and targets, in stored order."""
    row = await (await raw(tx)).fetchrow(
        """
        SELECT seal, ARRAY(SELECT host_id FROM target WHERE job_id = $1 AND step_id = $2 ORDER BY ordinal),
            (SELECT jsonb_agg(jsonb_build_array(ordinal, host_id, container->'runtime', container->'uid')
                              ORDER BY ordinal)
             FROM target WHERE job_id = $1 AND step_id = $2 AND container IS NOT NULL)
        FROM step WHERE job_id = $1 AND id = $2
        """,
        job_id,
        step_id,
    )
    return SealedTargets(bytes(row[0]), list(row[1]), msgspec.convert(row[2] or [], list[SealedContainer]))


async def move_job(tx: Transaction, job_id: int, wanted: RunStatus, **values: Any) -> bool:
    """Change a job's status, with other columns, if the transition table allows it; tell whether it did."""
    moved = await tx.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id, jobs.c.status.in_(job_sources(wanted)))
        .values(status=wanted, **values)
        .returning(jobs.c.id)
    )
    return moved.one_or_none() is not None


async def move_step(tx: Transaction, job_id: int, step_id: int, wanted: RunStatus, **values: Any) -> bool:
    """Change a step's status, with other columns, if the transition table allows it; tell whether it did."""
    moved = await tx.execute(
        sa.update(steps)
        .where(steps.c.job_id == job_id, steps.c.id == step_id, steps.c.status.in_(step_sources(wanted)))
        .values(status=wanted, **values)
        .returning(steps.c.id)
    )
    return moved.one_or_none() is not None


async def set_current_step(tx: Transaction, job_id: int, step_id: int) -> None:
    """Note which step of a job runs or ran last."""
    await tx.execute(sa.update(jobs).where(jobs.c.id == job_id).values(current_step_id=step_id))


async def set_batch(tx: Transaction, job_id: int, step_id: int, batch: int) -> None:
    """Set which batch of a step was started last; the step must be locked."""
    await tx.execute(sa.update(steps).where(steps.c.job_id == job_id, steps.c.id == step_id).values(batch=batch))


async def set_look_at(tx: Transaction, job_id: int, look_at: int) -> None:
    """Have a sweep look at an unfinished job at a moment (epoch ms) if none does before."""
    await tx.execute(sa.update(jobs).where(jobs.c.id == job_id, jobs.c.look_at > look_at).values(look_at=look_at))


async def set_open_count(tx: Transaction, job_id: int, step_id: int, count: int) -> None:
    """Set how many tasks of a step are awaited; the step must be locked."""
    await tx.execute(sa.update(steps).where(steps.c.job_id == job_id, steps.c.id == step_id).values(open_count=count))


async def subtract_open(tx: Transaction, finished: Mapping[tuple[int, int], int]) -> list[int]:
    """Count down awaited tasks by (job id, step id); return the ids of jobs that have a step awaiting nothing more."""
    done = []
    for (job_id, step_id), count in sorted(finished.items()):
        left = await tx.execute(
            sa.update(steps)
            .where(steps.c.job_id == job_id, steps.c.id == step_id)
            .values(open_count=steps.c.open_count - count)
            .returning(steps.c.open_count)
        )
        if left.scalar_one() == 0:
            done.append(job_id)
    return done


async def claim_due(tx: Transaction, now: int, limit: int) -> list[int]:
    """Take jobs that a sweep must look at and put their next look off; other servers skip them.

    The next look is a tenth of the job's age away, between 2 and 30 seconds.
    """
    delay = sa.func.least(30_000, sa.func.greatest(2_000, (now - jobs.c.created_at) / 10))
    due = (
        sa.select(jobs.c.id)
        .where(jobs.c.look_at <= now)
        .order_by(jobs.c.look_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    # An array is made once; PostgreSQL may run the select of an IN anew for every row, with a limit and locks in it.
    chosen = sa.any_(sa.func.array(due.scalar_subquery(), type_=ARRAY(sa.BigInteger)))
    taken = await tx.execute(
        sa.update(jobs).where(jobs.c.id == chosen).values(look_at=now + delay).returning(jobs.c.id)
    )
    return list(taken.scalars())


def job_of(row: Any) -> Job:
    """Return the job that a row of the table holds."""
    return Job(
        id=row.id,
        scope=Scope(ScopeType(row.scope_type), row.scope_id),
        name=row.name,
        type=JobType(row.type),
        plan_id=row.plan_id,
        launch_mode=LaunchMode(row.launch_mode),
        operator=row.operator,
        app_code=row.app_code,
        status=RunStatus(row.status),
        current_step_id=row.current_step_id,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        total_ms=row.total_ms,
        callback_url=row.callback_url,
    )


def step_of(row: Any) -> Step:
    """Return a step from a row of its table."""
    return Step(
        id=row.id,
        job_id=row.job_id,
        ordinal=row.ordinal,
        plan_step_id=row.plan_step_id,
        name=row.name,
        type=StepType(row.type),
        operator=row.operator,
        status=RunStatus(row.status),
        attempt=row.attempt,
        batch=row.batch,
        target_count=row.target_count,
        ignore_error=row.ignore_error,
        definition=msgspec.convert(row.definition, Definition),
        rolling=None if row.rolling is None else msgspec.convert(row.rolling, Rolling),
        batch_count=row.batch_count,
        variable_count=row.variable_count,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        total_ms=row.total_ms,
        stopping_at=row.stopping_at,
        open_count=row.open_count,
    )
