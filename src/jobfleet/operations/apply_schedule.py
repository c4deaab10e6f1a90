"""Make a schedule what is declared: created, changed, enabled or paused, or left as it is."""

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.difference import Effect
from jobfleet.model.schedule import Schedule
from jobfleet.model.schedule_wish import NewSchedule, ScheduleChange
from jobfleet.operations import schedules
from jobfleet.operations.access import enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.operations.schedule_values import open_values
from jobfleet.store.schedules import ScheduleFilter, list_of_scope


async def apply_schedule(
    platform: Platform, caller: Caller, new: NewSchedule, *, enabled: bool
) -> tuple[Effect, Schedule]:
    """Make the scope's schedule of this name what is declared, and say what that did to it.

    Applying the same again changes nothing.

    Raises:
        ScopeNotFoundError, ForbiddenError and others: See `schedules.create`, `update`, `enable` and `pause`.
    """
    old = await _named(platform, caller, new)
    if old is None:
        made = (await schedules.create(platform, caller, new)).schedule
        return Effect.ADDED, await _switched(platform, caller, made, enabled=enabled)
    if _is_same(platform, old, new) and old.enabled is enabled:
        return Effect.UNCHANGED, old
    if not _is_same(platform, old, new):
        old = (await schedules.update(platform, caller, new.scope, old.id, _change(new))).schedule
    return Effect.CHANGED, await _switched(platform, caller, old, enabled=enabled)


async def _named(platform: Platform, caller: Caller, new: NewSchedule) -> Schedule | None:
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, new.scope)
        _, found = await list_of_scope(tx, new.scope, ScheduleFilter(name=new.name.strip()), start=0, length=1000)
    return next((one for one in found if one.name == new.name.strip()), None)


async def _switched(platform: Platform, caller: Caller, schedule: Schedule, *, enabled: bool) -> Schedule:
    if schedule.enabled is enabled:
        return schedule
    switch = schedules.enable if enabled else schedules.pause
    return await switch(platform, caller, schedule.scope, schedule.id)


def _is_same(platform: Platform, old: Schedule, new: NewSchedule) -> bool:
    """Tell whether a schedule is as declared; a zone that is not declared may be any."""
    zone = new.time_zone or old.timing.time_zone
    timing = (" ".join(new.expression.split()), new.execute_at or None, zone, new.end_at)
    known = open_values(platform.engine.sealer, old)
    values = tuple(msgspec.structs.replace(one, secret=False) for one in known)
    declared = (new.plan_id, timing, new.overlap, new.values)
    return declared == (old.plan_id, msgspec.structs.astuple(old.timing), old.overlap, values)


def _change(new: NewSchedule) -> ScheduleChange:
    return ScheduleChange(
        plan_id=new.plan_id,
        expression=new.expression,
        execute_at=new.execute_at or 0,
        time_zone=new.time_zone or None,
        end_at=new.end_at or 0,
        overlap=new.overlap,
        values=new.values,
    )
