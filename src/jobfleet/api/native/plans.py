"""Plans: declaring them, looking at them, running them."""

import base64
import binascii
from collections.abc import Collection, Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id, ScopeText, Started
from jobfleet.api.native.plan_views import PlanList, PlanView, show_line
from jobfleet.api.native.plan_views import show_plan as show_view
from jobfleet.api.native.route import Call, Done, FieldError, Route, Wanted, key_of
from jobfleet.api.native.start_words import launch_mode
from jobfleet.api.native.targets import parse_targets
from jobfleet.api.native.template_words import SeenAt
from jobfleet.api.native.templates import Length, Start
from jobfleet.model.caller import Action
from jobfleet.model.declared_plan import LocalFiles
from jobfleet.model.difference import Change
from jobfleet.model.errors import BadRequestError
from jobfleet.model.scope import parse_scope
from jobfleet.model.script import MAX_NAME_CHARACTERS
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import GivenValue, NewPlan, NewPlanJob, PlanVariable
from jobfleet.model.variable import MAX_VALUE_BYTES, VariableType
from jobfleet.operations import apply_plan as applying
from jobfleet.operations import find_targets, plan_query, plans, start_plan
from jobfleet.store.plans import PlanFilter

Value = Annotated[str, Meta(max_length=MAX_VALUE_BYTES)]
Hosts = list[str]


class ApplyPlan(Wanted, frozen=True):
    """Declare a template and a plan as TOML; a dry run shows the difference and changes nothing.

    `files` are the local files that it names, as Base64; `uploads` the stored paths of those that were uploaded.
    """

    scope: ScopeText
    toml: str
    files: dict[str, str] = msgspec.field(default_factory=dict)
    uploads: dict[str, str] = msgspec.field(default_factory=dict)
    dry_run: bool = False


class PlanApplied(msgspec.Struct, frozen=True):
    """Show what became of each declared thing; secrets are masked."""

    dry_run: bool
    template_id: int
    plan_id: int
    changes: list[Change]


class ListPlans(Wanted, frozen=True):
    """Page through the plans of a scope that have `name` in their name, last changed first.

    `needs_sync`: those that their templates are ahead of, or those that are in step.
    """

    scope: ScopeText
    name: str = ""
    template_id: Id | None = None
    creator: str = ""
    modifier: str = ""
    needs_sync: bool | None = None
    start: Start = 0
    length: Length = 20


class OnePlan(Wanted, frozen=True):
    """Name a plan of a scope."""

    scope: ScopeText
    plan_id: Id


class CreatePlan(Wanted, frozen=True):
    """Make a plan of a template: `steps` names those that run (all if left out), `values` and `hosts` its own."""

    scope: ScopeText
    template_id: Id
    name: str
    steps: list[Id] | None = None
    values: dict[str, Value] = msgspec.field(default_factory=dict)
    hosts: dict[str, Hosts] = msgspec.field(default_factory=dict)
    follows: list[str] | None = None


class UpdatePlan(Wanted, frozen=True):
    """Change a plan: what is left out stays; `steps` are ids of the template's steps."""

    scope: ScopeText
    plan_id: Id
    name: str = ""
    steps: list[Id] | None = None
    values: dict[str, Value] = msgspec.field(default_factory=dict)
    hosts: dict[str, Hosts] = msgspec.field(default_factory=dict)
    follows: list[str] | None = None
    seen_at: SeenAt | None = None


class RunPlan(Wanted, frozen=True):
    """Run a plan with other values for some variables: `values` for texts, `hosts` for host lists, by name."""

    scope: ScopeText
    plan_id: Id
    values: dict[str, Value] = msgspec.field(default_factory=dict)
    hosts: dict[str, Hosts] = msgspec.field(default_factory=dict)
    name: Annotated[str, Meta(max_length=MAX_NAME_CHARACTERS)] = ""
    start: bool = True


