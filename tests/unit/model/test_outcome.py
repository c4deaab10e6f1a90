"""From an agent's word to the status of a host."""

import pytest

from jobfleet.model.outcome import Outcome, status_of_error, status_of_script


@pytest.mark.parametrize(
    ("outcome", "exit_code", "error_code", "survivors", "status"),
    [
        (Outcome.SUCCEEDED, 0, 0, False, 9),
        (Outcome.FAILED, 2, 0, False, 104),
        (Outcome.FAILED, 0, 0, False, 101),
        (Outcome.FAILED, None, 0, False, 101),
        (Outcome.TIMED_OUT, 137, 0, False, 102),
        (Outcome.DISCARDED, None, 0, False, 103),
        (Outcome.FAILED, None, 122, False, 311),
        (Outcome.FAILED, None, 1326, False, 312),
        (Outcome.FAILED, None, 117, False, 310),
        (Outcome.FAILED, None, 109, False, 399),
        (Outcome.FAILED, 143, 126, False, 403),
        (Outcome.FAILED, 137, 126, True, 404),
        (Outcome.FAILED, 1, 99_999, False, 0),
        (Outcome.FAILED, 1, 115, False, 104),
    ],
)
def test_a_script_that_ended_gives_the_status_of_the_contract(
    outcome: Outcome, exit_code: int | None, error_code: int, survivors: bool, status: int
) -> None:
    assert status_of_script(outcome, exit_code, error_code, survivors=survivors) == status


@pytest.mark.parametrize(
    ("codes", "status"),
    [
        ((0,), 9),
        ((101, 102, 103, 105, 106, 107, 108, 109, 111, 112, 114, 118), 399),
        ((104, 123, 127, 705, 706, 708, 709), 320),
        ((115,), 7),
        ((117,), 310),
        ((119,), 321),
        ((120,), 303),
        ((122,), 311),
        ((126,), 403),
        ((701, 702, 703, 704, 707, 710), 329),
        ((1326,), 312),
        ((-1, 1, 110, 113, 711), 0),
    ],
)
def test_every_raw_code_maps_as_the_contract_says(codes: tuple[int, ...], status: int) -> None:
    assert {int(status_of_error(code)) for code in codes} == {status}
