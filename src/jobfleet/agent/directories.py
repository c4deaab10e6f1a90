"""Directories that files are put into, and what an operating system's refusal of one means."""

import errno
import os
from pathlib import Path

from jobfleet.agent.find import FileError
from jobfleet.model.outcome import ErrorCode


def have(directory: str, *, create: bool) -> None:
    """Make sure that a target directory is there; somebody else may make it at the same time.

    Raises:
        FileError: It is not there and not to be made, is something else, or cannot be made.
    """
    if create:
        make(directory)
    elif not _is_there(directory):
        if not os.path.lexists(directory.rstrip("/")):
            raise FileError(ErrorCode.DIRECTORY_MISSING, f"{directory}: no such directory")
        make(directory)  # made just now, or no directory


def make(directory: str) -> None:
    """Make a directory with its parents, unless it is there.

    Raises:
        FileError: There is something else, or it cannot be made.
    """
    try:
        if not _is_there(directory):
            Path(directory).mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise FileError(ErrorCode.NO_DIRECTORY, f"{directory}: there is a file of this name") from error
    except OSError as error:
        raise of_target(error, directory) from error


def of_target(error: OSError, path: str) -> FileError:
    """Return what a refusal of the operating system means where files are written."""
    why = f"{path}: {error.strerror or error}"
    match error:
        case PermissionError():
            return FileError(ErrorCode.FILE_FORBIDDEN, why)
        case NotADirectoryError() | FileExistsError() | IsADirectoryError():
            return FileError(ErrorCode.NO_DIRECTORY, why)
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return FileError(ErrorCode.DISK_FULL, why)
    return FileError(ErrorCode.FILE_UNREADABLE, why)


def _is_there(directory: str) -> bool:
    try:
        return Path(directory).is_dir()
    except OSError as error:
        raise of_target(error, directory) from error
