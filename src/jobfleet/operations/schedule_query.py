"""Look at schedules and at what became of their moments."""

from collections.abc import Iterable, Mapping

import msgspec

from jobfleet.model.caller import Action, Caller, allows
from jobfleet.model.job import Job
from jobfleet.model.resource_errors import ScheduleNotFoundError
from jobfleet.model.schedule import Fire, Schedule, Timing, check_expression, check_zone, next_fire
from jobfleet.model.scope import Scope
from jobfleet.model.target import Host
from jobfleet.model.template import Plan
from jobfleet.operations.access import enter_scope
from jobfleet.operations.named_hosts import usable_hosts
from jobfleet.operations.platform import Platform
from jobfleet.operations.schedule_values import Values, mask_values, open_values
from jobfleet.store import fires, jobs, plans, schedules
from jobfleet.store.database import Transaction
from jobfleet.store.schedules import ScheduleFilter, ScheduleOrder

LATEST_FIRES = 8
"""So many of its latest moments a list shows of each schedule."""


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
    platform: Platform,
    caller: Caller,
    scope: Scope,
    wanted: ScheduleFilter,
    *,
    start: int,
    length: int,
    order: ScheduleOrder = ScheduleOrder.CHANGED,
) -> tuple[int, list[Schedule]]:
    """Count the schedules of a scope that are wanted, and return a page of them in an order.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        return await schedules.list_of_scope(tx, scope, wanted, start=start, length=length, order=order)


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


class ScheduleCourse(msgspec.Struct, frozen=True):
    """Show a schedule in a list: its plan's name, "" when it is gone, and what became of its latest moments."""

    schedule: Schedule
    plan: str
    fires: tuple[Fire, ...]


async def list_courses(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    wanted: ScheduleFilter,
    *,
    start: int,
    length: int,
    order: ScheduleOrder,
) -> tuple[int, list[ScheduleCourse], Mapping[int, Job]]:
    """Do what `list_schedules` does, with what became of them; the last part are the jobs of the fires, by id.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    total, found = await list_schedules(platform, caller, scope, wanted, start=start, length=length, order=order)
    async with platform.engine.db.begin() as tx:
        named = await plans.names(tx, {one.plan_id for one in found})
        latest = await fires.list_latest(tx, [one.id for one in found], LATEST_FIRES)
        started = await _jobs_of(tx, [fire for listed in latest.values() for fire in listed])
    return (
        total,
        [ScheduleCourse(one, named.get(one.plan_id, ""), tuple(latest.get(one.id, ()))) for one in found],
        started,
    )


async def jobs_of(platform: Platform, found: Iterable[Fire]) -> Mapping[int, Job]:
    """Return the jobs that fires started, by id; those that are gone are left out."""
    async with platform.engine.db.begin() as tx:
        return await _jobs_of(tx, found)


async def _jobs_of(tx: Transaction, found: Iterable[Fire]) -> Mapping[int, Job]:
    return await jobs.list_by_ids(tx, {fire.job_id for fire in found if fire.job_id is not None})


async def coming(platform: Platform, caller: Caller, scope: Scope, timing: Timing, count: int) -> tuple[str, list[int]]:
    """Return the zone that a timing is read in (its own, else the scope's), and its next moments (epoch ms).

    Args:
        count: At most so many moments.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        IllegalParameterReasonError: The expression cannot be read, or there is no such zone.
    """
    zone = timing.time_zone or await zone_of(platform, caller, scope)
    read = msgspec.structs.replace(
        timing, expression=check_expression(timing.expression) if timing.expression else "", time_zone=check_zone(zone)
    )
    moments: list[int] = []
    after = platform.engine.clock()
    while len(moments) < count and (at := next_fire(read, after)) is not None:
        moments.append(at)
        after = at
    return zone, moments


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
