"""Tell how far the files of a third-party source are, as lines that become the records of a file step."""

import time
from collections.abc import Callable

import msgspec

from jobfleet.model.file_news import NewsRoom
from jobfleet.model.transfer import Direction, FailedItem, FileStatus, Progress

OWN_HOST = 0
"""Stands for the server where a host would be."""


class Tale:
    """Collect news of files; at most one a file and time of asking, but for those that say that it is over."""

    def __init__(self, clock: Callable[[], int], cap_bytes: int) -> None:
        self._clock = clock
        self._room = NewsRoom(cap_bytes)
        self._files: dict[str, Progress] = {}
        self._begun: dict[str, float] = {}
        self._moved: set[str] = set()
        self._ended: list[Progress] = []
        self._unsaid = b""

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

    def take(self, stored_bytes: int) -> bytes:
        """Return the lines that are new, for an output of so many bytes; `give_back` those that are not stored."""
        lines, self._unsaid = self._unsaid, b""
        self._room.taken_bytes = stored_bytes + len(lines)
        news = self._ended + [self._told(self._files[path]) for path in sorted(self._moved)]
        self._moved.clear()
        self._ended.clear()
        return lines + b"".join(self._room.line(one) for one in news)

    def take_last(self, stored_bytes: int) -> bytes:
        """Return the lines that are new and, when files were left out, one that says how many."""
        return self.take(stored_bytes) + self._room.last_line()

    def give_back(self, lines: bytes) -> None:
        """Take lines again that may not have been stored; to be told twice does no harm."""
        self._unsaid = lines + self._unsaid

    def _end(self, file: Progress) -> None:
        self._moved.discard(file.path)
        self._files.pop(file.path, None)
        self._ended.append(self._told(file))

    def _told(self, file: Progress) -> Progress:
        lasted_s = max(0.001, time.monotonic() - self._begun.get(file.path, time.monotonic()))
        return msgspec.structs.replace(file, at=self._clock(), speed_kib_s=int(file.done_bytes / 1024 / lasted_s))
