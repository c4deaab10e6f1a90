"""Queries over the versions of scripts, and over who uses them. Contents are sealed before they come here."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.script_version import ScriptVersion, VersionState, sources
from jobfleet.store.database import Transaction
from jobfleet.store.tables import plans, script_uses, script_versions

_HEAD = [column for column in script_versions.c if column.name != "content"]


async def next_id(tx: Transaction) -> int:
    """Return a fresh version id."""
    return int((await tx.execute(sa.text("SELECT nextval('script_version_id_seq')"))).scalar_one())


async def insert(tx: Transaction, version: ScriptVersion) -> bool:
    """Store a new version with its sealed content; tell whether its name was free in the script."""
    statement = pg_insert(script_versions).values(
        id=version.id,
        script_id=version.script_id,
        version=version.version,
        state=version.state,
        content=version.content,
        description=version.description,
        creator=version.creator,
        created_at=version.created_at,
        modifier=version.modifier,
        modified_at=version.modified_at,
    )
    made = await tx.execute(statement.on_conflict_do_nothing().returning(script_versions.c.id))
    return made.one_or_none() is not None


async def find(tx: Transaction, version_id: int, *, content: bool = True) -> ScriptVersion | None:
    """Return a version, with its sealed content unless that is not wanted, or None."""
    columns = script_versions.c if content else _HEAD
    row = (await tx.execute(sa.select(*columns).where(script_versions.c.id == version_id))).one_or_none()
    return None if row is None else _version(row, row.content if content else None)


async def find_online(tx: Transaction, script_id: str) -> ScriptVersion | None:
    """Return the version of a script that is online, with its sealed content, or None."""
    query = sa.select(script_versions).where(
        script_versions.c.script_id == script_id, script_versions.c.state == VersionState.ONLINE
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _version(row, row.content)


async def list_of_script(tx: Transaction, script_id: str) -> list[ScriptVersion]:
    """Return the versions of a script, newest first, without contents."""
    query = sa.select(*_HEAD).where(script_versions.c.script_id == script_id).order_by(script_versions.c.id.desc())
    return [_version(row, None) for row in await tx.execute(query)]


async def list_page(tx: Transaction, script_id: str, *, start: int, length: int) -> tuple[int, list[ScriptVersion]]:
    """Return how many versions a script has, and a page of them, newest first, without contents."""
    mine = script_versions.c.script_id == script_id
    total = (await tx.execute(sa.select(sa.func.count()).select_from(script_versions).where(mine))).scalar_one()
    page = sa.select(*_HEAD).where(mine).order_by(script_versions.c.id.desc()).offset(start).limit(length)
    return int(total), [_version(row, None) for row in await tx.execute(page)]


async def list_by_ids(tx: Transaction, version_ids: Collection[int]) -> dict[int, ScriptVersion]:
    """Return versions by their ids, without contents."""
    found = await tx.execute(sa.select(*_HEAD).where(script_versions.c.id.in_(version_ids)))
    return {row.id: _version(row, None) for row in found}


async def find_named(tx: Transaction, script_id: str, version: str) -> ScriptVersion | None:
    """Return a script's version by its name, with its sealed content, or None."""
    mine = sa.and_(script_versions.c.script_id == script_id, script_versions.c.version == version)
    row = (await tx.execute(sa.select(script_versions).where(mine))).one_or_none()
    return None if row is None else _version(row, row.content)


async def content_bytes(tx: Transaction, version_ids: Collection[int]) -> int:
    """Return how large the sealed contents of versions are together."""
    size = sa.func.coalesce(sa.func.sum(sa.func.octet_length(script_versions.c.content)), 0)
    return int((await tx.execute(sa.select(size).where(script_versions.c.id.in_(version_ids)))).scalar_one())


async def contents(tx: Transaction, version_ids: Collection[int]) -> dict[int, bytes]:
    """Return the sealed contents of versions by their ids."""
    query = sa.select(script_versions.c.id, script_versions.c.content).where(script_versions.c.id.in_(version_ids))
    return {row.id: row.content for row in await tx.execute(query)}


async def edit_draft(tx: Transaction, changed: ScriptVersion) -> bool:
    """Change name, sealed content and description of a draft whose script is locked; tell whether the name was free."""
    draft = sa.and_(script_versions.c.id == changed.id, script_versions.c.state == VersionState.DRAFT)
    statement = sa.update(script_versions).where(draft)
    try:
        async with tx.begin_nested():
            await tx.execute(
                statement.values(
                    version=changed.version,
                    content=changed.content,
                    description=changed.description,
                    modifier=changed.modifier,
                    modified_at=changed.modified_at,
                )
            )
    except sa.exc.IntegrityError:
        return False
    return True


