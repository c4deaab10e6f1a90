"""How expressions cut a step into batches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.job_errors import IllegalRollingExpressionError, TooManyBatchesError
from jobfleet.model.rolling import MAX_BATCHES, MAX_EXPRESSION_CHARACTERS, batch_sizes

part = st.one_of(
    st.integers(1, 100).map(lambda n: f"{n}%"),
    st.tuples(st.sampled_from(["", "+", "*"]), st.integers(1, 9999)).map(lambda pair: f"{pair[0]}{pair[1]}"),
)
expressions = st.lists(part, min_size=1, max_size=6).map(" ".join)


@pytest.mark.parametrize(
    ("expression", "total", "sizes"),
    [
        ("1 1", 3, [1, 1, 1]),
        ("10%", 10, [1] * 10),
        ("10% 50% 100%", 10, [1, 5, 4]),
        ("33%", 10, [4, 4, 2]),
        ("1 +1", 10, [1, 2, 3, 4]),
        ("1 *2", 10, [1, 2, 4, 3]),
        ("+2", 7, [2, 4, 1]),
        ("*3", 10, [3, 7]),
        ("100%", 5, [5]),
        ("9999", 5, [5]),
        ("1 10 20%", 100, [1, 10, 20, 20, 20, 20, 9]),
        ("5", 0, []),
    ],
)
def test_an_expression_gives_these_batches(expression: str, total: int, sizes: list[int]) -> None:
    assert batch_sizes(expression, total) == sizes


def test_an_expression_has_a_longest_length() -> None:
    longest = "10" + " 1" * ((MAX_EXPRESSION_CHARACTERS - 2) // 2)
    assert len(longest) == MAX_EXPRESSION_CHARACTERS
    assert batch_sizes(longest, 10) == [10]
    with pytest.raises(IllegalRollingExpressionError):
        batch_sizes(longest + "0", 10)


@pytest.mark.parametrize(
    "expression",
    ["", " ", "1  2", " 1", "1 ", "0", "0%", "101%", "+", "*", "%", "+0", "1.5", "-1", "a", "1,2", "1\t2", "+1%", "１"],
)
def test_anything_else_is_refused(expression: str) -> None:
    with pytest.raises(IllegalRollingExpressionError):
        batch_sizes(expression, 10)


def test_more_batches_than_allowed_are_refused() -> None:
    assert len(batch_sizes("1", MAX_BATCHES)) == MAX_BATCHES
    with pytest.raises(TooManyBatchesError):
        batch_sizes("1", MAX_BATCHES + 1)


@given(expressions, st.integers(0, 500))
def test_batches_cover_every_target_once_and_none_is_empty(expression: str, total: int) -> None:
    sizes = batch_sizes(expression, total)
    assert sum(sizes) == total
    assert all(size > 0 for size in sizes)
