"""Tell how far files are: a line of JSON a piece of news, at most one a second while bytes move."""

import os
import time

import msgspec

from jobfleet.agent.files import now_ms
from jobfleet.model.transfer import FailedItem, FileStatus, Progress

INTERVAL_S = 1.0


class FileTeller:
    """Tell of one file or directory on its way."""

    def __init__(self, first: Progress) -> None:
        self._last = first
        self._begun = self._told = time.monotonic()

    def begin(self) -> None:
        """Say that it is on its way."""
        _print(self._last)

    def add(self, count: int) -> None:
        """Count bytes that moved; say so when it is time."""
        self._last = msgspec.structs.replace(self._last, done_bytes=self._last.done_bytes + count)
        if time.monotonic() - self._told >= INTERVAL_S:
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
        _print(msgspec.structs.replace(self._last, at=now_ms(), status=status, speed_kib_s=speed))


def tell_failed(failed: FailedItem, mode: int, source: int, dest: str = "") -> None:
    """Say that something failed before any byte of it moved."""
    _print(
        Progress(
            at=now_ms(),
            mode=mode,
            source=source,
            path=failed.path,
            dest=dest,
            status=FileStatus.FAILED,
            size_bytes=0,
            error_code=failed.error_code,
            message=failed.message,
        )
    )


def _print(progress: Progress) -> None:
    line = memoryview(msgspec.json.encode(progress) + b"\n")
    while line:
        line = line[os.write(1, line) :]
