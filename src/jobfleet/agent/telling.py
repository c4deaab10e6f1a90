"""Tell how far files are: a line of JSON a piece of news, at most one a second while bytes move, fewer with time."""

import os
import time

import msgspec

from jobfleet.agent.files import now_ms
from jobfleet.model.file_news import NewsRoom
from jobfleet.model.transfer import FailedItem, FileStatus, Progress

INTERVAL_S = 1.0
INTERVALS = 600
"""A transfer tells how far a file is at most so often in the time it has taken: days fit into its output."""


class News:
    """Tell on standard output what becomes of the files of one transfer, within the room that its output has."""

    def __init__(self, cap_bytes: int) -> None:
        self._room = NewsRoom(cap_bytes)
        self._begun = time.monotonic()

    @property
    def interval_s(self) -> float:
        """Return how long to wait between two pieces of news of a file on its way."""
        return max(INTERVAL_S, (time.monotonic() - self._begun) / INTERVALS)

    def tell(self, progress: Progress) -> None:
        """Tell how a file is, if there is room."""
        _print(self._room.line(progress))

    def tell_failed(self, failed: FailedItem, mode: int, source: int, dest: str = "") -> None:
        """Tell that something failed before any byte of it moved."""
        blank = Progress(now_ms(), mode, source, failed.path, dest, FileStatus.FAILED, 0)
        self.tell(msgspec.structs.replace(blank, error_code=failed.error_code, message=failed.message))

    def close(self) -> None:
        """Tell how many files were left out."""
        _print(self._room.last_line())


class FileTeller:
    """Tell of one file or directory on its way."""

    def __init__(self, first: Progress, news: News) -> None:
        self._last = first
        self._news = news
        self._begun = self._told = time.monotonic()

    def begin(self) -> None:
        """Say that it is on its way."""
        self._news.tell(self._last)

    def add(self, count: int) -> None:
        """Count bytes that moved; say so when it is time."""
        self._last = msgspec.structs.replace(self._last, done_bytes=self._last.done_bytes + count)
        if time.monotonic() - self._told >= self._news.interval_s:
            self._told = time.monotonic()
            self._tell(self._last.status)

    def finish(self, *, size_bytes: int | None = None) -> None:
        """Say that it arrived."""
        size = self._last.size_bytes if size_bytes is None else size_bytes
        self._last = msgspec.structs.replace(self._last, size_bytes=size, done_bytes=size)
        self._tell(FileStatus.FINISHED)

    def fail(self, error_code: int, message: str) -> None:
        """Say that it will not arrive."""
        self._last = msgspec.structs.replace(self._last, error_code=error_code, message=message)
        self._tell(FileStatus.FAILED)

    def _tell(self, status: int) -> None:
        speed = int(self._last.done_bytes / 1024 / max(0.001, time.monotonic() - self._begun))
        self._news.tell(msgspec.structs.replace(self._last, at=now_ms(), status=status, speed_kib_s=speed))


def _print(written: bytes) -> None:
    line = memoryview(written)
    while line:
        line = line[os.write(1, line) :]
