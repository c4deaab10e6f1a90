"""Run a script in a container of this host: put it there, start it, and kill what it started.

Everything goes through the runtime's own command line and the container's `sh`. The script stands in a directory that
only its account can look into; its processes carry the task's key in their environment, by which the host finds them.

Source: docs/reference/containers.md, «On the host».
"""

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from jobfleet.agent.account import AccountError
from jobfleet.agent.command import NoInterpreterError, file_name
from jobfleet.agent.files import Entry, TaskFiles
from jobfleet.agent.runtimes import exec_command
from jobfleet.agent.script import Call, call_of, first_line
from jobfleet.agent.wrapper import Beside
from jobfleet.model.order import ContainerOrder
from jobfleet.model.outcome import ErrorCode

PUT_S = 60.0
"""How long a runtime has for taking a script into a container."""

_LOOK_S = 0.1
_ASIDE_S = 10.0
_READY = "jobfleet-ready "
_STRANGER = "jobfleet-account "
_NAMES = ("bash", "sh", "python3", "python", "perl", "ksh")
_NO_ACCOUNT = re.compile(r"unable to find user|no matching entries in passwd|no users found|unknown user|no such user")
_MAY_BE_THE_RUNTIME = frozenset({125, 126, 127, 255, *range(129, 160)})
"""Exit codes with which runtimes say that they, or the container, failed; scripts may end with them too."""

_PUT = """\
umask 077
account=$1 name=$2 file=$3; shift 3
if [ -n "$account" ] && [ "$(id -un)" != "$account" ]; then echo "jobfleet-account $(id -un)"; exit 3; fi
made=
for parent in "${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm "${HOME:-/}"; do
    if mkdir "$parent/$name" 2>/dev/null; then made=$parent/$name; break; fi
done
if [ -z "$made" ]; then echo "no directory of the container can be written to" >&2; exit 4; fi
cat > "$made/$file" && chmod 500 "$made/$file" || exit 5
echo "jobfleet-ready $made"
for one in "$@"; do echo "$(command -v -- "$one")"; done
"""
_PUT_BESIDE = 'umask 077; cat > "$1"'
_RUN = """\
JOBFLEET_TASK=$1 JOBFLEET_KEY=$2; export JOBFLEET_TASK JOBFLEET_KEY; shift 2
cd "${HOME:-/}" 2>/dev/null || cd /
exec "$@" </dev/null
"""
_KILL = 'for one in $(grep -ls "JOBFLEET_KEY=$1" /proc/[0-9]*/environ); do one=${one#/proc/}; kill -9 "${one%/*}"; done'


class KilledBeforeError(Exception):
    """Say that a task was killed while its script was put into the container."""


class Inside(msgspec.Struct, frozen=True):
    """Speak with one container as one account of it."""

    order: ContainerOrder
    key: str

    def command(self, program: str, *arguments: str, with_stdin: bool = False) -> list[str]:
        """Return the command line that has the container's shell run a program."""
        argv = ["/bin/sh", "-c", program, "sh", *arguments]
        order = self.order
        return exec_command(order.runtime, order.container, order.account, argv, with_stdin=with_stdin)

    def is_reachable(self) -> bool:
        """Tell whether the container still runs something for us."""
        return self._aside(":")

    def remove(self, directory: str) -> None:
        """Take away what was put there."""
        self._aside('rm -rf -- "$1"', directory)

    def kill(self) -> None:
        """Kill what the script started, from within; an agent that is not root cannot do so from the host."""
        self._aside(_KILL, self.key)

    def _aside(self, program: str, *arguments: str) -> bool:
        null, command = subprocess.DEVNULL, self.command(program, *arguments)
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            ended = subprocess.run(
                command, stdin=null, stdout=null, stderr=null, env=cli_environment(), timeout=_ASIDE_S, check=False
            )
            return ended.returncode == 0
        return False


