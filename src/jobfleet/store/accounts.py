"""Queries over accounts."""

import sqlalchemy as sa

from jobfleet.model.scope import Scope
from jobfleet.store.database import Transaction
from jobfleet.store.tables import accounts


async def find_default(tx: Transaction, scope: Scope, kind: int) -> int | None:
    """Return the id of the account of a type that a scope uses when none is named, or None.

    It is the one with the alias `root`, else the one that was made first.
    """
    query = (
        sa.select(accounts.c.id)
        .where(
            accounts.c.scope_type == scope.type.value,
            accounts.c.business_id == scope.id,
            accounts.c.type == kind,
        )
        .order_by((accounts.c.alias != "root"), accounts.c.id)
        .limit(1)
    )
    return (await tx.execute(query)).scalar_one_or_none()
