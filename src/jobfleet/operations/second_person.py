"""The gate of every start: large ones need a second person, and approved ones do what was approved."""

import hmac
from collections.abc import Sequence

import msgspec

from jobfleet.engine.accept import NewStep
from jobfleet.model.audit import Access
from jobfleet.model.caller import Caller
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.file_job import NewFileJob
from jobfleet.model.job import NewScriptJob
from jobfleet.model.script import ScriptSpec
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.model.start_errors import SecondPersonError, StartChangedError
from jobfleet.model.target import Target
from jobfleet.model.template import PlanVariable, Variable
from jobfleet.operations.platform import Platform
from jobfleet.store import platform_settings
from jobfleet.store.database import Transaction

Part = tuple[NewScriptJob | NewSqlJob | NewFileJob | ApprovalSpec, NewStep | None]
"""What a step asks for, and the step that it becomes, None where it cannot."""


async def check_second(
    tx: Transaction, platform: Platform, caller: Caller, parts: Sequence[Part], variables: Sequence[PlanVariable] = ()
) -> None:
    """Do nothing when a caller may start what these steps do: alone, or because a second person approved just that.

    Every start calls this once, with what it is about to store. What applications start, and what schedules start, is
    agreed on elsewhere and needs nobody.

    Raises:
        SecondPersonError: The start is on more hosts than one person may start on alone.
        StartChangedError: A second person approved something else.

    Source: docs/reference/start-requests.md.
    """
    if caller.approval is not None:
        if not hmac.compare_digest(caller.approval.meant, meant(platform, parts, variables)):
            raise StartChangedError
        return
    if caller.app_code or caller.origin.access == Access.SCHEDULE:
        return
    limit = (await platform_settings.load(tx)).second_person_hosts
    if limit is not None and count_hosts([step for _, step in parts]) > limit:
        raise SecondPersonError(limit)


def count_hosts(steps: Sequence[NewStep | None]) -> int:
    """Return on how many different hosts steps run; containers count as their hosts."""
    return len({target.host_id for step in steps if step is not None for target in step.targets})


def meant(platform: Platform, parts: Sequence[Part], variables: Sequence[PlanVariable]) -> bytes:
    """Return the code of what a start does: each text, account, host and value. It tells nothing of its secrets."""
    told = [[_value(one) for one in variables], *(_told(asked, step) for asked, step in parts)]
    return platform.engine.sealer.mac(*map(msgspec.msgpack.encode, told))


def _value(one: PlanVariable) -> Variable:
    # A template that is tried out for the first time gets a plan with ids of its own.
    return msgspec.structs.replace(one.variable, id=0)


def _told(asked: NewScriptJob | NewSqlJob | NewFileJob | ApprovalSpec, step: NewStep | None) -> list[object]:
    # A start without a name gets one of its moment, and parameters are sealed anew each time: they are in `asked`.
    wanted = asked if isinstance(asked, ApprovalSpec) else msgspec.structs.replace(asked, name="")
    if step is None:
        return [wanted]
    definition = step.definition
    if isinstance(definition, ScriptSpec):
        definition = msgspec.structs.replace(definition, params="")
    hosts = [[_object(target) for target in some] for some in (step.targets, step.sources)]
    return [wanted, definition, step.rolling, step.ignore_error, *hosts]


def _object(target: Target) -> tuple[int, str]:
    return target.host_id, "" if target.container is None else str(target.container.id)
