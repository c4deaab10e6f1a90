"""What exists once a declared state is applied, and the check of references against it."""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import msgspec

from jobfleet.model.account import Category
from jobfleet.model.declared import Account, Businesses, Host, HostRef, Mistake, RoleBinding, State, TopologyNode
from jobfleet.model.declared_checks import DEFAULT_PARENT
from jobfleet.model.difference import Fields
from jobfleet.model.scope import ScopeType

Key = tuple[Any, ...]
Known = Mapping[str, Mapping[Key, Fields]]
"""What is there already: by table, rows by primary key. Hosts: those that the state or its references name."""


class Ids(msgspec.Struct, frozen=True):
    """Give every declared host and account its id, in the order of the file."""

    hosts: tuple[int, ...]
    accounts: tuple[int, ...]


def canonical(ipv6: str | None) -> str | None:
    """Return an IPv6 address in the one form that the inventory keeps, None for None."""
    return None if ipv6 is None else ipaddress.IPv6Address(ipv6).compressed


def parse_host_address(text: str) -> tuple[int, str]:
    """Return cloud area and address of `10.0.0.7`, `3:10.0.0.7`, `fe80::1` or `3:[fe80::1]`.

    Raises:
        ValueError: It is none of these.
    """
    try:
        return 0, plain_address(text)
    except ValueError:
        cloud, _, address = text.partition(":")
        return parse_number(cloud), plain_address(address.removeprefix("[").removesuffix("]"))


def plain_address(text: str) -> str:
    """Return an IPv4 or IPv6 address in the one form that the inventory keeps.

    Raises:
        ValueError: It is none, or is bound to a network interface.
    """
    found = ipaddress.ip_address(text)
    if isinstance(found, ipaddress.IPv6Address) and found.scope_id is not None:
        raise ValueError(f"{text!r} names a network interface")
    return found.compressed


def parse_number(text: str) -> int:
    """Return an id or cloud area written in digits.

    Raises:
        ValueError: It is none, or larger than the database keeps.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise ValueError(f"{text!r} is no number")
    return int(text)


class Inventory(msgspec.Struct, frozen=True):
    """Answer which names exist, declared or known: what references are checked against."""

    businesses: frozenset[int]
    business_sets: frozenset[int]
    users: frozenset[str]
    host_business: Mapping[int, int]
    addresses: Mapping[tuple[int, str | None], int]
    node_business: Mapping[Key, int]
    node_parent: Mapping[Key, Key | None]
    aliases: Mapping[Key, int]
    system_accounts: Mapping[Key, int]

    def is_above(self, node: Key, below: Key) -> bool:
        """Tell whether a topology node is `below` or one of its ancestors."""
        seen: set[Key] = set()
        at: Key | None = below
        while at is not None and at not in seen:
            if at == node:
                return True
            seen.add(at)
            at = self.node_parent.get(at)
        return False


def inventory_of(state: State, known: Known, ids: Ids) -> Inventory:
    """Return what exists once the state is applied."""
    hosts = list(zip(state.hosts, ids.hosts, strict=True))
    declared: dict[tuple[int, str | None], int] = {
        address: id_ for host, id_ in hosts for address in own_addresses(host)
    }
    kept = {address: id_ for address, id_ in addresses_of(known).items() if id_ not in set(ids.hosts)}
    host_business = {key[0]: fields["business_id"] for key, fields in known["hosts"].items()}
    nodes = {key: fields["business_id"] for key, fields in known["topology_nodes"].items()}
    return Inventory(
        businesses=frozenset(chain((row.id for row in state.businesses), (key[0] for key in known["businesses"]))),
        business_sets=frozenset(
            chain((row.id for row in state.business_sets), (key[0] for key in known["business_sets"]))
        ),
        users=frozenset(chain((row.name for row in state.users), (key[0] for key in known["users"]))),
        host_business=host_business | {id_: host.business for host, id_ in hosts},
        addresses={**declared, **kept},
        node_business=nodes | {(node.type, node.id): node.business for node in state.topology_nodes},
        node_parent=_known_parents(known) | {(node.type, node.id): parent_of(node) for node in state.topology_nodes},
        aliases=_kept_aliases(known, ids),
        system_accounts=_system_accounts(state, known, ids),
    )


def _kept_aliases(known: Known, ids: Ids) -> dict[Key, int]:
    return {account_alias(fields): key[0] for key, fields in known["accounts"].items() if key[0] not in ids.accounts}


def _system_accounts(state: State, known: Known, ids: Ids) -> dict[Key, int]:
    """Return the system accounts by scope and alias."""
    kept = {(*key[:2], key[3]): id_ for key, id_ in _kept_aliases(known, ids).items() if key[2] == Category.SYSTEM}
    declared: dict[Key, int] = {
        (*scope_key(row), row.alias or row.account): id_
        for row, id_ in zip(state.accounts, ids.accounts, strict=True)
        if row.category == "system"
    }
    return kept | declared


def scope_key(row: Account) -> tuple[str, int]:
    """Return the scope that a declared account names, as its columns have it."""
    if row.business is not None:
        return ScopeType.BUSINESS.value, row.business
    return ScopeType.BUSINESS_SET.value, row.business_set or 0


def _known_parents(known: Known) -> dict[Key, Key | None]:
    return {
        key: (fields["parent_type"], fields["parent_id"]) if fields["parent_type"] else None
        for key, fields in known["topology_nodes"].items()
    }


def parent_of(node: TopologyNode) -> Key | None:
    """Return type and id of a declared node's parent, None for a node without one."""
    if node.parent is None:
        return None
    return (node.parent_type or DEFAULT_PARENT.get(node.type), node.parent)


