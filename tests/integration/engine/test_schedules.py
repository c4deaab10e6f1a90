"""Schedules fire their plans: once, at their moments, as the one who answers for them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs
from tests.integration.engine.plans import make_plan, script
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, now_ms
from tests.waiting import eventually

from jobfleet.model.history import JobFilter
from jobfleet.model.job import JobOperation, LaunchMode
from jobfleet.model.schedule import MAX_QUEUED, MISFIRE_MS, Fire, FireState, Overlap, Schedule
from jobfleet.model.schedule_wish import NewSchedule, ScheduleChange
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import GivenValue, Variable
from jobfleet.model.variable import VariableType
from jobfleet.operations import firing, operate, schedule_query, schedules
from jobfleet.operations.firing import fire_due, keep_time
from jobfleet.operations.platform import Platform
from jobfleet.operations.variables import variable_values
from jobfleet.store import history, jobs, tables
from jobfleet.store.database import Database, raw

MINUTE = 60_000
EVERY_MINUTE = "* * * * *"


@pytest.fixture
async def admin(idle_stage: Stage) -> Stage:
    """Give a stage with a plan's administrator, who is a real user."""
    async with idle_stage.platform.engine.db.begin() as tx:
        await tx.execute(sa.insert(tables.users), {"name": "admin", "platform_admin": True, "language": "en"})
    return idle_stage


class Made(msgspec.Struct, frozen=True):
    """A schedule that is enabled, and its first moment."""

    schedule: Schedule
    first: int

    @property
    def id(self) -> int:
        return self.schedule.id


async def make(
    stage: Stage, name: str = "nightly", plan_id: int = 0, *, at: int | None = None, **changes: object
) -> Made:
    """Store a schedule of a plan on host 1 that fires every minute, and enable it, now or as of a moment."""
    plan_id = plan_id or await make_plan(stage.platform, script(1))
    new = NewSchedule(SCOPE, name, plan_id, expression=EVERY_MINUTE, time_zone="UTC")
    new = msgspec.structs.replace(new, **changes)
    platform = stage.platform if at is None else stage.at(lambda: at)
    view = await schedules.create(platform, ADMIN, new)
    enabled = await schedules.enable(platform, ADMIN, SCOPE, view.schedule.id)
    assert enabled.next_fire_at is not None
    return Made(enabled, enabled.next_fire_at)


async def look(stage: Stage, at: int) -> None:
    """Have a server look at the schedules at a moment."""
    await fire_due(stage.at(lambda: at))


async def fires_of(stage: Stage, made: Made) -> list[Fire]:
    """Return what became of a schedule's moments, earliest first."""
    _, found = await schedule_query.list_fires(stage.platform, ADMIN, SCOPE, made.id, start=0, length=1000)
    return found[::-1]


async def states(stage: Stage, made: Made) -> list[FireState]:
    return [fire.state for fire in await fires_of(stage, made)]


async def now(stage: Stage, made: Made) -> Schedule:
    return (await schedule_query.show(stage.platform, ADMIN, SCOPE, made.id)).schedule


async def end(stage: Stage, fire: Fire) -> None:
    """End a job by hand: no engine runs."""
    assert fire.job_id is not None
    async with stage.platform.engine.db.begin() as tx:
        assert await jobs.move_job(tx, fire.job_id, RunStatus.SUCCEEDED, look_at=None)


async def test_several_servers_fire_each_moment_once(admin: Stage) -> None:
    plan_id = await make_plan(admin.platform, script(1))
    made = [await make(admin, f"schedule {n}", plan_id=plan_id) for n in range(12)]
    moment = max(one.first for one in made)
    servers = [msgspec.structs.replace(admin.at(lambda: moment)), *[await another(admin, moment) for _ in range(2)]]
    await asyncio.gather(*(fire_due(server) for server in servers for _ in range(2)))
    for one in made:
        fired = [fire for fire in await fires_of(admin, one) if fire.scheduled_at == moment]
        assert [fire.state for fire in fired] == [FireState.STARTED]
        job = (await admin.view(fired[0].job_id or 0)).job
        assert (job.plan_id, job.launch_mode, job.operator) == (plan_id, LaunchMode.SCHEDULE, "admin")
        assert job.name == one.schedule.name
        assert (await now(admin, one)).next_fire_at == moment + MINUTE


