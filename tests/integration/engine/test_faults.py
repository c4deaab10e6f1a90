"""What the engine does when messages, servers, hosts or the database do not do as they should."""

import asyncio
import contextlib

import msgspec
import sqlalchemy as sa
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, chunks, now_ms, result, statuses

from jobfleet.engine.dispatch import ACCEPT_PATIENCE_MS
from jobfleet.engine.pull import LEASE_MS
from jobfleet.model.job import JobOperation
from jobfleet.model.order import OrderReply, Report
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.operations import operate
from jobfleet.store import tables
from jobfleet.store.database import raw

FULL = "the agent refused the order: it has as many unfinished tasks as it takes"


async def test_several_servers_on_one_database_do_nothing_twice(stage: Stage) -> None:
    for _ in range(2):
        await stage.start_engine(await stage.another_platform())
    agents = await stage.agents(5)
    for agent in agents:
        agent.on_run = lambda order, agent=agent: _noted(agent.end(order, text=b"x"))
    started = [await stage.run(hosts=5) for _ in range(20)]
    for one in started:
        await stage.wait(one.job_id, RunStatus.SUCCEEDED)
    for agent in agents:
        orders = [order.task_id for order in await agent.runs(20)]
        assert len(orders) == len(set(orders)) == 20


async def test_a_job_that_no_server_was_told_of_is_found_by_a_sweep(idle_stage: Stage) -> None:
    agent = await idle_stage.agent(1)
    started = await idle_stage.run()
    await idle_stage.start_engine()
    await agent.end(await agent.run_order())
    await idle_stage.wait(started.job_id, RunStatus.SUCCEEDED)


async def test_a_server_that_dies_with_a_job_half_sent_leaves_it_to_another(idle_stage: Stage) -> None:
    engine = await idle_stage.start_engine()
    agents = await idle_stage.agents(3)
    agents[1].silent = True
    started = await idle_stage.run(hosts=3)
    for agent in agents:
        await agent.run_order()
    await engine.stop()
    await idle_stage.change("UPDATE task SET lease_until = 1 WHERE status = 5")
    agents[1].silent = False
    await idle_stage.start_engine(await idle_stage.another_platform())
    again = (await agents[1].runs(2))[-1]
    for agent in agents:
        await agent.end((await agent.runs(1))[-1])
    view = await idle_stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert again.task_id == view.tasks[started.step_id][1].id


