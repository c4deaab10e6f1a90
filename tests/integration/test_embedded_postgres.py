"""PostgreSQL as a child process: durable, restartable, never in two hands."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from tests.engines import quick_place
from tests.waiting import WITHIN_S

from jobfleet.embedded.postgres import Postgres
from jobfleet.store.database import Database


@pytest.fixture
def place() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="jobfleet-pg-", dir=quick_place()))
    yield directory
    shutil.rmtree(directory)


async def query(engine: Postgres, sql: str) -> object:
    connection = await asyncpg.connect(engine.url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_what_was_committed_is_there_after_a_stop_and_a_start(place: Path) -> None:
    engine = Postgres(place / "pg", place / "pg.log")
    await engine.start()
    first_url = engine.url
    assert await query(engine, "show fsync") == "on"
    assert await query(engine, "show synchronous_commit") == "on"
    await query(engine, "create table kept as select 42 as answer")
    await engine.stop()
    await engine.start()
    assert await query(engine, "select answer from kept") == 42
    assert engine.url == first_url
    await engine.stop()


async def test_a_killed_server_is_reported_and_its_directory_can_be_used_again(place: Path) -> None:
    engine = Postgres(place / "pg", place / "pg.log")
    await engine.start()
    await query(engine, "create table kept as select 42 as answer")
    os.kill(engine.pid, signal.SIGKILL)
    error = await asyncio.wait_for(engine.wait_failed(), WITHIN_S)
    assert (error.name, error.exit_code) == ("PostgreSQL", -signal.SIGKILL)
    again = Postgres(place / "pg", place / "pg.log")
    await again.start()
    assert await query(again, "select answer from kept") == 42
    await again.stop()


async def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(place: Path) -> None:
    engine = Postgres(place / "pg", place / "pg.log")
    await engine.start()
    pid_file = place / "pg/data/postmaster.pid"
    lines = pid_file.read_text().splitlines()
    await engine.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    await engine.start()
    assert await query(engine, "select 1") == 1
    await engine.stop()


async def test_a_server_that_an_earlier_run_left_is_ended_before_a_new_one_starts(place: Path) -> None:
    left = Postgres(place / "pg", place / "pg.log")
    await left.start()
    pid = left.pid
    engine = Postgres(place / "pg", place / "pg.log")
    await engine.start()
    assert not psutil.pid_exists(pid)
    assert await query(engine, "select 1") == 1
    await engine.stop()


async def test_a_first_start_that_was_cut_off_begins_anew(place: Path) -> None:
    (place / "pg/data.new/base").mkdir(parents=True)
    engine = Postgres(place / "pg", place / "pg.log")
    await engine.start()
    assert await query(engine, "select 1") == 1
    await engine.stop()


async def test_the_server_refuses_a_wrong_password(postgres: Postgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.url, password="guess")


@pytest.mark.usefixtures("postgres")
def test_the_password_is_readable_for_its_owner_alone(engine_directory: Path) -> None:
    assert (engine_directory / "postgres/password").stat().st_mode & 0o777 == 0o600
    assert (engine_directory / "postgres/data").stat().st_mode & 0o777 == 0o700


async def test_each_test_has_a_migrated_database_of_its_own(db: Database) -> None:
    async with db.begin() as tx:
        tables = await tx.exec_driver_sql("select count(*) from pg_tables where schemaname = 'public'")
        assert tables.scalar_one() > 10
