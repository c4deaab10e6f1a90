"""Queries over events: what is remembered of every change of status."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from jobfleet.model.event import Event, EventKind
from jobfleet.store.database import Transaction
from jobfleet.store.tables import events


async def insert(tx: Transaction, happened: Iterable[Event]) -> None:
    """Remember events; call it in the transaction that makes the change."""
    rows = [
        {
            "job_id": event.job_id,
            "at": event.at,
            "kind": event.kind,
            "step_id": event.step_id,
            "task_ids": None if event.task_ids is None else list(event.task_ids),
            "from_status": event.from_status,
            "to_status": event.to_status,
            "actor": event.actor,
            "detail": event.detail,
        }
        for event in happened
    ]
    if rows:
        await tx.execute(sa.insert(events), rows)


async def list_of_steps(tx: Transaction, job_id: int, limit: int) -> list[Event]:
    """Return the latest events of a job and its steps, not of single hosts, in the order in which they happened."""
    wanted = sa.select(events).where(events.c.job_id == job_id, events.c.task_ids.is_(None))
    found = await tx.execute(wanted.order_by(events.c.id.desc()).limit(limit))
    return [_event(row) for row in found][::-1]


async def find_step_move(tx: Transaction, job_id: int, step_id: int, to_status: int) -> Event | None:
    """Return how a step came to a status the last time."""
    wanted = sa.select(events).where(
        events.c.job_id == job_id, events.c.step_id == step_id, events.c.to_status == to_status
    )
    row = (await tx.execute(wanted.order_by(events.c.id.desc()).limit(1))).one_or_none()
    return None if row is None else _event(row)


def _event(row: sa.Row[Any]) -> Event:
    return Event(
        job_id=row.job_id,
        at=row.at,
        kind=EventKind(row.kind),
        actor=row.actor,
        step_id=row.step_id,
        task_ids=None if row.task_ids is None else tuple(row.task_ids),
        from_status=row.from_status,
        to_status=row.to_status,
        detail=row.detail,
    )
