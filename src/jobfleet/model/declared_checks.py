"""What a declared state may not say, as far as the file alone tells: bad values, doubles, contradictions."""

import ipaddress
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from jobfleet.model.account import AccountType, Category, problems_of, problems_of_texts
from jobfleet.model.declared import (
    Account,
    DynamicGroup,
    Gateway,
    Host,
    Mistake,
    RoleBinding,
    State,
    TopologyNode,
    WhitelistedHost,
)

Row = TypeVar("Row")
_LABEL = re.compile(r"^\S+$")


def check_state(state: State) -> list[Mistake]:
    """Return every mistake that shows without knowing what is declared already."""
    return [*_doubles(state), *_values(state)]


def is_ipv4(text: str) -> bool:
    """Tell whether a text is an IPv4 address in its usual form."""
    return _parses(ipaddress.IPv4Address, text)


def is_ipv6(text: str) -> bool:
    """Tell whether a text is an IPv6 address without a zone."""
    return "%" not in text and _parses(ipaddress.IPv6Address, text)


def is_time_zone(name: str) -> bool:
    """Tell whether a text is a time zone of the IANA data base."""
    return bool(_LABEL.match(name)) and _parses(ZoneInfo, name)


def _parses(kind: Callable[[str], object], text: str) -> bool:
    try:
        kind(text)
    except (ValueError, KeyError, OSError):
        return False
    return True


def _doubles(state: State) -> Iterator[Mistake]:
    yield from _double("users", "name", state.users, lambda row: row.name)
    yield from _double("apps", "code", state.apps, lambda row: row.code)
    yield from _double("businesses", "id", state.businesses, lambda row: row.id)
    yield from _double("business_sets", "id", state.business_sets, lambda row: row.id)
    yield from _double("hosts", "id", state.hosts, lambda row: row.id)
    yield from _double("hosts", "ip", state.hosts, lambda row: row.ip and (row.cloud_id, row.ip))
    yield from _double("hosts", "ipv6", state.hosts, lambda row: row.ipv6 and (row.cloud_id, _same_ipv6(row.ipv6)))
    yield from _double("topology_nodes", "id", state.topology_nodes, lambda row: (row.type, row.id))
    yield from _double("dynamic_groups", "id", state.dynamic_groups, lambda row: row.id)
    yield from _double("accounts", "id", state.accounts, lambda row: row.id)
    yield from _double("accounts", "alias", state.accounts, account_key)
    yield from _double("host_whitelist", "ip", state.host_whitelist, lambda row: row.ip and (row.cloud_id, row.ip))
    yield from _double("role_bindings", "user", state.role_bindings, _binding_key)


def _binding_key(row: RoleBinding) -> Hashable:
    return (row.user, row.business, row.business_set, "platform" if row.platform else None)


def account_key(account: Account) -> Hashable:
    """Return what no two accounts may share: the scope, the category and the alias."""
    return (account.business, account.business_set, account.category, account.alias or account.account)


def _double(table: str, field: str, rows: Iterable[Row], key: Callable[[Row], Hashable]) -> Iterator[Mistake]:
    seen: dict[Hashable, int] = {}
    for index, row in enumerate(rows):
        value = key(row)
        if value is None or value == "":
            continue
        first = seen.setdefault(value, index)
        if first != index:
            yield Mistake(f"{table}[{index}].{field}", f"{_show(value)} is declared by {table}[{first}] already")


def _show(value: object) -> str:
    parts = value if isinstance(value, tuple) else (value,)
    return ":".join(str(part) for part in parts if part is not None)


def _values(state: State) -> Iterator[Mistake]:
    for table, check in _CHECKS.items():
        rows = getattr(state, table)
        for index, row in enumerate(rows):
            for field, problem in check(row):
                yield Mistake(f"{table}[{index}].{field}", problem)
    if state.gateway is not None:
        yield from (Mistake(f"gateway.{field}", problem) for field, problem in _gateway(state.gateway))


Problems = Iterator[tuple[str, str]]


def _gateway(row: Gateway) -> Problems:
    if "-----BEGIN PUBLIC KEY-----" not in row.jwt_public_key:
        yield "jwt_public_key", "is not a PEM text that begins with -----BEGIN PUBLIC KEY-----"


def _zone(row: Any) -> Problems:
    if row.time_zone is not None and not is_time_zone(row.time_zone):
        yield "time_zone", f"{row.time_zone!r} is not a time zone of the IANA data base"


def _host(row: Host) -> Problems:
    if row.ip is None and row.ipv6 is None:
        yield "ip", "is missing, and so is ipv6; a host needs one of them"
    if row.ip is not None and not is_ipv4(row.ip):
        yield "ip", f"{row.ip!r} is not an IPv4 address"
    if row.ipv6 is not None and not is_ipv6(row.ipv6):
        yield "ipv6", f"{row.ipv6!r} is not an IPv6 address"


def _node(row: TopologyNode) -> Problems:
    if row.type == "biz":
        yield "type", "'biz' is the business itself; declare it under [[businesses]]"
    if row.parent is None and row.parent_type is not None:
        yield "parent_type", "needs a parent beside it"
    if row.parent is not None and row.parent_type is None and row.type not in DEFAULT_PARENT:
        yield "parent_type", f"is needed to know what the parent of a {row.type} is"


DEFAULT_PARENT: Mapping[str, str] = {"module": "set", "set": "biz"}
"""Type of a node's parent when the file does not say it."""


def _group(row: DynamicGroup) -> Problems:
    if (row.hosts is None) == (row.filter is None):
        yield "hosts", "give either hosts or a filter"


def _account(row: Account) -> Problems:
    kind = AccountType[row.type.upper()]
    category = Category[row.category.upper()]
    yield from _one_scope(row)
    if kind.category is not category:
        yield "type", f"a {row.category} account has no type {row.type!r}"
        return
    yield from problems_of(kind, row.password or "", row.port, row.database)
    yield from problems_of_texts(row.alias or row.account, row.description)
    if category is Category.DATABASE and not row.system_account:
        yield "system_account", "is missing; a database account needs one"
    if category is Category.SYSTEM and row.system_account:
        yield "system_account", "is for database accounts"


def _whitelisted(row: WhitelistedHost) -> Problems:
    if (row.ip is None) == (row.host is None):
        yield "host", "give either host or ip"
    elif row.ip is not None and not is_ipv4(row.ip):
        yield "ip", f"{row.ip!r} is not an IPv4 address"
    if not row.actions:
        yield "actions", "is empty; name script, file or both"


def _one_scope(row: Account) -> Problems:
    if (row.business is None) == (row.business_set is None):
        yield "business", "give either business or business_set"


def _binding(row: RoleBinding) -> Problems:
    given = (row.business is not None, row.business_set is not None, row.platform)
    if sum(given) != 1:
        yield "business", "give either business or business_set, or platform = true"


def _same_ipv6(text: str) -> str:
    return ipaddress.IPv6Address(text).compressed if is_ipv6(text) else text


_CHECKS: Mapping[str, Callable[[Any], Problems]] = {
    "businesses": _zone,
    "business_sets": _zone,
    "hosts": _host,
    "topology_nodes": _node,
    "dynamic_groups": _group,
    "accounts": _account,
    "host_whitelist": _whitelisted,
    "role_bindings": _binding,
}
