"""Make plans what their templates are now, together with the schedules that start them."""

from collections.abc import Sequence

import msgspec

from jobfleet.model.caller import Action, Caller
from jobfleet.model.permission import ResourceKind
from jobfleet.model.resource_errors import ScheduleNotFoundError
from jobfleet.model.schedule_wish import ScheduleChange
from jobfleet.model.scope import Scope
from jobfleet.model.template import GivenValue, Plan
from jobfleet.operations.access import demand_on, enter_scope
from jobfleet.operations.plan_secrets import mask_plan
from jobfleet.operations.plans import synchronise
from jobfleet.operations.platform import Platform
from jobfleet.operations.schedules import enable_in, update_in
from jobfleet.store import schedules
from jobfleet.store.database import Transaction


class ConfirmedSchedule(msgspec.Struct, frozen=True):
    """Say what a schedule gives to the plan's variables from now on, and whether it fires.

    `values` None leaves them as they are.
    """

    id: int
    values: tuple[GivenValue, ...] | None = None
    enabled: bool = True


async def sync_plan(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    plan_id: int,
    confirmed: Sequence[ConfirmedSchedule] = (),
    seen_at: int | None = None,
) -> Plan:
    """Make a plan's steps and variables what its template has now, and return it, its secrets hidden.

    Schedules that are confirmed are changed with it, all or nothing; others go on as they are.

    Args:
        seen_at: When the template had been changed last (epoch ms) as the caller saw it; None: whatever it is now.

    Raises:
        ChangedMeanwhileError: Somebody has changed the template since `seen_at`.
        PlanNotFoundError: There is no such plan in the scope.
        ScheduleNotFoundError: A schedule is not there, or starts another plan.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, not synchronise plans there, or not
            manage the schedules.
        Others: See `schedules.update` and `schedules.enable`.

    Source: docs/reference/plans.md, «Synchronise».
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.SYNC_JOB_PLAN, info, ResourceKind.PLAN, plan_id)
        for schedule_id in sorted({one.id for one in confirmed}):  # before the plan, as whoever changes a schedule does
            await _hold(tx, scope, schedule_id, plan_id)
        synced = await synchronise(tx, platform, caller, scope, plan_id, seen_at)
        for one in confirmed:
            await update_in(tx, platform, caller, scope, one.id, ScheduleChange(values=one.values))
            if one.enabled:
                await enable_in(tx, platform, caller, scope, one.id)
    return mask_plan(synced)


async def _hold(tx: Transaction, scope: Scope, schedule_id: int, plan_id: int) -> None:
    schedule = await schedules.get(tx, scope, schedule_id, lock=True)
    if schedule.plan_id != plan_id:
        raise ScheduleNotFoundError
