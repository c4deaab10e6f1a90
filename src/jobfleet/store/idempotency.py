"""Idempotency keys: the same request of the same caller starts one job."""

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.job import StartedJob
from jobfleet.store.database import Transaction
from jobfleet.store.tables import idempotency_keys as keys


class KeptAnswer(msgspec.Struct, frozen=True):
    """Keep what a key was first used for and what was answered."""

    request_hash: bytes
    started: StartedJob


async def reserve(tx: Transaction, caller: str, key: str, request_hash: bytes, now: int) -> KeptAnswer | None:
    """Take a key for this transaction, or return what it was used for before.

    A second request with the key waits here until the first one's transaction is over.
    """
    reserved = await tx.execute(
        pg_insert(keys)
        .values(caller=caller, key=key, request_hash=request_hash, job_id=0, step_id=0, name="", created_at=now)
        .on_conflict_do_nothing()
        .returning(keys.c.key)
    )
    if reserved.one_or_none() is not None:
        return None
    row = (await tx.execute(sa.select(keys).where(keys.c.caller == caller, keys.c.key == key))).one()
    return KeptAnswer(bytes(row.request_hash), StartedJob(row.job_id, row.name, row.step_id))


async def keep(tx: Transaction, caller: str, key: str, started: StartedJob) -> None:
    """Note which job a reserved key started."""
    await tx.execute(
        sa.update(keys)
        .where(keys.c.caller == caller, keys.c.key == key)
        .values(job_id=started.job_id, step_id=started.step_id, name=started.name)
    )


async def delete_before(tx: Transaction, created_before: int) -> None:
    """Forget keys that are older than a moment (epoch ms)."""
    await tx.execute(sa.delete(keys).where(keys.c.created_at < created_before))
