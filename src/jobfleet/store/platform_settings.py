"""Queries over the settings of the platform."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from jobfleet.model.platform_settings import PlatformSettings
from jobfleet.store.database import Transaction
from jobfleet.store.tables import platform_settings as table

_PREFIX = "setting."
"""Stands before the names of settings: others than administrators' choices are in the table too."""


async def load(tx: Transaction) -> PlatformSettings:
    """Return what the platform is set to; whoever starts, lists or uploads something asks anew."""
    return msgspec.convert(await _stored(tx), PlatformSettings)


async def list_set(tx: Transaction) -> frozenset[str]:
    """Return the names of the settings that were set."""
    return frozenset(await _stored(tx))


async def put(tx: Transaction, name: str, value: object) -> None:
    """Keep a value of a setting."""
    statement = insert(table).values(name=_PREFIX + name, value=value)
    kept = {"value": statement.excluded.value}
    await tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_=kept))


async def reset(tx: Transaction, name: str) -> None:
    """Forget the value of a setting."""
    await tx.execute(sa.delete(table).where(table.c.name == _PREFIX + name))


async def _stored(tx: Transaction) -> dict[str, Any]:
    query = sa.select(table.c.name, table.c.value).where(table.c.name.startswith(_PREFIX, autoescape=True))
    return {row.name.removeprefix(_PREFIX): row.value for row in await tx.execute(query)}
