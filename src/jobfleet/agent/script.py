"""Make ready what runs a script: its file, its variables beside it, and the command line."""

import contextlib
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from jobfleet.agent import account as accounts
from jobfleet.agent import wrapper
from jobfleet.agent.account import Account
from jobfleet.agent.command import NoInterpreterError, Which, file_name, one_line, unix_command
from jobfleet.agent.files import Entry, TaskFiles, place_for_others
from jobfleet.agent.left import Left, read_left
from jobfleet.agent.place import directory_of, put_script
from jobfleet.agent.shells import SHELLS, Interpreter, Kind, interpreter_of, with_variables
from jobfleet.agent.wrapper import Beside
from jobfleet.model.order import RunOrder, ScriptVariable

_variables = msgspec.msgpack.Decoder(tuple[ScriptVariable, ...])


class PreparedScript(msgspec.Struct, frozen=True):
    """Hold what starts a script, and where and which variables it leaves."""

    argv: list[str]
    environment: dict[str, str]
    left: Path
    variables: tuple[ScriptVariable, ...] = ()

    def read_left(self) -> Left:
        """Return what the script changed of its variables; to be asked before its files are taken away."""
        return read_left(self.left, self.variables) if self.variables else Left({})


class Call(msgspec.Struct, frozen=True):
    """Say how a script is called, and what must stand beside it."""

    argv: list[str]
    beside: Mapping[Path, bytes] = {}
    variables: tuple[ScriptVariable, ...] = ()


def prepare(
    files: TaskFiles, entry: Entry, account: Account, cleanup: contextlib.ExitStack, secrets: contextlib.ExitStack
) -> PreparedScript:
    """Make ready what a script needs.

    Args:
        cleanup: Takes away the script when it is closed.
        secrets: Takes away what stands beside it; to be closed as soon as it has ended.

    Raises:
        NoInterpreterError: The host has nothing that could run the script.
        OSError: The disk does not take it.
    """
    order = entry.order
    assert isinstance(order, RunOrder)
    environment = accounts.environment(account, order.task_id, entry.key)
    script = directory_of(files, entry, account) / file_name(order.job_id, order.step_id, order.language)
    content = first_line(files.content) if order.content is None else order.content

    def which(name: str) -> str | None:
        return shutil.which(name, path=environment["PATH"])

    call = call_of(order, Beside(script), content, _all_variables(files, order), which)
    if not account.is_own:
        cleanup.callback(shutil.rmtree, place_for_others(entry.key), ignore_errors=True)
    put_script(files, entry, account, script, call.beside, secrets)
    return PreparedScript(call.argv, environment, Beside(script).left, call.variables)


def call_of(
    order: RunOrder, beside: Beside, content: bytes, variables: tuple[ScriptVariable, ...], which: Which
) -> Call:
    """Return how a script beside which files may stand is called.

    Args:
        content: Its first line at least.
        which: Finds a program's path where it is to run.

    Raises:
        NoInterpreterError: Nothing there could run it.
    """
    is_private = order.is_private and bool(one_line(order.params))
    if not variables and not is_private:
        return Call(unix_command(str(beside.script), content, order.language, order.params, which))
    found = interpreter_of(content, order.language, which)
    if variables and found.kind in SHELLS:
        return _wrapped(with_variables(found, which), beside, order.params, variables)
    if not is_private:
        return Call(unix_command(str(beside.script), content, order.language, order.params, which))
    return _secretly(found, beside, order.params)


def _secretly(found: Interpreter, beside: Beside, params: str) -> Call:
    """Return how a script without variables is given its secret arguments."""
    if found.kind in {Kind.PYTHON, Kind.PERL}:
        made = wrapper.bootstrap(found, beside, params)
        return Call(["/bin/sh", str(beside.wrapper)], {**made, beside.arguments: b""})
    if found.kind in {Kind.OTHER, Kind.OTHER_SHELL}:
        raise NoInterpreterError(f"{found.path} can be given sensitive parameters only where others see them")
    return _wrapped(found, beside, params, ())


def _wrapped(shell: Interpreter, beside: Beside, params: str, variables: tuple[ScriptVariable, ...]) -> Call:
    known = tuple(wrapper.understood(variables, shell.kind))
    made = {beside.wrapper: wrapper.wrapper(shell, beside, params, known)}
    if known:
        made |= {beside.declarations: wrapper.declarations(known), beside.left: b""}
    return Call(wrapper.shell_command(shell, beside), made, known)


def _all_variables(files: TaskFiles, order: RunOrder) -> tuple[ScriptVariable, ...]:
    fetched = _variables.decode(files.variables.read_bytes()) if order.variables_hash else ()
    return (*fetched, *order.variables)


def first_line(script: Path) -> bytes:
    """Return the first line of a file, or as much of it as matters."""
    with script.open("rb") as file:
        return file.readline(1024)
