"""Callbacks: who is to be told that a job ended; the outbox delivers them."""

import msgspec
import sqlalchemy as sa

from jobfleet.model.callback import Outcome
from jobfleet.store.database import Transaction
from jobfleet.store.tables import callbacks


async def insert(tx: Transaction, job_id: int, url: str, outcome: Outcome, now: int) -> None:
    """Note that a job ended and who wants to be told."""
    await tx.execute(
        sa.insert(callbacks).values(
            job_id=job_id, url=url, outcome=msgspec.to_builtins(outcome), due_at=now, created_at=now
        )
    )
