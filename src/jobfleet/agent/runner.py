"""One process for one script: starts it as its account, keeps its output, time limit and end on disk.

The runner needs nothing from the agent once it runs: it leads a session of its own and outlives the agent.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable

import msgspec

from jobfleet.agent import account as accounts
from jobfleet.agent import in_container, kill, script, sql_client, transfer
from jobfleet.agent.account import Account, AccountError
from jobfleet.agent.capture import Capture
from jobfleet.agent.cgroup import Cgroup
from jobfleet.agent.command import NoInterpreterError
from jobfleet.agent.files import Begun, Ended, Entry, TaskFiles, now_ms
from jobfleet.agent.in_container import Inside, KilledBeforeError
from jobfleet.agent.output import OutputWriter
from jobfleet.agent.script import PreparedScript
from jobfleet.agent.transfer import Transfer
from jobfleet.model.order import ContainerOrder, FetchOrder, OfferOrder, RunOrder, ScriptOrder, SqlOrder
from jobfleet.model.outcome import ErrorCode, Outcome

STRAGGLER_S = 0.1
"""How long output may still come from other processes after the script itself has ended."""

HINT_INTERVAL_S = 0.1
DISK_WAIT_S = 1.0
"""How often the end of a task is offered to a disk that does not take it."""

_KILL_STEP_S = 0.02
_PR_SET_CHILD_SUBREAPER = 36
Launch = Callable[[tuple[int, int]], "subprocess.Popen[bytes] | Transfer"]
"""Start what does the work, given where its standard output and standard error go."""

_LIBC = ctypes.CDLL(None, use_errno=True)


def run_task(files: TaskFiles, hints: socket.socket, group: Cgroup) -> None:
    """Run the task whose files these are, unless some runner already took it."""
    lock = files.lock()
    entry = files.entry()
    if lock is None or entry is None or files.ended() is not None:
        return
    _let_go_of_the_agents_streams(files)
    wake = _listen_for_signals()
    if files.begin(Begun(runner_pid=os.getpid(), started_at=now_ms(), cgroup=group.path)):
        with contextlib.ExitStack() as cleanup:
            Runner(files, entry, hints, group, cleanup).run(wake)


def end_unstarted(files: TaskFiles, message: str, error_code: int) -> Ended:
    """Write down that a task's script never ran, and why."""
    now = now_ms()
    ended = Ended(
        outcome=Outcome.FAILED,
        exit_code=None,
        error_code=error_code,
        started_at=now,
        ended_at=now,
        message=message,
    )
    files.end(ended)
    files.sync_ended()
    return ended


