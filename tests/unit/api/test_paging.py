"""What callers send as the bounds of a page, and what it means."""

import pytest

from jobfleet.api.paging import MAX_LENGTH, page_of


@pytest.mark.parametrize(
    ("start", "length", "page"),
    [
        (None, None, (0, 20)),
        (-1, -1, (0, 20)),
        (0, 0, (0, 20)),
        (7, 1, (7, 1)),
        (1_000_000, MAX_LENGTH, (1_000_000, MAX_LENGTH)),
        (0, MAX_LENGTH + 1, (0, MAX_LENGTH)),
    ],
)
def test_a_page_is_brought_into_bounds(start: int | None, length: int | None, page: tuple[int, int]) -> None:
    assert page_of(start, length) == page


def test_a_list_may_have_another_default() -> None:
    assert page_of(None, -5, MAX_LENGTH) == (0, MAX_LENGTH)
