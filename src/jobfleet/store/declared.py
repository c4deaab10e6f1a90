"""Reading and writing what an installation declares: users, applications, businesses, hosts, accounts, roles."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from jobfleet.model.declared_inventory import Key, Known
from jobfleet.model.declared_rows import Row
from jobfleet.store import tables
from jobfleet.store.database import Transaction
from jobfleet.store.locks import AdvisoryLock, wait_for

_TABLES: Mapping[str, sa.Table] = {
    "users": tables.users,
    "apps": tables.apps,
    "gateway": tables.platform_settings,
    "quotas": tables.platform_settings,
    "businesses": tables.businesses,
    "business_sets": tables.business_sets,
    "hosts": tables.hosts,
    "topology_nodes": tables.topology_nodes,
    "dynamic_groups": tables.dynamic_groups,
    "accounts": tables.accounts,
    "host_whitelist": tables.host_whitelist,
    "role_bindings": tables.role_bindings,
}
_SEQUENCES = {"hosts": "host_id_seq", "accounts": "account_id_seq"}


async def lock(tx: Transaction) -> None:
    """Wait until no other transaction applies declared state; the lock ends with the transaction."""
    await wait_for(tx, AdvisoryLock.DECLARED_STATE)


async def known(tx: Transaction, host_ids: Iterable[int], addresses: Iterable[tuple[int, str]]) -> Known:
    """Return all that is declared; of the hosts only those with the ids or at the addresses (cloud area, IP)."""
    found = {name: await _all(tx, table) for name, table in _TABLES.items() if name != "hosts"}
    return {**found, "hosts": await _hosts(tx, host_ids, addresses)}


async def _all(tx: Transaction, table: sa.Table) -> dict[Key, Mapping[str, Any]]:
    return _keyed(table, (await tx.execute(sa.select(table))).mappings())


async def _hosts(
    tx: Transaction, host_ids: Iterable[int], addresses: Iterable[tuple[int, str]]
) -> dict[Key, Mapping[str, Any]]:
    query = sa.text(
        "WITH wanted AS (SELECT * FROM unnest(CAST(:clouds AS bigint[]), CAST(:ips AS text[])) AS a (cloud_id, ip)) "
        "SELECT * FROM host WHERE id = ANY(CAST(:ids AS bigint[])) "
        "UNION SELECT h.* FROM host h JOIN wanted w ON w.cloud_id = h.cloud_id AND w.ip = h.ip "
        "UNION SELECT h.* FROM host h JOIN wanted w ON w.cloud_id = h.cloud_id AND w.ip = h.ipv6"
    )
    pairs = list(addresses)
    values = {"ids": list(host_ids), "clouds": [cloud for cloud, _ in pairs], "ips": [ip for _, ip in pairs]}
    return _keyed(tables.hosts, (await tx.execute(query, values)).mappings())


def _keyed(table: sa.Table, rows: Iterable[sa.RowMapping]) -> dict[Key, Mapping[str, Any]]:
    names = [column.name for column in table.primary_key]
    return {tuple(row[name] for name in names): {str(name): row[name] for name in row} for row in rows}


async def allocate(tx: Transaction, table: str, count: int, taken: frozenset[int] = frozenset()) -> list[int]:
    """Return so many fresh ids for `hosts` or `accounts`, none of them in use or in `taken`."""
    query = sa.text(
        f"SELECT fresh.id FROM (SELECT nextval('{_SEQUENCES[table]}') AS id FROM generate_series(1, :count)) AS fresh "  # noqa: S608 (our own names)
        f"WHERE NOT EXISTS (SELECT FROM {_TABLES[table].name} AS used WHERE used.id = fresh.id)"
    )
    ids: list[int] = []
    while len(ids) < count:
        drawn = (await tx.execute(query, {"count": count - len(ids)})).scalars()
        ids += [int(id_) for id_ in drawn if id_ not in taken]
    return ids


async def release_addresses(tx: Transaction, host_ids: Sequence[int]) -> None:
    """Take the addresses from hosts that get new ones in this transaction, so that hosts may swap theirs."""
    chosen = tables.hosts.c.id == sa.any_(sa.cast(list(host_ids), ARRAY(sa.BigInteger)))
    await tx.execute(sa.update(tables.hosts).where(chosen).values(ip=None, ipv6=None))


async def upsert(tx: Transaction, table: str, rows: Sequence[Row]) -> None:
    """Insert rows of one table, or set their columns where they exist; all rows have the same columns."""
    target = _TABLES[table]
    keys = [column.name for column in target.primary_key]
    statement = insert(target)
    values = {name: statement.excluded[name] for name in rows[0].fields if name not in keys}
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), [row.fields for row in rows])