class Runner:
    """The life of one script, from its start to its end on disk."""

    def __init__(
        self,
        files: TaskFiles,
        entry: Entry,
        hints: socket.socket,
        group: Cgroup,
        cleanup: contextlib.ExitStack,
    ) -> None:
        self._files = files
        self._entry = entry
        self._order = entry.order
        self._hints = hints
        self._group = group
        self._cleanup = cleanup
        self._secrets = cleanup.enter_context(contextlib.ExitStack())
        self._killing: kill.Killing | None = None
        self._is_killed = False
        self._is_late = False
        self._status: int | None = None
        self._hinted_at = 0.0
        self._prepared: PreparedScript | None = None
        self._inside: Inside | None = None

    def run(self, wake: int) -> None:
        """Run the script to its end; afterwards swallow what its left-behind processes still print.

        Args:
            wake: Descriptor that becomes readable when a signal arrives.
        """
        if self._files.asked_to_kill():
            self._refuse("killed before it started", ErrorCode.KILLED)
            return
        try:
            self._writer = OutputWriter(self._files.output, self._order.output_cap_bytes)
            self._capture = Capture(self._writer, wake)
            self._start()
        except KilledBeforeError:
            self._refuse("killed before it started", ErrorCode.KILLED)
            return
        except AccountError as error:
            self._refuse(str(error), error.error_code)
            return
        except (NoInterpreterError, OSError, ValueError) as error:  # ValueError: a NUL among the parameters
            self._refuse(f"cannot start the script: {error}", ErrorCode.CANNOT_START)
            return
        self._hint("begun")
        self._attend()
        self._finish()
        self._linger()

    def _attend(self) -> None:
        while not self._is_over():
            if self._capture.pump(self._wait_s()):
                self._hint_output()
            self._reap()
            self._check_limits()

    def _start(self) -> None:
        is_inside = isinstance(self._order, ContainerOrder)
        account = accounts.find(accounts.own_name() if is_inside else self._order.account)
        launch = self._launch_as(account)
        stdout, stderr = self._capture.open_pipes((account.uid, account.gid))
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._started_at = now_ms()
        self._deadline = time.monotonic() + self._order.timeout_s
        try:
            self._process = launch((stdout, stderr))
        finally:
            os.close(stdout)
            os.close(stderr)

    def _launch_as(self, account: Account) -> Launch:
        match self._order:
            case ContainerOrder() as order:
                return self._in_container(order, account)
            case RunOrder():
                return self._script(account)
            case SqlOrder():
                return self._sql(account)
            case OfferOrder() | FetchOrder() as order:
                return lambda outputs: transfer.start(order, account, self._files.directory.parent.parent, outputs)

    def _sql(self, account: Account) -> Launch:
        client = sql_client.prepare(self._files, self._entry, account, self._secrets)
        return lambda outputs: _spawn(client.argv, account, client.environment, outputs, client.stdin)

    def _in_container(self, order: ContainerOrder, account: Account) -> Launch:
        self._inside = Inside(order, self._entry.key)
        argv = in_container.prepare(self._files, self._entry, order, self._cleanup)
        return lambda outputs: _spawn(argv, account, in_container.cli_environment(), outputs)

    def _script(self, account: Account) -> Launch:
        prepared = script.prepare(self._files, self._entry, account, self._cleanup, self._secrets)
        self._prepared = prepared
        return lambda outputs: _spawn(prepared.argv, account, prepared.environment, outputs)

    def _wait_s(self) -> float:
        if self._killing is not None:
            return _KILL_STEP_S
        return max(0.0, min(self._deadline - time.monotonic(), 3600.0))

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG)) != (0, 0):
                if found[0] == self._process.pid:
                    self._status = found[1]
                    self._process.returncode = os.waitstatus_to_exitcode(found[1])

    def _check_limits(self) -> None:
        now = time.monotonic_ns() // 1_000_000
        if self._killing is not None:
            self._is_killed = self._killing.step(now)
        elif self._status is None:
            self._is_late = time.monotonic() >= self._deadline
            if self._is_late or self._files.asked_to_kill():
                self._killing = kill.Killing(self._members, self._force, now, self._asking)

    def _members(self) -> set[int]:
        found = kill.descendants(os.getpid()) | kill.marked(self._entry.key) | self._group.members()
        return kill.living(found - {os.getpid()})

    def _force(self) -> None:
        self._group.kill()
        if self._inside is not None:
            self._inside.kill()

    @property
    def _asking(self) -> signal.Signals:
        """Return how processes are asked to end: a database's client by what makes it cancel its statement."""
        return signal.SIGINT if isinstance(self._order, SqlOrder) else signal.SIGTERM

    def _is_over(self) -> bool:
        return self._is_killed if self._killing is not None else self._status is not None

    def _finish(self) -> None:
        ended_at = max(now_ms(), self._started_at)
        if self._capture.is_open:
            self._capture.drain(time.monotonic() + STRAGGLER_S)
        self._reap()
        ended = self._with_left(self._ended(ended_at))
        self._secrets.close()
        _until_written(lambda: self._files.end(ended))
        self._hint("ended")
        self._files.sync_ended()

    def _ended(self, ended_at: int) -> Ended:
        exit_code = None if self._status is None else _exit_code(self._status)
        if isinstance(self._process, Transfer):
            outcome, error_code, message = self._transfer_verdict(self._process)
            exit_code = 0 if outcome is Outcome.SUCCEEDED else None
        else:
            outcome, error_code, message = self._verdict(exit_code)
            exit_code = None if error_code == ErrorCode.INTERNAL else exit_code
        return Ended(
            outcome=outcome,
            exit_code=exit_code,
            error_code=error_code,
            started_at=self._started_at,
            ended_at=ended_at,
            output_bytes=self._writer.size_bytes,
            tag=self._writer.tag if isinstance(self._order, ScriptOrder) else "",
            message=message,
            survivors=sorted(self._killing.survivors) if self._killing is not None else [],
        )

    def _with_left(self, ended: Ended) -> Ended:
        """Add the variables that the script left; one that was killed left nothing."""
        if self._prepared is None or self._killing is not None:
            return ended
        left = self._prepared.read_left()
        message = "; ".join(part for part in (ended.message, *left.trouble) if part)
        return msgspec.structs.replace(ended, left=left.values, message=message)

    def _verdict(self, exit_code: int | None) -> tuple[Outcome, int, str]:
        if self._killing is None and self._inside is not None and in_container.was_lost(self._inside, exit_code):
            return Outcome.FAILED, ErrorCode.INTERNAL, "the container ended while the script ran in it"
        if self._killing is None:
            return (Outcome.SUCCEEDED if exit_code == 0 else Outcome.FAILED), ErrorCode.OK, self._writer.trouble
        if self._is_late:
            message = f"the script passed its time limit of {self._order.timeout_s} s and was killed"
            return Outcome.TIMED_OUT, ErrorCode.OK, message
        return Outcome.FAILED, ErrorCode.KILLED, "the script was killed on request"

    def _transfer_verdict(self, process: Transfer) -> tuple[Outcome, int, str]:
        failed = process.failure()
        if self._is_late:
            message = f"the transfer passed its time limit of {self._order.timeout_s} s and was ended"
            return Outcome.FAILED, ErrorCode.TIME_LIMIT, message
        if self._killing is not None:
            return Outcome.FAILED, ErrorCode.KILLED, "the transfer was ended on request"
        if failed is None:
            return Outcome.SUCCEEDED, ErrorCode.OK, self._writer.trouble
        return (Outcome.FAILED if failed.error_code else Outcome.INCOMPLETE), failed.error_code, failed.message

    def _refuse(self, message: str, error_code: ErrorCode) -> None:
        _until_written(lambda: end_unstarted(self._files, message, error_code))
        self._hint("ended")

    def _linger(self) -> None:
        self._capture.drop()
        while self._capture.is_open:
            self._capture.pump(3600.0)
            self._reap()

    def _hint_output(self) -> None:
        if time.monotonic() - self._hinted_at >= HINT_INTERVAL_S:
            self._hinted_at = time.monotonic()
            self._hint("output")

    def _hint(self, what: str) -> None:
        # A lost hint costs time, not truth: the agent looks at the files now and then.
        with contextlib.suppress(OSError):
            self._hints.send(f"{what} {self._order.task_id}".encode(), socket.MSG_DONTWAIT)


