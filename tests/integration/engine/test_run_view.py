"""A run as its page shows it: what may be done is what the engine takes, what is counted is there."""

from itertools import product

import msgspec
import pytest
import sqlalchemy as sa
from tests.integration.engine.many_steps import approval, script, start
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, new_job
from tests.waiting import eventually

from jobfleet.engine import steer
from jobfleet.model.caller import Caller, Grant, Role
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.errors import UnsupportedOperationError
from jobfleet.model.job import Job, JobOperation, StartedJob, Step, StepOperation
from jobfleet.model.job_errors import AlreadyStartedError, StaleRunError
from jobfleet.model.rolling import Rolling
from jobfleet.model.run_actions import Obstacle, RunAction, Said
from jobfleet.model.run_view import RunState
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.model.target import TargetSpec
from jobfleet.operations import operate
from jobfleet.operations.host_columns import HostsOfStep, hosts_of_step
from jobfleet.operations.preview import preview
from jobfleet.operations.run_state import usual_of
from jobfleet.operations.run_view import Run, show_run
from jobfleet.store import jobs, usual
from jobfleet.store.database import Transaction
from jobfleet.store.tables import jobs as job_table
from jobfleet.store.tables import steps as step_table

OK, BAD, RUN, WAIT = (int(TaskStatus[name]) for name in ("SUCCEEDED", "NONZERO_EXIT", "RUNNING", "WAITING"))
OF_JOB = {
    RunStatus.BETWEEN_BATCHES: RunStatus.RUNNING,
    RunStatus.SKIPPED: RunStatus.SUCCEEDED,
    RunStatus.IGNORED: RunStatus.SUCCEEDED,
}
"""What the job of one step is when the step is this; else the same."""


async def shown(stage: Stage, job_id: int, caller: Caller = ADMIN) -> Run:
    return await show_run(stage.platform, caller, SCOPE, job_id)


async def hosts(stage: Stage, started: StartedJob, attempt: int | None = None, batch: int | None = None) -> HostsOfStep:
    step = started.job_id, started.step_id
    return await hosts_of_step(stage.platform, ADMIN, SCOPE, step, attempt=attempt, batch=batch)


@pytest.fixture
async def kinds(idle_stage: Stage) -> list[StartedJob]:
    """Give a job of one step of each kind: plain, rolling, approval. Nothing is running."""
    return [
        await idle_stage.run(hosts=2),
        await idle_stage.run(hosts=3, rolling=Rolling("1")),
        await start(idle_stage, [approval(ApprovalSpec("sure?"))]),
    ]


async def test_what_is_offered_is_what_the_engine_takes(idle_stage: Stage, kinds: list[StartedJob]) -> None:
    looked_at = 0
    for started, status in product(kinds, RunStatus):
        await put(idle_stage, started.job_id, status)
        found = await shown(idle_stage, started.job_id)
        for action in found.actions:
            assert await takes(idle_stage, started.job_id, action) == action.allowed, (status, action)
            assert action.allowed or action.obstacle in set(Obstacle) - {Obstacle.NOT_PERMITTED}
            looked_at += 1
    assert looked_at > 200


async def put(stage: Stage, job_id: int, status: RunStatus) -> None:
    """Set a job of one step to a status, whatever it is."""
    async with stage.platform.engine.db.begin() as tx:
        job_status = OF_JOB.get(status, status)
        await tx.execute(sa.update(job_table).where(job_table.c.id == job_id).values(status=job_status))
        await tx.execute(sa.update(step_table).where(step_table.c.job_id == job_id).values(status=status))


async def takes(stage: Stage, job_id: int, action: RunAction) -> bool:
    """Tell whether the engine takes an operation; nothing of it stays."""
    async with stage.platform.engine.db.begin() as tx:
        undone = await tx.begin_nested()
        try:
            await _do(tx, stage, job_id, action)
        except (UnsupportedOperationError, AlreadyStartedError):
            return False
        finally:
            await undone.rollback()
    return True


async def _do(tx: Transaction, stage: Stage, job_id: int, action: RunAction) -> None:
    job, [step] = await _load(tx, job_id)
    ctx = stage.platform.engine
    if action.step_id is not None:
        await steer.operate_step(tx, ctx, job, step, StepOperation(action.operation_code), "admin")
    elif action.operation_code == JobOperation.START:
        await steer.start(tx, ctx, job, "admin")
    else:
        await steer.terminate(tx, ctx, job, "admin")


