"""What of a step its seal covers, so that a changed database runs nothing else."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from jobfleet.engine.context import Context
from jobfleet.model.errors import InternalError
from jobfleet.model.job import Step
from jobfleet.model.target import Target
from jobfleet.store import jobs
from jobfleet.store.database import Transaction
from jobfleet.store.jobs import SealedContainer
from jobfleet.store.task_claims import ClaimedTask


class CheckedTargets(msgspec.Struct, frozen=True):
    """Hold what a step may run on: hosts by their ids, and containers by the ordinals of their targets."""

    hosts: frozenset[int]
    containers: Mapping[int, SealedContainer] = {}


def definition_parts(step: Step, host_ids: list[int], containers: Sequence[SealedContainer] = ()) -> tuple[bytes, ...]:
    """Return the parts of a step that its seal covers: ids, script and targets, and how many variables there are."""
    ids = f"{step.job_id}.{step.id}.{step.type}{f'.v{step.variable_count}' if step.has_variables else ''}".encode()
    parts: list[Any] = [_told(step.definition), _told(step.rolling), host_ids]
    return ids, *map(msgspec.msgpack.encode, [*parts, containers] if containers else parts)


def sealed_containers(targets: Iterable[Target]) -> list[SealedContainer]:
    """Return what a seal covers of the containers among targets."""
    return [
        SealedContainer(target.ordinal, target.host_id, target.container.runtime, target.container.uid)
        for target in targets
        if target.container is not None
    ]


def _told(value: Any) -> Any:
    """Return a value without what it leaves at its default.

    What a later version may say besides is not part of it: a step that was accepted before stays as it was.
    """
    if isinstance(value, msgspec.Struct):
        given = ((name, getattr(value, name), default) for name, default in _fields(type(value)))
        return [value.__struct_config__.tag, *((name, _told(one)) for name, one, default in given if one != default)]
    return [_told(one) for one in value] if isinstance(value, tuple | list) else value


@cache
def _fields(kind: type[msgspec.Struct]) -> list[tuple[str, Any]]:
    return [(field.name, field.default) for field in msgspec.structs.fields(kind)]


async def check_seal(tx: Transaction, ctx: Context, step: Step) -> CheckedTargets:
    """Return what a stored step may run on, when the step is as it was accepted.

    Raises:
        InternalError: Script, account or targets were changed in the database.
    """
    found = await jobs.sealed_targets(tx, step.job_id, step.id)
    if not ctx.sealer.matches(found.seal, *definition_parts(step, found.host_ids, found.containers)):
        raise InternalError(detail=f"step {step.id} of job {step.job_id} was changed in the database")
    if not found.containers:
        return CheckedTargets(frozenset(found.host_ids))
    # A host of containers alone is no target itself: nothing may run beside them there.
    hosts = Counter(found.host_ids) - Counter(one.host_id for one in found.containers)
    return CheckedTargets(frozenset(hosts), {one.ordinal: one for one in found.containers})


def check_target(host_ids: Collection[int], task: ClaimedTask) -> None:
    """Do nothing when a task is for one of a step's hosts.

    Raises:
        InternalError: It is not: the task was changed in the database.
    """
    if task.host_id not in host_ids:
        raise InternalError(detail=f"task {task.id} is for host {task.host_id}, which is no target of its step")


def container_of(targets: CheckedTargets, task: ClaimedTask) -> SealedContainer | None:
    """Return the container that a task is for; None for a host itself.

    Raises:
        InternalError: The task was changed in the database.
    """
    found = targets.containers.get(task.ordinal)
    check_target(targets.hosts if found is None else {found.host_id}, task)
    return found
