"""Queries over scopes, hosts, groups and accounts."""

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from jobfleet.model.declared import HostFilter
from jobfleet.model.groups import Group, matches
from jobfleet.model.scope import KnownScope, Scope, ScopeType
from jobfleet.model.target import Address, Host, TopologyNode
from jobfleet.store.database import Transaction, raw
from jobfleet.store.tables import (
    accounts,
    agents,
    business_sets,
    businesses,
    dynamic_groups,
    hosts,
)

ALIVE_MS = 90_000
"""An agent that was not heard of for so long counts as not alive."""


class Account(msgspec.Struct, frozen=True):
    """Describe an account: its id, the alias that people use and the OS or database account's name."""

    id: int
    alias: str
    account: str


async def find_scope(tx: Transaction, scope: Scope) -> KnownScope | None:
    """Return what a scope is, or None when it is unknown or archived."""
    if scope.type is ScopeType.BUSINESS:
        return await _find_business(tx, scope)
    return await _find_business_set(tx, scope)


async def _find_business(tx: Transaction, scope: Scope) -> KnownScope | None:
    query = sa.select(businesses).where(businesses.c.id == scope.id, ~businesses.c.archived)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else KnownScope(scope, row.name, row.time_zone, frozenset({row.id}))


async def _find_business_set(tx: Transaction, scope: Scope) -> KnownScope | None:
    row = (await tx.execute(sa.select(business_sets).where(business_sets.c.id == scope.id))).one_or_none()
    if row is None:
        return None
    query = sa.select(businesses.c.id).where(~businesses.c.archived)
    if not row.all_businesses:
        query = query.where(businesses.c.id.in_(row.business_ids))
    members = (await tx.execute(query)).scalars()
    return KnownScope(scope, row.name, row.time_zone, frozenset(members))


async def list_hosts(tx: Transaction, condition: sa.ColumnElement[bool], now: int) -> list[Host]:
    """Return the hosts that meet a condition on table `host`, by id; `now` (epoch ms) decides who is alive."""
    alive = sa.and_(agents.c.seen_at > now - ALIVE_MS, agents.c.revoked_at.is_(None))
    query = (
        sa.select(hosts, agents.c.host_id.label("enrolled"), sa.func.coalesce(alive, sa.false()).label("alive"))
        .outerjoin(agents, agents.c.host_id == hosts.c.id)
        .where(condition)
        .order_by(hosts.c.id)
    )
    return [_host(row) for row in await tx.execute(query)]


async def hosts_by_id(tx: Transaction, ids: Collection[int], now: int) -> dict[int, Host]:
    """Return known hosts by id."""
    wanted = hosts.c.id == sa.any_(sa.cast(list(ids), ARRAY(sa.BigInteger)))
    return {host.id: host for host in await list_hosts(tx, wanted, now)}


async def hosts_by_address(tx: Transaction, addresses: Collection[Address], now: int) -> dict[Address, Host]:
    """Return known hosts by cloud area and IPv4 or IPv6 address."""
    ips = sa.cast([address.ip for address in addresses], ARRAY(sa.Text))
    found = await list_hosts(tx, sa.or_(hosts.c.ip == sa.any_(ips), hosts.c.ipv6 == sa.any_(ips)), now)
    by_address = {Address(host.cloud_id, ip): host for host in found for ip in (host.ip, host.ipv6) if ip}
    return {address: by_address[address] for address in addresses if address in by_address}


async def find_group(tx: Transaction, group_id: str, business_ids: Collection[int]) -> Group | None:
    """Return a dynamic group of one of the businesses, or None."""
    query = sa.select(dynamic_groups).where(
        dynamic_groups.c.id == group_id, dynamic_groups.c.business_id.in_(list(business_ids))
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    host_filter = None if row.filter is None else msgspec.convert(row.filter, HostFilter)
    return Group(row.id, row.business_id, None if row.host_ids is None else tuple(row.host_ids), host_filter)


async def list_group_hosts(tx: Transaction, group: Group, now: int) -> list[Host]:
    """Return the hosts of a dynamic group, by id."""
    if group.host_ids is not None:
        return list((await hosts_by_id(tx, group.host_ids, now)).values())
    own = await list_hosts(tx, hosts.c.business_id == group.business_id, now)
    return [host for host in own if group.filter and matches(host, group.filter)]


async def list_node_host_ids(tx: Transaction, node: TopologyNode, business_ids: Collection[int]) -> list[int]:
    """Return the ids of all hosts at and below a topology node of one of the businesses."""
    found = await (await raw(tx)).fetch(
        """
        WITH RECURSIVE below AS (
            SELECT type, id, host_ids FROM topology_node WHERE type = $1 AND id = $2 AND business_id = ANY($3)
            UNION
            SELECT n.type, n.id, n.host_ids FROM topology_node n
            JOIN below b ON n.parent_type = b.type AND n.parent_id = b.id
        ) SELECT DISTINCT unnest(host_ids) AS host_id FROM below ORDER BY host_id
        """,
        node.type,
        node.id,
        list(business_ids),
    )
    return [row[0] for row in found]


async def list_business_host_ids(tx: Transaction, business_id: int) -> list[int]:
    """Return the ids of all hosts of a business."""
    query = sa.select(hosts.c.id).where(hosts.c.business_id == business_id).order_by(hosts.c.id)
    return list((await tx.execute(query)).scalars())


async def find_account(
    tx: Transaction, scope: Scope, category: int, account_id: int | None, alias: str
) -> Account | None:
    """Return an account of a scope by id, else by alias, or None."""
    named = accounts.c.id == account_id if account_id else accounts.c.alias == alias
    query = sa.select(accounts).where(
        accounts.c.scope_type == scope.type.value,
        accounts.c.business_id == scope.id,
        accounts.c.category == category,
        named,
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else Account(row.id, row.alias, row.account)


def _host(row: Any) -> Host:
    built = f"{row.cloud_id}:{row.ip}" if row.ip else None
    return Host(
        id=row.id,
        business_id=row.business_id,
        cloud_id=row.cloud_id,
        cloud_name=row.cloud_name,
        ip=row.ip,
        ipv6=row.ipv6,
        agent_id=built or (f"{row.cloud_id}:{row.ipv6}" if row.enrolled is not None else None),
        name=row.name,
        os=row.os,
        alive=row.alive,
        tags=row.tags,
    )
