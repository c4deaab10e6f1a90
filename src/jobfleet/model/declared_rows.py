"""From a declared state and what is known already to the rows that must be there."""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import msgspec

from jobfleet.model.account import DEFAULT_ACCOUNTS, AccountType, Category
from jobfleet.model.declared import (
    Account,
    App,
    Businesses,
    DynamicGroup,
    Host,
    HostRef,
    Mistake,
    RoleBinding,
    State,
    TopologyNode,
    User,
    WhitelistedHost,
)
from jobfleet.model.declared_checks import DEFAULT_PARENT
from jobfleet.model.difference import Fields
from jobfleet.model.scope import ScopeType

Key = tuple[Any, ...]
Known = Mapping[str, Mapping[Key, Fields]]
"""What is there already: by table, rows by primary key. Hosts: those that the state or its references name."""


class Row(msgspec.Struct, frozen=True):
    """A row that must be there: its table in the file, its primary key, its key in words, and its columns."""

    table: str
    key: Key
    label: str
    fields: dict[str, Any]


class Ids(msgspec.Struct, frozen=True):
    """Give every declared host and account its id, in the order of the file."""

    hosts: tuple[int, ...]
    accounts: tuple[int, ...]


def with_default_accounts(state: State, known: Known) -> State:
    """Return the state with the usual accounts for new businesses and sets that it declares none for."""
    added = [*_default_accounts(state, known, "businesses"), *_default_accounts(state, known, "business_sets")]
    return msgspec.structs.replace(state, accounts=(*state.accounts, *added))


def _default_accounts(state: State, known: Known, table: str) -> Iterator[Account]:
    field = "business" if table == "businesses" else "business_set"
    declared = {getattr(account, field) for account in state.accounts}
    for row in getattr(state, table):
        if (row.id,) in known[table] or row.id in declared:
            continue
        for name, kind in DEFAULT_ACCOUNTS:
            scope: dict[str, Any] = {field: row.id}
            yield Account(account=name, type=kind.name.lower(), **scope)  # type: ignore[arg-type]


def known_host_ids(state: State, known: Known) -> list[int | None]:
    """Return the id of each declared host: its own, or that of the known host at its address, or None."""
    addresses = _addresses(known)
    return [host.id or addresses.get((host.cloud_id, host.ip or canonical(host.ipv6))) for host in state.hosts]


def known_account_ids(state: State, known: Known) -> list[int | None]:
    """Return the id of each declared account: its own, or that of the known account with its alias, or None."""
    aliases = {_account_alias(fields): int(fields["id"]) for fields in known["accounts"].values()}
    return [account.id or aliases.get(_account_alias(_account_fields(account, 0))) for account in state.accounts]


def canonical(ipv6: str | None) -> str | None:
    """Return an IPv6 address in the one form that the inventory keeps, None for None."""
    return None if ipv6 is None else ipaddress.IPv6Address(ipv6).compressed


def parse_host_address(text: str) -> tuple[int, str]:
    """Return cloud area and address of `10.0.0.7`, `3:10.0.0.7`, `fe80::1` or `3:[fe80::1]`.

    Raises:
        ValueError: It is none of these.
    """
    try:
        return 0, ipaddress.ip_address(text).compressed
    except ValueError:
        cloud, _, address = text.partition(":")
        return int(cloud), ipaddress.ip_address(address.strip("[]")).compressed


class Inventory(msgspec.Struct, frozen=True):
    """Answer which names exist, declared or known: what references are checked against."""

    businesses: frozenset[int]
    business_sets: frozenset[int]
    users: frozenset[str]
    host_business: Mapping[int, int]
    addresses: Mapping[tuple[int, str | None], int]
    node_business: Mapping[Key, int]


def inventory_of(state: State, known: Known, ids: Ids) -> Inventory:
    """Return what exists once the state is applied."""
    hosts = list(zip(state.hosts, ids.hosts, strict=True))
    declared = {address: id_ for host, id_ in hosts for address in _own_addresses(host)}
    kept = {address: id_ for address, id_ in _addresses(known).items() if id_ not in set(ids.hosts)}
    host_business = {key[0]: fields["business_id"] for key, fields in known["hosts"].items()}
    nodes = {key: fields["business_id"] for key, fields in known["topology_nodes"].items()}
    return Inventory(
        businesses=frozenset(chain((row.id for row in state.businesses), (key[0] for key in known["businesses"]))),
        business_sets=frozenset(
            chain((row.id for row in state.business_sets), (key[0] for key in known["business_sets"]))
        ),
        users=frozenset(chain((row.name for row in state.users), (key[0] for key in known["users"]))),
        host_business=host_business | {id_: host.business for host, id_ in hosts},
        addresses={**kept, **declared},
        node_business=nodes | {(node.type, node.id): node.business for node in state.topology_nodes},
    )


