"""Names of the jobs of days that are over, so that a text in a name is looked for in names, not in jobs."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from jobfleet.model.job_id import FIRST_DAY, JOBS_A_DAY
from jobfleet.model.scope import Scope
from jobfleet.store.database import Transaction
from jobfleet.store.tables import history_names as names

MOST_NAMES = 2_000
"""A text that more names hold is looked for in the jobs themselves: so many jobs have it that some are found soon."""

MIN_PART_CHARACTERS = 2
"""Shorter texts are looked for in all names of the scope."""

_PARTS: sa.ColumnClause[Any] = sa.literal_column("history_name.name_parts", ARRAY(sa.Text))
_KEEP = sa.text(
    f"""
    INSERT INTO history_name (scope_type, scope_id, name, last_day)
    SELECT scope_type, scope_id, name, max(id / {JOBS_A_DAY}) + {FIRST_DAY} FROM job
    WHERE id BETWEEN CAST(:first AS bigint) AND CAST(:last AS bigint)
    GROUP BY 1, 2, 3
    ON CONFLICT (scope_type, scope_id, name) DO UPDATE SET last_day = greatest(history_name.last_day, excluded.last_day)
    """  # noqa: S608 (our own numbers)
)


async def keep(tx: Transaction, first_id: int, last_id: int) -> None:
    """Keep the names of the jobs between two ids, both included; their days are over."""
    await tx.execute(_KEEP, {"first": first_id, "last": last_id})


async def find_holding(tx: Transaction, scope: Scope | None, text: str) -> list[str] | None:
    """Return the kept names, of a scope or of all, that hold a text, whatever its case; None above MOST_NAMES."""
    query = sa.select(names.c.name).distinct()
    if scope is not None:
        query = query.where(names.c.scope_type == scope.type.value, names.c.scope_id == scope.id)
    query = query.where(names.c.name.icontains(text, autoescape=True))
    if len(text) >= MIN_PART_CHARACTERS:  # who holds a text holds each two and three of its letters
        query = query.where(_PARTS.contains(sa.func.name_parts(text, type_=ARRAY(sa.Text))))
    found = list((await tx.execute(query.limit(MOST_NAMES + 1))).scalars())
    return found if len(found) <= MOST_NAMES else None


async def forget_before(tx: Transaction, day: int) -> None:
    """Forget names that no job of a day or later has; call it in the transaction that drops the jobs."""
    await tx.execute(sa.delete(names).where(names.c.last_day < day))
