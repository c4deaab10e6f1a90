"""Look at schedules and at what became of their moments."""

from collections.abc import Iterable

import msgspec

from jobfleet.model.caller import Action, Caller, allows
from jobfleet.model.resource_errors import ScheduleNotFoundError
from jobfleet.model.schedule import Fire, Schedule
from jobfleet.model.scope import Scope
from jobfleet.model.target import Host
from jobfleet.model.template import Plan
from jobfleet.operations.access import enter_scope
from jobfleet.operations.named_hosts import usable_hosts
from jobfleet.operations.platform import Platform
from jobfleet.operations.schedule_values import Values, mask_values, open_values
from jobfleet.store import fires, plans, schedules
from jobfleet.store.database import Transaction
from jobfleet.store.schedules import ScheduleFilter


class ScheduleView(msgspec.Struct, frozen=True):
    """Show a schedule with the values that it gives, secret ones masked; `plan` is None when it is gone.

    `hosts` are those of the host lists that are known and that the scope may use.
    """

    schedule: Schedule
    values: Values
    plan: Plan | None
    hosts: tuple[Host, ...] = ()


async def show(platform: Platform, caller: Caller, scope: Scope, schedule_id: int) -> ScheduleView:
    """Return a schedule with the values that it gives.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScheduleNotFoundError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        schedule = await schedules.get(tx, scope, schedule_id)
        values = open_values(platform.engine.sealer, schedule)
        plan = await plans.find(tx, scope, schedule.plan_id)
        return await view_of(tx, platform, schedule, values, plan)


async def list_schedules(
    platform: Platform, caller: Caller, scope: Scope, wanted: ScheduleFilter, *, start: int, length: int
) -> tuple[int, list[Schedule]]:
    """Count the schedules of a scope that are wanted, and return a page of them, last changed first.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        return await schedules.list_of_scope(tx, scope, wanted, start=start, length=length)


async def list_fires(
    platform: Platform, caller: Caller, scope: Scope, schedule_id: int, *, start: int, length: int
) -> tuple[int, list[Fire]]:
    """Count the fires that are remembered of a schedule, and return a page of them, latest moment first.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScheduleNotFoundError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        schedule = await schedules.get(tx, scope, schedule_id)
        return await fires.list_of_schedule(tx, schedule.id, start=start, length=length)


async def scope_of_schedule(platform: Platform, caller: Caller, schedule_id: int) -> Scope:
    """Return the scope that a schedule belongs to.

    Raises:
        ScheduleNotFoundError: There is none, or the caller may not access its scope; both look alike.
    """
    async with platform.engine.db.begin() as tx:
        scope = await schedules.find_scope_of(tx, schedule_id)
    if scope is None or not allows(caller, Action.ACCESS_BUSINESS, scope.type, scope.id):
        raise ScheduleNotFoundError
    return scope


async def zone_of(platform: Platform, caller: Caller, scope: Scope) -> str:
    """Return the time zone of a scope.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        return (await enter_scope(tx, platform, caller, scope)).time_zone or ""


async def plan_names(platform: Platform, found: Iterable[Schedule]) -> dict[int, str]:
    """Return the names of the plans that schedules start, by id."""
    async with platform.engine.db.begin() as tx:
        return await plans.names(tx, {one.plan_id for one in found})


async def view_of(
    tx: Transaction, platform: Platform, schedule: Schedule, values: Values, plan: Plan | None
) -> ScheduleView:
    """Return a schedule as people may see it."""
    lists = [one.hosts for one in values if one.hosts is not None]
    masked = mask_values(() if plan is None else plan.variables, values)
    return ScheduleView(schedule, masked, plan, await usable_hosts(tx, platform, schedule.scope, lists))
