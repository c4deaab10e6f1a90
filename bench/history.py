"""Ask a history of a million jobs: `python -m bench.history` prints what each question takes, in milliseconds."""

import statistics
import sys
import time

import asyncpg
import msgspec
import sqlalchemy as sa

from bench.database import on_a_database
from jobfleet.model.history import JobFilter
from jobfleet.model.job_id import DAY_MS, FIRST_DAY, JOBS_A_DAY
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.store import history, history_counts, partitions
from jobfleet.store.database import Database

SCOPE = Scope(ScopeType.BUSINESS, 2)
DAYS, A_DAY = 40, 25_000
TODAY = 20_700
NOW = TODAY * DAY_MS + DAY_MS // 2
WINDOW = JobFilter((TODAY - 29) * DAY_MS + 1, NOW)
"""Thirty days; its first day lacks a moment, so that it is not counted whole."""

RUNS = 7
_JOBS = f"""
INSERT INTO job (id, scope_type, scope_id, name, type, plan_id, launch_mode, operator, app_code, status,
                 current_step_id, callback_url, created_at, started_at, ended_at, total_ms)
SELECT (day - {FIRST_DAY}) * {JOBS_A_DAY} + n, 'biz', CASE n % 10 WHEN 9 THEN 3 ELSE 2 END,
       'deploy ' || n, n % 3, -1, 1 + n % 2, CASE WHEN n % 500 = 0 THEN 'rare' ELSE 'u' || n % 7 END,
       CASE n % 1000 WHEN 3 THEN 'seldom' WHEN 4 THEN '' ELSE 'app' END,
       CASE WHEN n % 100 = 1 THEN 4 ELSE 3 END, 0, '', day * {DAY_MS} + n * {DAY_MS // 2 // A_DAY}, 0, 0, 0
FROM generate_series({TODAY - DAYS + 1}::bigint, {TODAY}) AS day, generate_series(0::bigint, {A_DAY - 1}) AS n
"""
_ADDRESSES = """
INSERT INTO target (job_id, step_id, ordinal, host_id, cloud_id, cloud_name, ip, os, alive, initial)
SELECT id, 1, 0, 1, 0, '', CASE (id / 1000) % 5 WHEN 0 THEN '10.0.0.1' ELSE '10.0.0.2' END, 'linux', true, 5
FROM job WHERE id % 1000 = 0
"""


async def furnish(url: str) -> None:
    """Give a migrated database a million jobs on forty days, counted, and known to PostgreSQL's planner.

    One job in ten belongs to another scope than SCOPE, one in a hundred failed, one in a thousand has a host.
    """
    database = Database(url)
    async with database.begin() as tx:
        for back in range(0, DAYS + 7, 7):
            await partitions.ensure(tx, NOW - back * DAY_MS)
        for statement in (_JOBS, _ADDRESSES):
            await tx.execute(sa.text(statement))
        while await history_counts.count_days(tx, NOW, DAYS):
            pass
    await database.close()
    connection = await asyncpg.connect(url)
    await connection.execute("VACUUM (ANALYZE) job, target, history_count, history_name")
    await connection.close()


QUESTIONS: dict[str, tuple[dict[str, object], int]] = {
    "first page": ({}, 0),
    "page behind 600,000 others": ({}, 600_000),
    "one type": ({"type": 1}, 0),
    "one type, behind 200,000 others": ({"type": 1}, 200_000),
    "somebody who does little": ({"operator": "rare"}, 0),
    "somebody who does much": ({"operator": "u3"}, 0),
    "failures": ({"status": 4}, 0),
    "successes": ({"status": 3}, 0),
    "one address": ({"ip": "10.0.0.1"}, 0),
    "successes, behind 400,000 others": ({"status": 3}, 400_000),
    "a text in few names": ({"name": "deploy 2468"}, 0),
    "a text in many names": ({"name": "deploy 2"}, 0),
}


async def measure(url: str) -> None:
    """Print the median of some runs of each question."""
    database = Database(url)
    for name, (filters, start) in QUESTIONS.items():
        wanted, spans = msgspec.structs.replace(WINDOW, **filters), []
        for _ in range(RUNS):
            begun = time.perf_counter()
            async with database.begin() as tx:
                page = await history.list_jobs(tx, SCOPE, wanted, start=start, length=20)
            spans.append((time.perf_counter() - begun) * 1000)
        sys.stdout.write(f"{name:35} {statistics.median(spans):8.1f} ms   of {page.total:,}\n")
    await database.close()


async def _run(url: str) -> None:
    await furnish(url)
    await measure(url)


if __name__ == "__main__":
    on_a_database("history", NOW, _run)
