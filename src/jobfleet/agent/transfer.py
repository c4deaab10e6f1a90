"""The process that moves the files of one task: forked off its runner, it becomes the account first."""

import ctypes
import os
import signal
from contextlib import closing
from pathlib import Path
from types import FrameType

import msgspec

from jobfleet.agent import identity as identities
from jobfleet.agent.account import Account
from jobfleet.model.order import FetchOrder, OfferOrder
from jobfleet.model.outcome import ErrorCode
from jobfleet.model.transfer import FailedItem

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_VERDICT_BYTES = 4096
_VERDICT_FD = 3
_SOME = 4096


class _Stopped(BaseException):
    """Leave: the runner has asked for it."""


class Transfer:
    """A process that moves files, as its runner sees it."""

    def __init__(self, pid: int, verdict: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._verdict = verdict

    def failure(self) -> FailedItem | None:
        """Return what went wrong last, or None; to be asked once, after the process has ended."""
        written = os.read(self._verdict, _VERDICT_BYTES)
        os.close(self._verdict)
        try:
            failed: FailedItem | None = msgspec.msgpack.decode(written, type=FailedItem | None)
        except msgspec.MsgspecError:
            return FailedItem("", ErrorCode.INTERNAL, "the process that moved the files broke off")
        return failed


def load() -> None:
    """Load what moving files needs, once for all transfers that are forked off this process; the agent needs none."""
    import jobfleet.agent.fetch
    import jobfleet.agent.offer  # noqa: F401


def start(order: OfferOrder | FetchOrder, account: Account, data_dir: Path, outputs: tuple[int, int]) -> Transfer:
    """Fork a process that moves files as an account; what it tells goes to `outputs`."""
    ours, theirs = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        _become(order, account, data_dir, (*outputs, theirs))
    os.close(theirs)
    return Transfer(pid, ours)


def _become(
    order: OfferOrder | FetchOrder, account: Account, data_dir: Path, descriptors: tuple[int, int, int]
) -> None:
    """Do the work in this forked process and never return."""
    code = 1
    try:
        _detach(descriptors)
        failed = _work(order, account, data_dir)
        os.write(_VERDICT_FD, msgspec.msgpack.encode(_shortened(failed)))
        code = 0 if failed is None else 1
    except _Stopped:
        code = 128 + signal.SIGTERM
    except BaseException as error:  # noqa: BLE001 - the last frame of this process; nobody else could say it
        failed = FailedItem("", ErrorCode.INTERNAL, f"{type(error).__name__}: {error}")
        os.write(_VERDICT_FD, msgspec.msgpack.encode(_shortened(failed)))
    finally:
        os._exit(code)


def _detach(descriptors: tuple[int, int, int]) -> None:
    """Keep nothing of the runner's but the descriptors to tell through, and end when it ends."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, _stop)
    os.setsid()
    high = [os.dup(number) for number in descriptors]
    for number, given in zip((1, 2, _VERDICT_FD), high, strict=True):
        os.dup2(given, number)
    os.closerange(_VERDICT_FD + 1, _SOME)


def _work(order: OfferOrder | FetchOrder, account: Account, data_dir: Path) -> FailedItem | None:
    # Everything is loaded before the account changes: it may not be able to read it afterwards.
    from jobfleet.agent.depot import Depot, DepotError
    from jobfleet.agent.fetch import fetch
    from jobfleet.agent.find import FileError
    from jobfleet.agent.offer import offer
    from jobfleet.agent.telling import News

    known = identities.load(data_dir)
    if known is None:
        return FailedItem("", ErrorCode.INTERNAL, "the agent's identity is gone")
    depot = Depot(known, order.task_id)
    _change_account(account)
    try:
        with closing(News(order.output_cap_bytes)) as news:  # one that is ended on request says what it left out too
            if isinstance(order, OfferOrder):
                return offer(order, depot, known.host_id, news)
            return fetch(order, depot, news)
    except DepotError as error:
        return FailedItem("", ErrorCode.SOURCE_LOST, str(error))
    except FileError as error:
        return FailedItem("", error.error_code, str(error))


def _change_account(account: Account) -> None:
    if not account.is_own:
        os.setgroups(account.groups)
        os.setgid(account.gid)
        os.setuid(account.uid)
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of account would have undone it
    os.umask(0o022)
    os.chdir("/")


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise _Stopped


def _shortened(failed: FailedItem | None) -> FailedItem | None:
    return None if failed is None else msgspec.structs.replace(failed, path="", message=failed.message[:1000])
