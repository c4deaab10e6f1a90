"""Job ids that carry their day."""

from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model import job_id as ids

moments = st.integers(min_value=1_577_923_200_000, max_value=4_102_444_800_000)
serials = st.integers(min_value=0, max_value=ids.JOBS_A_DAY - 1)


@given(moments, serials)
def test_an_id_tells_the_day_on_which_the_job_was_accepted(now: int, serial: int) -> None:
    day = ids.accepted_day_ms(ids.job_id(serial, now))
    assert day <= now < day + ids.DAY_MS


@given(moments, serials)
def test_an_id_lies_in_the_span_of_its_moment(now: int, serial: int) -> None:
    first, after = ids.span_bounds(ids.span_of(now))
    assert first <= ids.job_id(serial, now) < after
    assert now < ids.span_end_ms(ids.span_of(now))


@given(moments, serials, serials)
def test_ids_of_a_later_day_are_larger(now: int, early: int, late: int) -> None:
    assert ids.job_id(early, now) < ids.job_id(late, now + ids.DAY_MS)


@given(moments, serials)
def test_ids_fit_where_numbers_are_floats(now: int, serial: int) -> None:
    assert 0 < ids.job_id(serial, now) < 2**53


@given(moments, serials, st.integers(0, 40 * ids.DAY_MS), st.floats(0, 1))
def test_a_job_that_was_accepted_in_a_window_is_within_its_bounds(
    first: int, serial: int, span: int, within: float
) -> None:
    lowest, highest = ids.bounds(first, first + span)
    assert lowest <= ids.job_id(serial, first + int(span * within)) <= highest
