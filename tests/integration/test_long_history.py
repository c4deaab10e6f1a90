"""A million jobs in the history: every question is answered by indexes and counts, and walks through few rows.

The data set is made once and shared; what is held is what PostgreSQL did, never how long it took.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec
import pytest
import sqlalchemy as sa
from bench.history import A_DAY, DAYS, NOW, SCOPE, TODAY, WINDOW, furnish
from tests.conftest import execute
from tests.integration.query_plans import plan, touched

from jobfleet.embedded.postgres import Postgres
from jobfleet.model.history import JobFilter, JobPage
from jobfleet.model.job_id import DAY_MS, FIRST_DAY, JOBS_A_DAY, span_of
from jobfleet.model.scope import Scope
from jobfleet.store import attempts, history, history_names, partitions
from jobfleet.store.batches import StepKey
from jobfleet.store.database import Database, raw


@pytest.fixture(scope="module")
async def address(postgres: Postgres, template: str) -> AsyncIterator[str]:
    """Give the address of a database with a million jobs on forty days, counted, and known to PostgreSQL's planner."""
    name = "long_history"
    await execute(postgres, f"create database {name} template {template} strategy file_copy")
    await furnish(postgres.url_of(name))
    yield postgres.url_of(name)
    await execute(postgres, f"drop database {name} with (force)")


class Work(msgspec.Struct, frozen=True):
    """Say what PostgreSQL did for a question: rows that it looked at, tables and indexes that it read."""

    rows: int
    tables: frozenset[str]
    whole_tables: frozenset[str]


async def ask(
    address: str, wanted: JobFilter, start: int = 0, length: int = 20, scope: Scope | None = SCOPE
) -> tuple[JobPage, Work]:
    """Return a page, and what was done for it."""
    database, asked = Database(address), list[tuple[str, Any]]()
    engine = database._engine.sync_engine

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        async with database.begin() as tx:
            page = await history.list_jobs(tx, scope, wanted, start=start, length=length)
            nodes = [node for statement, values in list(asked) for node in await plan(tx, statement, values)]
    finally:
        await database.close()
    looked_at = [node for node in nodes if "Relation Name" in node]
    tables = frozenset(node["Relation Name"] for node in looked_at)
    whole = frozenset(node["Relation Name"] for node in looked_at if node["Node Type"] == "Seq Scan" and touched(node))
    return page, Work(sum(touched(node) for node in looked_at), tables, whole)


OF_ALL = f"created_at BETWEEN {WINDOW.created_from} AND {WINDOW.created_to}"
IN_THE_WINDOW = f"{OF_ALL} AND scope_type = 'biz' AND scope_id = 2"


async def count(address: str, condition: str, *, everywhere: bool = False) -> int:
    """Count the jobs of the window in the plainest way."""
    connection = await asyncpg.connect(address)
    window = OF_ALL if everywhere else IN_THE_WINDOW
    found: int = await connection.fetchval(f"SELECT count(*) FROM job WHERE {window} AND {condition}")
    await connection.close()
    return found


async def ids_behind(address: str, condition: str, start: int) -> list[int]:
    """Return the ids of five jobs of the window behind others, in the plainest way."""
    connection = await asyncpg.connect(address)
    rows = await connection.fetch(
        f"SELECT id FROM job WHERE {IN_THE_WINDOW} AND {condition} ORDER BY created_at DESC, id DESC OFFSET $1 LIMIT 5",
        start,
    )
    await connection.close()
    return [row["id"] for row in rows]


def narrowed(**more: Any) -> JobFilter:
    return msgspec.structs.replace(WINDOW, **more)


IN_WINDOW = {span_of(WINDOW.created_from + week * 7 * DAY_MS) for week in range(5)} | {span_of(NOW)}
A_FEW = 3_000


