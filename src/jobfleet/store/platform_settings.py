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


class Chosen(msgspec.Struct, frozen=True):
    """Tell who set a setting, and when (epoch milliseconds); None where that was not written down."""

    modifier: str | None = None
    modified_at: int | None = None


async def list_set(tx: Transaction) -> dict[str, Chosen]:
    """Return by whom the settings were set that were."""
    query = sa.select(table.c.name, table.c.modifier, table.c.modified_at)
    rows = await tx.execute(query.where(table.c.name.startswith(_PREFIX, autoescape=True)))
    return {row.name.removeprefix(_PREFIX): Chosen(row.modifier, row.modified_at) for row in rows}


async def put(tx: Transaction, name: str, value: object, chosen: Chosen) -> None:
    """Keep a value of a setting, and who set it."""
    statement = insert(table).values(name=_PREFIX + name, value=value, **msgspec.structs.asdict(chosen))
    kept = {each: statement.excluded[each] for each in ("value", "modifier", "modified_at")}
    await tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_=kept))


async def reset(tx: Transaction, name: str) -> None:
    """Forget the value of a setting."""
    await tx.execute(sa.delete(table).where(table.c.name == _PREFIX + name))


async def _stored(tx: Transaction) -> dict[str, Any]:
    query = sa.select(table.c.name, table.c.value).where(table.c.name.startswith(_PREFIX, autoescape=True))
    return {row.name.removeprefix(_PREFIX): row.value for row in await tx.execute(query)}