async def move(tx: Transaction, version_id: int, wanted: VersionState, modifier: str, at: int) -> bool:
    """Change a version's state if the transition table allows it; tell whether it did."""
    moved = await tx.execute(
        sa.update(script_versions)
        .where(script_versions.c.id == version_id, script_versions.c.state.in_(sources(wanted)))
        .values(state=wanted, modifier=modifier, modified_at=at)
        .returning(script_versions.c.id)
    )
    return moved.one_or_none() is not None


async def delete(tx: Transaction, version_id: int) -> None:
    """Delete a version."""
    await tx.execute(sa.delete(script_versions).where(script_versions.c.id == version_id))


async def set_uses(tx: Transaction, owner: str, owner_id: int, version_ids: Collection[int]) -> None:
    """Note which versions the steps of a thing run now, in place of those noted before.

    Args:
        owner: What kind of thing it is, such as `template` or `plan`.
        version_ids: They exist; none when the thing is deleted.
    """
    mine = sa.and_(script_uses.c.owner == owner, script_uses.c.owner_id == owner_id)
    await tx.execute(sa.delete(script_uses).where(mine))
    if version_ids:
        rows = [{"owner": owner, "owner_id": owner_id, "version_id": id_} for id_ in sorted(set(version_ids))]
        await tx.execute(sa.insert(script_uses), rows)


async def list_users(tx: Transaction, owner: str, version_ids: Collection[int]) -> list[int]:
    """Return the ids of the things of a kind that use one of these versions."""
    query = sa.select(script_uses.c.owner_id).distinct()
    mine = query.where(script_uses.c.owner == owner, script_uses.c.version_id.in_(list(version_ids)))
    return list((await tx.execute(mine.order_by(script_uses.c.owner_id))).scalars())


async def list_standing(
    tx: Transaction, owner: str, owner_ids: Collection[int]
) -> dict[int, list[tuple[int, VersionState, int | None]]]:
    """Return by the ids of things the versions that they use: id, state, and which one of the script is online."""
    online = script_versions.alias("online")
    is_sibling = sa.and_(online.c.script_id == script_versions.c.script_id, online.c.state == VersionState.ONLINE)
    query = (
        sa.select(script_uses.c.owner_id, script_versions.c.id, script_versions.c.state, online.c.id.label("online_id"))
        .join(script_versions, script_versions.c.id == script_uses.c.version_id)
        .outerjoin(online, is_sibling)
        .where(script_uses.c.owner == owner, script_uses.c.owner_id.in_(list(owner_ids)))
    )
    found: dict[int, list[tuple[int, VersionState, int | None]]] = {}
    for row in await tx.execute(query):
        found.setdefault(row.owner_id, []).append((row.id, VersionState(row.state), row.online_id))
    return found


async def forget_template(tx: Transaction, template_id: int) -> None:
    """Forget which versions a template and its plans use; they are about to go."""
    of_template = sa.and_(script_uses.c.owner == "template", script_uses.c.owner_id == template_id)
    its_plans = sa.select(plans.c.id).where(plans.c.template_id == template_id)
    of_plans = sa.and_(script_uses.c.owner == "plan", script_uses.c.owner_id.in_(its_plans))
    await tx.execute(sa.delete(script_uses).where(sa.or_(of_template, of_plans)))


async def is_used(tx: Transaction, version_ids: Collection[int]) -> bool:
    """Tell whether a template or plan uses one of these versions; nobody begins to until the transaction ends."""
    held = sa.select(script_versions.c.id).where(script_versions.c.id.in_(version_ids))
    await tx.execute(held.order_by(script_versions.c.id).with_for_update())
    query = sa.select(script_uses.c.version_id).where(script_uses.c.version_id.in_(version_ids)).limit(1)
    return (await tx.execute(query)).one_or_none() is not None


def _version(row: Any, content: bytes | None) -> ScriptVersion:
    return ScriptVersion(
        id=row.id,
        script_id=row.script_id,
        version=row.version,
        state=VersionState(row.state),
        description=row.description,
        creator=row.creator,
        created_at=row.created_at,
        modifier=row.modifier,
        modified_at=row.modified_at,
        content=content,
    )
