"""What the engine does after it, the broker or the database was away for long, and with reports that do harm."""

import asyncio

import msgspec
import pytest
import sqlalchemy as sa
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, chunks, now_ms, result, statuses
from tests.waiting import WITHIN_S, eventually

from jobfleet.bus import subjects
from jobfleet.engine.dispatch import ACCEPT_PATIENCE_MS
from jobfleet.engine.service import RETRY_S
from jobfleet.model.errors import UnavailableError
from jobfleet.model.job import JobOperation
from jobfleet.model.order import AskOrder, KillOrder, Report, RunOrder
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.operations import operate
from jobfleet.store import jobs
from jobfleet.store.database import Database, raw

POISON_S = RETRY_S * 0.8
"""So often that an engine which puts a portion off for one bad report finds one in the next portion too."""


async def test_a_report_that_wants_no_answer_leaves_the_engine_hearing(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    order = await agent.run_order()
    mute = Report(1, chunks=chunks(order, b"early\n"))
    await agent._client.publish(subjects.report(1), msgspec.msgpack.encode(mute))
    await agent.end(order, text=b"early\n")
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)


async def test_a_report_that_cannot_be_stored_keeps_no_other_from_it(stage: Stage) -> None:
    poisoner, agent = await stage.agents(2)
    started = await stage.run(hosts=2)
    bad, order = await poisoner.run_order(), await agent.run_order()
    poison = Report(1, results=[msgspec.structs.replace(result(bad, 0), job_id=2**63 + 1)])
    spread = asyncio.create_task(_keep_publishing(poisoner._client, subjects.report(1), poison))
    try:
        answers = [await agent.report(Report(2, chunks=chunks(order, b"x"))) for _ in range(5)]
    finally:
        spread.cancel()
    assert answers[-1].output == {order.task_id: 1}
    await agent.end(order, text=b"x")
    await poisoner.end(bad)
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)


async def _keep_publishing(client: object, subject: str, report: Report) -> None:
    while True:
        await client.publish(subject, msgspec.msgpack.encode(report))  # type: ignore[attr-defined]
        await asyncio.sleep(POISON_S)


async def test_an_order_that_was_lost_is_sent_again_though_its_agent_says_hello_first(stage: Stage) -> None:
    agent = await stage.agent(1)
    agent.silent = True
    started = await stage.run()
    await agent.run_order()
    await stage.change(f"UPDATE task SET sent_at = {now_ms() - 20_000}, lease_until = {now_ms() + 4_000}")
    agent.silent, agent.knows = False, False
    await agent.hello(unfinished=[])
    again = (await agent.runs(2))[-1]
    await agent.end(again)
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert statuses(view) == [TaskStatus.SUCCEEDED]


async def test_a_task_whose_acceptance_was_not_noted_before_a_long_outage_is_not_given_up(idle_stage: Stage) -> None:
    """A server died right after it had sent the order, and the next one comes two minutes later."""
    engine = await idle_stage.start_engine()
    agent = await idle_stage.agent(1)
    agent.silent = True
    started = await idle_stage.run()
    order = await agent.run_order()
    await engine.stop()
    long_ago = now_ms() - 2 * ACCEPT_PATIENCE_MS
    await idle_stage.change(f"UPDATE task SET status = 5, sent_at = {long_ago}, lease_until = {long_ago + 15_000}")
    agent.silent = False
    await idle_stage.start_engine(await idle_stage.another_platform())
    assert (await agent.runs(2))[-1].task_id == order.task_id
    await agent.end(order)
    view = await idle_stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert statuses(view) == [TaskStatus.SUCCEEDED]


async def test_a_task_past_its_deadline_is_asked_for_before_it_is_given_up(stage: Stage) -> None:
    """As after an outage that was longer than the script's time limit: its agent still has the result."""
    agent = await stage.agent(1)
    started = await stage.run()
    order = await agent.run_order()
    await stage.wait_tasks(started.job_id, [TaskStatus.RUNNING])
    await stage.change(f"UPDATE task SET deadline_at = {now_ms() - 1000}, lease_until = {now_ms() - 2000}")
    async with asyncio.timeout(WITHIN_S), agent.arrived:
        await agent.arrived.wait_for(lambda: any(isinstance(order, AskOrder) for order in agent.orders))
    await agent.end(order)
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert statuses(view) == [TaskStatus.SUCCEEDED]


