"""Keep plans: chosen steps of a template with values of their own."""

from collections.abc import Iterable

import msgspec

from jobfleet.model.caller import Action, Caller
from jobfleet.model.declared import refuse
from jobfleet.model.difference import MASK
from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.permission import ResourceKind
from jobfleet.model.plan_sync import behind, sync_steps, sync_variables
from jobfleet.model.plan_values import merge
from jobfleet.model.resource_errors import PlanNameTakenError, PlanNotFoundError, TemplateNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.model.template import NewPlan, Plan, PlanStep, PlanVariable, Template, changed_at
from jobfleet.model.template_checks import check_name, check_value
from jobfleet.operations.access import demand, demand_on, enter_scope
from jobfleet.operations.kept_trail import note
from jobfleet.operations.plan_secrets import mask_plan, open_plan, open_template, seal_plan
from jobfleet.operations.plan_use import demand_unused_plan
from jobfleet.operations.platform import Platform
from jobfleet.operations.templates import demand_unchanged
from jobfleet.store import plans, templates
from jobfleet.store.database import Transaction
from jobfleet.store.plans import PlanFilter, PlanRow


async def create_plan(platform: Platform, caller: Caller, scope: Scope, template_id: int, new: NewPlan) -> Plan:
    """Store a new plan of a template as it is now, and return it, its secrets hidden.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not make plans there.
        TemplateNotFoundError: There is no such template in the scope.
        IllegalParameterError: An enabled step is none of the template's.
        DeclarationError: Name or values are not well-formed.
        PlanNameTakenError: The template has a plan of this name.

    Source: docs/reference/plans.md, «Plans».
    """
    async with platform.engine.db.begin() as tx:
        return mask_plan(await insert_plan(tx, platform, caller, scope, template_id, new))


async def update_plan(platform: Platform, caller: Caller, scope: Scope, plan_id: int, new: NewPlan) -> Plan:
    """Change a plan's name, enabled steps and values, and return it, its secrets hidden.

    Raises:
        PlanNotFoundError: There is no such plan in the scope.
        ChangedMeanwhileError: Somebody has changed it since `seen_at`.
        ScopeNotFoundError, ForbiddenError, IllegalParameterError, DeclarationError, PlanNameTakenError: See
            `create_plan`.
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.EDIT_JOB_PLAN, info, ResourceKind.PLAN, plan_id)
        plan = await held_plan(tx, platform, scope, plan_id)
        demand_unchanged(new.seen_at, plan)
        return mask_plan(await save_plan(tx, platform, caller, plan, plan, new))


async def synchronise(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope, plan_id: int, seen_at: int | None
) -> Plan:
    """Make a plan's steps and variables what its template has now, and return it in clear.

    Raises:
        ChangedMeanwhileError: The template was changed since `seen_at`.
        PlanNotFoundError: There is no such plan in the scope.

    Source: docs/reference/plans.md, «Synchronise».
    """
    plan = await held_plan(tx, platform, scope, plan_id)
    template = await _template(tx, platform, scope, plan.template_id)
    demand_unchanged(seen_at, template)
    return await _store(tx, platform, caller, plan, await synchronised(tx, plan, template), Action.SYNC_JOB_PLAN)


async def delete_plan(platform: Platform, caller: Caller, scope: Scope, plan_id: int) -> None:
    """Remove a plan.

    Raises:
        PlanNotFoundError: There is no such plan in the scope.
        PlanInUseError: A schedule starts it.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not delete plans there.
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.DELETE_JOB_PLAN, info, ResourceKind.PLAN, plan_id)
        plan = await _stored(tx, scope, plan_id)
        await demand_unused_plan(tx, plan_id)
        await plans.delete(tx, plan_id)
        await note(tx, platform, caller, Action.DELETE_JOB_PLAN, plan, "delete")


class Standing(msgspec.Struct, frozen=True):
    """Say how a plan stands to its template: how many versions it is `behind`."""

    template_name: str
    behind: int


