"""What agents can and cannot do that do not tell the truth: they speak for their own host alone."""

import time
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from nats.aio.msg import Msg
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, result, statuses
from tests.waiting import eventually, until

from jobfleet.bus import subjects
from jobfleet.model.agent import Enrolment
from jobfleet.model.job import JobOperation
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.order import Hello, KillOrder, Order, OrderReply, Report, TaskStarted
from jobfleet.model.outcome import Outcome
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.operations import hosts, operate
from jobfleet.store import agents


async def test_an_agent_cannot_end_another_hosts_task_by_not_knowing_it(stage: Stage) -> None:
    liar, other = await stage.agents(2)
    started = await stage.run(hosts=2)
    foreign = (await other.run_order()).task_id
    mine = (await liar.run_order()).task_id

    def deny_both(order: Order) -> bytes:
        return msgspec.msgpack.encode(OrderReply(accepted=True, unknown=[mine, foreign]))

    liar.says = deny_both
    other.silent = True
    await stage.wait_tasks(started.job_id, [TaskStatus.RUNNING] * 2)
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    for agent in (liar, other):
        assert isinstance(await agent.kill_order(), KillOrder)
    view = await stage.wait_tasks(started.job_id, [TaskStatus.KILLED, TaskStatus.RUNNING])
    assert statuses(view) == [TaskStatus.KILLED, TaskStatus.RUNNING]
    other.silent, other.knows = False, False
    await stage.wait(started.job_id, RunStatus.STOPPED)


NONSENSE = {
    "no message": b"nonsense",
    "no UTF-8": b"\x82\xa8accepted\xc2\xa6reason\xa1\xff",
    "a NUL": msgspec.msgpack.encode({"accepted": False, "reason": "\0"}),
    "too deep": b"\x91" * 100_000,
}


@pytest.mark.parametrize("said", NONSENSE.values(), ids=NONSENSE)
async def test_an_answer_that_makes_no_sense_leaves_the_other_hosts_alone(stage: Stage, said: bytes) -> None:
    [liar] = await stage.agents(1)
    liar.says = lambda _order: said
    started = await stage.run(hosts=2)
    await liar.run_order()
    await stage.wait_tasks(started.job_id, [TaskStatus.WAITING, TaskStatus.AGENT_UNREACHABLE])


async def test_a_report_is_answered_in_its_own_hosts_inbox_only(stage: Stage) -> None:
    """The broker looks at where an agent publishes, not at where it wants answers: the server does."""
    liar, bus, heard = await stage.agent(1), stage.platform.engine.bus, list[Msg]()

    async def hear(message: Msg) -> None:
        heard.append(message)

    own = f"{subjects.inbox_prefix(1)}.own"
    for place in (subjects.orders(2), subjects.report(2), f"{subjects.inbox_prefix(2)}.x", bus.new_inbox(), own):
        await bus.subscribe(place, cb=hear)
        empty = msgspec.msgpack.encode(Report(1))
        await liar._client.publish(subjects.report(1), empty, reply=place, headers={"Status": "503"})
    await until(lambda: any(message.subject == own for message in heard))
    assert [(message.subject, message.headers) for message in heard] == [(own, None)]


@pytest.mark.parametrize("lie", [{"version": "\0"}, {"boot_id": "\0"}, {"refused": {"\0": 1}}])
async def test_a_hello_that_cannot_be_stored_leaves_the_other_hosts_alone(stage: Stage, lie: dict[str, Any]) -> None:
    async with stage.platform.engine.db.begin() as tx:
        for host_id in (1, 2):
            await agents.upsert(tx, host_id, Enrolment("", 0, f"U{host_id}", "", "linux", ""), 1)
    bus = stage.platform.engine.bus
    good = Hello(2, "test", "boot", [], {})
    bad = msgspec.structs.replace(good, host_id=1, **lie)
    began = time.time_ns() // 1_000_000
    for hello in [*[bad] * 5, good, *[bad] * 5]:
        await bus.publish(subjects.hello(hello.host_id), msgspec.msgpack.encode(hello))
    await eventually(lambda: _was_seen(stage, began))


async def _was_seen(stage: Stage, began: int) -> bool:
    [view] = await hosts.list_chosen(stage.platform, ADMIN, Scope(ScopeType.BUSINESS, 2), [2])
    agent = view.agent
    return agent is not None and (agent.seen_at or 0) >= began


async def test_a_start_in_the_future_puts_no_deadline_off(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    order = await agent.run_order()
    tomorrow = time.time_ns() // 1_000_000 + 86_400_000
    await agent.report(Report(1, started=[TaskStarted(order.task_id, order.job_id, tomorrow)]))
    await stage.wait_tasks(started.job_id, [TaskStatus.RUNNING])
    async with stage.platform.engine.db.begin() as tx:
        query = sa.text("SELECT deadline_at FROM task WHERE job_id = :job")
        deadline = (await tx.execute(query, {"job": started.job_id})).scalar_one()
    assert deadline < tomorrow


async def test_an_end_in_the_far_future_is_noted_as_now(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    order = await agent.run_order()
    lie = result(order, started_at=2**62 - 10**15, ended_at=2**62)
    await agent.report(Report(1, results=[lie]))
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    async with stage.platform.engine.db.begin() as tx:
        query = sa.text("SELECT started_at, ended_at, total_ms FROM task WHERE job_id = :job")
        began, ended, total_ms = (await tx.execute(query, {"job": started.job_id})).one()
    assert began <= ended <= time.time_ns() // 1_000_000
    assert total_ms <= DAY_MS


async def test_a_report_with_an_unknown_outcome_is_no_report(stage: Stage) -> None:
    agent = await stage.agent(1)
    await stage.run()
    good = result(await agent.run_order())
    written = msgspec.msgpack.encode(Report(1, results=[msgspec.structs.replace(good, outcome=77)]))
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(written, type=Report)
    assert good.outcome is Outcome.SUCCEEDED