async def _load(tx: Transaction, job_id: int) -> tuple[Job, list[Step]]:
    job = await jobs.find(tx, job_id, lock=True)
    assert job is not None
    return job, await jobs.list_steps(tx, job_id, lock=True)


async def test_who_may_only_look_and_who_may_not_decide_is_told_so(stage: Stage) -> None:
    viewer = Caller("wu", "", platform_admin=False, grants=(Grant(Role.VIEWER, SCOPE.type, SCOPE.id),))
    started = await start(stage, [approval(ApprovalSpec("sure?", ("li",))), script("after")])
    await stage.wait(started.job_id, RunStatus.WAITING)
    found = {one.name: one for one in (await shown(stage, started.job_id)).actions}
    assert (found["confirm"].obstacle, found["terminate"].allowed) == (Obstacle.NOT_CONFIRMER, True)
    assert found["confirm"].step_id == started.step_id
    theirs = {one.name: one.obstacle for one in (await shown(stage, started.job_id, viewer)).actions}
    assert (theirs["confirm"], theirs["terminate"]) == (Obstacle.NOT_PERMITTED, Obstacle.NOT_PERMITTED)
    assert theirs["start"] is Obstacle.STARTED


async def test_a_failed_run_counts_its_hosts_and_offers_to_retry_them(stage: Stage) -> None:
    agents = await stage.agents(3)
    started = await stage.run(hosts=3)
    for agent, code in zip(agents, (0, 1, 1), strict=True):
        await agent.end(await agent.run_order(), exit_code=code, tag="down" if code else "")
    await stage.wait(started.job_id, RunStatus.FAILED)
    before = await shown(stage, started.job_id)
    assert (before.state.counts.succeeded, before.state.counts.failed, before.state.progress) == (1, 2, 1.0)
    assert {one.name: one.count for one in before.actions if one.allowed} == {
        "retry_failed": 2,
        "retry_all": 3,
        "ignore_error": 2,
    }
    columns = (await hosts(stage, started)).columns
    assert (columns.status, columns.exit_code) == ([OK, BAD, BAD], [0, 1, 1])
    assert [columns.tags[at] for at in columns.tag] == ["", "down", "down"]
    await _retry(stage, started, before.state)
    first, now = (await hosts(stage, started, 0)).columns, (await hosts(stage, started)).columns
    assert (first.status, first.attempt, first.task_id) == ([OK, BAD, BAD], [0, 0, 0], columns.task_id)
    assert (now.status[0], now.attempt, now.log_task_id[0]) == (OK, [0, 1, 1], columns.task_id[0])
    assert set(now.task_id) & set(columns.task_id) == set()


async def _retry(stage: Stage, started: StartedJob, seen: RunState) -> None:
    """Retry what failed, and see that who decides on an older version of the run is refused."""
    retry = StepOperation.RETRY_FAILED
    names = stage.platform, ADMIN, SCOPE, started.job_id, started.step_id
    await operate.operate_step(*names, retry, Said(version=seen.version))
    with pytest.raises(StaleRunError) as refused:
        await operate.operate_step(*names, retry, Said(version=seen.version))
    assert [(step.id, step.attempt) for step in refused.value.now.steps] == [(started.step_id, 1)]
    with pytest.raises(StaleRunError):
        await operate.operate_job(*names[:4], JobOperation.TERMINATE, Said(version=seen.version))
    assert refused.value.now.version == (await shown(stage, started.job_id)).state.version


async def test_batches_count_their_hosts_and_say_when_the_clock_starts_them(stage: Stage) -> None:
    agents = await stage.agents(3)
    started = await stage.run(hosts=3, rolling=Rolling("1 2", parallel=True, wait_fixed_ms=600_000))
    await agents[0].end(await agents[0].run_order())
    await stage.wait_tasks(started.job_id, [TaskStatus.SUCCEEDED, TaskStatus.WAITING, TaskStatus.WAITING])
    found = (await shown(stage, started.job_id)).state
    first, second = found.steps[0].batches
    assert (first.size, first.counts.succeeded, second.size, second.counts.waiting) == (1, 1, 2, 2)
    assert (first.next_at, (second.next_at or 0) - (first.started_at or 0)) == (None, 600_000)
    assert found.eta is not None
    assert found.eta.remaining_ms is not None
    assert 500_000 < found.eta.remaining_ms < 700_000
    assert (await hosts(stage, started, batch=2)).addresses.host_id == [2, 3]


