"""The variables of a job on their way: stored as it is accepted, given to a step, taken back from it."""

from collections.abc import Collection, Mapping, Sequence

import msgspec
import structlog

from jobfleet.engine.context import Context
from jobfleet.model.definition import Definition
from jobfleet.model.errors import InternalError
from jobfleet.model.job import Step
from jobfleet.model.script import Language, ScriptSpec
from jobfleet.model.variable import JobVariable, VariableType, canonical, overlaid, value_trouble
from jobfleet.store import variables as store
from jobfleet.store.database import Transaction
from jobfleet.store.tasks import Key, TaskState
from jobfleet.store.variables import Left, StoredVariable

_NOTHING_THAT_OPENS = b""
_log = structlog.get_logger()
_encoder = msgspec.msgpack.Encoder()
_values = msgspec.msgpack.Decoder(dict[str, str])


async def store_variables(tx: Transaction, ctx: Context, job_id: int, variables: Sequence[JobVariable]) -> None:
    """Store the first values of a new job's variables, sealed; without variables nothing is asked of the database."""
    if variables:
        total = len(variables)
        sealed = [_sealed(ctx, job_id, one, f"{place}/{total}") for place, one in enumerate(variables)]
        await store.insert(tx, job_id, sealed)


async def load_variables(tx: Transaction, ctx: Context, job_id: int) -> list[JobVariable]:
    """Return the variables of a job with their first values; the value of a list of hosts is its text.

    Raises:
        InternalError: They were changed in the database.
    """
    found = await store.list_of_job(tx, job_id)
    return [_opened(ctx, job_id, one, f"{place}/{len(found)}") for place, one in enumerate(found)]


async def values_after_steps(
    tx: Transaction, ctx: Context, job_id: int, steps: Sequence[Step]
) -> list[list[JobVariable]]:
    """Return the variables of a job as they were at its start, and then as each of the first steps left them.

    Raises:
        InternalError: They were changed in the database.
    """
    known = await load_variables(tx, ctx, job_id)
    left = await store.list_left_by_steps(tx, job_id) if known else {}
    course = [known]
    for step in steps:
        sealed = left.get(step.id)
        values = {} if sealed is None else _values.decode(ctx.sealer.open(sealed, _step_purpose(job_id, step.id)))
        course.append(overlaid(course[-1], values))
    return course


async def values_before(tx: Transaction, ctx: Context, step: Step) -> list[JobVariable]:
    """Return the variables as a step finds them; a step that is retried finds what it found the first time.

    Raises:
        InternalError: They were changed in the database.
    """
    variables = await load_variables(tx, ctx, step.job_id)
    if len(variables) != step.variable_count:
        raise InternalError(detail=f"variables of job {step.job_id} were taken from the database")
    left = await store.list_left_by_steps(tx, step.job_id) if variables else {}
    for step_id, sealed in left.items():
        if step_id < step.id:
            values = _values.decode(ctx.sealer.open(sealed, _step_purpose(step.job_id, step_id)))
            variables = overlaid(variables, values)
    return variables


async def namespaces_before(
    tx: Transaction, ctx: Context, step: Step, variables: Sequence[JobVariable], host_ids: Collection[int] | None
) -> dict[int, dict[str, str]]:
    """Return what hosts (None: all that ran) keep in namespaces as a step finds it: host id to name to value.

    Only values that a host has set itself are in it.
    """
    names = {one.name for one in variables if one.type is VariableType.NAMESPACE}
    found: dict[int, dict[str, str]] = {}
    for left in await store.list_left_on_hosts(tx, step.job_id, step.id, host_ids) if names else ():
        values = {name: value for name, value in _open_left(ctx, left).items() if name in names}
        found.setdefault(left.host_id, {}).update(values)
    return found


async def store_left(
    tx: Transaction, ctx: Context, states: Mapping[Key, TaskState], left: Mapping[Key, Mapping[str, str]]
) -> None:
    """Keep what tasks left, sealed; when none left anything nothing is asked of the database."""
    rows = [_sealed_left(ctx, states[key], values) for key, values in left.items() if values]
    if rows:
        await store.insert_left_by_tasks(tx, rows)


async def keep_left(tx: Transaction, ctx: Context, step: Step) -> None:
    """Keep what a step that ends leaves to the next: the values of the first target that succeeded.

    Values that do not open, because they were changed in the database, end nothing here: the step did what it did, and
    whoever stops a job must be able to. The next step that needs them cannot start.
    """
    if not (step.has_variables and takes_variables(step.definition)):
        return
    first = await store.find_left_by_first(tx, step.job_id, step.id, step.attempt)
    try:
        values = {} if first is None else await _changed(tx, ctx, first)
    except InternalError as error:
        _log.warning("variables not kept", job_id=step.job_id, step_id=step.id, reason=str(error))
        await store.set_left_by_step(tx, step.job_id, step.id, _NOTHING_THAT_OPENS)
        return
    if values or step.attempt:
        sealed = ctx.sealer.seal(_encoder.encode(values), _step_purpose(step.job_id, step.id))
        await store.set_left_by_step(tx, step.job_id, step.id, sealed)


def takes_variables(definition: Definition) -> bool:
    """Tell whether a step runs a shell script: no other gets variables."""
    return isinstance(definition, ScriptSpec) and definition.language == Language.SHELL


async def _changed(tx: Transaction, ctx: Context, first: Left) -> dict[str, str]:
    """Return the values that count, of those that a task left: hosts may say what they want."""
    types = {one.name: one.type for one in await load_variables(tx, ctx, first.job_id)}
    return {
        name: canonical(types[name], value)
        for name, value in _open_left(ctx, first).items()
        if name in types and not value_trouble(types[name], value)
    }


def _open_left(ctx: Context, left: Left) -> dict[str, str]:
    return _values.decode(ctx.sealer.open(left.sealed, _task_purpose(left.job_id, left.task_id, left.host_id)))


def _sealed_left(ctx: Context, state: TaskState, values: Mapping[str, str]) -> Left:
    purpose = _task_purpose(state.job_id, state.id, state.host_id)
    sealed = ctx.sealer.seal(_encoder.encode(values), purpose)
    return Left(state.job_id, state.step_id, state.host_id, state.id, sealed)


def _sealed(ctx: Context, job_id: int, one: JobVariable, place: str) -> StoredVariable:
    bare = StoredVariable(one.id, one.name, one.type, one.changeable, b"")
    text = canonical(one.type, one.text)
    return msgspec.structs.replace(bare, sealed=ctx.sealer.seal(text.encode(), _purpose(job_id, bare, place)))


def _opened(ctx: Context, job_id: int, one: StoredVariable, place: str) -> JobVariable:
    value = ctx.sealer.open(one.sealed, _purpose(job_id, one, place)).decode()
    return JobVariable(one.id, one.name, one.type, value, one.changeable)


def _purpose(job_id: int, one: StoredVariable, place: str) -> str:
    """Return what a first value is bound to: taking a variable away or changing its kind makes all of them invalid."""
    return f"variable {job_id} {place} {one.id} {one.name} {int(one.type)} {one.changeable}"


def _step_purpose(job_id: int, step_id: int) -> str:
    return f"variables after step {job_id} {step_id}"


def _task_purpose(job_id: int, task_id: int, host_id: int) -> str:
    return f"variables of task {job_id} {task_id} {host_id}"
