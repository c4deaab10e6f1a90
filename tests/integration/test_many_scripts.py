"""A scope of 100,000 scripts: lists of them are answered by indexes.

The data set is made once and shared; what is held is what PostgreSQL did, never how long it took.
"""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec
import pytest
import sqlalchemy as sa
from bench.scripts import ONLINE, SCOPE, SCRIPTS, furnish
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import execute
from tests.integration.query_plans import plan, touched

from jobfleet.embedded.postgres import Postgres
from jobfleet.model.script_version import Script, ScriptFilter
from jobfleet.store import scripts
from jobfleet.store.database import Database

A_FEW = 3_000


@pytest.fixture(scope="module")
async def address(postgres: Postgres, template: str) -> AsyncIterator[str]:
    """Give the address of a database with many scripts."""
    name = "many_scripts"
    await execute(postgres, f"create database {name} template {template} strategy file_copy")
    await furnish(postgres.url_of(name))
    yield postgres.url_of(name)
    await execute(postgres, f"drop database {name} with (force)")


class Work(msgspec.Struct, frozen=True):
    """Say what PostgreSQL did: rows of the table that it looked at, entries of indexes alone, tables read whole."""

    rows: int
    entries: int
    whole_tables: frozenset[str]


async def ask(address: str, wanted: ScriptFilter, start: int = 0) -> tuple[int, list[Script], Work]:
    """Return how many scripts match, a page of them, and what was done for it."""
    database, asked = Database(address), list[tuple[str, Any]]()

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    sa.event.listen(database._engine.sync_engine, "before_cursor_execute", note)
    try:
        async with database.begin() as tx:
            total, page = await scripts.list_page(tx, SCOPE, wanted, start=start, length=20)
            nodes = [node for statement, values in list(asked) for node in await plan(tx, statement, values)]
    finally:
        await database.close()
    return total, page, work_of(nodes)


def work_of(nodes: list[dict[str, Any]]) -> Work:
    scans = [node for node in nodes if "Relation Name" in node]
    alone = [node for node in scans if node["Node Type"] == "Index Only Scan"]
    rows = sum(touched(node) for node in scans if node not in alone) + sum(node["Heap Fetches"] for node in alone)
    whole = frozenset(node["Relation Name"] for node in scans if node["Node Type"] == "Seq Scan")
    return Work(rows, sum(touched(node) for node in alone), whole)


@pytest.mark.parametrize(
    ("wanted", "start", "total", "most_entries"),
    [
        pytest.param(ScriptFilter(), 0, SCRIPTS, SCRIPTS + A_FEW, id="first page"),
        pytest.param(ScriptFilter(), SCRIPTS - 20, SCRIPTS, 2 * SCRIPTS + A_FEW, id="last page"),
        pytest.param(ONLINE, 0, SCRIPTS * 9 // 10, SCRIPTS + A_FEW, id="first page of those online"),
        pytest.param(ONLINE, 80_000, SCRIPTS * 9 // 10, 2 * SCRIPTS + A_FEW, id="deep page of those online"),
        pytest.param(ScriptFilter(name="12345"), 0, 1, A_FEW, id="a number in the name"),
        pytest.param(ScriptFilter(name="E 12345"), 0, 1, A_FEW, id="upper case"),
        pytest.param(ScriptFilter(name="重启", online_only=True), 0, 1_000, A_FEW, id="two letters in the name"),
        pytest.param(ScriptFilter(name="backup data"), 980, 1_000, A_FEW, id="a word, last page"),
        pytest.param(ScriptFilter(name="no such name"), 0, 0, A_FEW, id="nothing"),
        pytest.param(ScriptFilter(name="deploy service 4242", exact=True), 0, 1, A_FEW, id="a whole name"),
        pytest.param(ScriptFilter(tag_id=7), 0, SCRIPTS // 1000, A_FEW, id="a tag"),
    ],
)
async def test_a_list_is_answered_from_indexes_and_few_rows(
    address: str, wanted: ScriptFilter, start: int, total: int, most_entries: int
) -> None:
    found, page, work = await ask(address, wanted, start)
    assert found == total
    assert len(page) == min(20, total - start)
    assert [one.created_at for one in page] == sorted((one.created_at for one in page), reverse=True)
    assert all(one.online_version_id for one in page) or not wanted.online_only
    assert work.whole_tables <= {"tag_link"}
    assert work.rows < A_FEW
    assert work.entries < most_entries


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=8), part=st.tuples(st.integers(0, 7), st.integers(0, 8)))
async def test_what_holds_a_part_of_a_name_holds_its_letters(address: str, name: str, part: tuple[int, int]) -> None:
    name = name.replace("\x00", "").encode("utf-8", "ignore").decode()
    connection = await asyncpg.connect(address)
    query = "SELECT position(lower($2) IN lower(upper($1))) = 0 OR name_parts(upper($1)) @> name_parts($2)"
    assert await connection.fetchval(query, name, name[part[0] : part[1]])
    await connection.close()
