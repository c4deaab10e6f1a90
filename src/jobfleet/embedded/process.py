"""Child processes: started with a log of their own, stopped in order, ended with their parent."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from jobfleet.embedded import launch
from jobfleet.embedded.owner import Owner

_TAIL_BYTES = 4096


class ChildFailedError(Exception):
    """A child process ended by itself, or did not become ready; carries its last log lines."""

    def __init__(self, name: str, exit_code: int | None, tail: str) -> None:
        how = "did not become ready in time" if exit_code is None else f"ended with {describe(exit_code)}"
        super().__init__(f"{name} {how}" + (f"; its last words:\n{tail}" if tail else ""))
        self.name = name
        self.exit_code = exit_code
        self.tail = tail


class Program(msgspec.Struct, frozen=True):
    """Say what to start.

    `owner` is the system user to run as (None: the same as ours), `stop_signal` asks it to end, and
    `orphan_signal` is what the kernel sends it when we die without asking (Linux).
    """

    name: str
    argv: list[str]
    log: Path
    env: Mapping[str, str] | None = None
    owner: Owner | None = None
    stop_signal: int = signal.SIGTERM
    orphan_signal: int = signal.SIGKILL


class Child:
    """One started program in a session of its own, so that Ctrl-C reaches the parent alone."""

    def __init__(self, program: Program, process: asyncio.subprocess.Process) -> None:
        self.program = program
        self._process = process

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Return the exit code, minus the signal's number when killed, or None while it runs."""
        return self._process.returncode

    async def wait_failed(self) -> ChildFailedError:
        """Wait until the process has ended and return that as an error to raise or report."""
        return self.failure(await self._process.wait())

    def failure(self, exit_code: int | None) -> ChildFailedError:
        """Return the error that says how the process ended, with its last log lines."""
        return ChildFailedError(self.program.name, exit_code, tail(self.program.log))

    def signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def stop(self, grace_s: float = 5.0) -> int:
        """Ask the process to end, kill it after `grace_s` seconds, and return its exit code."""
        if self._process.returncode is None:
            self.signal(self.program.stop_signal)
        try:
            return await asyncio.wait_for(self._process.wait(), grace_s)
        except TimeoutError:
            self.signal(signal.SIGKILL)
            return await self._process.wait()


async def start(program: Program) -> Child:
    """Start a program with stdout and stderr in its log; the previous log is kept as `<log>.1`."""
    with contextlib.suppress(FileNotFoundError):
        program.log.replace(program.log.with_name(program.log.name + ".1"))
    with program.log.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *_argv(program),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=program.env,
            start_new_session=True,
        )
    return Child(program, process)


def _argv(program: Program) -> list[str]:
    """Return the program's command line behind the launcher that changes user and binds its life to ours."""
    uid, gid = (-1, -1) if program.owner is None else (program.owner.uid, program.owner.gid)
    numbers = (os.getpid(), int(program.orphan_signal), uid, gid)
    return [sys.executable, "-I", "-S", launch.__file__, *map(str, numbers), *program.argv]


def tail(log: Path) -> str:
    """Return the last lines of a log file, "" when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(lines[-15:])


def describe(exit_code: int) -> str:
    """Return an exit code in words; a negative one is the signal that killed the process."""
    if exit_code >= 0:
        return f"exit code {exit_code}"
    try:
        return f"signal {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"signal {-exit_code}"


class Service:
    """A program that is started and stopped as a whole, like the engines.

    Args:
        grace_s: Seconds that the program has for stopping by itself.
    """

    def __init__(self, program: Program, grace_s: float = 3.0) -> None:
        self._program = program
        self._grace_s = grace_s
        self._child: Child | None = None

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._started().pid

    async def start(self) -> None:
        """Start the program; it may need a while to become ready."""
        self._child = await start(self._program)

    async def stop(self) -> None:
        """Stop the program, if it runs."""
        if self._child is not None:
            await self._child.stop(self._grace_s)

    async def wait_failed(self) -> ChildFailedError:
        """Wait until the program has ended and return that as an error."""
        return await self._started().wait_failed()

    def _started(self) -> Child:
        if self._child is None:
            raise RuntimeError(f"{self._program.name} has not been started")
        return self._child
