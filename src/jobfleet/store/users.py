"""Queries that change users, and list them."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.desk import Choices
from jobfleet.store.database import Transaction
from jobfleet.store.tables import foreign_identities, users


class UserView(msgspec.Struct, frozen=True):
    """Describe a user to an administrator; `identities` are the issuers and subjects that sign in as this user."""

    name: str
    platform_admin: bool
    language: str
    has_password: bool
    disabled_at: int | None
    identities: tuple[tuple[str, str], ...]


async def insert(tx: Transaction, name: str, language: str) -> bool:
    """Make a user who cannot sign in yet; tell whether there was none of this name."""
    statement = pg_insert(users).values(name=name, platform_admin=False, language=language)
    return (await tx.execute(statement.on_conflict_do_nothing())).rowcount > 0


async def set_password(tx: Transaction, name: str, password_hash: str, *, instead_of: str | None = None) -> bool:
    """Set a user's password hash, with `instead_of` only if it still is that one; tell whether it was set."""
    statement = sa.update(users).where(users.c.name == name)
    if instead_of is not None:
        statement = statement.where(users.c.password_hash == instead_of)
    return (await tx.execute(statement.values(password_hash=password_hash))).rowcount > 0


async def set_disabled(tx: Transaction, name: str, at: int | None) -> bool:
    """Disable a user from a time on (epoch milliseconds), or enable them with None; tell whether there is one."""
    statement = sa.update(users).where(users.c.name == name).values(disabled_at=at)
    return (await tx.execute(statement)).rowcount > 0


async def choices(tx: Transaction, name: str) -> Choices:
    """Return what a user has chosen for themselves."""
    query = sa.select(users.c.own_language, users.c.own_zone, users.c.own_theme).where(users.c.name == name)
    row = (await tx.execute(query)).one_or_none()
    return Choices() if row is None else Choices(row.own_language, row.own_zone, row.own_theme)


async def keep_choices(tx: Transaction, name: str, chosen: Choices) -> None:
    """Keep what a user has chosen, in place of all that was."""
    values = {"own_language": chosen.language, "own_zone": chosen.time_zone, "own_theme": chosen.theme}
    await tx.execute(sa.update(users).where(users.c.name == name).values(values))


async def list_all(tx: Transaction, name: str, *, start: int, length: int) -> tuple[int, list[UserView]]:
    """Return how many users have a text in their name, whatever its case, and a page of them by name."""
    named = users.c.name.icontains(name, autoescape=True)
    total = (await tx.execute(sa.select(sa.func.count()).select_from(users).where(named))).scalar_one()
    page = (await tx.execute(sa.select(users).where(named).order_by(users.c.name).offset(start).limit(length))).all()
    names = [row.name for row in page]
    query = sa.select(foreign_identities).where(foreign_identities.c.user_name.in_(names))
    linked: dict[str, list[tuple[str, str]]] = {}
    for row in await tx.execute(query.order_by(foreign_identities.c.issuer)):
        linked.setdefault(row.user_name, []).append((row.issuer, row.subject))
    return total, [_view(row, linked.get(row.name, [])) for row in page]


def _view(row: Any, identities: list[tuple[str, str]]) -> UserView:
    has_password = row.password_hash is not None
    return UserView(row.name, row.platform_admin, row.language, has_password, row.disabled_at, tuple(identities))


async def lock(tx: Transaction, name: str) -> None:
    """Wait until no other transaction holds this user; the lock ends with the transaction."""
    await tx.execute(sa.select(users.c.name).where(users.c.name == name).with_for_update())
