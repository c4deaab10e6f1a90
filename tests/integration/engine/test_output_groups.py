"""Hosts grouped by what they printed: as they end, late, again, and where nobody has looked yet."""

import asyncio
import os
import threading
import time
from collections.abc import Callable

import sqlalchemy as sa
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, chunks, now_ms, result

from jobfleet.engine import record
from jobfleet.engine.settle import Settlement, settle
from jobfleet.model.job import StepOperation
from jobfleet.model.normal import COMPARED_BYTES, Normal
from jobfleet.model.order import Chunk, Report, Segment, TaskResult
from jobfleet.model.outcome import Outcome
from jobfleet.model.rolling import Rolling
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.operations import operate, output_groups
from jobfleet.operations.output_groups import Grouped, GroupsWanted
from jobfleet.store import tables


async def groups_of(stage: Stage, job_id: int, step_id: int, normal: Normal = Normal.EXACT, **more: int) -> Grouped:
    wanted = GroupsWanted(job_id=job_id, step_id=step_id, normal=normal, **more)
    return await output_groups.output_groups(stage.platform, ADMIN, wanted)


def counted(found: Grouped) -> list[tuple[str, int, int | None]]:
    return [(one.letter, len(one.tasks), one.exit_code) for one in found.groups]


async def test_hosts_that_a_run_left_behind_are_not_waited_for(stage: Stage) -> None:
    agents = await stage.agents(2)
    job = await stage.run(hosts=2, rolling=Rolling("1"))
    await agents[0].end(await agents[0].run_order(), exit_code=1)
    await stage.wait(job.job_id, RunStatus.FAILED)
    found = await groups_of(stage, job.job_id, job.step_id)
    assert (found.total, found.running, found.unrun, found.pending) == (2, 0, 1, 0)


async def test_hosts_are_grouped_as_they_end_under_each_normal_form(stage: Stage) -> None:
    agents = await stage.agents(5)
    job = await stage.run(hosts=5)
    orders = [await agent.run_order() for agent in agents]
    said = [
        b"10:04:01 ok on 127.0.0.2\n",
        b"10:04:02 ok on 127.0.0.3\n",
        b"10:04:02 ok on 127.0.0.3\n",
        b"10:04:02 seven on 127.0.0.9\n",
    ]
    for agent, order, text in zip(agents[:3], orders, said, strict=False):
        await agent.end(order, text=text)
    await agents[3].end(orders[3], exit_code=1, text=said[3])
    found = await groups_of(stage, job.job_id, job.step_id)
    assert [one[1:] for one in counted(found)] == [(1, 1), (1, 0), (2, 0)]
    assert counted(found)[-1][0] == "A"
    assert (found.total, found.running, found.pending) == (5, 1, 0)
    sizes = {}
    for normal in Normal:
        sizes[normal] = [len(one.tasks) for one in (await groups_of(stage, job.job_id, job.step_id, normal)).groups]
    assert sizes == {
        Normal.EXACT: [1, 1, 2],
        Normal.TIMES: [1, 1, 2],
        Normal.NUMBERS: [1, 3],
        Normal.ADDRESS: [1, 1, 1, 1],
    }
    await agents[4].end(orders[4])
    await stage.wait(job.job_id, RunStatus.FAILED)
    silent = await groups_of(stage, job.job_id, job.step_id, Normal.NUMBERS)
    assert sorted(len(one.tasks) for one in silent.groups) == [1, 1, 3]
    assert silent.tails[silent.groups[-1].tasks[0].log_task_id].endswith(b"127.0.0.2\n")


async def test_output_that_came_in_pieces_is_one_output(stage: Stage) -> None:
    agents = await stage.agents(2)
    job = await stage.run(hosts=2)
    first, second = [await agent.run_order() for agent in agents]
    await agents[0].report(Report(1, chunks=chunks(first, b"one ")))
    await agents[0].report(Report(1, chunks=chunks(first, b"two", 4), results=[result(first, text=b"one two")]))
    await agents[1].end(second, text=b"one two")
    await stage.wait(job.job_id, RunStatus.SUCCEEDED)
    found = await groups_of(stage, job.job_id, job.step_id)
    assert counted(found) == [("A", 2, 0)]


async def test_results_are_stored_while_a_hanging_disk_holds_the_threads_of_files(stage: Stage) -> None:
    [agent], released = await stage.agents(1), threading.Event()
    job = await stage.run()
    order = await agent.run_order()
    await agent.report(Report(1, chunks=chunks(order, b"one ")))
    threads = (os.cpu_count() or 1) + 4
    held = [asyncio.create_task(asyncio.to_thread(released.wait)) for _ in range(threads)]
    try:
        await agent.report(Report(1, chunks=chunks(order, b"two", 4), results=[result(order, text=b"one two")]))
        await stage.wait(job.job_id, RunStatus.SUCCEEDED)
    finally:
        released.set()
        await asyncio.gather(*held)


async def test_a_late_report_and_a_retry_are_grouped_by_what_they_printed(stage: Stage) -> None:
    agents = await stage.agents(2)
    job = await stage.run(hosts=2)
    first, second = [await agent.run_order() for agent in agents]
    await agents[0].report(Report(1, chunks=chunks(first, b"half")))
    lost = Settlement(job.job_id, first.task_id, TaskStatus.RESULT_LOST, 0, "gave up")
    await settle(stage.platform.engine, [lost])
    before = await groups_of(stage, job.job_id, job.step_id)
    assert [len(one.tasks) for one in before.groups] == [1]
    late = Report(1, chunks=chunks(first, b" and half", 4), results=[result(first, 1, b"half and half")])
    await agents[0].report(late)
    await agents[1].end(second, text=b"half and half")
    await stage.wait(job.job_id, RunStatus.FAILED)
    after = await groups_of(stage, job.job_id, job.step_id)
    assert [one[1:] for one in counted(after)] == [(1, 1), (1, 0)]
    await operate.operate_step(stage.platform, ADMIN, SCOPE, job.job_id, job.step_id, StepOperation.RETRY_FAILED)
    again = (await agents[0].runs(2))[-1]
    await agents[0].end(again, text=b"half and half")
    await stage.wait(job.job_id, RunStatus.SUCCEEDED)
    latest = await groups_of(stage, job.job_id, job.step_id)
    assert counted(latest) == [("A", 2, 0)]
    assert counted(await groups_of(stage, job.job_id, job.step_id, attempt=0)) == counted(after)


