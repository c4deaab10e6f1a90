"""Applying declared state to a real database."""

import asyncio

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.integration.declaring import apply, effects, mistakes_of, rows

from jobfleet.model.difference import Effect
from jobfleet.operations import callers, passwords
from jobfleet.store import tables
from jobfleet.store.database import Database

FLEET = """
[[users]]
name = "admin"
password = "correct horse"
platform_admin = true
[[users]]
name = "li"
[[apps]]
code = "esb_test"
secret = "battery staple"
trusted = true
[[businesses]]
id = 2
name = "demo"
time_zone = "Asia/Shanghai"
[[businesses]]
id = 3
name = "other"
[[business_sets]]
id = 9991001
name = "all"
businesses = [2, 3]
[[hosts]]
id = 1
ip = "127.0.0.1"
business = 2
[[hosts]]
ip = "127.0.0.2"
ipv6 = "FE80::0:1"
business = 2
[[topology_nodes]]
id = 10
type = "set"
name = "shop"
business = 2
[[topology_nodes]]
id = 100
type = "module"
name = "web"
business = 2
parent = 10
hosts = [1, "127.0.0.2"]
[[dynamic_groups]]
id = "100"
name = "web"
business = 2
hosts = ["fe80::1"]
[[dynamic_groups]]
id = "101"
name = "linux"
business = 2
filter = { os = ["linux"] }
[[accounts]]
id = 1
business = 2
account = "root"
[[host_whitelist]]
ip = "127.0.0.1"
businesses = [3]
actions = ["script"]
[[role_bindings]]
user = "li"
role = "operator"
business = 2
[[role_bindings]]
user = "li"
role = "viewer"
business_set = 9991001
"""

TINY = "[[businesses]]\nid = 2\nname = 'demo'\n"


async def test_everything_declared_is_there_afterwards(db: Database) -> None:
    assert effects(await apply(db, FLEET)) == {Effect.ADDED}
    assert await rows(db, tables.hosts, "id", "ip", "ipv6") == [
        (1, "127.0.0.1", None),
        (1000000, "127.0.0.2", "fe80::1"),
    ]
    assert await rows(db, tables.topology_nodes, "type", "id", "parent_type", "parent_id", "host_ids") == [
        ("module", 100, "set", 10, [1, 1000000]),
        ("set", 10, None, None, []),
    ]
    assert await rows(db, tables.dynamic_groups, "id", "host_ids") == [("100", [1000000]), ("101", None)]
    assert await rows(db, tables.host_whitelist, "host_id", "action", "business_ids") == [(1, "script", [3])]
    assert await rows(db, tables.role_bindings, "scope_type", "role") == [("biz", "operator"), ("biz_set", "viewer")]


async def test_applying_the_same_again_changes_nothing(db: Database) -> None:
    await apply(db, FLEET)
    before = await rows(db, tables.users, "name", "password_hash")
    assert effects(await apply(db, FLEET)) == {Effect.UNCHANGED}
    assert await rows(db, tables.users, "name", "password_hash") == before


async def test_a_dry_run_shows_the_same_difference_and_changes_nothing(db: Database) -> None:
    assert effects(await apply(db, FLEET, dry_run=True)) == {Effect.ADDED}
    assert await rows(db, tables.businesses, "id") == []


async def test_only_what_differs_is_changed_and_named(db: Database) -> None:
    await apply(db, FLEET)
    changes = await apply(db, TINY)
    [change] = [change for change in changes if change.effect is not Effect.UNCHANGED]
    assert (change.table, change.key, change.effect) == ("businesses", "2", Effect.CHANGED)
    assert [(field.name, field.before, field.after) for field in change.fields] == [
        ("time_zone", "Asia/Shanghai", None)
    ]
    assert len(await rows(db, tables.hosts, "id")) == 2


async def test_passwords_and_secrets_are_stored_as_hashes_that_match(db: Database) -> None:
    await apply(db, FLEET)
    [(admin,), (li,)] = await rows(db, tables.users, "password_hash")
    [(secret,)] = await rows(db, tables.apps, "secret_hash")
    assert passwords.password_matches(str(admin), "correct horse")
    assert not passwords.password_matches(str(admin), "wrong horse")
    assert li is None
    assert callers.secret_matches(str(secret), "battery staple")


