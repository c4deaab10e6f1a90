"""Lines cut from output that comes as runs of bytes of two streams."""

from collections.abc import Iterable, Iterator

import msgspec

MAX_LINE_BYTES = 16 * 1024
"""So much of a line is shown; how much more there is, is said."""

BOTH = 3
"""The stream of a line that has bytes of standard output and of standard error."""


class Run(msgspec.Struct, frozen=True):
    """Hold bytes of one stream that came at `at` (epoch ms, 0 when nobody knows).

    `left_out` counts bytes after `data` that were not read because no line shows them.
    """

    stream: int
    at: int
    data: bytes
    left_out: int = 0


class Line(msgspec.Struct, frozen=True):
    """Show a line: its text, of which stream (1 output, 2 error, 3 both), when its first byte came.

    `parts` are, for a line of both streams, (stream, UTF-16 units) in order. `cut_bytes` are left out at its end.
    """

    text: str
    stream: int
    at: int
    cut_bytes: int = 0
    parts: tuple[tuple[int, int], ...] = ()


class _Growing:
    """Gather one line."""

    def __init__(self) -> None:
        self.parts: list[tuple[int, bytes]] = []
        self.at = 0
        self.size = 0
        self.begun = False

    def add(self, run: Run, data: bytes) -> None:
        if not self.begun:
            self.at, self.begun = run.at, True
        room = max(0, MAX_LINE_BYTES - self.size)
        self.size += len(data)
        if room and data:
            self.parts.append((run.stream, data[:room]))

    def line(self) -> Line:
        whole = b"".join(data for _, data in self.parts)
        streams = {stream for stream, _ in self.parts}
        text = whole.decode("utf-8", "replace")
        if len(streams) < 2:
            return Line(text, next(iter(streams), 1), self.at, self.size - len(whole))
        decoded = [(stream, data.decode("utf-8", "replace")) for stream, data in self.parts]
        parts = tuple((stream, units(part)) for stream, part in decoded)
        return Line("".join(part for _, part in decoded), BOTH, self.at, self.size - len(whole), parts)


def units(text: str) -> int:
    """Count a text's UTF-16 units, which is how browsers count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def lines_of(runs: Iterable[Run], skip: int) -> Iterator[Line]:
    """Yield lines, the last one also without a line end.

    Args:
        skip: So many line ends are passed first.
    """
    growing = _Growing()
    for run in runs:
        at, skip = _passed(run.data, skip)
        if skip:
            continue
        *ended, rest = run.data[at:].split(b"\n")
        for data in ended:
            if growing.begun or growing.size or len(data) > MAX_LINE_BYTES:
                growing.add(run, data)
                yield growing.line()
                growing = _Growing()
            else:  # Nearly every line is one piece of one run; a page reads thousands of them at once.
                yield Line(data.decode("utf-8", "replace"), run.stream if data else 1, run.at)
        if rest:
            growing.add(run, rest)
        growing.size += run.left_out
    if growing.size:
        yield growing.line()


def _passed(data: bytes, skip: int) -> tuple[int, int]:
    """Return where the bytes after `skip` line ends begin, and how many line ends are still to be passed."""
    at = 0
    while skip and (found := data.find(b"\n", at)) >= 0:
        at, skip = found + 1, skip - 1
    return at, skip
