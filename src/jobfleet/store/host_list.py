"""Queries over the hosts of a scope as people look for them."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from jobfleet.model.agent import AgentState, HostView
from jobfleet.store import agents as agent_store
from jobfleet.store import inventory
from jobfleet.store.database import Transaction
from jobfleet.store.tables import agents, hosts

Condition = sa.ColumnElement[bool]


async def list_page(
    tx: Transaction, conditions: Collection[Condition], now: int, *, start: int, length: int | None
) -> list[HostView]:
    """Return a page of the hosts that meet conditions, by id, with their agents; `length` None for all."""
    page = _joined(sa.select(hosts.c.id)).where(*conditions).order_by(hosts.c.id).offset(start).limit(length)
    ids = list((await tx.execute(page)).scalars())
    return await agent_store.list_by_ids(tx, ids, now)


async def list_ids(tx: Transaction, conditions: Collection[Condition]) -> list[int]:
    """Return the ids of the hosts that meet conditions, in their order."""
    query = _joined(sa.select(hosts.c.id)).where(*conditions).order_by(hosts.c.id)
    return list((await tx.execute(query)).scalars())


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
