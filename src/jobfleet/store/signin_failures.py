"""Queries over failed sign-ins."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.lockout import FORGET_MS, Failures, Subject
from jobfleet.store.database import Transaction
from jobfleet.store.tables import sign_in_failures as table


async def find(tx: Transaction, subjects: list[Subject], *, lock: bool = False) -> Mapping[Subject, Failures]:
    """Return the failures of those subjects that have some; with `lock` nobody else counts until we are done."""
    query = sa.select(table).where(
        sa.tuple_(table.c.kind, table.c.subject).in_([(one.kind, one.name) for one in subjects])
    )
    rows = await tx.execute(query.order_by(table.c.kind, table.c.subject).with_for_update() if lock else query)
    return {Subject(row.kind, row.subject): Failures(row.failures, row.last_at, row.locked_until) for row in rows}


async def upsert(tx: Transaction, subject: Subject, failures: Failures) -> None:
    """Store the failures of a subject, and forget those of others that are long past."""
    await tx.execute(sa.delete(table).where(table.c.last_at < failures.last_at - 2 * FORGET_MS))
    values = {"failures": failures.count, "last_at": failures.last_at, "locked_until": failures.locked_until}
    statement = pg_insert(table).values(kind=subject.kind, subject=subject.name, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["kind", "subject"], set_=values))


async def delete(tx: Transaction, subject: Subject) -> bool:
    """Forget the failures of a subject; tell whether there were any."""
    statement = sa.delete(table).where(table.c.kind == subject.kind, table.c.subject == subject.name)
    return (await tx.execute(statement)).rowcount > 0
