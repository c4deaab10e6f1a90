"""Queries over the hosts of a scope as people look for them."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, INET

from jobfleet.model.agent import AgentState, HostView
from jobfleet.model.highest import MAX_ID
from jobfleet.model.host_query import HostQuery
from jobfleet.model.scope import KnownScope
from jobfleet.model.target import TopologyNode
from jobfleet.store import agents as agent_store
from jobfleet.store import inventory
from jobfleet.store.database import Transaction
from jobfleet.store.tables import agents, dynamic_groups, hosts, topology_nodes

Condition = sa.ColumnElement[bool]


async def conditions_of(tx: Transaction, info: KnownScope, wanted: HostQuery, now: int) -> list[Condition]:
    """Return the conditions that the wanted hosts of a scope meet, on tables `host` and `agent`."""
    found: list[Condition] = [hosts.c.business_id.in_(info.member_ids)]
    found += [_holding(word) for word in wanted.words]
    found += [_inside(network) for network in wanted.networks]
    for name, value in wanted.fields:
        found.append(await _group(tx, info, value, now) if name == "group" else _field(name, value))
    found += [await _label(tx, info, key, value) for key, value in wanted.labels]
    return found


async def list_page(
    tx: Transaction, conditions: Collection[Condition], now: int, *, start: int, length: int | None
) -> list[HostView]:
    """Return a page of the hosts that meet conditions, by id, with their agents; `length` None for all."""
    page = _joined(sa.select(hosts.c.id)).where(*conditions).order_by(hosts.c.id).offset(start).limit(length)
    ids = list((await tx.execute(page)).scalars())
    return await agent_store.list_by_ids(tx, ids, now)


async def count_states(tx: Transaction, conditions: Collection[Condition], now: int) -> Mapping[AgentState, int]:
    """Return how many hosts that meet conditions have an agent in each state."""
    state = sa.case(
        *((is_in(one, now), one.value) for one in (AgentState.NEVER, AgentState.REVOKED, AgentState.ONLINE)),
        else_=AgentState.OFFLINE.value,
    ).label("state")
    query = _joined(sa.select(state, sa.func.count().label("hosts"))).where(*conditions).group_by(state)
    counted = {AgentState(row.state): int(row.hosts) for row in await tx.execute(query)}
    return {one: counted.get(one, 0) for one in AgentState}


async def find_latest_offline(tx: Transaction, conditions: Collection[Condition], now: int) -> int | None:
    """Return when the agent was heard last that went offline last (epoch ms), of hosts that meet conditions."""
    query = _joined(sa.select(sa.func.max(agents.c.seen_at))).where(*conditions, is_in(AgentState.OFFLINE, now))
    found: int | None = (await tx.execute(query)).scalar_one()
    return found


def is_in(state: AgentState, now: int) -> Condition:
    """Return the condition that a host's agent is in a state; `now` (epoch ms) decides who is online."""
    enrolled, revoked = agents.c.host_id.is_not(None), agents.c.revoked_at.is_not(None)
    alive = sa.func.coalesce(agents.c.seen_at > now - inventory.ALIVE_MS, sa.false())
    match state:
        case AgentState.NEVER:
            return sa.not_(enrolled)
        case AgentState.REVOKED:
            return sa.and_(enrolled, revoked)
        case AgentState.ONLINE:
            return sa.and_(enrolled, sa.not_(revoked), alive)
    return sa.and_(enrolled, sa.not_(revoked), sa.not_(alive))


def enrolled_since(moment: int) -> Condition:
    """Return the condition that a host's agent enrolled at a moment (epoch ms) or later."""
    return agents.c.enrolled_at >= moment


def _joined(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.select_from(hosts.outerjoin(agents, agents.c.host_id == hosts.c.id))


def _holding(word: str) -> Condition:
    held = [column.icontains(word, autoescape=True) for column in (hosts.c.name, hosts.c.ip, hosts.c.ipv6)]
    cloud_id, _, address = word.partition(":")
    if cloud_id.isdecimal() and len(cloud_id) < 19 and "." in address:
        held.append(sa.and_(hosts.c.cloud_id == int(cloud_id), hosts.c.ip == address))
    return sa.or_(*held, hosts.c.id == int(word)) if _is_id(word) else sa.or_(*held)


def _is_id(word: str) -> bool:
    return word.isdecimal() and word.isascii() and len(word) < 20 and int(word) <= MAX_ID


def _inside(network: str) -> Condition:
    wanted = sa.cast(sa.func.network(sa.cast(network, INET)), INET)
    return sa.or_(*(sa.cast(column, INET).op("<<=")(wanted) for column in (hosts.c.ip, hosts.c.ipv6)))


def _field(name: str, value: str) -> Condition:
    if name in {"id", "cloud"}:
        column = hosts.c.id if name == "id" else hosts.c.cloud_id
        return column == int(value) if _is_id(value) else sa.false()
    column = {"os": hosts.c.os, "version": agents.c.version, "name": hosts.c.name}[name]
    return column.icontains(value, autoescape=True)


async def _group(tx: Transaction, info: KnownScope, value: str, now: int) -> Condition:
    query = sa.select(dynamic_groups.c.id).where(
        dynamic_groups.c.business_id.in_(info.member_ids),
        sa.or_(dynamic_groups.c.id == value, dynamic_groups.c.name == value),
    )
    found: set[int] = set()
    for group_id in (await tx.execute(query)).scalars():
        group = await inventory.find_group(tx, group_id, info.member_ids)
        found |= {host.id for host in await inventory.list_group_hosts(tx, group, now)} if group else set()
    return _among(found)


async def _label(tx: Transaction, info: KnownScope, key: str, value: str) -> Condition:
    query = sa.select(topology_nodes.c.id).where(
        topology_nodes.c.type == key,
        topology_nodes.c.name == value,
        topology_nodes.c.business_id.in_(info.member_ids),
    )
    found: set[int] = set()
    for node_id in (await tx.execute(query)).scalars():
        found.update(await inventory.list_node_host_ids(tx, TopologyNode(key, node_id), info.member_ids))
    return sa.or_(hosts.c.tags[key].astext == value, _among(found))


def _among(ids: Collection[int]) -> Condition:
    return hosts.c.id == sa.any_(sa.cast(sorted(ids), ARRAY(sa.BigInteger)))
