"""Queries that find hosts by what people say of them: networks, names, topology, earlier runs."""

from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from jobfleet.model.status import SUCCEEDED_TASK, UNFINISHED_TASK
from jobfleet.model.target import Host
from jobfleet.model.target_query import Network
from jobfleet.store import inventory
from jobfleet.store.database import Transaction, raw
from jobfleet.store.tables import dynamic_groups, hosts, topology_nodes

_PASSED = (*SUCCEEDED_TASK, *UNFINISHED_TASK)


class NodeRow(msgspec.Struct, frozen=True):
    """Describe a node of the topology tree; `host_ids` are those at the node itself."""

    type: str
    id: int
    name: str
    business_id: int
    parent_type: str | None
    parent_id: int | None
    host_ids: tuple[int, ...]


class GroupRow(msgspec.Struct, frozen=True):
    """Describe a dynamic group; `host_count` is None for one that is a rule."""

    id: str
    name: str
    business_id: int
    host_count: int | None


async def own_hosts_at(tx: Transaction, ips: Collection[str], business_ids: Collection[int], now: int) -> list[Host]:
    """Return the businesses' hosts that have one of these addresses in any cloud area, by id."""
    wanted = sa.cast(list(ips), ARRAY(sa.Text))
    at = sa.or_(hosts.c.ip == sa.any_(wanted), hosts.c.ipv6 == sa.any_(wanted))
    return await inventory.list_hosts(tx, sa.and_(hosts.c.business_id.in_(list(business_ids)), at), now)


async def ids_in_network(tx: Transaction, network: Network, business_ids: Collection[int]) -> list[int]:
    """Return the ids of the businesses' hosts in a network of a cloud area, in the order of their addresses."""
    column = "ipv6" if ":" in network.cidr else "ip"
    query = f"""
        SELECT id FROM host WHERE business_id = ANY($1) AND cloud_id = $2 AND {column} IS NOT NULL
        AND {column}::inet <<= $3::text::inet ORDER BY {column}::inet
        """  # noqa: S608 (one of two names of ours)
    return [row[0] for row in await (await raw(tx)).fetch(query, list(business_ids), network.cloud_id, network.cidr)]


async def ids_by_name(tx: Transaction, names: Collection[str], business_ids: Collection[int]) -> dict[str, list[int]]:
    """Return the ids of the businesses' hosts with these names, by name; several hosts may share one."""
    query = "SELECT name, id FROM host WHERE business_id = ANY($1) AND name = ANY($2) ORDER BY id"
    found: dict[str, list[int]] = {}
    for name, host_id in await (await raw(tx)).fetch(query, list(business_ids), list(names)):
        found.setdefault(name, []).append(host_id)
    return found


async def ids_by_pattern(tx: Transaction, pattern: str, business_ids: Collection[int]) -> list[int]:
    """Return the ids of the businesses' hosts whose name meets a pattern with `*`, by name."""
    query = (
        sa.select(hosts.c.id)
        .where(hosts.c.business_id.in_(list(business_ids)), hosts.c.name.like(like_pattern(pattern), escape="\\"))
        .order_by(hosts.c.name, hosts.c.id)
    )
    return list((await tx.execute(query)).scalars())


def like_pattern(pattern: str) -> str:
    """Return a pattern with `*` for any letters as LIKE has it, escaped by a backslash."""
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%")


async def ids_below_named(
    tx: Transaction, kind: str, patterns: Sequence[str], business_ids: Collection[int]
) -> list[int] | None:
    """Return the ids of all hosts at and below the nodes of a kind with these names; None if the kind has no node."""
    if await _knows_kind(tx, kind, business_ids):
        found = await (await raw(tx)).fetch(
            """
            WITH RECURSIVE below AS (
                SELECT type, id, host_ids FROM topology_node
                WHERE type = $1 AND business_id = ANY($2) AND name LIKE ANY($3)
                UNION
                SELECT n.type, n.id, n.host_ids FROM topology_node n
                JOIN below b ON n.parent_type = b.type AND n.parent_id = b.id
            ) SELECT DISTINCT unnest(host_ids) AS host_id FROM below ORDER BY host_id
            """,
            kind,
            list(business_ids),
            [like_pattern(pattern) for pattern in patterns],
        )
        return [row[0] for row in found]
    return None


