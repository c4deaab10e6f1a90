"""The unprivileged system user that PostgreSQL runs as when we are root."""

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

import msgspec

NAME = "jobfleet-pg"
_FALLBACK = "nobody"


class Owner(msgspec.Struct, frozen=True):
    """A system user by name and numbers."""

    name: str
    uid: int
    gid: int

    def give(self, path: Path) -> None:
        """Make the user the owner of a file or directory, and let it reach the place."""
        os.chown(path, self.uid, self.gid)
        let_through(path)


def unprivileged() -> Owner | None:
    """Return the user for processes that refuse to run as root; None when we are not root.

    The user is made on first use; where that is impossible, `nobody` serves.
    """
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return _look_up(NAME)
    _create()
    try:
        return _look_up(NAME)
    except KeyError:
        return _look_up(_FALLBACK)


def _create() -> None:
    command = shutil.which("useradd")
    if command is not None:
        subprocess.run(
            [command, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME],
            check=False,  # another process may have been first; the look-up afterwards decides
            capture_output=True,
        )


def _look_up(name: str) -> Owner:
    entry = pwd.getpwnam(name)
    return Owner(entry.pw_name, entry.pw_uid, entry.pw_gid)


def let_through(path: Path) -> None:
    """Let every user pass (not list) the directories above a path, adding only what is missing."""
    for directory in path.resolve().parents:
        _add_mode(directory, stat.S_IXOTH)


def let_read(tree: Path) -> None:
    """Let every user read and execute the files below a directory, as installed with a normal umask."""
    for path in (tree, *tree.rglob("*")):
        if path.is_symlink():
            continue
        executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        _add_mode(path, stat.S_IROTH | (stat.S_IXOTH if executable else 0))


def _add_mode(path: Path, wanted: int) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & wanted != wanted:
        path.chmod(mode | wanted)
