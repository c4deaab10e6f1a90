"""When wrong passwords make sign-ins wait."""

import pytest

from jobfleet.model import lockout
from jobfleet.model.lockout import ADDRESS, FIRST_WAIT_MS, FORGET_MS, FREE_FAILURES, LONGEST_WAIT_MS, USER, Failures

NOW = 10**12


def after(kind: str, count: int, now: int = NOW) -> Failures:
    failures = lockout.NONE
    for _ in range(count):
        failures = lockout.failed(kind, failures, now)
    return failures


@pytest.mark.parametrize("kind", [USER, ADDRESS])
def test_the_first_wait_comes_with_the_last_free_failure_and_not_before(kind: str) -> None:
    assert lockout.wait_of(after(kind, FREE_FAILURES[kind] - 1), NOW) == 0
    assert lockout.wait_of(after(kind, FREE_FAILURES[kind]), NOW) == FIRST_WAIT_MS


def test_each_further_failure_doubles_the_wait_up_to_the_longest() -> None:
    waits = [lockout.wait_of(after(USER, FREE_FAILURES[USER] + more), NOW) for more in range(200)]
    assert waits[:4] == [FIRST_WAIT_MS, 2 * FIRST_WAIT_MS, 4 * FIRST_WAIT_MS, 8 * FIRST_WAIT_MS]
    assert set(waits[5:]) == {LONGEST_WAIT_MS}


def test_failures_are_forgotten_after_a_while_without_one() -> None:
    before = after(USER, FREE_FAILURES[USER] + 3)
    assert lockout.failed(USER, before, NOW + FORGET_MS).count == before.count + 1
    assert lockout.failed(USER, before, NOW + FORGET_MS + 1).count == 1


def test_a_wait_ends_by_itself() -> None:
    failures = after(USER, FREE_FAILURES[USER])
    assert lockout.wait_of(failures, NOW + FIRST_WAIT_MS - 1) == 1
    assert lockout.wait_of(failures, NOW + FIRST_WAIT_MS) == 0