async def apply_plan(call: Call, wanted: ApplyPlan) -> PlanApplied:
    """Make a template and a plan what is declared."""
    files = LocalFiles({name: _decoded(name, text) for name, text in wanted.files.items()}, wanted.uploads)
    scope = parse_scope(wanted.scope)
    done = await applying.apply_plan(call.platform, call.caller, scope, wanted.toml, files, dry_run=wanted.dry_run)
    return PlanApplied(wanted.dry_run, done.template_id, done.plan_id, done.changes)


async def list_plans(call: Call, wanted: ListPlans) -> PlanList:
    """Show a page of plans."""
    those = PlanFilter(
        name=wanted.name,
        creator=wanted.creator,
        modifier=wanted.modifier,
        template_id=wanted.template_id,
        needs_sync=wanted.needs_sync,
    )
    total, found = await plans.list_plans(
        call.platform, call.caller, parse_scope(wanted.scope), those, start=wanted.start, length=wanted.length
    )
    return PlanList(total, [show_line(row) for row in found])


async def show_plan(call: Call, wanted: OnePlan) -> PlanView:
    """Show a plan."""
    return show_view(await plan_query.show_plan(call.platform, call.caller, parse_scope(wanted.scope), wanted.plan_id))


async def create_plan(call: Call, wanted: CreatePlan) -> PlanView:
    """Make a plan of a template."""
    scope = parse_scope(wanted.scope)
    plan = await plans.create_plan(call.platform, call.caller, scope, wanted.template_id, _new(wanted))
    return await show_plan(call, OnePlan(wanted.scope, plan.id))


async def update_plan(call: Call, wanted: UpdatePlan) -> PlanView:
    """Change a plan."""
    await plans.update_plan(call.platform, call.caller, parse_scope(wanted.scope), wanted.plan_id, _new(wanted))
    return await show_plan(call, OnePlan(wanted.scope, wanted.plan_id))


async def delete_plan(call: Call, wanted: OnePlan) -> Done:
    """Remove a plan."""
    await plans.delete_plan(call.platform, call.caller, parse_scope(wanted.scope), wanted.plan_id)
    return Done()


async def run_plan(call: Call, wanted: RunPlan) -> Started:
    """Run a plan; unlike the platform's API, names that the plan does not have are refused."""
    started = await start_plan.start_plan(call.platform, call.caller, await new_plan_job(call, wanted))
    return Started(started.job_id, started.step_id, started.name)


async def new_plan_job(call: Call, wanted: RunPlan) -> NewPlanJob:
    """Return the run of a plan that a request asks for, with the hosts that its texts mean now.

    Raises:
        ScopeNotFoundError, ForbiddenError, UnknownPlanError: The caller cannot look at such a plan.
        FieldError: See `check_given`.
        BadRequestError: A text names no host.
    """
    scope = parse_scope(wanted.scope)
    plan, _ = await plans.get_plan(call.platform, call.caller, scope, wanted.plan_id)
    check_given(plan.variables, wanted.values, wanted.hosts)
    lists = [GivenValue(name=name, hosts=await _hosts(call, wanted, name)) for name in wanted.hosts]
    return NewPlanJob(
        scope=scope,
        plan_id=wanted.plan_id,
        values=(*given_values(wanted.values, {}), *lists),
        launch_mode=launch_mode(call),
        start=wanted.start,
        idempotency_key=key_of(call),
        name=wanted.name,
    )


async def _hosts(call: Call, wanted: RunPlan, name: str) -> TargetSpec:
    """Return the hosts of a list; those of an expression are looked up now."""
    texts = wanted.hosts[name]
    if not texts:
        return TargetSpec()
    try:
        meant = await find_targets.objects_of(call.platform, call.caller, parse_scope(wanted.scope), texts)
    except BadRequestError as error:
        if error.arguments[:1] != ("targets",):
            raise
        raise FieldError(f"hosts.{name}", error.arguments[1]) from error
    if not meant.containers.is_empty:
        raise FieldError(f"hosts.{name}", "names containers")
    return meant.hosts


