"""What of a step its seal covers, so that a changed database runs nothing else."""

from collections.abc import Collection
from functools import cache
from typing import Any

import msgspec

from jobfleet.engine.context import Context
from jobfleet.model.errors import InternalError
from jobfleet.model.job import Step
from jobfleet.store import jobs
from jobfleet.store.database import Transaction
from jobfleet.store.tasks import ClaimedTask


def definition_parts(step: Step, host_ids: list[int]) -> tuple[bytes, ...]:
    """Return the parts of a step that its seal covers: ids, script and targets, and how many variables there are."""
    ids = f"{step.job_id}.{step.id}.{step.type}{f'.v{step.variable_count}' if step.has_variables else ''}".encode()
    return ids, *(msgspec.msgpack.encode(part) for part in (_told(step.definition), _told(step.rolling), host_ids))


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


async def check_seal(tx: Transaction, ctx: Context, step: Step) -> list[int]:
    """Return the host ids of a stored step's targets, when the step is as it was accepted.

    Raises:
        InternalError: Script, account or targets were changed in the database.
    """
    seal, host_ids = await jobs.sealed_targets(tx, step.job_id, step.id)
    if not ctx.sealer.matches(seal, *definition_parts(step, host_ids)):
        raise InternalError(detail=f"step {step.id} of job {step.job_id} was changed in the database")
    return host_ids


def check_target(host_ids: Collection[int], task: ClaimedTask) -> None:
    """Do nothing when a task is for one of a step's hosts.

    Raises:
        InternalError: It is not: the task was changed in the database.
    """
    if task.host_id not in host_ids:
        raise InternalError(detail=f"task {task.id} is for host {task.host_id}, which is no target of its step")
