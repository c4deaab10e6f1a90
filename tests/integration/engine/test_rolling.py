"""Steps that roll over their targets in batches."""

from itertools import pairwise

import msgspec
import pytest
from tests.integration.engine.many_steps import script, start
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, result, statuses
from tests.platforms import WINDOWS

from jobfleet.engine.advance import Dispatchable, give_up_step
from jobfleet.engine.service import Engine
from jobfleet.model.errors import IllegalRequestError, UnsupportedOperationError
from jobfleet.model.job import JobOperation, StartedJob, StepFilter, StepOperation
from jobfleet.model.job_errors import IllegalRollingExpressionError
from jobfleet.model.order import Report
from jobfleet.model.rolling import Rolling, RollingMode
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.operations import operate, query
from jobfleet.store import batches
from jobfleet.store.batches import StepKey

W, OK, BAD = TaskStatus.WAITING, TaskStatus.SUCCEEDED, TaskStatus.NONZERO_EXIT
ASK, IGNORE = RollingMode.ASK_EACH_TIME, RollingMode.IGNORE_FAILURES


async def test_batches_that_succeed_follow_each_other(stage: Stage) -> None:
    agents = await stage.agents(3)
    started = await stage.run(hosts=3, rolling=Rolling("1 2"))
    await agents[0].run_order()
    assert [agent.orders for agent in agents[1:]] == [[], []]
    await agents[0].end(await agents[0].run_order())
    for agent in agents[1:]:
        await agent.end(await agent.run_order())
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert [task.batch for task in view.tasks[started.step_id]] == [1, 2, 2]
    assert await batch_statuses(stage, started) == [RunStatus.SUCCEEDED, RunStatus.SUCCEEDED]


async def test_a_failed_batch_pauses_the_job_and_a_retry_goes_on_from_there(stage: Stage) -> None:
    agents = await stage.agents(3)
    started = await stage.run(hosts=3, rolling=Rolling("1"))
    await agents[0].end(await agents[0].run_order())
    await agents[1].end(await agents[1].run_order(), exit_code=1)
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    assert (statuses(view), view.steps[0].batch) == ([OK, BAD, W], 2)
    await act(stage, started, StepOperation.RETRY_FAILED)
    await agents[1].end((await agents[1].runs(2))[-1])
    await agents[2].end(await agents[2].run_order())
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert statuses(view) == [OK, OK, OK]
    assert [len(agent.orders) for agent in agents] == [1, 2, 1]
    assert await batch_statuses(stage, started, attempt=1) == [RunStatus.SUCCEEDED] * 3


async def test_ignored_failures_let_the_next_batch_start(stage: Stage) -> None:
    agents = await stage.agents(2)
    started = await stage.run(hosts=2, rolling=Rolling("1", IGNORE))
    await agents[0].end(await agents[0].run_order(), exit_code=1)
    await agents[1].end(await agents[1].run_order())
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert (view.steps[0].status, statuses(view)) == (RunStatus.SUCCEEDED, [BAD, OK])
    assert await batch_statuses(stage, started) == [RunStatus.IGNORED, RunStatus.SUCCEEDED]


async def test_a_step_that_ignores_errors_rolls_on_over_a_failed_batch(stage: Stage) -> None:
    agents = await stage.agents(3)
    started = await start(
        stage, [msgspec.structs.replace(script("one", ignore_error=True), rolling=Rolling("1"))], (1, 2, 3)
    )
    await agents[0].end(await agents[0].run_order(), exit_code=1)
    await agents[1].end(await agents[1].run_order())
    await agents[2].end(await agents[2].run_order(), exit_code=1)
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert (view.steps[0].status, statuses(view)) == (RunStatus.IGNORED, [BAD, OK, BAD])
    assert await batch_statuses(stage, started) == [RunStatus.IGNORED, RunStatus.SUCCEEDED, RunStatus.IGNORED]


async def test_an_ignored_failure_of_the_last_batch_makes_the_step_ignored(stage: Stage) -> None:
    agents = await stage.agents(2)
    started = await stage.run(hosts=2, rolling=Rolling("1", IGNORE))
    await agents[0].end(await agents[0].run_order())
    await agents[1].end(await agents[1].run_order(), exit_code=1)
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert view.steps[0].status is RunStatus.IGNORED


