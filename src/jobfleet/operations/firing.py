"""Fire schedules as their time comes: every server with an engine looks, and each moment is one server's."""

import asyncio

import msgspec
import structlog

from jobfleet.engine.service import nudge
from jobfleet.engine.tell import tell_schedule_failed
from jobfleet.model.audit import Access
from jobfleet.model.caller import Caller, Origin
from jobfleet.model.errors import InternalError, JobfleetError, ScopeNotFoundError, UnavailableError
from jobfleet.model.job import LaunchMode, StartedJob
from jobfleet.model.messages import message_of
from jobfleet.model.schedule import MAX_QUEUED, Fire, FireState, Overlap, Schedule, due, is_told
from jobfleet.model.template import NewPlanJob
from jobfleet.operations.platform import Platform
from jobfleet.operations.schedule_values import open_values
from jobfleet.operations.start_plan import accept_plan
from jobfleet.store import fires, inventory, people, schedules
from jobfleet.store.database import Transaction

AT_ONCE = 4
"""So many schedules one server fires side by side."""

LOOK_S = 1.0
"""Most time between two looks, for what was enabled meanwhile or is somebody else's who died."""

PAUSE_S = 0.02
"""Least time between two looks, while another server is about what is due."""

PUT_OFF_MS = 60_000
"""When a schedule is looked at again whose moments cannot even be told."""

QUEUE_LOOK_MS = 1_000
"""How often a fire that waits for the job before it looks whether that is over."""

_log = structlog.get_logger()


async def keep_time(platform: Platform) -> None:
    """Fire what is due, for ever; a moment is not waited for longer than until it comes.

    Source: docs/reference/schedules.md, «Firing».
    """
    while True:
        try:
            wait_s = await _until_next(platform)
            if wait_s <= 0:
                await fire_due(platform)
        except* UnavailableError as errors:
            _log.warning("put off", what="schedules", reason=str(errors.exceptions[0]))
            wait_s = LOOK_S
        except* Exception:  # noqa: BLE001 - the edge of the loop: the next look tries again
            _log.exception("failed", what="schedules")
            wait_s = LOOK_S
        await asyncio.sleep(max(PAUSE_S, wait_s))


async def _until_next(platform: Platform) -> float:
    """Return how long nothing is due, at most LOOK_S; 0 or less when something is."""
    ctx = platform.engine
    async with ctx.db.begin() as tx:
        at = await schedules.next_look(tx)
    return LOOK_S if at is None else min(LOOK_S, (at - ctx.clock()) / 1000)


async def fire_due(platform: Platform) -> None:
    """Fire every schedule whose time has come, unless another server is about it.

    Raises:
        ExceptionGroup: Of UnavailableError, the database went away: what was not stored is due as before.
    """
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(_fire_until_none(platform))


async def _fire_until_none(platform: Platform) -> None:
    while await _fire_next(platform):
        pass


async def _fire_next(platform: Platform) -> bool:
    """Look after one schedule that is due; tell whether there was one."""
    ctx, schedule = platform.engine, None
    try:
        async with ctx.db.begin() as tx:
            schedule = await schedules.claim_due(tx, ctx.clock())
            started = [] if schedule is None else await _Turn(tx, platform, schedule).go()
    except UnavailableError:
        raise
    except Exception:  # a fault of ours must neither stop the others nor come again every second
        if schedule is None:
            raise
        _log.exception("schedule failed", schedule_id=schedule.id)
        started = await _give_up(platform, schedule)
    for job in started:
        await nudge(ctx.bus, job.job_id)
    return schedule is not None


async def _give_up(platform: Platform, schedule: Schedule) -> list[StartedJob]:
    """Record that what is due of a schedule cannot start, as the fault left nothing behind."""
    try:
        async with platform.engine.db.begin() as tx:
            again = await schedules.get(tx, schedule.scope, schedule.id, lock=True)
            return await _Turn(tx, platform, again, refusal=InternalError()).go()
    except UnavailableError:
        raise
    except Exception:  # noqa: BLE001 - not even its moments can be told, and the others must go on
        _log.exception("schedule put off", schedule_id=schedule.id)
    async with platform.engine.db.begin() as tx:
        await schedules.put_off(tx, schedule.id, platform.engine.clock() + PUT_OFF_MS)
    return []


