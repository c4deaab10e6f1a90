"""Schedules: declaring them, switching them, looking at them and at what became of their moments."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id, ScopeText, Started
from jobfleet.api.native.plans import Hosts, Value, check_given, given_values
from jobfleet.api.native.route import Call, Done, FieldError, Route, Wanted, key_of
from jobfleet.api.native.targets import parse_scope
from jobfleet.api.native.template_words import SeenAt
from jobfleet.api.native.templates import Length, Start
from jobfleet.api.native.views import show_scope
from jobfleet.model.caller import Action
from jobfleet.model.job import Job
from jobfleet.model.schedule import MAX_EXPRESSION_CHARACTERS, MAX_NAME_CHARACTERS, Fire, Overlap, Schedule, Timing
from jobfleet.model.scope import Scope
from jobfleet.model.template import GivenValue
from jobfleet.operations import plans, schedule_query, schedules
from jobfleet.operations.apply_schedule import apply_schedule as apply_one
from jobfleet.operations.schedule_query import ScheduleCourse
from jobfleet.operations.schedules import NewSchedule, ScheduleChange
from jobfleet.store.plans import PlanFilter
from jobfleet.store.schedules import ScheduleFilter

LAST_MOMENT = 253_402_300_799_999
"""The end of the year 9999."""

Moment = Annotated[int, Meta(ge=1, le=LAST_MOMENT, description="Epoch milliseconds")]
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)]
Expression = Annotated[str, Meta(max_length=MAX_EXPRESSION_CHARACTERS)]
MOST_PLANS = 1000
MOST_TIMES = 50


class CreateSchedule(Wanted, frozen=True):
    """Ask for a schedule of a plan, named by `plan_id` or, where it is the only one of its name, by `plan`.

    One of `expression` and `execute_at` is needed. `values` and `hosts` are by the names of the plan's variables.
    """

    scope: ScopeText
    name: Name
    plan_id: Id | None = None
    plan: str = ""
    expression: Expression = ""
    execute_at: Moment | None = None
    time_zone: str = ""
    end_at: Moment | None = None
    overlap: Overlap = Overlap.ALLOW
    values: dict[str, Value] = msgspec.field(default_factory=dict)
    hosts: dict[str, Hosts] = msgspec.field(default_factory=dict)


class ApplySchedule(CreateSchedule, frozen=True):
    """Declare a schedule: created, or changed where it differs, and enabled or paused."""

    enabled: bool = True


class UpdateSchedule(Wanted, frozen=True):
    """Change a schedule: what is left out stays; `values` and `hosts` together replace all values."""

    schedule_id: Id
    name: Name | None = None
    plan_id: Id | None = None
    expression: Expression | None = None
    execute_at: Moment | None = None
    time_zone: str | None = None
    end_at: Annotated[int, Meta(ge=0, le=LAST_MOMENT, description="Epoch milliseconds; 0 takes it away")] | None = None
    overlap: Overlap | None = None
    values: dict[str, Value] | None = None
    hosts: dict[str, Hosts] | None = None
    seen_at: SeenAt | None = None


class OneSchedule(Wanted, frozen=True):
    """Name a schedule."""

    schedule_id: Id


class ListSchedules(Wanted, frozen=True):
    """Page through the schedules of a scope that have `name` in their name, or of one plan, last changed first."""

    scope: ScopeText
    name: str = ""
    enabled: bool | None = None
    plan_id: Id | None = None
    start: Start = 0
    length: Length = 20


class NextTimes(Wanted, frozen=True):
    """Ask when a schedule would fire: by an expression, or once; `time_zone` "" is the scope's."""

    scope: ScopeText
    expression: Expression = ""
    execute_at: Moment | None = None
    time_zone: str = ""
    end_at: Moment | None = None
    count: Annotated[int, Meta(ge=1, le=MOST_TIMES)] = 5


class TimesAnswer(msgspec.Struct, frozen=True):
    """Show the next moments (epoch milliseconds) in the zone that they are read in; fewer when there are no more."""

    time_zone: str
    times: list[int]


class ListFires(Wanted, frozen=True):
    """Page through the fires of a schedule, latest moment first."""

    schedule_id: Id
    start: Start = 0
    length: Length = 20


class ScheduleView(msgspec.Struct, frozen=True):
    """Show a schedule; times are epoch milliseconds. It fires as `modifier`."""

    id: int
    scope: str
    name: str
    plan_id: int
    expression: str
    execute_at: int | None
    time_zone: str
    end_at: int | None
    overlap: str
    enabled: bool
    next_fire_at: int | None
    failures: int
    failure_code: int
    creator: str
    created_at: int
    modifier: str
    modified_at: int


class ValueView(msgspec.Struct, frozen=True):
    """Show a value that a schedule gives to a variable of its plan; those of passwords are masked."""

    name: str
    value: str | None
    hosts: dict[str, Any] | None


class ScheduleAnswer(msgspec.Struct, frozen=True):
    """Show a schedule and the values that it gives; `plan` is the plan's name, "" when it is gone."""

    schedule: ScheduleView
    plan: str
    template_id: int | None
    values: list[ValueView]


class ScheduleApplied(msgspec.Struct, frozen=True):
    """Show what became of a declared schedule: added, changed or unchanged."""

    effect: str
    schedule: ScheduleView


class FireView(msgspec.Struct, frozen=True):
    """Show what became of a moment; `code` and `message` say why no job was started.

    `job_status` is a word, with its number in `job_status_code` (0: none); "" when no job was started or it is gone.
    """

    scheduled_at: int
    state: str
    manual: bool
    operator: str
    job_id: int | None
    code: int
    message: str
    at: int
    job_status: str
    job_status_code: int
    total_ms: int | None


