"""The small process that makes runners, forked off before the agent has threads or an event loop.

A runner must be forked, and a process with threads must not fork; so the agent never does. The spawner
keeps one runner ready: forked, in a session and control group of its own, waiting for a task's directory.
It ends when the agent ends; runners at work do not.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from jobfleet.agent import account as accounts
from jobfleet.agent import cgroup, transfer
from jobfleet.agent.files import TaskFiles
from jobfleet.agent.runner import run_task

_PATH_BYTES = 4096
_FORK_WAIT_S = 0.1


class Spawner:
    """The agent's end: ask for runners, hear their hints («begun 7», «output 7», «ended 7»).

    `lifeline` is a descriptor that becomes readable when the spawner is gone.
    """

    def __init__(self, tasks: socket.socket, hints: socket.socket, lifeline: int) -> None:
        self._tasks = tasks
        self.hints = hints
        self.lifeline = lifeline
        tasks.setblocking(False)
        hints.setblocking(False)

    def run(self, files: TaskFiles) -> None:
        """Have a runner take the task whose files these are.

        Raises:
            OSError: The spawner is gone (BrokenPipeError) or too many tasks wait for it (BlockingIOError).
        """
        self._tasks.send(bytes(files.directory))

    def close(self) -> None:
        """Let the spawner end; runners at work go on."""
        self._tasks.close()
        self.hints.close()
        os.close(self.lifeline)


def fork_spawner() -> Spawner:
    """Fork the spawner; call this before any thread or event loop exists and before much is loaded."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    hints, hinting = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    lifeline, living = os.pipe()
    gc.freeze()
    if os.fork() == 0:
        ours.close()
        hints.close()
        os.close(lifeline)
        _as_own_process(lambda: _Serving(theirs, hinting, living).serve())
    theirs.close()
    hinting.close()
    os.close(living)
    return Spawner(ours, hints, lifeline)


class _Serving:
    """The spawner's end."""

    def __init__(self, tasks: socket.socket, hints: socket.socket, living: int) -> None:
        self._tasks = tasks
        self._hints = hints
        self._living = living
        self._taken, self._taking = os.pipe()
        self._parent_group = cgroup.own_group()

    def serve(self) -> None:
        """Keep one runner waiting, until the agent is gone."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        cgroup.sweep(self._parent_group)
        with contextlib.suppress(accounts.AccountError):
            accounts.find(accounts.own_name())  # loads the name services once, for all runners
        transfer.load()
        gc.freeze()
        poll = select.poll()
        poll.register(self._tasks, 0)
        poll.register(self._taken, select.POLLIN)
        self._fork_runner()
        while all(fd != self._tasks.fileno() for fd, _ in poll.poll()):
            os.read(self._taken, 1)
            self._fork_runner()

    def _fork_runner(self) -> None:
        if _fork_patiently() == 0:
            os.close(self._living)
            _as_own_process(self._await_task)

    def _await_task(self) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        group = cgroup.Cgroup.enter(self._parent_group)
        try:
            directory = self._tasks.recv(_PATH_BYTES)
            self._tasks.close()
            if directory:
                with contextlib.suppress(OSError):
                    os.write(self._taking, b"1")
                os.close(self._taking)
                run_task(TaskFiles(Path(os.fsdecode(directory))), self._hints, group)
        finally:
            group.remove()


def _fork_patiently() -> int:
    """Fork; while the host has no room for another process, wait for it."""
    while True:
        try:
            return os.fork()
        except BlockingIOError:
            time.sleep(_FORK_WAIT_S)


def _as_own_process(body: Callable[[], None]) -> None:
    """Run the body in this forked process, in a session of its own, and never return."""
    code = 1
    try:
        os.setsid()
        body()
        code = 0
    except BaseException:  # noqa: BLE001 — the last frame of this process; nobody else could say what went wrong
        traceback.print_exc()
    finally:
        os._exit(code)
