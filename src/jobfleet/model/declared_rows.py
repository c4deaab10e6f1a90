"""From a declared state and what is known already to the rows that must be there."""

from collections.abc import Iterator
from typing import Any

import msgspec

from jobfleet.model.account import DEFAULT_ACCOUNTS, AccountType, Category
from jobfleet.model.caller import PLATFORM
from jobfleet.model.declared import (
    Account,
    App,
    BusinessSet,
    DynamicGroup,
    Host,
    HostFilter,
    Mistake,
    RoleBinding,
    State,
    TopologyNode,
    User,
    WhitelistedHost,
)
from jobfleet.model.declared_inventory import (
    Ids,
    Inventory,
    Key,
    Known,
    Lookup,
    account_alias,
    addresses_of,
    canonical,
    own_addresses,
    parent_of,
    scope_key,
)
from jobfleet.model.scope import ScopeType


class Row(msgspec.Struct, frozen=True):
    """A row that must be there: its table in the file, its primary key, its key in words, and its columns."""

    table: str
    key: Key
    label: str
    fields: dict[str, Any]


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
    addresses = addresses_of(known)
    return [host.id or addresses.get((host.cloud_id, host.ip or canonical(host.ipv6))) for host in state.hosts]


def known_account_ids(state: State, known: Known) -> list[int | None]:
    """Return the id of each declared account: its own, or that of the known account with its alias, or None."""
    aliases = {account_alias(fields): int(fields["id"]) for fields in known["accounts"].values()}
    return [account.id or aliases.get(account_alias(_account_fields(account, 0))) for account in state.accounts]


def rows_of(state: State, ids: Ids, inventory: Inventory, mistakes: list[Mistake]) -> list[Row]:
    """Return all rows in the order in which they can be written; references to nothing become mistakes.

    Columns of secrets are not in them: to hash and to seal are no pure functions.
    """
    look = Lookup(inventory, mistakes)
    hosts = enumerate(zip(state.hosts, ids.hosts, strict=True))
    accounts = enumerate(zip(state.accounts, ids.accounts, strict=True))
    return [
        *(_user(row) for row in state.users),
        *(_app(row) for row in state.apps),
        *_gateway(state),
        *_quotas(state, look),
        *(Row("businesses", (row.id,), str(row.id), msgspec.structs.asdict(row)) for row in state.businesses),
        *(_business_set(row, look.at("business_sets", at)) for at, row in enumerate(state.business_sets)),
        *(_host(row, id_, look.at("hosts", at)) for at, (row, id_) in hosts),
        *(_node(row, look.at("topology_nodes", at)) for at, row in enumerate(state.topology_nodes)),
        *(_group(row, look.at("dynamic_groups", at)) for at, row in enumerate(state.dynamic_groups)),
        *(_account(row, id_, look.at("accounts", at)) for at, (row, id_) in accounts),
        *_whitelist(state, look),
        *(_binding(row, look.at("role_bindings", at)) for at, row in enumerate(state.role_bindings)),
    ]


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


QUOTAS_SETTING = "quotas"


def _quotas(state: State, look: Lookup) -> Iterator[Row]:
    if state.quotas is None:
        return
    for scope in state.quotas.scopes:
        kind, _, number = scope.partition(":")
        known = look.inventory.businesses if kind == ScopeType.BUSINESS.value else look.inventory.business_sets
        if int(number) not in known:
            look.table("quotas").note("scopes", f"{scope} is not declared")
    yield Row(
        "quotas", (QUOTAS_SETTING,), "quotas", {"name": QUOTAS_SETTING, "value": msgspec.to_builtins(state.quotas)}
    )


def _business_set(row: BusinessSet, look: Lookup) -> Row:
    everything, members = look.members(row.businesses)
    fields = {
        "id": row.id,
        "name": row.name,
        "time_zone": row.time_zone,
        "all_businesses": everything,
        "business_ids": members,
    }
    return Row("business_sets", (row.id,), str(row.id), fields)


def _host(row: Host, id_: int, look: Lookup) -> Row:
    for cloud_id, address in own_addresses(row):
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


