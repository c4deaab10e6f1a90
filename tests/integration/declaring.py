"""Declared states that are applied, and what is there then."""

import pytest
import sqlalchemy as sa

from jobfleet.model.declared import parse_state
from jobfleet.model.difference import Change, Effect
from jobfleet.model.errors import DeclarationError
from jobfleet.operations.declare import apply_state
from jobfleet.store.database import Database


async def apply(db: Database, text: str, *, dry_run: bool = False) -> list[Change]:
    return await apply_state(db, parse_state(text), dry_run=dry_run)


def effects(changes: list[Change]) -> set[Effect]:
    return {change.effect for change in changes}


async def rows(db: Database, table: sa.Table, *names: str) -> list[tuple[object, ...]]:
    async with db.begin() as tx:
        columns = [table.c[name] for name in names]
        return [tuple(row) for row in await tx.execute(sa.select(*columns).order_by(*table.primary_key))]


async def mistakes_of(db: Database, text: str) -> tuple[str, ...]:
    with pytest.raises(DeclarationError) as caught:
        await apply(db, text)
    return caught.value.mistakes
