"""Where a script's file stands on the host, and what is beside it: its account can read it, and nobody else."""

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


def put_script(files: TaskFiles, entry: Entry, account: Account, script: Path, beside: Mapping[Path, bytes]) -> None:
    """Write a task's script, and the files beside it, into the account's directory.

    Another account gets its directory last: until then its processes cannot put a link in the script's way,
    which a root agent would write through and give away.
    """
    owner = None if account.is_own else account
    if owner is not None:
        script.parent.mkdir(mode=0o700)
    _write(script, files, entry, owner)
    for path, data in beside.items():
        with os.fdopen(os.open(path, _FRESH, 0o600), "wb") as file:
            file.write(data)
            _give(file.fileno(), 0o600, owner)
    if owner is not None:
        os.chown(script.parent, owner.uid, owner.gid)


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
