"""Hosts named by id or address, side by side."""

import pytest

from jobfleet.model.target import Address
from jobfleet.model.target_text import parse_hosts


def test_ids_and_addresses_may_stand_side_by_side() -> None:
    texts = ["17", "10.0.0.1", "3:10.0.0.1", " 17 ", "3:[fe80::1]"]
    assert parse_hosts(texts) == ((17,), (Address(0, "10.0.0.1"), Address(3, "10.0.0.1"), Address(3, "fe80::1")))


@pytest.mark.parametrize("text", ["group:1", "node:set:1", "web", "", "99999999999999999999"])
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"group|node|no address"):
        parse_hosts([text])
