"""Notification policies of scopes and of persons, and those who are sent nothing."""

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.notify_policy import USUAL, Policy, PolicySet
from jobfleet.model.scope import Scope
from jobfleet.store.database import Transaction
from jobfleet.store.tables import notification_mutes as mutes
from jobfleet.store.tables import notification_policies as kept
from jobfleet.store.tables import users

SCOPE_ITSELF = ""


async def find_pair(tx: Transaction, scope: Scope, person: str) -> tuple[PolicySet, PolicySet]:
    """Return the policies of a scope and those of a person in it; without any where none were saved."""
    query = sa.select(kept).where(_of(scope), kept.c.user_name.in_([SCOPE_ITSELF, person]))
    found = {row.user_name: _set(row) for row in await tx.execute(query)}
    return found.get(SCOPE_ITSELF, PolicySet(())), found.get(person, PolicySet(()))


async def shown(tx: Transaction, scope: Scope, person: str = SCOPE_ITSELF) -> PolicySet:
    """Return the policies of a person, or those that count in a scope: the usual ones while none were saved."""
    row = (await tx.execute(sa.select(kept).where(_of(scope), kept.c.user_name == person))).one_or_none()
    if row is None:
        return PolicySet(() if person else USUAL)
    return _set(row)


async def upsert(tx: Transaction, scope: Scope, person: str, chosen: PolicySet) -> None:
    """Store policies in place of those that were there."""
    values = {
        "policies": msgspec.to_builtins(chosen.policies),
        "modifier": chosen.modifier,
        "modified_at": chosen.modified_at,
    }
    new = {"scope_type": scope.type.value, "scope_id": scope.id, "user_name": person, **values}
    await tx.execute(
        pg_insert(kept)
        .values(new)
        .on_conflict_do_update(index_elements=["scope_type", "scope_id", "user_name"], set_=values)
    )


async def delete(tx: Transaction, scope: Scope, person: str) -> None:
    """Forget policies, as if none had ever been saved."""
    await tx.execute(sa.delete(kept).where(_of(scope), kept.c.user_name == person))


async def list_unknown(tx: Transaction, names: Collection[str]) -> list[str]:
    """Return those of the names that no user has."""
    known = set((await tx.execute(sa.select(users.c.name).where(users.c.name.in_(names)))).scalars())
    return [name for name in names if name not in known]


async def list_muted(tx: Transaction) -> list[str]:
    """Return who is sent nothing, by name."""
    return list((await tx.execute(sa.select(mutes.c.user_name).order_by(mutes.c.user_name))).scalars())


async def replace_muted(tx: Transaction, names: Collection[str], modifier: str, now: int) -> None:
    """Store who is sent nothing, in place of those who were before."""
    await tx.execute(sa.delete(mutes))
    rows = [{"user_name": name, "modifier": modifier, "modified_at": now} for name in dict.fromkeys(names)]
    if rows:
        await tx.execute(sa.insert(mutes), rows)


def _of(scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(kept.c.scope_type == scope.type.value, kept.c.scope_id == scope.id)


def _set(row: Any) -> PolicySet:
    return PolicySet(msgspec.convert(row.policies, tuple[Policy, ...]), row.modifier, row.modified_at)
