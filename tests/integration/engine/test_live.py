"""Following what happens: nothing is missed, whoever commits first and wherever one goes on."""

import asyncio
import random

import pytest
import sqlalchemy as sa
from tests.integration.engine.stage import ADMIN, SCOPE, Stage
from tests.integration.engine.test_schedules import make
from tests.waiting import WITHIN_S, eventually

from jobfleet.engine.service import tell_followers
from jobfleet.model.cursor import Cursor
from jobfleet.model.event import Event, EventKind
from jobfleet.model.job import StartedJob
from jobfleet.model.run_view import SILENT_MS, Silence
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.model.topic import Topic, TopicKind
from jobfleet.operations import live as live_hub
from jobfleet.operations.firing import fire_due
from jobfleet.operations.host_columns import hosts_of_step, silent_of_step
from jobfleet.operations.live import Follower, Hub, Item, Portion
from jobfleet.operations.news import (
    AgentsMoved,
    FilesMoved,
    HostsMoved,
    InboxMoved,
    LogGrown,
    RunMoved,
    RunsMoved,
    SchedulesMoved,
    Told,
)
from jobfleet.operations.platform import Platform
from jobfleet.store import events, live, tables
from jobfleet.store.database import Database

RUNS = Topic(TopicKind.RUNS, scope=SCOPE)
INBOX = Topic(TopicKind.INBOX, scope=SCOPE)
SCHEDULES = Topic(TopicKind.SCHEDULES, scope=SCOPE)
AGENTS = Topic(TopicKind.AGENTS, scope=SCOPE)


def hosts_of(started: StartedJob) -> Topic:
    return Topic(TopicKind.HOSTS, started.job_id, started.step_id)


def run_of(started: StartedJob) -> Topic:
    return Topic(TopicKind.RUN, started.job_id)


def follow(platform: Platform, *topics: Topic, after: Cursor | None = None) -> Follower:
    return platform.live.follow(platform.engine, topics, after)


async def first(follower: Follower) -> Portion:
    portion = await follower.next(WITHIN_S)
    assert portion is not None
    assert portion.is_first
    return portion


async def look(db: Database) -> Cursor:
    async with db.begin() as tx:
        return await live.begin_look(tx)


class Mirror:
    """Keep the hosts of a step as a page does: listed once, then by what is told."""

    def __init__(self) -> None:
        self.status: dict[int, int] = {}
        self.told: list[int] = []

    async def list(self, platform: Platform, started: StartedJob) -> Cursor:
        found = await hosts_of_step(platform, ADMIN, SCOPE, (started.job_id, started.step_id))
        self.status = dict(zip(found.columns.task_id, found.columns.status, strict=True))
        return found.cursor

    def apply(self, portion: Portion) -> None:
        assert not portion.is_reset
        for item in portion.items:
            if isinstance(item.told, HostsMoved):
                assert item.told.columns is not None
                self.told += item.told.columns.task_id
                self.status |= dict(zip(item.told.columns.task_id, item.told.columns.status, strict=True))


async def test_who_follows_a_step_sees_each_host_end(stage: Stage) -> None:
    agents = await stage.agents(4)
    started = await stage.run(hosts=4)
    orders = [await agent.run_order() for agent in agents]
    mirror = Mirror()
    follower = follow(
        stage.platform, hosts_of(started), run_of(started), after=await mirror.list(stage.platform, started)
    )
    for agent, order in zip(agents, orders, strict=True):
        await agent.end(order, text=b"hello\n")
    seen: list[RunMoved] = []
    async with asyncio.timeout(WITHIN_S):
        while not seen or not seen[-1].run.finished:
            portion = await follower.next(WITHIN_S)
            assert portion is not None
            mirror.apply(portion)
            seen += [item.told for item in portion.items if isinstance(item.told, RunMoved)]
    assert set(mirror.status.values()) == {int(TaskStatus.SUCCEEDED)}
    assert (seen[-1].run.counts.succeeded, seen[-1].run.progress) == (4, 1.0)
    stage.platform.live.leave(follower)


