"""What the terms of expressions mean for the hosts of a scope: conditions on tables `host` and `agent`."""

import ipaddress
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, INET

from jobfleet.model.agent import AgentState
from jobfleet.model.highest import MAX_ID
from jobfleet.model.scope import KnownScope
from jobfleet.model.target_query import TAG_PREFIX, Term
from jobfleet.store import inventory, target_search
from jobfleet.store.database import Transaction
from jobfleet.store.host_list import Condition, is_in
from jobfleet.store.tables import agents, dynamic_groups, hosts


def own_hosts(info: KnownScope) -> Condition:
    """Return the condition that a host belongs to a scope."""
    return hosts.c.business_id.in_(info.member_ids)


async def condition_of(tx: Transaction, info: KnownScope, term: Term, now: int) -> Condition | None:
    """Return the condition that a host meets a term; None when nothing in the scope is called as its key says.

    Source: docs/reference/target-expressions.md, «Expressions».
    """
    met = await _positive(tx, info, term, now)
    return sa.not_(met) if met is not None and term.negated else met


async def conditions_of(tx: Transaction, info: KnownScope, terms: Iterable[Term], now: int) -> list[Condition]:
    """Return the conditions that the hosts of a scope meet all terms; nothing meets one whose key is unknown."""
    found = [await condition_of(tx, info, term, now) for term in terms]
    return [own_hosts(info), *(sa.false() if one is None else one for one in found)]


async def _positive(tx: Transaction, info: KnownScope, term: Term, now: int) -> Condition | None:
    if term.key in _READERS:
        return sa.or_(sa.false(), *(_READERS[term.key](value) for value in term.values))
    if term.key == "agent":
        states = [state for state in AgentState if state.value in term.values]
        return sa.or_(sa.false(), *(is_in(state, now) for state in states))
    if term.key == "group":
        return _among(await _ids_of_groups(tx, info, term.values, now))
    if term.key.startswith(TAG_PREFIX):
        return _tagged(term.key.removeprefix(TAG_PREFIX), term.values)
    below = await target_search.ids_below_named(tx, term.key.lower(), term.values, info.member_ids)
    if below is not None:
        return _among(below)
    return _tagged(term.key, term.values) if await _is_tag(tx, info, term.key) else None


def _like(column: sa.ColumnElement[Any], pattern: str) -> Condition:
    """Return the condition that a column meets a pattern with `*` for any letters, whatever their case."""
    return sa.func.coalesce(column, "").ilike(target_search.like_pattern(pattern), escape="\\")


def _ip(value: str) -> Condition:
    try:
        network = str(ipaddress.ip_network(value, strict=False)) if "/" in value else ""
    except ValueError:
        return sa.false()
    if not network or "%" in network:  # what is behind it is an interface, which no address of a host has
        return sa.or_(_like(hosts.c.ip, value), _like(hosts.c.ipv6, value))
    wanted = sa.cast(network, INET)
    inside = [sa.cast(column, INET).op("<<=")(wanted) for column in (hosts.c.ip, hosts.c.ipv6)]
    return sa.or_(*(sa.func.coalesce(one, sa.false()) for one in inside))


def _host(value: str) -> Condition:
    """Return the condition that a value names a host: by name, address, area and address, or id."""
    held = [_like(column, value) for column in (hosts.c.name, hosts.c.ip, hosts.c.ipv6)]
    plain = value.strip("*")
    cloud_id, _, address = plain.partition(":")
    if _is_id(cloud_id) and "." in address:
        held.append(sa.and_(hosts.c.cloud_id == int(cloud_id), sa.func.coalesce(hosts.c.ip, "") == address))
    return sa.or_(*held, hosts.c.id == int(plain)) if _is_id(plain) else sa.or_(*held)


def _is_id(word: str) -> bool:
    return word.isdecimal() and word.isascii() and len(word) < 20 and int(word) <= MAX_ID


def _number(column: sa.ColumnElement[Any]) -> Callable[[str], Condition]:
    return lambda value: column == int(value) if _is_id(value) else sa.false()


_READERS: Mapping[str, Callable[[str], Condition]] = {
    "name": lambda value: _like(hosts.c.name, value),
    "os": lambda value: _like(hosts.c.os, value),
    "version": lambda value: _like(agents.c.version, value),
    "ip": _ip,
    "host": _host,
    "id": _number(hosts.c.id),
    "cloud": _number(hosts.c.cloud_id),
}


def _tagged(key: str, values: Sequence[str]) -> Condition:
    shown = sa.func.coalesce(hosts.c.tags[key].astext, "")
    patterns = (target_search.like_pattern(value) for value in values)
    return sa.or_(sa.false(), *(shown.like(pattern, escape="\\") for pattern in patterns))


async def _is_tag(tx: Transaction, info: KnownScope, key: str) -> bool:
    there = sa.exists().where(own_hosts(info), hosts.c.tags.has_key(key))
    return bool((await tx.execute(sa.select(there))).scalar_one())


async def _ids_of_groups(tx: Transaction, info: KnownScope, values: Collection[str], now: int) -> set[int]:
    """Return the hosts in dynamic groups that are named by their ids, or by patterns of their names."""
    named = [dynamic_groups.c.name.like(target_search.like_pattern(value), escape="\\") for value in values]
    query = sa.select(dynamic_groups.c.id).where(
        dynamic_groups.c.business_id.in_(info.member_ids),
        sa.or_(dynamic_groups.c.id.in_(list(values)), *named),
    )
    found: set[int] = set()
    for group_id in (await tx.execute(query)).scalars().all():
        group = await inventory.find_group(tx, group_id, info.member_ids)
        found |= {host.id for host in await inventory.list_group_hosts(tx, group, now)} if group else set()
    return found


def _among(ids: Collection[int]) -> Condition:
    return hosts.c.id == sa.any_(sa.cast(sorted(ids), ARRAY(sa.BigInteger)))