async def test_a_person_lets_each_batch_go(stage: Stage) -> None:
    agents = await stage.agents(3)
    started = await stage.run(hosts=3, rolling=Rolling("1 1", ASK))
    await agents[0].end(await agents[0].run_order(), tag="x")
    view = await stage.wait(started.job_id, RunStatus.WAITING)
    assert (view.steps[0].status, statuses(view)) == (RunStatus.WAITING, [OK, W, W])
    assert view.steps[0].ended_at is not None
    assert await groups(stage, started, batch=None) == [(5, "", 2), (9, "x", 1)]
    assert await groups(stage, started, batch=1) == [(9, "x", 1)]
    assert await groups(stage, started, batch=2) == [(5, "", 1)]
    for agent in agents[1:]:
        await act(stage, started, StepOperation.CONTINUE_ROLLING)
        with pytest.raises(UnsupportedOperationError):
            await act(stage, started, StepOperation.CONTINUE_ROLLING)
        await agent.end(await agent.run_order())
        if agent is not agents[-1]:
            await stage.wait(started.job_id, RunStatus.WAITING)
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)


async def test_ignoring_a_failed_batch_starts_the_next_one_or_asks(stage: Stage) -> None:
    agents = await stage.agents(2)
    started = await stage.run(hosts=2, rolling=Rolling("1"))
    await agents[0].end(await agents[0].run_order(), exit_code=1)
    await stage.wait(started.job_id, RunStatus.FAILED)
    await act(stage, started, StepOperation.IGNORE_ERROR)
    await agents[1].end(await agents[1].run_order())
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)

    asking = await stage.run(hosts=2, rolling=Rolling("1", ASK))
    await agents[0].end((await agents[0].runs(2))[-1], exit_code=1)
    await stage.wait(asking.job_id, RunStatus.FAILED)
    await act(stage, asking, StepOperation.IGNORE_ERROR)
    await stage.wait(asking.job_id, RunStatus.WAITING)
    await act(stage, asking, StepOperation.CONTINUE_ROLLING)
    await agents[1].end((await agents[1].runs(2))[-1])
    await stage.wait(asking.job_id, RunStatus.SUCCEEDED)


async def test_terminating_kills_the_current_batch_and_later_ones_never_start(stage: Stage) -> None:
    agents = await stage.agents(3)
    started = await stage.run(hosts=3, rolling=Rolling("1"))
    await agents[0].end(await agents[0].run_order())
    order = await agents[1].run_order()
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await agents[1].kill_order()
    await agents[1].report(Report(2, results=[result(order, 143, error_code=126)]))
    view = await stage.wait(started.job_id, RunStatus.STOPPED)
    assert statuses(view) == [OK, TaskStatus.KILLED, W]
    assert agents[2].orders == []


async def test_terminating_while_a_person_is_asked_stops_at_once(stage: Stage) -> None:
    agents = await stage.agents(2)
    started = await stage.run(hosts=2, rolling=Rolling("1", ASK))
    await agents[0].end(await agents[0].run_order())
    await stage.wait(started.job_id, RunStatus.WAITING)
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    view = await stage.wait(started.job_id, RunStatus.STOPPED)
    assert view.steps[0].status is RunStatus.STOPPED


async def test_a_batch_of_hosts_without_agents_does_not_stand_in_the_way(stage: Stage) -> None:
    agent = await stage.agent(2)
    started = await stage.run(hosts=2, rolling=Rolling("1", IGNORE))
    await agent.end(await agent.run_order())
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert statuses(view) == [TaskStatus.AGENT_UNREACHABLE, OK]


