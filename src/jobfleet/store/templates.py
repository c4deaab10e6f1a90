"""Queries over templates; what is secret in their steps and variables is sealed by whoever calls."""

from collections.abc import Collection, Iterator
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.step_uses import versions_of
from jobfleet.model.tagging import Tagged
from jobfleet.model.template import Template, TemplateStep, Variable, digest_of
from jobfleet.store import script_versions, tags
from jobfleet.store.database import Transaction
from jobfleet.store.kept_filter import KeptFilter, meets
from jobfleet.store.locks import AdvisoryLock
from jobfleet.store.tables import plans, templates

Sequence = Literal["template", "template_step", "template_variable", "plan", "plan_step", "plan_variable"]


class TemplateRow(msgspec.Struct, frozen=True):
    """Describe a template in a list, without steps and variables."""

    id: int
    name: str
    description: str
    version: str
    revision: int
    step_count: int
    creator: str
    created_at: int
    modifier: str
    modified_at: int


async def fresh_ids(tx: Transaction, kind: Sequence, count: int) -> Iterator[int]:
    """Yield so many ids that nothing of a kind has yet, ascending; what was imported may have brought its own."""
    found: list[int] = []
    while len(found) < count:
        query = sa.text(f"SELECT nextval('{kind}_id_seq') FROM generate_series(1, :count)")  # noqa: S608 (our own names)
        fresh = list((await tx.execute(query, {"count": count - len(found)})).scalars())
        table = {"template": templates, "plan": plans}.get(kind)
        found += fresh if table is None else await _free(tx, table, fresh)
    return iter(sorted(found))


async def _free(tx: Transaction, table: sa.Table, ids: list[int]) -> list[int]:
    taken = set((await tx.execute(sa.select(table.c.id).where(table.c.id.in_(ids)))).scalars())
    return [one for one in ids if one not in taken]


async def is_taken(tx: Transaction, kind: Literal["template", "plan"], wanted: int) -> bool:
    """Tell whether any scope's template or plan has an id."""
    return not await _free(tx, {"template": templates, "plan": plans}[kind], [wanted])


async def list_names(tx: Transaction, scope: Scope) -> set[str]:
    """Return the names of a scope's templates."""
    return set((await tx.execute(sa.select(templates.c.name).where(_of(scope)))).scalars())


async def lock(tx: Transaction, template_id: int) -> bool:
    """Hold a template for saving until the transaction ends; False when somebody else does."""
    query = sa.text("SELECT pg_try_advisory_xact_lock(:key, hashint8(:id))")
    return bool((await tx.execute(query, {"key": int(AdvisoryLock.TEMPLATE), "id": template_id})).scalar_one())


async def insert(tx: Transaction, template: Template) -> bool:
    """Store a new template; False when the scope has one of this name."""
    stored = await tx.execute(
        pg_insert(templates).values(_values(template)).on_conflict_do_nothing().returning(templates.c.id)
    )
    if stored.one_or_none() is None:
        return False
    await script_versions.set_uses(tx, "template", template.id, versions_of(template.steps))
    return True


async def update(tx: Transaction, template: Template) -> bool:
    """Store what has changed in a template; False when the scope has another one of this name."""
    try:
        async with tx.begin_nested():
            await tx.execute(sa.update(templates).where(templates.c.id == template.id).values(_values(template)))
    except sa.exc.IntegrityError:
        return False
    await script_versions.set_uses(tx, "template", template.id, versions_of(template.steps))
    return True


async def delete(tx: Transaction, template_id: int) -> None:
    """Remove a template and its plans, and the links to its tags."""
    await tags.unlink(tx, Tagged.TEMPLATE, str(template_id))
    await script_versions.forget_template(tx, template_id)
    await tx.execute(sa.delete(templates).where(templates.c.id == template_id))


async def find(tx: Transaction, scope: Scope, template_id: int, *, keep: bool = False) -> Template | None:
    """Return a template of a scope, or None; with `keep` it is not deleted until the transaction ends."""
    query = sa.select(templates).where(_of(scope), templates.c.id == template_id)
    row = (
        (await tx.execute(query.with_for_update(read=True, key_share=True) if keep else query)).mappings().one_or_none()
    )
    return None if row is None else _template(row)


async def hold(tx: Transaction, template_id: int) -> None:
    """Have nobody make plans of a template until the transaction ends."""
    await tx.execute(sa.select(templates.c.id).where(templates.c.id == template_id).with_for_update())


async def find_id(tx: Transaction, scope: Scope, name: str) -> int | None:
    """Return the id of a scope's template by name, or None."""
    query = sa.select(templates.c.id).where(_of(scope), templates.c.name == name)
    return (await tx.execute(query)).scalar_one_or_none()


async def list_of_scope(
    tx: Transaction, scope: Scope, wanted: KeptFilter, *, start: int, length: int, first: Collection[str] = ()
) -> tuple[int, list[TemplateRow]]:
    """Return how many templates of a scope are wanted, and a page of them, last changed first.

    Args:
        first: Ids, as texts, of those that come before all others.
    """
    mine = sa.and_(_of(scope), meets(templates, wanted))
    total = (await tx.execute(sa.select(sa.func.count()).select_from(templates).where(mine))).scalar_one()
    columns = [templates.c[name] for name in TemplateRow.__struct_fields__ if name != "step_count"]
    counted = sa.func.jsonb_array_length(templates.c.steps).label("step_count")
    ahead = [sa.cast(templates.c.id, sa.Text).in_(list(first)).desc()] if first else []
    page = (
        sa.select(*columns, counted)
        .where(mine)
        .order_by(*ahead, templates.c.modified_at.desc(), templates.c.id.desc())
        .offset(start)
        .limit(length)
    )
    return int(total), [TemplateRow(**row) for row in (await tx.execute(page)).mappings()]


def _of(scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(templates.c.scope_type == scope.type.value, templates.c.scope_id == scope.id)


def _values(template: Template) -> dict[str, Any]:
    values = msgspec.to_builtins(template, builtin_types=(bytes,))
    values |= {"steps": msgspec.to_builtins(template.steps), "variables": msgspec.to_builtins(template.variables)}
    scope = values.pop("scope")
    del values["digest"]
    return {**values, "scope_type": scope["type"], "scope_id": scope["id"]}


def _template(row: sa.RowMapping) -> Template:
    values: dict[str, Any] = {str(name): row[name] for name in row}
    scope = Scope(ScopeType(values.pop("scope_type")), values.pop("scope_id"))
    digest = digest_of(values["steps"], values["variables"])
    values["steps"] = msgspec.convert(values["steps"], tuple[TemplateStep, ...])
    values["variables"] = msgspec.convert(values["variables"], tuple[Variable, ...])
    return Template(scope=scope, digest=digest, **values)
