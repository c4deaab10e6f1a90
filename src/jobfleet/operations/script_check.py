"""Look at a script before anybody runs it, and tell what may be wrong with it."""

import asyncio
import functools
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from jobfleet.engine import grammar, patterns
from jobfleet.model.danger import DAMAGING, DANGEROUS
from jobfleet.model.dangerous import searched_lines
from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.script import MAX_SCRIPT_BYTES, Language
from jobfleet.model.script_check import (
    CHECKER_LIMIT_S,
    Finding,
    Level,
    LineRules,
    findings_in,
    grammar_findings,
    hints,
    in_order,
)
from jobfleet.operations.platform import Platform

_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="script-check")
"""Few, and nobody else's: whoever has large scripts checked keeps only others waiting who do the same."""


async def check_script(platform: Platform, language: int, content: bytes) -> list[Finding]:
    """Return what may be wrong with a script, by line; everybody may ask, and nothing is kept or refused.

    A checker that takes more than CHECKER_LIMIT_S tells what it has found by then.

    Raises:
        IllegalParameterError: There is no such language, or the content is empty or too large.

    Source: docs/reference/check-script.md.
    """
    if language not in set(Language):
        raise IllegalParameterError("language", "is no valid value")
    if not content:
        raise IllegalParameterError("content", "is missing or empty")
    if len(content) > MAX_SCRIPT_BYTES:
        raise IllegalParameterError("content", f"is larger than {MAX_SCRIPT_BYTES} bytes")
    async with platform.engine.db.begin() as tx:
        checker = await platform.rules.checker(tx, language)
    found = await _looked(_line_checker(patterns.rule_finds(checker), language, content))
    if language == Language.SHELL:
        found += await _of_shell(content)
    return in_order(found)


async def dangers(language: int, content: bytes) -> list[Finding]:
    """Return the lines of a script that damage a host by what everybody knows, whatever rules there are."""
    if language != Language.SHELL:
        return []
    found = list[Finding]()
    for rules in _own_rules():
        found += await _looked(_line_checker(rules, language, content))
    return in_order(found)


async def _of_shell(content: bytes) -> list[Finding]:
    text = content.decode("utf-8", "replace")
    found = await _beside(lambda: _of_bash(content, text))
    found += await dangers(Language.SHELL, content)
    lines = functools.partial(searched_lines, Language.SHELL, content)
    return found + await _looked(lambda is_over: hints(text, lines(), is_over))


def _of_bash(content: bytes, text: str) -> list[Finding]:
    told = grammar.grammar(content, CHECKER_LIMIT_S)
    return list(grammar_findings(told, text.removesuffix("\n").split("\n"))) if told else []


@functools.cache
def _own_rules() -> tuple[LineRules, ...]:
    return patterns.line_rules(Level.ERROR, DANGEROUS), patterns.line_rules(Level.ERROR, DAMAGING)


Look = Callable[[Callable[[], bool]], Iterable[Finding]]


def _line_checker(rules: LineRules, language: int, content: bytes) -> Look:
    return lambda is_over: findings_in(rules, searched_lines(language, content), is_over)


async def _looked(look: Look) -> list[Finding]:
    """Return what a checker finds in its time, beside the event loop."""

    def run() -> list[Finding]:
        end = time.monotonic() + CHECKER_LIMIT_S
        return list(look(lambda: time.monotonic() > end))

    return await _beside(run)


async def _beside(run: Callable[[], list[Finding]]) -> list[Finding]:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, run)
