"""Look at templates and plans with all that their steps name."""

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.scope import Scope
from jobfleet.model.tagging import Tag, Tagged
from jobfleet.model.template import Plan, Template
from jobfleet.operations.access import enter_scope
from jobfleet.operations.plans import Standing, get_plan
from jobfleet.operations.platform import Platform
from jobfleet.operations.script_states import ScriptState, standing_of
from jobfleet.operations.step_parts import Parts, look_up
from jobfleet.operations.tags import tags_of
from jobfleet.operations.templates import get_template, list_templates
from jobfleet.store import plans, script_versions
from jobfleet.store.kept_filter import KeptFilter
from jobfleet.store.plans import TemplateUse
from jobfleet.store.templates import TemplateRow


class ShownPlan(msgspec.Struct, frozen=True):
    """Show a plan, its secrets hidden, and how it stands to its template. `zone` is its scope's."""

    plan: Plan
    standing: Standing
    parts: Parts
    zone: str


class ShownTemplate(msgspec.Struct, frozen=True):
    """Show a template, its secrets hidden."""

    template: Template
    parts: Parts
    tags: tuple[Tag, ...] = ()
    use: TemplateUse = TemplateUse()


async def show_plan(platform: Platform, caller: Caller, scope: Scope, plan_id: int) -> ShownPlan:
    """Return a plan with what its steps name.

    Raises:
        PlanNotFoundError: There is no such plan in the scope.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not see plans there.
    """
    plan, standing = await get_plan(platform, caller, scope, plan_id)
    steps, variables = [one.step for one in plan.steps], [one.variable for one in plan.variables]
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        parts = await look_up(tx, platform, scope, steps, variables)
    return ShownPlan(plan, standing, parts, info.time_zone or "")


async def show_template(platform: Platform, caller: Caller, scope: Scope, template_id: int) -> ShownTemplate:
    """Return a template with what its steps name.

    Raises:
        TemplateNotFoundError: There is no such template in the scope.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not see templates there.
    """
    template = await get_template(platform, caller, scope, template_id)
    async with platform.engine.db.begin() as tx:
        parts = await look_up(tx, platform, scope, template.steps, template.variables)
        tags = await tags_of(tx, Tagged.TEMPLATE, [template.id])
        uses = await plans.count_uses(tx, [template.id])
    named = tuple(tags.get(str(template.id), ()))
    return ShownTemplate(template, parts, named, uses.get(template.id, TemplateUse()))


class MarkedTemplate(msgspec.Struct, frozen=True):
    """Show a template in a list, with its tags, what uses it, and how the worst of its scripts stands, None without."""

    row: TemplateRow
    tags: tuple[Tag, ...]
    standing: ScriptState | None
    use: TemplateUse


async def list_marked(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    wanted: KeptFilter,
    *,
    start: int,
    length: int,
    favourites_first: bool = False,
) -> tuple[int, list[MarkedTemplate]]:
    """Do what `list_templates` does, with what marks templates.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not see templates there.
    """
    page = {"start": start, "length": length}
    total, rows = await list_templates(platform, caller, scope, wanted, **page, favourites_first=favourites_first)
    ids = [row.id for row in rows]
    async with platform.engine.db.begin() as tx:
        tags = await tags_of(tx, Tagged.TEMPLATE, ids)
        used = await script_versions.list_standing(tx, "template", ids)
        uses = await plans.count_uses(tx, ids)
    worst = {template_id: max(standing_of(*one) for one in versions) for template_id, versions in used.items()}
    return total, [
        MarkedTemplate(row, tuple(tags.get(str(row.id), ())), worst.get(row.id), uses.get(row.id, TemplateUse()))
        for row in rows
    ]
