"""Searching in output: plain text, expressions of RE2, and lines that look like errors."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec
import re2

from jobfleet.model.log_line import units

MAX_SPANS = 20
"""So many places are told of one line."""

MAX_LINE_MATCHES = 1_000
"""So many matches of an expression count in one line: each may look at the rest of the line, however long that is."""

SLICE_BYTES = 256 * 1024
"""The time is looked at after so many bytes of whole lines, and at every match."""

_MAX_MEMORY_BYTES = 16 << 20
_LINES = "(?m)"
"""Before each expression: its ^ and $ are those of lines."""

_ERROR = (
    r"\b(?:errors?|failed|failure|fatal|exception|traceback|panic(?:ked)?|emerg|critical|denied|refused|unreachable|"
    r"segmentation fault|core dumped|out of memory|no such file|not found|cannot|can't|unable to|timed out|"
    r"command not found)\b|错误|失败|异常|拒绝"
)


class SearchKind(StrEnum):
    """Say how a text is searched for; ERROR needs none."""

    PLAIN = "plain"
    REGEX = "regex"
    ERROR = "error"


class Sought(msgspec.Struct, frozen=True):
    """Say what is looked for."""

    kind: SearchKind
    text: str = ""
    case: bool = False


class FoundLine(msgspec.Struct, frozen=True):
    """Name a line (counted from 1) with what was found in it: (first, end) in UTF-16 units."""

    number: int
    spans: tuple[tuple[int, int], ...]


def _never() -> bool:
    return False


class Pattern:
    """Find matches in bytes of whole lines; a match never goes beyond its line.

    Once `is_over` says that the time is, nothing more is found.
    """

    def __init__(self, sought: Sought, is_over: Callable[[], bool] = _never) -> None:
        self.is_over = is_over
        self._lower = False
        self._needle = b""
        self._expression: Any = None
        needle = sought.text.encode("utf-8", "surrogatepass")
        if sought.kind is SearchKind.PLAIN and (sought.case or needle.isascii()):
            self._needle, self._lower = (needle, False) if sought.case else (needle.lower(), True)
        else:
            self._expression = _compiled(sought)

    def prepared(self, data: bytes) -> bytes:
        """Return bytes as `find` wants them."""
        return data.lower() if self._lower else data

    def find(self, data: bytes, start: int, end: int) -> tuple[int, int] | None:
        """Return the first match that is not empty, or None."""
        if self._expression is None:
            at = data.find(self._needle, start, end)
            return None if at < 0 else (at, at + len(self._needle))
        while start < end and not self.is_over():
            match = self._expression.search(data, start, end)
            if match is None:
                return None
            if match.end() > match.start():
                return match.start(), match.end()
            start = match.end() + 1
        return None

    def all_from(self, data: bytes, first: tuple[int, int], end: int) -> tuple[int, list[tuple[int, int]]]:
        """Return how many matches a line has from its first one on, and the first MAX_SPANS of them."""
        spans, count, at = [first], 1, first[1]
        most = MAX_SPANS if self._expression is None else MAX_LINE_MATCHES
        while count < most and (found := self.find(data, at, end)):
            if count < MAX_SPANS:
                spans.append(found)
            count, at = count + 1, found[1]
        if self._expression is None:
            count += data.count(self._needle, at, end)
        return count, spans


def _compiled(sought: Sought) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.never_nl = True
    options.max_mem = _MAX_MEMORY_BYTES
    options.case_sensitive = sought.case
    text = {SearchKind.ERROR: _ERROR, SearchKind.PLAIN: re2.escape(sought.text)}.get(sought.kind, sought.text)
    return re2.compile(f"{_LINES}{text}".encode("utf-8", "surrogatepass"), options)


def complaint(sought: Sought) -> str:
    """Return why there is no such search, "" when there is."""
    if sought.kind is SearchKind.ERROR:
        return ""
    if not sought.text:
        return "is empty"
    if "\n" in sought.text:
        return "goes beyond a line"
    try:
        Pattern(sought)
    except re2.error as error:
        said = error.args[0] if error.args else "it is no regular expression"
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return text.replace(_LINES, "", 1)
    return ""


class Scan:
    """Go through an output block by block; count all matches, and keep the first lines that have some.

    Blocks are whole lines but for the last one.
    """

    def __init__(self, pattern: Pattern, first: int, limit: int) -> None:
        self._pattern = pattern
        self._first = first
        self._limit = limit
        self._lines = 0
        self._noted = 0
        self.matches = 0
        self.matching_lines = 0
        self.found: list[FoundLine] = []

    @property
    def is_full(self) -> bool:
        """Tell whether as many lines as wanted were found."""
        return len(self.found) >= self._limit

    def take(self, block: bytes) -> int:
        """Search in the next block; return up to where, which is its end unless the time was over."""
        data, at = self._pattern.prepared(block), 0
        while at < len(data):
            end = _slice_end(data, at)
            self._search(block, data, at, end)
            if self._pattern.is_over():
                break
            self._lines += data.count(b"\n", at, end)
            at = end
        return at

    def _search(self, block: bytes, data: bytes, start: int, stop: int) -> None:
        at = counted = start
        number = self._lines + 1
        while (found := self._pattern.find(data, at, stop)) is not None:
            number += data.count(b"\n", counted, found[0])
            begin = max(start, data.rfind(b"\n", start, found[0]) + 1)
            end = data.find(b"\n", found[0], stop)
            end = stop if end < 0 else end
            self._note(block, number, (begin, end), self._pattern.all_from(data, found, end))
            at = counted = end

    def _note(
        self, block: bytes, number: int, line: tuple[int, int], matches: tuple[int, list[tuple[int, int]]]
    ) -> None:
        self.matches += matches[0]
        if number == self._noted:  # a line so long that it came in several blocks
            return
        self._noted = number
        self.matching_lines += 1
        if number >= self._first and not self.is_full:
            text = block[line[0] : line[1]]
            self.found.append(FoundLine(number, tuple(_in_units(text, one, line[0]) for one in matches[1])))


def _slice_end(data: bytes, start: int) -> int:
    """Return where the line ends in which a slice that begins here is full."""
    end = data.find(b"\n", start + SLICE_BYTES)
    return len(data) if end < 0 else end + 1


def _in_units(text: bytes, span: tuple[int, int], begin: int) -> tuple[int, int]:
    first, end = span[0] - begin, span[1] - begin
    if text.isascii():
        return first, end
    before = units(text[:first].decode("utf-8", "replace"))
    return before, before + units(text[first:end].decode("utf-8", "replace"))
