"""Lists of businesses and business sets."""

from typing import Any

import sqlalchemy as sa

from jobfleet.model.scope import KnownScope, Scope, ScopeType
from jobfleet.store.database import Transaction
from jobfleet.store.tables import business_sets, businesses


async def list_all(tx: Transaction) -> list[KnownScope]:
    """Return the businesses that are not archived, then the business sets, by id; without their members."""
    found = await tx.execute(sa.select(businesses).where(~businesses.c.archived).order_by(businesses.c.id))
    sets = await tx.execute(sa.select(business_sets).order_by(business_sets.c.id))
    listed = [_scope(ScopeType.BUSINESS, row) for row in found]
    return [*listed, *(_scope(ScopeType.BUSINESS_SET, row) for row in sets)]


def _scope(kind: ScopeType, row: Any) -> KnownScope:
    return KnownScope(Scope(kind, row.id), row.name, row.time_zone, frozenset())
