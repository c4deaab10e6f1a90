"""Output made plain: what is taken out of it, and that its size alone says how long that takes."""

from jobfleet.model.escapes import plain


def test_escapes_controls_and_returns_before_line_ends_go() -> None:
    assert plain(b"\x1b[31mred\x1b[0m\r\r\n\x1b]0;t\x07a\rb\r\n\x00\tc\r") == b"red\na\rb\n\tc\r"


def test_a_million_returns_without_a_line_end_are_one_pass() -> None:
    # Looking ahead from every one of them again took hours.
    returns = b"\r" * 1_000_000
    assert plain(returns) == returns
    assert plain(returns + b"\n" + returns + b"x") == b"\n" + returns + b"x"
