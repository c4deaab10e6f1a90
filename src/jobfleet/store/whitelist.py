"""Queries over the white list: hosts that scopes may use though they are another business's."""

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from jobfleet.model.scope import KnownScope
from jobfleet.model.whitelist import WhitelistRecord, written_scopes
from jobfleet.store.database import Transaction
from jobfleet.store.tables import host_whitelist, whitelist_records


async def list_allowed(tx: Transaction, host_ids: Collection[int], action: str, info: KnownScope) -> set[int]:
    """Return which of other businesses' hosts a scope may use for an action (script, file).

    They are declared, or a record names them; both count.
    """
    ids = sa.cast(list(host_ids), ARRAY(sa.BigInteger))
    found = await tx.execute(sa.union(_declared(ids, action, info), _recorded(ids, action, info)))
    return {row.host_id for row in found}


def _declared(ids: sa.ColumnElement[Any], action: str, info: KnownScope) -> sa.Select[tuple[int]]:
    members = sa.cast(list(info.member_ids), ARRAY(sa.BigInteger))
    return sa.select(host_whitelist.c.host_id).where(
        host_whitelist.c.host_id == sa.any_(ids),
        host_whitelist.c.action == action,
        sa.or_(host_whitelist.c.all_scopes, host_whitelist.c.business_ids.overlap(members)),
    )


def _recorded(ids: sa.ColumnElement[Any], action: str, info: KnownScope) -> sa.Select[tuple[int]]:
    c = whitelist_records.c
    scopes = sa.cast(written_scopes(info), ARRAY(sa.Text))
    named = (
        sa.select(sa.func.unnest(c.host_ids).label("host_id"))
        .where(
            c.host_ids.overlap(ids),
            sa.literal(action) == sa.any_(c.actions),
            sa.or_(c.all_scopes, c.scopes.overlap(scopes)),
        )
        .subquery()
    )
    return sa.select(named.c.host_id).where(named.c.host_id == sa.any_(ids))


async def insert(tx: Transaction, record: WhitelistRecord) -> int:
    """Store a new record and return its id; the id that is given does not count."""
    made = await tx.execute(sa.insert(whitelist_records).values(_columns(record)).returning(whitelist_records.c.id))
    return int(made.scalar_one())


async def update(tx: Transaction, record: WhitelistRecord) -> None:
    """Store what a record has become."""
    statement = sa.update(whitelist_records).where(whitelist_records.c.id == record.id)
    await tx.execute(statement.values(_columns(record)))


async def delete(tx: Transaction, record_id: int) -> None:
    """Delete a record."""
    await tx.execute(sa.delete(whitelist_records).where(whitelist_records.c.id == record_id))


async def find(tx: Transaction, record_id: int, *, lock: bool = False) -> WhitelistRecord | None:
    """Return a record or None; with `lock` it is held until the transaction ends."""
    query = sa.select(whitelist_records).where(whitelist_records.c.id == record_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _record(row)


async def list_page(
    tx: Transaction, *, host_id: int | None, remark: str, start: int, length: int
) -> tuple[int, list[WhitelistRecord]]:
    """Return how many records name a host (None: any) and hold a part in their remark, and a page by id."""
    query = sa.select(whitelist_records)
    if host_id is not None:
        query = query.where(whitelist_records.c.host_ids.contains(sa.cast([host_id], ARRAY(sa.BigInteger))))
    if remark:
        query = query.where(whitelist_records.c.remark.icontains(remark, autoescape=True))
    total = (await tx.execute(sa.select(sa.func.count()).select_from(query.subquery()))).scalar_one()
    page = query.order_by(whitelist_records.c.id).offset(start).limit(length)
    return total, [_record(row) for row in await tx.execute(page)]


def _columns(record: WhitelistRecord) -> dict[str, Any]:
    columns = msgspec.structs.asdict(record)
    del columns["id"]
    return columns | {name: list(columns[name]) for name in ("host_ids", "scopes", "actions")}


def _record(row: Any) -> WhitelistRecord:
    return WhitelistRecord(
        id=row.id,
        host_ids=tuple(row.host_ids),
        all_scopes=row.all_scopes,
        scopes=tuple(row.scopes),
        actions=tuple(row.actions),
        remark=row.remark,
        creator=row.creator,
        created_at=row.created_at,
        modifier=row.modifier,
        modified_at=row.modified_at,
    )
