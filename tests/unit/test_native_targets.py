"""How the native API reads targets and names of fields."""

import pytest

from jobfleet.api.native.route import place_of
from jobfleet.api.native.targets import parse_targets
from jobfleet.model.scope import Scope, ScopeType, parse_scope
from jobfleet.model.target import Address, TopologyNode


def test_each_form_of_target_is_read_and_they_add_up() -> None:
    spec = parse_targets(["10.0.0.1", "3:10.0.0.2", "3:[fe80::1]", "group:100", "node:module:7"])
    assert spec.addresses == (Address(0, "10.0.0.1"), Address(3, "10.0.0.2"), Address(3, "fe80::1"))
    assert spec.dynamic_groups == ("100",)
    assert spec.topology_nodes == (TopologyNode("module", 7),)
    assert parse_targets([" 17 "]).host_ids == (17,)


@pytest.mark.parametrize("text", ["", "host", "group:", "node:set", "node:set:x", "10.0.0.256", "x:10.0.0.1", "-5"])
def test_what_is_no_target_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is no address, host id, group:ID or node:TYPE:ID"):
        parse_targets([text])


def test_ids_and_addresses_do_not_mix() -> None:
    with pytest.raises(ValueError, match="either by id or by address"):
        parse_targets(["1", "10.0.0.1"])


def test_a_scope_is_read() -> None:
    assert parse_scope("biz_set:9991001") == Scope(ScopeType.BUSINESS_SET, 9991001)


@pytest.mark.parametrize(
    ("message", "field", "problem"),
    [
        ("Object missing required field `scope`", "scope", "is missing"),
        ("Object contains unknown field `x` - at `$.seen`", "seen.x", "is unknown"),
        ("Expected `int`, got `str` - at `$.timeout_s`", "timeout_s", "expected `int`, got `str`"),
        ("Expected `object`, got `array`", "body", "expected `object`, got `array`"),
    ],
)
def test_the_field_that_is_wrong_is_named(message: str, field: str, problem: str) -> None:
    assert place_of(message) == (field, problem)