@pytest.mark.parametrize(
    ("wanted", "condition", "most_rows"),
    [
        pytest.param(WINDOW, "true", 3 * A_DAY, id="all"),
        pytest.param(narrowed(type=1), "type = 1", 3 * A_DAY, id="a type"),
        pytest.param(narrowed(launch_mode=2, type=2), "launch_mode = 2 AND type = 2", 3 * A_DAY, id="type and mode"),
        pytest.param(narrowed(operator="rare"), "operator = 'rare'", A_FEW, id="somebody who does little"),
        pytest.param(narrowed(operator="u3"), "operator = 'u3'", A_DAY, id="somebody who does much"),
        pytest.param(narrowed(app_code="app"), "app_code = 'app'", 3 * A_DAY, id="an application"),
        pytest.param(narrowed(app_code="seldom"), "app_code = 'seldom'", A_FEW, id="one that starts little"),
        pytest.param(narrowed(status=4), "status = 4", A_DAY, id="failures"),
        pytest.param(narrowed(status=3), "status = 3", 3 * A_DAY, id="successes"),
        pytest.param(narrowed(status=3, operator="rare"), "status = 3 AND operator = 'rare'", A_DAY, id="both"),
        pytest.param(narrowed(status=2), "status = 2", A_FEW, id="a status that none has"),
    ],
)
async def test_a_filter_is_answered_from_indexes_and_counts(
    address: str, wanted: JobFilter, condition: str, most_rows: int
) -> None:
    page, work = await ask(address, wanted)
    assert page.total == await count(address, condition)
    assert [job.id for job in page.jobs] == sorted((job.id for job in page.jobs), reverse=True)
    assert len(page.jobs) == min(20, page.total)
    assert work.whole_tables <= {"history_count", "history_day", "plan"}
    assert work.rows < most_rows
    assert spans(work) <= IN_WINDOW


@pytest.mark.parametrize(
    ("wanted", "condition"),
    [
        (WINDOW, "true"),
        (narrowed(operator="u3"), "operator = 'u3'"),
        (narrowed(status=3), "status = 3"),
        (narrowed(app_code="app"), "app_code = 'app'"),
    ],
)
async def test_the_runs_of_all_scopes_are_answered_from_counts_too(
    address: str, wanted: JobFilter, condition: str
) -> None:
    page, work = await ask(address, wanted, scope=None)
    assert page.total >= await count(address, condition)
    assert page.total == await count(address, condition, everywhere=True)
    assert [job.id for job in page.jobs] == sorted((job.id for job in page.jobs), reverse=True)
    assert work.whole_tables <= {"history_count", "history_day", "plan"}
    assert work.rows < 2 * A_DAY + page.total // 10


@pytest.mark.parametrize("start", [100, 123_456, 652_345])
async def test_a_deep_page_walks_through_no_more_than_its_own_day(address: str, start: int) -> None:
    page, work = await ask(address, WINDOW, start, 5)
    assert work.rows < 4 * A_DAY
    assert work.whole_tables <= {"history_count", "history_day", "plan"}
    whole, _ = await ask(address, narrowed(created_to=page.jobs[0].created_at), 0, 5)
    assert (whole.jobs, whole.total) == (page.jobs, page.total - start)


async def test_the_last_page_is_short_and_behind_it_there_is_nothing(address: str) -> None:
    total = await count(address, "true")
    assert len((await ask(address, WINDOW, total - 3, 10))[0].jobs) == 3
    behind, work = await ask(address, WINDOW, total, 10)
    assert (behind.total, behind.jobs) == (total, ())
    assert work.rows < 3 * A_DAY


async def test_an_address_is_looked_up_in_its_index(address: str) -> None:
    page, work = await ask(address, narrowed(ip="10.0.0.1"))
    assert page.total == await count(address, "id IN (SELECT job_id FROM target WHERE ip = '10.0.0.1')") > 100
    assert work.rows < A_FEW
    assert not work.whole_tables - {"plan"}


@pytest.mark.parametrize("start", [0, 200])
async def test_a_text_that_few_names_hold_is_looked_for_in_names(address: str, start: int) -> None:
    page, work = await ask(address, narrowed(name="DEPLOY 2468"), start)
    assert page.total == await count(address, "name LIKE 'deploy 2468%'") > 200 + len(page.jobs)
    assert len(page.jobs) == 20
    assert [job.id for job in page.jobs] == sorted((job.id for job in page.jobs), reverse=True)
    assert all(job.name.startswith("deploy 2468") for job in page.jobs)
    assert not work.whole_tables - {"history_day", "plan"}
    assert work.rows < 3 * A_DAY
    assert spans(work) <= IN_WINDOW