async def test_who_was_cut_off_goes_on_at_another_server_without_loss_or_repetition(stage: Stage) -> None:
    agents = await stage.agents(4)
    other = await stage.another_platform()
    started = await stage.run(hosts=4)
    orders = [await agent.run_order() for agent in agents]
    await stage.wait_tasks(started.job_id, [TaskStatus.RUNNING] * 4)
    mirror = Mirror()
    cursor = await mirror.list(stage.platform, started)
    for turn, (agent, order) in enumerate(zip(agents, orders, strict=True)):
        await agent.end(order, exit_code=turn % 2)
        platform = (stage.platform, other)[turn % 2]
        follower = follow(platform, hosts_of(started), after=cursor)
        portion = await first(follower)
        mirror.apply(portion)
        cursor = portion.cursor
        platform.live.leave(follower)
    assert sorted(mirror.told) == sorted(mirror.status)
    assert mirror.status == {order.task_id: 104 if turn % 2 else 9 for turn, order in enumerate(orders)}


async def test_a_retry_says_that_the_hosts_are_others_now(stage: Stage) -> None:
    [agent] = await stage.agents(1)
    started = await stage.run(hosts=1)
    follower = follow(stage.platform, hosts_of(started), RUNS)
    assert (await first(follower)).items == ()
    await agent.end(await agent.run_order(), exit_code=1)
    await stage.wait(started.job_id, RunStatus.FAILED)
    cursor = await look(stage.platform.engine.db)
    await _retry(stage, started)
    again = await first(follow(stage.platform, hosts_of(started), after=cursor))
    [told] = [item.told for item in again.items]
    assert told == HostsMoved(hosts_of(started).text, 1, None)


async def _retry(stage: Stage, started: StartedJob) -> None:
    from jobfleet.model.job import StepOperation
    from jobfleet.operations import operate

    ids = started.job_id, started.step_id
    await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.RETRY_FAILED)


async def test_the_runs_of_a_scope_and_what_waits_there_are_told(stage: Stage) -> None:
    from tests.integration.engine.many_steps import approval, start

    from jobfleet.model.definition import ApprovalSpec

    cursor = await look(stage.platform.engine.db)
    started = await start(stage, [approval(ApprovalSpec("sure?"))])
    await stage.wait(started.job_id, RunStatus.WAITING)
    portion = await first(follow(stage.platform, RUNS, INBOX, after=cursor))
    runs, inbox = (item.told for item in portion.items)
    assert isinstance(runs, RunsMoved)
    assert ([job.id for job in runs.jobs], runs.running, runs.waiting) == ([started.job_id], 0, 1)
    assert inbox == InboxMoved(INBOX.text)
    assert (await first(follow(stage.platform, RUNS, INBOX, after=portion.cursor))).items == ()


async def test_how_much_a_host_has_printed_is_told_as_it_grows(stage: Stage) -> None:
    [agent] = await stage.agents(1)
    started = await stage.run(hosts=1)
    order = await agent.run_order()
    log = Topic(TopicKind.LOG, started.job_id, order.task_id)
    follower = follow(stage.platform, log)
    assert [item.told for item in (await first(follower)).items] == [LogGrown(log.text, 0, ended=False)]
    await agent.end(order, text=b"hello\n")
    portion = await follower.next(WITHIN_S)
    assert portion is not None
    assert [item.told for item in portion.items] == [LogGrown(log.text, 6, ended=True)]


async def test_what_hosts_of_a_step_tell_of_their_files_is_told_as_it_grows(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_hub, "SLOW_S", 0.0)
    first_agent, second = await stage.agents(2)
    started = await stage.run(hosts=2)
    files = Topic(TopicKind.FILES, started.job_id, started.step_id)
    follower = follow(stage.platform, files)
    assert [item.told for item in (await first(follower)).items] == [FilesMoved(files.text, 0, 0)]
    await first_agent.end(await first_agent.run_order(), text=b"hello\n")
    assert await told_of(follower, files) == FilesMoved(files.text, 6, 1)
    await second.end(await second.run_order(), text=b"again\n")
    assert await told_of(follower, files) == FilesMoved(files.text, 12, 2)


async def told_of(follower: Follower, topic: Topic) -> Told:
    """Return what is told of a topic next."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            portion = await follower.next(WITHIN_S)
            for item in portion.items if portion else ():
                if item.told.topic == topic.text:
                    return item.told


async def test_schedules_are_told_of_when_they_fire_or_are_changed(
    idle_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_hub, "SLOW_S", 0.0)
    made = await make(idle_stage)
    follower = follow(idle_stage.platform, SCHEDULES)
    assert [item.told for item in (await first(follower)).items] == [SchedulesMoved(SCHEDULES.text, 1)]
    await fire_due(idle_stage.at(lambda: made.first))
    assert await told_of(follower, SCHEDULES) == SchedulesMoved(SCHEDULES.text, 1)
    await make(idle_stage, "weekly")
    assert await told_of(follower, SCHEDULES) == SchedulesMoved(SCHEDULES.text, 2)


async def test_agents_are_told_of_when_they_come_and_are_heard_of(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_hub, "SLOW_S", 0.0)
    [agent] = await stage.agents(1)
    follower = follow(stage.platform, AGENTS)
    assert [item.told for item in (await first(follower)).items] == [AgentsMoved(AGENTS.text, 5, 0, 0)]
    await enrol(stage, 1)
    assert await told_of(follower, AGENTS) == AgentsMoved(AGENTS.text, 5, 1, 0)
    await agent.hello([])
    assert await told_of(follower, AGENTS) == AgentsMoved(AGENTS.text, 5, 1, 1)


async def test_agents_that_fall_silent_are_counted_and_told_of(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_hub, "SLOW_S", 0.0)
    one, other = await stage.agents(2)
    await enrol(stage, 1, 2)
    started = await stage.run(hosts=2)
    orders = [await agent.run_order() for agent in (one, other)]
    await stage.wait_tasks(started.job_id, [TaskStatus.RUNNING] * 2)
    follower = follow(stage.platform, run_of(started))
    await first(follower)
    await one.hello([orders[0].task_id])
    await eventually(lambda: seen_at(stage, 1))
    await begun_long_ago(stage, started)
    assert await silent_in(follower, started) == Silence(1, 2, SILENT_MS, None)
    found = await silent_of_step(stage.platform, ADMIN, SCOPE, started.job_id, started.step_id)
    assert (found.hosts.task_id, found.hosts.host_id, found.hosts.seen_at) == ([orders[1].task_id], [2], [None])
    again = await first(follow(stage.platform, run_of(started), after=await look(stage.platform.engine.db)))
    told = [item.told.run.steps[0].silent for item in again.items if isinstance(item.told, RunMoved)]
    assert told == [Silence(1, 2, SILENT_MS, None)]
    await other.hello([orders[1].task_id])
    assert await silent_in(follower, started) is None


async def enrol(stage: Stage, *host_ids: int) -> None:
    """Have agents that were not heard of yet."""
    rows = [
        {"host_id": host_id, "public_key": f"key {host_id}", "version": "1", "enrolled_at": 1} for host_id in host_ids
    ]
    async with stage.platform.engine.db.begin() as tx:
        await tx.execute(sa.insert(tables.agents), rows)


async def seen_at(stage: Stage, host_id: int) -> int | None:
    """Return when a host's agent was heard of last."""
    query = sa.select(tables.agents.c.seen_at).where(tables.agents.c.host_id == host_id)
    async with stage.platform.engine.db.begin() as tx:
        found: int | None = (await tx.execute(query)).scalar_one()
    return found


async def begun_long_ago(stage: Stage, started: StartedJob) -> None:
    """Put the beginning of a step, and its orders, a minute back."""
    async with stage.platform.engine.db.begin() as tx:
        of_job = {"job": started.job_id}
        await tx.execute(sa.text("UPDATE step SET started_at = started_at - 60000 WHERE job_id = :job"), of_job)
        await tx.execute(sa.text("UPDATE task SET sent_at = sent_at - 60000 WHERE job_id = :job"), of_job)


async def silent_in(follower: Follower, started: StartedJob) -> Silence | None:
    told = await told_of(follower, run_of(started))
    assert isinstance(told, RunMoved)
    return told.run.steps[0].silent


