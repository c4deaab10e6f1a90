"""Queries over the containers of hosts."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from jobfleet.model.container import (
    MAX_GONE,
    MAX_NAME_BYTES,
    Container,
    FoundContainer,
    KnownContainer,
    Place,
    place_of,
)
from jobfleet.store.database import Transaction, raw
from jobfleet.store.tables import containers, hosts

FORGET_MS = 30 * 24 * 3_600_000
"""How long a container that is gone keeps its id for one of the same name."""


async def replace(tx: Transaction, host_id: int, found: Sequence[FoundContainer], now: int) -> None:
    """Note which containers run on a host; those that it does not tell of are gone. A revoked host tells of none.

    Who comes back under runtime, namespace, pod and name keeps its id, whatever its runtime calls it now.
    """
    driver = await raw(tx)
    # One report of a host at a time: two at once would each take away what the other has brought.
    if await driver.fetchval(_HELD, host_id) is None:
        return
    rows = [row for row in map(_row, found) if _is_short(row)]
    seen = await driver.fetch(
        """
        INSERT INTO container (host_id, runtime, namespace, pod, name, uid, labels, seen_at)
        SELECT DISTINCT ON (2, 3, 4, 5) $1::bigint, runtime, namespace, pod, name, uid, labels::jsonb, $8::bigint
        FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
             AS w (runtime, namespace, pod, name, uid, labels)
        ON CONFLICT (host_id, runtime, namespace, pod, name) DO UPDATE
        SET uid = excluded.uid, labels = excluded.labels, seen_at = excluded.seen_at, gone_at = NULL
        RETURNING id
        """,
        host_id,
        *([row[column] for row in rows] for column in range(6)),
        now,
    )
    await driver.execute(
        """
        UPDATE container SET gone_at = $2
        WHERE host_id = $1 AND gone_at IS NULL AND NOT (id = ANY($3))
        """,
        host_id,
        now,
        [row["id"] for row in seen],
    )
    await driver.execute(_FORGET, host_id, now - FORGET_MS, MAX_GONE)


_HELD = """
    SELECT 1 FROM host WHERE id = $1
    AND NOT EXISTS (SELECT FROM agent WHERE host_id = $1 AND revoked_at IS NOT NULL) FOR NO KEY UPDATE
"""
_FORGET = """
    DELETE FROM container WHERE host_id = $1 AND (gone_at < $2 OR id IN (
        SELECT id FROM container WHERE host_id = $1 AND gone_at IS NOT NULL ORDER BY gone_at DESC, id DESC OFFSET $3
    ))
"""


def _row(one: FoundContainer) -> tuple[str, ...]:
    place = place_of(one.labels)
    labels = msgspec.json.encode(one.labels).decode()
    return one.runtime, place.namespace, place.pod, one.name, one.uid, labels


def _is_short(row: tuple[str, ...]) -> bool:
    return max(len(name.encode()) for name in row[1:4]) <= MAX_NAME_BYTES


async def list_of_businesses(tx: Transaction, business_ids: Collection[int]) -> list[KnownContainer]:
    """Return the running containers of the hosts of businesses, by id."""
    mine = hosts.c.business_id == sa.any_(sa.cast(list(business_ids), ARRAY(sa.BigInteger)))
    return await _list(tx, sa.and_(mine, containers.c.gone_at.is_(None)))


async def by_id(tx: Transaction, ids: Collection[int], business_ids: Collection[int]) -> dict[int, KnownContainer]:
    """Return running containers of the hosts of businesses by id."""
    mine = hosts.c.business_id == sa.any_(sa.cast(list(business_ids), ARRAY(sa.BigInteger)))
    named = containers.c.id == sa.any_(sa.cast(list(ids), ARRAY(sa.BigInteger)))
    found = await _list(tx, sa.and_(named, mine, containers.c.gone_at.is_(None)))
    return {one.container.id: one for one in found}


async def _list(tx: Transaction, condition: sa.ColumnElement[bool]) -> list[KnownContainer]:
    query = (
        sa.select(containers, hosts.c.tags.label("host_tags"))
        .join(hosts, hosts.c.id == containers.c.host_id)
        .where(condition)
        .order_by(containers.c.id)
    )
    return [_known(row) for row in await tx.execute(query)]


def _known(row: Any) -> KnownContainer:
    place = place_of(row.labels)
    return KnownContainer(
        container=Container(row.id, row.uid, row.runtime, row.name),
        host_id=row.host_id,
        place=place if place.cluster else _in_cluster(place, row.host_tags),
        labels=row.labels,
    )


def _in_cluster(place: Place, host_tags: dict[str, str]) -> Place:
    """Return a place in the cluster that the inventory names for the host."""
    return msgspec.structs.replace(place, cluster=host_tags.get("cluster", ""))
