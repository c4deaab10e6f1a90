"""Reading declared state: what it may say, and how mistakes are named."""

import pytest

from jobfleet.model.caller import Role
from jobfleet.model.declared import parse_state
from jobfleet.model.declared_checks import check_state
from jobfleet.model.declared_inventory import parse_host_address
from jobfleet.model.difference import MASK, Effect, compare
from jobfleet.model.errors import DeclarationError

EVERYTHING = """
[gateway]
jwt_public_key = "-----BEGIN PUBLIC KEY-----\\nabc\\n-----END PUBLIC KEY-----"
issuer = "gateway"
[[users]]
name = "li"
password = "correct horse"
[[apps]]
code = "esb_test"
secret = "battery staple"
trusted = true
[[businesses]]
id = 2
name = "demo"
time_zone = "Asia/Shanghai"
[[business_sets]]
id = 9991001
name = "all"
businesses = "all"
[[hosts]]
id = 1
cloud_id = 0
ip = "127.0.0.1"
ipv6 = "::1"
business = 2
os = "linux"
name = "one"
cloud_name = "here"
tags = { role = "web" }
[[topology_nodes]]
id = 100
type = "module"
name = "web"
business = 2
parent = 10
hosts = [1, "127.0.0.1"]
[[dynamic_groups]]
id = "100"
name = "web"
business = 2
filter = { os = ["linux"], tags = { role = "w*" } }
[[accounts]]
id = 1
business = 2
alias = "root"
account = "root"
category = "system"
type = "linux"
[[host_whitelist]]
cloud_id = 0
ip = "127.0.0.4"
businesses = [2]
actions = ["script", "file"]
[[role_bindings]]
user = "li"
role = "operator"
business = 2
[[role_bindings]]
user = "li"
role = "editor"
platform = true
"""


def mistakes_of(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(mistake) for mistake in check_state(parse_state(text)))
    except DeclarationError as error:
        return error.mistakes


def test_every_table_and_field_is_read() -> None:
    state = parse_state(EVERYTHING)
    assert mistakes_of(EVERYTHING) == ()
    assert state.gateway is not None
    assert state.gateway.issuer == "gateway"
    assert state.business_sets[0].businesses == "all"
    assert state.hosts[0].tags == {"role": "web"}
    assert state.topology_nodes[0].hosts == (1, "127.0.0.1")
    assert state.dynamic_groups[0].filter is not None
    assert state.host_whitelist[0].actions == ("script", "file")
    assert state.role_bindings[0].role is Role.OPERATOR


def test_a_text_that_is_no_toml_is_refused_with_its_line() -> None:
    assert "line 2" in mistakes_of('[[users]]\nname "x"')[0]


