"""Run data lies in spans of time, and whole spans go when their window is over."""

import pytest
from tests.integration.engine.stage import ADMIN, SCOPE, Stage

from jobfleet.model.errors import JobNotFoundError
from jobfleet.model.job import HostSelector
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.status import RunStatus
from jobfleet.operations import logs, query
from jobfleet.store import partitions
from jobfleet.store.database import raw


async def test_a_lookup_by_id_touches_one_partition_of_each_table(stage: Stage) -> None:
    started = await stage.run()
    async with stage.platform.engine.db.begin() as tx:
        for table, column in (("job", "id"), ("step", "job_id"), ("task", "job_id"), ("output_chunk", "job_id")):
            plan = await (await raw(tx)).fetch(f"EXPLAIN SELECT * FROM {table} WHERE {column} = {started.job_id}")
            text = "\n".join(row[0] for row in plan)
            assert text.count(f"{table}_s") >= 1
            assert "Append" not in text


async def test_output_goes_before_history_and_says_so(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    await agent.end(await agent.run_order(), text=b"soon gone\n")
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    await _drop_at(stage, (view.job.ended_at or 0) + 70 * DAY_MS)
    later = stage.at(lambda: (view.job.ended_at or 0) + 70 * DAY_MS)
    assert (await query.job_status(later, ADMIN, SCOPE, started.job_id, with_tasks=True)).job.id == started.job_id
    ids = started.job_id, started.step_id
    _, found = await logs.host_logs(later, ADMIN, SCOPE, *ids, HostSelector(host_ids=(1,)))
    assert found[0].text == "output was removed after 60 days"


async def test_history_past_its_window_is_gone_whole(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    await agent.end(await agent.run_order(), text=b"x")
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    dropped = await _drop_at(stage, (view.job.ended_at or 0) + 190 * DAY_MS)
    assert {name.rsplit("_s", 1)[0] for name in dropped} == {*partitions.HISTORY_TABLES, *partitions.OUTPUT_TABLES}
    with pytest.raises(JobNotFoundError):
        await stage.view(started.job_id)


async def _drop_at(stage: Stage, now: int) -> list[str]:
    async with stage.platform.engine.db.begin() as tx:
        return await partitions.drop_expired(tx, now, history_days=180, output_days=60)
