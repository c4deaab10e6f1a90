"""Queries over the variables of jobs: their first values, and what tasks and steps left of them, all sealed."""

from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.status import SUCCEEDED_TASK
from jobfleet.model.variable import VariableType
from jobfleet.store.database import Transaction, raw
from jobfleet.store.tables import job_variables, step_variables

_SUCCEEDED = [int(status) for status in SUCCEEDED_TASK]


class StoredVariable(msgspec.Struct, frozen=True):
    """Hold a variable of a job with its first value, sealed."""

    id: int
    name: str
    type: VariableType
    changeable: bool
    sealed: bytes


class Left(msgspec.Struct, frozen=True):
    """Hold what a task left of the variables, sealed."""

    job_id: int
    step_id: int
    host_id: int
    task_id: int
    sealed: bytes


async def insert(tx: Transaction, job_id: int, variables: Sequence[StoredVariable]) -> None:
    """Store the variables of a new job, in order."""
    rows = [
        {
            "job_id": job_id,
            "ordinal": ordinal,
            "variable_id": one.id,
            "name": one.name,
            "type": one.type,
            "changeable": one.changeable,
            "value": one.sealed,
        }
        for ordinal, one in enumerate(variables)
    ]
    await tx.execute(sa.insert(job_variables), rows)


async def list_of_job(tx: Transaction, job_id: int) -> list[StoredVariable]:
    """Return the variables of a job, in order."""
    query = sa.select(job_variables).where(job_variables.c.job_id == job_id).order_by(job_variables.c.ordinal)
    return [
        StoredVariable(row.variable_id, row.name, VariableType(row.type), row.changeable, row.value)
        for row in await tx.execute(query)
    ]


async def set_left_by_step(tx: Transaction, job_id: int, step_id: int, sealed: bytes) -> None:
    """Keep what a step left, instead of what an earlier attempt did."""
    statement = pg_insert(step_variables).values(job_id=job_id, step_id=step_id, data=sealed)
    await tx.execute(statement.on_conflict_do_update(index_elements=("job_id", "step_id"), set_={"data": sealed}))


async def list_left_by_steps(tx: Transaction, job_id: int) -> dict[int, bytes]:
    """Return what the steps of a job left, sealed, by step id; steps run in the order of their ids."""
    query = sa.select(step_variables.c.step_id, step_variables.c.data).where(step_variables.c.job_id == job_id)
    return {row.step_id: row.data for row in await tx.execute(query.order_by(step_variables.c.step_id))}


async def insert_left_by_tasks(tx: Transaction, left: Sequence[Left]) -> None:
    """Keep what tasks left; what is kept already of a task stays."""
    await (await raw(tx)).execute(
        """
        INSERT INTO task_variables (job_id, step_id, host_id, task_id, data)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[])
        ON CONFLICT DO NOTHING
        """,
        [one.job_id for one in left],
        [one.step_id for one in left],
        [one.host_id for one in left],
        [one.task_id for one in left],
        [one.sealed for one in left],
    )


async def list_left_on_hosts(
    tx: Transaction, job_id: int, before_step: int, host_ids: Collection[int] | None
) -> list[Left]:
    """Return what tasks of the steps before one left on hosts (None: on all), oldest first.

    Of several attempts of a step on a host only the last that left something is meant.
    """
    rows = await (await raw(tx)).fetch(
        """
        SELECT DISTINCT ON (step_id, host_id) job_id, step_id, host_id, task_id, data FROM task_variables
        WHERE job_id = $1 AND step_id < $2 AND ($3::bigint[] IS NULL OR host_id = ANY($3))
        ORDER BY step_id, host_id, task_id DESC
        """,
        job_id,
        before_step,
        None if host_ids is None else list(host_ids),
    )
    return [Left(row[0], row[1], row[2], row[3], bytes(row[4])) for row in rows]


async def count_left_bytes(tx: Transaction, job_id: int, before_step: int) -> int:
    """Return the bytes of all that tasks of the steps before one left, sealed."""
    counted = await (await raw(tx)).fetchval(
        "SELECT coalesce(sum(octet_length(data)), 0) FROM task_variables WHERE job_id = $1 AND step_id < $2",
        job_id,
        before_step,
    )
    return int(counted)


async def find_left_by_first(tx: Transaction, job_id: int, step_id: int, attempt: int) -> Left | None:
    """Return what the first target that succeeded left, in target order; None when none did or it left nothing."""
    driver = await raw(tx)
    task_id = await driver.fetchval(
        """
        SELECT log_task_id FROM task WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND status = ANY($4)
        AND ordinal >= 0 ORDER BY ordinal LIMIT 1
        """,
        job_id,
        step_id,
        attempt,
        _SUCCEEDED,
    )
    row = await driver.fetchrow(
        """
        SELECT job_id, step_id, host_id, task_id, data FROM task_variables
        WHERE job_id = $1 AND step_id = $2 AND task_id = $3
        """,
        job_id,
        step_id,
        task_id,
    )
    return None if row is None else Left(row[0], row[1], row[2], row[3], bytes(row[4]))