async def another(stage: Stage, at: int) -> Platform:
    platform = await stage.another_platform()
    ctx = msgspec.structs.replace(platform.engine, clock=lambda: at, sealer=stage.platform.engine.sealer)
    return msgspec.structs.replace(platform, engine=ctx)


async def test_a_server_that_dies_while_it_fires_neither_loses_nor_doubles_the_moment(
    admin: Stage, database_url: str
) -> None:
    made = await make(admin)
    async with nobody_starts_jobs(database_url) as blocked:
        dying = asyncio.create_task(look(admin, made.first))
        await blocked()
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
    assert await fires_of(admin, made) == []
    await fire_due(await another(admin, made.first))
    await look(admin, made.first)
    assert await states(admin, made) == [FireState.STARTED]
    _, found = await list_jobs(admin)
    assert len(found) == 1


async def test_a_server_whose_session_is_cut_fires_at_its_next_look(admin: Stage, database_url: str) -> None:
    made = await make(admin)
    async with nobody_starts_jobs(database_url) as blocked:
        looking = asyncio.create_task(look(admin, made.first))
        pid = await blocked()
        async with admin.platform.engine.db.begin() as tx:
            await tx.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        with pytest.raises(ExceptionGroup, match="unhandled"):
            await looking
    await look(admin, made.first)
    assert await states(admin, made) == [FireState.STARTED]


@asynccontextmanager
async def nobody_starts_jobs(url: str) -> AsyncIterator[Callable[[], "asyncio.Future[int]"]]:
    """Keep jobs from being stored; give what waits until somebody is stuck with one, and tells its session."""
    holder = Database(url)
    async with holder.begin() as tx:
        await tx.execute(sa.text("LOCK TABLE job IN SHARE MODE"))
        yield lambda: asyncio.ensure_future(_stuck(url))
    await holder.close()


async def _stuck(url: str) -> int:
    watcher = Database(url)
    query = "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'job'::regclass"

    async def look() -> int | None:
        async with watcher.begin() as tx:
            found: int | None = await (await raw(tx)).fetchval(query)
        return found

    pid = await eventually(look)
    await watcher.close()
    assert pid is not None
    return pid


async def list_jobs(stage: Stage) -> tuple[int, list[object]]:
    async with stage.platform.engine.db.begin() as tx:
        every = JobFilter(created_from=1, created_to=2**50)
        found = await history.list_jobs(tx, SCOPE, every, start=0, length=100)
    return found.total, list(found.jobs)


async def test_moments_at_which_no_server_was_there_are_missed_and_recorded(admin: Stage) -> None:
    made = await make(admin)
    await look(admin, made.first + 3 * MINUTE + MISFIRE_MS)
    found = await fires_of(admin, made)
    assert [fire.state for fire in found] == [FireState.MISSED] * 3 + [FireState.STARTED] * 2
    assert [fire.scheduled_at for fire in found] == [made.first + n * MINUTE for n in range(5)]
    await look(admin, made.first + 500 * MINUTE)
    assert len(await fires_of(admin, made)) == 5 + 100 + 2
    assert (await now(admin, made)).next_fire_at == made.first + 501 * MINUTE


async def test_what_fires_once_fires_however_late_and_is_disabled(admin: Stage) -> None:
    begun = now_ms()
    at = begun + 5_000
    made = await make(admin, at=begun, expression="", execute_at=at)
    await look(admin, at - 1)
    assert await fires_of(admin, made) == []
    await look(admin, at + 86_400_000)
    assert await states(admin, made) == [FireState.STARTED]
    after = await now(admin, made)
    assert (after.enabled, after.next_fire_at) == (False, None)


