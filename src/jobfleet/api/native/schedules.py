"""Schedules: declaring them, switching them, looking at them and at what became of their moments."""

from jobfleet.api.callers import language
from jobfleet.api.native.jobs import Started
from jobfleet.api.native.plans import Hosts, check_given, given_values
from jobfleet.api.native.route import Call, Done, FieldError, Route, key_of
from jobfleet.api.native.schedule_words import (
    ApplySchedule,
    CreateSchedule,
    FireList,
    ListFires,
    ListSchedules,
    NextTimes,
    OneSchedule,
    ScheduleAnswer,
    ScheduleApplied,
    ScheduleList,
    ScheduleView,
    TimesAnswer,
    UpdateSchedule,
    answer_of,
    fire_of,
    line_of,
    view_of,
)
from jobfleet.model.caller import Action
from jobfleet.model.schedule import Timing
from jobfleet.model.schedule_wish import NewSchedule, ScheduleChange
from jobfleet.model.scope import Scope, parse_scope
from jobfleet.model.template import GivenValue
from jobfleet.operations import plans, schedule_query, schedules
from jobfleet.operations.apply_schedule import apply_schedule as apply_one
from jobfleet.operations.coming_hosts import coming_hosts
from jobfleet.store.plans import PlanFilter
from jobfleet.store.schedules import ScheduleFilter

MOST_PLANS = 1000


async def create_schedule(call: Call, wanted: CreateSchedule) -> ScheduleAnswer:
    """Make a schedule; it is paused."""
    return answer_of(await schedules.create(call.platform, call.caller, await _new(call, wanted)))


async def apply_schedule(call: Call, wanted: ApplySchedule) -> ScheduleApplied:
    """Make a schedule what is declared."""
    new = await _new(call, wanted)
    effect, schedule = await apply_one(call.platform, call.caller, new, enabled=wanted.enabled)
    return ScheduleApplied(effect.value, view_of(schedule))


async def update_schedule(call: Call, wanted: UpdateSchedule) -> ScheduleAnswer:
    """Change a schedule; it is paused by that."""
    scope = await _scope(call, wanted.schedule_id)
    change = ScheduleChange(
        name=wanted.name,
        plan_id=wanted.plan_id,
        expression=wanted.expression,
        execute_at=wanted.execute_at,
        time_zone=wanted.time_zone,
        end_at=wanted.end_at,
        overlap=wanted.overlap,
        values=await _changed_values(call, scope, wanted),
        seen_at=wanted.seen_at,
    )
    return answer_of(await schedules.update(call.platform, call.caller, scope, wanted.schedule_id, change))


async def show_schedule(call: Call, wanted: OneSchedule) -> ScheduleAnswer:
    """Show a schedule."""
    return answer_of(await schedule_query.show(call.platform, call.caller, *await named_schedule(call, wanted)))


async def list_schedules(call: Call, wanted: ListSchedules) -> ScheduleList:
    """Show a page of schedules."""
    scope = parse_scope(wanted.scope)
    those = ScheduleFilter(
        name=wanted.name,
        enabled=wanted.enabled,
        plan_id=wanted.plan_id,
        failing=wanted.failing,
        fires_before=wanted.fires_before,
    )
    total, found, started = await schedule_query.list_courses(
        call.platform,
        call.caller,
        scope,
        those,
        start=wanted.start,
        length=wanted.length,
        order=wanted.order,
    )
    named = [one.schedule for one in found] if wanted.hosts else []
    hosts = await coming_hosts(call.platform, call.caller, scope, named)
    words = language(call.request)
    return ScheduleList(total, [line_of(one, started, hosts.get(one.schedule.id), words) for one in found])


async def next_times(call: Call, wanted: NextTimes) -> TimesAnswer:
    """Show when a schedule would fire."""
    timing = Timing(wanted.expression.strip(), wanted.execute_at, wanted.time_zone, wanted.end_at)
    scope = parse_scope(wanted.scope)
    zone, times = await schedule_query.coming(call.platform, call.caller, scope, timing, wanted.count)
    return TimesAnswer(zone, times)


async def enable_schedule(call: Call, wanted: OneSchedule) -> ScheduleView:
    """Let a schedule fire."""
    return view_of(await schedules.enable(call.platform, call.caller, *await named_schedule(call, wanted)))


async def disable_schedule(call: Call, wanted: OneSchedule) -> ScheduleView:
    """Keep a schedule from firing."""
    return view_of(await schedules.pause(call.platform, call.caller, *await named_schedule(call, wanted)))


async def delete_schedule(call: Call, wanted: OneSchedule) -> Done:
    """Remove a schedule."""
    await schedules.delete(call.platform, call.caller, *await named_schedule(call, wanted))
    return Done()


async def fire_schedule(call: Call, wanted: OneSchedule) -> Started:
    """Start what a schedule starts, now."""
    started = await schedules.fire_now(
        call.platform, call.caller, *await named_schedule(call, wanted), key=key_of(call)
    )
    return Started(started.job_id, started.step_id, started.name)


