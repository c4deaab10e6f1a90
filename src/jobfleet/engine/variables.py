"""The variables of a job on their way: stored as it is accepted, given to a step, taken back from it."""

from collections.abc import Sequence

from jobfleet.engine.context import Context
from jobfleet.model.variable import JobVariable, VariableType, canonical
from jobfleet.store import variables as store
from jobfleet.store.database import Transaction
from jobfleet.store.variables import StoredVariable


async def store_variables(tx: Transaction, ctx: Context, job_id: int, variables: Sequence[JobVariable]) -> None:
    """Store the first values of a new job's variables, sealed; without variables nothing is asked of the database."""
    if variables:
        await store.insert(
            tx, job_id, [_sealed(ctx, job_id, one, place, len(variables)) for place, one in enumerate(variables)]
        )


async def load_variables(tx: Transaction, ctx: Context, job_id: int) -> list[JobVariable]:
    """Return the variables of a job with their first values; the value of a list of hosts is its text.

    Raises:
        InternalError: They were changed in the database.
    """
    found = await store.list_of_job(tx, job_id)
    return [_opened(ctx, job_id, one, place, len(found)) for place, one in enumerate(found)]


def _sealed(ctx: Context, job_id: int, one: JobVariable, place: int, total: int) -> StoredVariable:
    purpose = _purpose(job_id, StoredVariable(one.id, one.name, one.type, one.changeable, b""), place, total)
    text = canonical(one.type, one.text)
    return StoredVariable(one.id, one.name, one.type, one.changeable, ctx.sealer.seal(text.encode(), purpose))


def _opened(ctx: Context, job_id: int, one: StoredVariable, place: int, total: int) -> JobVariable:
    value = ctx.sealer.open(one.sealed, _purpose(job_id, one, place, total)).decode()
    return JobVariable(one.id, one.name, VariableType(one.type), value, one.changeable)


def _purpose(job_id: int, one: StoredVariable, place: int, total: int) -> str:
    """Return what a first value is bound to: taking a variable away or changing its kind makes all of them invalid."""
    return f"variable {job_id} {place}/{total} {one.id} {one.name} {int(one.type)} {one.changeable}"
