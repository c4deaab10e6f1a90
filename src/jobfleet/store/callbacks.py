"""Callbacks: who is to be told that a job ended, and how far that is."""

import msgspec
import sqlalchemy as sa

from jobfleet.model.callback import Outcome
from jobfleet.store.database import Transaction, raw
from jobfleet.store.tables import callbacks


class DueCallback(msgspec.Struct, frozen=True):
    """Describe a callback that this server has taken to deliver; `tries` counts the earlier ones."""

    id: int
    job_id: int
    url: str
    outcome: Outcome
    tries: int


async def insert(tx: Transaction, job_id: int, url: str, outcome: Outcome, now: int) -> None:
    """Note that a job ended and who wants to be told."""
    await tx.execute(
        sa.insert(callbacks).values(
            job_id=job_id, url=url, outcome=msgspec.to_builtins(outcome), due_at=now, created_at=now
        )
    )


async def claim_due(tx: Transaction, now: int, *, lease_ms: int, limit: int) -> list[DueCallback]:
    """Take callbacks that are due; other servers leave them alone for `lease_ms`."""
    rows = await (await raw(tx)).fetch(
        """
        UPDATE callback SET due_at = $1 + $2, tries = tries + 1 WHERE id IN (
            SELECT id FROM callback WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
        RETURNING id, job_id, url, outcome::text, tries
        """,
        now,
        lease_ms,
        limit,
    )
    return [
        DueCallback(row[0], row[1], row[2], msgspec.json.decode(row[3], type=Outcome), row[4] - 1)
        for row in sorted(rows)
    ]


async def put_off(tx: Transaction, callback_id: int, due_at: int, reason: str) -> None:
    """Try a callback again at a moment (epoch ms), for a reason."""
    await tx.execute(sa.update(callbacks).where(callbacks.c.id == callback_id).values(due_at=due_at, reason=reason))


async def finish(tx: Transaction, callback_id: int, now: int, *, delivered: bool, reason: str) -> None:
    """Note that a callback was delivered, or given up for a reason."""
    await tx.execute(
        sa.update(callbacks)
        .where(callbacks.c.id == callback_id, callbacks.c.due_at.is_not(None))
        .values(due_at=None, ended_at=now, delivered=delivered, reason=reason)
    )


async def delete_before(tx: Transaction, ended_before: int) -> None:
    """Forget callbacks that ended before a moment (epoch ms)."""
    await tx.execute(sa.delete(callbacks).where(callbacks.c.ended_at < ended_before))
