"""Making a plan of a template in version 4. Times are epoch milliseconds."""

import re
from collections.abc import Iterable
from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int64, Text, text
from jobfleet.api.rules import present_id
from jobfleet.api.scope import ScopePair, business_of, scope_of
from jobfleet.api.scripts import scope_first
from jobfleet.api.surface import Call
from jobfleet.api.targets import ExecuteTarget, Group, HostEntry, Node, target_of_v4
from jobfleet.model.errors import BadRequestError
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import GivenValue, NewPlan, Template
from jobfleet.model.template_checks import MAX_PLAN_NAME_CHARACTERS
from jobfleet.model.variable import VariableType
from jobfleet.operations import plans
from jobfleet.operations.templates import get_template

_NO_NAME = re.compile(r"[<>\"'\x00-\x1f\x7f]")
"""What the name of a plan holds nowhere."""


class PlanTarget(msgspec.Struct, frozen=True):
    """Choose the hosts of a host list; at least one list names something."""

    host_list: tuple[HostEntry, ...] | None = None
    dynamic_group_list: tuple[Group, ...] | None = None
    topo_node_list: tuple[Node, ...] | None = None


class PlanValue(msgspec.Struct, frozen=True, kw_only=True):
    """Give a variable of the template a value of the plan's own, or have it follow the template."""

    name: Annotated[str | None, NEEDED] = None
    value: Text | None = None
    execute_target: PlanTarget | None = None
    follow_template: bool = False


class CreateJobPlan(ScopePair, frozen=True, kw_only=True):
    """Ask for a plan of a template: all steps are enabled unless `enable_steps` names them."""

    job_template_id: Annotated[Int64 | None, NEEDED] = None
    name: Annotated[Text | None, NEEDED] = None
    enable_steps: tuple[Int64, ...] | None = None
    variables: tuple[PlanValue, ...] | None = None


class CreatedPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Show a plan that was made."""

    bk_scope_type: str
    bk_scope_id: str
    bk_biz_id: Int64 | None
    job_plan_id: Int64
    job_plan_name: str
    job_template_id: Int64
    creator: str
    create_time: Int64
    need_update: bool


async def create_job_plan(call: Call, wanted: CreateJobPlan) -> CreatedPlan:
    """Make a plan of a template.

    Source: docs/reference/plans.md, «BlueKing API».
    """
    scope = scope_of(wanted)
    async with scope_first(call, wanted):
        template_id, new = present_id("job_template_id", wanted.job_template_id), _new(wanted)
    _check_names(await get_template(call.platform, call.caller, scope, template_id), new)
    plan = await plans.create_plan(call.platform, call.caller, scope, template_id, new)
    return CreatedPlan(
        bk_scope_type=scope.type.value,
        bk_scope_id=str(scope.id),
        bk_biz_id=business_of(scope),
        job_plan_id=plan.id,
        job_plan_name=plan.name,
        job_template_id=plan.template_id,
        creator=plan.creator,
        create_time=plan.created_at,
        need_update=False,
    )


def _new(wanted: CreateJobPlan) -> NewPlan:
    name, values = text(wanted.name).strip(), wanted.variables or ()
    if not name or len(name) > MAX_PLAN_NAME_CHARACTERS or _NO_NAME.search(name):
        raise BadRequestError("name", f"is not 1 to {MAX_PLAN_NAME_CHARACTERS} characters without < > \" and '")
    if wanted.enable_steps is not None and not wanted.enable_steps:
        raise BadRequestError("enable_steps", "is empty")
    names = [one.name for one in values]
    if None in names or len(set(names)) < len(names):
        raise BadRequestError("variables", "has an entry without a name, or two of one name")
    steps = None if wanted.enable_steps is None else frozenset(wanted.enable_steps)
    follows = frozenset(one.name for one in values if one.name is not None and one.follow_template)
    return NewPlan(name, steps, tuple(_given(values)), follows)


def _given(values: Iterable[PlanValue]) -> Iterable[GivenValue]:
    for one in values:
        if one.follow_template:
            continue
        hosts = None if one.execute_target is None else _hosts_of(one.execute_target)
        value = None if one.value is None else text(one.value)
        yield GivenValue(None, text(one.name), value, hosts)


def _hosts_of(target: PlanTarget) -> TargetSpec:
    hosts = target_of_v4(ExecuteTarget(target.host_list, target.dynamic_group_list, target.topo_node_list)).hosts
    if hosts.is_empty:
        raise BadRequestError("variables.execute_target", "names no host")
    return hosts


def _check_names(template: Template, new: NewPlan) -> None:
    """Do nothing when steps and variables that a plan is to have are the template's.

    Raises:
        BadRequestError: One is not, or is given another kind of value; it is named.
    """
    known = {one.name: one for one in template.variables}
    named = [one.name for one in new.values] + list(new.follows or ())
    if strange := [name for name in named if name not in known]:
        raise BadRequestError("variables.name", f"{strange[0]} is no variable of the template")
    for one in new.values:
        is_list = known[one.name].type is VariableType.HOSTS
        if is_list is not (one.hosts is not None):
            raise BadRequestError("variables", f"{one.name} takes {'execute_target' if is_list else 'value'}")
    if new.enabled is not None and (unknown := new.enabled - {step.id for step in template.steps}):
        raise BadRequestError("enable_steps", f"{min(unknown)} is no step of the template")
