"""Make ready what a database's client reads: its login file, and the SQL on its standard input."""

import contextlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec

from jobfleet.agent import account as accounts
from jobfleet.agent import sql
from jobfleet.agent.account import Account
from jobfleet.agent.files import Entry, TaskFiles, place_for_others
from jobfleet.agent.place import hold, put_file
from jobfleet.agent.sql import ClientCall
from jobfleet.model.order import SqlOrder

ORATAB = Path("/etc/oratab")


class Prepared(msgspec.Struct, frozen=True):
    """Hold what starts a client: command line, whole environment, and the descriptor to read from."""

    argv: list[str]
    environment: dict[str, str]
    stdin: int


def prepare(files: TaskFiles, entry: Entry, account: Account, cleanup: contextlib.ExitStack) -> Prepared:
    """Make ready what a client needs.

    Args:
        cleanup: Takes away, when it is closed, what was made.

    Raises:
        NoInterpreterError: The host has no such client.
        OSError: The disk does not take it.
    """
    order = entry.order
    assert isinstance(order, SqlOrder)
    directory = files.directory if account.is_own else place_for_others(entry.key)
    login = directory / "login"
    environment = accounts.environment(account, order.task_id, entry.key)

    def find(programs: Sequence[str]) -> str | None:
        return next((path for name in programs if (path := shutil.which(name, path=environment["PATH"]))), None)

    call = sql.client_call(order, login, account.home, sql.oracle_homes(_read(ORATAB)), find)
    if call.login:
        put_login(login, call.login, account, cleanup)
    return Prepared(call.argv, environment | call.environment, _input(call, order, files, cleanup))


def put_login(login: Path, data: bytes, account: Account, cleanup: contextlib.ExitStack) -> None:
    """Write the login for an account alone; another account gets the directory last (see agent.place)."""
    if not account.is_own:
        cleanup.callback(shutil.rmtree, login.parent, ignore_errors=True)
        login.parent.mkdir(mode=0o700)
    place = hold(login.parent, cleanup)
    put_file(place, login.name, data, None if account.is_own else account, cleanup)
    if not account.is_own:
        os.fchown(place, account.uid, account.gid)


def _input(call: ClientCall, order: SqlOrder, files: TaskFiles, cleanup: contextlib.ExitStack) -> int:
    """Return a descriptor of what the client reads: memory, for a preamble may hold the password."""
    given = os.memfd_create("sql")
    cleanup.callback(os.close, given)
    content = files.content.read_bytes() if order.content is None else order.content
    with os.fdopen(os.dup(given), "wb") as file:
        file.write(call.preamble + content + call.epilogue)
    os.lseek(given, 0, os.SEEK_SET)
    return given


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
