"""What pasted texts mean as targets."""

import ipaddress
import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.job_errors import TooManyTargetsError
from jobfleet.model.target import MAX_SCRIPT_TARGETS, Address, TopologyNode
from jobfleet.model.target_query import (
    Addresses,
    ContainerRef,
    Expression,
    GroupRef,
    HostIds,
    HostNames,
    Network,
    Offline,
    RunRef,
    Term,
    is_plain,
    read_text,
    spread,
    unfolded,
)
from jobfleet.operations.find_targets import MAX_NAMED, read_each

WIDEST = "10.0.[0-199].[0-249]"
"""Stands for as many addresses as one text may."""


def peak_bytes(run: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("17", HostIds((17,))),
        ("host:17", HostIds((17,))),
        ("3:10.0.0.1", Addresses((Address(3, "10.0.0.1"),))),
        ("fe80:0::1", Addresses((Address(0, "fe80::1"),))),
        ("10.0.0.[1-2,7]", Addresses(tuple(Address(0, f"10.0.0.{n}") for n in (1, 2, 7)), folded=True)),
        ("10.0.0.7/24", Network(0, "10.0.0.0/24")),
        ("2:[fd00::]/64", Network(2, "fd00::/64")),
        ("web-[08-10]", HostNames(("web-08", "web-09", "web-10"))),
        ("web-*", HostNames(("web-*",), is_pattern=True)),
        ("group:g", GroupRef("g")),
        ("node:set:7", TopologyNode("set", 7)),
        ("container:3", ContainerRef(3)),
        ("run:5", RunRef(5)),
        ("failed:run:5", RunRef(5, failed=True)),
        ("set=gz-* os!=windows,aix", Expression((Term("set", ("gz-*",)), Term("os", ("windows", "aix"), True)))),
        ('"web-01",10.0.0.3,linux', Addresses((Address(0, "10.0.0.3"),))),
    ],
)
def test_each_form_is_read(text: str, meaning: object) -> None:
    assert read_text(f" {text} ").meaning == meaning


def test_an_exclamation_mark_takes_hosts_away() -> None:
    assert read_text("!10.0.0.1").left_out
    assert read_text("!offline").meaning == Offline()
    assert read_text("offline").meaning == HostNames(("offline",))


@pytest.mark.parametrize(
    "text", ["", "a b", "10.0.0.[3-1]", "x[", "group:", "node:set:x", "set=", "10.0.0.[1-99999]", "fe80::%1/64"]
)
def test_what_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_text(text)


def test_ranges_multiply_and_have_a_bound() -> None:
    assert list(unfolded("10.0.[0-1].[1-2]")) == ["10.0.0.1", "10.0.0.2", "10.0.1.1", "10.0.1.2"]
    with pytest.raises(ValueError, match=str(MAX_SCRIPT_TARGETS)):
        list(unfolded("10.[0-255].[0-255].[0-255]"))


@given(st.ip_addresses(v=4), st.integers(0, 99))
def test_every_address_means_itself(ip: ipaddress.IPv4Address, cloud: int) -> None:
    assert read_text(f"{cloud}:{ip}").meaning == Addresses((Address(cloud, str(ip)),))


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert read_text(text).text == text.strip()


def test_only_what_the_start_looks_up_itself_is_plain() -> None:
    assert is_plain(["10.0.0.1", "group:g", "node:set:1", "container:1"])
    assert is_plain(["1", "2"])
    for text in ("web-1", "10.0.0.[1-2]", "!1", "run:1", "set=a", "10.0.0.0/8", "host:1", "10.0.0.1,x"):
        assert not is_plain([text]), text
    assert not is_plain(["1", "10.0.0.1"])


def test_a_range_of_too_many_numbers_is_refused_before_one_is_made() -> None:
    def refused() -> None:
        text = "10.0.0.[" + ",".join(["0-49999"] * 60) + "]"
        with pytest.raises(ValueError, match=str(MAX_SCRIPT_TARGETS)):
            read_text(text)

    assert peak_bytes(refused) < 200_000


def test_what_a_text_stands_for_is_told_without_unfolding_it() -> None:
    told = {"10.0.0.1": 1, "web-[01-20,30]": 21, WIDEST: 50_000, "10.0.[0-199].[0-250]": 1, "x[3-1]": 1, "x[-]": 1}
    assert {text: spread(text) for text in told} == told
    assert peak_bytes(lambda: spread(WIDEST)) < 200_000


def test_the_texts_of_a_request_name_a_hundred_thousand_hosts_and_no_more() -> None:
    def refused() -> None:
        with pytest.raises(TooManyTargetsError):
            read_each([WIDEST, WIDEST, "10.0.0.1"])

    assert peak_bytes(refused) < 200_000
    read = read_each([WIDEST, WIDEST])
    meanings = [one.named.meaning for one in read if one.named]
    assert sum(len(one.addresses) for one in meanings if isinstance(one, Addresses)) == MAX_NAMED


def test_a_range_is_known_not_to_be_plain_without_unfolding_it() -> None:
    assert peak_bytes(lambda: is_plain([WIDEST])) < 200_000
