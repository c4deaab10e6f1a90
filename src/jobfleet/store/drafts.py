"""Queries over drafts."""

from typing import Any

import msgspec
import sqlalchemy as sa

from jobfleet.model.scope import Scope, ScopeType
from jobfleet.store.database import Transaction
from jobfleet.store.tables import drafts


class StoredDraft(msgspec.Struct, frozen=True):
    """Hold a draft as the record has it: `content` is sealed."""

    id: int
    user_name: str
    scope: Scope
    kind: str
    title: str
    content: bytes
    modified_at: int


async def insert(tx: Transaction, draft: StoredDraft) -> int:
    """Store a new draft and return its id; the one that is given does not count."""
    statement = sa.insert(drafts).values(_values(draft)).returning(drafts.c.id)
    return int((await tx.execute(statement)).scalar_one())


async def update(tx: Transaction, draft: StoredDraft) -> bool:
    """Store what a draft has become; tell whether its user has it in the scope."""
    mine = sa.and_(drafts.c.id == draft.id, _of(draft.user_name, draft.scope))
    done = await tx.execute(sa.update(drafts).where(mine).values(_values(draft)).returning(drafts.c.id))
    return done.one_or_none() is not None


async def delete(tx: Transaction, user_name: str, scope: Scope, draft_id: int) -> bool:
    """Forget a draft; tell whether its user had it in the scope."""
    mine = sa.and_(drafts.c.id == draft_id, _of(user_name, scope))
    return (await tx.execute(sa.delete(drafts).where(mine).returning(drafts.c.id))).one_or_none() is not None


async def find(tx: Transaction, user_name: str, scope: Scope, draft_id: int) -> StoredDraft | None:
    """Return a draft of a user in a scope, or None."""
    query = sa.select(drafts).where(drafts.c.id == draft_id, _of(user_name, scope))
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _draft(row)


async def list_own(tx: Transaction, user_name: str, scope: Scope) -> list[StoredDraft]:
    """Return the drafts of a user in a scope, latest first."""
    query = sa.select(drafts).where(_of(user_name, scope)).order_by(drafts.c.modified_at.desc(), drafts.c.id.desc())
    return [_draft(row) for row in await tx.execute(query)]


async def forget(tx: Transaction, user_name: str, scope: Scope, *, before: int, keep: int) -> None:
    """Forget a user's drafts in a scope that are older than `before` (epoch ms), and all but the newest `keep`."""
    newest = (
        sa.select(drafts.c.id)
        .where(_of(user_name, scope), drafts.c.modified_at >= before)
        .order_by(drafts.c.modified_at.desc(), drafts.c.id.desc())
        .limit(keep)
    )
    await tx.execute(sa.delete(drafts).where(_of(user_name, scope), drafts.c.id.not_in(newest)))


def _of(user_name: str, scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(
        drafts.c.user_name == user_name, drafts.c.scope_type == scope.type.value, drafts.c.scope_id == scope.id
    )


def _values(draft: StoredDraft) -> dict[str, Any]:
    return {
        "user_name": draft.user_name,
        "scope_type": draft.scope.type.value,
        "scope_id": draft.scope.id,
        "kind": draft.kind,
        "title": draft.title,
        "content": draft.content,
        "modified_at": draft.modified_at,
    }


def _draft(row: Any) -> StoredDraft:
    scope = Scope(ScopeType(row.scope_type), row.scope_id)
    return StoredDraft(row.id, row.user_name, scope, row.kind, row.title, row.content, row.modified_at)
