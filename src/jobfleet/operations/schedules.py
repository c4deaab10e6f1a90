"""Keep schedules: create, change, enable, pause and delete them, and fire them by hand."""

from collections.abc import Mapping
from typing import Any

import msgspec

from jobfleet.engine.service import nudge
from jobfleet.model.audit import edited
from jobfleet.model.caller import Action, Caller
from jobfleet.model.job import StartedJob
from jobfleet.model.permission import Resource, ResourceKind
from jobfleet.model.resource_errors import PlanNotFoundError, ScheduleNameTakenError
from jobfleet.model.schedule import Fire, FireState, Schedule
from jobfleet.model.schedule_wish import NewSchedule, ScheduleChange, checked_name, first_fire, merged, timing_of
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.model.template import changed_at
from jobfleet.operations.access import demand, demand_on, enter_scope
from jobfleet.operations.firing import new_job
from jobfleet.operations.once import once
from jobfleet.operations.platform import Platform
from jobfleet.operations.schedule_query import ScheduleView, view_of
from jobfleet.operations.schedule_values import Values, check_values, open_values, with_sealed
from jobfleet.operations.start_plan import accept_plan
from jobfleet.operations.templates import demand_unchanged
from jobfleet.store import audit, fires, plans, schedules
from jobfleet.store.database import Transaction


class FireNow(msgspec.Struct, frozen=True):
    """Name a schedule that is to start its job at once."""

    schedule_id: int


async def create(platform: Platform, caller: Caller, new: NewSchedule) -> ScheduleView:
    """Store a schedule; it is paused until somebody enables it.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        MissingParameterError, IllegalParameterReasonError, IllegalRequestError: Name, moment, zone or values.
        EndTimePassedError: It ends in the past.
        PlanNotFoundError, ScheduleNameTakenError: In this order.

    Source: docs/reference/schedules.md, «Creating and changing».
    """
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, new.scope)
        demand(caller, Action.CREATE_CRON, info)
        schedule = Schedule(
            id=await schedules.fresh_id(tx),
            scope=new.scope,
            name=checked_name(new.name),
            plan_id=new.plan_id,
            timing=timing_of(new, info, now),
            overlap=new.overlap,
            sealed_values="",
            enabled=False,
            creator=caller.username,
            created_at=now,
            modifier=caller.username,
            modified_at=now,
            next_fire_at=None,
            failures=0,
            failure_code=0,
        )
        view = await _with_values(tx, platform, schedule, new.values, ())
        if not await schedules.insert(tx, view.schedule):
            raise ScheduleNameTakenError(new.name)
        await _note(tx, caller, view.schedule, "create", now)
        return view


async def update(
    platform: Platform, caller: Caller, scope: Scope, schedule_id: int, change: ScheduleChange
) -> ScheduleView:
    """Change a schedule; it is paused by that, and from now on fires as the caller.

    Raises:
        ScheduleNotFoundError: There is none of this id in the scope.
        ChangedMeanwhileError: Somebody has changed it since `seen_at`.
        Others: See `create`.
    """
    async with platform.engine.db.begin() as tx:
        return await update_in(tx, platform, caller, scope, schedule_id, change)


async def update_in(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope, schedule_id: int, change: ScheduleChange
) -> ScheduleView:
    """Do what `update` does, within a transaction."""
    now = platform.engine.clock()
    info, old = await _hold(tx, platform, caller, scope, schedule_id)
    demand_unchanged(change.seen_at, old)
    wanted = merged(old, change)
    before = open_values(platform.engine.sealer, old)
    changed = msgspec.structs.replace(
        _paused(platform, old, caller, now),
        name=checked_name(wanted.name),
        plan_id=wanted.plan_id,
        timing=timing_of(wanted, info, now),
        overlap=wanted.overlap,
    )
    given = before if change.values is None else change.values
    view = await _with_values(tx, platform, changed, given, before)
    if not await schedules.update(tx, view.schedule):
        raise ScheduleNameTakenError(changed.name)
    await fires.skip_queued(tx, old.id, "the schedule was changed", now)
    edit = edited(old, changed, ("name", "plan_id", "timing", "overlap"))
    await _note(tx, caller, changed, "change", now, change=edit)
    return view


async def enable(platform: Platform, caller: Caller, scope: Scope, schedule_id: int) -> Schedule:
    """Let a schedule fire from now on, as the caller.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScheduleNotFoundError: In this order.
        PlanNotFoundError: The plan is gone.
        ForbiddenError: The caller may not launch plans.
        ExecuteTimePassedError, EndTimePassedError: There is no moment left to fire.
        IllegalParameterReasonError: The expression names no day that ever comes.
    """
    async with platform.engine.db.begin() as tx:
        return await enable_in(tx, platform, caller, scope, schedule_id)


