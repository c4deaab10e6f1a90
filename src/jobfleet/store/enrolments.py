"""Queries that enrol many agents in a few statements."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.agent import Enrolment
from jobfleet.model.target import DEFAULT_CLOUD_NAME
from jobfleet.store import declared
from jobfleet.store.database import Transaction
from jobfleet.store.tables import agents, hosts, revoked_keys

Address = tuple[int, str]
"""A cloud area and an IP."""


async def find_hosts(tx: Transaction, addresses: Sequence[Address]) -> dict[Address, tuple[int, int]]:
    """Return id and business of the host at each address that one has; their agents change in one place at a time."""
    query = sa.text(
        "SELECT w.cloud_id, w.ip, h.id, h.business_id "
        "FROM unnest(CAST(:clouds AS bigint[]), CAST(:ips AS text[])) AS w (cloud_id, ip) "
        "JOIN host h ON h.cloud_id = w.cloud_id AND (h.ip = w.ip OR h.ipv6 = w.ip) "
        "ORDER BY h.id FOR NO KEY UPDATE OF h"
    )
    values = {"clouds": [cloud for cloud, _ in addresses], "ips": [ip for _, ip in addresses]}
    return {(row.cloud_id, row.ip): (row.id, row.business_id) for row in await tx.execute(query, values)}


async def insert_hosts(tx: Transaction, business_id: int, new: Sequence[Enrolment]) -> list[int]:
    """Take up hosts that enrol, and return their ids in the same order."""
    host_ids = await declared.allocate(tx, "hosts", len(new))
    if new:
        rows = [_host_row(host_id, business_id, each) for host_id, each in zip(host_ids, new, strict=True)]
        await tx.execute(sa.insert(hosts), rows)
    return host_ids


async def find_keys(tx: Transaction, host_ids: Sequence[int]) -> dict[int, str]:
    """Return the public key of the agent of each host that has one."""
    query = sa.select(agents.c.host_id, agents.c.public_key).where(
        agents.c.host_id == sa.any_(sa.literal(list(host_ids), sa.ARRAY(sa.BigInteger)))
    )
    return {row.host_id: row.public_key for row in await tx.execute(query)}


async def find_owners(tx: Transaction, keys: Sequence[str]) -> dict[str, int]:
    """Return the host whose agent has each key, for those keys that an agent has."""
    query = sa.select(agents.c.public_key, agents.c.host_id).where(agents.c.public_key == _texts(keys))
    return {row.public_key: row.host_id for row in await tx.execute(query)}


async def find_revoked(tx: Transaction, keys: Sequence[str]) -> set[str]:
    """Return those of the keys that are revoked."""
    query = sa.select(revoked_keys.c.public_key).where(revoked_keys.c.public_key == _texts(keys))
    return set((await tx.execute(query)).scalars())


async def revoke_keys(tx: Transaction, keys: Sequence[str], now: int) -> None:
    """Remember for ever that keys are revoked."""
    if keys:
        rows = [{"public_key": key, "revoked_at": now} for key in keys]
        await tx.execute(pg_insert(revoked_keys).on_conflict_do_nothing(), rows)


async def upsert_agents(tx: Transaction, enrolled: Sequence[tuple[int, Enrolment]], now: int) -> None:
    """Store the agents of hosts; they are not revoked, and not heard of yet."""
    statement = pg_insert(agents)
    fresh = ("public_key", "version", "boot_id", "enrolled_at", "seen_at", "revoked_at")
    values = {name: statement.excluded[name] for name in fresh}
    rows = [_agent_row(host_id, new, now) for host_id, new in enrolled]
    await tx.execute(statement.on_conflict_do_update(index_elements=["host_id"], set_=values), rows)


def _texts(keys: Sequence[str]) -> sa.CollectionAggregate[bool]:
    return sa.any_(sa.literal(list(keys), sa.ARRAY(sa.Text)))


def _host_row(host_id: int, business_id: int, new: Enrolment) -> dict[str, object]:
    is_v6 = ":" in new.ip
    return {
        "id": host_id,
        "business_id": business_id,
        "cloud_id": new.cloud_id,
        "cloud_name": DEFAULT_CLOUD_NAME,
        "ip": None if is_v6 else new.ip,
        "ipv6": new.ip if is_v6 else None,
        "name": new.hostname,
        "os": new.os,
        "tags": {},
    }


def _agent_row(host_id: int, new: Enrolment, now: int) -> dict[str, object]:
    return {
        "host_id": host_id,
        "public_key": new.public_key,
        "version": new.version,
        "boot_id": "",
        "enrolled_at": now,
        "seen_at": None,
        "revoked_at": None,
        "refused": {},
    }
