"""How many requests somebody may make."""

from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.rate import Bucket, Rate, take

NOW = 10**12


@given(st.integers(1, 1000), st.integers(1, 100), st.lists(st.integers(0, 500), min_size=1, max_size=300))
def test_no_more_pass_than_burst_and_rate_allow_and_waiting_as_told_is_enough(
    per_s: int, burst: int, gaps_ms: list[int]
) -> None:
    rate, bucket, now, passed = Rate(per_s, burst), None, NOW, 0
    for gap_ms in gaps_ms:
        now += gap_ms
        bucket, wait_ms = take(rate, bucket, now)
        passed += wait_ms == 0
        assert wait_ms == 0 or take(rate, bucket, now + wait_ms + 1)[1] == 0
    assert passed <= burst + (now - NOW) * per_s / 1000 + 1


def test_a_burst_passes_and_the_next_request_waits() -> None:
    rate = Rate(per_s=2, burst=3)
    bucket: Bucket | None = None
    waits = []
    for _ in range(4):
        bucket, wait_ms = take(rate, bucket, NOW)
        waits.append(wait_ms)
    assert waits == [0, 0, 0, 500]
