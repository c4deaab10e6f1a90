"""Queries over tags and over what has them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.scope import Scope
from jobfleet.model.tagging import Tag, Tagged
from jobfleet.store.database import Transaction
from jobfleet.store.owner import owner_columns, owner_of
from jobfleet.store.tables import tag_links, tags


async def insert(tx: Transaction, tag: Tag) -> int | None:
    """Store a new tag; return its id, or None when its name is taken. The id that is given does not count."""
    statement = pg_insert(tags).values(_values(tag)).on_conflict_do_nothing().returning(tags.c.id)
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else int(row.id)


async def update(tx: Transaction, tag: Tag) -> bool:
    """Store what a tag has become; tell whether its name was free."""
    try:
        async with tx.begin_nested():
            await tx.execute(sa.update(tags).where(tags.c.id == tag.id).values(_values(tag)))
    except sa.exc.IntegrityError:
        return False
    return True


async def delete(tx: Transaction, tag_id: int) -> None:
    """Delete a tag; nothing has it any more."""
    await tx.execute(sa.delete(tags).where(tags.c.id == tag_id))


async def find(tx: Transaction, tag_id: int, *, lock: bool = False) -> Tag | None:
    """Return a tag or None; with `lock` nobody changes it until the transaction ends."""
    query = sa.select(tags).where(tags.c.id == tag_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _tag(row)


async def list_page(
    tx: Transaction, scope: Scope | None, *, name: str, start: int, length: int
) -> tuple[int, list[Tag]]:
    """Return how many tags of a scope (None: those of public scripts) have `name` in their name, and a page of them."""
    wanted = _of(scope) if not name else sa.and_(_of(scope), tags.c.name.icontains(name, autoescape=True))
    total = (await tx.execute(sa.select(sa.func.count()).select_from(tags).where(wanted))).scalar_one()
    page = sa.select(tags).where(wanted).order_by(tags.c.name).offset(start).limit(length)
    return int(total), [_tag(row) for row in await tx.execute(page)]


async def known_ids(tx: Transaction, scope: Scope | None, tag_ids: Collection[int]) -> set[int]:
    """Return which of these tags the scope has; they are not deleted until the transaction ends."""
    query = sa.select(tags.c.id).where(_of(scope), tags.c.id.in_(tag_ids)).order_by(tags.c.id)
    return set((await tx.execute(query.with_for_update(read=True, key_share=True))).scalars())


async def list_of(tx: Transaction, kind: Tagged, resource_ids: Collection[str]) -> Mapping[str, list[Tag]]:
    """Return the tags of things by their ids, each list by name; things without a tag have an empty one."""
    query = (
        sa.select(tags, tag_links.c.resource_id)
        .join(tag_links, tag_links.c.tag_id == tags.c.id)
        .where(tag_links.c.kind == kind, tag_links.c.resource_id.in_(resource_ids))
        .order_by(tags.c.name)
    )
    found: dict[str, list[Tag]] = defaultdict(list)
    for row in await tx.execute(query):
        found[row.resource_id].append(_tag(row))
    return found


async def count_uses(tx: Transaction, tag_ids: Collection[int]) -> Mapping[tuple[int, Tagged], int]:
    """Return how many things of each kind have tags; pairs with none are left out."""
    query = sa.select(tag_links.c.tag_id, tag_links.c.kind, sa.func.count().label("things"))
    counted = query.where(tag_links.c.tag_id.in_(tag_ids)).group_by(tag_links.c.tag_id, tag_links.c.kind)
    return {(row.tag_id, Tagged(row.kind)): int(row.things) for row in await tx.execute(counted)}


async def change_links(
    tx: Transaction, kind: Tagged, resource_ids: Collection[str], *, add: Collection[int], remove: Collection[int]
) -> None:
    """Put tags on many things and take others off; the tags exist."""
    if resource_ids and remove:
        off = tag_links.c.kind == kind, tag_links.c.resource_id.in_(resource_ids), tag_links.c.tag_id.in_(remove)
        await tx.execute(sa.delete(tag_links).where(*off))
    rows = [{"tag_id": tag_id, "kind": kind, "resource_id": one} for one in resource_ids for tag_id in sorted(set(add))]
    if rows:
        await tx.execute(pg_insert(tag_links).on_conflict_do_nothing(), rows)


async def most_tags(tx: Transaction, kind: Tagged, resource_ids: Collection[str]) -> int:
    """Return how many tags the thing has that has most."""
    each = sa.select(sa.func.count().label("tags")).where(
        tag_links.c.kind == kind, tag_links.c.resource_id.in_(resource_ids)
    )
    counted = each.group_by(tag_links.c.resource_id).subquery()
    return int((await tx.execute(sa.select(sa.func.coalesce(sa.func.max(counted.c.tags), 0)))).scalar_one())


async def link(tx: Transaction, kind: Tagged, resource_id: str, tag_ids: Collection[int]) -> None:
    """Note which tags a thing has now, in place of those before; the tags exist."""
    await unlink(tx, kind, resource_id)
    if tag_ids:
        rows = [{"tag_id": id_, "kind": kind, "resource_id": resource_id} for id_ in sorted(set(tag_ids))]
        await tx.execute(sa.insert(tag_links), rows)


async def unlink(tx: Transaction, kind: Tagged, resource_id: str) -> None:
    """Forget the tags of a thing."""
    mine = sa.and_(tag_links.c.kind == kind, tag_links.c.resource_id == resource_id)
    await tx.execute(sa.delete(tag_links).where(mine))


def has_tag(kind: Tagged, resource_id: sa.ColumnElement[Any], tag_id: int) -> sa.ColumnElement[bool]:
    """Return the condition that a thing of a list has a tag."""
    having = sa.select(tag_links.c.resource_id).where(tag_links.c.tag_id == tag_id, tag_links.c.kind == kind)
    return sa.cast(resource_id, sa.Text).in_(having)


def _of(scope: Scope | None) -> sa.ColumnElement[bool]:
    scope_type, scope_id = owner_columns(scope)
    return sa.and_(tags.c.scope_type == scope_type, tags.c.scope_id == scope_id)


def _values(tag: Tag) -> dict[str, Any]:
    scope_type, scope_id = owner_columns(tag.scope)
    return {
        "scope_type": scope_type,
        "scope_id": scope_id,
        "name": tag.name,
        "description": tag.description,
        "creator": tag.creator,
        "created_at": tag.created_at,
        "modifier": tag.modifier,
        "modified_at": tag.modified_at,
    }


def _tag(row: Any) -> Tag:
    return Tag(
        id=row.id,
        scope=owner_of(row),
        name=row.name,
        description=row.description,
        creator=row.creator,
        created_at=row.created_at,
        modifier=row.modifier,
        modified_at=row.modified_at,
    )
