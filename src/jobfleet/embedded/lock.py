"""One process for one data directory."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class DirectoryInUseError(Exception):
    """Another process works in the directory; the message names it."""


@contextlib.contextmanager
def held(directory: Path) -> Iterator[None]:
    """Hold a directory for this process; the kernel lets go of it even when the process is killed.

    Raises:
        DirectoryInUseError: Another process holds it.
    """
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor, directory)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, directory: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
        raise DirectoryInUseError(f"{directory} is in use by process {holder}") from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
