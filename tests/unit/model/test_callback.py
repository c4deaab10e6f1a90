"""Where callbacks may go and when they are tried again."""

import pytest

from jobfleet.model.callback import RETRY_AFTER_MS, CallbackPolicy, next_try, refusal_of

ANY = CallbackPolicy()
HERE = CallbackPolicy(loopback=True)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"],
)
def test_this_machine_is_refused_unless_it_is_allowed(address: str) -> None:
    assert refusal_of(ANY, "h", [address])
    assert refusal_of(HERE, "h", [address]) == ""


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "::ffff:169.254.169.254",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "255.255.255.255",
        "100.100.100.200",
        "fd00:ec2::254",
    ],
)
def test_metadata_services_and_addresses_of_no_host_are_refused_even_on_one_machine(address: str) -> None:
    assert refusal_of(HERE, "h", [address])


def test_one_forbidden_address_among_others_is_enough() -> None:
    assert refusal_of(ANY, "h", ["10.0.0.1", "169.254.169.254"])
    assert refusal_of(ANY, "h", ["10.0.0.1", "192.168.1.1", "2001:db8::1"][:2]) == ""
    assert refusal_of(ANY, "h", [])


def test_a_list_of_hosts_lets_only_those_through() -> None:
    policy = CallbackPolicy(allowed_hosts=("ci.example",))
    assert refusal_of(policy, "ci.example", ["10.0.0.1"]) == ""
    assert refusal_of(policy, "other.example", ["10.0.0.1"])
    assert refusal_of(policy, "ci.example", ["169.254.1.1"])


def test_a_callback_is_tried_a_stated_number_of_times() -> None:
    tries = [next_try(number, 0) for number in range(len(RETRY_AFTER_MS) + 1)]
    assert tries == [*RETRY_AFTER_MS, None]