async def _knows_kind(tx: Transaction, kind: str, business_ids: Collection[int]) -> bool:
    there = sa.exists().where(topology_nodes.c.type == kind, topology_nodes.c.business_id.in_(list(business_ids)))
    return bool((await tx.execute(sa.select(there))).scalar_one())


async def ids_of_run(tx: Transaction, job_id: int) -> list[int]:
    """Return the ids of the hosts that a job was for, in the order of its steps' targets."""
    query = "SELECT host_id FROM target WHERE job_id = $1 AND ordinal >= 0 ORDER BY step_id, ordinal"
    return list(dict.fromkeys(row[0] for row in await (await raw(tx)).fetch(query, job_id)))


async def ids_failed_in_run(tx: Transaction, job_id: int) -> list[int]:
    """Return the ids of the hosts on which the latest attempt of a step of a job failed."""
    steps = await (await raw(tx)).fetch("SELECT id, attempt FROM step WHERE job_id = $1 ORDER BY ordinal", job_id)
    found: list[int] = []
    for step_id, attempt in steps:
        query = """
            SELECT host_id FROM task WHERE job_id = $1 AND step_id = $2 AND attempt = $3 AND ordinal >= 0
            AND status <> ALL($4::int[]) ORDER BY ordinal
            """
        wanted = [int(status) for status in _PASSED]
        found += [row[0] for row in await (await raw(tx)).fetch(query, job_id, step_id, attempt, wanted)]
    return list(dict.fromkeys(found))


async def list_nodes(tx: Transaction, business_ids: Collection[int], limit: int) -> list[NodeRow]:
    """Return the topology nodes of businesses by name, at most `limit`."""
    query = (
        sa.select(topology_nodes)
        .where(topology_nodes.c.business_id.in_(list(business_ids)))
        .order_by(topology_nodes.c.name, topology_nodes.c.type, topology_nodes.c.id)
        .limit(limit)
    )
    return [
        NodeRow(row.type, row.id, row.name, row.business_id, row.parent_type, row.parent_id, tuple(row.host_ids))
        for row in await tx.execute(query)
    ]


async def list_groups(tx: Transaction, business_ids: Collection[int]) -> list[GroupRow]:
    """Return the dynamic groups of businesses by name."""
    query = (
        sa.select(dynamic_groups)
        .where(dynamic_groups.c.business_id.in_(list(business_ids)))
        .order_by(dynamic_groups.c.name, dynamic_groups.c.id)
    )
    return [
        GroupRow(row.id, row.name, row.business_id, None if row.host_ids is None else len(row.host_ids))
        for row in await tx.execute(query)
    ]


async def count_hosts(tx: Transaction, business_ids: Collection[int]) -> dict[int, int]:
    """Return how many hosts each business has."""
    query = (
        sa.select(hosts.c.business_id, sa.func.count())
        .where(hosts.c.business_id.in_(list(business_ids)))
        .group_by(hosts.c.business_id)
    )
    return {int(row[0]): int(row[1]) for row in await tx.execute(query)}


async def business_names(tx: Transaction, business_ids: Collection[int]) -> dict[int, str]:
    """Return the names of businesses by id."""
    rows = await (await raw(tx)).fetch("SELECT id, name FROM business WHERE id = ANY($1)", list(business_ids))
    return {row[0]: row[1] for row in rows}


async def count_tagged(tx: Transaction, host_ids: Collection[int], key: str, values: Collection[str]) -> int:
    """Return how many of these hosts have a tag with one of these values."""
    query = "SELECT count(*) FROM host WHERE id = ANY($1) AND lower(tags ->> $2) = ANY($3)"
    return int(await (await raw(tx)).fetchval(query, list(host_ids), key, list(values)))