def _node(row: TopologyNode, look: Lookup) -> Row:
    parent_type, _ = parent_of(row) or (None, None)
    if parent_type is not None:
        _check_parent(row, parent_type, look)
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


def _check_parent(row: TopologyNode, parent_type: str, look: Lookup) -> None:
    if parent_type == "biz":
        owner: int | None = row.parent
    else:
        owner = look.inventory.node_business.get((parent_type, row.parent))
    if owner is None:
        look.note("parent", f"{parent_type} {row.parent} is not declared")
    elif owner != row.business:
        look.note("parent", f"{parent_type} {row.parent} does not belong to business {row.business}")
    elif look.inventory.is_above((row.type, row.id), (parent_type, row.parent)):
        look.note("parent", f"{parent_type} {row.parent} is below {row.type} {row.id}")


def _group(row: DynamicGroup, look: Lookup) -> Row:
    listed = None if row.hosts is None else look.hosts(row.business, row.hosts)
    fields = {
        "id": row.id,
        "name": row.name,
        "business_id": look.business("business", row.business),
        "host_ids": listed,
        "filter": _plain(row.filter),
    }
    return Row("dynamic_groups", (row.id,), row.id, fields)


def _plain(filter_: HostFilter | None) -> Any:
    """Return a filter as the database gives it back, so that both compare."""
    return None if filter_ is None else msgspec.json.decode(msgspec.json.encode(filter_))


def _account_fields(row: Account, id_: int) -> dict[str, Any]:
    scope_type, scope_id = scope_key(row)
    return {
        "id": id_,
        "scope_type": scope_type,
        "business_id": scope_id,
        "alias": row.alias or row.account,
        "account": row.account,
        "category": Category[row.category.upper()].value,
        "type": AccountType[row.type.upper()].value,
        "port": row.port,
        "db_name": row.database,
        "description": row.description,
    }


def _account(row: Account, id_: int, look: Lookup) -> Row:
    scope_type, scope_id = look.scope(row)
    fields = _account_fields(row, id_) | {"system_account_id": _linked(row, look)}
    holder = look.inventory.aliases.get(account_alias(fields), id_)
    if holder != id_:
        look.note("alias", f"{fields['alias']!r} is account {holder} already")
    return Row("accounts", (id_,), f"{scope_type}:{scope_id}:{fields['alias']}", fields)


def _linked(row: Account, look: Lookup) -> int | None:
    """Return the id of the system account that a database account's client runs as."""
    if not row.system_account:
        return None
    found = look.inventory.system_accounts.get((*scope_key(row), row.system_account))
    if found is None:
        look.note("system_account", f"system account {row.system_account!r} is not declared")
    return found


ACTIONS = ("script", "file")


def _whitelist(state: State, look: Lookup) -> Iterator[Row]:
    seen: set[int] = set()
    for at, row in enumerate(state.host_whitelist):
        place = look.at("host_whitelist", at)
        field, name = ("ip", f"{row.cloud_id}:{row.ip}") if row.host is None else ("host", row.host)
        host_id = place.host(field, name)
        if host_id in seen - {0}:
            place.note(field, f"host {host_id} is in the list already")
        seen.add(host_id)
        yield from _whitelisted(row, host_id, str(name), place)


def _whitelisted(row: WhitelistedHost, host_id: int, name: str, look: Lookup) -> Iterator[Row]:
    everything, members = look.members(row.businesses)
    for action in ACTIONS:
        allowed = action in row.actions
        fields = {
            "host_id": host_id,
            "action": action,
            "all_scopes": everything and allowed,
            "business_ids": members if allowed else [],
        }
        yield Row("host_whitelist", (host_id, action), f"{name}:{action}", fields)


def _binding(row: RoleBinding, look: Lookup) -> Row:
    scope_type, scope_id = (PLATFORM, 0) if row.platform else look.scope(row)
    if row.user not in look.inventory.users:
        look.note("user", f"user {row.user} is not declared")
    fields = {"user_name": row.user, "scope_type": str(scope_type), "scope_id": scope_id, "role": row.role.value}
    label = f"{row.user}@{PLATFORM}" if row.platform else f"{row.user}@{scope_type}:{scope_id}"
    return Row("role_bindings", (row.user, str(scope_type), scope_id), label, fields)
