"""Queries over the fires of schedules: one row a moment, so that several servers never fire twice."""

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.schedule import Fire, FireState
from jobfleet.model.status import FINISHED
from jobfleet.store.database import Transaction
from jobfleet.store.tables import jobs
from jobfleet.store.tables import schedule_fires as fires

LOOKED_BACK = 20
"""So many of a schedule's latest jobs are looked at when it is asked whether one still runs."""


async def insert(tx: Transaction, fire: Fire) -> int | None:
    """Store a fire; return its id, or None when its moment is there already."""
    statement = pg_insert(fires).values(_values(fire)).on_conflict_do_nothing().returning(fires.c.id)
    found = (await tx.execute(statement)).scalar_one_or_none()
    return None if found is None else int(found)


async def insert_all(tx: Transaction, new: Iterable[Fire]) -> None:
    """Store fires whose moments are not there yet."""
    rows = [_values(fire) for fire in new]
    if rows:
        await tx.execute(pg_insert(fires).on_conflict_do_nothing(), rows)


async def finish(tx: Transaction, fire_id: int, ended: Fire) -> None:
    """Store what became of a fire that waited for its turn."""
    await tx.execute(sa.update(fires).where(fires.c.id == fire_id).values(_values(ended)))


async def list_queued(tx: Transaction, schedule_id: int) -> list[Fire]:
    """Return a schedule's fires that wait for their turn, oldest first."""
    query = sa.select(fires).where(fires.c.schedule_id == schedule_id, fires.c.state == FireState.QUEUED.value)
    return [_fire(row) for row in await tx.execute(query.order_by(fires.c.id))]


async def skip_queued(tx: Transaction, schedule_id: int, message: str, now: int) -> None:
    """Give up the fires of a schedule that wait for their turn."""
    await tx.execute(
        sa.update(fires)
        .where(fires.c.schedule_id == schedule_id, fires.c.state == FireState.QUEUED.value)
        .values(state=FireState.SKIPPED.value, message=message, at=now)
    )


async def is_busy(tx: Transaction, schedule_id: int) -> bool:
    """Tell whether a job that a schedule started lately is not over."""
    latest = (
        sa.select(fires.c.job_id)
        .where(fires.c.schedule_id == schedule_id, fires.c.job_id.is_not(None))
        .order_by(fires.c.job_id.desc())
        .limit(LOOKED_BACK)
    )
    ids = list((await tx.execute(latest)).scalars())
    running = sa.select(jobs.c.id).where(jobs.c.id.in_(ids), jobs.c.status.not_in([int(one) for one in FINISHED]))
    return bool(ids) and (await tx.execute(running.limit(1))).one_or_none() is not None


async def list_of_schedule(tx: Transaction, schedule_id: int, *, start: int, length: int) -> tuple[int, list[Fire]]:
    """Return how many fires are remembered of a schedule, and a page of them, latest moment first."""
    mine = fires.c.schedule_id == schedule_id
    total = (await tx.execute(sa.select(sa.func.count()).select_from(fires).where(mine))).scalar_one()
    query = sa.select(fires).where(mine).order_by(fires.c.scheduled_at.desc(), fires.c.id.desc())
    return int(total), [_fire(row) for row in await tx.execute(query.offset(start).limit(length))]


async def list_latest(tx: Transaction, schedule_ids: Collection[int], each: int) -> dict[int, list[Fire]]:
    """Return the latest fires of schedules, by their ids, latest moment first; at most so many of each."""
    ids = sa.select(sa.func.unnest(sa.cast(list(schedule_ids), ARRAY(sa.BigInteger))).label("id")).subquery()
    latest = sa.select(fires).where(fires.c.schedule_id == ids.c.id)
    latest = latest.order_by(fires.c.scheduled_at.desc(), fires.c.id.desc()).limit(each)
    lateral = latest.lateral()
    found: dict[int, list[Fire]] = {}
    for row in await tx.execute(sa.select(lateral).select_from(ids.join(lateral, sa.true()))):
        found.setdefault(row.schedule_id, []).append(_fire(row))
    return found


async def delete_before(tx: Transaction, ended_before: int) -> None:
    """Forget fires that were over before a moment (epoch ms)."""
    await tx.execute(sa.delete(fires).where(fires.c.at < ended_before, fires.c.state != FireState.QUEUED.value))


def _values(fire: Fire) -> dict[str, Any]:
    return {
        "schedule_id": fire.schedule_id,
        "scheduled_at": fire.scheduled_at,
        "manual": fire.manual,
        "state": fire.state.value,
        "operator": fire.operator,
        "job_id": fire.job_id,
        "code": fire.code,
        "message": fire.message,
        "at": fire.at,
    }


def _fire(row: Any) -> Fire:
    return Fire(
        schedule_id=row.schedule_id,
        scheduled_at=row.scheduled_at,
        state=FireState(row.state),
        operator=row.operator,
        at=row.at,
        job_id=row.job_id,
        code=row.code,
        message=row.message,
        manual=row.manual,
        id=row.id,
    )
