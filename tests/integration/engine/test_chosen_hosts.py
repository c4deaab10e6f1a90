"""A retry of chosen hosts: they run again, the others keep what they have, and all of them count."""

from collections.abc import Sequence

import pytest
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, statuses
from tests.integration.engine.stage import result as ended

from jobfleet.engine.advance import advance
from jobfleet.model.errors import IllegalParameterReasonError, UnsupportedOperationError
from jobfleet.model.event import EventKind
from jobfleet.model.job import JobOperation, JobView, StartedJob, StepOperation, Task
from jobfleet.model.job_errors import StaleRunError
from jobfleet.model.order import Report
from jobfleet.model.rolling import Rolling
from jobfleet.model.run_actions import Said
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.operations import logs, operate
from jobfleet.operations.run_view import show_run
from jobfleet.store import audit, task_story
from jobfleet.store.audit import AuditFilter

W, OK, BAD, KILLED = (TaskStatus[name] for name in ("WAITING", "SUCCEEDED", "NONZERO_EXIT", "KILLED"))
RETRY = StepOperation.RETRY_FAILED


async def test_chosen_hosts_run_again_and_the_others_keep_what_they_had(stage: Stage) -> None:
    agents = await stage.agents(4)
    started = await stage.run(hosts=4)
    for agent, code in zip(agents, (0, 1, 2, 1), strict=True):
        await agent.end(await agent.run_order(), exit_code=code, text=b"first", tag="t" if code else "")
    before = tasks_of(await stage.wait(started.job_id, RunStatus.FAILED))
    await retry(stage, started, [before[1]])
    await agents[1].end((await agents[1].runs(2))[-1])
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    after = tasks_of(view)
    assert (statuses(view), [task.attempt for task in after]) == ([OK, OK, BAD, BAD], [1] * 4)
    assert [len(agent.orders) for agent in agents] == [1, 2, 1, 1]
    for old, new in zip(before, after, strict=True):
        assert (result(old) == result(new)) is (old is not before[1])
    await its_record_names_them(stage, started, before[1], before[2])
    await retry(stage, started, after[2:])
    for agent in agents[2:]:
        await agent.end((await agent.runs(2))[-1])
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)


async def test_a_host_that_is_not_chosen_keeps_the_names_of_what_survived_its_kill(stage: Stage) -> None:
    agents = await stage.agents(2)
    started = await stage.run(hosts=2)
    orders = [await agent.run_order() for agent in agents]
    await agents[0].report(Report(1, results=[ended(orders[0], 137, error_code=126, survivors=[71, 72])]))
    await agents[1].end(orders[1], exit_code=1)
    before = tasks_of(await stage.wait(started.job_id, RunStatus.FAILED))
    await retry(stage, started, [before[1]])
    await agents[1].end((await agents[1].runs(2))[-1])
    after = tasks_of(await stage.wait(started.job_id, RunStatus.FAILED))
    assert [(one.status, one.survivors) for one in after] == [(TaskStatus.KILL_FAILED, (71, 72)), (OK, ())]


async def its_record_names_them(stage: Stage, started: StartedJob, chosen: Task, other: Task) -> None:
    """The events and the trail know who ran again, and the logs are those of the attempt that really ran."""
    async with stage.platform.engine.db.begin() as tx:
        ids = started.job_id, started.step_id
        happened, elsewhere = [await task_story.list_events(tx, *ids, one.id, 100) for one in (chosen, other)]
        noted = await audit.list_entries(tx, AuditFilter(action="operate_job"), before=None, length=10)
    [named] = [one for one in happened if one.kind is EventKind.TASK_CHOSEN]
    assert (named.actor, named.step_id) == (ADMIN.username, started.step_id)
    assert all(one.kind is not EventKind.TASK_CHOSEN for one in elsewhere)
    assert [one.detail for one in happened if one.detail.startswith("attempt")][-1] == "attempt 1, chosen hosts: 1"
    assert any(
        f"retry_failed step {started.step_id} of job {started.job_id}, chosen hosts: 1" in str(one) for one in noted
    )
    shown = await logs.job_log(stage.platform, ADMIN, SCOPE, started.job_id)
    assert sum(len(members) for _, _, members in shown.steps[0].groups) == 4


