"""Working with templates and plans: making and changing them, trying them out, changing many at once."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.callers import language
from jobfleet.api.native.jobs import Id, ScopeText, Started
from jobfleet.api.native.plan_views import PlanView
from jobfleet.api.native.plan_views import show_plan as show_view
from jobfleet.api.native.plans import Hosts, OnePlan, Value, check_given, given_values
from jobfleet.api.native.route import Call, Route, Wanted, key_of
from jobfleet.api.native.template_words import CreateTemplate, SeenAt, UpdateTemplate, new_template
from jobfleet.api.native.templates import OneTemplate, TemplateView, show_template
from jobfleet.model.caller import Action
from jobfleet.model.messages import message_of
from jobfleet.model.scope import parse_scope
from jobfleet.model.script import MAX_NAME_CHARACTERS
from jobfleet.model.template import GivenValue, PlanVariable
from jobfleet.operations import debug_template as debugging
from jobfleet.operations import sync_plan as synchronising
from jobfleet.operations import templates
from jobfleet.operations import update_values as updating
from jobfleet.operations.plan_query import show_plan as look_at_plan
from jobfleet.operations.plan_query import show_template as look_at_template
from jobfleet.operations.sync_plan import ConfirmedSchedule
from jobfleet.operations.sync_script import ChosenStep, SyncedStep, list_script_steps
from jobfleet.operations.sync_script import sync_script as give_version

MAX_CHOSEN = 1_000
"""Most steps that are given another version at once."""

MAX_CONFIRMED = 100
"""Most schedules that are confirmed with their plan."""


class DebugTemplate(Wanted, frozen=True):
    """Run all steps of a template: `values` for texts, `hosts` for host lists, by name."""

    scope: ScopeText
    template_id: Id
    values: dict[str, Value] = msgspec.field(default_factory=dict)
    hosts: dict[str, Hosts] = msgspec.field(default_factory=dict)
    name: Annotated[str, Meta(max_length=MAX_NAME_CHARACTERS)] = ""
    start: bool = True


class StepChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name a step of a template."""

    template_id: Id
    step_id: Id


class SyncScript(Wanted, frozen=True):
    """Have steps run a version of the script that they run already."""

    scope: ScopeText
    script_version: Id
    steps: Annotated[list[StepChoice], Meta(min_length=1, max_length=MAX_CHOSEN)]


class StepSynced(msgspec.Struct, frozen=True):
    """Say what became of a step; `code` and `message` tell why it is not `done`."""

    template_id: int
    step_id: int
    done: bool
    code: int
    message: str


class ScriptSynced(msgspec.Struct, frozen=True):
    """Say what became of each step, in the order of the request."""

    steps: list[StepSynced]


class ListScriptSteps(Wanted, frozen=True):
    """Ask which steps of a scope's templates run a script."""

    scope: ScopeText
    script_id: str


class ScriptStepLine(msgspec.Struct, frozen=True):
    """Show a step that runs a version of a script; `state` is the version's."""

    template_id: int
    template_name: str
    step_id: int
    step_name: str
    version_id: int
    version: str
    state: str


class ScriptStepList(msgspec.Struct, frozen=True):
    """Show the steps that run a script."""

    steps: list[ScriptStepLine]


class UpdateValues(Wanted, frozen=True):
    """Give variables other values in plans; plans without such a variable stay as they are."""

    scope: ScopeText
    plans: Annotated[list[Id], Meta(min_length=1, max_length=updating.MAX_PLANS)]
    values: dict[str, Value] = msgspec.field(default_factory=dict)
    hosts: dict[str, Hosts] = msgspec.field(default_factory=dict)


class PlanUpdated(msgspec.Struct, frozen=True):
    """Say which variables of a plan have a new value, and which follow its template instead."""

    plan_id: int
    name: str
    changed: list[str]
    following: list[str]


class ValuesUpdated(msgspec.Struct, frozen=True):
    """Say what became of each plan."""

    plans: list[PlanUpdated]


class ScheduleChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Say what a schedule of the plan gives from now on, by name, and whether it fires; nothing given leaves it."""

    schedule_id: Id
    values: dict[str, Value] | None = None
    hosts: dict[str, Hosts] | None = None
    enabled: bool = True


class SyncPlan(OnePlan, frozen=True):
    """Name a plan of a scope, and say what becomes of schedules that start it; others go on as they are.

    `seen_at` is the `changed_at` of the difference that was looked at: when the template was changed since, nothing is
    done.
    """

    schedules: Annotated[tuple[ScheduleChoice, ...], Meta(max_length=MAX_CONFIRMED)] = ()
    seen_at: SeenAt | None = None


async def create_template(call: Call, wanted: CreateTemplate) -> TemplateView:
    """Make a template."""
    made = await templates.create_template(call.platform, call.caller, new_template(wanted))
    return await show_template(call, OneTemplate(wanted.scope, made.id))


async def update_template(call: Call, wanted: UpdateTemplate) -> TemplateView:
    """Replace a template by what is given."""
    await templates.update_template(call.platform, call.caller, wanted.template_id, new_template(wanted))
    return await show_template(call, OneTemplate(wanted.scope, wanted.template_id))


async def debug_template(call: Call, wanted: DebugTemplate) -> Started:
    """Run all steps of a template."""
    started = await debugging.debug_template(call.platform, call.caller, await debug_run(call, wanted))
    return Started(started.job_id, started.step_id, started.name)


async def debug_run(call: Call, wanted: DebugTemplate) -> debugging.DebugRun:
    """Return the run of a template that a request asks for.

    Raises:
        ScopeNotFoundError, ForbiddenError, TemplateNotFoundError: The caller cannot look at such a template.
        FieldError: See `check_given`.
    """
    scope = parse_scope(wanted.scope)
    shown = await look_at_template(call.platform, call.caller, scope, wanted.template_id)
    variables = [PlanVariable(one.id, one) for one in shown.template.variables]
    check_given(variables, wanted.values, wanted.hosts)
    return debugging.DebugRun(
        scope=scope,
        template_id=wanted.template_id,
        values=given_values(wanted.values, wanted.hosts),
        name=wanted.name,
        start=wanted.start,
        idempotency_key=key_of(call),
    )


async def sync_script(call: Call, wanted: SyncScript) -> ScriptSynced:
    """Have steps run another version of their script."""
    chosen = [ChosenStep(one.template_id, one.step_id) for one in wanted.steps]
    scope, words = parse_scope(wanted.scope), language(call.request)
    synced = await give_version(call.platform, call.caller, scope, wanted.script_version, chosen)
    return ScriptSynced([_synced(one, words) for one in synced])


def _synced(one: SyncedStep, words: str) -> StepSynced:
    code = 0 if one.refusal is None else one.refusal.code
    message = "" if one.refusal is None else message_of(one.refusal, words)
    return StepSynced(one.step.template_id, one.step.step_id, one.refusal is None, code, message)


async def list_steps(call: Call, wanted: ListScriptSteps) -> ScriptStepList:
    """Show which steps of templates run a script."""
    found = await list_script_steps(call.platform, call.caller, parse_scope(wanted.scope), wanted.script_id)
    lines = (msgspec.structs.asdict(one) | {"state": one.state.name.lower()} for one in found)
    return ScriptStepList([ScriptStepLine(**line) for line in lines])


async def update_values(call: Call, wanted: UpdateValues) -> ValuesUpdated:
    """Change values in many plans, in all or in none."""
    given = given_values(wanted.values, wanted.hosts)
    done = await updating.update_values(call.platform, call.caller, parse_scope(wanted.scope), wanted.plans, given)
    return ValuesUpdated([PlanUpdated(one.plan_id, one.name, list(one.changed), list(one.following)) for one in done])


async def sync_plan(call: Call, wanted: SyncPlan) -> PlanView:
    """Make a plan what its template is now."""
    scope, confirmed = parse_scope(wanted.scope), _confirmed(wanted.schedules)
    await synchronising.sync_plan(call.platform, call.caller, scope, wanted.plan_id, confirmed, wanted.seen_at)
    return show_view(await look_at_plan(call.platform, call.caller, scope, wanted.plan_id))


def _confirmed(choices: Sequence[ScheduleChoice]) -> list[ConfirmedSchedule]:
    return [ConfirmedSchedule(one.schedule_id, _values(one), one.enabled) for one in choices]


def _values(one: ScheduleChoice) -> tuple[GivenValue, ...] | None:
    if one.values is None and one.hosts is None:
        return None
    return given_values(one.values or {}, one.hosts or {})


_ROOT, _PLANS = "/api/v1/templates", "/api/v1/plans"
_ONE = f"{_ROOT}/{{template_id}}"
_EDIT, _VIEW = Action.EDIT_JOB_TEMPLATE, Action.VIEW_JOB_TEMPLATE
_DEBUG, _VALUES = Action.DEBUG_JOB_TEMPLATE, Action.EDIT_JOB_PLAN
ROUTES = (
    Route("POST", _ROOT, Action.CREATE_JOB_TEMPLATE, create_template, CreateTemplate, TemplateView, "Make one", 201),
    Route("POST", f"{_ONE}/update", _EDIT, update_template, UpdateTemplate, TemplateView, "Replace a template"),
    Route("POST", f"{_ONE}/debug", _DEBUG, debug_template, DebugTemplate, Started, "Run all steps of a template", 201),
    Route("GET", f"{_ROOT}/script-steps", _VIEW, list_steps, ListScriptSteps, ScriptStepList, "Steps of a script"),
    Route("POST", f"{_ROOT}/sync-script", _EDIT, sync_script, SyncScript, ScriptSynced, "Give steps another version"),
    Route("POST", f"{_PLANS}/values", _VALUES, update_values, UpdateValues, ValuesUpdated, "Change values of plans"),
    Route("POST", f"{_PLANS}/{{plan_id}}/sync", Action.SYNC_JOB_PLAN, sync_plan, SyncPlan, PlanView, "Sync a plan"),
)