def _own_addresses(host: Host) -> Iterator[tuple[int, str]]:
    for address in (host.ip, canonical(host.ipv6)):
        if address is not None:
            yield host.cloud_id, address


def _addresses(known: Known) -> dict[tuple[int, str | None], int]:
    return {
        (fields["cloud_id"], fields[name]): int(fields["id"])
        for fields in known["hosts"].values()
        for name in ("ip", "ipv6")
        if fields[name] is not None
    }


def rows_of(state: State, ids: Ids, inventory: Inventory, mistakes: list[Mistake]) -> list[Row]:
    """Return all rows in the order in which they can be written; references to nothing become mistakes.

    The columns `password_hash` and `secret_hash` are not in them: hashing is not a pure function.
    """
    look = _Lookup(inventory, mistakes)
    return [
        *(_user(row) for row in state.users),
        *(_app(row) for row in state.apps),
        *_gateway(state),
        *(Row("businesses", (row.id,), str(row.id), msgspec.structs.asdict(row)) for row in state.businesses),
        *(_business_set(row, look.at("business_sets", at)) for at, row in enumerate(state.business_sets)),
        *(_host(row, id_, look.at("hosts", at)) for at, (row, id_) in enumerate(zip(state.hosts, ids.hosts))),
        *(_node(row, look.at("topology_nodes", at)) for at, row in enumerate(state.topology_nodes)),
        *(_group(row, look.at("dynamic_groups", at)) for at, row in enumerate(state.dynamic_groups)),
        *(
            _account(row, id_, look.at("accounts", at))
            for at, (row, id_) in enumerate(zip(state.accounts, ids.accounts))
        ),
        *chain.from_iterable(
            _whitelisted(row, look.at("host_whitelist", at)) for at, row in enumerate(state.host_whitelist)
        ),
        *(_binding(row, look.at("role_bindings", at)) for at, row in enumerate(state.role_bindings)),
    ]


class _Lookup:
    """Check references of one row of the file and note what does not exist."""

    def __init__(self, inventory: Inventory, mistakes: list[Mistake], where: str = "") -> None:
        self.inventory = inventory
        self._mistakes = mistakes
        self._where = where

    def at(self, table: str, index: int) -> "_Lookup":
        return _Lookup(self.inventory, self._mistakes, f"{table}[{index}]")

    def note(self, field: str, problem: str) -> None:
        self._mistakes.append(Mistake(f"{self._where}.{field}", problem))

    def business(self, field: str, id_: int) -> int:
        if id_ not in self.inventory.businesses:
            self.note(field, f"business {id_} is not declared")
        return id_

    def scope(self, row: Account | RoleBinding) -> tuple[ScopeType, int]:
        if row.business is not None:
            return ScopeType.BUSINESS, self.business("business", row.business)
        id_ = row.business_set or 0
        if id_ not in self.inventory.business_sets:
            self.note("business_set", f"business set {id_} is not declared")
        return ScopeType.BUSINESS_SET, id_

    def members(self, businesses: Businesses) -> tuple[bool, list[int]]:
        if businesses == "all":
            return True, []
        return False, [self.business("businesses", id_) for id_ in businesses]

    def host(self, field: str, reference: HostRef) -> int:
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
        found = [self.host("hosts", reference) for reference in references]
        for id_ in found:
            if id_ and self.inventory.host_business[id_] != business:
                self.note("hosts", f"host {id_} belongs to business {self.inventory.host_business[id_]}")
        return list(dict.fromkeys(found))


def _user(row: User) -> Row:
    fields = {"name": row.name, "platform_admin": row.platform_admin, "language": row.language}
    return Row("users", (row.name,), row.name, fields)


def _app(row: App) -> Row:
    return Row("apps", (row.code,), row.code, {"code": row.code, "trusted": row.trusted})


GATEWAY_KEY = "gateway.jwt_public_key"
GATEWAY_ISSUER = "gateway.jwt_issuer"


def _gateway(state: State) -> Iterator[Row]:
    if state.gateway is None:
        return
    values = {GATEWAY_KEY: state.gateway.jwt_public_key.strip(), GATEWAY_ISSUER: state.gateway.issuer}
    for name, value in values.items():
        yield Row("gateway", (name,), name, {"name": name, "value": value})


