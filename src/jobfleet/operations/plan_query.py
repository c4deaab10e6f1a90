"""Look at templates and plans with all that their steps name."""

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.scope import Scope
from jobfleet.model.template import Plan, Template
from jobfleet.operations.access import enter_scope
from jobfleet.operations.plans import get_plan
from jobfleet.operations.platform import Platform
from jobfleet.operations.step_parts import Parts, look_up
from jobfleet.operations.templates import get_template


class ShownPlan(msgspec.Struct, frozen=True):
    """Show a plan, its secrets hidden; `needs_sync`: its template has changed since. `zone` is its scope's."""

    plan: Plan
    needs_sync: bool
    parts: Parts
    zone: str


class ShownTemplate(msgspec.Struct, frozen=True):
    """Show a template, its secrets hidden."""

    template: Template
    parts: Parts


async def show_plan(platform: Platform, caller: Caller, scope: Scope, plan_id: int) -> ShownPlan:
    """Return a plan with what its steps name.

    Raises:
        PlanNotFoundError: There is no such plan in the scope.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not see plans there.
    """
    plan, needs_sync = await get_plan(platform, caller, scope, plan_id)
    steps, variables = [one.step for one in plan.steps], [one.variable for one in plan.variables]
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        parts = await look_up(tx, platform, scope, steps, variables)
    return ShownPlan(plan, needs_sync, parts, info.time_zone or "")


async def show_template(platform: Platform, caller: Caller, scope: Scope, template_id: int) -> ShownTemplate:
    """Return a template with what its steps name.

    Raises:
        TemplateNotFoundError: There is no such template in the scope.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not see templates there.
    """
    template = await get_template(platform, caller, scope, template_id)
    async with platform.engine.db.begin() as tx:
        return ShownTemplate(template, await look_up(tx, platform, scope, template.steps, template.variables))
