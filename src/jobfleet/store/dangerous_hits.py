"""Queries over the hits of dangerous rules; lines and scripts are sealed before they come here."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model import job_id as job_ids
from jobfleet.model.dangerous import HitRecord, RuleAction
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.store.database import Transaction
from jobfleet.store.tables import dangerous_hits, dangerous_scripts

SealLine = Callable[[HitRecord], bytes]
OpenLine = Callable[[HitRecord, bytes], str]
"""Return the line of a hit in clear, given the hit without it and the line as it is kept."""


class HitFilter(msgspec.Struct, frozen=True):
    """Narrow a list of hits; "" and None mean any. `since` is inclusive and `until` exclusive, epoch milliseconds."""

    rule_id: int | None = None
    scope: Scope | None = None
    operator: str = ""
    action: int | None = None
    since: int | None = None
    until: int | None = None


ACCEPTED_WITHIN_MS = 60_000
"""How long after its script was searched a job is accepted at the latest."""

_JOBS = sa.text(
    """
    SELECT h.hit, found.job_id FROM unnest(
        CAST(:hits AS bigint[]), CAST(:kinds AS text[]), CAST(:scopes AS bigint[]), CAST(:operators AS text[]),
        CAST(:ats AS bigint[]), CAST(:hashes AS text[]), CAST(:firsts AS bigint[]), CAST(:lasts AS bigint[])
    ) AS h (hit, kind, scope, operator, at, hash, first, last)
    CROSS JOIN LATERAL (
        SELECT j.id AS job_id FROM job j JOIN step s ON s.job_id = j.id
        WHERE j.scope_type = h.kind AND j.scope_id = h.scope AND j.operator = h.operator
          AND j.id BETWEEN h.first AND h.last AND j.created_at BETWEEN h.at AND h.at + CAST(:within AS bigint)
          AND s.definition ->> 'content_hash' = h.hash
        ORDER BY j.created_at LIMIT 1
    ) AS found
    """
)


async def insert(tx: Transaction, hits: Sequence[HitRecord], seal: SealLine, script: bytes) -> None:
    """Store hits of one script, and the script (sealed) if it is not there; the ids that are given do not count."""
    kept = pg_insert(dangerous_scripts).values(hash=hits[0].script_hash, data=script, at=hits[0].at)
    await tx.execute(kept.on_conflict_do_update(index_elements=["hash"], set_={"at": kept.excluded.at}))
    await tx.execute(sa.insert(dangerous_hits), [_columns(hit, seal) for hit in hits])


async def list_page(
    tx: Transaction, wanted: HitFilter, opened: OpenLine, *, start: int, length: int
) -> tuple[int, list[HitRecord]]:
    """Return how many hits match, and a page of them, newest first."""
    conditions = _conditions(wanted)
    counted = sa.select(sa.func.count()).select_from(dangerous_hits).where(*conditions)
    page = sa.select(dangerous_hits).where(*conditions)
    page = page.order_by(dangerous_hits.c.at.desc(), dangerous_hits.c.id.desc()).offset(start).limit(length)
    total = int((await tx.execute(counted)).scalar_one())
    return total, [_hit(row, opened) for row in await tx.execute(page)]


async def find_script(tx: Transaction, script_hash: str, scope: Scope | None = None) -> bytes | None:
    """Return a script that was hit, in a scope if one is given, sealed, or None."""
    query = sa.select(dangerous_scripts.c.data).where(dangerous_scripts.c.hash == script_hash)
    if scope is not None:
        query = query.where(
            sa.exists().where(
                dangerous_hits.c.script_hash == script_hash,
                dangerous_hits.c.scope_type == scope.type.value,
                dangerous_hits.c.scope_id == scope.id,
            )
        )
    return (await tx.execute(query)).scalar_one_or_none()


async def find_jobs(tx: Transaction, hits: Sequence[HitRecord]) -> dict[int, int]:
    """Return the jobs that ran the scripts of hits, by the ids of the hits: accepted by the same person at once."""
    if not hits:
        return {}
    spans = [job_ids.bounds(hit.at, hit.at + ACCEPTED_WITHIN_MS) for hit in hits]
    values = {
        "hits": [hit.id for hit in hits],
        "kinds": [hit.scope.type.value for hit in hits],
        "scopes": [hit.scope.id for hit in hits],
        "operators": [hit.operator for hit in hits],
        "ats": [hit.at for hit in hits],
        "hashes": [hit.script_hash for hit in hits],
        "firsts": [first for first, _ in spans],
        "lasts": [last for _, last in spans],
        "within": ACCEPTED_WITHIN_MS,
    }
    return {row.hit: row.job_id for row in await tx.execute(_JOBS, values)}


async def delete_before(tx: Transaction, before: int) -> None:
    """Delete hits, and scripts that were hit last, before a moment (epoch ms)."""
    await tx.execute(sa.delete(dangerous_hits).where(dangerous_hits.c.at < before))
    await tx.execute(sa.delete(dangerous_scripts).where(dangerous_scripts.c.at < before))


def _conditions(wanted: HitFilter) -> list[sa.ColumnElement[bool]]:
    columns = dangerous_hits.c
    scope_type, scope_id = (wanted.scope.type.value, wanted.scope.id) if wanted.scope else (None, None)
    equal = (
        (columns.rule_id, wanted.rule_id),
        (columns.scope_type, scope_type),
        (columns.scope_id, scope_id),
        (columns.operator, wanted.operator or None),
        (columns.action, wanted.action),
    )
    conditions = [column == value for column, value in equal if value is not None]
    conditions += [] if wanted.since is None else [columns.at >= wanted.since]
    return conditions + ([] if wanted.until is None else [columns.at < wanted.until])


def _columns(hit: HitRecord, seal: SealLine) -> dict[str, Any]:
    columns = {name: getattr(hit, name) for name in hit.__struct_fields__ if name not in {"id", "scope", "line"}}
    return columns | {"scope_type": hit.scope.type.value, "scope_id": hit.scope.id, "line": seal(hit)}


def _hit(row: Any, opened: OpenLine) -> HitRecord:
    bare = HitRecord(
        id=row.id,
        at=row.at,
        rule_id=row.rule_id,
        expression=row.expression,
        action=RuleAction(row.action),
        scope=Scope(ScopeType(row.scope_type), row.scope_id),
        operator=row.operator,
        app_code=row.app_code,
        launch_mode=row.launch_mode,
        language=row.language,
        line_number=row.line_number,
        line="",
        script_hash=row.script_hash,
    )
    return msgspec.structs.replace(bare, line=opened(bare, row.line))
