"""Servers that meet on the same tasks wait for each other one way round."""

import asyncio

import sqlalchemy as sa
from tests.integration.engine.stage import Stage, now_ms
from tests.waiting import WITHIN_S

from jobfleet.engine.advance import advance
from jobfleet.store import contents, jobs, tasks
from jobfleet.store.database import Transaction

WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


async def test_marking_tasks_as_running_and_recording_their_reports_do_not_deadlock(idle_stage: Stage) -> None:
    """The lower task lies behind the higher one on the disk, so that a scan would lock it last."""
    db = idle_stage.platform.engine.db
    job_id = (await idle_stage.run(hosts=2)).job_id
    await advance(idle_stage.platform.engine, job_id)
    async with db.begin() as tx:
        low, high = (await tx.execute(sa.text(f"SELECT id FROM task WHERE job_id = {job_id} ORDER BY id"))).scalars()
        await tx.execute(sa.text(f"UPDATE task SET message = 'moved' WHERE job_id = {job_id} AND id = {low}"))

    async def mark() -> int:
        async with db.begin() as tx:
            for kind in ("indexscan", "bitmapscan"):
                await tx.execute(sa.text(f"SET LOCAL enable_{kind} = off"))
            return len(await tasks.mark_running(tx, job_id, [low, high]))

    async with asyncio.timeout(WITHIN_S), db.begin() as tx:
        await tx.execute(sa.text(f"SELECT 1 FROM task WHERE job_id = {job_id} AND id = {low} FOR NO KEY UPDATE"))
        marking = asyncio.create_task(mark())
        await _until_somebody_waits(tx)
        assert len(await tasks.lock_states(tx, [(job_id, low), (job_id, high)])) == 2
    assert await marking == 2


async def _until_somebody_waits(tx: Transaction) -> None:
    while not (await tx.execute(WAITING)).scalar_one():
        await tx.execute(sa.text("SELECT pg_stat_clear_snapshot()"))
        await asyncio.sleep(0.01)


async def test_a_sweep_takes_no_more_jobs_than_it_asked_for_whatever_the_plan(idle_stage: Stage) -> None:
    """Without hashes and sorts to keep rows in, a nested loop looks for due jobs anew for every row."""
    for _ in range(6):
        await idle_stage.run()
    async with idle_stage.platform.engine.db.begin() as tx:
        for way in ("hashjoin", "mergejoin", "hashagg", "material", "sort", "indexscan", "bitmapscan"):
            await tx.execute(sa.text(f"SET LOCAL enable_{way} = off"))
        assert len(await jobs.claim_due(tx, now_ms() + 60_000, 2)) == 2


async def test_jobs_with_the_same_script_are_accepted_side_by_side(idle_stage: Stage) -> None:
    db, day_ms = idle_stage.platform.engine.db, 86_400_000
    async with db.begin() as tx:
        await contents.insert(tx, "hash", b"sealed", 0)
    async with db.begin() as tx:
        await contents.insert(tx, "hash", b"sealed again", 10 * day_ms)
    async with asyncio.timeout(WITHIN_S), db.begin() as one:
        await contents.insert(one, "hash", b"sealed", 10 * day_ms + 1)
        async with db.begin() as other:
            await contents.insert(other, "hash", b"sealed", 10 * day_ms + 2)
            row = (await other.execute(sa.text("SELECT data, used_at FROM content"))).one()
    assert (bytes(row.data), row.used_at) == (b"sealed", 10 * day_ms)
