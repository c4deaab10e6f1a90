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
from collections.abc import Callable
from pathlib import Path

from jobfleet.agent import account as accounts
from jobfleet.agent import cgroup
from jobfleet.agent.files import TaskFiles
from jobfleet.agent.runner import run_task

_PATH_BYTES = 4096


class Spawner:
    """The agent's end: ask for runners, hear their hints («output 7», «ended 7»)."""

    def __init__(self, pid: int, tasks: socket.socket, hints: socket.socket) -> None:
        self.pid = pid
        self._tasks = tasks
        self.hints = hints
        tasks.setblocking(False)
        hints.setblocking(False)

    @property
    def lifeline(self) -> socket.socket:
        """Return the socket that becomes readable when the spawner is gone."""
        return self._tasks

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


def fork_spawner() -> Spawner:
    """Fork the spawner; call this before any thread or event loop exists and before much is loaded."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    hints, hinting = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    gc.freeze()
    pid = os.fork()
    if pid == 0:
        ours.close()
        hints.close()
        _as_own_process(lambda: _serve(theirs, hinting))
    theirs.close()
    hinting.close()
    return Spawner(pid, ours, hints)


def _serve(tasks: socket.socket, hints: socket.socket) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    cgroup.sweep()
    taken, taking = os.pipe()
    poll = select.poll()
    poll.register(tasks, 0)
    poll.register(taken, select.POLLIN)
    _fork_runner(tasks, hints, taking)
    while all(fd != tasks.fileno() for fd, _ in poll.poll()):
        os.read(taken, 1)
        _fork_runner(tasks, hints, taking)


def _fork_runner(tasks: socket.socket, hints: socket.socket, taking: int) -> None:
    if os.fork() == 0:
        _as_own_process(lambda: _await_task(tasks, hints, taking))


def _await_task(tasks: socket.socket, hints: socket.socket, taking: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    group = cgroup.Cgroup.enter()
    with contextlib.suppress(accounts.AccountError):
        accounts.find(accounts.own_name())  # loads the name services now rather than when a task waits
    try:
        directory = tasks.recv(_PATH_BYTES)
        tasks.close()
        if directory:
            with contextlib.suppress(OSError):
                os.write(taking, b"1")
            os.close(taking)
            run_task(TaskFiles(Path(os.fsdecode(directory))), hints, group)
    finally:
        group.remove()


def _as_own_process(body: Callable[[], None]) -> None:
    """Run the body in this forked process, in a session of its own, and never return."""
    code = 1
    try:
        os.setsid()
        body()
        code = 0
    finally:
        os._exit(code)
