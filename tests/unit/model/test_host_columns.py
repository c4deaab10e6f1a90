"""Columns pack by differences and addresses by numbers; a page unpacks them to what they were."""

from ipaddress import IPv4Address
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.host_columns import address_number, differences


@given(st.lists(st.integers(-(2**62), 2**62)))
def test_differences_sum_up_to_what_they_were(numbers: list[int]) -> None:
    assert list(accumulate(differences(numbers))) == numbers


@given(st.ip_addresses(v=4))
def test_an_address_is_its_number(address: IPv4Address) -> None:
    assert address_number(str(address)) == int(address)


def test_what_is_no_ipv4_address_is_zero() -> None:
    assert [address_number(text) for text in (None, "", "::1", "host", "1.2.3", "1.2.3.256")] == [0] * 6
