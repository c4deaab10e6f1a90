"""Queries over plans; what is secret in their steps and variables is sealed by whoever calls."""

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.definition import FileKind
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.step_uses import versions_of
from jobfleet.model.template import Plan, PlanStep, PlanVariable, digest_of
from jobfleet.store import script_versions
from jobfleet.store.database import Transaction
from jobfleet.store.kept_filter import KeptFilter, meets
from jobfleet.store.tables import plans, schedules, templates

_UPLOADS = """
SELECT path #>> '{}' FROM (
    SELECT jsonb_path_query(steps, '$[*].action.sources[*] ? (@.kind == $kind).paths[*]', vars) AS path
    FROM template, jsonb_build_object('kind', CAST(:kind AS integer)) AS vars
    UNION ALL
    SELECT jsonb_path_query(steps, '$[*].step.action.sources[*] ? (@.kind == $kind).paths[*]', vars) AS path
    FROM plan, jsonb_build_object('kind', CAST(:kind AS integer)) AS vars
) AS named
"""
_LISTED = ~plans.c.debug
_ENABLED = sa.cast("$[*] ? (@.enabled == true)", JSONPATH)


class PlanRow(msgspec.Struct, frozen=True):
    """Describe a plan in a list, without steps and variables; `template_…` is the template's present one.

    `step_count` counts the enabled steps, `all_count` all of them, `schedule_count` the schedules that start it.
    """

    id: int
    template_id: int
    template_name: str
    name: str
    version: str
    template_version: str
    revision: int
    template_revision: int
    step_count: int
    all_count: int
    schedule_count: int
    creator: str
    created_at: int
    modifier: str
    modified_at: int


async def insert(tx: Transaction, plan: Plan) -> bool:
    """Store a new plan; False when its template has one of this name."""
    stored = await tx.execute(pg_insert(plans).values(_values(plan)).on_conflict_do_nothing().returning(plans.c.id))
    if stored.one_or_none() is None:
        return False
    await _set_uses(tx, plan)
    return True


async def update(tx: Transaction, plan: Plan) -> bool:
    """Store what has changed in a plan; False when its template has another one of this name."""
    try:
        async with tx.begin_nested():
            await tx.execute(sa.update(plans).where(plans.c.id == plan.id).values(_values(plan)))
    except sa.exc.IntegrityError:
        return False
    await _set_uses(tx, plan)
    return True


async def _set_uses(tx: Transaction, plan: Plan) -> None:
    """Note which scripts a plan uses; those of a plan for debugging may be deleted."""
    used = set() if plan.debug else versions_of(one.step for one in plan.steps)
    await script_versions.set_uses(tx, "plan", plan.id, used)


async def delete(tx: Transaction, plan_id: int) -> None:
    """Remove a plan."""
    await script_versions.set_uses(tx, "plan", plan_id, ())
    await tx.execute(sa.delete(plans).where(plans.c.id == plan_id))


