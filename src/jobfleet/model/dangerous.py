"""Rules on dangerous commands, and which lines of a script they are searched in."""

import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from itertools import groupby

import msgspec

from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.scope import Scope
from jobfleet.model.script import Language

MAX_EXPRESSION_CHARACTERS = 250
MAX_DESCRIPTION_CHARACTERS = 1_000
MAX_HITS = 1_000
"""Most hits of one script that are recorded; whether it is intercepted is decided over all of them."""

MAX_LINE_CHARACTERS = 1_000
"""What is kept of a line that was hit."""


MAX_FIRST_LINE_BYTES = 1_024
"""So much of a first line is looked at for what runs a script; Linux looks at less."""

_SHELLS = ("sh", "bash", "rbash", "dash", "ash", "ksh", "mksh", "pdksh", "zsh", "csh", "tcsh", "fish", "busybox")
_INTERPRETERS = dict.fromkeys(_SHELLS, Language.SHELL) | {
    "perl": Language.PERL,
    "python": Language.PYTHON,
    "pypy": Language.PYTHON,
    "pwsh": Language.POWERSHELL,
    "powershell": Language.POWERSHELL,
}


class RuleAction(IntEnum):
    """Say what a hit does: only be recorded, or refuse the script; the numbers are the contract's."""

    SCAN = 1
    INTERCEPT = 2


class NewRule(msgspec.Struct, frozen=True):
    """Ask for a rule, or for a rule to become this; `languages` are numbers of model.script.Language.

    `approvable` None: as it was, and not for a new one.
    """

    expression: str
    languages: tuple[int, ...]
    description: str
    action: int
    approvable: bool | None = None


class DangerousRule(msgspec.Struct, frozen=True):
    """Describe a rule. `languages` ascend; `priority` orders rules, lowest first; times are epoch milliseconds.

    `approvable`: a second person may let a start pass that the rule intercepts.
    """

    id: int
    expression: str
    languages: tuple[int, ...]
    description: str
    action: RuleAction
    enabled: bool
    priority: int
    creator: str
    created_at: int
    modifier: str
    modified_at: int
    approvable: bool = False


class RuleFilter(msgspec.Struct, frozen=True):
    """Narrow a list of rules; texts are parts, a rule must be for one of `languages`; "", () and None mean any."""

    expression: str = ""
    description: str = ""
    languages: tuple[int, ...] = ()
    action: int | None = None


class Hit(msgspec.Struct, frozen=True):
    """Name a rule and a line, counted from 1, that it was found in."""

    rule: DangerousRule
    line_number: int
    line: str


class HitRecord(msgspec.Struct, frozen=True):
    """Remember a hit: the rule as it was then, the line, and who ran the script where and how.

    `at` is epoch milliseconds, `launch_mode` a model.job.LaunchMode, `script_hash` the SHA-256 of the script in hex.
    """

    id: int
    at: int
    rule_id: int
    expression: str
    action: RuleAction
    scope: Scope
    operator: str
    app_code: str
    launch_mode: int
    language: int
    line_number: int
    line: str
    script_hash: str


Search = Callable[[bytes], bool]
"""Tells whether an expression is found in a line of UTF-8."""


class Checker(msgspec.Struct, frozen=True):
    """Hold the enabled rules of one language in order, and a search that finds what any of them finds, if there is one.

    Compiling is the caller's: `rules` come with their searches.
    """

    rules: Sequence[tuple[DangerousRule, Search]]
    any_rule: Search | None = None


def check_rule(new: NewRule) -> None:
    """Do nothing when a rule may be kept, as far as one sees without compiling its expression.

    Raises:
        IllegalParameterError: A value is empty, too long or unknown; it is named.
    """
    _check_text("expression", new.expression, MAX_EXPRESSION_CHARACTERS)
    if not new.expression.strip():
        raise IllegalParameterError("expression", "is missing or empty")
    if not new.languages or not set(new.languages) <= set(Language):
        raise IllegalParameterError("languages", "is no valid value")
    _check_text("description", new.description, MAX_DESCRIPTION_CHARACTERS)
    if new.action not in set(RuleAction):
        raise IllegalParameterError("action", "is no valid value")