def _business_set(row: Any, look: _Lookup) -> Row:
    everything, members = look.members(row.businesses)
    fields = {
        "id": row.id,
        "name": row.name,
        "time_zone": row.time_zone,
        "all_businesses": everything,
        "business_ids": members,
    }
    return Row("business_sets", (row.id,), str(row.id), fields)


def _host(row: Host, id_: int, look: _Lookup) -> Row:
    for cloud_id, address in _own_addresses(row):
        holder = look.inventory.addresses[cloud_id, address]
        if holder != id_:
            look.note("ip" if address == row.ip else "ipv6", f"{address} in cloud area {cloud_id} is host {holder}")
    fields = {
        "id": id_,
        "business_id": look.business("business", row.business),
        "cloud_id": row.cloud_id,
        "cloud_name": row.cloud_name,
        "ip": row.ip,
        "ipv6": canonical(row.ipv6),
        "name": row.name,
        "os": row.os,
        "tags": row.tags,
    }
    return Row("hosts", (id_,), f"{row.cloud_id}:{row.ip or row.ipv6}", fields)


def _node(row: TopologyNode, look: _Lookup) -> Row:
    parent_type = None if row.parent is None else row.parent_type or DEFAULT_PARENT.get(row.type)
    if row.parent is not None:
        _check_parent(row, str(parent_type), look)
    fields = {
        "type": row.type,
        "id": row.id,
        "name": row.name,
        "business_id": look.business("business", row.business),
        "parent_type": parent_type,
        "parent_id": row.parent,
        "host_ids": look.hosts(row.business, row.hosts),
    }
    return Row("topology_nodes", (row.type, row.id), f"{row.type}:{row.id}", fields)


def _check_parent(row: TopologyNode, parent_type: str, look: _Lookup) -> None:
    if parent_type == "biz":
        owner: int | None = row.parent
    else:
        owner = look.inventory.node_business.get((parent_type, row.parent))
    if owner is None:
        look.note("parent", f"{parent_type} {row.parent} is not declared")
    elif owner != row.business:
        look.note("parent", f"{parent_type} {row.parent} does not belong to business {row.business}")


def _group(row: DynamicGroup, look: _Lookup) -> Row:
    listed = None if row.hosts is None else look.hosts(row.business, row.hosts)
    fields = {
        "id": row.id,
        "name": row.name,
        "business_id": look.business("business", row.business),
        "host_ids": listed,
        "filter": None if row.filter is None else msgspec.to_builtins(row.filter),
    }
    return Row("dynamic_groups", (row.id,), row.id, fields)


def _account_fields(row: Account, id_: int) -> dict[str, Any]:
    return {
        "id": id_,
        "scope_type": (ScopeType.BUSINESS_SET if row.business is None else ScopeType.BUSINESS).value,
        "business_id": row.business or row.business_set,
        "alias": row.alias or row.account,
        "account": row.account,
        "category": Category[row.category.upper()].value,
        "type": AccountType[row.type.upper()].value,
    }


def _account_alias(fields: Fields) -> Key:
    return (fields["scope_type"], fields["business_id"], fields["category"], fields["alias"])


def _account(row: Account, id_: int, look: _Lookup) -> Row:
    scope_type, scope_id = look.scope(row)
    return Row("accounts", (id_,), f"{scope_type}:{scope_id}:{row.alias or row.account}", _account_fields(row, id_))


ACTIONS = ("script", "file")


def _whitelisted(row: WhitelistedHost, look: _Lookup) -> Iterator[Row]:
    host_id = look.host("ip", f"{row.cloud_id}:{row.ip}")
    everything, members = look.members(row.businesses)
    for action in ACTIONS:
        allowed = action in row.actions
        fields = {
            "host_id": host_id,
            "action": action,
            "all_scopes": everything and allowed,
            "business_ids": members if allowed else [],
        }
        yield Row("host_whitelist", (host_id, action), f"{row.cloud_id}:{row.ip}:{action}", fields)


def _binding(row: RoleBinding, look: _Lookup) -> Row:
    scope_type, scope_id = look.scope(row)
    if row.user not in look.inventory.users:
        look.note("user", f"user {row.user} is not declared")
    fields = {"user_name": row.user, "scope_type": scope_type.value, "scope_id": scope_id, "role": row.role.value}
    key = (row.user, scope_type.value, scope_id)
    return Row("role_bindings", key, f"{row.user}@{scope_type}:{scope_id}", fields)
