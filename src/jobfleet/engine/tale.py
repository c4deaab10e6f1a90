"""Tell how far the files of a third-party source are, as lines that become the records of a file step."""

import time
from collections.abc import Callable

import msgspec

from jobfleet.model.transfer import Direction, FailedItem, FileStatus, Progress

OWN_HOST = 0
"""Stands for the server where a host would be."""


class Tale:
    """Collect news of files; at most one a file and time of asking, but for those that say that it is over."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._files: dict[str, Progress] = {}
        self._begun: dict[str, float] = {}
        self._moved: set[str] = set()
        self._lines: list[bytes] = []

    def begin(self, path: str, size_bytes: int) -> None:
        """Say that a file is on its way."""
        self._begun.setdefault(path, time.monotonic())
        at = self._clock()
        self._files[path] = Progress(at, Direction.UPLOAD, OWN_HOST, path, "", FileStatus.PULLING, size_bytes)
        self._moved.add(path)

    def forget(self, path: str) -> None:
        """Say nothing more of a path that stands for others."""
        self._moved.discard(path)
        self._files.pop(path, None)

    def add(self, path: str, count: int) -> None:
        """Count bytes that came."""
        file = self._files[path]
        self._files[path] = msgspec.structs.replace(file, done_bytes=file.done_bytes + count)
        self._moved.add(path)

    def finish(self, path: str) -> None:
        """Say that a file is there."""
        self._end(msgspec.structs.replace(self._files[path], status=FileStatus.FINISHED))

    def fail(self, failed: FailedItem) -> None:
        """Say that a file cannot be had."""
        blank = Progress(0, Direction.UPLOAD, OWN_HOST, failed.path, "", FileStatus.FAILED, 0)
        file = self._files.get(failed.path, blank)
        self._end(
            msgspec.structs.replace(
                file, status=FileStatus.FAILED, error_code=failed.error_code, message=failed.message
            )
        )

    def take(self) -> bytes:
        """Return the lines that are new."""
        for path in sorted(self._moved):
            self._write(self._files[path])
        self._moved.clear()
        lines, self._lines = self._lines, []
        return b"".join(lines)

    def _end(self, file: Progress) -> None:
        self._moved.discard(file.path)
        self._files.pop(file.path, None)
        self._write(file)

    def _write(self, file: Progress) -> None:
        lasted_s = max(0.001, time.monotonic() - self._begun.get(file.path, time.monotonic()))
        told = msgspec.structs.replace(file, at=self._clock(), speed_kib_s=int(file.done_bytes / 1024 / lasted_s))
        self._lines.append(msgspec.json.encode(told) + b"\n")