async def test_parallel_batches_start_by_the_clock_and_do_not_wait_for_each_other(stage: Stage) -> None:
    agents = await stage.agents(3)
    started = await stage.run(hosts=3, rolling=Rolling("1", parallel=True, wait_fixed_ms=300))
    orders = [await agent.run_order() for agent in agents]
    for agent, order, code in zip(agents, orders, (0, 1, 0), strict=True):
        await agent.end(order, exit_code=code)
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    assert statuses(view) == [OK, BAD, OK]
    kept = await stored_batches(stage, started)
    assert [one.status for one in kept] == [RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.SUCCEEDED]
    planned = [one.start_at or 0 for one in kept]
    assert all(later - earlier >= 300 for earlier, later in pairwise(planned[1:]))
    assert all((one.started_at or 0) >= (one.start_at or 0) for one in kept)
    await act(stage, started, StepOperation.RETRY_ALL)
    for agent in agents:
        await agent.end((await agent.runs(2))[-1])
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)


@pytest.mark.parametrize("expression", ["", "0", "1  1", "x"])
async def test_an_expression_that_cannot_be_read_is_refused(stage: Stage, expression: str) -> None:
    with pytest.raises(IllegalRollingExpressionError):
        await stage.run(hosts=2, rolling=Rolling(expression))


async def test_too_many_parallel_batches_are_refused(stage: Stage) -> None:
    from jobfleet.engine.accept import planned_sizes

    assert len(planned_sizes(Rolling("1", parallel=True), 200)) == 200
    with pytest.raises(IllegalRequestError):
        planned_sizes(Rolling("1", parallel=True), 201)


async def act(stage: Stage, started: StartedJob, operation: StepOperation) -> None:
    ids = started.job_id, started.step_id
    await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, operation)


async def groups(stage: Stage, started: StartedJob, batch: int | None) -> list[tuple[int, str | None, int]]:
    ids = started.job_id, started.step_id
    view = await query.step_status(stage.platform, ADMIN, SCOPE, *ids, StepFilter(batch=batch))
    return [(int(one.status), one.tag, one.size) for one in view.groups]


async def stored_batches(stage: Stage, started: StartedJob, attempt: int = 0) -> list[batches.Batch]:
    async with stage.platform.engine.db.begin() as tx:
        return await batches.list_of(tx, StepKey(started.job_id, started.step_id, attempt))


async def batch_statuses(stage: Stage, started: StartedJob, attempt: int = 0) -> list[RunStatus]:
    return [one.status for one in await stored_batches(stage, started, attempt)]


async def test_a_rolling_step_that_the_engine_gave_up_goes_on_from_its_batch(stage: Stage) -> None:
    agents = await stage.agents(3)
    started = await stage.run(hosts=3, rolling=Rolling("1"))
    await agents[0].run_order()
    await give_up_step(stage.platform.engine, Dispatchable(started.job_id, started.step_id), "broken")
    view = await stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert statuses(view) == [TaskStatus.RESULT_LOST, W, W]
    assert (await batch_statuses(stage, started))[0] is RunStatus.ABNORMAL
    await act(stage, started, StepOperation.RETRY_FAILED)
    await agents[0].end((await agents[0].runs(2))[-1])
    await agents[1].end(await agents[1].run_order())
    await agents[2].run_order()
    await give_up_step(stage.platform.engine, Dispatchable(started.job_id, started.step_id), "broken again")
    assert statuses(await stage.wait(started.job_id, RunStatus.ABNORMAL)) == [OK, OK, TaskStatus.RESULT_LOST]


async def test_a_step_whose_batches_start_by_the_clock_is_given_up_with_all_of_them(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run(hosts=2, rolling=Rolling("1", parallel=True, wait_fixed_ms=60_000))
    await agent.run_order()
    await give_up_step(stage.platform.engine, Dispatchable(started.job_id, started.step_id), "broken")
    view = await stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert statuses(view) == [TaskStatus.RESULT_LOST, TaskStatus.NOT_SUBMITTED]


async def test_however_often_a_job_is_looked_at_few_looks_wait_for_its_next_batch(idle_stage: Stage) -> None:
    agents = await idle_stage.agents(2)
    engine = Engine(idle_stage.platform.engine, idle_stage.courier(), WINDOWS)
    started = await idle_stage.run(hosts=2, rolling=Rolling("1", parallel=True, wait_fixed_ms=1_500))
    try:
        for _ in range(8):
            await engine._look_after(started.job_id)
        assert len(engine._tasks) < 4
        await agents[1].run_order()
    finally:
        await engine.stop()
