"""Script contents, sealed, each stored once."""

from collections.abc import Collection

from sqlalchemy import Text, and_, any_, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.job_id import DAY_MS
from jobfleet.store.database import Transaction
from jobfleet.store.tables import contents

NOTED_EVERY_MS = DAY_MS
"""How exactly it is known when a content was used last."""


async def insert(tx: Transaction, content_hash: str, sealed: bytes, now: int) -> None:
    """Store a sealed content under the SHA-256 of its clear bytes (hex), or note that it is used again."""
    statement = pg_insert(contents).values(hash=content_hash, data=sealed, used_at=now)
    await tx.execute(statement.on_conflict_do_nothing())
    # Not every time: whoever runs the same script would have to wait for the other's transaction.
    stale = and_(contents.c.hash == content_hash, contents.c.used_at < now - NOTED_EVERY_MS)
    await tx.execute(update(contents).where(stale).values(used_at=now))


async def find_some(tx: Transaction, hashes: Collection[str], most_bytes: int) -> dict[str, bytes]:
    """Return those of some sealed contents that are here and not larger than `most_bytes`."""
    wanted = contents.c.hash == any_(cast(list(hashes), ARRAY(Text)))
    query = select(contents.c.hash, contents.c.data).where(wanted, func.octet_length(contents.c.data) <= most_bytes)
    return {row.hash: row.data for row in await tx.execute(query)}


async def find(tx: Transaction, content_hash: str) -> bytes | None:
    """Return a sealed content or None."""
    return (await tx.execute(select(contents.c.data).where(contents.c.hash == content_hash))).scalar_one_or_none()
