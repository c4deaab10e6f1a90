"""The servers that run, by their own word."""

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.job_id import DAY_MS
from jobfleet.store.database import Transaction
from jobfleet.store.tables import server_presences

FORGOTTEN_MS = DAY_MS
"""How long a server is remembered that says nothing any more."""


class Presence(msgspec.Struct, frozen=True):
    """Tell of a server; times are epoch milliseconds, `disk_…` is the disk on which it keeps files."""

    id: str
    host: str
    role: str
    version: str
    started_at: int
    seen_at: int
    disk_free_bytes: int
    disk_total_bytes: int


async def put(tx: Transaction, presence: Presence) -> None:
    """Note that a server runs, and forget those that have been silent for long."""
    values = msgspec.structs.asdict(presence)
    statement = pg_insert(server_presences).values(values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    long_ago = server_presences.c.seen_at < presence.seen_at - FORGOTTEN_MS
    await tx.execute(sa.delete(server_presences).where(long_ago))


async def delete(tx: Transaction, server_id: str) -> None:
    """Forget a server that ends."""
    await tx.execute(sa.delete(server_presences).where(server_presences.c.id == server_id))


async def list_all(tx: Transaction) -> list[Presence]:
    """Return the servers that said something within FORGOTTEN_MS, the oldest first."""
    columns = [server_presences.c[name] for name in Presence.__struct_fields__]
    query = sa.select(*columns).order_by(server_presences.c.started_at, server_presences.c.id)
    return [Presence(*row) for row in await tx.execute(query)]
