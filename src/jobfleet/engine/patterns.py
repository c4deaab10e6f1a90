"""Compiling the expressions of dangerous rules with RE2, whose searches take time linear in the text."""

from collections.abc import Iterable

import re2

from jobfleet.model.dangerous import Checker, DangerousRule, Search

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
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = MAX_MEMORY_BYTES
    compiled = re2.compile(expression.encode(), options)
    return lambda line: compiled.search(line) is not None
