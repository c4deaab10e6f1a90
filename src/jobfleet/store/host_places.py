"""Queries over where a host belongs: places of the topology, and dynamic groups."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from jobfleet.model.declared import HostFilter
from jobfleet.model.groups import matches
from jobfleet.model.scope import KnownScope
from jobfleet.model.target import Host
from jobfleet.store.database import Transaction, raw
from jobfleet.store.tables import dynamic_groups


class Place(msgspec.Struct, frozen=True):
    """Name a node of the topology."""

    type: str
    id: int
    name: str


class GroupName(msgspec.Struct, frozen=True):
    """Name a dynamic group."""

    id: str
    name: str


async def list_places(tx: Transaction, info: KnownScope, host_id: int) -> list[tuple[Place, ...]]:
    """Return where a host stands in the topology of a scope's businesses: each way down from the top."""
    rows = await (await raw(tx)).fetch(
        """
        WITH RECURSIVE way AS (
            SELECT type, id, name, parent_type, parent_id, row_number() OVER (ORDER BY type, id) AS number, 0 AS depth
            FROM topology_node WHERE $1 = ANY(host_ids) AND business_id = ANY($2)
            UNION
            SELECT n.type, n.id, n.name, n.parent_type, n.parent_id, way.number, way.depth + 1
            FROM topology_node n JOIN way ON n.type = way.parent_type AND n.id = way.parent_id
            WHERE way.depth < 16
        ) SELECT number, type, id, name FROM way ORDER BY number, depth DESC
        """,
        host_id,
        list(info.member_ids),
    )
    ways: dict[int, list[Place]] = {}
    for number, kind, node_id, name in rows:
        ways.setdefault(number, []).append(Place(kind, node_id, name))
    return [tuple(way) for way in ways.values()]


async def list_nearest(tx: Transaction, info: KnownScope, host_ids: Sequence[int]) -> list[tuple[Place, ...]]:
    """Return of each host the nodes that it stands in and those right above them, the upper ones first, by name."""
    rows = await (await raw(tx)).fetch(
        """
        SELECT h.id, n.type, n.id, n.name, p.type, p.id, p.name
        FROM topology_node n JOIN unnest($1::bigint[]) AS h (id) ON h.id = ANY(n.host_ids)
        LEFT JOIN topology_node p ON p.type = n.parent_type AND p.id = n.parent_id
        WHERE n.business_id = ANY($2) AND n.host_ids && $1::bigint[] ORDER BY p.name, n.name
        """,
        list(host_ids),
        list(info.member_ids),
    )
    upper: dict[int, dict[Place, None]] = {}
    own: dict[int, dict[Place, None]] = {}
    for host_id, kind, node_id, name, *parent in rows:
        own.setdefault(host_id, {})[Place(kind, node_id, name)] = None
        if parent[0] is not None:
            upper.setdefault(host_id, {})[Place(*parent)] = None
    return [tuple(upper.get(host_id, {}) | own.get(host_id, {})) for host_id in host_ids]


class HostPlaces(msgspec.Struct, frozen=True):
    """Say where hosts stand: the n-th of `host_id` in the node of `nodes` that the n-th of `node` points to."""

    nodes: list[Place]
    host_id: list[int]
    node: list[int]


async def list_places_at(tx: Transaction, info: KnownScope, level: str, step: tuple[int, int]) -> HostPlaces:
    """Return at or below which node of a level (`set`, `module`) each host of a step, named by job and step, stands.

    Nodes come by name. A host that stands in several of them is in the first one, one that stands in none is left out.
    """
    rows = await (await raw(tx)).fetch(
        """
        WITH RECURSIVE below AS (
            SELECT type, id, id AS top, name, host_ids, 0 AS depth
            FROM topology_node WHERE type = $1 AND business_id = ANY($2)
            UNION ALL
            SELECT n.type, n.id, below.top, below.name, n.host_ids, below.depth + 1
            FROM topology_node n JOIN below ON n.parent_type = below.type AND n.parent_id = below.id
            WHERE below.depth < 16
        ), wanted AS (
            SELECT DISTINCT host_id FROM target WHERE job_id = $3 AND step_id = $4 AND ordinal >= 0
        ), standing AS (
            SELECT unnest(host_ids) AS host_id, name, top FROM below
        )
        SELECT DISTINCT ON (host_id) host_id, top, name FROM standing JOIN wanted USING (host_id)
        ORDER BY host_id, name, top
        """,
        level,
        list(info.member_ids),
        *step,
    )
    names = {top: name for _, top, name in rows}
    nodes = [Place(level, top, names[top]) for top in sorted(names, key=lambda top: (names[top], top))]
    at = {node.id: place for place, node in enumerate(nodes)}
    return HostPlaces(nodes, [host_id for host_id, _, _ in rows], [at[top] for _, top, _ in rows])


async def list_groups(tx: Transaction, host: Host) -> list[GroupName]:
    """Return the dynamic groups of a host's business that it is in, by name."""
    own = sa.select(dynamic_groups).where(dynamic_groups.c.business_id == host.business_id)
    rows = (await tx.execute(own.order_by(dynamic_groups.c.name))).all()
    return [GroupName(row.id, row.name) for row in rows if _holds(host, row.host_ids, row.filter)]


async def list_groups_of(tx: Transaction, found: Sequence[Host]) -> list[tuple[GroupName, ...]]:
    """Return of each host the dynamic groups of its business that it is in, by name."""
    businesses = {host.business_id for host in found}
    query = sa.select(dynamic_groups).where(dynamic_groups.c.business_id.in_(businesses))
    rows = (await tx.execute(query.order_by(dynamic_groups.c.name))).all()
    return [
        tuple(
            GroupName(row.id, row.name)
            for row in rows
            if row.business_id == host.business_id and _holds(host, row.host_ids, row.filter)
        )
        for host in found
    ]


def _holds(host: Host, host_ids: list[int] | None, filter_: object) -> bool:
    if host_ids is not None:
        return host.id in host_ids
    return filter_ is not None and matches(host, msgspec.convert(filter_, HostFilter))
