"""Queries over who uses the versions of a kept script."""

from typing import Any

import sqlalchemy as sa

from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.script_use import RunningUse, ScriptUse
from jobfleet.store.database import Transaction, raw
from jobfleet.store.tables import plans, script_uses, script_versions, templates


async def list_kept(tx: Transaction, script_id: str) -> list[ScriptUse]:
    """Return the templates and plans that run a version of a script, by kind and name; not plans for debugging."""
    found: list[ScriptUse] = []
    for kind, table in (("template", templates), ("plan", plans)):
        template_id = plans.c.template_id if table is plans else templates.c.id
        query = (
            sa.select(
                script_uses.c.version_id,
                table.c.id,
                table.c.name,
                table.c.scope_type,
                table.c.scope_id,
                template_id.label("template_id"),
            )
            .join(script_versions, script_versions.c.id == script_uses.c.version_id)
            .join(table, table.c.id == script_uses.c.owner_id)
            .where(script_versions.c.script_id == script_id, script_uses.c.owner == kind)
            .order_by(table.c.name, table.c.id)
        )
        listed = query.where(~plans.c.debug) if table is plans else query
        found += [_use(kind, row) for row in await tx.execute(listed)]
    return found


async def list_running(tx: Transaction, script_id: str) -> list[RunningUse]:
    """Return the jobs that are not over and have a step that runs a version of a script, latest first."""
    rows = await (await raw(tx)).fetch(
        """
        SELECT DISTINCT (s.definition->>'script_version_id')::bigint, j.id, j.name, j.scope_type, j.scope_id
        FROM job j JOIN step s ON s.job_id = j.id
        WHERE j.look_at IS NOT NULL AND s.definition->>'script_id' = $1
            AND s.definition->>'script_version_id' IS NOT NULL
        ORDER BY j.id DESC
        """,
        script_id,
    )
    return [RunningUse(row[0], row[1], row[2], Scope(ScopeType(row[3]), row[4])) for row in rows]


def _use(kind: Any, row: Any) -> ScriptUse:
    return ScriptUse(
        row.version_id, kind, row.id, row.name, Scope(ScopeType(row.scope_type), row.scope_id), row.template_id
    )
