"""Queries over kept views and favourites of people."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.desk import Favourite, KeptView
from jobfleet.model.scope import Scope
from jobfleet.store.database import Transaction
from jobfleet.store.tables import favourites, kept_views


async def put_view(tx: Transaction, user_name: str, scope: Scope, view: KeptView) -> None:
    """Keep a view, in place of one of the same page and name."""
    values = {"page": view.page, "name": view.name, "query": view.query, "modified_at": view.modified_at}
    statement = pg_insert(kept_views).values(_owner(user_name, scope) | values)
    changes = {"query": view.query, "modified_at": view.modified_at}
    keys = ["user_name", "scope_type", "scope_id", "page", "name"]
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes))


async def delete_view(tx: Transaction, user_name: str, scope: Scope, page: str, name: str) -> None:
    """Forget a view, if there is one."""
    named = sa.and_(kept_views.c.page == page, kept_views.c.name == name)
    await tx.execute(sa.delete(kept_views).where(_mine(kept_views, user_name, scope), named))


async def list_views(tx: Transaction, user_name: str, scope: Scope) -> list[KeptView]:
    """Return the views of a user in a scope, by page and name."""
    query = sa.select(kept_views).where(_mine(kept_views, user_name, scope))
    rows = await tx.execute(query.order_by(kept_views.c.page, kept_views.c.name))
    return [KeptView(row.page, row.name, row.query, row.modified_at) for row in rows]


async def put_favourite(tx: Transaction, user_name: str, scope: Scope, favourite: Favourite) -> None:
    """Keep a favourite; one that is there stays as it is."""
    values = {"kind": favourite.kind, "thing": favourite.thing, "created_at": favourite.created_at}
    await tx.execute(pg_insert(favourites).values(_owner(user_name, scope) | values).on_conflict_do_nothing())


async def delete_favourite(tx: Transaction, user_name: str, scope: Scope, kind: str, thing: str) -> None:
    """Forget a favourite, if it is one."""
    named = sa.and_(favourites.c.kind == kind, favourites.c.thing == thing)
    await tx.execute(sa.delete(favourites).where(_mine(favourites, user_name, scope), named))


async def list_favourites(tx: Transaction, user_name: str, scope: Scope) -> list[Favourite]:
    """Return the favourites of a user in a scope, latest first."""
    query = sa.select(favourites).where(_mine(favourites, user_name, scope))
    rows = await tx.execute(query.order_by(favourites.c.created_at.desc(), favourites.c.kind, favourites.c.thing))
    return [Favourite(row.kind, row.thing, row.created_at) for row in rows]


def _mine(kept: sa.Table, user_name: str, scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(*(kept.c[name] == value for name, value in _owner(user_name, scope).items()))


def _owner(user_name: str, scope: Scope) -> dict[str, Any]:
    return {"user_name": user_name, "scope_type": scope.type.value, "scope_id": scope.id}
