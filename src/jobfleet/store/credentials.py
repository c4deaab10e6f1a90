"""Queries over credentials; secrets are sealed before they come here."""

from typing import Any

import sqlalchemy as sa

from jobfleet.model.credential import Credential, CredentialType
from jobfleet.model.scope import Scope, ScopeType, scope_text
from jobfleet.store.database import Transaction
from jobfleet.store.locks import AdvisoryLock
from jobfleet.store.tables import credentials, file_sources


async def lock_names(tx: Transaction, scope: Scope) -> None:
    """Have everybody else who changes the scope's credentials or file sources wait until the transaction ends."""
    await tx.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:scope, :seed))"),
        {"scope": scope_text(scope), "seed": int(AdvisoryLock.CREDENTIAL_NAMES)},
    )


async def insert(tx: Transaction, credential: Credential, sealed: bytes) -> None:
    """Store a new credential."""
    await tx.execute(sa.insert(credentials).values(**_values(credential), sealed=sealed))


async def update(tx: Transaction, credential: Credential, sealed: bytes) -> None:
    """Store what a credential has become."""
    await tx.execute(
        sa.update(credentials).where(credentials.c.id == credential.id).values(**_values(credential), sealed=sealed)
    )


async def find(
    tx: Transaction, scope: Scope, credential_id: str, *, lock: bool = False
) -> tuple[Credential, bytes] | None:
    """Return a credential of a scope with its sealed secrets, or None.

    Args:
        lock: Hold it until the transaction ends.
    """
    query = sa.select(credentials).where(credentials.c.id == credential_id, _in(scope))
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else (_credential(row), row.sealed)


async def list_of_scope(tx: Transaction, scope: Scope) -> list[Credential]:
    """Return a scope's credentials by name."""
    found = await tx.execute(sa.select(credentials).where(_in(scope)).order_by(credentials.c.name))
    return [_credential(row) for row in found]


async def has_name(tx: Transaction, scope: Scope, name: str, except_id: str = "") -> bool:
    """Tell whether a credential of the scope, other than one, has a name."""
    query = sa.select(credentials.c.id).where(_in(scope), credentials.c.name == name, credentials.c.id != except_id)
    return (await tx.execute(query.limit(1))).first() is not None


async def find_user(tx: Transaction, credential_id: str) -> str | None:
    """Return the name of a file source that uses a credential, or None."""
    query = sa.select(file_sources.c.alias).where(file_sources.c.credential_id == credential_id)
    alias: str | None = (await tx.execute(query.order_by(file_sources.c.id).limit(1))).scalar_one_or_none()
    return alias


async def list_uses(tx: Transaction, credential_id: str) -> list[tuple[str, str]]:
    """Return (code, name) of the file sources that use a credential, by name."""
    query = sa.select(file_sources.c.code, file_sources.c.alias).where(file_sources.c.credential_id == credential_id)
    return [(row.code, row.alias) for row in await tx.execute(query.order_by(file_sources.c.alias))]


async def delete(tx: Transaction, credential_id: str) -> None:
    """Forget a credential that nothing uses."""
    await tx.execute(sa.delete(credentials).where(credentials.c.id == credential_id))


def _in(scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(credentials.c.scope_type == scope.type.value, credentials.c.scope_id == scope.id)


def _values(one: Credential) -> dict[str, Any]:
    return {
        "id": one.id,
        "scope_type": one.scope.type.value,
        "scope_id": one.scope.id,
        "name": one.name,
        "type": one.type.value,
        "description": one.description,
        "creator": one.creator,
        "created_at": one.created_at,
        "changed_by": one.changed_by,
        "changed_at": one.changed_at,
    }


def _credential(row: Any) -> Credential:
    return Credential(
        id=row.id,
        scope=Scope(ScopeType(row.scope_type), row.scope_id),
        name=row.name,
        type=CredentialType(row.type),
        description=row.description,
        creator=row.creator,
        created_at=row.created_at,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )
