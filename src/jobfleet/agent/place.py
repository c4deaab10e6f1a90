"""Where a script's file stands on the host, and what is beside it: its account can read it, and nobody else."""

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from jobfleet.agent.account import Account
from jobfleet.agent.files import Entry, TaskFiles, place_for_others
from jobfleet.model.order import RunOrder

_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def directory_of(files: TaskFiles, entry: Entry, account: Account) -> Path:
    """Return where a script of an account stands: in the task's directory, or for another account in one of its own."""
    return files.directory if account.is_own else place_for_others(entry.key)


def hold(directory: Path, cleanup: contextlib.ExitStack) -> int:
    """Return a descriptor of a directory, which stays that directory's whatever its account puts in its place."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    cleanup.callback(os.close, handle)
    return handle


def put_file(place: int, name: str, data: bytes, owner: Account | None, cleanup: contextlib.ExitStack) -> None:
    """Write a file for its account alone into a directory that is held; closing `cleanup` takes it away again."""
    cleanup.callback(_remove, place, name)
    with os.fdopen(os.open(name, _FRESH, 0o600, dir_fd=place), "wb") as file:
        file.write(data)
        _give(file.fileno(), 0o600, owner)


def _remove(place: int, name: str) -> None:
    """Take away a file in the account's directory; the account may have put there what cannot be taken away."""
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=place)


def put_script(
    files: TaskFiles,
    entry: Entry,
    account: Account,
    script: Path,
    beside: Mapping[Path, bytes],
    secrets: contextlib.ExitStack,
) -> None:
    """Write a task's script, and the files beside it, into the account's directory.

    Another account gets its directory last: until then its processes cannot put a link in the script's way,
    which a root agent would write through and give away.

    Args:
        secrets: Takes away what is beside the script when it is closed.
    """
    owner = None if account.is_own else account
    if owner is not None:
        script.parent.mkdir(mode=0o700)
    _write(script, files, entry, owner)
    place = hold(script.parent, secrets)
    for path, data in beside.items():
        put_file(place, path.name, data, owner, secrets)
    if owner is not None:
        os.fchown(place, owner.uid, owner.gid)


def _write(script: Path, files: TaskFiles, entry: Entry, owner: Account | None) -> None:
    assert isinstance(entry.order, RunOrder)
    with os.fdopen(os.open(script, _FRESH, 0o500), "wb") as file:
        if entry.order.content is None:
            with files.content.open("rb") as source:
                shutil.copyfileobj(source, file)
        else:
            file.write(entry.order.content)
        _give(file.fileno(), 0o500, owner)


def _give(handle: int, mode: int, owner: Account | None) -> None:
    os.fchmod(handle, mode)
    if owner is not None:
        os.fchown(handle, owner.uid, owner.gid)