ROW = {
    "business": "[[businesses]]\nid = 2\nname = 'demo'\n",
    "host": "[[hosts]]\nbusiness = 2\nip = '10.0.0.1'\n",
}


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("[[servers]]\nid = 1", "servers: unknown table; known are accounts"),
        ("[hosts]\nid = 1", "hosts: write it as an array of tables: [[hosts]]"),
        (ROW["host"] + "color = 'red'", "hosts[0].color: unknown field"),
        ("[[businesses]]\nid = 2", "businesses[0].name: is missing"),
        ("[[businesses]]\nid = '2'\nname = 'x'", "businesses[0].id: expected `int`, got `str`"),
        ("[[businesses]]\nid = 0\nname = 'x'", "businesses[0].id: expected `int` >= 1"),
        ("[[businesses]]\nid = 2\nname = ''", "businesses[0].name: expected `str` of length >= 1"),
        (ROW["business"] + "time_zone = 'Mars/Base'", "businesses[0].time_zone: 'Mars/Base' is not a time zone"),
        (ROW["business"] + "time_zone = '../etc/passwd'", "businesses[0].time_zone: '../etc/passwd' is not a time"),
        (ROW["business"] * 2, "businesses[1].id: 2 is declared by businesses[0] already"),
        (ROW["host"] * 2, "hosts[1].ip: 0:10.0.0.1 is declared by hosts[0] already"),
        ("[[hosts]]\nbusiness = 2\nip = '300.1.1.1'", "hosts[0].ip: '300.1.1.1' is not an IPv4 address"),
        ("[[hosts]]\nbusiness = 2\nip = '::1'", "hosts[0].ip: '::1' is not an IPv4 address"),
        ("[[hosts]]\nbusiness = 2\nipv6 = '1.2.3.4'", "hosts[0].ipv6: '1.2.3.4' is not an IPv6 address"),
        ("[[hosts]]\nbusiness = 2", "hosts[0].ip: is missing, and so is ipv6"),
        (ROW["host"] + "tags = { a = 1 }", "hosts[0].tags[...]: expected `str`, got `int`"),
        ("[[users]]\nname = 'a b'", "users[0].name: expected `str` matching"),
        ("[[users]]\nname = 'a'\npassword = 'short'", "users[0].password: expected `str` of length >= 8"),
        ("[[users]]\nname = 'a'\n[[users]]\nname = 'a'", "users[1].name: a is declared by users[0] already"),
        ("[[role_bindings]]\nuser = 'a'\nrole = 'boss'\nbusiness = 2", "role_bindings[0].role: invalid enum value"),
        ("[[role_bindings]]\nuser = 'a'\nrole = 'admin'", "role_bindings[0].business: give either business or"),
        (
            "[[role_bindings]]\nuser = 'a'\nrole = 'admin'\nplatform = true\nbusiness = 2",
            "role_bindings[0].business: give either business or",
        ),
        (
            "[[role_bindings]]\nuser = 'a'\nrole = 'admin'\nplatform = true\n" * 2,
            "role_bindings[1].user: a:platform is declared by role_bindings[0] already",
        ),
        ("[[business_sets]]\nid = 9\nname = 'x'\nbusinesses = 'some'", "business_sets[0].businesses: invalid enum"),
        ("[[dynamic_groups]]\nid = 'g'\nname = 'x'\nbusiness = 2", "dynamic_groups[0].hosts: give either hosts or a"),
        (
            "[[dynamic_groups]]\nid = 'g'\nname = 'x'\nbusiness = 2\nfilter = { ram = 1 }",
            "dynamic_groups[0].filter.ram: unknown field",
        ),
        ("[[accounts]]\nbusiness = 2\naccount = 'x'\ntype = 'mysql'", "accounts[0].type: a system account has no type"),
        ("[[accounts]]\naccount = 'root'", "accounts[0].business: give either business or business_set"),
        (
            "[[accounts]]\nbusiness = 2\naccount = 'root'\n" * 2,
            "accounts[1].alias: 2:system:root is declared by accounts[0] already",
        ),
        (
            "[[host_whitelist]]\nip = '10.0.0.1'\nbusinesses = 'all'\nactions = ['dance']",
            "host_whitelist[0].actions[0]: invalid enum value 'dance'",
        ),
        (
            "[[host_whitelist]]\nip = '10.0.0.1'\nbusinesses = 'all'\nactions = []",
            "host_whitelist[0].actions: is empty",
        ),
        (
            "[[topology_nodes]]\nid = 1\ntype = 'rack'\nname = 'x'\nbusiness = 2\nparent = 3",
            "topology_nodes[0].parent_type: is needed",
        ),
        ('[[businesses]]\nid = 2\nname = "a\\u0000b"', "businesses[0].name: holds a NUL character"),
        ("[[businesses]]\nid = 9223372036854775808\nname = 'x'", "businesses[0].id: expected `int`"),
        ("x = " + "9" * 5000, "not TOML"),
        ("x = " + "[" * 5000, "not TOML"),
        ("[gateway]\njwt_public_key = 'x'", "gateway.jwt_public_key: is not a PEM text"),
    ],
)
def test_a_mistake_names_table_row_field_and_what_is_wrong(text: str, mistake: str) -> None:
    found = mistakes_of(text)
    assert [text for text in found if text.startswith(mistake)], found


def test_all_mistakes_of_a_file_are_named_at_once() -> None:
    found = mistakes_of("[[users]]\nname = 1\n[[apps]]\ncolour = 1\n[[users]]\nname = 'x'\nage = 1")
    assert [mistake.split(":")[0] for mistake in found] == ["users[0].name", "users[1].age", "apps[0].colour"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.7", (0, "10.0.0.7")),
        ("3:10.0.0.7", (3, "10.0.0.7")),
        ("fe80::1", (0, "fe80::1")),
        ("3:[FE80::1]", (3, "fe80::1")),
    ],
)
def test_a_host_address_is_read_with_or_without_its_cloud_area(text: str, address: tuple[int, str]) -> None:
    assert parse_host_address(text) == address


@pytest.mark.parametrize(
    "text", ["", "x", "3:", ":10.0.0.1", "10.0.0", "-:1.2.3.4", "+3:1.2.3.4", "fe80::1%eth0", "9" * 30 + ":1.2.3.4"]
)
def test_what_is_no_host_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_host_address(text)


def test_a_difference_masks_secrets() -> None:
    change = compare("apps", "x", {"secret_hash": "old"}, {"secret_hash": "new"})
    assert change.effect is Effect.CHANGED
    assert (change.fields[0].before, change.fields[0].after) == (MASK, MASK)
