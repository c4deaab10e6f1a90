"""SQL over every surface and the command line, on a real MariaDB and a real PostgreSQL, as a real agent runs it."""

from collections.abc import AsyncIterator

import asyncpg
import msgspec
import pytest
from tests.acceptance.cli import Cli
from tests.acceptance.declared import ACCOUNT, BIZ, A, B
from tests.acceptance.gates import encoded
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import Json
from tests.mariadb import MariaDb

from jobfleet.embedded.postgres import Postgres

PASSWORD = 'a database\'s "own" password'
PRINTS = encoded("SELECT 'the answer is', 6 * 7;\n")
NO_SUCH = 99_999_999


class Accounts(msgspec.Struct, frozen=True):
    """The ids of database accounts."""

    mysql: int
    postgresql: int
    oracle: int


@pytest.fixture(scope="module")
async def accounts(
    stage: Stage, mariadb: MariaDb, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Accounts]:
    """Give database accounts with a user each in the databases, made on the command line."""
    cli = Cli(tmp_path_factory.mktemp("cli"), "--data-dir", str(stage.installation.directory))
    mariadb.run(f"CREATE USER sql_tests@'%' IDENTIFIED BY '{PASSWORD.replace(chr(39), chr(39) * 2)}';")
    connection = await asyncpg.connect(postgres.url_of("postgres"))
    quoted = PASSWORD.replace("'", "''")
    await connection.execute(f"CREATE ROLE sql_tests LOGIN PASSWORD '{quoted}'")
    port = await connection.fetchval("SELECT current_setting('port')")
    yield Accounts(
        mysql=await _made(cli, "mysql", str(mariadb.port)),
        postgresql=await _made(cli, "postgresql", port, "--database", "postgres"),
        oracle=await _made(cli, "oracle", "1521"),
    )
    await connection.execute("DROP ROLE sql_tests")
    await connection.close()


async def _made(cli: Cli, kind: str, port: str, *more: str) -> int:
    words = ("sql_tests", "--type", kind, "--alias", f"sql-{kind}", "--system-account", ACCOUNT, "--port", port, *more)
    done = await cli("account", "add", *words, "--password-stdin", "-o", "json", stdin=f"{PASSWORD}\n")
    assert done.code == 0, done.err
    assert PASSWORD not in done.out
    return int(done.json["id"])


def asked(account: int, *hosts: int, **more: object) -> Json:
    """Return the members of a request in version 3."""
    target = {"target_server": {"host_id_list": list(hosts)}} if hosts else {}
    return BIZ | {"db_account_id": account, "script_content": PRINTS, "timeout": 60} | target | more


async def started(stage: Stage, account: int, *hosts: int, **more: object) -> Job:
    answer = await stage.admin.v3("fast_execute_sql", **asked(account, *hosts, **more))
    assert answer["code"] == 0, answer
    return Job(answer["data"]["job_instance_id"], answer["data"]["step_instance_id"], BIZ)


async def log_of(stage: Stage, job: Job, host: int) -> str:
    answer = await stage.admin.v3("get_job_instance_ip_log", **job.step, host_id=host)
    return str(answer["data"]["log_content"])


async def test_sql_runs_on_hosts_and_shows_like_a_script(stage: Stage, accounts: Accounts) -> None:
    for account in (accounts.mysql, accounts.postgresql):
        job = await started(stage, account, A, B)
        data = await stage.wait(job, 9, 9, job_status=3)
        assert [step["type"] for step in data["step_instance_list"]] == [4]
        for host in (A, B):
            assert "42" in await log_of(stage, job, host)
        bearer = await stage.bearer()
        shown = (await stage.http.get(f"/api/v1/jobs/{job.id}", headers=bearer)).json()
        assert (shown["job"]["type"], [step["type"] for step in shown["steps"]]) == ("script", ["sql"])


async def test_sql_that_is_too_large_for_an_order_is_fetched(stage: Stage, accounts: Accounts) -> None:
    large = encoded("-- a comment\n" * 20_000 + "SELECT 6 * 7;\n")
    job = await started(stage, accounts.postgresql, A, script_content=large)
    await stage.wait(job, 9, job_status=3)
    assert "42" in await log_of(stage, job, A)


async def test_every_surface_starts_sql(stage: Stage, accounts: Accounts) -> None:
    wanted = asked(accounts.mysql, A)
    old = {"bk_biz_id": 2, "db_account_id": accounts.mysql, "script_content": PRINTS, "script_timeout": 60}
    old |= {"ip_list": [{"bk_cloud_id": 0, "ip": "127.0.0.1"}]}
    answers = [
        await stage.admin.v2("fast_execute_sql", **old),
        await stage.admin.gateway("fast_execute_sql", **wanted),
        await stage.admin.system("fast_execute_sql", **wanted),
    ]
    for answer in answers:
        assert answer["code"] == 0, answer
        job = Job(answer["data"]["job_instance_id"], answer["data"]["step_instance_id"], BIZ)
        await stage.wait(job, 9, job_status=3)
        blocks = (await stage.admin.v2("get_job_instance_status", **job.named))["data"]["blocks"]
        assert [step["type"] for block in blocks for step in block["step_instances"]] == [4]


