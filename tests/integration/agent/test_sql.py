"""SQL on a host: the real clients, a real MariaDB and a real PostgreSQL, and a password that nobody sees."""

import asyncio
import hashlib
import os
import pwd
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest
from tests.integration.agent.server import Site, task_id, until
from tests.mariadb import MariaDb
from tests.waiting import eventually
from tests.walking import content_of, files_below

from jobfleet.embedded.postgres import Postgres
from jobfleet.model.account import AccountType
from jobfleet.model.order import SqlOrder
from jobfleet.model.outcome import ErrorCode, Outcome

WORD = b"s3cret-word"
PASSWORD = "s3cret-word \"a' \\b:c#d;%~ü €"
MYSQL, POSTGRESQL = AccountType.MYSQL, AccountType.POSTGRESQL
Databases = dict[AccountType, SqlOrder]


def sql_order(port: int, kind: AccountType, **changes: object) -> SqlOrder:
    order = SqlOrder(
        task_id=task_id(),
        job_id=11,
        step_id=12,
        attempt=0,
        batch=0,
        content_hash="",
        content=b"",
        account=pwd.getpwuid(os.geteuid()).pw_name,
        db_type=kind,
        db_account="app-user",
        db_password=PASSWORD,
        db_port=port,
        timeout_s=60,
        output_cap_bytes=5 * 1024 * 1024,
        db_name="shop",
    )
    return msgspec.structs.replace(order, **changes)


@pytest.fixture(scope="session")
async def databases(mariadb: MariaDb, postgres: Postgres) -> AsyncIterator[Databases]:
    """Give what is common to all orders, one a database; both have the user `app-user` and the database `shop`."""
    quoted = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
    mariadb.run(f"CREATE DATABASE shop; CREATE USER 'app-user'@'%' IDENTIFIED BY '{quoted}';")
    mariadb.run("GRANT ALL ON shop.* TO 'app-user'@'%';")
    connection = await asyncpg.connect(postgres.url_of("postgres"))
    quoted = PASSWORD.replace("'", "''")
    await connection.execute(f"CREATE ROLE \"app-user\" LOGIN PASSWORD '{quoted}'")
    await connection.execute('CREATE DATABASE shop OWNER "app-user"')
    port = await connection.fetchval("SELECT current_setting('port')::int")
    yield {MYSQL: sql_order(mariadb.port, MYSQL), POSTGRESQL: sql_order(port, POSTGRESQL)}
    await connection.execute("DROP DATABASE shop WITH (FORCE)")
    await connection.execute('DROP ROLE "app-user"')
    await connection.close()


BOTH = pytest.mark.parametrize("kind", [MYSQL, POSTGRESQL], ids=lambda kind: kind.name.lower())


def order_for(order: SqlOrder, sql: str, **changes: object) -> SqlOrder:
    content = sql.encode()
    digest = hashlib.sha256(content).hexdigest()
    return msgspec.structs.replace(order, task_id=task_id(), content=content, content_hash=digest, **changes)


@BOTH
async def test_sql_runs_and_prints(shared: Site, databases: Databases, kind: AccountType) -> None:
    sql = "CREATE TABLE t{0} (word text);\nINSERT INTO t{0} VALUES ('ü€ job_success:[done]');\nSELECT word FROM t{0};\n"
    order = order_for(databases[kind], sql.format(task_id()))
    result = await shared.host.run(order)
    assert (result.outcome, result.exit_code, result.error_code) == (Outcome.SUCCEEDED, 0, ErrorCode.OK)
    assert "ü€ job_success:[done]" in shared.host.output(order.task_id).decode()
    assert result.tag == "done"


@BOTH
async def test_the_first_error_ends_sql_as_failed_and_is_told(
    shared: Site, databases: Databases, kind: AccountType
) -> None:
    order = order_for(databases[kind], "SELECT 'before';\nSELECT nonsense;\nSELECT 'after';\n")
    result = await shared.host.run(order)
    printed = shared.host.output(order.task_id).decode()
    assert (result.outcome, result.exit_code) == (Outcome.FAILED, {MYSQL: 1, POSTGRESQL: 3}[kind])
    assert "before" in printed
    assert "nonsense" in printed
    assert "after" not in printed