async def list_fires(call: Call, wanted: ListFires) -> FireList:
    """Show a page of fires."""
    scope = await _scope(call, wanted.schedule_id)
    total, found = await schedule_query.list_fires(
        call.platform, call.caller, scope, wanted.schedule_id, start=wanted.start, length=wanted.length
    )
    started = await schedule_query.jobs_of(call.platform, found)
    words = language(call.request)
    return FireList(total, [fire_of(one, started, words) for one in found])


async def _scope(call: Call, schedule_id: int) -> Scope:
    return await schedule_query.scope_of_schedule(call.platform, call.caller, schedule_id)


async def named_schedule(call: Call, wanted: OneSchedule) -> tuple[Scope, int]:
    """Return the scope of a schedule, and its id.

    Raises:
        ScheduleNotFoundError, ForbiddenError: The caller cannot look at such a schedule.
    """
    return await _scope(call, wanted.schedule_id), wanted.schedule_id


async def _new(call: Call, wanted: CreateSchedule) -> NewSchedule:
    scope = parse_scope(wanted.scope)
    plan_id = wanted.plan_id or await _plan_of_name(call, scope, wanted.plan)
    return NewSchedule(
        scope=scope,
        name=wanted.name,
        plan_id=plan_id,
        expression=wanted.expression,
        execute_at=wanted.execute_at,
        time_zone=wanted.time_zone,
        end_at=wanted.end_at,
        overlap=wanted.overlap,
        values=await _values(call, scope, plan_id, wanted.values, wanted.hosts),
    )


async def _plan_of_name(call: Call, scope: Scope, name: str) -> int:
    if not name:
        raise FieldError("plan_id", "is missing")
    _, found = await plans.list_plans(call.platform, call.caller, scope, PlanFilter(name=name), length=MOST_PLANS)
    ids = [row.id for row in found if row.name == name]
    if len(ids) != 1:
        raise FieldError("plan", "is the name of several plans; give plan_id" if ids else "is no plan of the scope")
    return ids[0]


async def _values(
    call: Call, scope: Scope, plan_id: int, values: dict[str, str], hosts: dict[str, Hosts]
) -> tuple[GivenValue, ...]:
    """Return values; unlike the platform's API, names that the plan does not have are refused."""
    plan, _ = await plans.get_plan(call.platform, call.caller, scope, plan_id)
    check_given(plan.variables, values, hosts)
    return given_values(values, hosts)


async def _changed_values(call: Call, scope: Scope, wanted: UpdateSchedule) -> tuple[GivenValue, ...] | None:
    if wanted.values is None and wanted.hosts is None:
        return None
    plan_id = wanted.plan_id
    if plan_id is None:
        found = await schedule_query.show(call.platform, call.caller, scope, wanted.schedule_id)
        plan_id = found.schedule.plan_id
    return await _values(call, scope, plan_id, wanted.values or {}, wanted.hosts or {})


_ROOT = "/api/v1/schedules"
_ONE = f"{_ROOT}/{{schedule_id}}"
_VIEW, _CREATE, _MANAGE = Action.ACCESS_BUSINESS, Action.CREATE_CRON, Action.MANAGE_CRON
ROUTES = (
    Route("GET", _ROOT, _VIEW, list_schedules, ListSchedules, ScheduleList, "List the schedules of a scope"),
    Route("POST", _ROOT, _CREATE, create_schedule, CreateSchedule, ScheduleAnswer, "Make a schedule, paused", 201),
    Route("POST", f"{_ROOT}/apply", _CREATE, apply_schedule, ApplySchedule, ScheduleApplied, "Apply a schedule"),
    Route("POST", f"{_ROOT}/next-times", _VIEW, next_times, NextTimes, TimesAnswer, "Say when a schedule would fire"),
    Route("GET", _ONE, _VIEW, show_schedule, OneSchedule, ScheduleAnswer, "Show a schedule"),
    Route("POST", f"{_ONE}/update", _MANAGE, update_schedule, UpdateSchedule, ScheduleAnswer, "Change, and pause"),
    Route("POST", f"{_ONE}/enable", _MANAGE, enable_schedule, OneSchedule, ScheduleView, "Let a schedule fire"),
    Route("POST", f"{_ONE}/disable", _MANAGE, disable_schedule, OneSchedule, ScheduleView, "Pause a schedule"),
    Route("POST", f"{_ONE}/delete", _MANAGE, delete_schedule, OneSchedule, Done, "Remove a schedule"),
    Route("POST", f"{_ONE}/fire", _MANAGE, fire_schedule, OneSchedule, Started, "Fire a schedule now", 201),
    Route("GET", f"{_ONE}/fires", _VIEW, list_fires, ListFires, FireList, "List what became of its moments"),
)
