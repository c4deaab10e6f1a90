"""Where a script's file stands on the host: its account can read it, and nobody else."""

import os
import shutil
from pathlib import Path

from jobfleet.agent.account import Account
from jobfleet.agent.files import Entry, TaskFiles, place_for_others
from jobfleet.model.order import RunOrder

_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def put_script(files: TaskFiles, entry: Entry, account: Account, name: str) -> Path:
    """Write a task's script into the task's directory, or for another account into one of its own.

    The other account gets its directory last: until then its processes cannot put a link in the script's way,
    which a root agent would write through and give away.
    """
    if account.is_own:
        script = files.directory / name
        _write(script, files, entry, None)
        return script
    directory = place_for_others(entry.key)
    directory.mkdir(mode=0o700)
    script = directory / name
    _write(script, files, entry, account)
    os.chown(directory, account.uid, account.gid)
    return script


def _write(script: Path, files: TaskFiles, entry: Entry, owner: Account | None) -> None:
    assert isinstance(entry.order, RunOrder)
    with os.fdopen(os.open(script, _FRESH, 0o500), "wb") as file:
        if entry.order.content is None:
            with files.content.open("rb") as source:
                shutil.copyfileobj(source, file)
        else:
            file.write(entry.order.content)
        os.fchmod(file.fileno(), 0o500)
        if owner is not None:
            os.fchown(file.fileno(), owner.uid, owner.gid)