async def test_a_secret_that_is_left_out_stays(db: Database) -> None:
    await apply(db, FLEET)
    changes = await apply(
        db, "[[users]]\nname = 'admin'\nplatform_admin = true\n[[apps]]\ncode = 'esb_test'\ntrusted = true"
    )
    assert effects(changes) == {Effect.UNCHANGED}


async def test_no_secret_is_in_the_difference(db: Database) -> None:
    await apply(db, FLEET)
    changes = await apply(db, "[[apps]]\ncode = 'esb_test'\nsecret = 'new secret'\ntrusted = true")
    assert "new secret" not in repr(changes)
    assert "sha256" not in repr(changes)
    assert [field.name for field in changes[0].fields] == ["secret_hash"]


async def test_a_new_business_gets_the_usual_accounts_unless_some_are_declared(db: Database) -> None:
    await apply(db, FLEET)
    found = await rows(db, tables.accounts, "scope_type", "business_id", "alias", "category", "type")
    assert ("biz", 2, "root", 1, 1) in found
    assert [row[2:] for row in found if row[1] == 3] == [("root", 1, 1), ("system", 1, 2), ("Administrator", 1, 2)]
    assert len([row for row in found if row[:2] == ("biz", 2)]) == 1
    assert len([row for row in found if row[:2] == ("biz_set", 9991001)]) == 3


async def test_hosts_may_swap_their_addresses(db: Database) -> None:
    fleet = (
        TINY + "[[hosts]]\nid = 1\nip = '10.0.0.{}'\nbusiness = 2\n[[hosts]]\nid = 2\nip = '10.0.0.{}'\nbusiness = 2"
    )
    await apply(db, fleet.format(1, 2))
    await apply(db, fleet.format(2, 1))
    assert await rows(db, tables.hosts, "id", "ip") == [(1, "10.0.0.2"), (2, "10.0.0.1")]


async def test_a_host_that_another_id_holds_the_address_of_is_refused(db: Database) -> None:
    await apply(db, FLEET)
    text = "[[hosts]]\nid = 7\nip = '127.0.0.1'\nbusiness = 2"
    assert await mistakes_of(db, text) == ("hosts[0].ip: 127.0.0.1 in cloud area 0 is host 1",)


async def test_an_alias_that_another_account_has_is_refused(db: Database) -> None:
    await apply(db, FLEET)
    text = "[[accounts]]\nid = 7\naccount = 'root'\nbusiness = 2"
    assert await mistakes_of(db, text) == ("accounts[0].alias: 'root' is account 1 already",)


async def test_a_fresh_host_id_never_meets_a_declared_one(db: Database) -> None:
    hosts = TINY + "[[hosts]]\nid = 1000000\nip = '10.0.0.1'\nbusiness = 2\n[[hosts]]\nip = '10.0.0.2'\nbusiness = 2"
    await apply(db, hosts)
    assert await rows(db, tables.hosts, "id") == [(1000000,), (1000001,)]


async def test_a_white_list_action_that_is_no_longer_declared_is_gone(db: Database) -> None:
    entry = "[[host_whitelist]]\nip = '127.0.0.1'\nbusinesses = 'all'\nactions = [{}]"
    await apply(db, FLEET)
    await apply(db, entry.format("'file'"))
    assert await rows(db, tables.host_whitelist, "action", "all_scopes", "business_ids") == [
        ("file", True, []),
        ("script", False, []),
    ]
    await apply(db, "[[host_whitelist]]\nhost = 1\nbusinesses = [3]\nactions = ['script']")
    assert await rows(db, tables.host_whitelist, "action", "all_scopes", "business_ids") == [
        ("file", False, []),
        ("script", False, [3]),
    ]