async def test_a_text_that_many_names_hold_is_looked_for_in_the_windows_jobs_and_no_others(address: str) -> None:
    page, work = await ask(address, narrowed(name="Loy 2", type=1))
    assert page.total == await count(address, "name LIKE 'deploy 2%' AND type = 1") > history_names.MOST_NAMES
    assert work.rows < 40 * A_DAY
    assert spans(work) <= IN_WINDOW
    assert len(IN_WINDOW) < DAYS / 7


@pytest.mark.parametrize(
    ("wanted", "condition", "start", "most_rows"),
    [
        pytest.param(narrowed(status=3), "status = 3", 400_000, 5 * A_DAY, id="successes"),
        pytest.param(narrowed(status=3, type=1), "status = 3 AND type = 1", 150_000, 5 * A_DAY, id="of a type"),
        pytest.param(narrowed(type=1), "type = 1", 200_000, 4 * A_DAY, id="a type"),
        pytest.param(narrowed(operator="u3"), "operator = 'u3'", 60_000, A_DAY, id="somebody who does much"),
        pytest.param(narrowed(status=4), "status = 4", 6_000, A_DAY, id="failures"),
    ],
)
async def test_a_deep_page_of_a_filter_walks_through_few_days(
    address: str, wanted: JobFilter, condition: str, start: int, most_rows: int
) -> None:
    page, work = await ask(address, wanted, start, 5)
    assert [page.total, *(job.id for job in page.jobs)] == [
        await count(address, condition),
        *await ids_behind(address, condition, start),
    ]
    assert work.rows < most_rows
    assert work.whole_tables <= {"history_count", "history_day", "plan"}


async def test_one_job_is_found_in_its_partition(address: str) -> None:
    job_id = (TODAY - 20 - FIRST_DAY) * JOBS_A_DAY + 7
    page, work = await ask(address, narrowed(job_id=job_id))
    assert [job.id for job in page.jobs] == [job_id]
    assert work.rows <= A_FEW // 1_000
    assert len(spans(work)) == 1


async def test_jobs_that_go_take_their_counts_along(address: str) -> None:
    database = Database(address)
    later = NOW + 20 * DAY_MS
    try:
        async with database.begin() as tx:
            assert await partitions.drop_expired(tx, later, history_days=30, output_days=30)
            page = await history.list_jobs(tx, SCOPE, WINDOW, start=0, length=1)
            left = await tx.execute(
                sa.text("SELECT count(*) FROM job WHERE scope_id = 2 AND created_at >= :since"),
                {"since": WINDOW.created_from},
            )
            assert 0 < page.total == left.scalar_one() < 600_000
            await tx.rollback()
    finally:
        await database.close()


def spans(work: Work) -> set[int]:
    """Return the spans of the partitions of table `job` that were read."""
    return {int(name.removeprefix("job_s")) for name in work.tables if re.fullmatch(r"job_s\d+", name)}


async def test_counting_an_attempt_plans_and_locks_no_other_weeks_tasks(address: str) -> None:
    database, asked = Database(address), asyncio.Queue[asyncpg.connection.LoggedQuery]()
    key = StepKey((TODAY - 20 - FIRST_DAY) * JOBS_A_DAY + 7, 1, 0)
    try:
        async with database.begin() as tx:
            with (await raw(tx)).query_logger(asked.put_nowait):
                assert await attempts.count_all(tx, [key]) == {key: {}}
                while "FROM task" not in (logged := await asked.get()).query:
                    pass
            nodes = await plan(tx, logged.query, logged.args)
    finally:
        await database.close()
    tables = {node["Relation Name"] for node in nodes if "Relation Name" in node}
    assert tables == {f"task_s{span_of(NOW - 20 * DAY_MS)}"}