def prepare(files: TaskFiles, entry: Entry, order: ContainerOrder, cleanup: contextlib.ExitStack) -> list[str]:
    """Put a script into its container and return the command line that runs it there.

    Args:
        cleanup: Takes the script away when it is closed.

    Raises:
        AccountError: The container does not have the account (122).
        NoInterpreterError: Runtime, container or interpreter is not there, or does not do as asked; the message says.
        KilledBeforeError: The task is to be killed.
        OSError, ValueError: The host does not run the runtime's program.
    """
    if shutil.which(order.runtime) is None:
        raise NoInterpreterError(f"this host has no {order.runtime}, which the container was found with")
    inside = Inside(order, entry.key)
    content = first_line(files.content) if order.content is None else order.content
    names = [*_NAMES, *_asked_for(content)]
    directory, found = _put(files, inside, names)
    cleanup.callback(inside.remove, directory)
    script = Beside(Path(directory, _file_of(order)))
    call = _call(order, script, content, found)
    for path, data in call.beside.items():
        _say(files, inside.command(_PUT_BESIDE, str(path), with_stdin=True), data)
    return inside.command(_RUN, str(order.task_id), entry.key, *call.argv)


def _call(order: ContainerOrder, script: Beside, content: bytes, found: Mapping[str, str]) -> Call:
    try:
        return call_of(order, script, content, (), found.get)
    except NoInterpreterError as error:
        raise NoInterpreterError(str(error).replace("on this host", "in the container")) from error


def _file_of(order: ContainerOrder) -> str:
    return file_name(order.job_id, order.step_id, order.language)


def _asked_for(content: bytes) -> list[str]:
    """Return the programs that a script's first line names."""
    if not content.startswith(b"#!"):
        return []
    line = content.split(b"\n", 1)[0][2:].decode(errors="replace").lstrip()
    return list(dict.fromkeys([*line.split()[:4], line.split(" ", 1)[0]]))


def _put(files: TaskFiles, inside: Inside, names: list[str]) -> tuple[str, dict[str, str]]:
    """Return the directory in which a script stands now, and where programs are in the container."""
    order = inside.order
    checked = order.account if order.runtime == "crictl" else ""
    command = inside.command(_PUT, checked, f"jobfleet-{inside.key}", _file_of(order), *names, with_stdin=True)
    answer = _say(files, command, order.content).decode(errors="replace").splitlines()
    found = {name: path for name, path in zip(names, answer[1:], strict=False) if path}
    return answer[0].removeprefix(_READY), found


def _say(files: TaskFiles, command: list[str], data: bytes | None) -> bytes:
    """Run a command in the container with data, or the fetched script, as its input; return what it prints."""
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(files.content.open("rb")) if data is None else subprocess.PIPE
        process = subprocess.Popen(
            command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=cli_environment()
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        output, trouble = _answer(files, process, data)
    _check(process.returncode, output, trouble)
    return output


def _answer(files: TaskFiles, process: "subprocess.Popen[bytes]", data: bytes | None) -> tuple[bytes, bytes]:
    until, given = time.monotonic() + PUT_S, data
    while True:
        try:
            return process.communicate(given, timeout=_LOOK_S)
        except subprocess.TimeoutExpired as error:
            given = None  # it remembers what it has begun to send
            if files.asked_to_kill():
                raise KilledBeforeError from error
            if time.monotonic() >= until:
                raise NoInterpreterError(f"the container runtime did not answer within {PUT_S:.0f} s") from error


def _check(exit_code: int, output: bytes, trouble: bytes) -> None:
    if not exit_code:
        return
    said = output.decode(errors="replace")
    if said.startswith(_STRANGER):
        own = said.removeprefix(_STRANGER).strip()
        raise AccountError(f"crictl runs scripts as the container's own account only: {own}", ErrorCode.ACCOUNT_MISSING)
    reason = " ".join(trouble.decode(errors="replace").split())[-500:] or f"exit code {exit_code}"
    if _NO_ACCOUNT.search(reason):
        raise AccountError(f"the container does not have the account: {reason}", ErrorCode.ACCOUNT_MISSING)
    raise NoInterpreterError(f"the container does not take it: {reason}")


def cli_environment() -> dict[str, str]:
    """Return the environment of a runtime's program: the agent's, without what is the agent's own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("JOBFLEET_")}


def was_lost(inside: Inside, exit_code: int | None) -> bool:
    """Tell whether a script ended because its container did, and its exit code is the runtime's."""
    return exit_code in _MAY_BE_THE_RUNTIME and not inside.is_reachable()
