"""How the clients of databases are called."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from jobfleet.agent.command import NoInterpreterError
from jobfleet.agent.sql import ClientCall, client_call, oracle_homes
from jobfleet.model.account import AccountType
from jobfleet.model.order import SqlOrder

SECRET = "pa\"s:s\\w'ord"
LOGIN = Path("/tasks/1/login")
ALL = tuple(kind for kind in AccountType if kind.category.name == "DATABASE")


def order(kind: int, name: str = "shop") -> SqlOrder:
    return SqlOrder(
        task_id=1,
        job_id=2,
        step_id=3,
        attempt=0,
        batch=0,
        content_hash="",
        content=b"",
        account="app",
        db_type=kind,
        db_account="li",
        db_password=SECRET,
        db_port=4000,
        timeout_s=60,
        output_cap_bytes=1,
        db_name=name,
    )


def has(*programs: str) -> Callable[[Sequence[str]], str | None]:
    return lambda names: next((f"/bin/{name}".replace("/bin//", "/") for name in names if name in programs), None)


ANY = has("mysql", "psql", "sqlplus", "db2")


def call(kind: int, name: str = "shop", homes: Sequence[str] = ()) -> ClientCall:
    return client_call(order(kind, name), LOGIN, "/home/app", homes, ANY)


@pytest.mark.parametrize("kind", ALL)
def test_no_client_gets_the_password_by_argument_or_environment(kind: AccountType) -> None:
    called = call(kind)
    seen = "\n".join([*called.argv, *called.environment.values(), repr(called), repr(order(kind))])
    assert not any(word in seen for word in ('pa"s', "w'ord", "s:s"))
    assert "ord" in (called.login + called.preamble).decode()


def test_mysql_reads_an_option_file_alone() -> None:
    called = call(AccountType.MYSQL)
    assert called.argv[:2] == ["/bin/mysql", "--defaults-file=/tasks/1/login"]
    assert called.login.decode().splitlines() == [
        "[client]",
        'user="li"',
        'password="pa\\"s:s\\\\w\'ord"',
        'host="127.0.0.1"',
        "port=4000",
        "protocol=tcp",
        "[mysql]",
        'database="shop"',
    ]


def test_mariadb_stands_in_for_mysql() -> None:
    found = client_call(order(AccountType.MYSQL), LOGIN, "/home/app", (), has("mariadb"))
    assert found.argv[0] == "/bin/mariadb"


def test_psql_reads_a_password_file_and_stops_at_the_first_error() -> None:
    called = call(AccountType.POSTGRESQL)
    assert called.argv[0] == "/bin/psql"
    assert {"--no-psqlrc", "--no-password", "--set=ON_ERROR_STOP=1", "--host=127.0.0.1", "--port=4000"} < {*called.argv}
    assert {"--username=li", "--dbname=shop", "--file=-"} < {*called.argv}
    assert called.environment["PGPASSFILE"] == str(LOGIN)
    assert called.login.decode() == "*:*:*:*:pa\"s\\:s\\\\w'ord\n"


def test_without_a_database_the_client_chooses() -> None:
    assert not any(word.startswith("--dbname") for word in call(AccountType.POSTGRESQL, "").argv)
    assert b"database" not in call(AccountType.MYSQL, "").login


def test_sqlplus_logs_in_on_its_input_and_ends_at_the_first_failure() -> None:
    called = call(AccountType.ORACLE)
    lines = called.preamble.decode().splitlines()
    assert called.argv == ["/bin/sqlplus", "-S", "-L", "/nolog"]
    assert lines[0].startswith("WHENEVER OSERROR EXIT")
    assert lines[1].startswith("WHENEVER SQLERROR EXIT")
    assert lines[-1] == f'CONNECT "li"/"{SECRET}"@//127.0.0.1:4000/shop'
    assert called.epilogue == b"\nEXIT\n"


def test_an_installation_of_oracle_is_preferred_with_its_environment() -> None:
    program = "/opt/oracle/bin/sqlplus"
    called = client_call(order(AccountType.ORACLE), LOGIN, "/home/app", ["/opt/oracle"], has(program, "sqlplus"))
    assert (called.argv[0], called.environment["ORACLE_HOME"]) == (program, "/opt/oracle")


def test_oracles_list_of_installations_is_read() -> None:
    assert oracle_homes("# a comment\nORCL:/opt/a:Y\nTEST:/opt/a:N # twice\n\nbroken\n+ASM:/opt/b:N\n") == [
        "/opt/a",
        "/opt/b",
    ]
    assert oracle_homes("") == []


def test_db2_connects_before_the_sql_with_the_password_quoted() -> None:
    called = call(AccountType.DB2)
    assert called.argv[-1] == "/bin/db2"
    assert called.preamble.decode() == "CONNECT TO shop USER li USING 'pa\"s:s\\w''ord';\n"


@pytest.mark.parametrize("kind", ALL)
def test_a_missing_client_is_named(kind: AccountType) -> None:
    names = {AccountType.MYSQL: "mysql", AccountType.POSTGRESQL: "psql", AccountType.ORACLE: "sqlplus"}
    with pytest.raises(NoInterpreterError, match=f"no {names.get(kind, 'db2')} client on this host"):
        client_call(order(kind), LOGIN, "/home/app", (), has())


def test_an_unknown_kind_of_database_is_refused() -> None:
    with pytest.raises(NoInterpreterError, match="type 77"):
        client_call(order(77), LOGIN, "/home/app", (), ANY)