async def test_an_error_in_sql_fails_the_host_and_a_retry_runs_it_again(stage: Stage, accounts: Accounts) -> None:
    job = await started(stage, accounts.postgresql, A, script_content=encoded("SELECT nonsense;\n"))
    await stage.wait(job, 104, job_status=4)
    assert 'column "nonsense" does not exist' in await log_of(stage, job, A)
    answer = await stage.admin.v3("operate_step_instance", **job.step, operation_code=2)
    assert answer["code"] == 0, answer
    data = await stage.wait(job, 104, job_status=4)
    assert data["step_instance_list"][0]["execute_count"] == 1


async def test_a_missing_client_is_told_in_the_log(stage: Stage, accounts: Accounts) -> None:
    job = await started(stage, accounts.oracle, A)
    data = await stage.wait_end(job)
    [host] = data["step_instance_list"][0]["step_ip_result_list"]
    assert (data["job_instance"]["status"], host["status"], host["error_code"]) == (4, 399, 105)
    assert "no sqlplus client on this host" in await log_of(stage, job, A)


async def test_a_terminated_job_kills_the_client(stage: Stage, accounts: Accounts) -> None:
    job = await started(stage, accounts.mysql, A, script_content=encoded("SELECT 'up';\nSELECT sleep(300);\n"))
    await stage.wait(job, 7, job_status=2)
    answer = await stage.admin.v3("operate_job_instance", **job.named, operation_code=1)
    assert answer["code"] == 0, answer
    await stage.wait(job, 403, job_status=11)


async def test_what_is_wrong_with_a_request_is_told_and_nothing_is_started(stage: Stage, accounts: Accounts) -> None:
    right = asked(accounts.mysql, A)
    os_account = await stage.database.fetchval("SELECT id FROM account WHERE alias = $1 AND business_id = 2", ACCOUNT)
    wrong: list[tuple[Json, int]] = [
        ({"db_account_id": None}, 1241004),
        ({"db_account_id": 0}, 1241004),
        ({"db_account_id": NO_SUCH}, 1244003),
        ({"db_account_id": os_account}, 1244003),
        ({"script_content": None}, 1241004),
        ({"script_content": "%"}, 1240003),
        ({"script_version_id": 0}, 1241005),
        ({"script_version_id": NO_SUCH}, 1243001),
        ({"target_server": None}, 1241004),
        ({"target_server": {}}, 1244001),
        ({"target_server": {"host_id_list": [NO_SUCH]}}, 1244030),
        ({"timeout": 0}, 1240003),
        ({"callback_url": "ftp://x"}, 1240003),
        ({"bk_scope_id": str(NO_SUCH)}, 1243049),
    ]
    async with stage.nothing_new():
        for ask in (stage.admin.v3, stage.admin.gateway):
            found = [(change, (await ask("fast_execute_sql", **(right | change)))["code"]) for change, _ in wrong]
            assert found == wrong


async def test_only_operators_run_sql(stage: Stage, accounts: Accounts) -> None:
    viewer = await stage.admin.as_user("vera").v3("fast_execute_sql", **asked(accounts.mysql, A))
    assert viewer["code"] == 9900403
    operator = await stage.admin.as_user("oleg").v3("fast_execute_sql", **asked(accounts.mysql, A))
    assert operator["code"] == 0


async def test_the_command_line_runs_sql_and_keeps_accounts(cli: Cli, accounts: Accounts, mariadb: MariaDb) -> None:
    done = await cli("sql", "-t", "127.0.0.1", "-a", "sql-mysql", "--", "SELECT 6 * 7;")
    assert (done.code, done.out.splitlines()) == (0, ["127.0.0.1 | 6 * 7", "127.0.0.1 | 42"]), done.err
    failed = await cli("sql", "-t", "127.0.0.1", "-a", "sql-mysql", "-f", "-", stdin="SELECT nonsense;")
    assert failed.code == 1
    assert "Unknown column 'nonsense'" in failed.err
    listed = (await cli("account", "list", "-o", "json")).json["accounts"]
    assert {account["alias"]: account["id"] for account in listed}["sql-mysql"] == accounts.mysql
    assert (await cli("account", "set", "sql-oracle", "--db", "--port", "1522")).code == 0
    shown = (await cli("account", "show", "sql-oracle", "--db", "-o", "json")).json
    assert (shown["port"], shown["system_account"], shown["has_password"]) == (1522, ACCOUNT, True)
    assert (await cli("account", "delete", ACCOUNT)).code == 6
    assert (await cli("account", "delete", "nobody")).code == 6
    assert (await cli("account", "set", ACCOUNT)).code == 2


async def test_the_password_is_nowhere(stage: Stage, accounts: Accounts) -> None:
    job = await started(stage, accounts.mysql, A)
    await stage.wait(job, 9, job_status=3)
    stored = await stage.database.fetchval("SELECT definition::text FROM step WHERE job_id = $1", job.id)
    told = await stage.admin.gateway("get_step_instance_status", **job.step)
    assert PASSWORD not in stage.logged() + stored + str(told)


async def test_a_database_account_without_its_system_account_is_wrong_usage(cli: Cli) -> None:
    refused = await cli("account", "add", "app", "--type", "mysql", "--port", "3306")
    assert (refused.code, "--system-account" in refused.err) == (2, True), refused