@BOTH
async def test_a_wrong_password_is_refused_by_the_database(
    shared: Site, databases: Databases, kind: AccountType
) -> None:
    order = order_for(databases[kind], "SELECT 1;\n", db_password="wrong")
    result = await shared.host.run(order)
    printed = shared.host.output(order.task_id).decode()
    assert (result.outcome, result.exit_code) == (Outcome.FAILED, {MYSQL: 1, POSTGRESQL: 2}[kind])
    assert "app-user" in printed
    assert "wrong" not in printed


@pytest.mark.parametrize("kind", [AccountType.ORACLE, AccountType.DB2], ids=lambda kind: kind.name.lower())
async def test_a_missing_client_is_named_and_nothing_has_run(shared: Site, kind: AccountType) -> None:
    order = order_for(sql_order(1, kind), "SELECT 1 FROM dual;\n")
    result = await shared.host.run(order)
    assert (result.outcome, result.exit_code, result.error_code) == (Outcome.FAILED, None, ErrorCode.CANNOT_START)
    assert f"no {'sqlplus' if kind is AccountType.ORACLE else 'db2'} client on this host" in result.message
    assert order.task_id not in shared.host.started


SLEEP = {MYSQL: "SELECT 'up', sleep(0);\nSELECT sleep(300);\n", POSTGRESQL: "SELECT 'up';\nSELECT pg_sleep(300);\n"}


@BOTH
async def test_a_time_limit_cancels_the_statement(
    shared: Site, databases: Databases, mariadb: MariaDb, postgres: Postgres, kind: AccountType
) -> None:
    order = order_for(databases[kind], SLEEP[kind], timeout_s=1)
    result = await shared.host.run(order)
    assert (result.outcome, result.survivors) == (Outcome.TIMED_OUT, [])
    await nothing_sleeps(mariadb, postgres, kind)


@BOTH
async def test_a_kill_cancels_the_statement(
    shared: Site, databases: Databases, mariadb: MariaDb, postgres: Postgres, kind: AccountType
) -> None:
    order = order_for(databases[kind], SLEEP[kind])
    await shared.host.order(order)
    await until(lambda: b"up" in shared.host.output(order.task_id))
    await eventually(lambda: sleeping(mariadb, postgres, kind))
    await shared.host.kill(order.task_id)
    result = await shared.host.result(order.task_id)
    assert (result.error_code, result.survivors) == (ErrorCode.KILLED, [])
    await nothing_sleeps(mariadb, postgres, kind)


async def nothing_sleeps(mariadb: MariaDb, postgres: Postgres, kind: AccountType) -> None:
    await eventually(lambda: sleeping(mariadb, postgres, kind), lambda sleeps: not sleeps)


async def sleeping(mariadb: MariaDb, postgres: Postgres, kind: AccountType) -> bool:
    if kind is MYSQL:
        query = "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'SELECT sleep(300)%'"
        return (await asyncio.to_thread(mariadb.run, query)).strip() != "0"
    connection = await asyncpg.connect(postgres.url_of("postgres"))
    try:
        query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(300)%' AND state = 'active'"
        return bool(await connection.fetchval(query))
    finally:
        await connection.close()


AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may run SQL as others")


@BOTH
@AS_ROOT
async def test_a_password_is_in_no_process_and_no_file_that_others_read(
    shared: Site, databases: Databases, other_account: str, kind: AccountType
) -> None:
    order = order_for(databases[kind], SLEEP[kind], account=other_account)
    await shared.host.order(order)
    await until(lambda: b"up" in shared.host.output(order.task_id))
    found = [words for words in processes() if WORD in words]
    files = holding(shared)
    await shared.host.kill(order.task_id)
    await shared.host.result(order.task_id)
    assert found == []
    modes = {path.name: oct(state.st_mode & 0o777) for path, state in files.items()}
    owners = [state.st_uid for path, state in files.items() if path.name == "login"]
    assert modes == {"entry": "0o600", "login": "0o600"}
    assert owners == [pwd.getpwnam(other_account).pw_uid]
    await until(lambda: not holding(shared))


def processes() -> list[bytes]:
    """Return the command lines and environments of all processes."""
    found = []
    for path in (*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")):
        try:
            found.append(path.read_bytes())
        except OSError:  # it has ended meanwhile
            continue
    return found


def holding(site: Site) -> dict[Path, os.stat_result]:
    """Return the files that have the password, however it is quoted there: the agent's and those for other accounts.

    Agents of other tests make and remove theirs meanwhile.
    """
    roots = [site.agent.data_dir, *Path("/tmp").glob("jobfleet-" + "?" * 32)]
    found = [one for root in roots for one in files_below(root)]
    return {path: state for path, state in found if WORD in content_of(path)}
