"""What an attempt leaves behind does not disturb the next one, and orders carry only what was sealed."""

from tests.integration.engine.stage import ADMIN, SCOPE, Stage, statuses

from jobfleet.engine.advance import advance
from jobfleet.model.job import JobOperation, StepOperation
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.operations import operate


async def test_a_host_whose_order_was_never_sent_runs_once_after_a_retry(idle_stage: Stage) -> None:
    """The step is stopped before anything is sent: its first task waits for ever, and is not to be sent later."""
    ctx = idle_stage.platform.engine
    agent = await idle_stage.agent(1)
    started = await idle_stage.run()
    await advance(ctx, started.job_id)
    await operate.operate_job(idle_stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await advance(ctx, started.job_id)
    ids = started.job_id, started.step_id
    await operate.operate_step(idle_stage.platform, ADMIN, SCOPE, *ids, StepOperation.RETRY_ALL)
    await idle_stage.start_engine()
    order = await agent.run_order()
    await agent.end(order)
    await idle_stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert [one.attempt for one in await agent.runs(1)] == [1]


async def test_a_step_that_the_engine_gives_up_still_takes_the_results_of_what_was_sent(stage: Stage) -> None:
    one, two = await stage.agents(2)
    two.silent = True
    started = await stage.run(hosts=2)
    order = await one.run_order()
    await two.run_order()
    await stage.wait_tasks(started.job_id, [TaskStatus.RUNNING, TaskStatus.WAITING])
    await stage.change("DELETE FROM content")
    await stage.change("UPDATE task SET lease_until = 1 WHERE status = 5")
    view = await stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert statuses(view) == [TaskStatus.RESULT_LOST, TaskStatus.RESULT_LOST]
    await one.end(order)
    await stage.wait_tasks(started.job_id, [TaskStatus.SUCCEEDED, TaskStatus.RESULT_LOST])


async def test_what_a_running_step_runs_cannot_be_changed_in_the_database(stage: Stage) -> None:
    one, two = await stage.agents(2)
    started = await stage.run(hosts=1)
    await one.end(await one.run_order(), exit_code=1)
    await stage.wait(started.job_id, RunStatus.FAILED)
    await stage.change("""UPDATE step SET definition = jsonb_set(definition, '{params}', '"; evil"')""")
    ids = started.job_id, started.step_id
    await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.RETRY_ALL)
    await stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert (len(one.orders), two.orders) == (1, [])


async def test_a_task_for_a_host_that_is_no_target_is_not_sent(stage: Stage) -> None:
    one, two = await stage.agents(2)
    started = await stage.run(hosts=1)
    await one.end(await one.run_order(), exit_code=1)
    await stage.wait(started.job_id, RunStatus.FAILED)
    await stage.change("UPDATE task SET host_id = 2")
    ids = started.job_id, started.step_id
    await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.RETRY_ALL)
    await stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert (len(one.orders), two.orders) == (1, [])