async def find(tx: Transaction, scope: Scope, plan_id: int, *, lock: bool = False) -> Plan | None:
    """Return a plan of a scope, or None; with `lock` its row is held until the transaction ends."""
    query = sa.select(plans).where(_of(scope), _LISTED, plans.c.id == plan_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    return None if row is None else _plan(row)


async def find_place(tx: Transaction, plan_id: int) -> tuple[Scope, int] | None:
    """Return the scope of a plan and the id of its template, or None."""
    query = sa.select(plans.c.scope_type, plans.c.scope_id, plans.c.template_id).where(_LISTED, plans.c.id == plan_id)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else (Scope(ScopeType(row.scope_type), row.scope_id), row.template_id)


async def find_debug(tx: Transaction, scope: Scope, template_id: int) -> Plan | None:
    """Return the plan for debugging a template of a scope, or None."""
    query = sa.select(plans).where(_of(scope), plans.c.debug, plans.c.template_id == template_id)
    row = (await tx.execute(query)).mappings().one_or_none()
    return None if row is None else _plan(row)


async def find_debugged(tx: Transaction, scope: Scope, plan_id: int) -> int | None:
    """Return the id of the template that a plan is for debugging, None where there is no such plan in the scope."""
    query = sa.select(plans.c.template_id).where(_of(scope), plans.c.debug, plans.c.id == plan_id)
    return (await tx.execute(query)).scalar_one_or_none()


async def hold_ids(tx: Transaction, template_id: int) -> list[int]:
    """Return the ids of a template's plans; nobody changes or schedules them until the transaction ends."""
    query = sa.select(plans.c.id).where(plans.c.template_id == template_id).order_by(plans.c.id).with_for_update()
    return list((await tx.execute(query)).scalars())


async def list_ids(tx: Transaction, template_id: int) -> list[int]:
    """Return the ids of a template's plans, without the one for debugging."""
    query = sa.select(plans.c.id).where(_LISTED, plans.c.template_id == template_id).order_by(plans.c.id)
    return list((await tx.execute(query)).scalars())


async def are_scheduled(tx: Transaction, plan_ids: Collection[int]) -> bool:
    """Tell whether a schedule starts one of the plans, on or off."""
    query = sa.select(schedules.c.id).where(schedules.c.plan_id.in_(list(plan_ids))).limit(1)
    return (await tx.execute(query)).first() is not None


async def find_id(tx: Transaction, template_id: int, name: str) -> int | None:
    """Return the id of a template's plan by name, or None."""
    query = sa.select(plans.c.id).where(_LISTED, plans.c.template_id == template_id, plans.c.name == name)
    return (await tx.execute(query)).scalar_one_or_none()


async def list_upload_paths(tx: Transaction) -> set[str]:
    """Return the paths of the uploaded files that any template or plan names."""
    found = await tx.execute(sa.text(_UPLOADS), {"kind": FileKind.UPLOAD.value})
    return set(found.scalars())


async def find_modifier(tx: Transaction, plan_id: int) -> str | None:
    """Return who changed a plan last, or None for a plan that does not exist."""
    return (await tx.execute(sa.select(plans.c.modifier).where(plans.c.id == plan_id))).scalar_one_or_none()


async def names(tx: Transaction, plan_ids: Collection[int]) -> dict[int, str]:
    """Return the names of plans by id; those that are gone are left out."""
    query = sa.select(plans.c.id, plans.c.name).where(plans.c.id.in_(list(plan_ids)))
    return {row.id: row.name for row in await tx.execute(query)}


class PlanFilter(KeptFilter, frozen=True):
    """Narrow a list of plans besides: to those of one template, and to those that their templates are ahead of, or not.

    None means no filter.
    """

    template_id: int | None = None
    needs_sync: bool | None = None


class TemplateUse(msgspec.Struct, frozen=True):
    """Count a template's plans, those of them that are behind it, and the schedules that start any of them."""

    plans: int = 0
    behind: int = 0
    schedules: int = 0


async def count_uses(tx: Transaction, template_ids: Collection[int]) -> dict[int, TemplateUse]:
    """Return what uses templates, by their ids; one that nothing uses may be left out."""
    is_behind = plans.c.version != templates.c.version
    scheduled = sa.select(sa.func.count()).select_from(schedules).where(schedules.c.plan_id == plans.c.id)
    query = (
        sa.select(
            plans.c.template_id,
            sa.func.count().label("plans"),
            sa.func.count().filter(is_behind).label("behind"),
            sa.func.sum(scheduled.scalar_subquery()).label("schedules"),
        )
        .join(templates, templates.c.id == plans.c.template_id)
        .where(_LISTED, plans.c.template_id.in_(list(template_ids)))
        .group_by(plans.c.template_id)
    )
    found = await tx.execute(query)
    return {row.template_id: TemplateUse(row.plans, row.behind, int(row.schedules)) for row in found}


async def list_of_scope(
    tx: Transaction, scope: Scope, wanted: PlanFilter, *, start: int, length: int
) -> tuple[int, list[PlanRow]]:
    """Return how many plans of a scope are wanted, and a page of them, last changed first."""
    mine = sa.and_(_of(scope), _LISTED, meets(plans, wanted))
    if wanted.template_id is not None:
        mine = sa.and_(mine, plans.c.template_id == wanted.template_id)
    if wanted.needs_sync is not None:
        mine = sa.and_(mine, (plans.c.version != templates.c.version) == wanted.needs_sync)
    both = plans.join(templates, templates.c.id == plans.c.template_id)
    total = (await tx.execute(sa.select(sa.func.count()).select_from(both).where(mine))).scalar_one()
    own = [plans.c[name] for name in PlanRow.__struct_fields__ if name in plans.c]
    counted = sa.func.jsonb_array_length(sa.func.jsonb_path_query_array(plans.c.steps, _ENABLED)).label("step_count")
    everything = sa.func.jsonb_array_length(plans.c.steps).label("all_count")
    scheduled = sa.select(sa.func.count()).select_from(schedules).where(schedules.c.plan_id == plans.c.id)
    theirs = [templates.c[name].label(f"template_{name}") for name in ("name", "version", "revision")]
    page = (
        sa.select(*own, counted, everything, scheduled.scalar_subquery().label("schedule_count"), *theirs)
        .select_from(both)
        .where(mine)
        .order_by(plans.c.modified_at.desc(), plans.c.id.desc())
        .offset(start)
        .limit(length)
    )
    return int(total), [PlanRow(**row) for row in (await tx.execute(page)).mappings()]


def _of(scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(plans.c.scope_type == scope.type.value, plans.c.scope_id == scope.id)


def _values(plan: Plan) -> dict[str, Any]:
    values = msgspec.to_builtins(plan, builtin_types=(bytes,))
    values |= {"steps": msgspec.to_builtins(plan.steps), "variables": msgspec.to_builtins(plan.variables)}
    scope = values.pop("scope")
    del values["digest"]
    return {**values, "scope_type": scope["type"], "scope_id": scope["id"]}


def _plan(row: sa.RowMapping) -> Plan:
    values: dict[str, Any] = {str(name): row[name] for name in row}
    scope = Scope(ScopeType(values.pop("scope_type")), values.pop("scope_id"))
    digest = digest_of(values["steps"], values["variables"])
    values["steps"] = msgspec.convert(values["steps"], tuple[PlanStep, ...])
    values["variables"] = msgspec.convert(values["variables"], tuple[PlanVariable, ...])
    return Plan(scope=scope, digest=digest, **values)
