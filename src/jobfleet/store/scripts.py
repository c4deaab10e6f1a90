"""Queries over scripts that are kept; their versions are in `store.script_versions`."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.scope import Scope
from jobfleet.model.script_version import Script, ScriptFilter, VersionState
from jobfleet.model.tagging import Tagged
from jobfleet.store import tags
from jobfleet.store.database import Transaction
from jobfleet.store.owner import owner_columns, owner_of
from jobfleet.store.tables import script_versions, scripts

_NAME_PARTS: sa.ColumnClause[Any] = sa.literal_column("script.name_parts", ARRAY(sa.Text))
MIN_PART_CHARACTERS = 2
"""Shorter parts of names are looked for in all names of the scope."""


async def insert(tx: Transaction, script: Script) -> bool:
    """Store a new script; tell whether its name was free."""
    scope_type, scope_id = owner_columns(script.scope)
    statement = pg_insert(scripts).values(
        id=script.id,
        scope_type=scope_type,
        scope_id=scope_id,
        name=script.name,
        language=script.language,
        description=script.description,
        creator=script.creator,
        created_at=script.created_at,
        modifier=script.modifier,
        modified_at=script.modified_at,
    )
    made = await tx.execute(statement.on_conflict_do_nothing().returning(scripts.c.id))
    return made.one_or_none() is not None


async def find(tx: Transaction, script_id: str, *, lock: bool = False) -> Script | None:
    """Return a script or None; with `lock` nobody changes it or its versions until the transaction ends."""
    if lock:
        await tx.execute(sa.select(scripts.c.id).where(scripts.c.id == script_id).with_for_update())
    row = (await tx.execute(_shown().where(scripts.c.id == script_id))).one_or_none()
    return None if row is None else _script(row)


async def rename(tx: Transaction, script_id: str, name: str, description: str, modifier: str, at: int) -> bool:
    """Change a locked script's name and description; tell whether the name was free."""
    values = {"name": name, "description": description, "modifier": modifier, "modified_at": at}
    try:
        async with tx.begin_nested():
            await tx.execute(sa.update(scripts).where(scripts.c.id == script_id).values(**values))
    except sa.exc.IntegrityError:
        return False
    return True


async def touch(tx: Transaction, script_id: str, modifier: str, at: int) -> None:
    """Note who changed a script or one of its versions, when (epoch ms), and which version is online now."""
    online = sa.select(script_versions.c.id).where(
        script_versions.c.script_id == script_id, script_versions.c.state == VersionState.ONLINE
    )
    values = {"modifier": modifier, "modified_at": at, "online_version_id": online.scalar_subquery()}
    await tx.execute(sa.update(scripts).where(scripts.c.id == script_id).values(**values))


async def delete(tx: Transaction, script_id: str) -> None:
    """Delete a script with its versions and the links to its tags."""
    await tags.unlink(tx, Tagged.SCRIPT, script_id)
    await tx.execute(sa.delete(scripts).where(scripts.c.id == script_id))


async def list_page(
    tx: Transaction, scope: Scope | None, wanted: ScriptFilter, *, start: int, length: int
) -> tuple[int, list[Script]]:
    """Return how many scripts of a scope (None: public ones) match, and a page of them, newest first."""
    conditions = _conditions(scope, wanted)
    total = (await tx.execute(sa.select(sa.func.count()).select_from(scripts).where(*conditions))).scalar_one()
    ordered = sa.select(scripts.c.id).where(*conditions).order_by(scripts.c.created_at.desc(), scripts.c.id)
    # The page first, then the versions of what is on it: a deep page would join all scripts before it.
    page = _shown().where(scripts.c.id.in_(ordered.offset(start).limit(length)))
    found = await tx.execute(page.order_by(scripts.c.created_at.desc(), scripts.c.id))
    return int(total), [_script(row) for row in found]


def _conditions(scope: Scope | None, wanted: ScriptFilter) -> list[sa.ColumnElement[bool]]:
    scope_type, scope_id = owner_columns(scope)
    conditions = [scripts.c.scope_type == scope_type, scripts.c.scope_id == scope_id]
    if wanted.name:
        conditions += [scripts.c.name == wanted.name] if wanted.exact else _holding(wanted.name)
    if wanted.language is not None:
        conditions.append(scripts.c.language == wanted.language)
    if wanted.tag_id is not None:
        conditions.append(tags.has_tag(Tagged.SCRIPT, scripts.c.id, wanted.tag_id))
    if wanted.online_only:
        conditions.append(scripts.c.online_version_id.is_not(None))
    return conditions


def _holding(part: str) -> list[sa.ColumnElement[bool]]:
    """Return what finds scripts with this in their name; who holds a part holds each two and three of its letters."""
    exact = scripts.c.name.icontains(part, autoescape=True)
    if len(part) < MIN_PART_CHARACTERS:
        return [exact]
    return [_NAME_PARTS.contains(sa.func.name_parts(part, type_=ARRAY(sa.Text))), exact]


def _shown() -> sa.Select[Any]:
    online = scripts.outerjoin(script_versions, script_versions.c.id == scripts.c.online_version_id)
    return sa.select(scripts, script_versions.c.version.label("online_version")).select_from(online)


def _script(row: Any) -> Script:
    return Script(
        id=row.id,
        scope=owner_of(row),
        name=row.name,
        language=row.language,
        description=row.description,
        creator=row.creator,
        created_at=row.created_at,
        modifier=row.modifier,
        modified_at=row.modified_at,
        online_version_id=row.online_version_id,
        online_version=row.online_version or "",
    )
