"""Queries over batches: the portions in which a step rolls over its targets."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from jobfleet.model.status import RunStatus
from jobfleet.store.database import Transaction
from jobfleet.store.tables import batches


class Batch(msgspec.Struct, frozen=True):
    """Describe one batch of one attempt; `number` counts from 1, `start_at` is set when the clock starts it."""

    number: int
    status: RunStatus
    size: int
    start_at: int | None
    started_at: int | None
    ended_at: int | None
    total_ms: int | None


class StepKey(msgspec.Struct, frozen=True):
    """Name an attempt of a step."""

    job_id: int
    step_id: int
    attempt: int


async def insert(tx: Transaction, key: StepKey, sizes: Sequence[int], starts_at: Sequence[int | None]) -> None:
    """Store the batches of an attempt, all pending."""
    rows = [
        {
            "job_id": key.job_id,
            "step_id": key.step_id,
            "attempt": key.attempt,
            "number": number,
            "status": RunStatus.PENDING,
            "size": size,
            "start_at": start_at,
        }
        for number, (size, start_at) in enumerate(zip(sizes, starts_at, strict=True), 1)
    ]
    if rows:
        await tx.execute(sa.insert(batches), rows)


async def list_of(tx: Transaction, key: StepKey) -> list[Batch]:
    """Return the batches of an attempt in order."""
    found = await tx.execute(sa.select(batches).where(_of(key)).order_by(batches.c.number))
    return [
        Batch(row.number, RunStatus(row.status), row.size, row.start_at, row.started_at, row.ended_at, row.total_ms)
        for row in found
    ]


async def copy_finished(tx: Transaction, key: StepKey, before: int) -> None:
    """Give the batches below `before` in a new attempt the state that they had in the attempt before."""
    old = batches.alias()
    await tx.execute(
        sa.update(batches)
        .where(
            _of(key),
            batches.c.number < before,
            old.c.job_id == key.job_id,
            old.c.step_id == key.step_id,
            old.c.attempt == key.attempt - 1,
            old.c.number == batches.c.number,
        )
        .values(status=old.c.status, started_at=old.c.started_at, ended_at=old.c.ended_at, total_ms=old.c.total_ms)
    )


async def start(tx: Transaction, key: StepKey, number: int, now: int) -> None:
    """Note that a batch starts."""
    await tx.execute(
        sa.update(batches).where(_of(key), batches.c.number == number).values(status=RunStatus.RUNNING, started_at=now)
    )


async def finish(tx: Transaction, key: StepKey, number: int, status: RunStatus, now: int) -> None:
    """Note how a batch ended."""
    await tx.execute(
        sa.update(batches)
        .where(_of(key), batches.c.number == number)
        .values(status=status, ended_at=now, total_ms=now - sa.func.coalesce(batches.c.started_at, now))
    )


async def finish_running(tx: Transaction, key: StepKey, status: RunStatus, now: int) -> None:
    """Note how the batches that run ended."""
    await tx.execute(
        sa.update(batches)
        .where(_of(key), batches.c.status == RunStatus.RUNNING)
        .values(status=status, ended_at=now, total_ms=now - sa.func.coalesce(batches.c.started_at, now))
    )


async def set_status(tx: Transaction, key: StepKey, number: int, status: RunStatus) -> None:
    """Change what a finished batch counts as."""
    await tx.execute(sa.update(batches).where(_of(key), batches.c.number == number).values(status=status))


def _of(key: StepKey) -> sa.ColumnElement[bool]:
    return sa.and_(batches.c.job_id == key.job_id, batches.c.step_id == key.step_id, batches.c.attempt == key.attempt)
