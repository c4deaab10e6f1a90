"""How far somebody has followed what happens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.cursor import Cursor, parse_cursor


@st.composite
def cursors(draw: st.DrawFn) -> Cursor:
    oldest = draw(st.integers(1, 2**62))
    after = draw(st.integers(oldest, oldest + 100))
    open_ones = draw(st.sets(st.integers(oldest, max(oldest, after - 1)), max_size=20)) if after > oldest else set()
    return Cursor(oldest, after, frozenset(open_ones))


@given(cursors())
def test_a_cursor_survives_its_text(cursor: Cursor) -> None:
    assert parse_cursor(cursor.text) == cursor


@given(st.text("0123456789:,-x", max_size=30))
def test_any_text_is_a_cursor_or_none(text: str) -> None:
    found = parse_cursor(text)
    assert found is None or parse_cursor(found.text) == found


@pytest.mark.parametrize(
    "text", ["", "1", "0:0:", "5:4:", "5:7:8", "5:7:4", "1:2:3,", "-1:2:", "1:2:x", "9" * 20 + ":1:"]
)
def test_what_is_none_is_refused(text: str) -> None:
    assert parse_cursor(text) is None


def test_who_was_open_is_seen_when_over() -> None:
    cursor = Cursor(10, 14, frozenset({10, 12}))
    assert [number for number in range(8, 17) if cursor.contains(number)] == [8, 9, 11, 13]