async def test_outputs_without_hashes_and_large_ones_are_hashed_when_asked(stage: Stage) -> None:
    agents = await stage.agents(3)
    job = await stage.run(hosts=3)
    orders = [await agent.run_order() for agent in agents]
    for agent, order, end in zip(agents, orders, (b"x", b"x", b"y"), strict=True):
        pieces = [b"a" * 200_000 + end for _ in range(2)]
        await agent.report(Report(agent.host_id, chunks=chunks(order, pieces[0])))
        text = b"".join(pieces)
        rest = chunks(order, pieces[1], len(pieces[0]))
        await agent.report(Report(agent.host_id, chunks=rest, results=[result(order, text=text)]))
    await stage.wait(job.job_id, RunStatus.SUCCEEDED)
    assert COMPARED_BYTES > 400_002
    async with stage.platform.engine.db.begin() as tx:
        assert (await tx.execute(sa.select(sa.func.count()).select_from(tables.output_hashes))).scalar_one() == 0
        await tx.execute(sa.update(tables.output_chunks).values(newlines=None))  # as an older version left them
    assert counted(await groups_of(stage, job.job_id, job.step_id)) == [("B", 1, 0), ("A", 2, 0)]
    async with stage.platform.engine.db.begin() as tx:
        assert (await tx.execute(sa.select(sa.func.count()).select_from(tables.output_hashes))).scalar_one() == 3


async def test_ten_thousand_outputs_are_grouped_while_one_waits(
    idle_stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """The hosts are made in the record: what is looked at is recording and grouping, not agents."""
    job = await idle_stage.run(hosts=5, start=False)
    keys = await _many_tasks(idle_stage, job.job_id, job.step_id, 10_000)
    begun = time.monotonic()
    for first in range(0, 10_000, 500):
        reports = [_report(job.job_id, keys[at], at) for at in range(first, first + 500)]
        await record.record(idle_stage.platform.engine, reports)
    recorded = time.monotonic()
    found = await groups_of(idle_stage, job.job_id, job.step_id, Normal.NUMBERS)
    took = time.monotonic() - recorded
    record_property("summary", f"10,000 outputs recorded in {recorded - begun:.1f} s, grouped in {took * 1000:.0f} ms")
    assert [len(one.tasks) for one in found.groups] == [1, 100, 9_899]


def _report(job_id: int, key: tuple[int, int], at: int) -> Report:
    task_id, host_id = key
    text = b"fatal: %d" % at if at == 4_321 else b"config %d is ok" % at if at % 101 else b"port %d is busy" % at
    ended = TaskResult(task_id, job_id, Outcome.SUCCEEDED, 0, 0, now_ms() - 5, now_ms(), len(text))
    return Report(host_id, chunks=[Chunk(task_id, job_id, 0, [Segment(1, now_ms(), text)])], results=[ended])


async def _many_tasks(stage: Stage, job_id: int, step_id: int, count: int) -> list[tuple[int, int]]:
    from jobfleet.store.database import raw

    async with stage.platform.engine.db.begin() as tx:
        driver = await raw(tx)
        await driver.execute(
            """INSERT INTO host (id, business_id, cloud_id, ip)
            SELECT n + 100, 2, 0, '10.' || n / 65536 || '.' || n / 256 % 256 || '.' || n % 256
            FROM generate_series(1, $1::integer) n""",
            count,
        )
        await driver.execute(
            """INSERT INTO target (job_id, step_id, ordinal, host_id, cloud_id, cloud_name, ip, os, alive, initial)
            SELECT $1, $2, n + 10, n + 100, 0, '', '10.' || n / 65536 || '.' || n / 256 % 256 || '.' || n % 256,
                   'linux', true, 5 FROM generate_series(1, $3::integer) n""",
            job_id,
            step_id,
            count,
        )
        rows = await driver.fetch(
            """INSERT INTO task (job_id, id, step_id, attempt, batch, ordinal, host_id, log_task_id, status, sent_at)
            SELECT $1, n + 1000000, $2, 0, 0, n + 10, n + 100, n + 1000000, 7, 1
            FROM generate_series(1, $3::integer) n RETURNING id, host_id""",
            job_id,
            step_id,
            count,
        )
        await driver.execute("UPDATE step SET open_count = $1 WHERE job_id = $2", count + 5, job_id)
    return [(row[0], row[1]) for row in rows]


async def test_queries_at_once_hash_what_has_no_hash_without_hindering_each_other(stage: Stage) -> None:
    agents = await stage.agents(5)
    job = await stage.run(hosts=5)
    for agent in agents:
        await agent.end(await agent.run_order(), text=b"the same")
    await stage.wait(job.job_id, RunStatus.SUCCEEDED)
    async with stage.platform.engine.db.begin() as tx:
        await tx.execute(sa.delete(tables.output_hashes))
    asked = [groups_of(stage, job.job_id, job.step_id) for _ in range(8)]
    found: list[Grouped] = await asyncio.gather(*asked)
    assert [counted(one) for one in found] == [[("A", 5, 0)]] * 8
