"""What people ask of schedules, and what of it can be."""

from typing import TypeVar

import msgspec

from jobfleet.model.errors import IllegalParameterReasonError, MissingParameterError
from jobfleet.model.resource_errors import EndTimePassedError, ExecuteTimePassedError
from jobfleet.model.schedule import (
    MAX_NAME_CHARACTERS,
    Overlap,
    Schedule,
    Timing,
    check_expression,
    check_zone,
    next_fire,
)
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.model.template import GivenValue

Kind = TypeVar("Kind")


class NewSchedule(msgspec.Struct, frozen=True):
    """Ask for a schedule. Times are epoch milliseconds; `time_zone` "" means the scope's.

    The expression wins over `execute_at`; one of them is needed.
    """

    scope: Scope
    name: str
    plan_id: int
    expression: str = ""
    execute_at: int | None = None
    time_zone: str = ""
    end_at: int | None = None
    overlap: Overlap = Overlap.ALLOW
    values: tuple[GivenValue, ...] = ()


class ScheduleChange(msgspec.Struct, frozen=True):
    """Say what of a schedule is to be another; None leaves it as it is, "" and 0 take it away.

    Given an `execute_at` and no expression, the schedule fires once from then on. `seen_at` is the `modified_at` of the
    schedule that was edited: it is not changed when somebody else did meanwhile.
    """

    name: str | None = None
    plan_id: int | None = None
    expression: str | None = None
    execute_at: int | None = None
    time_zone: str | None = None
    end_at: int | None = None
    overlap: Overlap | None = None
    values: tuple[GivenValue, ...] | None = None
    seen_at: int | None = None


def checked_name(name: str) -> str:
    """Return the name of a schedule without the blanks around it.

    Raises:
        MissingParameterError, IllegalParameterReasonError: It is missing, or too long.
    """
    if not name.strip():
        raise MissingParameterError("name")
    if len(name.strip()) > MAX_NAME_CHARACTERS:
        raise IllegalParameterReasonError("name", f"is longer than {MAX_NAME_CHARACTERS} characters")
    return name.strip()


def timing_of(new: NewSchedule, info: KnownScope, now: int) -> Timing:
    """Return when a schedule fires, in its own time zone or the scope's.

    Raises:
        IllegalParameterReasonError: There is neither expression nor moment, or one of them or the zone is none.
        EndTimePassedError: It ends in the past.
    """
    if not new.expression.strip() and not new.execute_at:
        raise IllegalParameterReasonError("expression|execute_at", "is missing")
    if new.end_at is not None and new.end_at <= now:
        raise EndTimePassedError
    expression = check_expression(new.expression) if new.expression.strip() else ""
    return Timing(expression, new.execute_at or None, check_zone(new.time_zone or info.time_zone or ""), new.end_at)


def first_fire(timing: Timing, now: int) -> int:
    """Return when a schedule that is enabled now fires first.

    Raises:
        ExecuteTimePassedError, EndTimePassedError: There is no moment left.
        IllegalParameterReasonError: The expression names no day that ever comes.
    """
    found = next_fire(timing, now)
    if found is not None:
        return found
    if not timing.is_periodic:
        raise ExecuteTimePassedError
    if timing.end_at is not None:
        raise EndTimePassedError
    raise IllegalParameterReasonError("expression", "names no day that ever comes")


def merged(old: Schedule, change: ScheduleChange) -> NewSchedule:
    """Return what a schedule is to be after a change; its values are not among it."""
    timing, is_once = old.timing, change.execute_at is not None and change.expression is None
    return NewSchedule(
        scope=old.scope,
        name=_or(change.name, old.name),
        plan_id=_or(change.plan_id, old.plan_id),
        expression="" if is_once else _or(change.expression, timing.expression),
        execute_at=_or(change.execute_at, timing.execute_at),
        time_zone=_or(change.time_zone, timing.time_zone),
        end_at=_or(change.end_at, timing.end_at) or None,
        overlap=_or(change.overlap, old.overlap),
    )


def _or(wanted: Kind | None, before: Kind) -> Kind:
    return before if wanted is None else wanted
