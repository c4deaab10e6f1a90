"""What the variables of a plan hold when it runs."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from jobfleet.model.job_errors import HostVariableNotFoundError
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import GivenValue, PlanVariable
from jobfleet.model.variable import VariableType


def merge(variables: Sequence[PlanVariable], given: Iterable[GivenValue]) -> tuple[PlanVariable, ...]:
    """Return a plan's variables with what was given for them; ids and names that are not known are left out.

    An entry with an id is matched by it alone.

    Source: docs/reference/plans.md, «Values».
    """
    by_id: dict[int, GivenValue] = {}
    by_name: dict[str, GivenValue] = {}
    for entry in given:
        if entry.id is None:
            by_name[entry.name] = entry
        else:
            by_id[entry.id] = entry
    return tuple(_with_value(one, by_id.get(one.id) or by_name.get(one.variable.name)) for one in variables)


def _with_value(one: PlanVariable, given: GivenValue | None) -> PlanVariable:
    if given is None or (given.secret and one.variable.type is not VariableType.PASSWORD):
        return one
    if one.variable.type is VariableType.HOSTS:
        changed = one.variable if given.hosts is None else msgspec.structs.replace(one.variable, hosts=given.hosts)
    else:
        changed = one.variable if given.value is None else msgspec.structs.replace(one.variable, value=given.value)
    return msgspec.structs.replace(one, variable=changed)


def host_lists(variables: Iterable[PlanVariable]) -> dict[str, TargetSpec]:
    """Return the hosts of every host list by its name."""
    return {one.variable.name: one.variable.hosts for one in variables if one.variable.type is VariableType.HOSTS}


def with_hosts(target: TargetSpec, lists: Mapping[str, TargetSpec]) -> TargetSpec:
    """Return a target with the hosts of the list that it names.

    Raises:
        HostVariableNotFoundError: There is no such host list.
    """
    if not target.variable:
        return target
    if target.variable not in lists:
        raise HostVariableNotFoundError(target.variable)
    return lists[target.variable]
