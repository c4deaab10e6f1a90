"""What is looked for in a script before anybody runs it, and what is told of it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum

import msgspec

MAX_FINDINGS = 1_000
"""Most findings of one checker."""

MAX_PART_CHARACTERS = 1_000
"""What is told of a line, and of the part that matches."""

CHECKER_LIMIT_S = 5.0
"""How long one checker takes at most; what it has not looked at by then is left out."""

Line = tuple[int, str]
"""A line with its number, from 1."""

Find = Callable[[str], str | None]
"""Returns the part of a line that an expression is found in, None when it is not."""


class Level(IntEnum):
    """Say how bad a finding is; the numbers are the contract's."""

    WARNING = 1
    ERROR = 2
    FATAL = 3


class Words(msgspec.Struct, frozen=True):
    """Say the same in Chinese and in English."""

    zh: str
    en: str


class Finding(msgspec.Struct, frozen=True):
    """Tell what was found in a line, counted from 1."""

    line: int
    text: str
    match: str
    level: Level
    words: Words


class Pattern(msgspec.Struct, frozen=True):
    """Describe what must not be in a line: an expression as RE2 reads it, and what to say."""

    expression: str
    words: Words


class LineRules(msgspec.Struct, frozen=True):
    """Hold what one checker looks for in each line, and a quick look whether any of it is there, if there is one."""

    level: Level
    finds: Sequence[tuple[Find, Words]]
    any_find: Find | None = None


def findings_in(rules: LineRules, lines: Iterable[Line], is_over: Callable[[], bool]) -> Iterator[Finding]:
    """Yield what is found, line by line, until there is too much of it or the time is over.

    Source: docs/reference/check-script.md.
    """
    count = 0
    if not rules.finds:
        return
    for number, line in lines:
        if count >= MAX_FINDINGS or is_over():
            return
        if rules.any_find is not None and rules.any_find(line) is None:
            continue
        for find, words in rules.finds:
            match = find(line)
            if match is not None:
                count += 1
                yield finding(number, line, match, rules.level, words)


def finding(number: int, line: str, match: str, level: Level, words: Words) -> Finding:
    """Return a finding that tells not too much of a line."""
    return Finding(number, line[:MAX_PART_CHARACTERS], match[:MAX_PART_CHARACTERS], level, words)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by line, the worst of a line first."""
    return sorted(findings, key=lambda one: (one.line, -one.level))


_SAID = re.compile(r"^[^:\n]*: line (\d+): (.*)$")


def grammar_findings(told: str, lines: Sequence[str]) -> Iterator[Finding]:
    """Yield what `bash -n` said of a script; the quotations of lines that it adds are left out."""
    for said in told.splitlines():
        match = _SAID.match(said)
        if match is None or match[2].startswith("`"):
            continue
        number = max(1, min(int(match[1]), len(lines)))
        line = lines[number - 1]
        yield finding(number, line, line, Level.ERROR, Words(f"语法错误：{match[2]}", f"Grammar: {match[2]}"))


_SHEBANG = re.compile(r"#!\s*(/usr)?(/local)?/bin/(env\s+(-S\s+)?)?(ba|da|k|z|a)?sh([ \t][^\r]*)?")
_STOPS = re.compile(r"^\s*set\s+(-[a-zA-Z]*e|-o\s+errexit)")
_STOPS_AT_ONCE = re.compile(r"^#!.*\s-[a-zA-Z]*e")
_UNCHECKED_CD = re.compile(r"(?:^|[;{(]|\bthen\b|\bdo\b|\belse\b)[ \t]*(cd[ \t]+[^\s;&|(){}][^;&|(){}]*)(?:[;)}]|$)")

NO_SHEBANG = Words("脚本首行没有解释器声明（#!）", "The first line does not say what runs the script (#!)")
ODD_SHEBANG = Words("脚本首行的解释器声明异常", "The first line names no shell that is commonly there")
UNCHECKED_CD = Words(
    "cd 之后没有检查是否成功，后续命令可能在错误的目录执行",
    "Nobody checks whether this cd succeeds: what follows may run in another directory",
)


def hints(content: str, lines: Iterable[Line], is_over: Callable[[], bool]) -> Iterator[Finding]:
    """Yield what is odd about a shell script although it may run: its first line, and `cd` without a check.

    Args:
        content: The whole script.
        lines: Its lines without comments.
    """
    # What Python's expressions do with a line may take the square of its length, so only so much of it is looked at.
    first = content.split("\n", 1)[0][:MAX_PART_CHARACTERS]
    if not first.startswith("#!"):
        yield finding(1, first, first, Level.WARNING, NO_SHEBANG)
    elif not _SHEBANG.fullmatch(first):
        yield finding(1, first, first, Level.WARNING, ODD_SHEBANG)
    stops = _STOPS_AT_ONCE.match(first) is not None
    for number, line in lines:
        if is_over():
            return
        part = line[:MAX_PART_CHARACTERS]
        stops = stops or _STOPS.match(part) is not None
        match = None if stops else _UNCHECKED_CD.search(part)
        if match is not None:
            yield finding(number, line, match[1].rstrip(), Level.WARNING, UNCHECKED_CD)
