"""What the agent logs of itself: the latest lines are kept in memory, for the server to ask for."""

import logging
from collections import deque
from collections.abc import Iterator
from itertools import islice
from types import TracebackType

from jobfleet.agent.files import now_ms
from jobfleet.model.order import MAX_LOG_CHARACTERS, MAX_LOG_LINES, LogLine

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

MAX_TOLD_CHARACTERS = 128 * 1024
"""So much is told at once; with four bytes a character it is less than a message may hold."""


class _Shortly(logging.Formatter):
    """Name what went wrong in one line: where it did would leave no room for it."""

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - logging calls it so
        """Return what went wrong, without where."""
        return repr(ei[1])


class OwnLog(logging.Handler):
    """Keep what is logged from `info` on, MAX_LOG_LINES lines of it; `since` (epoch ms) is when that began."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(_Shortly("%(name)s %(message)s"))
        self._lines: deque[LogLine] = deque(maxlen=MAX_LOG_LINES)
        self.since = now_ms()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line; what is longer than MAX_LOG_CHARACTERS is cut."""
        text = self.format(record).removeprefix("jobfleet.agent.")
        self._lines.append(LogLine(int(record.created * 1000), record.levelname.lower(), text[:MAX_LOG_CHARACTERS]))

    def last(self, count: int) -> list[LogLine]:
        """Return the latest lines, oldest first: at most `count`, and MAX_TOLD_CHARACTERS of them."""
        return list(self._fitting(count))[::-1]

    def _fitting(self, count: int) -> Iterator[LogLine]:
        room = MAX_TOLD_CHARACTERS
        for line in islice(reversed(self._lines.copy()), count):
            room -= len(line.text)
            if room < 0:
                return
            yield line
