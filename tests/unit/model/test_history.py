"""How the history's window is cut into days that are counted and what lies between."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.history import HOUR_MS, MOST_SPANS, skipped, span_for, stretches
from jobfleet.model.job_id import DAY_MS

MOMENTS = st.integers(0, 12 * DAY_MS)
DAYS = st.sets(st.integers(0, 12))


@given(MOMENTS, MOMENTS, DAYS)
def test_the_parts_of_a_window_cover_it_newest_first_without_gap_or_overlap(
    one: int, other: int, days: set[int]
) -> None:
    first, last = min(one, other), max(one, other)
    parts = stretches(first, last, days)
    assert (parts[0].last, parts[-1].first) == (last, first)
    assert all(part.first <= part.last for part in parts)
    assert all(newer.first == older.last + 1 for newer, older in itertools.pairwise(parts))


@given(MOMENTS, MOMENTS, DAYS)
def test_exactly_the_counted_days_that_a_window_holds_whole_stand_for_themselves(
    one: int, other: int, days: set[int]
) -> None:
    first, last = min(one, other), max(one, other)
    whole = {day for day in days if first <= day * DAY_MS and (day + 1) * DAY_MS - 1 <= last}
    counted = [part for part in stretches(first, last, days) if part.day is not None]
    assert {part.day for part in counted} == whole
    assert all(part.first == (part.day or 0) * DAY_MS and part.last == part.first + DAY_MS - 1 for part in counted)


@given(st.lists(st.integers(0, 5), max_size=6), st.integers(0, 40))
def test_what_is_skipped_leads_to_the_part_that_holds_it(counts: list[int], start: int) -> None:
    index, left = skipped(counts, start)
    if start >= sum(counts):
        assert (index, left) == (len(counts), 0)
    else:
        assert sum(counts[:index]) + left == start
        assert 0 <= left < counts[index]


@given(st.one_of(st.integers(0, 400 * DAY_MS), st.integers(0, 2**62)))
def test_a_histograms_spans_are_whole_hours_as_few_as_make_few_columns(window_ms: int) -> None:
    span = span_for(window_ms)
    assert span % HOUR_MS == 0
    assert window_ms // span < MOST_SPANS
    assert span == HOUR_MS or window_ms // (span - HOUR_MS) >= MOST_SPANS
