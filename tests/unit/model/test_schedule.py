"""When schedules fire."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.schedule import (
    MAX_EXPRESSION_CHARACTERS,
    MAX_MISSED,
    MISFIRE_MS,
    Due,
    Timing,
    check_expression,
    check_zone,
    due,
    is_told,
    next_fire,
)

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
DST_ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "America/Havana",
    "Asia/Beirut",
)


def ms(text: str, zone: str = "UTC", fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()) * 1000


def local(at: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone))


def fires(expression: str, zone: str, begin: str, end: str) -> list[int]:
    """Return all moments of an expression from a local time until before another."""
    timing, found = Timing(expression, None, zone), []
    at = next_fire(timing, ms(begin, zone) - 1)
    while at is not None and at < ms(end, zone):
        found.append(at)
        at = next_fire(timing, at)
    return found


def field(low: int, high: int) -> st.SearchStrategy[set[int]]:
    some = st.sets(st.integers(low, high), min_size=1, max_size=4)
    return st.one_of(st.just(set(range(low, high + 1))), some)


def written(values: set[int], low: int, high: int) -> str:
    return "*" if values == set(range(low, high + 1)) else ",".join(map(str, sorted(values)))


@given(minutes=field(0, 59), hours=field(0, 23), months=field(1, 12), weekdays=field(0, 6), now=st.integers(0, 2**42))
def test_the_next_fire_is_the_first_minute_after_now_that_the_fields_name(
    minutes: set[int], hours: set[int], months: set[int], weekdays: set[int], now: int
) -> None:
    zone = "Asia/Kathmandu"  # 5:45 from UTC, no summer time
    texts = (written(minutes, 0, 59), written(hours, 0, 23), "*", written(months, 1, 12), written(weekdays, 0, 6))
    found = next_fire(Timing(" ".join(texts), None, zone), now)
    assert found is not None
    assert found > now
    at = local(found, zone)
    assert (at.minute in minutes, at.hour in hours, at.month in months) == (True, True, True)
    assert at.isoweekday() % 7 in weekdays
    day, before = at.date(), local(now + 1, zone)
    earlier = [
        hour * 60 + minute for hour in hours for minute in minutes if hour * 60 + minute < at.hour * 60 + at.minute
    ]
    if day > before.date():
        assert not earlier
        skipped = (day - timedelta(days=n) for n in range(1, min(60, (day - before.date()).days)))
        assert not [one for one in skipped if one.month in months and one.isoweekday() % 7 in weekdays]
    else:
        assert all(minute * 60 < before.hour * 3600 + before.minute * 60 + before.second + 1 for minute in earlier)


@pytest.mark.parametrize("zone", DST_ZONES)
@settings(max_examples=12)
@given(hour=st.integers(0, 3), minute=st.integers(0, 59))
def test_a_time_of_day_fires_exactly_once_on_every_day_of_a_year_with_summer_time(
    zone: str, hour: int, minute: int
) -> None:
    found = fires(f"{minute} {hour} * * *", zone, "2026-01-01T00:00", "2027-01-01T00:00")
    days = [local(at, zone).date() for at in found]
    assert days == [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    moved = [at for at in found if (local(at, zone).hour, local(at, zone).minute) != (hour, minute)]
    assert len(moved) <= 1


def test_a_time_that_the_clock_leaves_out_fires_when_the_clock_has_passed_it() -> None:
    [found] = fires("30 2 * * *", "America/New_York", "2026-03-08T00:00", "2026-03-09T00:00")
    assert found == ms("2026-03-08T03:00", "America/New_York")


def test_a_time_that_comes_twice_fires_the_first_time_only() -> None:
    zone = "America/New_York"
    assert fires("30 1 * * *", zone, "2026-11-01T00:00", "2026-11-02T00:00") == [ms("2026-11-01T01:30", zone)]
    between = ms("2026-11-01T01:10", zone, fold=1)
    assert next_fire(Timing("30 1 * * *", None, zone), between) == ms("2026-11-02T01:30", zone)


def test_every_hour_means_every_hour_that_passes() -> None:
    for day, hours in (("2026-03-08", 23), ("2026-11-01", 25)):
        end = f"{datetime.fromisoformat(day).date() + timedelta(days=1)}T00:00"
        found = fires("0 * * * *", "America/New_York", f"{day}T00:00", end)
        assert [after - before for before, after in pairwise(found)] == [HOUR] * (hours - 1)


def test_leap_days_and_the_end_of_the_calendar() -> None:
    leap = Timing("0 0 29 2 *", None, "UTC")
    assert next_fire(leap, ms("2026-11-22")) == ms("2028-02-29")
    assert next_fire(leap, ms("2096-03-01")) == ms("2104-02-29")
    assert next_fire(leap, ms("9998-01-01")) is None
    assert next_fire(Timing("* * * * *", None, "UTC"), ms("9999-12-31T23:59")) is None


@pytest.mark.parametrize(
    "expression",
    [
        *("", "@daily", "* * * *", "* * * * * *", "? * * * *", "0 0 ? * *", "60 * * * *", "* 24 * * *", "* * 0 * *"),
        *("* * * 13 *", "* * * * 8", "*/0 * * * *", "5-1 * * * *", "a * * * *", "0 0 30 2 *", "1,,2 * * * *"),
        "٣ * * * *",
    ],
)
def test_an_expression_that_cannot_be_read_is_refused_by_name(expression: str) -> None:
    with pytest.raises(IllegalParameterReasonError) as refused:
        check_expression(expression)
    assert (refused.value.code, refused.value.arguments[0]) == (1241010, "expression")


@given(st.text(max_size=30) | st.text(alphabet="0123456789*/,-L#W ?MONJA", max_size=40))
def test_every_text_is_an_expression_or_is_refused(text: str) -> None:
    try:
        checked = check_expression(text)
    except IllegalParameterReasonError:
        return
    found = next_fire(Timing(checked, None, "Europe/Berlin"), 1_800_000_000_000)
    assert found is None or found > 1_800_000_000_000


def test_an_expression_has_a_length() -> None:
    minutes = ",".join(["7"] * 130)[: MAX_EXPRESSION_CHARACTERS - 8]
    assert len(minutes + " * * * *") == MAX_EXPRESSION_CHARACTERS
    check_expression(minutes + " * * * *")
    with pytest.raises(IllegalParameterReasonError, match="longer"):
        check_expression(minutes + "  * * * *")


def test_blanks_between_fields_do_not_count() -> None:
    assert check_expression("  0   4 * *  MON ") == "0 4 * * MON"


def test_a_zone_has_an_iana_name() -> None:
    assert check_zone("America/Argentina/Ushuaia") == "America/Argentina/Ushuaia"
    for wrong in ("Mars/Base", "../etc/passwd", "America", ""):
        with pytest.raises(IllegalParameterReasonError, match="time_zone"):
            check_zone(wrong)


EVERY_MINUTE = Timing("* * * * *", None, "UTC")


@given(st.integers(0, 500 * MINUTE))
def test_a_look_finds_each_moment_of_the_past_once(late_ms: int) -> None:
    first = ms("2026-11-22T07:00")
    found = due(EVERY_MINUTE, first, first + late_ms)
    listed = [*found.missed, *found.firing]
    assert found.next_at is not None
    assert found.next_at > first + late_ms
    assert all(first + late_ms - at > MISFIRE_MS for at in found.missed)
    assert all(0 <= first + late_ms - at <= MISFIRE_MS for at in found.firing)
    assert len(found.missed) <= MAX_MISSED
    if not found.has_more_missed:
        assert [*listed, found.next_at] == [first + n * MINUTE for n in range(len(listed) + 1)]


def test_missed_moments_are_listed_up_to_a_limit() -> None:
    first = ms("2026-11-22T07:00")
    full = due(EVERY_MINUTE, first, first + MAX_MISSED * MINUTE + MISFIRE_MS)
    assert (len(full.missed), full.has_more_missed) == (MAX_MISSED, False)
    over = due(EVERY_MINUTE, first, first + (MAX_MISSED + 1) * MINUTE + MISFIRE_MS)
    assert (len(over.missed), over.has_more_missed) == (MAX_MISSED, True)
    assert over.firing[-1] == first + (MAX_MISSED + 2) * MINUTE


def test_a_year_away_is_looked_through_at_once() -> None:
    first = ms("2026-11-22T07:00")
    found = due(EVERY_MINUTE, first, first + 365 * DAY + 1)
    assert (found.firing, found.has_more_missed) == ((first + 365 * DAY,), True)


def test_what_fires_once_fires_however_late_it_is() -> None:
    once = Timing("", ms("2026-11-22T07:00"), "UTC")
    assert due(once, ms("2026-11-22T07:00"), ms("2027-11-22")) == Due((), (ms("2026-11-22T07:00"),), None)
    assert due(once, ms("2026-11-22T07:00"), ms("2026-11-22T06:59")) == Due((), (), ms("2026-11-22T07:00"))
    assert next_fire(once, ms("2026-11-22T07:00")) is None


def test_nothing_fires_after_the_end() -> None:
    end = ms("2026-11-22T08:00")
    timing = msgspec.structs.replace(EVERY_MINUTE, end_at=end)
    assert next_fire(timing, end - MINUTE) == end
    assert next_fire(timing, end) is None
    assert due(timing, end, end + 1) == Due((), (end,), None)


def test_every_fifth_equal_failure_is_told() -> None:
    assert [number for number in range(1, 13) if is_told(number - 1)] == [1, 6, 11]


def test_utc_is_a_zone_like_others() -> None:
    assert next_fire(Timing("0 12 * * *", None, "UTC"), 0) == 12 * HOUR
    assert datetime.fromtimestamp(12 * 3600, UTC).hour == 12
