"""From the bytes of many hosts to whole lines, each with its host and stream."""

from collections.abc import Iterator

import msgspec

from jobfleet.cli.wire import Chunk

STDERR = 2
MAX_LINE_BYTES = 64 * 1024
"""A longer line is shown in pieces, so that one without an end does not fill the memory."""


class Line(msgspec.Struct, frozen=True):
    """A line of one stream of a task, without its end; bytes that are no UTF-8 are replaced."""

    task_id: int
    stream: int
    text: str


class Lines:
    """Keep what is not a whole line yet, by task and stream."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, int], bytes] = {}

    def take(self, chunk: Chunk) -> Iterator[Line]:
        """Yield the lines that a chunk completes."""
        for segment in chunk.segments:
            key = (chunk.task_id, segment.stream)
            *whole, rest = (self._open.pop(key, b"") + segment.data).split(b"\n")
            if len(rest) > MAX_LINE_BYTES:
                whole, rest = [*whole, rest], b""
            if rest:
                self._open[key] = rest
            yield from (_line(*key, data) for data in whole)

    def rest(self) -> Iterator[Line]:
        """Yield what is left when nothing more comes: last lines without an end."""
        for key, data in self._open.items():
            yield _line(*key, data)
        self._open.clear()


def _line(task_id: int, stream: int, data: bytes) -> Line:
    return Line(task_id, stream, data.decode("utf-8", "replace").removesuffix("\r"))
