"""Schedules in version 3, where they are called crons: what bus and gateway share. Times are epoch seconds."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from jobfleet.api.fields import NEEDED, Int32, Int64, Text, text
from jobfleet.api.paging import page_of
from jobfleet.api.plans import GlobalVar, plan_id_of
from jobfleet.api.rules import id_of
from jobfleet.api.scope import Scoped, scope_of
from jobfleet.api.scripts import scope_first
from jobfleet.api.shown_hosts import ShownServer, show_server
from jobfleet.api.surface import Call
from jobfleet.api.targets import target_of
from jobfleet.api.times import first_ms, last_ms
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.schedule import Schedule
from jobfleet.model.schedule_wish import NewSchedule, ScheduleChange
from jobfleet.model.scope import Scope
from jobfleet.model.template import GivenValue
from jobfleet.operations import schedule_query, schedules
from jobfleet.operations.schedule_query import ScheduleView
from jobfleet.store.schedules import ScheduleFilter

ON, OFF = 1, 2
MAX_SECONDS = 253_402_300_799
"""The end of the year 9999."""

Seconds = Annotated[int, Meta(ge=1, le=MAX_SECONDS, extra_json_schema={"format": "int64"})]


class SaveCron(Scoped, frozen=True, kw_only=True):
    """Make a schedule, or change the one of `id`; either way it is paused then."""

    id: Int64 | None = None
    job_plan_id: Annotated[Int64 | None, NEEDED] = None
    name: Text | None = None
    expression: str | None = None
    execute_time: Seconds | None = None
    execute_time_zone: str | None = None
    global_var_list: tuple[GlobalVar, ...] | None = None


class GetCronList(Scoped, frozen=True, kw_only=True):
    """Ask for schedules; an `id` is the only filter, a span counts with both its ends."""

    id: Int64 | None = None
    name: Text | None = None
    status: Int32 | None = None
    creator: Text | None = None
    create_time_start: Int64 | None = None
    create_time_end: Int64 | None = None
    last_modify_user: Text | None = None
    last_modify_time_start: Int64 | None = None
    last_modify_time_end: Int64 | None = None
    start: Int32 | None = None
    length: Int32 | None = None


class OneCron(Scoped, frozen=True, kw_only=True):
    """Name a schedule."""

    id: Annotated[Int64 | None, NEEDED] = None


class UpdateCronStatus(Scoped, frozen=True, kw_only=True):
    """Enable a schedule (1) or pause it (any other)."""

    id: Annotated[Int64 | None, NEEDED] = None
    status: Annotated[Int32 | None, NEEDED] = None


class CronVariable(msgspec.Struct, frozen=True):
    """Show what a schedule gives to a variable; values of passwords are masked."""

    id: Int64
    name: str
    type: Int32
    value: str | None
    server: ShownServer | None
    description: str | None
    required: Int32


class CronItem(msgspec.Struct, frozen=True, kw_only=True):
    """Show a schedule in a list."""

    id: Int64
    name: str
    status: Int32
    bk_scope_type: str
    bk_scope_id: str
    bk_biz_id: Int64
    job_plan_id: Int64
    creator: str
    create_time: Int64
    last_modify_user: str
    last_modify_time: Int64
    expression: str | None
    execute_time_zone: str


class Cron(CronItem, frozen=True, kw_only=True):
    """Show a schedule."""

    execute_time: Int64 | None
    global_var_list: list[CronVariable]


class CronPage(msgspec.Struct, frozen=True):
    """Show one page of schedules; `total` counts all that match."""

    start: Int32
    total: Int32
    length: Int32
    data: list[CronItem]


class CronId(msgspec.Struct, frozen=True):
    """Name the schedule that was changed."""

    id: Int64


async def save_cron(call: Call, wanted: SaveCron) -> Cron:
    """Make or change a schedule.

    Source: docs/reference/schedules.md, «BlueKing API».
    """
    scope = scope_of(wanted)
    async with scope_first(call, wanted):
        values = None if wanted.global_var_list is None else tuple(_given(wanted.global_var_list))
    if wanted.id is None:
        return render(await schedules.create(call.platform, call.caller, await _new(call, scope, wanted, values or ())))
    async with scope_first(call, wanted):
        change = _change(wanted, values)
    return render(await schedules.update(call.platform, call.caller, scope, wanted.id, change))


async def _new(call: Call, scope: Scope, wanted: SaveCron, values: tuple[GivenValue, ...]) -> NewSchedule:
    async with scope_first(call, wanted):
        return NewSchedule(
            scope=scope,
            name=text(wanted.name),
            plan_id=plan_id_of("job_plan_id", wanted.job_plan_id),
            expression=wanted.expression or "",
            execute_at=_ms(wanted.execute_time),
            time_zone=wanted.execute_time_zone or "",
            values=values,
        )


def _change(wanted: SaveCron, values: tuple[GivenValue, ...] | None) -> ScheduleChange:
    if wanted.job_plan_id is None and not (wanted.name or wanted.expression or wanted.execute_time):
        raise IllegalParameterReasonError("job_plan_id/name/expression/execute_time", "is missing")
    return ScheduleChange(
        name=None if wanted.name is None else text(wanted.name),
        plan_id=None if wanted.job_plan_id is None else plan_id_of("job_plan_id", wanted.job_plan_id),
        expression=wanted.expression or None,
        execute_at=_ms(wanted.execute_time),
        time_zone=wanted.execute_time_zone or None,
        values=values,
    )


def _given(entries: Iterable[GlobalVar]) -> Iterable[GivenValue]:
    for one in entries:
        known = one.id if one.id is not None and one.id >= 1 else None
        value = None if one.value is None else text(one.value)
        hosts = None if one.server is None or value else target_of(one.server)
        yield GivenValue(known, text(one.name), None if hosts is not None else value, hosts)


async def get_cron_list(call: Call, wanted: GetCronList) -> CronPage:
    """Show a page of schedules."""
    those = ScheduleFilter(
        id=wanted.id,
        name=text(wanted.name),
        enabled=None if wanted.status is None else wanted.status == ON,
        creator=text(wanted.creator),
        modifier=text(wanted.last_modify_user),
        created=_span(wanted.create_time_start, wanted.create_time_end),
        modified=_span(wanted.last_modify_time_start, wanted.last_modify_time_end),
    )
    start, length = page_of(wanted.start, wanted.length)
    total, found = await schedule_query.list_schedules(
        call.platform, call.caller, scope_of(wanted), those, start=start, length=length
    )
    return CronPage(start, total, length, [_item(one) for one in found])


async def get_cron_detail(call: Call, wanted: OneCron) -> Cron:
    """Show a schedule."""
    async with scope_first(call, wanted):
        schedule_id = id_of("id", wanted.id)
    return render(await schedule_query.show(call.platform, call.caller, scope_of(wanted), schedule_id))


async def update_cron_status(call: Call, wanted: UpdateCronStatus) -> Cron:
    """Enable or pause a schedule."""
    schedule_id = await switch(call, wanted)
    return render(await schedule_query.show(call.platform, call.caller, scope_of(wanted), schedule_id))


async def update_cron_status_shortly(call: Call, wanted: UpdateCronStatus) -> CronId:
    """Enable or pause a schedule."""
    return CronId(await switch(call, wanted))


async def switch(call: Call, wanted: UpdateCronStatus) -> int:
    """Enable or pause a schedule, and return its id."""
    async with scope_first(call, wanted):
        schedule_id = id_of("id", wanted.id)
        if wanted.status is None or wanted.status < 0:
            raise IllegalParameterReasonError("status", "is neither 1 nor 2")
    act = schedules.enable if wanted.status == ON else schedules.pause
    return (await act(call.platform, call.caller, scope_of(wanted), schedule_id)).id


async def delete_cron(call: Call, wanted: OneCron) -> UnsetType:
    """Remove a schedule."""
    async with scope_first(call, wanted):
        schedule_id = id_of("id", wanted.id)
    await schedules.delete(call.platform, call.caller, scope_of(wanted), schedule_id)
    return UNSET


def render(view: ScheduleView) -> Cron:
    """Return a schedule as version 3 shows it."""
    item = _item(view.schedule)
    at = view.schedule.timing.execute_at
    return Cron(
        **msgspec.structs.asdict(item),
        execute_time=None if at is None or item.expression else at // 1000,
        global_var_list=[variable for one in view.values if (variable := _variable(view, one)) is not None],
    )


def _item(schedule: Schedule) -> CronItem:
    return CronItem(
        id=schedule.id,
        name=schedule.name,
        status=ON if schedule.enabled else OFF,
        bk_scope_type=schedule.scope.type.value,
        bk_scope_id=str(schedule.scope.id),
        bk_biz_id=schedule.scope.id,
        job_plan_id=schedule.plan_id,
        creator=schedule.creator,
        create_time=schedule.created_at // 1000,
        last_modify_user=schedule.modifier,
        last_modify_time=schedule.modified_at // 1000,
        expression=schedule.timing.expression or None,
        execute_time_zone=schedule.timing.time_zone,
    )


def _variable(view: ScheduleView, given: GivenValue) -> CronVariable | None:
    """Return what is shown of a value; one that names no variable of the plan has no effect and is left out."""
    variables = () if view.plan is None else view.plan.variables
    one = next(
        (one for one in variables if given.id == one.id or (given.id is None and given.name == one.variable.name)), None
    )
    if one is None:
        return None
    known, server = one.variable, None if given.hosts is None else show_server(view.hosts, given.hosts)
    return CronVariable(
        one.id, known.name, known.type, given.value, server, known.description or None, int(known.required)
    )


def _span(start: int | None, end: int | None) -> tuple[int, int] | None:
    """Return a span, given in seconds or milliseconds, in milliseconds; None with one end only."""
    begin, last = first_ms(start), last_ms(end)
    return None if begin is None or last is None else (begin, last)


def _ms(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1000
