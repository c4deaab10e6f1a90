"""Read what a script prints, both streams in the order in which it wrote them.

Each stream has a pipe of one slot in packet mode, and both hang in one edge-triggered epoll, whose queue
keeps the order in which they became ready. A writer cannot put a second packet into a pipe before the first
is taken, so the queue's order is the order of the writes. Past the cap, where order matters no more, the
pipes grow so that the script runs at full speed while its output is dropped.
"""

import errno
import fcntl
import os
import select
import time

from jobfleet.agent.files import now_ms
from jobfleet.agent.output import OutputWriter
from jobfleet.model.order import STDERR, STDOUT

_F_SETPIPE_SZ = 1031
_SLOT_BYTES = 4096
_WIDE_BYTES = 256 * 1024
_READ_BYTES = 64 * 1024
_ROUNDS = 64
"""Most turns around the pipes before the rest of the runner has its turn."""


class Capture:
    """The pipes of one script and the file that what comes through them goes to."""

    def __init__(self, writer: OutputWriter, wake: int) -> None:
        self._writer = writer
        self._wake = wake
        self._epoll = select.epoll()
        self._epoll.register(wake, select.EPOLLIN)
        self._streams: dict[int, int] = {}
        self._unread: set[int] = set()
        self._is_wide = False

    @property
    def is_open(self) -> bool:
        """Say whether any process can still write."""
        return bool(self._streams)

    def open_pipes(self, owner: tuple[int, int]) -> tuple[int, int]:
        """Make the pipes; return the script's ends of standard output and standard error."""
        return self._open(STDOUT, owner), self._open(STDERR, owner)

    def pump(self, timeout_s: float) -> bool:
        """Wait for output or a signal, write down what came; return whether output was written."""
        wait_s = 0 if self._unread else timeout_s
        for _ in range(_ROUNDS):
            if not self._turn(wait_s):
                break
            wait_s = 0
        return self._writer.flush()

    def drain(self, until: float) -> None:
        """Take what is in the pipes; wait until `until` (monotonic) for other processes to close them."""
        while self.is_open and (left := until - time.monotonic()) > 0:
            self.pump(left)
        for fd in list(self._streams):
            self._read(fd, to_the_end=True)
        self._writer.flush()

    def drop(self) -> None:
        """Write nothing down from now on; what still comes is read so that its writers do not fail."""
        self._writer.is_full = True
        self._widen()

    def _open(self, stream: int, owner: tuple[int, int]) -> int:
        ours, theirs = os.pipe2(os.O_CLOEXEC | os.O_DIRECT)
        os.set_blocking(ours, False)
        os.fchown(theirs, *owner)
        self._is_wide = not _resize(ours, _SLOT_BYTES) or self._is_wide
        self._streams[ours] = stream
        self._epoll.register(ours, select.EPOLLIN | select.EPOLLET)
        return theirs

    def _turn(self, wait_s: float) -> bool:
        again, self._unread = self._unread, set()
        events = self._epoll.poll(wait_s)
        for fd in again - {fd for fd, _ in events}:
            self._read(fd, to_the_end=True)
        for fd, event in events:
            if fd == self._wake:
                _empty(fd)
            else:
                self._read(fd, to_the_end=bool(event & select.EPOLLHUP))
        return bool(again) or any(fd != self._wake for fd, _ in events)

    def _read(self, fd: int, *, to_the_end: bool) -> None:
        for _ in range(_ROUNDS):
            try:
                data = os.read(fd, _READ_BYTES)
            except BlockingIOError:
                return
            if not data:
                self._close(fd)
                return
            self._writer.add(self._streams[fd], now_ms(), data)
            if self._writer.is_full:
                self._widen()
            if not (self._is_wide or to_the_end):
                return
        self._unread.add(fd)

    def _close(self, fd: int) -> None:
        self._epoll.unregister(fd)
        del self._streams[fd]
        self._unread.discard(fd)
        os.close(fd)

    def _widen(self) -> None:
        if self._is_wide:
            return
        self._is_wide = True
        for fd in self._streams:
            _resize(fd, _WIDE_BYTES)


def _resize(fd: int, size_bytes: int) -> bool:
    try:
        fcntl.fcntl(fd, _F_SETPIPE_SZ, size_bytes)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.EINVAL, errno.EBUSY}:
            raise
        return False
    return True


def _empty(fd: int) -> None:
    try:
        while os.read(fd, 4096):
            pass
    except BlockingIOError:
        return
