"""The rate of a transfer, in a time of its own: neither faster nor slower than its limit by more than a tenth."""

import pytest

from jobfleet.agent.throttle import Throttle

LASTS_S = 10.0
TENTH = 0.1


class Time:
    """A clock that goes on when somebody sleeps or works, and wakes sleepers a little late."""

    def __init__(self, late_s: float) -> None:
        self.now = 100.0
        self._late_s = late_s

    def read(self) -> float:
        return self.now

    def sleep(self, for_s: float) -> None:
        assert for_s > 0
        self.now += for_s + self._late_s


def kib_a_second(throttle: Throttle, time: Time, work: float, limit_kib_s: int) -> float:
    """Return the rate of a transfer whose own work takes a share of the time that its limit leaves it."""
    begun, sent = time.now, 0
    while time.now - begun < LASTS_S:
        throttle.take(throttle.portion_bytes)
        sent += throttle.portion_bytes
        time.now += work * throttle.portion_bytes / (limit_kib_s * 1024)
    return sent / 1024 / (time.now - begun)


@pytest.mark.parametrize("limit_kib_s", [100, 1024, 50 * 1024])
@pytest.mark.parametrize("work", [0.0, 0.5, 0.95])
@pytest.mark.parametrize("late_s", [0.0, 0.005, 0.02])
def test_a_transfer_is_as_fast_as_its_limit(limit_kib_s: int, work: float, late_s: float) -> None:
    time = Time(late_s)
    rate = kib_a_second(Throttle(limit_kib_s, time.read, time.sleep), time, work, limit_kib_s)
    assert rate == pytest.approx(limit_kib_s, rel=TENTH)


def test_a_transfer_that_stood_still_catches_up_a_burst_and_no_more() -> None:
    time = Time(0)
    throttle = Throttle(1024, time.read, time.sleep)
    time.now += 60
    rate = kib_a_second(throttle, time, 0, 1024)
    assert 1024 < rate < 1024 * (1 + TENTH)


def test_without_a_limit_nobody_waits() -> None:
    time = Time(0)
    Throttle(0, time.read, time.sleep).take(2**40)
    assert time.now == 100.0
