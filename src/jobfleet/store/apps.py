"""Queries over applications that call us, for those who look after them."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.access_token import USED_GRAIN_MS
from jobfleet.store.database import Transaction
from jobfleet.store.tables import apps


class AppRules(msgspec.Struct, frozen=True):
    """Say what an application may: name its user if trusted, work in some scopes (texts; none: all), at what rate."""

    description: str = ""
    trusted: bool = False
    scopes: tuple[str, ...] = ()
    rate_per_s: int | None = None


class AppView(msgspec.Struct, frozen=True):
    """Show an application, never its secret.

    Times are epoch milliseconds, None when it is not known; `used_at` to the minute.
    """

    code: str
    description: str
    trusted: bool
    scopes: list[str]
    rate_per_s: int | None
    creator: str
    created_at: int | None
    secret_at: int | None
    disabled_at: int | None
    used_at: int | None


_SHOWN = [apps.c[name] for name in AppView.__struct_fields__]


async def list_all(tx: Transaction) -> list[AppView]:
    """Return all applications by code."""
    return [_view(row) for row in await tx.execute(sa.select(*_SHOWN).order_by(apps.c.code))]


async def find(tx: Transaction, code: str) -> AppView | None:
    """Return an application, or None; nobody else changes it until this transaction ends."""
    row = (await tx.execute(sa.select(*_SHOWN).where(apps.c.code == code).with_for_update())).one_or_none()
    return None if row is None else _view(row)


async def insert(tx: Transaction, app: AppView, secret_hash: str) -> bool:
    """Store an application; tell whether there was none of its code."""
    values = msgspec.structs.asdict(app) | {"secret_hash": secret_hash}
    return (await tx.execute(pg_insert(apps).values(values).on_conflict_do_nothing())).rowcount > 0


async def set_rules(tx: Transaction, code: str, rules: AppRules) -> None:
    """Change what an application may."""
    values = msgspec.structs.asdict(rules) | {"scopes": list(rules.scopes)}
    await tx.execute(sa.update(apps).where(apps.c.code == code).values(values))


async def set_secret(tx: Transaction, code: str, secret_hash: str, now: int) -> None:
    """Give an application another secret in place of the one that it has."""
    await tx.execute(sa.update(apps).where(apps.c.code == code).values(secret_hash=secret_hash, secret_at=now))


async def set_disabled(tx: Transaction, code: str, at: int | None) -> None:
    """Disable an application from a time on (epoch milliseconds), or enable it with None."""
    await tx.execute(sa.update(apps).where(apps.c.code == code).values(disabled_at=at))


async def touch(tx: Transaction, code: str, now: int) -> None:
    """Record that an application called, unless somebody just did."""
    stale = sa.func.coalesce(apps.c.used_at, 0) <= now - USED_GRAIN_MS
    await tx.execute(sa.update(apps).where(apps.c.code == code, stale).values(used_at=now))


def _view(row: Any) -> AppView:
    return AppView(*row)