def check_given(variables: Collection[PlanVariable], values: Mapping[str, str], hosts: Mapping[str, Hosts]) -> None:
    """Do nothing when values are those of a plan's variables, and none that needs one is without.

    Raises:
        FieldError: A name is none of the plan's, is of another kind, or has no value; it is named.
    """
    lists = {one.variable.name: one.variable.type is VariableType.HOSTS for one in variables}
    for field, names, is_list in (("values", values, False), ("hosts", hosts, True)):
        for name in names:
            if lists.get(name) is not is_list:
                kind = "a host list" if is_list else "a variable with a text value"
                raise FieldError(f"{field}.{name}", f"is not {kind} of the plan")
    for one in variables:
        if one.variable.required and not _has_value(one, values, hosts):
            raise FieldError(f"values.{one.variable.name}", "is required and has no value")


def _has_value(one: PlanVariable, values: Mapping[str, str], hosts: Mapping[str, Hosts]) -> bool:
    name = one.variable.name
    if one.variable.type is VariableType.HOSTS:
        return bool(hosts.get(name)) if name in hosts else not one.variable.hosts.is_empty
    return bool(values.get(name, one.variable.value))


def _new(wanted: CreatePlan | UpdatePlan) -> NewPlan:
    return NewPlan(
        name=wanted.name,
        enabled=None if wanted.steps is None else frozenset(wanted.steps),
        values=given_values(wanted.values, wanted.hosts),
        follows=None if wanted.follows is None else frozenset(wanted.follows),
        seen_at=wanted.seen_at if isinstance(wanted, UpdatePlan) else None,
    )


def given_values(values: Mapping[str, str], hosts: Mapping[str, Hosts]) -> tuple[GivenValue, ...]:
    """Return values by name as operations take them.

    Raises:
        FieldError: A host list is not well-formed; it is named.
    """
    texts = (GivenValue(name=name, value=value) for name, value in values.items())
    lists = (GivenValue(name=name, hosts=_target(name, listed)) for name, listed in hosts.items())
    return (*texts, *lists)


def _target(name: str, texts: Hosts) -> TargetSpec:
    try:
        return parse_targets(texts)
    except ValueError as error:
        raise FieldError(f"hosts.{name}", str(error)) from error


def _decoded(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FieldError(f"files.{name}", "is not base64") from error


_ROOT = "/api/v1/plans"
_ONE = f"{_ROOT}/{{plan_id}}"
_RUN, _OF = f"{_ONE}/run", "/api/v1/templates/{template_id}/plans"
_VIEW, _EDIT, _DELETE = Action.VIEW_JOB_PLAN, Action.EDIT_JOB_PLAN, Action.DELETE_JOB_PLAN
_CREATE, _LAUNCH = Action.CREATE_JOB_PLAN, Action.LAUNCH_JOB_PLAN
ROUTES = (
    Route("GET", _ROOT, _VIEW, list_plans, ListPlans, PlanList, "List the plans of a scope"),
    Route("POST", f"{_ROOT}/apply", _EDIT, apply_plan, ApplyPlan, PlanApplied, "Apply a template and a plan"),
    Route("GET", _ONE, _VIEW, show_plan, OnePlan, PlanView, "Show a plan"),
    Route("POST", _OF, _CREATE, create_plan, CreatePlan, PlanView, "Make a plan of a template", 201),
    Route("POST", f"{_ONE}/update", _EDIT, update_plan, UpdatePlan, PlanView, "Change a plan"),
    Route("POST", _RUN, _LAUNCH, run_plan, RunPlan, Started, "Run a plan", 201),
    Route("POST", f"{_ONE}/delete", _DELETE, delete_plan, OnePlan, Done, "Remove a plan"),
)
