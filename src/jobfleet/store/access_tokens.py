"""Queries over the tokens of people."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.access_token import USED_GRAIN_MS, PersonalToken, TokenKind
from jobfleet.model.ceiling import Ceiling
from jobfleet.store.database import Transaction
from jobfleet.store.tables import access_tokens


class NewToken(msgspec.Struct, frozen=True):
    """Describe a token to store; `idle_ms` is after how long without use it ends, None for never."""

    user_name: str
    kind: TokenKind
    created_at: int
    expires_at: int
    idle_ms: int | None = None
    name: str = ""
    ceiling: Ceiling | None = None


async def insert(tx: Transaction, token_hash: bytes, new: NewToken) -> int | None:
    """Store a token by its hash and return its id; None when the user has a personal token of this name.

    Tokens that ended are forgotten.
    """
    await tx.execute(sa.delete(access_tokens).where(access_tokens.c.expires_at < new.created_at))
    statement = (
        pg_insert(access_tokens)
        .values(
            hash=token_hash,
            user_name=new.user_name,
            kind=new.kind.value,
            created_at=new.created_at,
            expires_at=new.expires_at,
            name=new.name,
            ceiling=None if new.ceiling is None else msgspec.to_builtins(new.ceiling),
            used_at=new.created_at if new.idle_ms else None,
            idle_ms=new.idle_ms,
        )
        .on_conflict_do_nothing()
        .returning(access_tokens.c.id)
    )
    token_id: int | None = (await tx.execute(statement)).scalar_one_or_none()
    return token_id


async def touch(tx: Transaction, token_hash: bytes, now: int) -> None:
    """Record that a token was used, unless somebody just did."""
    stale = sa.func.coalesce(access_tokens.c.used_at, 0) <= now - USED_GRAIN_MS
    await tx.execute(sa.update(access_tokens).where(access_tokens.c.hash == token_hash, stale).values(used_at=now))


async def delete(tx: Transaction, token_hash: bytes) -> tuple[str, str] | None:
    """Forget a token, which is refused from now on; return its user and its name, None when there was none."""
    statement = sa.delete(access_tokens).where(access_tokens.c.hash == token_hash)
    row = (await tx.execute(statement.returning(access_tokens.c.user_name, access_tokens.c.name))).one_or_none()
    return None if row is None else (row.user_name, row.name)


async def delete_all(tx: Transaction, user_name: str, kinds: Sequence[TokenKind], *, but: bytes | None = None) -> int:
    """Forget a user's tokens of these kinds but one, and return how many these were."""
    statement = sa.delete(access_tokens).where(
        access_tokens.c.user_name == user_name, access_tokens.c.kind.in_([kind.value for kind in kinds])
    )
    if but is not None:
        statement = statement.where(access_tokens.c.hash != but)
    return (await tx.execute(statement)).rowcount


async def list_personal(tx: Transaction, user_name: str | None, now: int) -> list[PersonalToken]:
    """Return the personal tokens of a user, or of everybody, that have not ended; by user, then the newest first."""
    query = sa.select(access_tokens).where(
        access_tokens.c.kind == TokenKind.PERSONAL.value, access_tokens.c.expires_at > now
    )
    if user_name is not None:
        query = query.where(access_tokens.c.user_name == user_name)
    found = await tx.execute(query.order_by(access_tokens.c.user_name, access_tokens.c.id.desc()))
    return [_personal(row) for row in found]


async def delete_personal(tx: Transaction, token_id: int, user_name: str | None) -> PersonalToken | None:
    """Forget a personal token, of this user if one is given; return what it was, None when there is none."""
    statement = sa.delete(access_tokens).where(
        access_tokens.c.id == token_id, access_tokens.c.kind == TokenKind.PERSONAL.value
    )
    if user_name is not None:
        statement = statement.where(access_tokens.c.user_name == user_name)
    row = (await tx.execute(statement.returning(*access_tokens.c))).one_or_none()
    return None if row is None else _personal(row)


def _personal(row: Any) -> PersonalToken:
    return PersonalToken(
        id=row.id,
        user_name=row.user_name,
        name=row.name,
        ceiling=msgspec.convert(row.ceiling, Ceiling),
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