async def test_who_asked_for_termination_is_told_and_how_many_hosts_have_ended(stage: Stage) -> None:
    agents = await stage.agents(3)
    started = await stage.run(hosts=3)
    orders = [await agent.run_order() for agent in agents]
    await agents[0].end(orders[0])
    await stage.wait_tasks(started.job_id, [TaskStatus.SUCCEEDED, *[TaskStatus.RUNNING] * 2])
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await agents[1].kill_order()
    await agents[1].end(orders[1])
    run = await eventually(
        lambda: shown(stage, started.job_id), lambda run: run.state.stopping is None or run.state.stopping.acknowledged
    )
    stopping = run.state.stopping
    assert stopping is not None
    assert (stopping.by, stopping.asked, stopping.acknowledged) == ("admin", 2, 1)


async def test_a_step_that_has_not_begun_shows_who_it_will_be(idle_stage: Stage) -> None:
    started = await idle_stage.run(hosts=2, start=False)
    found = await hosts(idle_stage, started)
    assert (found.addresses.host_id, found.columns.status, found.columns.task_id) == ([1, 2], [WAIT, WAIT], [0, 0])
    offered = {one.name for one in (await shown(idle_stage, started.job_id)).actions if one.allowed}
    assert offered == {"start"}


async def test_earlier_runs_of_a_plans_step_say_how_long_it_usually_takes(idle_stage: Stage) -> None:
    started = await idle_stage.run(hosts=2)
    async with idle_stage.platform.engine.db.begin() as tx:
        _, [step] = await _load(tx, started.job_id)
        for at, (count, total_ms, status) in enumerate([(2, 5, 3), (4, 7, 3), (5, 9, 3), (2, 11, 4), (1, 13, 3)]):
            past = msgspec.structs.replace(step, id=10**6 + at, ordinal=at + 1, plan_step_id=77, target_count=count)
            await jobs.insert_step(tx, msgspec.structs.replace(past, status=RunStatus(status)), b"", [])
            await tx.execute(sa.update(step_table).where(step_table.c.id == past.id).values(total_ms=total_ms))
        assert await usual.of_plan_step(tx, 77, 2, 20) == [13, 7, 5]
        assert await usual.of_plan_step(tx, -1, 2, 20) == []


async def test_earlier_runs_of_a_script_say_how_long_it_usually_takes(idle_stage: Stage) -> None:
    other, mine = b"echo other", b"echo mine"
    for content, hosts_count, took_ms in ((mine, 2, 40_000), (mine, 3, 60_000), (other, 1, 7), (mine, 1, 50_000)):
        ended = await idle_stage.run(hosts=hosts_count, content=content)
        await took(idle_stage, ended.job_id, took_ms)
    running = await idle_stage.run(hosts=2, content=mine)
    await idle_stage.run(hosts=5, content=mine)
    async with idle_stage.platform.engine.db.begin() as tx:
        _, [step] = await _load(tx, running.job_id)
        found = await usual_of(tx, SCOPE, step.definition, 2, 20)
        elsewhere = await usual_of(tx, Scope(ScopeType.BUSINESS, 3), step.definition, 2, 20)
    assert (found, elsewhere) == ([50_000, 60_000, 40_000], [])
    eta = (await shown(idle_stage, running.job_id)).state.eta
    assert eta is not None
    assert (eta.basis, eta.usual_ms) == ("history", 50_000)
    assert 40_000 < (eta.remaining_ms or 0) <= 50_000
    new = msgspec.structs.replace(new_job((1, 2)), content=mine, name="never ran under this name")
    assert list((await preview(idle_stage.platform, ADMIN, new)).usual_ms) == found
    on_many = msgspec.structs.replace(new, target=TargetSpec(host_ids=(1, 2, 3, 4, 5)), content=other)
    assert list((await preview(idle_stage.platform, ADMIN, on_many)).usual_ms) == []


async def took(stage: Stage, job_id: int, total_ms: int) -> None:
    """Have a job of one step be over, after so long."""
    await put(stage, job_id, RunStatus.SUCCEEDED)
    async with stage.platform.engine.db.begin() as tx:
        await tx.execute(sa.update(step_table).where(step_table.c.job_id == job_id).values(total_ms=total_ms))