REFERENCES_TO_NOTHING = [
    ("[[hosts]]\nip = '10.0.0.1'\nbusiness = 9", "hosts[0].business: business 9 is not declared"),
    (
        "[[business_sets]]\nid = 5\nname = 'x'\nbusinesses = [2, 9]",
        "business_sets[0].businesses: business 9 is not declared",
    ),
    (
        "[[topology_nodes]]\nid = 1\ntype = 'set'\nname = 'x'\nbusiness = 2\nhosts = [77]",
        "topology_nodes[0].hosts: host 77 is not declared",
    ),
    (
        "[[topology_nodes]]\nid = 1\ntype = 'set'\nname = 'x'\nbusiness = 3\nhosts = [1]",
        "topology_nodes[0].hosts: host 1 belongs to business 2",
    ),
    (
        "[[topology_nodes]]\nid = 1\ntype = 'module'\nname = 'x'\nbusiness = 2\nparent = 11",
        "topology_nodes[0].parent: set 11 is not declared",
    ),
    (
        "[[topology_nodes]]\nid = 1\ntype = 'module'\nname = 'x'\nbusiness = 3\nparent = 10",
        "topology_nodes[0].parent: set 10 does not belong to business 3",
    ),
    (
        "[[topology_nodes]]\nid = 10\ntype = 'set'\nname = 'x'\nbusiness = 2\nparent = 100\nparent_type = 'module'",
        "topology_nodes[0].parent: module 100 is below set 10",
    ),
    (
        "[[dynamic_groups]]\nid = 'g'\nname = 'x'\nbusiness = 2\nhosts = ['nowhere']",
        "dynamic_groups[0].hosts: host nowhere is not declared",
    ),
    (
        "[[host_whitelist]]\nip = '9.9.9.9'\nbusinesses = 'all'\nactions = ['file']",
        "host_whitelist[0].ip: host 0:9.9.9.9 is not declared",
    ),
    (
        "[[host_whitelist]]\nhost = 999\nbusinesses = 'all'\nactions = ['file']",
        "host_whitelist[0].host: host 999 is not declared",
    ),
    (
        (
            "[[host_whitelist]]\nhost = 1\nbusinesses = 'all'\nactions = ['file']\n"
            "[[host_whitelist]]\nip = '127.0.0.1'\nbusinesses = 'all'\nactions = ['file']"
        ),
        "host_whitelist[1].ip: host 1 is in the list already",
    ),
    (
        "[[role_bindings]]\nuser = 'wu'\nrole = 'viewer'\nbusiness = 2",
        "role_bindings[0].user: user wu is not declared",
    ),
    (
        "[[role_bindings]]\nuser = 'li'\nrole = 'viewer'\nbusiness_set = 8",
        "role_bindings[0].business_set: business set 8 is not declared",
    ),
    ("[[apps]]\ncode = 'new'", "apps[0].secret: is missing; a new application needs one"),
]


async def test_a_reference_to_nothing_is_named(db: Database) -> None:
    await apply(db, FLEET)
    for text, mistake in REFERENCES_TO_NOTHING:
        assert await mistakes_of(db, text) == (mistake,)


async def test_one_mistake_and_nothing_is_applied(db: Database) -> None:
    await mistakes_of(db, TINY + "[[hosts]]\nip = '10.0.0.1'\nbusiness = 9")
    assert await rows(db, tables.businesses, "id") == []


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


async def test_the_gateway_key_is_kept_for_the_platform(db: Database) -> None:
    key = pem(rsa.generate_private_key(65537, 2048))
    await apply(db, f'[gateway]\nissuer = "gw"\njwt_public_key = """{key}"""')
    assert await rows(db, tables.platform_settings, "name", "value") == [
        ("gateway.jwt_issuer", "gw"),
        ("gateway.jwt_public_key", key.strip()),
    ]


async def test_a_gateway_key_of_another_kind_is_refused(db: Database) -> None:
    text = f'[gateway]\njwt_public_key = """{pem(ed25519.Ed25519PrivateKey.generate())}"""'
    assert await mistakes_of(db, text) == ("gateway.jwt_public_key: is not an RSA key",)


async def test_two_applies_at_once_both_succeed(db: Database) -> None:
    first, second = await asyncio.gather(apply(db, FLEET), apply(db, FLEET))
    assert {*effects(first), *effects(second)} == {Effect.ADDED, Effect.UNCHANGED}


async def test_ten_thousand_hosts_are_applied_and_then_unchanged(db: Database) -> None:
    host = "[[hosts]]\nip = '10.{}.{}.{}'\nbusiness = 2\n"
    text = TINY + "".join(host.format(n >> 16, n >> 8 & 255, n & 255) for n in range(10_000))
    await apply(db, text)
    assert effects(await apply(db, text)) == {Effect.UNCHANGED}
