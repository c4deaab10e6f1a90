"""What the orders of a shell script say of variables: those of all hosts, each host's own, and magic imports."""

from collections.abc import Sequence

import msgspec

from jobfleet.engine.context import Context
from jobfleet.engine.transfers import store_apart
from jobfleet.engine.variables import namespaces_before
from jobfleet.model.errors import InternalError
from jobfleet.model.expansion import imports
from jobfleet.model.job import Step, StepType, Task
from jobfleet.model.order import MAX_INLINE_VARIABLES_BYTES, ScriptVariable
from jobfleet.model.status import SUCCEEDED_TASK, RunStatus
from jobfleet.model.target import Target
from jobfleet.model.variable import ARRAYS, JobVariable, VariableType, host_text, hosts_text
from jobfleet.store import jobs, task_reads
from jobfleet.store import variables as store
from jobfleet.store.database import Transaction
from jobfleet.store.task_claims import ClaimedTask

MAX_ALL_BYTES = 16 * 1024 * 1024
"""Most bytes of what all hosts together keep in namespaces, where a script imports that."""

MAX_OWN_BYTES = 384 * 1024
"""Most bytes of what one host keeps in namespaces: it travels in the order, and the broker takes 1 MiB."""

LAST = "JOB_LAST_"
NAMESPACES = "JOB_NAMESPACE_"

_encoder = msgspec.msgpack.Encoder()


class GivenVariables(msgspec.Struct, frozen=True):
    """Hold the variables of a step's orders; `hash` names those of all hosts when they are too many for an order."""

    common: tuple[ScriptVariable, ...] = ()
    hash: str = ""
    namespaces: tuple[JobVariable, ...] = ()
    own: dict[int, dict[str, str]] = {}

    def for_host(self, host_id: int) -> tuple[ScriptVariable, ...]:
        """Return the variables that stand in the order of a host."""
        mine = self.own.get(host_id, {})
        own = (ScriptVariable(one.name, _TEXT, mine.get(one.name, one.value), is_kept=True) for one in self.namespaces)
        return (*self.common, *own)


_TEXT = VariableType.STRING


async def given_variables(
    tx: Transaction,
    ctx: Context,
    step: Step,
    content: bytes,
    variables: Sequence[JobVariable],
    claimed: Sequence[ClaimedTask],
) -> GivenVariables:
    """Return the variables that a shell script gets on some of its hosts.

    Args:
        content: The whole script; it may import more than the variables themselves.
        variables: As the step finds them.

    Raises:
        InternalError: What a host keeps is more than an order can hold.
    """
    shared = [_script_variable(one) for one in variables if one.type not in {_SPACE, VariableType.HOSTS}]
    shared += await _imported(tx, ctx, step, imports(content), variables)
    own = await namespaces_before(tx, ctx, step, variables, [task.host_id for task in claimed])
    if any(sum(len(value.encode()) for value in values.values()) > MAX_OWN_BYTES for values in own.values()):
        raise InternalError(detail=f"the namespace variables of a host are longer than {MAX_OWN_BYTES} bytes")
    written = _encoder.encode(shared)
    apart = await store_apart(tx, ctx, step, written) if len(written) > MAX_INLINE_VARIABLES_BYTES else ""
    namespaces = tuple(one for one in variables if one.type is _SPACE)
    return GivenVariables(() if apart else tuple(shared), apart, namespaces, own)


_SPACE = VariableType.NAMESPACE


def _script_variable(one: JobVariable) -> ScriptVariable:
    return ScriptVariable(one.name, one.type if one.type in ARRAYS else _TEXT, one.value, one.is_left_by_scripts)


async def _imported(
    tx: Transaction, ctx: Context, step: Step, names: Sequence[str], variables: Sequence[JobVariable]
) -> list[ScriptVariable]:
    """Return what a script imports; names that stand for nothing are left out."""
    lists = {one.name: one.value for one in variables if one.type is VariableType.HOSTS}
    taken = {one.name for one in variables if one.type is not VariableType.HOSTS}
    wanted = [name for name in names if name not in taken]
    values = {name: lists[name] for name in wanted if name in lists}
    if any(name.startswith(LAST) for name in wanted):
        values |= await _last(tx, step)
    if any(name.startswith(NAMESPACES) for name in wanted):
        values |= await _namespaces(tx, ctx, step, variables)
    return [ScriptVariable(name, _TEXT, values[name]) for name in wanted if name in values]


async def _last(tx: Transaction, step: Step) -> dict[str, str]:
    """Return the targets of the step that ran before."""
    ran = [one for one in await jobs.list_steps(tx, step.job_id) if _has_run(one) and one.ordinal < step.ordinal]
    last = await task_reads.list_of_attempt(tx, step.job_id, ran[-1].id, ran[-1].attempt) if ran else []
    return {
        f"{LAST}ALL": _texts(last),
        f"{LAST}SUCCESS": _texts([task for task in last if task.status in SUCCEEDED_TASK]),
        f"{LAST}FAIL": _texts([task for task in last if task.status not in SUCCEEDED_TASK]),
    }


def _has_run(step: Step) -> bool:
    return step.type is not StepType.APPROVAL and step.status is not RunStatus.PENDING


def _texts(found: Sequence[Task]) -> str:
    by_ordinal = {task.target.ordinal: task.target for task in found}  # batches by file source have each target
    return hosts_text(target for _, target in sorted(by_ordinal.items()))


async def _namespaces(tx: Transaction, ctx: Context, step: Step, variables: Sequence[JobVariable]) -> dict[str, str]:
    """Return what all hosts keep, as JSON: of all namespaces together and of each."""
    if await store.count_left_bytes(tx, step.job_id, step.id) > MAX_ALL_BYTES:
        raise InternalError(detail=f"the namespace variables of all hosts are longer than {MAX_ALL_BYTES} bytes")
    names = {host.host_id: host_text(host) for host in await _targets_before(tx, step)}
    kept = await namespaces_before(tx, ctx, step, variables, None)
    by_name: dict[str, dict[str, str]] = {one.name: {} for one in variables if one.type is _SPACE}
    for host_id, values in kept.items():
        for name, value in values.items():
            by_name[name][names[host_id]] = value
    single = {f"{NAMESPACES}{name}": _json(values) for name, values in by_name.items()}
    return {**single, f"{NAMESPACES}ALL": _json(by_name)}


async def _targets_before(tx: Transaction, step: Step) -> list[Target]:
    steps = await jobs.list_steps(tx, step.job_id)
    before = [one.id for one in steps if one.ordinal < step.ordinal and one.type is StepType.SCRIPT]
    return [target for step_id in before for target in await task_reads.list_targets(tx, step.job_id, step_id)]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
