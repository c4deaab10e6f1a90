"""Which command line runs SQL, and how its client program learns the password: never by argument or environment.

The SQL comes on standard input. MySQL and PostgreSQL clients read the password from a file that their account alone
can read; Oracle's and DB2's get it on standard input, before the SQL.

Source: docs/reference/sql.md, «How a client is called».
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from jobfleet.agent.command import NoInterpreterError
from jobfleet.model.account import AccountType
from jobfleet.model.order import SqlOrder

HOST = "127.0.0.1"
PROGRAMS: Mapping[int, tuple[str, ...]] = {
    AccountType.MYSQL: ("mysql", "mariadb"),
    AccountType.POSTGRESQL: ("psql",),
    AccountType.ORACLE: ("sqlplus", "sqlplus64"),
    AccountType.DB2: ("db2",),
}
"""Client programs of each database, the first that is there is taken."""

Find = Callable[[Sequence[str]], str | None]
"""Return the path of the first program that is there; a name is looked for on the account's search path."""


class ClientCall(msgspec.Struct, frozen=True):
    """Say how a client program is called.

    `environment` is added to the account's; `login` is what the file at the given path must hold, b"" for none;
    `preamble` goes to standard input before the SQL, `epilogue` after it.
    """

    argv: list[str]
    environment: dict[str, str] = {}
    login: bytes = b""
    preamble: bytes = b""
    epilogue: bytes = b""

    def __repr__(self) -> str:
        """Return a text without the password, so that no log ever has it."""
        return f"ClientCall({self.argv!r}, …)"


def client_call(order: SqlOrder, login: Path, home: str, oracle_homes: Sequence[str], find: Find) -> ClientCall:
    """Return how a database's client runs an order's SQL.

    Args:
        login: Where the file with the password will be.
        home: The account's home directory.
        oracle_homes: Where Oracle is installed.

    Raises:
        NoInterpreterError: The host has no client program for the database.
    """
    match order.db_type:
        case AccountType.MYSQL:
            return _mysql(order, login, _found(order, find, PROGRAMS[order.db_type]))
        case AccountType.POSTGRESQL:
            return _postgresql(order, login, _found(order, find, PROGRAMS[order.db_type]))
        case AccountType.ORACLE:
            inside = [f"{oracle_home}/bin/sqlplus" for oracle_home in oracle_homes]
            program = _found(order, find, [*inside, *PROGRAMS[order.db_type]])
            return _oracle(order, program, program.removesuffix("/bin/sqlplus") if program in inside else "")
        case AccountType.DB2:
            return _db2(order, _found(order, find, [f"{home}/sqllib/bin/db2", *PROGRAMS[order.db_type]]))
    raise NoInterpreterError(f"no client for databases of type {order.db_type}")


def oracle_homes(oratab: str) -> list[str]:
    """Return the directories that Oracle's list of its installations names, each once."""
    lines = (line.partition("#")[0].strip().split(":") for line in oratab.splitlines())
    return list(dict.fromkeys(parts[1] for parts in lines if len(parts) > 1 and parts[1].startswith("/")))


def _found(order: SqlOrder, find: Find, programs: Sequence[str]) -> str:
    found = find(programs)
    if found is None:
        raise NoInterpreterError(f"no {PROGRAMS[order.db_type][0]} client on this host")
    return found


def _mysql(order: SqlOrder, login: Path, program: str) -> ClientCall:
    # With --defaults-extra-file the account's own option file would win over the password that was meant.
    values = {"user": order.db_account, "password": order.db_password, "host": HOST}
    lines = ["[client]", *(f"{name}={_mysql_quoted(value)}" for name, value in values.items() if value)]
    lines += [f"port={order.db_port}", "protocol=tcp", "[mysql]"]
    lines += [f"database={_mysql_quoted(order.db_name)}"] if order.db_name else []
    return ClientCall(
        argv=[program, f"--defaults-file={login}", "--batch", "--unbuffered", "--default-character-set=utf8mb4"],
        environment={"MYSQL_TEST_LOGIN_FILE": f"{login}.none"},
        login=_text(lines),
    )


def _mysql_quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _postgresql(order: SqlOrder, login: Path, program: str) -> ClientCall:
    argv = [program, "--no-psqlrc", "--no-password", "--set=ON_ERROR_STOP=1", f"--host={HOST}"]
    argv += [f"--port={order.db_port}", f"--username={order.db_account}", "--file=-"]
    argv += [f"--dbname={order.db_name}"] if order.db_name else []
    password = order.db_password.replace("\\", "\\\\").replace(":", "\\:")
    environment = {"PGPASSFILE": str(login), "PGCLIENTENCODING": "UTF8", "PGAPPNAME": "jobfleet"}
    return ClientCall(argv, environment, login=_text([f"*:*:*:*:{password}"]) if password else b"")


def _oracle(order: SqlOrder, program: str, oracle_home: str) -> ClientCall:
    # The failures are made to end the client first, so that a refused login ends it too.
    lines = ["WHENEVER OSERROR EXIT FAILURE", "WHENEVER SQLERROR EXIT FAILURE", "SET DEFINE OFF", "SET ECHO OFF"]
    service = f"//{HOST}:{order.db_port}/{order.db_name}"
    lines.append(f'CONNECT "{order.db_account}"/"{order.db_password}"@{service}')
    environment = {"NLS_LANG": ".AL32UTF8"}
    if oracle_home:
        environment |= {"ORACLE_HOME": oracle_home, "LD_LIBRARY_PATH": f"{oracle_home}/lib"}
    return ClientCall([program, "-S", "-L", "/nolog"], environment, preamble=_text(lines), epilogue=b"\nEXIT\n")


def _db2(order: SqlOrder, program: str) -> ClientCall:
    quoted = order.db_password.replace("'", "''")
    login = f"CONNECT TO {order.db_name} USER {order.db_account} USING '{quoted}';"
    profile = Path(program).parents[1] / "db2profile"
    start = '[ -f "$0" ] && . "$0"; exec "$1" -s -t +p'
    return ClientCall(["/bin/sh", "-c", start, str(profile), program], preamble=_text([login]))


def _text(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