async def test_a_task_past_its_deadline_that_its_agent_does_not_know_is_given_up_with_the_reason(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    await agent.run_order()
    await stage.wait_tasks(started.job_id, [TaskStatus.RUNNING])
    agent.knows = False
    await stage.change(f"UPDATE task SET deadline_at = {now_ms() - 1000}, lease_until = {now_ms() - 2000}")
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    assert view.tasks[started.step_id][0].message == "the agent no longer knows the task"


async def test_a_kill_is_not_given_up_by_a_server_that_has_only_just_come(stage: Stage) -> None:
    """The job was stopped long ago, and the host's agent comes back a moment after the server."""
    agent = await stage.agent(1)
    agent.silent = True
    started = await stage.run()
    order = await agent.run_order()
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await stage.change("UPDATE step SET stopping_at = 1")
    async with asyncio.timeout(WITHIN_S), agent.arrived:
        await agent.arrived.wait_for(lambda: sum(isinstance(one, KillOrder) for one in agent.orders) > 1)
    agent.silent = False
    await agent.report(Report(1, results=[result(order, 143, error_code=126)]))
    view = await stage.wait(started.job_id, RunStatus.STOPPED)
    assert statuses(view) == [TaskStatus.KILLED]


@pytest.mark.parametrize("is_raw", [True, False])
async def test_a_session_that_the_database_ends_is_told_as_away(stage: Stage, is_raw: bool) -> None:
    db = stage.platform.engine.db
    ending: list[asyncio.Task[None]] = []
    with pytest.raises(UnavailableError):
        await _sleep_until_ended(stage, db, ending, is_raw=is_raw)
    await asyncio.gather(*ending)


async def _sleep_until_ended(stage: Stage, db: Database, ending: list[asyncio.Task[None]], *, is_raw: bool) -> None:
    async with db.begin() as tx:
        pid = (await tx.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one()
        ending.append(asyncio.create_task(stage.change(f"SELECT pg_terminate_backend({pid}) FROM pg_sleep(0.2)")))
        if is_raw:
            await (await raw(tx)).execute("SELECT pg_sleep(10)")
        else:
            await tx.execute(sa.text("SELECT pg_sleep(10)"))


async def test_a_server_that_hangs_with_a_job_in_its_hands_lets_go_of_it(idle_stage: Stage, database_url: str) -> None:
    started = await idle_stage.run(start=False)
    hung = Database(database_url, idle_s=1)
    with pytest.raises(UnavailableError):
        await _hold_until_another_has_it(hung, idle_stage, started.job_id)
    await hung.close()


async def _hold_until_another_has_it(hung: Database, stage: Stage, job_id: int) -> None:
    async with hung.begin() as tx:
        await jobs.find(tx, job_id, lock=True)
        async with asyncio.timeout(WITHIN_S), stage.platform.engine.db.begin() as other:
            assert await jobs.find(other, job_id, lock=True) is not None


async def test_an_order_is_held_back_while_the_broker_is_away_and_sent_when_agents_are_back(stage: Stage) -> None:
    """The agent comes back some time after the broker; until then nobody listens for its orders."""
    bus = stage.platform.engine.bus
    bus.stats["reconnects"] += 1
    bus.connected_at = now_ms()
    started = await stage.run()
    await _put_off_after(stage, await _put_off_after(stage, 0))
    assert statuses(await stage.view(started.job_id)) == [TaskStatus.WAITING]
    agent = await stage.agent(1)
    order = await agent.run_order()
    await agent.end(order)
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert [type(one) for one in agent.orders] == [RunOrder]


async def _put_off_after(stage: Stage, moment: int) -> int:
    """Return until when an order is held back that nobody took, once it is for longer than until a moment."""
    query = "SELECT lease_until FROM task WHERE sent_at IS NULL AND lease_until > $1"

    async def look() -> int | None:
        async with stage.platform.engine.db.begin() as tx:
            until: int | None = await (await raw(tx)).fetchval(query, moment)
        return until

    found = await eventually(look)
    assert found is not None
    return found


async def test_a_host_without_agent_is_told_so_once_agents_have_had_time_to_come_back(stage: Stage) -> None:
    bus = stage.platform.engine.bus
    bus.stats["reconnects"] += 1
    bus.connected_at = now_ms() - 12_000
    started = await stage.run()
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    assert statuses(view) == [TaskStatus.AGENT_UNREACHABLE]