def _until_written(write: Callable[[], object]) -> None:
    """Write how a task ended; while the disk does not take it, try again: nobody else knows it."""
    while True:
        try:
            write()
        except FileNotFoundError:  # the task's directory was taken away: nobody wants to know any more
            raise
        except OSError:
            time.sleep(DISK_WAIT_S)
        else:
            return


def _spawn(
    command: list[str],
    account: Account,
    environment: dict[str, str],
    outputs: tuple[int, int],
    stdin: int = subprocess.DEVNULL,
) -> "subprocess.Popen[bytes]":
    """Start the script as its account in a session of its own."""
    identity = {} if account.is_own else {"user": account.uid, "group": account.gid, "extra_groups": account.groups}
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        command,
        stdin=stdin,
        stdout=outputs[0],
        stderr=outputs[1],
        cwd=account.working_directory,
        env=environment,
        umask=0o022,
        start_new_session=True,
        **identity,
    )


def _exit_code(status: int) -> int:
    """Return an exit code as a shell shows it: 128 and the number for a signal."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _let_go_of_the_agents_streams(files: TaskFiles) -> None:
    """Read from nowhere, print to nowhere, and complain to a file that the agent reads if this process dies."""
    null = os.open(os.devnull, os.O_RDWR)
    trouble = os.open(files.trouble, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((null, 0), (null, 1), (trouble, 2)):
        os.dup2(source, target)
    os.close(null)
    os.close(trouble)


def _listen_for_signals() -> int:
    """Return a descriptor that becomes readable when a child ends or the agent asks for attention."""
    ours, theirs = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(theirs, warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGCHLD, signal.SIGUSR1):
        signal.signal(number, lambda _number, _frame: None)
    return ours
