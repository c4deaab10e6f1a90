"""Schedules fire each moment once, whatever becomes of the servers."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx
from tests.acceptance.faults.cluster import Cluster
from tests.acceptance.faults.jobs import Jobs, Json, RefusedError
from tests.acceptance.faults.ledger import Ledger
from tests.waiting import WITHIN_S, eventually

MOMENT_PASSED = 1245006
PLAN = """
[template]
name = "{name}"
[[steps]]
kind = "script"
name = "note"
targets = ["1"]
script = '''{script}'''
"""


async def make_plan(cluster: Cluster, name: str, script: str) -> int:
    """Declare a plan of one script on host 1, and return its id."""
    async with cluster.native() as http:
        body = {"scope": "biz:2", "toml": PLAN.format(name=name, script=script)}
        answer = await http.post("/api/v1/plans/apply", json=body)
    assert answer.status_code == httpx.codes.OK, answer.text
    plan_id: int = answer.json()["plan_id"]
    return plan_id


async def schedule(jobs: Jobs, plan_id: int, name: str, after_s: int) -> int:
    """Have a plan run once, some seconds from now or later where they pass before it is enabled; return its id."""
    known: Json = {}
    while True:
        at = int(time.time()) + after_s
        try:
            saved = await jobs.ask("save_cron", job_plan_id=plan_id, name=name, execute_time=at, **known)
            assert saved["status"] == 2
            known = {"id": saved["id"]}
            await jobs.ask("update_cron_status", id=saved["id"], status=1)
        except RefusedError as error:
            if error.code != MOMENT_PASSED or after_s > WITHIN_S:
                raise
            after_s *= 2
        else:
            found: int = saved["id"]
            return found


async def fires(cluster: Cluster, schedule_id: int, within_s: float = WITHIN_S) -> list[Json]:
    """Return what became of a schedule's moments, once anything did."""
    async with cluster.native() as http:

        async def look() -> list[Json]:
            found: list[Json] = (await http.get(f"/api/v1/schedules/{schedule_id}/fires")).json()["fires"]
            return found

        return await eventually(look, within_s=within_s)


@asynccontextmanager
async def nobody_stores_jobs(cluster: Cluster) -> AsyncIterator[None]:
    """Keep jobs from being stored during the block."""
    holder = await asyncpg.connect(cluster.postgres.url)
    try:
        await holder.execute("BEGIN")
        await holder.execute("LOCK TABLE job IN SHARE MODE")
        yield
        await holder.execute("ROLLBACK")
    finally:
        await holder.close()


async def test_a_server_that_dies_while_it_starts_the_plan_leaves_the_moment_to_another(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    """Nobody can store jobs when the moment comes, so that the only server is in the middle of it when it dies."""
    first, second = cluster.servers
    plan_id = await make_plan(cluster, "dying", ledger.script(waits=False))
    await second.kill()
    async with nobody_stores_jobs(cluster):
        made = await schedule(jobs, plan_id, "dying", after_s=3)
        await cluster.counted("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'job'::regclass", 1)
        await first.kill()
    await asyncio.gather(first.start(), second.start())
    assert [fire["state"] for fire in await fires(cluster, made)] == ["started"]
    await ledger.begun(1)
    assert await cluster.value(f"SELECT count(*) FROM job WHERE plan_id = {plan_id}") == 1
    assert ledger.each_ran_once(1)


async def test_two_servers_fire_many_schedules_of_one_moment_once_each(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    plan_id = await make_plan(cluster, "crowd", ledger.script(waits=False))
    made = [await schedule(jobs, plan_id, f"crowd {n}", after_s=4) for n in range(8)]
    for one in made:
        assert [fire["state"] for fire in await fires(cluster, one)] == ["started"]
    await ledger.begun(8)
    assert ledger.each_ran_once(8)
    assert await cluster.value(f"SELECT count(*) FROM job WHERE plan_id = {plan_id} AND launch_mode = 3") == 8