async def test_who_commits_later_with_a_lower_number_is_not_missed(idle_stage: Stage) -> None:
    db = idle_stage.platform.engine.db
    job_id = (await idle_stage.run(hosts=1)).job_id
    before = await look(db)
    async with db.begin() as slow:
        await events.insert(slow, [event(job_id, 1)])
        async with db.begin() as quick:
            await events.insert(quick, [event(job_id, 2)])
        between = await look(db)
        assert await details(db, job_id, before) == [2]
    assert await details(db, job_id, between) == [1]
    assert await details(db, job_id, before) == [1, 2]


def event(job_id: int, step_id: int) -> Event:
    return Event(job_id=job_id, at=1, kind=EventKind.STEP_MOVED, step_id=step_id, actor="a test")


async def details(db: Database, job_id: int, after: Cursor) -> list[int | None]:
    async with db.begin() as tx:
        await live.begin_look(tx)
        return [change.step_id for change in await live.list_since(tx, after, 1000) if change.job_id == job_id]


async def test_many_writers_and_a_reader_who_goes_on_and_on(idle_stage: Stage) -> None:
    db = idle_stage.platform.engine.db
    job_id = (await idle_stage.run(hosts=1)).job_id
    cursor, seen, chance = await look(db), list[int | None](), random.Random(4)

    async def write(writer: int) -> None:
        for number in range(15):
            async with db.begin() as tx:
                await events.insert(tx, [event(job_id, writer * 100 + number)])
                await tx.execute(sa.text("SELECT pg_sleep(:s)"), {"s": chance.random() / 100})

    writers = asyncio.gather(*map(write, range(12)))
    while not writers.done():
        async with db.begin() as tx:
            now = await live.begin_look(tx)
            seen += [change.step_id for change in await live.list_since(tx, cursor, 1000)]
        cursor = now
    await writers
    seen += await details(db, job_id, cursor)
    assert sorted(one or 0 for one in seen) == [writer * 100 + number for writer in range(12) for number in range(15)]


async def test_who_missed_too_much_or_comes_from_elsewhere_has_to_read_anew(idle_stage: Stage) -> None:
    ctx = idle_stage.platform.engine
    cursor = await look(ctx.db)
    job_id = (await idle_stage.run(hosts=1)).job_id
    async with ctx.db.begin() as tx:
        await events.insert(tx, [event(job_id, number) for number in range(10)])
    hub = Hub(max_changes=5)
    assert (await first(hub.follow(ctx, [RUNS], cursor))).is_reset
    strange = Cursor(cursor.oldest, cursor.after + 10**9)
    assert (await first(hub.follow(ctx, [RUNS], strange))).is_reset
    assert not (await first(hub.follow(ctx, [RUNS], await look(ctx.db)))).is_reset
    await hub.stop()


def test_who_is_slow_is_told_that_something_is_missing_and_costs_no_more() -> None:
    follower = Follower([RUNS], None)
    told = InboxMoved("x")
    for number in range(1, 100):
        follower.put(Portion((Item(told, b"x" * 50_000),), Cursor(number, number)))
    waiting = list(follower._waiting)
    assert len(waiting) < 25
    assert waiting[0].is_reset
    assert waiting[-1].cursor == Cursor(99, 99)


async def test_a_server_that_stops_ends_all_following_at_once(idle_stage: Stage) -> None:
    hub, ctx = Hub(), idle_stage.platform.engine
    follower = hub.follow(ctx, [RUNS], None)
    await first(follower)
    waiting = asyncio.create_task(follower.next(60))
    await hub.stop()
    assert await asyncio.wait_for(waiting, WITHIN_S) is None
    assert follower.is_closed
    assert hub.follow(ctx, [RUNS], None).is_closed


async def test_the_reader_goes_home_when_nobody_follows_any_more(idle_stage: Stage) -> None:
    hub, ctx = Hub(), idle_stage.platform.engine
    follower = hub.follow(ctx, [RUNS], None)
    await first(follower)
    reader = hub._reader
    assert reader is not None
    hub.leave(follower)
    await tell_followers(ctx.bus, [1])
    await asyncio.wait_for(reader, WITHIN_S)
    again = hub.follow(ctx, [RUNS], None)
    await first(again)
    await hub.stop()


@pytest.fixture(autouse=True)
async def leave(idle_stage: Stage) -> object:
    """End what tests follow."""
    yield
    await idle_stage.platform.live.stop()
