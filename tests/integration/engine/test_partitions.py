"""Run data lies in spans of time, and whole spans go when their window is over."""

import asyncio

import pytest
import sqlalchemy as sa
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, new_job, now_ms
from tests.waiting import WITHIN_S, eventually

from jobfleet.engine import service
from jobfleet.model.job import HostSelector, StepOperation
from jobfleet.model.job_errors import JobNotFoundError
from jobfleet.model.job_id import DAY_MS, span_of
from jobfleet.model.status import RunStatus
from jobfleet.operations import execute, logs, operate, query
from jobfleet.store import partitions
from jobfleet.store.database import Database, raw


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


async def test_a_retry_of_a_job_whose_output_is_past_its_window_still_ends(stage: Stage) -> None:
    """Ninety days after it was accepted a job has its history and no place for output."""
    long_ago = now_ms() - 90 * DAY_MS
    async with stage.platform.engine.db.begin() as tx:
        await partitions.ensure(tx, long_ago)
    agent = await stage.agent(1)
    started = await execute.start_script(stage.at(lambda: long_ago), ADMIN, new_job((1,)))
    await agent.end(await agent.run_order(), exit_code=1, text=b"failed\n")
    await stage.wait(started.job_id, RunStatus.FAILED)
    await _drop_at(stage, now_ms())
    async with stage.platform.engine.db.begin() as tx:
        assert await partitions.list_without_output(tx, [started.job_id]) == {started.job_id}
    ids = started.job_id, started.step_id
    await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.RETRY_ALL)
    await agent.end((await agent.runs(2))[-1], text=b"better\n")
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    _, found = await logs.host_logs(stage.platform, ADMIN, SCOPE, *ids, HostSelector(host_ids=(1,)))
    assert found[0].text == "output was removed after 60 days"


async def test_new_partitions_are_made_while_others_read(stage: Stage) -> None:
    db = stage.platform.engine.db
    async with asyncio.timeout(WITHIN_S), db.begin() as reader:
        for table in (*partitions.HISTORY_TABLES, *partitions.OUTPUT_TABLES):
            await reader.execute(sa.text(f"SELECT count(*) FROM {table}"))
        async with db.begin() as tx:
            await partitions.ensure(tx, now_ms() + 100 * DAY_MS)


async def test_dropping_gives_way_to_a_long_read_and_is_tried_again(
    idle_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "AGAIN_S", 0.2)
    db = idle_stage.platform.engine.db
    async with db.begin() as tx:
        await partitions.ensure(tx, now_ms() - 400 * DAY_MS)
    async with asyncio.timeout(WITHIN_S), db.begin() as reader:
        await reader.execute(sa.text("SELECT count(*) FROM step"))
        await idle_stage.start_engine()
        async with db.begin() as other:
            assert (await other.execute(_OLDEST)).scalar_one() < span_of(now_ms()) - 50
    await eventually(lambda: _oldest(db), lambda oldest: oldest >= span_of(now_ms()))


_OLDEST = sa.text(
    "SELECT min(substring(relname from '_s(.*)')::int) FROM pg_class WHERE relname LIKE 'job\\_s%' AND relkind = 'r'"
)


async def _oldest(db: Database) -> int:
    async with db.begin() as tx:
        return int((await tx.execute(_OLDEST)).scalar_one())


async def _drop_at(stage: Stage, now: int) -> list[str]:
    async with stage.platform.engine.db.begin() as tx:
        return await partitions.drop_expired(tx, now, history_days=180, output_days=60)
