"""Times and durations as version 2 writes them."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo


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
