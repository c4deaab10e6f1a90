"""Find a script's tag in its output as it passes, without keeping the output."""

from jobfleet.model.tags import tag_of

LONGEST_LINE_BYTES = 64 * 1024
"""A line is looked at as a whole up to this length."""


class TagScanner:
    """Remember the last tag of a byte stream that comes in pieces."""

    def __init__(self) -> None:
        self._carry = b""
        self._tag = ""

    @property
    def tag(self) -> str:
        """Return the last tag so far, also from a last line without an end."""
        return _tag_in(self._carry) or self._tag

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        lines, newline, rest = (self._carry + data).rpartition(b"\n")
        if newline:
            self._tag = _tag_in(lines) or self._tag
        self._carry = rest[-LONGEST_LINE_BYTES:]


def _tag_in(data: bytes) -> str:
    return tag_of(data.decode(errors="replace")) if b"job_" in data else ""