def _check_text(name: str, text: str, most: int) -> None:
    if len(text) > most:
        raise IllegalParameterError(name, f"is longer than {most} characters")
    if "\x00" in text:
        raise IllegalParameterError(name, "holds characters that no text may hold")


def search(checker: Checker, language: int, content: bytes) -> Iterator[Hit]:
    """Yield every hit of a script: line by line, and rules in order; comments are skipped.

    Source: docs/reference/dangerous-rules.md, «What is searched».
    """
    if not checker.rules:
        return
    for number, line in searched_lines(language, content):
        coded = line.encode()
        if checker.any_rule is None or checker.any_rule(coded):
            yield from (Hit(rule, number, line) for rule, found in checker.rules if found(coded))


def languages_of(language: int, content: bytes) -> tuple[int, ...]:
    """Return the languages by whose rules a script is searched: the declared one, and those that its first line names.

    Hosts run a script by what stands behind its `#!`, whatever it was declared as.

    Source: docs/reference/dangerous-rules.md, «What is searched».
    """
    if not content.startswith(b"#!"):
        return (language,)
    words = re.split(r"[\s/=]+", content[2:MAX_FIRST_LINE_BYTES].split(b"\n", 1)[0].decode("utf-8", "replace"))
    named = (_INTERPRETERS.get(word.rstrip("0123456789.-")) for word in words)
    return tuple(dict.fromkeys((language, *(int(one) for one in named if one is not None))))


def search_all(checkers: Mapping[int, Checker], content: bytes) -> Iterator[Hit]:
    """Yield every hit of a script by the rules of several languages (language to rules), line by line, each once."""
    found = (search(checker, language, content) for language, checker in checkers.items())
    for _, hits in groupby(heapq.merge(*found, key=_line_number), key=_line_number):
        yield from {hit.rule.id: hit for hit in hits}.values()


def _line_number(hit: Hit) -> int:
    return hit.line_number


def kept_hits(hits: Iterable[Hit], *, approved: bool = False) -> tuple[list[Hit], Hit | None]:
    """Return the hits that are recorded, and the first that intercepts, which is always among them.

    What a second person has `approved` is intercepted only by rules that nobody may let it past.
    """
    kept: list[Hit] = []
    intercepting: Hit | None = None
    for hit in hits:
        first = intercepting is None and intercepts(hit.rule, approved=approved)
        intercepting = hit if first else intercepting
        if len(kept) < MAX_HITS:
            kept.append(hit)
        elif first:
            kept[-1] = hit
        elif intercepting is not None:
            break
    return kept, intercepting


def intercepts(rule: DangerousRule, *, approved: bool) -> bool:
    """Tell whether a rule refuses what it hits, after a second person has `approved` that or before."""
    return rule.action is RuleAction.INTERCEPT and not (approved and rule.approvable)


def searched_lines(language: int, content: bytes) -> Iterator[tuple[int, str]]:
    """Yield the lines of a script that are no comments, numbered from 1; bytes that are no UTF-8 become U+FFFD."""
    is_comment = _COMMENTS.get(Language(language), _never)
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
        text = line.removesuffix("\r")
        if text and not is_comment(text):
            yield number, text


_REM = re.compile(r"\s*@?rem(\s|$)", re.IGNORECASE)


def _is_hash_comment(line: str) -> bool:
    # Python ends a line at a carriage return too: what stands behind it is no comment.
    return line.lstrip().startswith("#") and "\r" not in line


def _is_rem(line: str) -> bool:
    return _REM.match(line) is not None


def _never(_line: str) -> bool:
    return False


_COMMENTS: dict[Language, Callable[[str], bool]] = {
    Language.SHELL: _is_hash_comment,
    Language.PERL: _is_hash_comment,
    Language.PYTHON: _is_hash_comment,
    Language.POWERSHELL: _is_hash_comment,
    Language.BAT: _is_rem,
}