async def test_what_cannot_run_again_is_refused_by_name_and_nothing_happens(stage: Stage) -> None:
    agents = await stage.agents(2)
    other = await stage.run()
    await agents[0].end(await agents[0].run_order())
    await stage.wait(other.job_id, RunStatus.SUCCEEDED)
    started = await stage.run(hosts=2)
    await agents[0].end((await agents[0].runs(2))[-1])
    await agents[1].end(await agents[1].run_order(), exit_code=1)
    good, bad = tasks_of(await stage.wait(started.job_id, RunStatus.FAILED))
    foreign = tasks_of(await stage.view(other.job_id))[0]
    for ids, why in (
        ([good.id], "has succeeded"),
        ([bad.id, foreign.id], "is no task of the step's latest attempt"),
        ([bad.id, 987_654_321], "is no task of the step's latest attempt"),
    ):
        await refused(stage, started, ids, why)
    await refused(stage, started, [bad.id], "goes with a retry of failed hosts only", StepOperation.RETRY_ALL)
    assert (await stage.view(started.job_id)).steps[0].attempt == 0
    await once_and_not_twice(stage, started, bad)
    await agents[1].end((await agents[1].runs(2))[-1], exit_code=1)
    await stage.wait(started.job_id, RunStatus.FAILED)
    await refused(stage, started, [bad.id], "is no task of the step's latest attempt")


async def once_and_not_twice(stage: Stage, started: StartedJob, bad: Task) -> None:
    """The same wish sent again finds a run that has moved on, whether or not it says what it was decided on."""
    seen = (await show_run(stage.platform, ADMIN, SCOPE, started.job_id)).state.version
    await retry(stage, started, [bad], version=seen)
    with pytest.raises(StaleRunError):
        await retry(stage, started, [bad], version=seen)
    with pytest.raises(UnsupportedOperationError):
        await retry(stage, started, [bad])


async def test_of_a_step_that_rolls_only_the_batch_where_it_is_can_be_chosen_from(stage: Stage) -> None:
    agents = await stage.agents(4)
    started = await stage.run(hosts=4, rolling=Rolling("1 2 1"))
    await agents[0].end(await agents[0].run_order())
    for agent in agents[1:3]:
        await agent.end(await agent.run_order(), exit_code=1)
    tasks = tasks_of(await stage.wait(started.job_id, RunStatus.FAILED))
    await refused(stage, started, [tasks[3].id], "is of batch 3, and only hosts of batch 2")
    run = await show_run(stage.platform, ADMIN, SCOPE, started.job_id)
    assert {one.name: one.of_batch for one in run.actions if one.takes_hosts} == {"retry_failed": 2}
    await retry(stage, started, [tasks[1]])
    await agents[1].end((await agents[1].runs(2))[-1])
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    assert (statuses(view), view.steps[0].batch) == ([OK, OK, BAD, W], 2)
    await retry(stage, started, [tasks_of(view)[2]])
    await agents[2].end((await agents[2].runs(2))[-1])
    await agents[3].end(await agents[3].run_order())
    assert statuses(await stage.wait(started.job_id, RunStatus.SUCCEEDED)) == [OK] * 4
    assert [len(agent.orders) for agent in agents] == [1, 2, 2, 1]


async def test_who_was_stopped_before_the_order_left_is_not_run_unless_chosen(idle_stage: Stage) -> None:
    """The step is stopped before anything is sent; of its three hosts one is run again, and the others never are."""
    ctx = idle_stage.platform.engine
    agents = await idle_stage.agents(3)
    started = await idle_stage.run(hosts=3, rolling=Rolling("1", parallel=True, wait_fixed_ms=600_000))
    await advance(ctx, started.job_id)
    await operate.operate_job(idle_stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await advance(ctx, started.job_id)
    tasks = tasks_of(await idle_stage.wait(started.job_id, RunStatus.STOPPED))
    await retry(idle_stage, started, [tasks[0]])
    await idle_stage.start_engine()
    await agents[0].end(await agents[0].run_order())
    view = await idle_stage.wait(started.job_id, RunStatus.FAILED)
    assert (statuses(view), [len(one.orders) for one in agents]) == ([OK, KILLED, KILLED], [1, 0, 0])
    await operate.operate_step(idle_stage.platform, ADMIN, SCOPE, started.job_id, started.step_id, RETRY)
    view = await idle_stage.wait_tasks(started.job_id, [OK, W, W])
    assert view.steps[0].attempt == 2


def result(task: Task) -> tuple[object, ...]:
    return task.log_task_id, task.tag, task.exit_code, task.started_at, task.total_ms


def tasks_of(view: JobView) -> Sequence[Task]:
    return view.tasks[view.steps[0].id]


async def retry(stage: Stage, started: StartedJob, chosen: Sequence[Task], version: str = "") -> None:
    said = Said(version=version, task_ids=tuple(task.id for task in chosen))
    await operate.operate_step(stage.platform, ADMIN, SCOPE, started.job_id, started.step_id, RETRY, said)


async def refused(
    stage: Stage, started: StartedJob, ids: Sequence[int], why: str, operation: StepOperation = RETRY
) -> None:
    said = Said(task_ids=tuple(ids))
    with pytest.raises(IllegalParameterReasonError) as found:
        await operate.operate_step(stage.platform, ADMIN, SCOPE, started.job_id, started.step_id, operation, said)
    assert found.value.arguments[0] == "task_ids"
    assert why in found.value.arguments[1]
