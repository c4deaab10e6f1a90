"""Schedules in version 2: periodic ones only, with times as texts."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from jobfleet.api.crons import OFF, ON
from jobfleet.api.fields import NEEDED, Day, Int32, Int64, Text, text
from jobfleet.api.paging import MAX_LENGTH, page_of
from jobfleet.api.plans import plan_id_of
from jobfleet.api.rules import id_of
from jobfleet.api.scope import ScopedV2, scope_of
from jobfleet.api.scripts import scope_first
from jobfleet.api.surface import Call
from jobfleet.api.times import time_texts
from jobfleet.api.words import in_words
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.schedule import Schedule
from jobfleet.model.schedule_wish import NewSchedule, ScheduleChange
from jobfleet.operations import schedule_query, schedules
from jobfleet.operations.schedule_query import ScheduleView
from jobfleet.store.schedules import ScheduleFilter

_FIELDS = {"name": "cron_name", "expression": "cron_expression", "expression|execute_at": "cron_expression"}


class SaveCronV2(ScopedV2, frozen=True, kw_only=True):
    """Make a schedule, or change the one of `cron_id`; either way it is paused then."""

    bk_job_id: Annotated[Int64 | None, NEEDED] = None
    cron_id: Int64 | None = None
    cron_name: Text | None = None
    cron_expression: str | None = None


class GetCronListV2(ScopedV2, frozen=True, kw_only=True):
    """Ask for schedules; a `cron_id` is the only filter, days are YYYY-MM-DD."""

    cron_id: Int64 | None = None
    cron_name: Text | None = None
    cron_status: Int32 | None = None
    creator: Text | None = None
    create_time_start: Day | None = None
    create_time_end: Day | None = None
    last_modify_user: Text | None = None
    last_modify_time_start: Day | None = None
    last_modify_time_end: Day | None = None
    start: Int32 | None = None
    length: Int32 | None = None


class UpdateCronStatusV2(ScopedV2, frozen=True, kw_only=True):
    """Enable a schedule (1) or pause it (any other)."""

    cron_id: Annotated[Int64 | None, NEEDED] = None
    cron_status: Annotated[Int32 | None, NEEDED] = None


class SavedCronV2(msgspec.Struct, frozen=True, kw_only=True):
    """Show a schedule that was saved."""

    bk_biz_id: Int64
    bk_scope_type: str
    bk_scope_id: str
    bk_job_id: Int64
    cron_id: Int64
    cron_name: str
    cron_status: Int32
    cron_expression: str | None
    creator: str
    create_time: str | None
    last_modify_user: str
    last_modify_time: str | None


class CronV2(SavedCronV2, frozen=True, kw_only=True):
    """Show a schedule with the name of its plan."""

    job_name: str | None


class CronIdV2(msgspec.Struct, frozen=True):
    """Name the schedule that was changed."""

    cron_id: Int64


async def save_cron(call: Call, wanted: SaveCronV2) -> SavedCronV2:
    """Make or change a schedule.

    Source: docs/reference/schedules.md, «BlueKing API».
    """
    scope = scope_of(wanted)
    with in_words(_FIELDS):
        view = await _save(call, wanted)
    zone = await schedule_query.zone_of(call.platform, call.caller, scope)
    return _saved(view.schedule, zone, offset=False)


async def _save(call: Call, wanted: SaveCronV2) -> ScheduleView:
    async with scope_first(call, wanted):
        asked = _new(wanted) if wanted.cron_id is None else _change(wanted)
    if isinstance(asked, NewSchedule):
        return await schedules.create(call.platform, call.caller, asked)
    return await schedules.update(call.platform, call.caller, scope_of(wanted), wanted.cron_id or 0, asked)


def _new(wanted: SaveCronV2) -> NewSchedule:
    plan_id = plan_id_of("bk_job_id", wanted.bk_job_id)
    return NewSchedule(scope_of(wanted), text(wanted.cron_name), plan_id, expression=wanted.cron_expression or "")


def _change(wanted: SaveCronV2) -> ScheduleChange:
    if wanted.bk_job_id is None and not (wanted.cron_name or wanted.cron_expression):
        raise IllegalParameterReasonError("bk_job_id/cron_name/cron_expression", "is missing")
    return ScheduleChange(
        name=None if wanted.cron_name is None else text(wanted.cron_name),
        plan_id=None if wanted.bk_job_id is None else plan_id_of("bk_job_id", wanted.bk_job_id),
        expression=wanted.cron_expression or None,
    )


async def get_cron_list(call: Call, wanted: GetCronListV2) -> list[CronV2]:
    """Show schedules, all that match unless `length` says how many."""
    scope = scope_of(wanted)
    zone = await schedule_query.zone_of(call.platform, call.caller, scope)
    those = ScheduleFilter(
        id=wanted.cron_id,
        name=text(wanted.cron_name),
        enabled=None if wanted.cron_status is None else wanted.cron_status == ON,
        creator=text(wanted.creator),
        modifier=text(wanted.last_modify_user),
        created=_days("create_time", wanted.create_time_start, wanted.create_time_end, zone),
        modified=_days("last_modify_time", wanted.last_modify_time_start, wanted.last_modify_time_end, zone),
    )
    start, length = page_of(wanted.start, wanted.length, MAX_LENGTH)
    _, found = await schedule_query.list_schedules(call.platform, call.caller, scope, those, start=start, length=length)
    names = await schedule_query.plan_names(call.platform, found)
    return [_show(one, zone, names) for one in found]


async def update_cron_status(call: Call, wanted: UpdateCronStatusV2) -> CronIdV2:
    """Enable or pause a schedule."""
    async with scope_first(call, wanted):
        schedule_id = id_of("cron_id", wanted.cron_id)
        if wanted.cron_status is None or wanted.cron_status < 0:
            raise IllegalParameterReasonError("cron_status", "is neither 1 nor 2")
    act = schedules.enable if wanted.cron_status == ON else schedules.pause
    return CronIdV2((await act(call.platform, call.caller, scope_of(wanted), schedule_id)).id)


def _show(one: Schedule, zone: str, names: Mapping[int, str]) -> CronV2:
    saved = _saved(one, zone, offset=True)
    return CronV2(**msgspec.structs.asdict(saved), job_name=names.get(one.plan_id))


def _saved(schedule: Schedule, zone: str, *, offset: bool) -> SavedCronV2:
    written = time_texts(zone, offset=offset)
    return SavedCronV2(
        bk_biz_id=schedule.scope.id,
        bk_scope_type=schedule.scope.type.value,
        bk_scope_id=str(schedule.scope.id),
        bk_job_id=schedule.plan_id,
        cron_id=schedule.id,
        cron_name=schedule.name,
        cron_status=ON if schedule.enabled else OFF,
        cron_expression=schedule.timing.expression or None,
        creator=schedule.creator,
        create_time=written(schedule.created_at),
        last_modify_user=schedule.modifier,
        last_modify_time=written(schedule.modified_at),
    )


def _days(name: str, start: str | None, end: str | None, zone: str) -> tuple[int, int] | None:
    """Return a span of days in milliseconds; None with one end only.

    Raises:
        IllegalParameterReasonError: A day is not written as YYYY-MM-DD.
    """
    if not start or not end:
        return None
    return midnight(f"{name}_start", start, zone), midnight(f"{name}_end", end, zone) + DAY_MS - 1


def midnight(name: str, day: str, zone: str) -> int:
    """Return when a day begins in a time zone, epoch milliseconds.

    Raises:
        IllegalParameterReasonError: It is not written as YYYY-MM-DD.
    """
    try:
        found = date.fromisoformat(day.strip())
        return int(datetime.combine(found, time(), ZoneInfo(zone)).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise IllegalParameterReasonError(name, "is no day such as 2026-11-22") from error
