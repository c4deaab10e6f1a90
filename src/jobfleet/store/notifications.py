"""Notification hooks of scopes, and what they are to be told; the outbox delivers it."""

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.notice import Hook, Notice, Occasion
from jobfleet.model.scope import Scope
from jobfleet.store.database import Transaction
from jobfleet.store.tables import notification_hooks as hooks
from jobfleet.store.tables import notifications


class Delivery(msgspec.Struct, frozen=True):
    """Tell how far a notification is; times are epoch milliseconds, `ended_at` is None while it is tried.

    One of a hook has the hook's name, a mail the name of who gets it.
    """

    id: int
    hook: str
    receiver: str
    occasion: str
    title: str
    tries: int
    created_at: int
    ended_at: int | None
    delivered: bool
    reason: str


async def list_hooks(tx: Transaction, scope: Scope) -> list[Hook]:
    """Return the hooks of a scope by name."""
    return [_hook(row) for row in await tx.execute(sa.select(hooks).where(_of(hooks, scope)).order_by(hooks.c.name))]


async def list_hooks_for(tx: Transaction, scope: Scope, occasion: Occasion) -> list[Hook]:
    """Return the hooks of a scope that want to be told of an occasion."""
    query = (
        sa.select(hooks)
        .where(_of(hooks, scope), sa.literal(occasion.value) == sa.any_(hooks.c.occasions))
        .order_by(hooks.c.id)
    )
    return [_hook(row) for row in await tx.execute(query)]


async def set_hook(tx: Transaction, scope: Scope, hook: Hook) -> None:
    """Store a hook, in place of the one of its name."""
    values = {
        "url": hook.url,
        "occasions": [one.value for one in hook.occasions],
        "modifier": hook.modifier,
        "modified_at": hook.modified_at,
    }
    new = {"scope_type": scope.type.value, "scope_id": scope.id, "name": hook.name, **values}
    await tx.execute(
        pg_insert(hooks)
        .values(new)
        .on_conflict_do_update(index_elements=["scope_type", "scope_id", "name"], set_=values)
    )


async def delete_hook(tx: Transaction, scope: Scope, name: str) -> bool:
    """Remove a hook; tell whether there was one."""
    gone = await tx.execute(sa.delete(hooks).where(_of(hooks, scope), hooks.c.name == name).returning(hooks.c.id))
    return gone.one_or_none() is not None


async def insert(tx: Transaction, scope: Scope, told: Collection[Hook], notice: Notice, now: int) -> list[int]:
    """Note what hooks are to be told, and return its ids; call it in the transaction in which it happens."""
    rows = [
        {
            "scope_type": scope.type.value,
            "scope_id": scope.id,
            "hook": hook.name,
            "url": hook.url,
            "receiver": "",
            "notice": msgspec.to_builtins(notice),
            "due_at": now,
            "created_at": now,
        }
        for hook in told
    ]
    return list((await tx.execute(sa.insert(notifications).values(rows).returning(notifications.c.id))).scalars())


async def list_deliveries(tx: Transaction, scope: Scope, limit: int) -> list[Delivery]:
    """Return the latest notifications of a scope, newest first."""
    query = sa.select(notifications).where(_of(notifications, scope)).order_by(notifications.c.id.desc()).limit(limit)
    return [
        Delivery(
            id=row.id,
            hook=row.hook,
            receiver=row.receiver,
            occasion=row.notice["occasion"],
            title=row.notice["title"]["en"],
            tries=row.tries,
            created_at=row.created_at,
            ended_at=row.ended_at,
            delivered=row.delivered,
            reason=row.reason,
        )
        for row in await tx.execute(query)
    ]


def _of(table: sa.Table, scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.scope_type == scope.type.value, table.c.scope_id == scope.id)


def _hook(row: Any) -> Hook:
    occasions = tuple(Occasion(one) for one in row.occasions)
    return Hook(row.name, row.url, occasions, row.modifier, row.modified_at)
