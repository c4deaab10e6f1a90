"""Queries over schedules; their values are sealed by whoever calls."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.resource_errors import ScheduleNotFoundError
from jobfleet.model.schedule import Overlap, Schedule, Timing
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.store.database import Transaction
from jobfleet.store.tables import schedules


class ScheduleFilter(msgspec.Struct, frozen=True):
    """Narrow a list of schedules; None and "" mean no filter, and an `id` that is given is the only one.

    Spans are inclusive, epoch milliseconds. `name` is a part of the name; with `failing` those that failed last, and
    with `fires_before` (epoch ms) those that fire before that moment.
    """

    id: int | None = None
    name: str = ""
    enabled: bool | None = None
    plan_id: int | None = None
    creator: str = ""
    modifier: str = ""
    created: tuple[int, int] | None = None
    modified: tuple[int, int] | None = None
    failing: bool = False
    fires_before: int | None = None


class ScheduleOrder(StrEnum):
    """Say which schedules come first: changed last, to fire next (those that never will at the end), failed most."""

    CHANGED = "changed"
    NEXT = "next"
    FAILURES = "failures"


async def fresh_id(tx: Transaction) -> int:
    """Return an id that no schedule has yet."""
    return int((await tx.execute(sa.text("SELECT nextval('schedule_id_seq')"))).scalar_one())


async def insert(tx: Transaction, schedule: Schedule) -> bool:
    """Store a new schedule; False when the scope has one of this name."""
    statement = pg_insert(schedules).values(_values(schedule)).on_conflict_do_nothing().returning(schedules.c.id)
    return (await tx.execute(statement)).one_or_none() is not None


async def update(tx: Transaction, schedule: Schedule) -> bool:
    """Store what has changed in a schedule; False when another one of the scope has its name."""
    try:
        async with tx.begin_nested():
            await tx.execute(sa.update(schedules).where(schedules.c.id == schedule.id).values(_values(schedule)))
    except sa.exc.IntegrityError:
        return False
    return True


async def delete(tx: Transaction, schedule_id: int) -> None:
    """Remove a schedule and what is remembered of its fires; the jobs stay."""
    await tx.execute(sa.delete(schedules).where(schedules.c.id == schedule_id))


async def get(tx: Transaction, scope: Scope, schedule_id: int, *, lock: bool = False) -> Schedule:
    """Return a schedule of a scope; with `lock` it is held until the transaction ends.

    Raises:
        ScheduleNotFoundError: No schedule has this id in the scope; a foreign one looks the same as none.
    """
    query = sa.select(schedules).where(_of(scope), schedules.c.id == schedule_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise ScheduleNotFoundError
    return _schedule(row)


async def find_scope_of(tx: Transaction, schedule_id: int) -> Scope | None:
    """Return the scope that a schedule belongs to, or None when there is no such schedule."""
    query = sa.select(schedules.c.scope_type, schedules.c.scope_id).where(schedules.c.id == schedule_id)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else Scope(ScopeType(row.scope_type), row.scope_id)


async def list_of_scope(
    tx: Transaction,
    scope: Scope,
    wanted: ScheduleFilter,
    *,
    start: int,
    length: int,
    order: ScheduleOrder = ScheduleOrder.CHANGED,
) -> tuple[int, list[Schedule]]:
    """Return how many schedules of a scope there are, and a page of them, those of equal place by falling ids."""
    mine = sa.and_(_of(scope), *_conditions(wanted))
    total = (await tx.execute(sa.select(sa.func.count()).select_from(schedules).where(mine))).scalar_one()
    ordered = sa.select(schedules).where(mine).order_by(_ORDERS[order], schedules.c.id.desc())
    return int(total), [_schedule(row) for row in await tx.execute(ordered.offset(start).limit(length))]


async def claim_due(tx: Transaction, now: int) -> Schedule | None:
    """Take a schedule that is to be looked at, until the transaction ends; other servers take others."""
    query = (
        sa.select(schedules)
        .where(schedules.c.look_at <= now)
        .order_by(schedules.c.look_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _schedule(row)


async def next_look(tx: Transaction) -> int | None:
    """Return when the next schedule is to be looked at (epoch ms), or None when there is none."""
    found = (await tx.execute(sa.select(sa.func.min(schedules.c.look_at)))).scalar_one()
    return None if found is None else int(found)


async def set_course(tx: Transaction, schedule: Schedule, look_at: int | None) -> None:
    """Store how a schedule goes on after a fire: enabled or not, its next moment, its failures."""
    await tx.execute(
        sa.update(schedules)
        .where(schedules.c.id == schedule.id)
        .values(
            enabled=schedule.enabled,
            next_fire_at=schedule.next_fire_at,
            look_at=look_at,
            failures=schedule.failures,
            failure_code=schedule.failure_code,
        )
    )


async def put_off(tx: Transaction, schedule_id: int, look_at: int) -> None:
    """Look at a schedule that is due at a later moment (epoch ms)."""
    is_due = schedules.c.look_at < look_at
    await tx.execute(sa.update(schedules).where(schedules.c.id == schedule_id, is_due).values(look_at=look_at))


_ORDERS: Mapping[ScheduleOrder, sa.ColumnElement[Any]] = {
    ScheduleOrder.CHANGED: schedules.c.modified_at.desc(),
    ScheduleOrder.NEXT: schedules.c.next_fire_at.asc().nulls_last(),
    ScheduleOrder.FAILURES: schedules.c.failures.desc(),
}


def _conditions(wanted: ScheduleFilter) -> list[sa.ColumnElement[bool]]:
    if wanted.id is not None:
        return [schedules.c.id == wanted.id]
    found: list[sa.ColumnElement[bool]] = []
    if wanted.plan_id is not None:
        found.append(schedules.c.plan_id == wanted.plan_id)
    if wanted.name:
        found.append(schedules.c.name.icontains(wanted.name, autoescape=True))
    if wanted.enabled is not None:
        found.append(schedules.c.enabled == wanted.enabled)
    if wanted.fires_before is not None:
        found.append(schedules.c.next_fire_at < wanted.fires_before)
    if wanted.failing:
        found.append(schedules.c.failures > 0)
    exact = {schedules.c.creator: wanted.creator, schedules.c.modifier: wanted.modifier}
    found += [column == value for column, value in exact.items() if value]
    spans = {schedules.c.created_at: wanted.created, schedules.c.modified_at: wanted.modified}
    return found + [column.between(*span) for column, span in spans.items() if span is not None]


def _of(scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(schedules.c.scope_type == scope.type.value, schedules.c.scope_id == scope.id)


def _values(schedule: Schedule) -> dict[str, Any]:
    values = msgspec.structs.asdict(schedule)
    scope, timing = values.pop("scope"), values.pop("timing")
    return {
        **values,
        **msgspec.structs.asdict(timing),
        "overlap": schedule.overlap.value,
        "scope_type": scope.type.value,
        "scope_id": scope.id,
        "look_at": schedule.next_fire_at,
    }


def _schedule(row: Any) -> Schedule:
    return Schedule(
        id=row.id,
        scope=Scope(ScopeType(row.scope_type), row.scope_id),
        name=row.name,
        plan_id=row.plan_id,
        timing=Timing(row.expression, row.execute_at, row.time_zone, row.end_at),
        overlap=Overlap(row.overlap),
        sealed_values=row.sealed_values,
        enabled=row.enabled,
        creator=row.creator,
        created_at=row.created_at,
        modifier=row.modifier,
        modified_at=row.modified_at,
        next_fire_at=row.next_fire_at,
        failures=row.failures,
        failure_code=row.failure_code,
    )