async def test_a_schedule_past_its_end_is_disabled(admin: Stage) -> None:
    begun = now_ms()
    first = (begun // MINUTE + 1) * MINUTE
    made = await make(admin, at=begun, end_at=first + MINUTE)
    await look(admin, made.first)
    assert (await now(admin, made)).enabled
    await look(admin, first + MINUTE)
    await look(admin, first + 2 * MINUTE)
    assert not (await now(admin, made)).enabled
    assert (await fires_of(admin, made))[-1].scheduled_at == first + MINUTE


async def test_a_moment_is_skipped_while_the_job_before_runs_where_that_is_wanted(admin: Stage) -> None:
    made = await make(admin, overlap=Overlap.SKIP)
    for n in range(3):
        await look(admin, made.first + n * MINUTE)
    started, *skipped = await fires_of(admin, made)
    assert [fire.state for fire in skipped] == [FireState.SKIPPED] * 2
    await end(admin, started)
    await look(admin, made.first + 3 * MINUTE)
    assert (await states(admin, made))[-1] is FireState.STARTED


async def test_moments_wait_for_their_turn_up_to_a_limit_where_that_is_wanted(admin: Stage) -> None:
    made = await make(admin, overlap=Overlap.QUEUE)
    for n in range(MAX_QUEUED + 2):
        await look(admin, made.first + n * MINUTE)
    found = await states(admin, made)
    assert found == [FireState.STARTED, *[FireState.QUEUED] * MAX_QUEUED, FireState.SKIPPED]
    later = made.first + (MAX_QUEUED + 1) * MINUTE + 5_000
    await look(admin, later)
    assert await states(admin, made) == found
    await end(admin, (await fires_of(admin, made))[0])
    await look(admin, later + 5_000)
    assert (await states(admin, made))[:3] == [FireState.STARTED, FireState.STARTED, FireState.QUEUED]
    await schedules.pause(admin.platform, ADMIN, SCOPE, made.id)
    assert FireState.QUEUED not in await states(admin, made)


async def test_enabling_again_does_not_hold_up_what_waits_for_its_turn(admin: Stage) -> None:
    begun = now_ms()
    made = await make(admin, at=begun, overlap=Overlap.QUEUE)
    for n in range(2):
        await look(admin, made.first + n * MINUTE)
    assert await states(admin, made) == [FireState.STARTED, FireState.QUEUED]
    await schedules.enable(admin.at(lambda: begun), ADMIN, SCOPE, made.id)
    await end(admin, (await fires_of(admin, made))[0])
    await look(admin, begun)
    assert await states(admin, made) == [FireState.STARTED, FireState.STARTED]


async def test_jobs_run_side_by_side_where_nothing_else_is_wanted(admin: Stage) -> None:
    made = await make(admin)
    for n in range(3):
        await look(admin, made.first + n * MINUTE)
    assert await states(admin, made) == [FireState.STARTED] * 3


async def test_a_schedule_fires_with_the_roles_that_its_modifier_has_by_then(admin: Stage) -> None:
    made = await make(admin)
    await look(admin, made.first)
    async with admin.platform.engine.db.begin() as tx:
        await tx.execute(sa.update(tables.users).values(platform_admin=False))
    await look(admin, made.first + MINUTE)
    async with admin.platform.engine.db.begin() as tx:
        await tx.execute(sa.delete(tables.users))
    await look(admin, made.first + 2 * MINUTE)
    started, refused, gone = await fires_of(admin, made)
    assert started.state is FireState.STARTED
    assert [(one.state, one.code, bool(one.message)) for one in (refused, gone)] == [
        (FireState.FAILED, 9900403, True)
    ] * 2
    after = await now(admin, made)
    assert (after.enabled, after.failures, after.failure_code) == (True, 2, 9900403)


async def test_a_start_that_fails_is_recorded_and_leaves_nothing_behind(admin: Stage) -> None:
    plan_id = await make_plan(admin.platform, script(1))
    made = await make(admin, plan_id=plan_id)
    async with admin.platform.engine.db.begin() as tx:
        await tx.execute(sa.delete(tables.accounts))
    await look(admin, made.first)
    async with admin.platform.engine.db.begin() as tx:
        await tx.execute(sa.delete(tables.plans))
    await look(admin, made.first + MINUTE)
    found = await fires_of(admin, made)
    assert [(fire.state, fire.code) for fire in found] == [(FireState.FAILED, 1244003), (FireState.FAILED, 1244012)]
    assert await list_jobs(admin) == (0, [])
    assert (await now(admin, made)).failures == 1


async def test_a_fault_with_one_schedule_keeps_no_other_from_firing(admin: Stage) -> None:
    begun = now_ms()  # for all of them, so that all have the same moments
    broken = [await make(admin, f"broken {n}", at=begun) for n in range(firing.AT_ONCE + 1)]
    good = await make(admin, "good", at=begun)
    ids = [one.id for one in broken]
    async with admin.platform.engine.db.begin() as tx:
        spoilt = sa.update(tables.schedules).where(tables.schedules.c.id.in_(ids))
        await tx.execute(spoilt.values(time_zone="Mars/Base"))
    with capture_logs():
        await look(admin, good.first)
    assert await states(admin, good) == [FireState.STARTED]
    assert await fires_of(admin, broken[0]) == []
    async with admin.platform.engine.db.begin() as tx:
        await tx.execute(spoilt.values(time_zone="UTC", sealed_values="AAAA"))
    with capture_logs():
        await look(admin, broken[0].first + firing.PUT_OFF_MS)
    assert [fire.code for fire in await fires_of(admin, broken[0])] == [1240002, 1240002]


@pytest.mark.parametrize("changed", [{"plan_id": 1}, {"modifier": "boss"}, {"expression": "0 * * * *"}])
async def test_the_database_alone_makes_no_schedule_fire(admin: Stage, changed: dict[str, object]) -> None:
    made = await make(admin)
    async with admin.platform.engine.db.begin() as tx:
        await tx.execute(sa.insert(tables.users), {"name": "boss", "platform_admin": True, "language": "en"})
        await tx.execute(sa.update(tables.schedules).values(**changed))
    await look(admin, made.first)
    assert [(fire.state, fire.code) for fire in await raw_fires(admin)] == [("failed", 1240002)]
    assert await list_jobs(admin) == (0, [])


async def raw_fires(stage: Stage) -> list[sa.Row[tuple[str, int]]]:
    async with stage.platform.engine.db.begin() as tx:
        query = sa.select(tables.schedule_fires.c.state, tables.schedule_fires.c.code)
        return list(await tx.execute(query))


async def test_an_archived_business_fires_nothing_and_its_schedules_are_disabled(admin: Stage) -> None:
    made = await make(admin)
    async with admin.platform.engine.db.begin() as tx:
        await tx.execute(sa.update(tables.businesses).values(archived=True))
    await look(admin, made.first)
    async with admin.platform.engine.db.begin() as tx:
        await tx.execute(sa.update(tables.businesses).values(archived=False))
    [fire] = await fires_of(admin, made)
    assert (fire.state, fire.code) == (FireState.SKIPPED, 1243049)
    assert not (await now(admin, made)).enabled


async def test_a_host_that_left_keeps_the_others_from_nothing(admin: Stage) -> None:
    await admin.start_engine()
    agent = await admin.agent(1)
    made = await make(admin, plan_id=await make_plan(admin.platform, script(999, 1, 6)))
    await look(admin, made.first)
    await agent.end(await agent.run_order())
    [fire] = await fires_of(admin, made)
    view = await admin.wait(fire.job_id or 0, RunStatus.FAILED)
    assert [task.status for task in view.tasks[view.steps[0].id]] == [
        TaskStatus.INVALID_TARGET,
        TaskStatus.SUCCEEDED,
        TaskStatus.INVALID_TARGET,
    ]


async def test_servers_fire_by_the_clock_and_the_job_runs(admin: Stage) -> None:
    await admin.start_engine()
    agent = await admin.agent(1)
    agent.on_run = agent.end_quietly
    begun = now_ms()
    made = await make(admin, at=begun, expression="", execute_at=begun + 2_000)
    loops = [asyncio.create_task(keep_time(one)) for one in (admin.platform, await admin.another_platform())]
    try:
        [fire] = await eventually(lambda: fires_of(admin, made))
        assert fire.at >= made.first == begun + 2_000
        await admin.wait(fire.job_id or 0, RunStatus.SUCCEEDED)
        assert len(agent.orders) == 1
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


async def test_values_are_sealed_masked_and_used(admin: Stage) -> None:
    variables = (Variable("who", VariableType.STRING, "nobody"), Variable("pin", VariableType.PASSWORD, ""))
    plan_id = await make_plan(admin.platform, script(1), variables=variables)
    values = (GivenValue(id=1, name="wrong", value="world"), GivenValue(name="pin", value="canary-7781"))
    made = await make(admin, plan_id=plan_id, values=values)
    shown = (await schedule_query.show(admin.platform, ADMIN, SCOPE, made.id)).values
    assert [(one.name, one.value) for one in shown] == [("who", "world"), ("pin", "******")]
    kept = ScheduleChange(values=(GivenValue(name="pin", value="******"),))
    await schedules.update(admin.platform, ADMIN, SCOPE, made.id, kept)
    async with admin.platform.engine.db.begin() as tx:
        row = await (await raw(tx)).fetchrow("SELECT schedule::text AS text FROM schedule")
    assert "canary" not in row["text"]
    assert "world" not in row["text"]
    job = firing.new_job(admin.platform, await now(admin, made))
    assert [(one.name, one.value) for one in job.values] == [("pin", "canary-7781")]


async def test_hosts_that_the_scope_may_not_use_are_not_shown(admin: Stage) -> None:
    plan_id = await make_plan(admin.platform, script(1), variables=(Variable("web", VariableType.HOSTS),))
    named = (GivenValue(name="web", hosts=TargetSpec(host_ids=(1, 6))),)
    made = await make(admin, plan_id=plan_id, values=named)
    assert await shown_hosts(admin, made) == [1]
    async with admin.platform.engine.db.begin() as tx:
        white = {"host_id": 6, "action": "file", "all_scopes": True, "business_ids": []}
        await tx.execute(sa.insert(tables.host_whitelist), white)
    assert await shown_hosts(admin, made) == [1, 6]


async def shown_hosts(stage: Stage, made: Made) -> list[int]:
    view = await schedule_query.show(stage.platform, ADMIN, SCOPE, made.id)
    return [host.id for host in view.hosts]


async def test_a_secret_is_shown_and_given_to_no_variable_that_is_no_password(admin: Stage) -> None:
    secret, plain = (Variable("pin", kind, "") for kind in (VariableType.PASSWORD, VariableType.STRING))
    ids = [await make_plan(admin.platform, script(1), variables=(one,)) for one in (secret, plain)]
    made = await make(admin, plan_id=ids[0], values=(GivenValue(name="pin", value="canary-7781"),))
    moved = await schedules.update(admin.platform, ADMIN, SCOPE, made.id, ScheduleChange(plan_id=ids[1]))
    assert [(one.name, one.value) for one in moved.values] == [("pin", "******")]
    started = await schedules.fire_now(admin.platform, ADMIN, SCOPE, made.id)
    shown = await variable_values(admin.platform, ADMIN, SCOPE, started.job_id)
    assert [one.value for one in shown.first] == [""]


async def test_a_schedule_is_fired_by_hand_as_the_one_who_does(admin: Stage) -> None:
    made = await make(admin)
    started = await schedules.fire_now(admin.platform, ADMIN, SCOPE, made.id)
    [fire] = await fires_of(admin, made)
    assert (fire.manual, fire.job_id, fire.operator) == (True, started.job_id, "admin")
    await operate.operate_job(admin.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    assert (await now(admin, made)).next_fire_at == made.first
