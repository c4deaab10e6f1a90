"""Compiling the expressions of rules with RE2, whose searches take time linear in the text."""

from collections.abc import Callable, Iterable
from typing import Any

import re2

from jobfleet.model.dangerous import Checker, DangerousRule, Search
from jobfleet.model.script_check import Find, Level, LineRules, Pattern, Words

MAX_MEMORY_BYTES = 8 << 20
"""What one compiled expression may take."""


def complaint(expression: str) -> str:
    """Return why an expression cannot be compiled, "" when it can.

    Source: docs/reference/dangerous-rules.md, «Expressions».
    """
    try:
        _compile(expression)
    except re2.error as error:
        said = error.args[0] if error.args else "it is no regular expression"
        return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return ""


def whole_match(expression: str) -> Callable[[str], bool]:
    """Return a function that tells whether the whole of a text matches an expression that compiles."""
    find = _compile(rf"\A(?:{expression})\z")
    return lambda text: find(text.encode())


def checker_of(rules: Iterable[DangerousRule], language: int) -> Checker:
    """Return the enabled rules of a language, compiled, in order of priority."""
    chosen = [rule for rule in rules if rule.enabled and language in rule.languages]
    ordered = sorted(chosen, key=lambda rule: (rule.priority, rule.id))
    return Checker([(rule, _compile(rule.expression)) for rule in ordered], _any_of(ordered))


def _any_of(rules: list[DangerousRule]) -> Search | None:
    """Return one search for what any rule finds, so that most lines are looked at once; None where there is none."""
    if len(rules) < 2 or any(r"\Q" in rule.expression for rule in rules):  # a literal text may have no end
        return None
    try:
        return _compile("|".join(f"(?:{rule.expression})" for rule in rules))
    except re2.error:  # together they are too large
        return None


def _compile(expression: str) -> Search:
    compiled = re2.compile(expression.encode(), _options())
    return lambda line: compiled.search(line) is not None


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = MAX_MEMORY_BYTES
    return options


def line_rules(level: Level, patterns: Iterable[Pattern]) -> LineRules:
    """Return patterns compiled for a checker of lines."""
    found = list(patterns)
    finds = [(_finder(one.expression), one.words) for one in found]
    return LineRules(level, finds, _finder("|".join(f"(?:{one.expression})" for one in found)) if found else None)


def rule_finds(checker: Checker) -> LineRules:
    """Return dangerous rules as what a checker of scripts looks for; both actions count, and all are fatal."""
    rules = [rule for rule, _ in checker.rules]
    finds = [(_finder(rule.expression), _words(rule)) for rule in rules]
    quick = checker.any_rule
    any_find: Find | None = None if quick is None else (lambda line: "" if quick(line.encode()) else None)
    return LineRules(Level.FATAL, finds, any_find)


def _words(rule: DangerousRule) -> Words:
    told = rule.description or rule.expression
    return Words(told, told)


def _finder(expression: str) -> Find:
    compiled = re2.compile(expression.encode(), _options())

    def find(line: str) -> str | None:
        match = compiled.search(line.encode())
        return None if match is None else str(match.group(0).decode("utf-8", "replace"))

    return find
