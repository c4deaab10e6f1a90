"""Output made plain: what is taken out of it, and that its size alone says how long that takes."""

import pytest

from jobfleet.model.escapes import for_terminal, plain


def test_escapes_controls_and_returns_before_line_ends_go() -> None:
    assert plain(b"\x1b[31mred\x1b[0m\r\r\n\x1b]0;t\x07a\rb\r\n\x00\tc\r") == b"red\na\rb\n\tc\r"


def test_a_million_returns_without_a_line_end_are_one_pass() -> None:
    # Looking ahead from every one of them again took hours.
    returns = b"\r" * 1_000_000
    assert plain(returns) == returns
    assert plain(returns + b"\n" + returns + b"x") == b"\n" + returns + b"x"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m and plain\n", "\x1b[1;31mred\x1b[0m and plain\n"),
        ("\x1b[38:2::9:9:9mrgb\x1b[m", "\x1b[38:2::9:9:9mrgb\x1b[m"),
        ("\x1b[8mnobody sees this, nor what follows", "\x1b[8mnobody sees this, nor what follows\x1b[0m"),
        ("a\x1b]52;c;ZXZpbA==\x07b\x1b]0;title\x1b\\c\x1bPq#0\x1b\\d", "abcd"),
        ("gone\x1b[2K\x1b[1A\x1b[?1049h\x1b[6n\x1bc\x1b(0here", "gonehere"),
        ("a\x1b[>4;2mb\x1b[?4mc\x1b[4 md", "abcd"),
        ("\x9b2Jone\x9d52;c;eA==\x9ctwo\x85three\x9b31m", "onetwothree"),
        ("\x1b\x1b[31m[2J\x1b[\x1b[2J\x1b", "\x1b[31m[2J\x1b[0m"),
        ("\x1b]52;no end\nthe next line", "\nthe next line"),
        ("ok\r10.0.0.9 | failed\r\r\n", "ok 10.0.0.9 | failed\n"),
        ("tab\tbell\x07\x08\x00\x0b\x0c\x7f.\n", "tab\tbell.\n"),
        ("中文　é 🙂", "中文　é 🙂"),
    ],
)
def test_a_terminal_gets_the_colours_of_an_output_and_nothing_else_that_steers_it(given: str, shown: str) -> None:
    assert for_terminal(given) == shown


def test_colours_go_as_well_where_nobody_wants_any() -> None:
    assert for_terminal("\x1b[31mred\x1b[0m\x1b[2J\n", colours=False) == "red\n"


def test_a_million_escapes_and_returns_for_a_terminal_are_one_pass() -> None:
    assert for_terminal("\x1b[" + "1" * 1_000_000) == ""
    assert for_terminal("\r" * 1_000_000 + "\n") == "\n"
    assert for_terminal("\x1b]" * 500_000) == ""
