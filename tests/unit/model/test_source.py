"""Where a request comes from, and what passwords must be like."""

import ipaddress

import pytest

from jobfleet.model import password
from jobfleet.model.source import Network, source_of

TRUSTED: tuple[Network, ...] = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "source"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, 10.0.0.2, ,", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "198.51.100.7, nonsense", "10.0.0.1"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("fd00::1", "2001:DB8::1", "2001:db8::1"),
        ("", "198.51.100.7", ""),
    ],
)
def test_only_our_own_proxies_say_where_a_request_comes_from(peer: str, forwarded: str, source: str) -> None:
    assert source_of(peer, forwarded, TRUSTED) == source


def test_without_proxies_of_our_own_the_header_counts_for_nothing() -> None:
    assert source_of("127.0.0.1", "198.51.100.7", ()) == "127.0.0.1"


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("corr-hor", True),
        ("corr-ho", False),
        ("x1yz" * 256, True),
        ("x1yz" * 256 + "x", False),
        ("li-the-admin", False),
        ("LI-the-ADMIN", False),
        ("nimda-eht-il", False),
        ("aaaabbbbcccc", False),
    ],
)
def test_a_password_has_a_length_and_is_not_the_users_name(text: str, good: bool) -> None:
    assert (password.problem(text, "li-the-admin") is None) is good