class _Turn:
    """Do all that is due of one schedule, inside the transaction that holds it.

    With a `refusal` nothing is started, and it is recorded why.
    """

    def __init__(
        self, tx: Transaction, platform: Platform, schedule: Schedule, refusal: JobfleetError | None = None
    ) -> None:
        self._tx = tx
        self._platform = platform
        self._schedule = schedule
        self._refusal = refusal
        self._now = platform.engine.clock()
        self._started: list[StartedJob] = []

    async def go(self) -> list[StartedJob]:
        """Return the jobs that were started; the engine is to be nudged for them after the commit."""
        if await inventory.find_scope(self._tx, self._schedule.scope) is None:
            await self._retire()
            return []
        for waiting in await fires.list_queued(self._tx, self._schedule.id):
            await self._take(waiting.id, waiting, has_waited=True)
        if self._schedule.next_fire_at is not None:
            await self._fire(self._schedule.next_fire_at)
        await self._go_on()
        return self._started

    async def _fire(self, next_at: int) -> None:
        found = due(self._schedule.timing, next_at, self._now)
        missed = [self._fire_at(at, FireState.MISSED, "no server was there") for at in found.missed]
        if missed and found.has_more_missed:
            missed[-1] = msgspec.structs.replace(missed[-1], message="no server was there, nor at moments after this")
        await fires.insert_all(self._tx, missed)
        for at in found.firing:
            waiting = self._fire_at(at, FireState.QUEUED)
            fire_id = await fires.insert(self._tx, waiting)
            if fire_id is not None:
                await self._take(fire_id, waiting, has_waited=False)
        is_over = found.next_at is None
        self._change(next_fire_at=found.next_at, enabled=self._schedule.enabled and not is_over)

    async def _take(self, fire_id: int, fire: Fire, *, has_waited: bool) -> None:
        """Start a fire when its turn has come; let it wait, or skip it, when the job before it still runs."""
        overlap = self._schedule.overlap
        if overlap is Overlap.ALLOW or not await fires.is_busy(self._tx, self._schedule.id):
            await fires.finish(self._tx, fire_id, await self._start(fire))
        elif overlap is Overlap.SKIP:
            await self._skip(fire_id, fire, "the job before still runs")
        elif not has_waited and len(await fires.list_queued(self._tx, self._schedule.id)) > MAX_QUEUED:
            await self._skip(fire_id, fire, f"{MAX_QUEUED} others wait already")

    async def _skip(self, fire_id: int, fire: Fire, message: str) -> None:
        skipped = msgspec.structs.replace(fire, state=FireState.SKIPPED, message=message, at=self._now)
        await fires.finish(self._tx, fire_id, skipped)

    async def _start(self, fire: Fire) -> Fire:
        """Start the plan, and return what became of the fire."""
        caller = await self._modifier()
        try:
            async with self._tx.begin_nested():
                started = await self._accept(caller)
        except UnavailableError:
            raise
        except JobfleetError as error:
            return await self._failed(fire, error, caller.language)
        self._started.append(started)
        self._change(failures=0, failure_code=0)
        return msgspec.structs.replace(fire, state=FireState.STARTED, job_id=started.job_id, at=self._now)

    async def _accept(self, caller: Caller) -> StartedJob:
        if self._refusal is not None:
            raise self._refusal
        return await accept_plan(self._tx, self._platform, caller, new_job(self._platform, self._schedule))

    async def _modifier(self) -> Caller:
        """Return who a schedule fires as, with the roles of this moment; somebody who is gone or disabled has none."""
        name, by_itself = self._schedule.modifier, Origin(Access.SCHEDULE)
        person = await people.find_person(self._tx, name)
        if person is None or person.disabled:
            return Caller(name, "", platform_admin=False, grants=(), origin=by_itself)
        roles = person.platform_admin, person.grants, person.language, person.platform_role
        return Caller(name, "", *roles, origin=by_itself)

    async def _failed(self, fire: Fire, error: JobfleetError, language: str) -> Fire:
        code, message = error.code, message_of(error, language)
        before = self._schedule.failures if self._schedule.failure_code == code else 0
        if is_told(before):
            await tell_schedule_failed(
                self._tx, self._platform.engine, self._schedule, fire.scheduled_at, (code, message), self._now
            )
        self._change(failures=before + 1, failure_code=code)
        return msgspec.structs.replace(fire, state=FireState.FAILED, code=code, message=message, at=self._now)

    async def _retire(self) -> None:
        """Disable a schedule whose business was archived."""
        message = "the business is archived"
        await fires.skip_queued(self._tx, self._schedule.id, message, self._now)
        if self._schedule.next_fire_at is not None:
            skipped = self._fire_at(self._schedule.next_fire_at, FireState.SKIPPED, message)
            code = ScopeNotFoundError.code
            await fires.insert_all(self._tx, [msgspec.structs.replace(skipped, code=code)])
        self._change(enabled=False, next_fire_at=None)
        await schedules.set_course(self._tx, self._schedule, None)

    async def _go_on(self) -> None:
        """Store when the schedule is looked at next: at its next moment, or soon while fires wait for their turn."""
        looks = [] if self._schedule.next_fire_at is None else [self._schedule.next_fire_at]
        if await fires.list_queued(self._tx, self._schedule.id):
            looks.append(self._now + QUEUE_LOOK_MS)
        await schedules.set_course(self._tx, self._schedule, min(looks, default=None))

    def _fire_at(self, at: int, state: FireState, message: str = "") -> Fire:
        return Fire(self._schedule.id, at, state, self._schedule.modifier, self._now, message=message)

    def _change(self, **changes: object) -> None:
        self._schedule = msgspec.structs.replace(self._schedule, **changes)


def new_job(platform: Platform, schedule: Schedule) -> NewPlanJob:
    """Return the run of a plan that a schedule asks for."""
    values = open_values(platform.engine.sealer, schedule)
    mode = LaunchMode.SCHEDULE
    return NewPlanJob(schedule.scope, schedule.plan_id, values=values, launch_mode=mode, name=schedule.name)