def account_alias(fields: Fields) -> Key:
    """Return what no two accounts share."""
    return (fields["scope_type"], fields["business_id"], fields["category"], fields["alias"])


def own_addresses(host: Host) -> Iterator[tuple[int, str]]:
    """Yield cloud area and address of a host, v4 and v6."""
    for address in (host.ip, canonical(host.ipv6)):
        if address is not None:
            yield host.cloud_id, address


def addresses_of(known: Known) -> dict[tuple[int, str | None], int]:
    """Return the hosts that are there already, by cloud area and address."""
    return {
        (fields["cloud_id"], fields[name]): int(fields["id"])
        for fields in known["hosts"].values()
        for name in ("ip", "ipv6")
        if fields[name] is not None
    }


class Lookup:
    """Check references of one row of the file and note what does not exist."""

    def __init__(self, inventory: Inventory, mistakes: list[Mistake], where: str = "") -> None:
        self.inventory = inventory
        self._mistakes = mistakes
        self._where = where

    def at(self, table: str, index: int) -> "Lookup":
        """Return a check of one row of a table."""
        return Lookup(self.inventory, self._mistakes, f"{table}[{index}]")

    def table(self, name: str) -> "Lookup":
        """Return a check of a plain table."""
        return Lookup(self.inventory, self._mistakes, name)

    def note(self, field: str, problem: str) -> None:
        """Note a mistake in one field of the row."""
        self._mistakes.append(Mistake(f"{self._where}.{field}", problem))

    def business(self, field: str, id_: int) -> int:
        """Check that a business exists and return its id."""
        if id_ not in self.inventory.businesses:
            self.note(field, f"business {id_} is not declared")
        return id_

    def scope(self, row: Account | RoleBinding) -> tuple[ScopeType, int]:
        """Check that the business or set that a row names exists, and return it."""
        if row.business is not None:
            return ScopeType.BUSINESS, self.business("business", row.business)
        id_ = row.business_set or 0
        if id_ not in self.inventory.business_sets:
            self.note("business_set", f"business set {id_} is not declared")
        return ScopeType.BUSINESS_SET, id_

    def members(self, businesses: Businesses) -> tuple[bool, list[int]]:
        """Check a list of businesses and return whether it means all, and their ids."""
        if businesses == "all":
            return True, []
        return False, [self.business("businesses", id_) for id_ in businesses]

    def host(self, field: str, reference: HostRef) -> int:
        """Check that a host exists and return its id, 0 when it does not."""
        if isinstance(reference, int):
            found: int | None = reference if reference in self.inventory.host_business else None
        else:
            found = self._at_address(reference)
        if found is None:
            self.note(field, f"host {reference} is not declared")
        return found or 0

    def _at_address(self, text: str) -> int | None:
        try:
            return self.inventory.addresses.get(parse_host_address(text))
        except ValueError:
            return None

    def hosts(self, business: int, references: Iterable[HostRef]) -> list[int]:
        """Check that hosts exist and belong to a business, and return their ids, each once."""
        found = [self.host("hosts", reference) for reference in references]
        for id_ in found:
            if id_ and self.inventory.host_business[id_] != business:
                self.note("hosts", f"host {id_} belongs to business {self.inventory.host_business[id_]}")
        return list(dict.fromkeys(found))
