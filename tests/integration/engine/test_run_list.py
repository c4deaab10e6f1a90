"""The list of runs counts what can still change each time, and what cannot only once."""

from tests.integration.engine.stage import ADMIN, SCOPE, Stage, now_ms

from jobfleet.model.history import JobFilter
from jobfleet.model.host_counts import HostCounts
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.operations.run_list import RunRow, list_runs


async def rows(stage: Stage) -> list[RunRow]:
    """Return the rows of the list, oldest first."""
    wanted = JobFilter(now_ms() - DAY_MS, now_ms() + DAY_MS)
    page = await list_runs(stage.platform, ADMIN, SCOPE, wanted, start=0, length=20, eta=True)
    return list(reversed(page.rows))


async def hosts(stage: Stage) -> list[HostCounts]:
    return [row.hosts for row in await rows(stage)]


async def test_each_row_shows_its_own_hosts(stage: Stage) -> None:
    first, second = await stage.agents(2)
    ended = await stage.run(hosts=1)
    await first.end(await first.run_order(), exit_code=3)
    await stage.wait(ended.job_id, RunStatus.FAILED)
    await stage.run(hosts=2)
    await second.end(await second.run_order())
    waits = await stage.run(hosts=2, start=False)
    found = await hosts(stage)
    assert [(one.total, one.failed) for one in found] == [(1, 1), (2, 0), (2, 0)]
    assert [row.job.id for row in await rows(stage)][::2] == [ended.job_id, waits.job_id]


async def test_what_every_host_has_told_is_not_counted_again(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    await agent.end(await agent.run_order())
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    seen = await hosts(stage)
    assert seen[0].succeeded == 1
    await stage.change("ALTER TABLE task RENAME TO task_away")
    try:
        assert await hosts(stage) == seen
    finally:
        await stage.change("ALTER TABLE task_away RENAME TO task")


async def test_what_a_host_may_still_correct_is_counted_each_time(idle_stage: Stage) -> None:
    await idle_stage.run()
    for status in (TaskStatus.RUNNING, TaskStatus.RESULT_LOST, TaskStatus.SUCCEEDED):
        await idle_stage.change(f"UPDATE task SET status = {int(status)}")
        counted = (await hosts(idle_stage))[0]
        told = {TaskStatus.RUNNING: counted.running, TaskStatus.RESULT_LOST: counted.failed}
        assert told.get(status, counted.succeeded) == 1
