"""Queries over the agents of all businesses, for those who look after them."""

from typing import Any

import msgspec
import sqlalchemy as sa

from jobfleet.model.agent import AgentState
from jobfleet.store.database import Transaction
from jobfleet.store.inventory import ALIVE_MS
from jobfleet.store.tables import agents, hosts


class FleetFilter(msgspec.Struct, frozen=True):
    """Narrow the list of agents; "" and None mean any. `text` is a part of a name or address, or a host's id."""

    state: AgentState | None = None
    version: str = ""
    business_id: int | None = None
    text: str = ""
    refused: str = ""


class FleetAgent(msgspec.Struct, frozen=True):
    """Show the agent of a host; times are epoch milliseconds, `refused` counts refused orders by reason."""

    host_id: int
    business_id: int
    cloud_id: int
    ip: str | None
    ipv6: str | None
    name: str
    os: str
    state: str
    version: str
    enrolled_at: int
    seen_at: int | None
    revoked_at: int | None
    refused: dict[str, int]


class VersionCount(msgspec.Struct, frozen=True):
    """Tell how many agents that are not revoked have a version, and how many of them are online."""

    version: str
    agents: int
    online: int


class RefusalCount(msgspec.Struct, frozen=True):
    """Tell how many orders were refused for a reason since the agents were started, and by how many agents."""

    reason: str
    orders: int
    agents: int


async def list_page(
    tx: Transaction, wanted: FleetFilter, now: int, *, start: int, length: int
) -> tuple[int, list[FleetAgent]]:
    """Return how many agents match, and a page of them: those longest silent first among the offline, then by host."""
    state, where = _state(now), _conditions(wanted, now)
    joined = sa.select(sa.func.count()).select_from(agents.join(hosts, hosts.c.id == agents.c.host_id))
    total = int((await tx.execute(joined.where(*where))).scalar_one())
    own = [agents.c[name] for name in ("host_id", "version", "enrolled_at", "seen_at", "revoked_at", "refused")]
    theirs = [hosts.c[name] for name in ("business_id", "cloud_id", "ip", "ipv6", "name", "os")]
    page = (
        sa.select(*own, *theirs, state.label("state"))
        .join(hosts, hosts.c.id == agents.c.host_id)
        .where(*where)
        .order_by(agents.c.host_id)
        .offset(start)
        .limit(length)
    )
    return total, [_agent(row) for row in await tx.execute(page)]


async def count_states(tx: Transaction, now: int) -> dict[AgentState, int]:
    """Return how many hosts have an agent in each state."""
    state = _state(now).label("state")
    query = sa.select(state, sa.func.count().label("hosts")).select_from(
        hosts.outerjoin(agents, agents.c.host_id == hosts.c.id)
    )
    counted = {AgentState(row.state): int(row.hosts) for row in await tx.execute(query.group_by(state))}
    return {one: counted.get(one, 0) for one in AgentState}


async def count_versions(tx: Transaction, now: int) -> list[VersionCount]:
    """Return how many agents have each version, the most first."""
    online = sa.func.count().filter(agents.c.seen_at > now - ALIVE_MS)
    query = (
        sa.select(agents.c.version, sa.func.count(), online)
        .where(agents.c.revoked_at.is_(None))
        .group_by(agents.c.version)
        .order_by(sa.func.count().desc(), agents.c.version)
    )
    return [VersionCount(*row) for row in await tx.execute(query)]


async def count_refusals(tx: Transaction) -> list[RefusalCount]:
    """Return why agents refused orders, the most first."""
    query = sa.text(
        """
        SELECT reason.key, sum(reason.value::bigint)::bigint, count(*) FROM agent, jsonb_each_text(refused) AS reason
        WHERE revoked_at IS NULL AND reason.value::bigint > 0 GROUP BY 1 ORDER BY 2 DESC, 1
        """
    )
    return [RefusalCount(*row) for row in await tx.execute(query)]


def _state(now: int) -> sa.Case[str]:
    return sa.case(
        (agents.c.host_id.is_(None), AgentState.NEVER.value),
        (agents.c.revoked_at.is_not(None), AgentState.REVOKED.value),
        (agents.c.seen_at > now - ALIVE_MS, AgentState.ONLINE.value),
        else_=AgentState.OFFLINE.value,
    )


def _conditions(wanted: FleetFilter, now: int) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(_state(now) == wanted.state.value)
    if wanted.version:
        found.append(agents.c.version == wanted.version)
    if wanted.business_id is not None:
        found.append(hosts.c.business_id == wanted.business_id)
    if wanted.refused:
        found.append(agents.c.refused[wanted.refused].astext.cast(sa.BigInteger) > 0)
    if wanted.text:
        found.append(_holding(wanted.text))
    return found


def _holding(text: str) -> sa.ColumnElement[bool]:
    held = [column.icontains(text, autoescape=True) for column in (hosts.c.name, hosts.c.ip, hosts.c.ipv6)]
    is_id = text.isdecimal() and text.isascii() and len(text) < 19
    return sa.or_(*held, hosts.c.id == int(text)) if is_id else sa.or_(*held)


def _agent(row: Any) -> FleetAgent:
    return FleetAgent(**{name: getattr(row, name) for name in FleetAgent.__struct_fields__})
