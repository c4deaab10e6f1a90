"""How much longer a step takes: a number that can be believed, or none."""

from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.eta import RATE_MS, Eta, Pace, eta, rate_per_s
from jobfleet.model.run_view import whole_eta

DAY_MS = 86_400_000
HOSTS = st.integers(0, 50_000)
MS = st.integers(0, 30 * DAY_MS)
PACES = st.builds(Pace, MS, HOSTS, HOSTS, HOSTS, st.integers(0, DAY_MS), st.lists(st.integers(0, DAY_MS), max_size=20))


@given(PACES)
def test_what_is_left_is_finite_and_never_negative(pace: Pace) -> None:
    found = eta(pace)
    assert found.remaining_ms is None or 0 <= found.remaining_ms <= 50_000 * RATE_MS + 2 * DAY_MS
    assert (found.remaining_ms is None) == (found.basis == "")
    assert rate_per_s(pace) >= 0


@given(PACES)
def test_without_a_basis_there_is_no_number(pace: Pace) -> None:
    if pace.lately == 0 and not pace.usual_ms and pace.done < pace.total:
        assert eta(pace) == Eta(None, "", None, longer_than_usual=False)


@given(PACES)
def test_nothing_is_left_before_the_last_batch_has_started(pace: Pace) -> None:
    found = eta(pace)
    if found.remaining_ms is not None and pace.done < pace.total:
        assert found.remaining_ms >= pace.delay_ms


@given(PACES, st.integers(0, 50_000))
def test_the_more_is_done_the_less_is_left(pace: Pace, more: int) -> None:
    later = Pace(pace.elapsed_ms, pace.total, pace.done + more, pace.lately, pace.delay_ms, pace.usual_ms)
    before, after = eta(pace), eta(later)
    if before.basis == after.basis == "rate":
        assert (after.remaining_ms or 0) <= (before.remaining_ms or 0)


def test_a_step_that_has_just_begun_takes_what_earlier_runs_took() -> None:
    usual = [60_000, 90_000, 300_000]
    assert eta(Pace(10_000, 100, 1, 1, usual_ms=usual)) == Eta(80_000, "history", int(median(usual)), False)


def test_then_the_rate_of_the_last_minute_counts_and_waits_are_added() -> None:
    assert eta(Pace(600_000, 1_000, 400, 300)).remaining_ms == 120_000
    assert eta(Pace(600_000, 1_000, 400, 300, delay_ms=5_000)).remaining_ms == 125_000
    assert eta(Pace(10_000, 100, 50, 50)).remaining_ms == 10_000


def test_what_took_longer_than_nearly_all_runs_before_is_called_so() -> None:
    usual = [1_000] * 19 + [2_000]
    assert not eta(Pace(1_900, 10, 0, 0, usual_ms=usual)).longer_than_usual
    assert eta(Pace(2_100, 10, 0, 0, usual_ms=usual)) == Eta(None, "", 1_000, longer_than_usual=True)
    assert not eta(Pace(9_000, 10, 0, 0, usual_ms=[1_000] * 4)).longer_than_usual


def test_a_run_takes_as_long_as_its_steps_and_nobody_knows_of_one_without_a_basis() -> None:
    now = Eta(1_000, "rate", None, longer_than_usual=False)
    assert whole_eta(now, [500, 700]) == Eta(2_200, "rate", None, longer_than_usual=False)
    assert whole_eta(now, [500, None]) == Eta(None, "", None, longer_than_usual=False)
    assert whole_eta(None, []) is None
