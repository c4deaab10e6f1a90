"""Searching blocks of output: where, how often, and never beyond a line."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.log_search import (
    MAX_LINE_MATCHES,
    MAX_SPANS,
    SLICE_BYTES,
    Pattern,
    Scan,
    SearchKind,
    Sought,
    complaint,
)

ROWS = ["plain", "xyz ERROR", "  error 1 Error", "aÉ😀é", "could not: Permission denied", ""]


def found(sought: Sought, rows: list[str], block: int = 2) -> Scan:
    scan = Scan(Pattern(sought), 1, 1000)
    for first in range(0, len(rows), block):
        scan.take("".join(row + "\n" for row in rows[first : first + block]).encode())
    return scan


@pytest.mark.parametrize(
    ("sought", "expected"),
    [
        (Sought(SearchKind.PLAIN, "ERROR", case=True), {2: ((4, 9),)}),
        (Sought(SearchKind.PLAIN, "error"), {2: ((4, 9),), 3: ((2, 7), (10, 15))}),
        (Sought(SearchKind.PLAIN, "É", case=True), {4: ((1, 2),)}),
        (Sought(SearchKind.PLAIN, "É"), {4: ((1, 2), (4, 5))}),
        (Sought(SearchKind.REGEX, "^a.+$"), {4: ((0, 5),)}),
        (Sought(SearchKind.REGEX, "x*"), {2: ((0, 1),)}),
        (Sought(SearchKind.REGEX, r"\s+error"), {2: ((3, 9),), 3: ((0, 7), (9, 15))}),
        (Sought(SearchKind.ERROR), {2: ((4, 9),), 3: ((2, 7), (10, 15)), 5: ((22, 28),)}),
    ],
)
def test_places_are_told_by_line_and_utf16_unit(sought: Sought, expected: dict[int, object]) -> None:
    scan = found(sought, ROWS)
    assert {line.number: line.spans for line in scan.found} == expected
    assert scan.matching_lines == len(expected)


def test_of_one_line_twenty_places_are_told_and_all_are_counted() -> None:
    for kind in (SearchKind.PLAIN, SearchKind.REGEX):
        scan = found(Sought(kind, "a"), ["a" * 100])
        assert (scan.matches, len(scan.found[0].spans)) == (100, MAX_SPANS)


@pytest.mark.parametrize("text", ["", "(", "a\nb", "a{9999}"])
def test_what_cannot_be_searched_for_is_said(text: str) -> None:
    said = complaint(Sought(SearchKind.REGEX, text))
    assert said
    assert "(?m)" not in said  # who is told has written no such thing


@given(st.lists(st.text(alphabet="ab E", max_size=12), max_size=30), st.text(alphabet="ab E", min_size=1, max_size=2))
def test_counts_are_those_of_a_simple_search(rows: list[str], text: str) -> None:
    plain, regex = (found(Sought(kind, re.escape(text) if kind is SearchKind.REGEX else text, case=True), rows, 3)
                    for kind in (SearchKind.PLAIN, SearchKind.REGEX))  # fmt: skip
    assert plain.matches == regex.matches == sum(row.count(text) for row in rows)
    assert [line.number for line in plain.found] == [n for n, row in enumerate(rows, 1) if text in row]


def over_after(asks: int) -> tuple[Callable[[], bool], list[bool]]:
    """Return a clock that says that the time is over when it was asked so often, and its answers."""
    answers: list[bool] = []

    def is_over() -> bool:
        answers.append(len(answers) >= asks)
        return answers[-1]

    return is_over, answers


GREEDY = Sought(SearchKind.REGEX, "a(?:.*b)?")
"""Looks at the rest of a line of «a» for each of its letters."""


@pytest.mark.parametrize("letters", [MAX_LINE_MATCHES - 1, MAX_LINE_MATCHES, MAX_LINE_MATCHES + 1, 300_000])
def test_of_one_line_a_thousand_matches_of_an_expression_count(letters: int) -> None:
    is_over, answers = over_after(10**9)
    scan = Scan(Pattern(GREEDY, is_over), 1, 10)
    assert scan.take(b"a" * letters + b"\nab\n") == letters + 4
    assert (scan.matches, scan.matching_lines) == (min(letters, MAX_LINE_MATCHES) + 1, 2)
    assert len(answers) < MAX_LINE_MATCHES + 10


@pytest.mark.parametrize("text", ["a(?:.*b)?", "x*"])
def test_a_search_ends_within_a_line_when_its_time_is_over(text: str) -> None:
    is_over, answers = over_after(5)
    scan = Scan(Pattern(Sought(SearchKind.REGEX, text), is_over), 1, 10)
    assert scan.take(b"a" * 100_000) == 0
    assert len(answers) < 10


def test_a_search_that_finds_nothing_looks_at_its_time_too() -> None:
    is_over, _ = over_after(5)
    scan = Scan(Pattern(Sought(SearchKind.REGEX, "nothing"), is_over), 1, 10)
    assert 0 < scan.take(b"some line\n" * SLICE_BYTES) < 5 * SLICE_BYTES


def test_lines_keep_their_numbers_across_slices() -> None:
    rows = [f"line {n} {'x' * (n % 97)}" + ("a" if n % 1000 == 0 else "") for n in range(1, 20_001)]
    assert sum(map(len, rows)) > 3 * SLICE_BYTES
    scan = found(Sought(SearchKind.REGEX, "a$", case=True), rows, block=15_000)
    assert [line.number for line in scan.found] == list(range(1000, 20_001, 1000))
