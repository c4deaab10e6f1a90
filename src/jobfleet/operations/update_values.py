"""Change values of variables in many plans at once: in all of them, or in none."""

from collections.abc import Collection, Sequence

import msgspec

from jobfleet.model.caller import Action, Caller
from jobfleet.model.errors import DeclarationError
from jobfleet.model.messages import message_of
from jobfleet.model.permission import ResourceKind
from jobfleet.model.resource_errors import BulkUpdateError, PlanNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.model.template import GivenValue, NewPlan, Plan
from jobfleet.model.variable import VariableType
from jobfleet.operations.access import demand_on, enter_scope
from jobfleet.operations.plans import held_plan, save_plan
from jobfleet.operations.platform import Platform
from jobfleet.store.database import Transaction

MAX_PLANS = 500
"""Most plans that are changed at once."""


class UpdatedPlan(msgspec.Struct, frozen=True):
    """Say what became of a plan: names of variables with a new value, and of those that follow their template."""

    plan_id: int
    name: str
    changed: tuple[str, ...]
    following: tuple[str, ...]


async def update_values(
    platform: Platform, caller: Caller, scope: Scope, plan_ids: Collection[int], values: Sequence[GivenValue]
) -> list[UpdatedPlan]:
    """Give variables other values in plans, by name; a plan without such a variable stays as it is.

    Variables that follow their template are passed over. Nothing is changed when one plan refuses.

    Args:
        plan_ids: At most MAX_PLANS.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not edit a plan.
        BulkUpdateError: A plan is not there, or a value is none for its variable.

    Source: docs/reference/plans.md, «Many plans at once».
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        for plan_id in sorted(set(plan_ids)):
            await demand_on(tx, caller, Action.EDIT_JOB_PLAN, info, ResourceKind.PLAN, plan_id)
        return [await _update(tx, platform, caller, scope, plan_id, values) for plan_id in sorted(set(plan_ids))]


async def _update(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope, plan_id: int, values: Sequence[GivenValue]
) -> UpdatedPlan:
    try:
        plan = await held_plan(tx, platform, scope, plan_id)
    except PlanNotFoundError as error:
        raise BulkUpdateError(plan_id, message_of(error, caller.language)) from error
    changed, following = _split(plan, values)
    try:
        await save_plan(tx, platform, caller, plan, plan, NewPlan("", values=changed))
    except DeclarationError as error:
        raise BulkUpdateError(plan_id, "; ".join(error.mistakes)) from error
    return UpdatedPlan(plan.id, plan.name, tuple(one.name for one in changed), following)


def _split(plan: Plan, values: Sequence[GivenValue]) -> tuple[tuple[GivenValue, ...], tuple[str, ...]]:
    """Return the values that a plan takes, and the names of variables that follow the template instead.

    Raises:
        BulkUpdateError: A host list is given a text, or another variable hosts.
    """
    known = {one.variable.name: one for one in plan.variables}
    named = [one for one in values if one.name in known]
    for one in named:
        if (known[one.name].variable.type is VariableType.HOSTS) is not (one.hosts is not None):
            raise BulkUpdateError(plan.id, f"{one.name} takes another kind of value")
    taken = tuple(one for one in named if not known[one.name].follows)
    return taken, tuple(one.name for one in named if known[one.name].follows)
