"""What stands before a plan and what lies behind it."""

from statistics import median

import msgspec

from jobfleet.api.callers import language
from jobfleet.api.native.plan_views import PlanStepView, PlanVariableView, show_step, show_variable
from jobfleet.api.native.plans import OnePlan
from jobfleet.api.native.route import Call, Route
from jobfleet.api.native.variables import VariableView, show_value
from jobfleet.api.native.views import JobView, show_job
from jobfleet.model.caller import Action
from jobfleet.model.plan_difference import PartDifference
from jobfleet.model.plan_sync import behind
from jobfleet.model.scope import parse_scope
from jobfleet.model.template import PlanStep, PlanVariable
from jobfleet.operations import plan_course
from jobfleet.operations.plan_course import TouchedSchedule
from jobfleet.operations.step_parts import Parts


class StepDifference(msgspec.Struct, frozen=True):
    """Say what becomes of a step: added (it comes in disabled), removed, changed, moved or unchanged.

    `fields` names the members that differ, those of the definition as `definition.NAME`. Secrets are hidden.
    """

    effect: str
    fields: list[str]
    before: PlanStepView | None
    after: PlanStepView | None


class VariableDifference(msgspec.Struct, frozen=True):
    """Say what becomes of a variable, as of a step; `after` has the value that the plan will have."""

    effect: str
    fields: list[str]
    before: PlanVariableView | None
    after: PlanVariableView | None


class ScheduleTouched(msgspec.Struct, frozen=True):
    """Name a schedule that starts the plan; what it gives to the variables in `lost` counts for nothing then."""

    id: int
    name: str
    enabled: bool
    next_fire_at: int | None
    lost: list[str]


class PlanDifferenceView(msgspec.Struct, frozen=True):
    """Show what synchronising would change in a plan, and who changed its template last (epoch milliseconds).

    `schedules` are 100 at most, `schedule_count` counts all that start the plan.
    """

    plan_id: int
    plan_name: str
    template_id: int
    template_name: str
    behind: int
    revision: int
    template_revision: int
    changed_by: str
    changed_at: int
    steps: list[StepDifference]
    variables: list[VariableDifference]
    schedules: list[ScheduleTouched]
    schedule_count: int


class LastRunView(msgspec.Struct, frozen=True):
    """Show the job that a plan started last, null when nothing is remembered, and the values that it began with.

    `usual_ms` is the median of how long its latest runs took that succeeded, `usual_runs` of how many (20 at most).
    """

    job: JobView | None
    values: list[VariableView]
    usual_ms: int | None
    usual_runs: int


async def show_difference(call: Call, wanted: OnePlan) -> PlanDifferenceView:
    """Show what synchronising would change."""
    coming = await plan_course.coming_sync(call.platform, call.caller, parse_scope(wanted.scope), wanted.plan_id)
    plan, template = coming.plan, coming.template
    return PlanDifferenceView(
        plan_id=plan.id,
        plan_name=plan.name,
        template_id=template.id,
        template_name=template.name,
        behind=behind((plan.version, plan.revision), (template.version, template.revision)),
        revision=plan.revision,
        template_revision=template.revision,
        changed_by=template.modifier,
        changed_at=template.modified_at,
        steps=[_step(coming.parts, one) for one in coming.found.steps],
        variables=[_variable(one) for one in coming.found.variables],
        schedules=[_schedule(one) for one in coming.schedules],
        schedule_count=coming.schedule_count,
    )


def _step(parts: Parts, one: PartDifference[PlanStep]) -> StepDifference:
    before = None if one.before is None else show_step(parts, one.before)
    after = None if one.after is None else show_step(parts, one.after)
    return StepDifference(one.effect.value, list(one.fields), before, after)


def _variable(one: PartDifference[PlanVariable]) -> VariableDifference:
    before = None if one.before is None else show_variable(one.before)
    after = None if one.after is None else show_variable(one.after)
    return VariableDifference(one.effect.value, list(one.fields), before, after)


def _schedule(one: TouchedSchedule) -> ScheduleTouched:
    schedule = one.schedule
    return ScheduleTouched(schedule.id, schedule.name, schedule.enabled, schedule.next_fire_at, list(one.lost))


async def show_last_run(call: Call, wanted: OnePlan) -> LastRunView:
    """Show what a plan ran last."""
    last = await plan_course.last_run(call.platform, call.caller, parse_scope(wanted.scope), wanted.plan_id)
    if last is None:
        return LastRunView(None, [], None, 0)
    shown, values = show_job(last.job, language(call.request)), [show_value(one) for one in last.values]
    usual = int(median(last.usual_ms)) if last.usual_ms else None
    return LastRunView(shown, values, usual, len(last.usual_ms))


_ONE = "/api/v1/plans/{plan_id}"
_VIEW = Action.VIEW_JOB_PLAN
_DIFFERENCE = show_difference, OnePlan, PlanDifferenceView
ROUTES = (
    Route("GET", f"{_ONE}/difference", _VIEW, *_DIFFERENCE, "Say what synchronising a plan would change"),
    Route("GET", f"{_ONE}/last-run", _VIEW, show_last_run, OnePlan, LastRunView, "Say what a plan ran last"),
)
