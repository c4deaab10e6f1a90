"""Become another program: change user, bind our life to the parent's, execute. Run as a script of its own.

A function between fork and exec would do the same, but in a process with threads it can wait for ever for a lock
that a thread held at the moment of the fork.

Usage: launch.py PARENT_PID SIGNAL UID GID PROGRAM [ARGUMENT …]; UID and GID are -1 for no change.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(parent: int, number: int, uid: int, gid: int, argv: list[str]) -> None:
    """Execute a program.

    The order matters: the kernel forgets the parent-death signal when a process changes its user.
    """
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and what is ignored stays so
    os.execv(argv[0], argv)  # noqa: S606 (executing is the purpose)


if __name__ == "__main__":
    parent_pid, death_signal, user, group = map(int, sys.argv[1:5])
    main(parent_pid, death_signal, user, group, sys.argv[5:])