async def get_plan(platform: Platform, caller: Caller, scope: Scope, plan_id: int) -> tuple[Plan, Standing]:
    """Return a plan, its secrets hidden, and how it stands to its template.

    Raises:
        PlanNotFoundError: There is no such plan in the scope.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not see plans there.
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.VIEW_JOB_PLAN, info, ResourceKind.PLAN, plan_id)
        found = await plans.find(tx, scope, plan_id)
        template = None if found is None else await templates.find(tx, scope, found.template_id)
    if found is None or template is None:
        raise PlanNotFoundError
    missing = behind((found.version, found.revision), (template.version, template.revision))
    return mask_plan(open_plan(platform.engine.sealer, found)), Standing(template.name, missing)


async def list_plans(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    wanted: PlanFilter,
    *,
    start: int = 0,
    length: int = 20,
) -> tuple[int, list[PlanRow]]:
    """Return how many plans are wanted, and a page of them, last changed first.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not see plans there.
    """
    async with platform.engine.db.begin() as tx:
        demand(caller, Action.VIEW_JOB_PLAN, await enter_scope(tx, platform, caller, scope))
        return await plans.list_of_scope(tx, scope, wanted, start=start, length=length)


async def insert_plan(
    tx: Transaction,
    platform: Platform,
    caller: Caller,
    scope: Scope,
    template_id: int,
    new: NewPlan,
    plan_id: int | None = None,
) -> Plan:
    """Do what `create_plan` does, within a transaction; the plan returned is in clear.

    Args:
        plan_id: One that is free; None for a fresh one.
    """
    info = await enter_scope(tx, platform, caller, scope)
    await demand_on(tx, caller, Action.CREATE_JOB_PLAN, info, ResourceKind.TEMPLATE, template_id)
    template = await _template(tx, platform, scope, template_id, keep=True)
    if plan_id is None:
        [plan_id] = await templates.fresh_ids(tx, "plan", 1)
    now = platform.engine.clock()
    bare = Plan(plan_id, template_id, scope, new.name, "", (), (), caller.username, now, caller.username, now)
    copied = await synchronised(tx, bare, template)
    everything = frozenset(one.step.id for one in copied.steps)
    plan = _changed(copied, msgspec.structs.replace(new, enabled=everything if new.enabled is None else new.enabled))
    if not await plans.insert(tx, seal_plan(platform.engine.sealer, plan)):
        raise PlanNameTakenError(new.name)
    await note(tx, platform, caller, Action.CREATE_JOB_PLAN, plan, "create")
    return plan


async def save_plan(tx: Transaction, platform: Platform, caller: Caller, old: Plan, plan: Plan, new: NewPlan) -> Plan:
    """Store a plan that is held, changed as asked for, where it differs from `old`; all are in clear."""
    return await _store(tx, platform, caller, old, _changed(plan, new), Action.EDIT_JOB_PLAN)


async def synchronised(tx: Transaction, plan: Plan, template: Template) -> Plan:
    """Return a plan with the steps and variables that its template has now; both are in clear."""
    steps = await templates.fresh_ids(tx, "plan_step", len(template.steps))
    variables = await templates.fresh_ids(tx, "plan_variable", len(template.variables))
    return msgspec.structs.replace(
        plan,
        version=template.version,
        revision=template.revision,
        steps=sync_steps(plan.steps, template.steps, steps),
        variables=sync_variables(plan.variables, template.variables, variables),
    )


async def _store(tx: Transaction, platform: Platform, caller: Caller, old: Plan, plan: Plan, action: Action) -> Plan:
    if plan == old:
        return old
    at = changed_at(platform.engine.clock(), old.modified_at)
    changed = msgspec.structs.replace(plan, modifier=caller.username, modified_at=at)
    if not await plans.update(tx, seal_plan(platform.engine.sealer, changed)):
        raise PlanNameTakenError(changed.name)
    await note(tx, platform, caller, action, changed, "edit", old=old)
    return changed


async def held_plan(tx: Transaction, platform: Platform, scope: Scope, plan_id: int) -> Plan:
    """Return a plan in clear, held until the transaction ends.

    Raises:
        PlanNotFoundError: There is no such plan in the scope.
    """
    return open_plan(platform.engine.sealer, await _stored(tx, scope, plan_id))


async def _stored(tx: Transaction, scope: Scope, plan_id: int) -> Plan:
    found = await plans.find(tx, scope, plan_id, lock=True)
    if found is None:
        raise PlanNotFoundError
    return found


async def _template(
    tx: Transaction, platform: Platform, scope: Scope, template_id: int, *, keep: bool = False
) -> Template:
    found = await templates.find(tx, scope, template_id, keep=keep)
    if found is None:
        raise TemplateNotFoundError
    return open_template(platform.engine.sealer, found)


def _changed(plan: Plan, new: NewPlan) -> Plan:
    """Return a plan with its name, steps and values as asked for."""
    name = new.name or plan.name
    refuse(list(check_name("plan.name", name)))
    own = merge(plan.variables, [one for one in new.values if one.value != MASK])
    variables = tuple(_following(one, new.follows) for one in own)
    refuse([mistake for one in own for mistake in check_value(f"variables.{one.variable.name}", one.variable)])
    return msgspec.structs.replace(plan, name=name, steps=_enabled(plan.steps, new.enabled), variables=variables)


def _enabled(steps: Iterable[PlanStep], wanted: frozenset[int] | None) -> tuple[PlanStep, ...]:
    known = tuple(steps)
    if wanted is None:
        return known
    if not wanted <= {one.step.id for one in known}:
        raise IllegalParameterError("steps", "has one that is no step of the template")
    return tuple(msgspec.structs.replace(one, enabled=one.step.id in wanted) for one in known)


def _following(one: PlanVariable, names: frozenset[str] | None) -> PlanVariable:
    return one if names is None else msgspec.structs.replace(one, follows=one.variable.name in names)
