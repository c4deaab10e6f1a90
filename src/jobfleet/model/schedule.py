"""When schedules fire: expressions, time zones and missed moments; and what is remembered of each fire."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache

import msgspec
from cronsim import CronSim, CronSimError

from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.scope import Scope

MISFIRE_MS = 60_000
"""A moment of an expression is fired no later than this; after it the moment is missed."""

MAX_MISSED = 100
"""Most missed moments that are recorded one by one when servers were away for long."""

MAX_QUEUED = 10
"""Most fires of a schedule that wait for the job before them; further ones are skipped."""

MAX_NAME_CHARACTERS = 60
MAX_EXPRESSION_CHARACTERS = 255
FIELDS = 5


class Overlap(StrEnum):
    """Say what happens when a schedule is to fire while its last job still runs."""

    ALLOW = "allow"
    SKIP = "skip"
    QUEUE = "queue"


class FireState(StrEnum):
    """Say what became of a moment: its job started, could not start, or was never tried, or waits for its turn."""

    STARTED = "started"
    FAILED = "failed"
    MISSED = "missed"
    SKIPPED = "skipped"
    QUEUED = "queued"


class Timing(msgspec.Struct, frozen=True):
    """Say when a schedule fires: by a cron expression in a zone, until `end_at`; or once, at `execute_at`.

    Times are epoch milliseconds. The expression wins when both are given; one of them is.
    """

    expression: str
    execute_at: int | None
    time_zone: str
    end_at: int | None = None

    @property
    def is_periodic(self) -> bool:
        """Tell whether it fires again and again."""
        return bool(self.expression)


class Schedule(msgspec.Struct, frozen=True):
    """Describe a schedule. `sealed_values` are those that the plan's variables get; `modifier` is whom it fires as.

    `next_fire_at` is None while it is paused and once nothing is left to fire. `failures` counts the fires in a row
    that could not start because of `failure_code`.
    """

    id: int
    scope: Scope
    name: str
    plan_id: int
    timing: Timing
    overlap: Overlap
    sealed_values: str
    enabled: bool
    creator: str
    created_at: int
    modifier: str
    modified_at: int
    next_fire_at: int | None
    failures: int
    failure_code: int


class Fire(msgspec.Struct, frozen=True):
    """Tell what became of one moment; `code` and `message` say why no job was started, `at` when that was clear."""

    schedule_id: int
    scheduled_at: int
    state: FireState
    operator: str
    at: int
    job_id: int | None = None
    code: int = 0
    message: str = ""
    manual: bool = False
    id: int = 0


class Due(msgspec.Struct, frozen=True):
    """Say what a look at a schedule finds: moments that were missed, moments to fire now, and the next one.

    `has_more_missed` when more were missed than are listed.
    """

    missed: tuple[int, ...]
    firing: tuple[int, ...]
    next_at: int | None
    has_more_missed: bool = False


def check_expression(expression: str) -> str:
    """Return a cron expression with single blanks.

    Raises:
        IllegalParameterReasonError: It has not five fields, or one of them cannot be read; `?` is not taken.

    Source: docs/reference/schedules.md, «Expressions».
    """
    fields = expression.split()
    if len(expression) > MAX_EXPRESSION_CHARACTERS:
        raise IllegalParameterReasonError("expression", f"is longer than {MAX_EXPRESSION_CHARACTERS} characters")
    if len(fields) != FIELDS:
        raise IllegalParameterReasonError("expression", "needs five fields: minute hour day month weekday")
    try:
        CronSim(" ".join(fields), datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise IllegalParameterReasonError("expression", str(error)) from error
    return " ".join(fields)


def check_zone(name: str) -> str:
    """Return the name of a time zone.

    Raises:
        IllegalParameterReasonError: There is no such IANA zone.
    """
    if name not in _zones():
        raise IllegalParameterReasonError("time_zone", "is no IANA time zone such as Asia/Shanghai")
    return name


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def next_fire(timing: Timing, after: int) -> int | None:
    """Return the first moment after `after` at which a schedule fires, or None when there is none (epoch ms).

    Source: docs/reference/schedules.md, «Summer time».
    """
    if not timing.is_periodic:
        return timing.execute_at if timing.execute_at is not None and timing.execute_at > after else None
    found = next((at for at in _moments(timing, after) if at > after), None)
    return None if found is None or (timing.end_at is not None and found > timing.end_at) else found


def _moments(timing: Timing, after: int) -> Iterator[int]:
    """Yield moments from about `after` on: in an hour that comes twice, cronsim begins in the first of the two."""
    begin = datetime.fromtimestamp(after // 1000, zoneinfo.ZoneInfo(timing.time_zone))
    moments = CronSim(timing.expression, begin)
    while True:
        try:
            yield int(next(moments).timestamp()) * 1000
        except (StopIteration, OverflowError):  # not in fifty years, or not before the end of the calendar
            return


def due(timing: Timing, next_at: int, now: int) -> Due:
    """Return what a schedule has to do now whose next moment is, or was, `next_at`.

    What fires once fires however late it is. Of an expression, moments that are more than MISFIRE_MS ago are missed.

    Source: docs/reference/schedules.md, «Missed moments».
    """
    if not timing.is_periodic:
        return Due((), (next_at,), None) if next_at <= now else Due((), (), next_at)
    missed: list[int] = []
    at: int | None = next_at
    while at is not None and at < now - MISFIRE_MS:
        if len(missed) == MAX_MISSED:
            at = next_fire(timing, now - MISFIRE_MS - 1)
            return _firing(timing, tuple(missed), at, now, has_more_missed=True)
        missed.append(at)
        at = next_fire(timing, at)
    return _firing(timing, tuple(missed), at, now, has_more_missed=False)


def _firing(timing: Timing, missed: tuple[int, ...], first: int | None, now: int, *, has_more_missed: bool) -> Due:
    firing: list[int] = []
    at = first
    while at is not None and at <= now:
        firing.append(at)
        at = next_fire(timing, at)
    return Due(missed, tuple(firing), at, has_more_missed)


TELL_EVERY = 5


def is_told(failures: int) -> bool:
    """Tell whether the failure that comes after `failures` equal ones in a row is worth a word: the 1st, 6th, 11th."""
    return failures % TELL_EVERY == 0