async def enable_in(tx: Transaction, platform: Platform, caller: Caller, scope: Scope, schedule_id: int) -> Schedule:
    """Do what `enable` does, within a transaction."""
    now = platform.engine.clock()
    info, old = await _hold(tx, platform, caller, scope, schedule_id)
    if await plans.find(tx, scope, old.plan_id) is None:
        raise PlanNotFoundError
    await demand_on(tx, caller, Action.LAUNCH_JOB_PLAN, info, ResourceKind.PLAN, old.plan_id)
    paused = _paused(platform, old, caller, now)
    changed = msgspec.structs.replace(paused, enabled=True, next_fire_at=first_fire(old.timing, now))
    await schedules.update(tx, changed)
    if await fires.list_queued(tx, old.id):  # of one that was enabled already: they wait on
        await schedules.set_course(tx, changed, now)
    await _note(tx, caller, old, "enable", now)
    return changed


async def pause(platform: Platform, caller: Caller, scope: Scope, schedule_id: int) -> Schedule:
    """Keep a schedule from firing; fires that wait for their turn are skipped, jobs that run go on.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScheduleNotFoundError: In this order.
    """
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        _, old = await _hold(tx, platform, caller, scope, schedule_id)
        changed = _paused(platform, old, caller, now)
        await schedules.update(tx, changed)
        await fires.skip_queued(tx, old.id, "the schedule was paused", now)
        await _note(tx, caller, old, "pause", now)
        return changed


async def delete(platform: Platform, caller: Caller, scope: Scope, schedule_id: int) -> None:
    """Remove a schedule and the record of its fires; its jobs stay in the history.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScheduleNotFoundError: In this order.
    """
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        _, old = await _hold(tx, platform, caller, scope, schedule_id)
        await schedules.delete(tx, old.id)
        await _note(tx, caller, old, "delete", now)


async def fire_now(platform: Platform, caller: Caller, scope: Scope, schedule_id: int, *, key: str = "") -> StartedJob:
    """Start what a schedule starts, at once and as the caller; enabled or not, it fires at its moments as before.

    With an idempotency key, the same request of the same caller is answered with the same job.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScheduleNotFoundError: In this order.
        Others: See `start_plan`.
        IdempotencyConflictError: The key was used with another request.
    """
    async with platform.engine.db.begin() as tx:
        started = await accept_fire(tx, platform, caller, scope, schedule_id, key=key)
    await nudge(platform.engine.bus, started.job_id)
    return started


async def accept_fire(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope, schedule_id: int, *, key: str = ""
) -> StartedJob:
    """Do what `fire_now` does, within a transaction; nudge the engine when it is committed."""
    _, schedule = await _hold(tx, platform, caller, scope, schedule_id)
    asked = FireNow(schedule_id)
    return await once(tx, platform, caller, key, asked, lambda: _fire(tx, platform, caller, schedule))


async def _fire(tx: Transaction, platform: Platform, caller: Caller, schedule: Schedule) -> StartedJob:
    now = platform.engine.clock()
    started = await accept_plan(tx, platform, caller, new_job(platform, schedule))
    who, state = caller.username, FireState.STARTED
    await fires.insert(tx, Fire(schedule.id, now, state, who, now, job_id=started.job_id, manual=True))
    await _note(tx, caller, schedule, "fire", now)
    return started


async def _hold(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope, schedule_id: int
) -> tuple[KnownScope, Schedule]:
    info = await enter_scope(tx, platform, caller, scope)
    await demand_on(tx, caller, Action.MANAGE_CRON, info, ResourceKind.CRON, schedule_id)
    return info, await schedules.get(tx, scope, schedule_id, lock=True)


def _paused(platform: Platform, old: Schedule, caller: Caller, now: int) -> Schedule:
    """Return a schedule as it is when the caller has changed it."""
    changes = {
        "enabled": False,
        "next_fire_at": None,
        "modifier": caller.username,
        "modified_at": changed_at(now, old.modified_at),
    }
    sealer = platform.engine.sealer
    return with_sealed(sealer, msgspec.structs.replace(old, **changes), open_values(sealer, old))


async def _with_values(
    tx: Transaction, platform: Platform, schedule: Schedule, given: Values, before: Values
) -> ScheduleView:
    """Return a schedule with its values sealed into it.

    Raises:
        PlanNotFoundError: The scope has no such plan.
    """
    plan = await plans.find(tx, schedule.scope, schedule.plan_id, lock=True)
    if plan is None:
        raise PlanNotFoundError
    values = check_values(plan.variables, given, before)
    sealed = with_sealed(platform.engine.sealer, schedule, values)
    return await view_of(tx, platform, sealed, values, plan)


async def _note(
    tx: Transaction, caller: Caller, schedule: Schedule, does: str, now: int, *, change: Mapping[str, Any] | None = None
) -> None:
    """Remember in the audit trail what was done to a schedule."""
    action = Action.CREATE_CRON if does == "create" else Action.MANAGE_CRON
    named = Resource(ResourceKind.CRON, str(schedule.id), schedule.name)
    subject = f"{does} schedule {schedule.name}"
    await audit.insert(tx, caller, action, subject, now, schedule.scope, resource=named, change=change)
