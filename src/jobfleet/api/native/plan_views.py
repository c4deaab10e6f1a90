"""What the native API shows of plans."""

from typing import Any

import msgspec

from jobfleet.api.native.templates import StepScript, VariableDefinition, show_definition
from jobfleet.api.native.templates import show_variable as show_own
from jobfleet.model.plan_sync import behind
from jobfleet.model.template import PlanStep, PlanVariable
from jobfleet.operations.plan_query import ShownPlan
from jobfleet.operations.step_parts import Parts
from jobfleet.store.plans import PlanRow


class PlanLine(msgspec.Struct, frozen=True):
    """Show a plan in a list. Times are epoch milliseconds.

    `needs_sync`: its template has changed since, `behind` counts how often. `step_count` of the `all_count` steps run;
    `schedule_count` schedules start it.
    """

    id: int
    name: str
    template_id: int
    template_name: str
    needs_sync: bool
    behind: int
    step_count: int
    all_count: int
    schedule_count: int
    creator: str
    created_at: int
    modifier: str
    modified_at: int


class PlanList(msgspec.Struct, frozen=True):
    """Show one page of plans; `total` counts them all."""

    total: int
    plans: list[PlanLine]


class PlanStepView(msgspec.Struct, frozen=True):
    """Show a step; `definition` has the members of its kind, contents as Base64, secrets hidden."""

    id: int
    template_step_id: int
    name: str
    kind: str
    enabled: bool
    ignore_error: bool
    definition: dict[str, Any]
    script: StepScript | None


class PlanVariableView(VariableDefinition, frozen=True):
    """Show a variable of a plan; one that `follows` gets its value from the template with every synchronisation."""

    follows: bool


class PlanView(msgspec.Struct, frozen=True):
    """Show a plan; `needs_sync`: its template has changed since, `behind` counts how often."""

    id: int
    template_id: int
    template_name: str
    name: str
    needs_sync: bool
    behind: int
    revision: int
    steps: list[PlanStepView]
    variables: list[PlanVariableView]
    creator: str
    created_at: int
    modifier: str
    modified_at: int


def show_line(row: PlanRow) -> PlanLine:
    """Return what a list shows of a plan."""
    return PlanLine(
        id=row.id,
        name=row.name,
        template_id=row.template_id,
        template_name=row.template_name,
        needs_sync=row.version != row.template_version,
        behind=behind((row.version, row.revision), (row.template_version, row.template_revision)),
        step_count=row.step_count,
        all_count=row.all_count,
        schedule_count=row.schedule_count,
        creator=row.creator,
        created_at=row.created_at,
        modifier=row.modifier,
        modified_at=row.modified_at,
    )


def show_plan(shown: ShownPlan) -> PlanView:
    """Return what is shown of a plan whose secrets are hidden."""
    plan = shown.plan
    return PlanView(
        id=plan.id,
        template_id=plan.template_id,
        template_name=shown.standing.template_name,
        name=plan.name,
        needs_sync=shown.standing.behind > 0,
        behind=shown.standing.behind,
        revision=plan.revision,
        steps=[show_step(shown.parts, one) for one in plan.steps],
        variables=[show_variable(one) for one in plan.variables],
        creator=plan.creator,
        created_at=plan.created_at,
        modifier=plan.modifier,
        modified_at=plan.modified_at,
    )


def show_variable(one: PlanVariable) -> PlanVariableView:
    """Return what is shown of a variable whose secrets are hidden."""
    return PlanVariableView(**msgspec.structs.asdict(show_own(one.id, one.variable)), follows=one.follows)


def show_step(parts: Parts, one: PlanStep) -> PlanStepView:
    """Return what is shown of a step whose secrets are hidden."""
    shown = show_definition(parts, one.step)
    return PlanStepView(
        id=one.id,
        template_step_id=one.step.id,
        name=shown.name,
        kind=shown.kind,
        enabled=one.enabled,
        ignore_error=shown.ignore_error,
        definition=shown.definition,
        script=shown.script,
    )
