"""Which lines of a script dangerous rules are searched in, and what they find."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.engine.patterns import checker_of, complaint
from jobfleet.model.dangerous import (
    MAX_HITS,
    Checker,
    DangerousRule,
    NewRule,
    RuleAction,
    check_rule,
    kept_hits,
    languages_of,
    search,
    search_all,
    searched_lines,
)
from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.script import Language

SHELL, BAT, PERL, PYTHON, POWERSHELL, SQL = Language


def rule(expression: str, *, id_: int = 1, intercept: bool = False, enabled: bool = True) -> DangerousRule:
    action = RuleAction.INTERCEPT if intercept else RuleAction.SCAN
    return DangerousRule(id_, expression, (SHELL, SQL), "", action, enabled, id_, "", 0, "", 0)


def found(content: str, *rules: DangerousRule, language: Language = SHELL) -> list[tuple[int, int]]:
    return [(hit.rule.id, hit.line_number) for hit in search(checker_of(rules, language), language, content.encode())]


def test_every_rule_is_told_for_every_line_in_order() -> None:
    rules = rule("mkfs", id_=2), rule(r"rm\s+-rf", id_=1), rule("never", id_=3)
    assert found("rm -rf /x; mkfs\necho\nmkfs", *rules) == [(1, 1), (2, 1), (2, 3)]


def test_disabled_rules_and_those_of_other_languages_do_not_count() -> None:
    assert found("mkfs", rule("mkfs", enabled=False)) == []
    assert found("mkfs", rule("mkfs"), language=PYTHON) == []
    assert found("DROP TABLE x", rule("(?i)drop table"), language=SQL) == [(1, 1)]


@pytest.mark.parametrize(
    ("language", "line", "is_searched"),
    [
        (SHELL, "# mkfs", False),
        (SHELL, "   # mkfs", False),
        (SHELL, "true # mkfs", True),
        (PYTHON, "# x\rimport os", True),
        (PERL, "#mkfs", False),
        (POWERSHELL, "#mkfs", False),
        (BAT, "REM mkfs", False),
        (BAT, "  @rem mkfs", False),
        (BAT, "remove mkfs", True),
        (BAT, "# mkfs", True),
        (SQL, "# mkfs", True),
        (SQL, "-- mkfs", True),
    ],
)
def test_comments_are_left_out_by_language(language: Language, line: str, is_searched: bool) -> None:
    assert [number for number, _ in searched_lines(language, f"\n{line}\r\n".encode())] == [2] * is_searched


def test_the_ends_of_a_line_are_those_of_an_expression() -> None:
    assert found("a\nab\r\nb", rule("^ab$")) == [(1, 2)]


def test_bytes_that_are_no_text_hide_nothing() -> None:
    hits = list(search(checker_of([rule(r"rm.*-rf")], SHELL), SHELL, b"rm \xff\xfe -rf /"))
    assert [hit.line for hit in hits] == ["rm \ufffd\ufffd -rf /"]


@given(st.lists(st.sampled_from(["a+b", "x|y", "^c", "d$", "(?i)E", r"\Qf.", "[g", "(h)"]), min_size=1, unique=True))
def test_searching_for_all_rules_at_once_finds_what_each_finds(expressions: list[str]) -> None:
    rules = [rule(text, id_=id_) for id_, text in enumerate(expressions, 1) if not complaint(text)]
    script = "aab\nx\ncd\nd\ne E\nf.\nh\n[g\nz"
    alone = sorted((line, hit) for each in rules for hit, line in found(script, each))
    assert sorted((line, hit) for hit, line in found(script, *rules)) == alone


@pytest.mark.parametrize("expression", ["(a", "a{2,1}", "(?=a)b", r"(a)\1", "[z-a]", "*", "(((a{100}){100}){100})"])
def test_an_expression_that_cannot_be_searched_with_is_refused_with_a_reason(expression: str) -> None:
    assert complaint(expression)


def test_no_expression_takes_long() -> None:
    begun = time.perf_counter()
    assert found("a" * 200_000, rule("(a+)+b"), rule("(a|aa)*$c", id_=2), rule("(.*)*x", id_=3)) == []
    assert time.perf_counter() - begun < 60  # Python's own engine would need longer than the universe is old
    assert re.search("a+b", "aab")


def test_what_intercepts_is_kept_however_many_hits_there_are() -> None:
    script = "a\n" * (MAX_HITS + 10) + "boom\n"
    kept, intercepting = kept_hits(
        search(checker_of([rule("a"), rule("boom", id_=2, intercept=True)], SHELL), SHELL, script.encode())
    )
    assert len(kept) == MAX_HITS
    assert intercepting is not None
    assert (intercepting.line_number, kept[-1]) == (MAX_HITS + 11, intercepting)


def test_what_only_scans_intercepts_nothing() -> None:
    kept, intercepting = kept_hits(search(checker_of([rule("a")], SHELL), SHELL, b"a\na"))
    assert ([hit.line_number for hit in kept], intercepting) == ([1, 2], None)


def test_rules_have_limits() -> None:
    check_rule(NewRule("x" * 250, (1, 6), "d" * 1_000, 2))
    for wrong, field in [
        (NewRule("x" * 251, (1,), "", 1), "expression"),
        (NewRule(" ", (1,), "", 1), "expression"),
        (NewRule("x", (), "", 1), "languages"),
        (NewRule("x", (1, 7), "", 1), "languages"),
        (NewRule("x", (1,), "d" * 1_001, 1), "description"),
        (NewRule("x", (1,), "", 3), "action"),
    ]:
        with pytest.raises(IllegalParameterError, match=field):
            check_rule(wrong)


@pytest.mark.parametrize(
    ("first_line", "languages"),
    [
        ("#!/bin/bash", (PYTHON, SHELL)),
        ("#! /usr/bin/env -S LANG=C bash -e\r", (PYTHON, SHELL)),
        ("#!/bin/busybox sh", (PYTHON, SHELL)),
        ("#!/usr/bin/nice perl5.36", (PYTHON, PERL)),
        ("#!/usr/bin/python3.11", (PYTHON,)),
        ("#!/usr/bin/pwsh", (PYTHON, POWERSHELL)),
        ("#!/usr/bin/awk -f", (PYTHON,)),
        ("echo bash", (PYTHON,)),
        (" #!/bin/bash", (PYTHON,)),
    ],
)
def test_a_script_is_searched_as_what_its_first_line_makes_of_it(first_line: str, languages: tuple[int, ...]) -> None:
    assert languages_of(PYTHON, f"{first_line}\nmkfs\n".encode()) == languages


def test_what_the_rules_of_two_languages_find_is_told_once_line_by_line() -> None:
    first, second = rule("mkfs", id_=1), rule("disk", id_=2)
    checkers: dict[int, Checker] = {SHELL: checker_of([first, second], SHELL), SQL: checker_of([first], SQL)}
    told = [(hit.line_number, hit.rule.id) for hit in search_all(checkers, b"mkfs disk\n# mkfs\nmkfs\n")]
    assert told == [(1, 1), (1, 2), (2, 1), (3, 1)]
