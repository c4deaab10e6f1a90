"""Fixtures that every kind of test shares: the real engines, started once a session."""

import gc
import shutil
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from jobfleet.bus import identity
from jobfleet.embedded.nats import Nats
from jobfleet.embedded.postgres import Postgres
from jobfleet.store.database import Database
from jobfleet.store.migrate import migrate
from tests.acceptance.stage import Stage, staged
from tests.engines import Broker, quick_place, trust_of
from tests.mariadb import MariaDb

# A busy machine is no fault of the code: speed is measured by benchmarks, not here.
settings.register_profile("jobfleet", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("jobfleet")

TEMPLATE = "jobfleet_template"
UNSYNCED = {"fsync": "off", "full_page_writes": "off"}
"""No test pulls the plug of the machine, so none needs to wait for its disk; killed processes lose nothing."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have recorded as their `summary`: how much they have looked at."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in report.user_properties:
                if name == "summary":
                    terminalreporter.write_line(str(value))


def pytest_collection_finish() -> None:
    """Let no look for garbage go through what was collected: it stays for the whole session."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def engine_directory() -> Iterator[Path]:
    """Give a directory that PostgreSQL's own user can reach; pytest's are closed to it."""
    directory = Path(tempfile.mkdtemp(prefix="jobfleet-tests-", dir=quick_place()))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
async def postgres(engine_directory: Path) -> AsyncIterator[Postgres]:
    """Give a running PostgreSQL without any of our tables."""
    engine = Postgres(engine_directory / "postgres", engine_directory / "postgres.log", UNSYNCED)
    await engine.start()
    yield engine
    await engine.stop()


@pytest.fixture(scope="session")
async def mariadb() -> AsyncIterator[MariaDb]:
    """Give a running MariaDB."""
    server = MariaDb()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="session")
async def nats(engine_directory: Path) -> AsyncIterator[Broker]:
    """Give a running NATS that checks identities."""
    keys = identity.generate()
    engine = Nats(engine_directory / "nats", engine_directory / "nats.log", trust_of(keys))
    await engine.start()
    yield Broker(engine, keys)
    await engine.stop()


@pytest.fixture(scope="session")
async def template(postgres: Postgres) -> str:
    """Give the name of a migrated database to copy."""
    await execute(postgres, f"create database {TEMPLATE}")
    await migrate(postgres.url_of(TEMPLATE), time.time_ns() // 1_000_000)
    return TEMPLATE


@pytest.fixture
async def database_url(postgres: Postgres, template: str) -> AsyncIterator[str]:
    """Give the address of a fresh, migrated database."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    await execute(postgres, f"create database {name} template {template} strategy file_copy")
    yield postgres.url_of(name)
    await execute(postgres, f"drop database {name} with (force)")


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """Give a fresh, migrated database."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def stage() -> AsyncIterator[Stage]:
    """Give the installation that acceptance and browser tests share; they must not stop any of its processes.

    Whatever they asked for, none of its processes may have met a fault that it did not foresee.
    """
    async with staged() as running:
        yield running
        faults = ("Traceback", "[error", "ERROR: ", "level=ERROR", "FATAL", "[ERR]")
        lines = running.logged().splitlines()
        bad = [number for number, line in enumerate(lines) if any(word in line for word in faults)]
        assert not bad, "\n".join(line for number in bad[:3] for line in lines[number - 3 : number + 60])


async def execute(postgres: Postgres, statement: str) -> None:
    connection = await asyncpg.connect(postgres.url_of("postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
