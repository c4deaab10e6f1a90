"""The output file of a task: framed segments, written up to a cap, read from any byte offset."""

import os
import struct
from pathlib import Path
from typing import NamedTuple

from jobfleet.agent.tags import TagScanner
from jobfleet.model.order import SEGMENT_BYTES, STDERR, Segment

_FRAME = struct.Struct(">BqI")


def truncation_marker(cap_bytes: int) -> bytes:
    """Return the text that ends an output cut at its cap."""
    return f"\n[jobfleet: output cut at {cap_bytes} bytes]\n".encode()


class OutputWriter:
    """Append what a script prints to its output file, up to a cap and then one marker.

    `trouble` says why output is missing, or is "".
    """

    def __init__(self, path: Path, cap_bytes: int) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._cap_bytes = cap_bytes
        self._waiting: list[Segment] = []
        self._tags = TagScanner()
        self._kept_bytes = 0
        self.is_full = False
        self.size_bytes = 0
        self.trouble = ""

    @property
    def tag(self) -> str:
        """Return the tag in what was written so far."""
        return self._tags.tag

    def add(self, stream: int, at: int, data: bytes) -> None:
        """Take bytes of one stream that arrived at `at` (epoch milliseconds); drop them past the cap."""
        if self.is_full:
            return
        room = self._cap_bytes - self.size_bytes
        self._append(stream, at, data[:room])
        if len(data) > room:
            self.is_full = True
            self._append(STDERR, at, truncation_marker(self._cap_bytes))

    def flush(self) -> bool:
        """Write out what was taken; return whether there was anything."""
        if not self._waiting:
            return False
        frames = b"".join(
            part for stream, at, data in _merged(self._waiting) for part in (_FRAME.pack(stream, at, len(data)), data)
        )
        self._tags.feed(b"".join(segment.data for segment in self._waiting))
        self._waiting.clear()
        return self._write(frames)

    def _write(self, frames: bytes) -> bool:
        """Append whole frames or none; a disk that takes no more ends the output but not the script."""
        good = os.fstat(self._handle).st_size
        try:
            _write_all(self._handle, frames)
        except OSError as error:
            os.ftruncate(self._handle, good)
            self.is_full = True
            self.size_bytes = self._kept_bytes
            self.trouble = f"output from byte {self._kept_bytes} on is lost: {error.strerror}"
            return False
        self._kept_bytes = self.size_bytes
        return True

    def _append(self, stream: int, at: int, data: bytes) -> None:
        if data:
            self.size_bytes += len(data)
            self._waiting.append(Segment(stream=stream, at=at, data=data))


def _merged(segments: list[Segment]) -> list[tuple[int, int, bytes]]:
    """Join neighbours of one stream and millisecond, so that a frame costs little."""
    runs: list[tuple[int, int, list[bytes]]] = []
    for segment in segments:
        if runs and runs[-1][:2] == (segment.stream, segment.at):
            runs[-1][2].append(segment.data)
        else:
            runs.append((segment.stream, segment.at, [segment.data]))
    return [(stream, at, b"".join(parts)) for stream, at, parts in runs]


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


class _Place(NamedTuple):
    """Where a frame begins in the file, and its first byte in the output."""

    frame_at: int = 0
    offset: int = 0


class OutputReader:
    """Read the output of a task from a byte offset on, while it is still being written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begun = self._reached = _Place()

    def read(self, offset: int, limit: int) -> list[Segment]:
        """Return the segments from output byte `offset` on, as many as take about `limit` bytes on the wire."""
        known = next((one for one in (self._reached, self._begun) if one.offset <= offset), _Place())
        try:
            with self._path.open("rb") as file:
                return self._collect(file.fileno(), known, offset, limit)
        except FileNotFoundError:
            return []

    def size_bytes(self) -> int:
        """Count the output bytes in whole frames."""
        total, position = 0, 0
        try:
            with self._path.open("rb") as file:
                end = os.fstat(file.fileno()).st_size
                while (head := _head(file.fileno(), position)) and position + _FRAME.size + head[2] <= end:
                    total, position = total + head[2], position + _FRAME.size + head[2]
        except FileNotFoundError:
            pass
        return total

    def _collect(self, handle: int, place: _Place, offset: int, limit: int) -> list[Segment]:
        """Read on from a frame; note where, because what nobody answers is read again."""
        found: list[Segment] = []
        self._begun = place
        while limit > 0 and (head := _head(handle, place.frame_at)):
            stream, at, length = head
            skip = max(0, offset - place.offset)
            if skip < length:
                wanted = min(length - skip, max(1, limit - SEGMENT_BYTES))
                data = os.pread(handle, wanted, place.frame_at + _FRAME.size + skip)
                if len(data) < wanted:
                    break  # the runner is still writing this frame
                found.append(Segment(stream=stream, at=at, data=data))
                limit -= wanted + SEGMENT_BYTES
                offset += wanted
                if skip + wanted < length:
                    break
            place = _Place(place.frame_at + _FRAME.size + length, place.offset + length)
        self._reached = place
        return found


def _head(handle: int, position: int) -> tuple[int, int, int] | None:
    raw = os.pread(handle, _FRAME.size, position)
    return _FRAME.unpack(raw) if len(raw) == _FRAME.size else None
