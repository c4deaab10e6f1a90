"""Queries over scopes, hosts, groups and accounts."""

import sqlalchemy as sa

from jobfleet.model.scope import Scope, ScopeInfo, ScopeType
from jobfleet.store.database import Transaction
from jobfleet.store.tables import business_sets, businesses


async def find_scope(tx: Transaction, scope: Scope) -> ScopeInfo | None:
    """Return what a scope is, or None when it is unknown or archived."""
    if scope.type is ScopeType.BUSINESS:
        return await _find_business(tx, scope)
    return await _find_business_set(tx, scope)


async def _find_business(tx: Transaction, scope: Scope) -> ScopeInfo | None:
    query = sa.select(businesses).where(businesses.c.id == scope.id, ~businesses.c.archived)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else ScopeInfo(scope, row.name, row.time_zone, frozenset({row.id}))


async def _find_business_set(tx: Transaction, scope: Scope) -> ScopeInfo | None:
    row = (await tx.execute(sa.select(business_sets).where(business_sets.c.id == scope.id))).one_or_none()
    if row is None:
        return None
    query = sa.select(businesses.c.id).where(~businesses.c.archived)
    if not row.all_businesses:
        query = query.where(businesses.c.id.in_(row.business_ids))
    members = (await tx.execute(query)).scalars()
    return ScopeInfo(scope, row.name, row.time_zone, frozenset(members))