async def test_a_task_past_its_deadline_is_given_up_and_its_late_result_is_still_shown(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    order = await agent.run_order()
    await stage.wait_tasks(started.job_id, [TaskStatus.RUNNING])
    await stage.change("UPDATE task SET deadline_at = 1, lease_until = 2")
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    assert statuses(view) == [TaskStatus.RESULT_LOST]
    await agent.end(order, text=b"late\n")
    view = await stage.wait_tasks(started.job_id, [TaskStatus.SUCCEEDED])
    assert view.job.status is RunStatus.FAILED
    async with stage.platform.engine.db.begin() as tx:
        kinds = await tx.execute(sa.select(tables.events.c.kind).where(tables.events.c.job_id == started.job_id))
        assert "late result" in kinds.scalars().all()


async def test_an_agent_that_never_answers_an_order_is_given_up(stage: Stage) -> None:
    agent = await stage.agent(1)
    agent.silent = True
    started = await stage.run()
    order = await agent.run_order()
    await stage.change(f"UPDATE task SET sent_at = {now_ms() - ACCEPT_PATIENCE_MS - 1000}")
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    assert statuses(view) == [TaskStatus.RESULT_LOST]
    assert order.task_id == view.tasks[started.step_id][0].id


async def test_an_agent_that_cannot_take_an_order_is_asked_again_and_then_believed(stage: Stage) -> None:
    agent = await stage.agent(1)
    agent.says = lambda _order: msgspec.msgpack.encode(OrderReply(accepted=False, reason="busy"))
    started = await stage.run()
    await agent.run_order()
    await _look_as_if_later(stage, LEASE_MS)
    await agent.runs(2)
    assert statuses(await stage.view(started.job_id)) == [TaskStatus.WAITING]
    await _look_as_if_later(stage, ACCEPT_PATIENCE_MS - 2 * LEASE_MS)
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    [task] = view.tasks[started.step_id]
    assert (task.status, task.message) == (TaskStatus.NOT_SUBMITTED, FULL)


async def test_a_task_that_an_agent_lost_is_named_so_when_it_says_hello(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    order = await agent.run_order()
    await stage.wait_tasks(started.job_id, [TaskStatus.RUNNING])
    await stage.change("UPDATE task SET sent_at = sent_at - 60000")
    await agent.hello(unfinished=[order.task_id])
    agent.knows = False
    await agent.hello(unfinished=[])
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    assert view.tasks[started.step_id][0].message == "the agent no longer knows the task"


async def test_a_kill_reaches_an_agent_that_was_away_when_it_was_ordered(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    order = await agent.run_order()
    agent.silent = True
    await stage.change("UPDATE task SET sent_at = sent_at - 60000")
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await agent.kill_order()
    agent.orders.clear()
    agent.silent = False
    await agent.hello(unfinished=[order.task_id])
    await agent.kill_order()
    await agent.report(Report(1, results=[result(order, 143, error_code=126)]))
    await stage.wait(started.job_id, RunStatus.STOPPED)


async def test_a_kill_that_nobody_confirms_is_shown_as_failed(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    await agent.run_order()
    agent.silent = True
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await agent.kill_order()
    stage.platform.engine.bus.connected_at = 1
    await stage.change("UPDATE step SET stopping_at = 1")
    view = await stage.wait(started.job_id, RunStatus.STOPPED)
    assert statuses(view) == [TaskStatus.KILL_FAILED]


async def test_a_step_that_was_changed_in_the_database_is_not_run(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run(start=False)
    await stage.change("""UPDATE step SET definition = jsonb_set(definition, '{account}', '"toor"')""")
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.START)
    view = await stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert (view.steps[0].status, agent.orders) == (RunStatus.ABNORMAL, [])


async def test_script_and_sensitive_parameters_are_not_in_the_database_in_clear(stage: Stage) -> None:
    agent = await stage.agent(1)
    content = b"#!/bin/sh\necho canary-content\n"
    await stage.run(content=content, params="canary-param", sensitive=True)
    order = await agent.run_order()
    assert (order.content, order.params) == (content, "canary-param")
    async with stage.platform.engine.db.begin() as tx:
        for table in ("step", "content", "event", "job"):
            rows = await tx.exec_driver_sql(f"SELECT t::text FROM {table} t")
            texts = "".join(rows.scalars())
            assert b"canary".hex() not in texts
            assert "canary" not in texts


async def test_garbage_on_the_wire_is_dropped_and_the_engine_goes_on(stage: Stage) -> None:
    agent = await stage.agent(1)
    for garbage in (b"", b"\xff" * 50, b"\x81\xa7host_id\x02", b"{}"):
        await agent._client.publish("report.1", garbage)
        await agent._client.publish("hello.1", garbage)
    started = await stage.run()
    order = await agent.run_order()
    bad = Report(1, results=[msgspec.structs.replace(result(order), outcome=77)])
    with contextlib.suppress(TimeoutError):
        await agent.report(bad, timeout_s=1)
    await agent.end(order)
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)


async def test_output_beyond_the_cap_is_acknowledged_but_not_stored(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    order = await agent.run_order()
    piece = b"x" * 250_000
    for number in range(24):
        stored = await agent.report(Report(1, chunks=chunks(order, piece, number * len(piece))))
        assert stored.output == {order.task_id: (number + 1) * len(piece)}
    async with stage.platform.engine.db.begin() as tx:
        kept = await (await raw(tx)).fetchval("SELECT sum(size_bytes) FROM output_chunk")
    assert kept <= stage.platform.engine.output_cap_bytes + 4096
    await agent.end(order)
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)


async def test_equal_output_of_many_hosts_is_stored_once(stage: Stage) -> None:
    agents = await stage.agents(5)
    started = await stage.run(hosts=5)
    await asyncio.gather(*[_noted(agent.end(await agent.run_order(), text=b"same\n")) for agent in agents])
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    async with stage.platform.engine.db.begin() as tx:
        count = sa.select(sa.func.count())
        assert (await tx.execute(count.select_from(tables.output_chunks))).scalar_one() == 5
        assert (await tx.execute(count.select_from(tables.output_blobs))).scalar_one() == 1


async def _noted(work: object) -> None:
    await work  # type: ignore[misc]


async def _look_as_if_later(stage: Stage, by_ms: int) -> None:
    """Have the engine look at what was sent, so much earlier, and may be sent again."""
    await stage.change(f"UPDATE task SET sent_at = sent_at - {by_ms}, lease_until = 0")
    await stage.change("UPDATE job SET look_at = 0")
