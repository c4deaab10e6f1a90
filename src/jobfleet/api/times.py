"""Times as callers give them, and times and durations as version 2 writes them."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

LEAST_MS = 100_000_000_000
"""A moment that is given as less is meant in seconds: it would be before March 1973, and seconds reach year 5138."""


def first_ms(at: int | None) -> int | None:
    """Return the moment from which on is meant, given in seconds or milliseconds; None stays None."""
    return at * 1000 if at is not None and abs(at) < LEAST_MS else at


def last_ms(at: int | None) -> int | None:
    """Return the last moment that is meant, given in seconds, which are meant whole, or milliseconds."""
    return at * 1000 + 999 if at is not None and abs(at) < LEAST_MS else at


def time_texts(zone: str, *, offset: bool) -> Callable[[int | None], str | None]:
    """Return a function from epoch milliseconds to a text in a time zone; None stays None.

    The text is `YYYY-MM-DD HH:MM:SS`, with `offset` followed by one such as ` +0800`.

    Source: docs/reference/api.md, «Times».
    """
    place, known = ZoneInfo(zone), dict[int, str]()
    form = "%Y-%m-%d %H:%M:%S %z" if offset else "%Y-%m-%d %H:%M:%S"

    def text(at: int | None) -> str | None:
        if at is None:
            return None
        second = at // 1000
        if second not in known:  # the hosts of a step share a handful of seconds
            known[second] = datetime.fromtimestamp(second, place).strftime(form)
        return known[second]

    return text


def seconds(duration_ms: int | None) -> float | None:
    """Return a duration in seconds; None stays None."""
    return None if duration_ms is None else duration_ms / 1000
