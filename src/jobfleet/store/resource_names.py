"""What the resources that permissions are asked for on are called."""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from jobfleet.model.highest import MAX_ID
from jobfleet.model.permission import Resource, ResourceKind
from jobfleet.model.scope import Scope
from jobfleet.store.database import Transaction
from jobfleet.store.owner import owner_columns
from jobfleet.store.tables import accounts, credentials, file_sources, plans, schedules, scripts, tags, templates


class _Kept(msgspec.Struct, frozen=True):
    """Say by which column one kind of resource is asked for, and which its name and its scope stand in."""

    key: sa.Column[Any]
    id: sa.Column[Any]
    name: sa.Column[Any]
    scope_id: sa.Column[Any]


_KINDS: Mapping[ResourceKind, _Kept] = {
    ResourceKind.SCRIPT: _Kept(scripts.c.id, scripts.c.id, scripts.c.name, scripts.c.scope_id),
    ResourceKind.PUBLIC_SCRIPT: _Kept(scripts.c.id, scripts.c.id, scripts.c.name, scripts.c.scope_id),
    ResourceKind.TEMPLATE: _Kept(templates.c.id, templates.c.id, templates.c.name, templates.c.scope_id),
    ResourceKind.PLAN: _Kept(plans.c.id, plans.c.id, plans.c.name, plans.c.scope_id),
    ResourceKind.CRON: _Kept(schedules.c.id, schedules.c.id, schedules.c.name, schedules.c.scope_id),
    ResourceKind.TAG: _Kept(tags.c.id, tags.c.id, tags.c.name, tags.c.scope_id),
    ResourceKind.ACCOUNT: _Kept(accounts.c.id, accounts.c.id, accounts.c.alias, accounts.c.business_id),
    ResourceKind.CREDENTIAL: _Kept(credentials.c.id, credentials.c.id, credentials.c.name, credentials.c.scope_id),
    ResourceKind.FILE_SOURCE: _Kept(
        file_sources.c.code, file_sources.c.id, file_sources.c.alias, file_sources.c.scope_id
    ),
}


async def find(tx: Transaction, kind: ResourceKind, scope: Scope | None, key: str) -> Resource | None:
    """Return a resource of a scope by its id, a file source by its code; None when the scope has none such.

    Args:
        scope: None stands for public scripts.
    """
    kept = _KINDS[kind]
    wanted = _wanted(kept.key, key)
    if wanted is None:
        return None
    scope_type, scope_id = owner_columns(scope)
    of_scope = sa.and_(kept.key.table.c.scope_type == scope_type, kept.scope_id == scope_id)
    query = sa.select(kept.id.label("id"), kept.name.label("name")).where(of_scope, kept.key == wanted)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else Resource(kind, str(row.id), row.name)


def _wanted(column: sa.Column[Any], key: str) -> int | str | None:
    if isinstance(column.type, sa.Text):
        return None if "\x00" in key else key
    number = int(key) if key.isdecimal() and len(key) < 20 else 0
    return number if 0 < number <= MAX_ID else None
