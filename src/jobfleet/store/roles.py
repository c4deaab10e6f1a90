"""Queries over the roles that are bound to users here, and those that an identity provider gave them."""

from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.caller import PLATFORM, Role
from jobfleet.store.database import Transaction
from jobfleet.store.tables import foreign_roles, role_bindings, users

Source = Literal["bound", "provider", "declared"]


class Place(msgspec.Struct, frozen=True):
    """Say where a role counts: in a scope, or (`platform`, 0) on the platform."""

    kind: str = PLATFORM
    id: int = 0


class HeldRole(msgspec.Struct, frozen=True):
    """Show a role of a user.

    `source` is `bound` for one that was bound here, `provider` for one that an identity provider's groups give,
    `declared` for the administration of the platform that the declared state gives.
    """

    user: str
    place: Place
    role: str
    source: Source


async def list_held(tx: Transaction, *, user: str = "", place: Place | None = None) -> list[HeldRole]:
    """Return roles by user and place, of one user or in one place where that is asked for."""
    found = [*await _of(tx, role_bindings, "bound"), *await _of(tx, foreign_roles, "provider"), *await _declared(tx)]
    kept = [one for one in found if user in {"", one.user} and place in {None, one.place}]
    return sorted(kept, key=lambda one: (one.user, one.place.kind, one.place.id, one.source))


async def bind(tx: Transaction, user: str, place: Place, role: Role) -> str | None:
    """Bind a role in place of the one that was bound here; return that one, None when there was none."""
    before = await _find(tx, user, place)
    new = {"user_name": user, "scope_type": place.kind, "scope_id": place.id, "role": role.value}
    statement = pg_insert(role_bindings).values(new)
    keys = ["user_name", "scope_type", "scope_id"]
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_={"role": role.value}))
    return before


async def unbind(tx: Transaction, user: str, place: Place) -> str | None:
    """Take away the role that was bound here; return it, None when there was none."""
    gone = await tx.execute(sa.delete(role_bindings).where(_at(user, place)).returning(role_bindings.c.role))
    role: str | None = gone.scalar_one_or_none()
    return role


async def list_administrators(tx: Transaction, limit: int) -> list[str]:
    """Return users who look after the platform and are not disabled, by name."""
    bound = sa.exists().where(
        role_bindings.c.user_name == users.c.name,
        role_bindings.c.scope_type == PLATFORM,
        role_bindings.c.role == Role.ADMIN.value,
    )
    query = sa.select(users.c.name).where(users.c.disabled_at.is_(None), sa.or_(users.c.platform_admin, bound))
    return list((await tx.execute(query.order_by(users.c.name).limit(limit))).scalars())


async def _find(tx: Transaction, user: str, place: Place) -> str | None:
    query = sa.select(role_bindings.c.role).where(_at(user, place)).with_for_update()
    role: str | None = (await tx.execute(query)).scalar_one_or_none()
    return role


def _at(user: str, place: Place) -> sa.ColumnElement[bool]:
    return sa.and_(
        role_bindings.c.user_name == user,
        role_bindings.c.scope_type == place.kind,
        role_bindings.c.scope_id == place.id,
    )


async def _of(tx: Transaction, table: sa.Table, source: Source) -> list[HeldRole]:
    rows: Any = await tx.execute(sa.select(table))
    return [HeldRole(row.user_name, Place(row.scope_type, row.scope_id), row.role, source) for row in rows]


async def _declared(tx: Transaction) -> list[HeldRole]:
    names = (await tx.execute(sa.select(users.c.name).where(users.c.platform_admin))).scalars()
    return [HeldRole(name, Place(), Role.ADMIN.value, "declared") for name in names]
