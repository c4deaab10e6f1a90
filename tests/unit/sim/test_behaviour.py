"""A simulated script's fate follows from seed, host and task, at the stated rates."""

import pytest

from jobfleet.sim.behaviour import Latency, Profile, fate, is_unreachable, output, output_size, parse_latency

MANY = 4000


@pytest.mark.parametrize(
    ("text", "latency"),
    [("20", Latency(20, 20)), ("5..50", Latency(5, 50)), ("0", Latency(0, 0)), ("1.5..2", Latency(1.5, 2))],
)
def test_a_latency_is_a_number_or_a_span(text: str, latency: Latency) -> None:
    assert parse_latency(text) == latency


@pytest.mark.parametrize("text", ["", "fast", "5..", "..5", "50..5", "-1", "1..2..3", "nan", "0..inf"])
def test_other_latencies_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a latency is"):
        parse_latency(text)


def test_the_same_seed_gives_the_same_fate() -> None:
    profile = Profile(latency=Latency(5, 50), failure_rate=0.5, seed=3)
    assert [fate(profile, 1, task) for task in range(100)] == [fate(profile, 1, task) for task in range(100)]


def test_another_seed_gives_another_fate() -> None:
    first, second = (Profile(latency=Latency(5, 50), seed=seed) for seed in (1, 2))
    assert [fate(first, 1, task) for task in range(100)] != [fate(second, 1, task) for task in range(100)]


def test_failures_come_at_the_stated_rate() -> None:
    profile = Profile(failure_rate=0.25)
    failed = sum(fate(profile, host, 9).exit_code for host in range(MANY))
    assert MANY * 0.22 < failed < MANY * 0.28


def test_unreachable_hosts_come_at_the_stated_rate() -> None:
    profile = Profile(unreachable_rate=0.1)
    assert MANY * 0.08 < sum(is_unreachable(profile, host) for host in range(MANY)) < MANY * 0.12


@pytest.mark.parametrize(("rate", "number"), [(0.0, 0), (1.0, 200)])
def test_a_rate_of_none_or_all_is_exact(rate: float, number: int) -> None:
    profile = Profile(failure_rate=rate, unreachable_rate=rate)
    assert sum(fate(profile, host, 1).exit_code for host in range(200)) == number
    assert sum(is_unreachable(profile, host) for host in range(200)) == number


def test_latencies_stay_within_their_span() -> None:
    profile = Profile(latency=Latency(5, 50))
    latencies = [fate(profile, host, 1).latency_ms for host in range(MANY)]
    assert 5 <= min(latencies) < 6
    assert 49 < max(latencies) <= 50


def test_a_script_names_its_host() -> None:
    assert output(Profile(), "10.0.0.1", 0, output_size(Profile(), "10.0.0.1")) == b"hello from 10.0.0.1\n"


@pytest.mark.parametrize("size", [1, 63, 64, 65, 1_048_576, 3_000_000])
def test_long_output_has_the_stated_size_and_is_the_same_in_pieces(size: int) -> None:
    profile = Profile(output_bytes=size)
    whole = output(profile, "10.0.0.1", 0, output_size(profile, "10.0.0.1"))
    pieces = [output(profile, "10.0.0.1", begin, min(size, begin + 100_003)) for begin in range(0, size, 100_003)]
    assert len(whole) == size
    assert b"".join(pieces) == whole


def test_hosts_print_different_long_output() -> None:
    profile = Profile(output_bytes=1000)
    assert output(profile, "10.0.0.1", 0, 1000) != output(profile, "10.0.0.2", 0, 1000)
