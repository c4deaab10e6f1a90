"""Queries over third-party file sources, and over what was fetched from them."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert

from jobfleet.model.file_source import Access, FileSourceType, KnownSource
from jobfleet.model.scope import Scope, ScopeType, scope_text
from jobfleet.store.database import Transaction
from jobfleet.store.tables import fetched_objects, file_sources


class StoredSource(msgspec.Struct, frozen=True):
    """Hold a file source with the seal over its address and credential."""

    info: KnownSource
    seal: bytes


class FetchedObject(msgspec.Struct, frozen=True):
    """Say which content an object of a source had when it was fetched last."""

    file_source_id: int
    path: str
    etag: str
    size_bytes: int
    content_hash: str
    seal: bytes


async def next_id(tx: Transaction) -> int:
    """Return the id of a source that is to be stored."""
    found = await tx.execute(sa.text("SELECT nextval(pg_get_serial_sequence('file_source', 'id'))"))
    return int(found.scalar_one())


async def insert(tx: Transaction, stored: StoredSource) -> None:
    """Store a new file source."""
    await tx.execute(sa.insert(file_sources).values(**_values(stored)))


async def update(tx: Transaction, stored: StoredSource) -> None:
    """Store what a file source has become, and forget what was fetched from it."""
    source_id = stored.info.id
    await tx.execute(sa.update(file_sources).where(file_sources.c.id == source_id).values(**_values(stored)))
    await tx.execute(sa.delete(fetched_objects).where(fetched_objects.c.file_source_id == source_id))


async def delete(tx: Transaction, source_id: int) -> None:
    """Forget a file source."""
    await tx.execute(sa.delete(file_sources).where(file_sources.c.id == source_id))


async def find(tx: Transaction, source_id: int) -> StoredSource | None:
    """Return a file source, or None."""
    row = (await tx.execute(sa.select(file_sources).where(file_sources.c.id == source_id))).one_or_none()
    return None if row is None else _stored(row)


async def find_own(tx: Transaction, scope: Scope, code: str) -> StoredSource | None:
    """Return the file source that a scope itself has under a code, or None."""
    query = sa.select(file_sources).where(_in(scope), file_sources.c.code == code)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _stored(row)


async def find_usable(tx: Transaction, scope: Scope, code: str) -> StoredSource | None:
    """Return the file source that a scope means by a code: its own, else the oldest that is shared with it."""
    query = sa.select(file_sources).where(_usable(scope), file_sources.c.code == code)
    row = (await tx.execute(query.order_by(sa.not_(_in(scope)), file_sources.c.id).limit(1))).one_or_none()
    return None if row is None else _stored(row)


async def list_usable(tx: Transaction, scope: Scope) -> list[KnownSource]:
    """Return the file sources that a scope may use, its own first, then by name."""
    query = sa.select(file_sources).where(_usable(scope)).order_by(sa.not_(_in(scope)), file_sources.c.alias)
    return [_stored(row).info for row in await tx.execute(query)]


async def has_code(tx: Transaction, scope: Scope, code: str) -> bool:
    """Tell whether the scope has a source with a code."""
    return await find_own(tx, scope, code) is not None


async def has_alias(tx: Transaction, scope: Scope, alias: str, except_id: int = 0) -> bool:
    """Tell whether a source of the scope, other than one, has a name."""
    query = sa.select(file_sources.c.id).where(
        _in(scope), file_sources.c.alias == alias, file_sources.c.id != except_id
    )
    return (await tx.execute(query.limit(1))).first() is not None


async def keep_fetched(tx: Transaction, one: FetchedObject, now: int) -> None:
    """Remember which content an object had."""
    values = {
        "etag": one.etag,
        "size_bytes": one.size_bytes,
        "hash": one.content_hash,
        "seal": one.seal,
        "fetched_at": now,
    }
    made = upsert(fetched_objects).values(file_source_id=one.file_source_id, path=one.path, **values)
    await tx.execute(
        made.on_conflict_do_update(
            index_elements=[fetched_objects.c.file_source_id, fetched_objects.c.path], set_=values
        )
    )


async def find_fetched(tx: Transaction, source_id: int, path: str) -> FetchedObject | None:
    """Return which content an object had when it was fetched last, or None."""
    query = sa.select(fetched_objects).where(
        fetched_objects.c.file_source_id == source_id, fetched_objects.c.path == path
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    return FetchedObject(row.file_source_id, row.path, row.etag, row.size_bytes, row.hash, row.seal)


async def delete_fetched(tx: Transaction, fetched_before: int) -> None:
    """Forget objects that were fetched before a moment (epoch ms)."""
    await tx.execute(sa.delete(fetched_objects).where(fetched_objects.c.fetched_at < fetched_before))


def _in(scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(file_sources.c.scope_type == scope.type.value, file_sources.c.scope_id == scope.id)


def _usable(scope: Scope) -> sa.ColumnElement[bool]:
    shared = sa.literal(scope_text(scope)) == sa.any_(file_sources.c.shared_with)
    return sa.or_(_in(scope), file_sources.c.public, shared)


def _values(stored: StoredSource) -> dict[str, Any]:
    one = stored.info
    return {
        "id": one.id,
        "scope_type": one.scope.type.value,
        "scope_id": one.scope.id,
        "code": one.code,
        "alias": one.alias,
        "type": one.type.value,
        "access": msgspec.to_builtins(one.access),
        "credential_id": one.credential_id,
        "file_prefix": one.file_prefix,
        "public": one.public,
        "shared_with": list(one.shared_with),
        "enabled": one.enabled,
        "seal": stored.seal,
        "creator": one.creator,
        "created_at": one.created_at,
        "changed_by": one.changed_by,
        "changed_at": one.changed_at,
    }


def _stored(row: Any) -> StoredSource:
    info = KnownSource(
        id=row.id,
        scope=Scope(ScopeType(row.scope_type), row.scope_id),
        code=row.code,
        alias=row.alias,
        type=FileSourceType(row.type),
        access=msgspec.convert(row.access, Access),
        credential_id=row.credential_id,
        file_prefix=row.file_prefix,
        public=row.public,
        shared_with=tuple(row.shared_with),
        enabled=row.enabled,
        creator=row.creator,
        created_at=row.created_at,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )
    return StoredSource(info, row.seal)
