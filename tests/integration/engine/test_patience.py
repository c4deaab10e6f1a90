"""Nothing is waited for without an end, and nothing that waits grows without a bound."""

import asyncio

from tests.engines import Broker
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, result, statuses
from tests.waiting import WITHIN_S

from jobfleet.engine import stop
from jobfleet.engine.service import nudge
from jobfleet.engine.sweep import look_after
from jobfleet.model.job import JobOperation
from jobfleet.model.order import Report, TaskStarted
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.operations import operate
from jobfleet.store.database import raw


async def test_a_kill_that_an_agent_takes_and_never_reports_on_is_shown_as_failed_in_the_end(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    await agent.run_order()
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await agent.kill_order()
    stage.platform.engine.bus.connected_at -= stop.RECEIPT_MS
    await stage.change(f"UPDATE step SET stopping_at = stopping_at - {stop.RECEIPT_MS}")
    view = await stage.wait(started.job_id, RunStatus.STOPPED)
    assert statuses(view) == [TaskStatus.KILL_FAILED]


async def test_a_receipt_that_is_awaited_in_its_time_is_not_given_up(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    await agent.run_order()
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await agent.kill_order()
    stage.platform.engine.bus.connected_at -= stop.PATIENCE_MS
    await stage.change(f"UPDATE step SET stopping_at = stopping_at - {stop.PATIENCE_MS}")
    await stage.change("UPDATE job SET look_at = 0")
    async with asyncio.timeout(WITHIN_S), agent.arrived:
        await agent.arrived.wait_for(lambda: len(agent.orders) >= 3)
    assert (await stage.view(started.job_id)).job.status is RunStatus.STOPPING


async def test_a_receipt_that_comes_late_still_names_the_survivors(stage: Stage) -> None:
    agent = await stage.agent(1)
    agent.silent = True
    started = await stage.run()
    order = await agent.run_order()
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await agent.kill_order()
    stage.platform.engine.bus.connected_at -= stop.PATIENCE_MS
    await stage.change(f"UPDATE step SET stopping_at = stopping_at - {stop.PATIENCE_MS}")
    view = await stage.wait(started.job_id, RunStatus.STOPPED)
    assert statuses(view) == [TaskStatus.KILL_FAILED]
    await agent.report(Report(1, results=[result(order, 137, error_code=126, survivors=[71, 72])]))
    assert (await stage.view(started.job_id)).tasks[started.step_id][0].survivors == (71, 72)


async def test_nothing_is_given_up_while_the_broker_is_away_and_nobody_can_be_asked(idle_stage: Stage) -> None:
    engine = await idle_stage.start_engine()
    agent = await idle_stage.agent(1)
    started = await idle_stage.run()
    await agent.run_order()
    await idle_stage.wait_tasks(started.job_id, [TaskStatus.RUNNING])
    await engine.stop()
    await idle_stage.change("UPDATE task SET deadline_at = 2, lease_until = NULL")
    cut_off = (await idle_stage.another_platform()).engine
    await cut_off.bus.close()
    for _ in range(2):
        await look_after(cut_off, started.job_id)
        await idle_stage.change("UPDATE task SET lease_until = 3 WHERE lease_until IS NOT NULL")
    assert statuses(await idle_stage.view(started.job_id)) == [TaskStatus.RUNNING]


async def test_a_start_that_is_told_again_does_not_put_the_deadline_off_again(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    order = await agent.run_order()
    begun = TaskStarted(order.task_id, order.job_id, await _value(stage, "sent_at") + 60_000)
    await agent.report(Report(1, started=[begun]))
    deadline = await _value(stage, "deadline_at")
    await agent.report(Report(1, started=[begun]))
    assert await _value(stage, "deadline_at") == deadline
    assert started.job_id == order.job_id


async def test_a_nudge_over_a_broken_connection_harms_nothing(nats: Broker) -> None:
    bus = await nats.server()
    await bus.close()
    await nudge(bus, 1)


async def _value(stage: Stage, column: str) -> int:
    async with stage.platform.engine.db.begin() as tx:
        return int(await (await raw(tx)).fetchval(f"SELECT {column} FROM task"))