class ScheduleLine(ScheduleView, frozen=True):
    """Show a schedule in a list: the name of its `plan`, and what became of its latest moments, latest first."""

    plan: str
    fires: list[FireView]


class ScheduleList(msgspec.Struct, frozen=True):
    """Show one page of schedules; `total` counts them all."""

    total: int
    schedules: list[ScheduleLine]


class FireList(msgspec.Struct, frozen=True):
    """Show one page of fires; `total` counts those that are remembered."""

    total: int
    fires: list[FireView]


async def create_schedule(call: Call, wanted: CreateSchedule) -> ScheduleAnswer:
    """Make a schedule; it is paused."""
    return _answer(await schedules.create(call.platform, call.caller, await _new(call, wanted)))


async def apply_schedule(call: Call, wanted: ApplySchedule) -> ScheduleApplied:
    """Make a schedule what is declared."""
    new = await _new(call, wanted)
    effect, schedule = await apply_one(call.platform, call.caller, new, enabled=wanted.enabled)
    return ScheduleApplied(effect.value, _view(schedule))


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
    return _answer(await schedules.update(call.platform, call.caller, scope, wanted.schedule_id, change))


async def show_schedule(call: Call, wanted: OneSchedule) -> ScheduleAnswer:
    """Show a schedule."""
    return _answer(await schedule_query.show(call.platform, call.caller, *await _named(call, wanted)))


async def list_schedules(call: Call, wanted: ListSchedules) -> ScheduleList:
    """Show a page of schedules."""
    scope, those = (
        parse_scope(wanted.scope),
        ScheduleFilter(name=wanted.name, enabled=wanted.enabled, plan_id=wanted.plan_id),
    )
    total, found, started = await schedule_query.list_courses(
        call.platform, call.caller, scope, those, start=wanted.start, length=wanted.length
    )
    return ScheduleList(total, [_line(one, started) for one in found])


async def next_times(call: Call, wanted: NextTimes) -> TimesAnswer:
    """Show when a schedule would fire."""
    timing = Timing(wanted.expression.strip(), wanted.execute_at, wanted.time_zone, wanted.end_at)
    scope = parse_scope(wanted.scope)
    zone, times = await schedule_query.coming(call.platform, call.caller, scope, timing, wanted.count)
    return TimesAnswer(zone, times)


async def enable_schedule(call: Call, wanted: OneSchedule) -> ScheduleView:
    """Let a schedule fire."""
    return _view(await schedules.enable(call.platform, call.caller, *await _named(call, wanted)))


async def disable_schedule(call: Call, wanted: OneSchedule) -> ScheduleView:
    """Keep a schedule from firing."""
    return _view(await schedules.pause(call.platform, call.caller, *await _named(call, wanted)))


async def delete_schedule(call: Call, wanted: OneSchedule) -> Done:
    """Remove a schedule."""
    await schedules.delete(call.platform, call.caller, *await _named(call, wanted))
    return Done()


async def fire_schedule(call: Call, wanted: OneSchedule) -> Started:
    """Start what a schedule starts, now."""
    started = await schedules.fire_now(call.platform, call.caller, *await _named(call, wanted), key=key_of(call))
    return Started(started.job_id, started.step_id, started.name)


async def list_fires(call: Call, wanted: ListFires) -> FireList:
    """Show a page of fires."""
    scope = await _scope(call, wanted.schedule_id)
    total, found = await schedule_query.list_fires(
        call.platform, call.caller, scope, wanted.schedule_id, start=wanted.start, length=wanted.length
    )
    started = await schedule_query.jobs_of(call.platform, found)
    return FireList(total, [_fire(one, started) for one in found])


async def _scope(call: Call, schedule_id: int) -> Scope:
    return await schedule_query.scope_of_schedule(call.platform, call.caller, schedule_id)


async def _named(call: Call, wanted: OneSchedule) -> tuple[Scope, int]:
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


def _answer(view: schedule_query.ScheduleView) -> ScheduleAnswer:
    name, template_id = ("", None) if view.plan is None else (view.plan.name, view.plan.template_id)
    return ScheduleAnswer(_view(view.schedule), name, template_id, [_value(one) for one in view.values])


def _value(one: GivenValue) -> ValueView:
    return ValueView(one.name, one.value, None if one.hosts is None else msgspec.to_builtins(one.hosts))


def _view(schedule: Schedule) -> ScheduleView:
    timing = schedule.timing
    return ScheduleView(
        id=schedule.id,
        scope=show_scope(schedule.scope),
        name=schedule.name,
        plan_id=schedule.plan_id,
        expression=timing.expression,
        execute_at=timing.execute_at,
        time_zone=timing.time_zone,
        end_at=timing.end_at,
        overlap=schedule.overlap.value,
        enabled=schedule.enabled,
        next_fire_at=schedule.next_fire_at,
        failures=schedule.failures,
        failure_code=schedule.failure_code,
        creator=schedule.creator,
        created_at=schedule.created_at,
        modifier=schedule.modifier,
        modified_at=schedule.modified_at,
    )


def _line(one: ScheduleCourse, started: Mapping[int, Job]) -> ScheduleLine:
    shown = msgspec.structs.asdict(_view(one.schedule))
    return ScheduleLine(**shown, plan=one.plan, fires=[_fire(fire, started) for fire in one.fires])


def _fire(one: Fire, started: Mapping[int, Job]) -> FireView:
    job = started.get(one.job_id or 0)
    return FireView(
        scheduled_at=one.scheduled_at,
        state=one.state.value,
        manual=one.manual,
        operator=one.operator,
        job_id=one.job_id,
        code=one.code,
        message=one.message,
        at=one.at,
        job_status="" if job is None else job.status.name.lower(),
        job_status_code=0 if job is None else int(job.status),
        total_ms=None if job is None else job.total_ms,
    )


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
