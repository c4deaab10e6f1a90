"""From a source path to the files that it means: one file, a directory, or those that fit a pattern."""

import fnmatch
import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from jobfleet.model.outcome import ErrorCode
from jobfleet.model.paths import REGEX


class FileError(Exception):
    """Say why a path cannot be had; `error_code` is a model.outcome.ErrorCode."""

    def __init__(self, error_code: int, message: str) -> None:
        super().__init__(message)
        self.error_code = error_code


class Found(msgspec.Struct, frozen=True):
    """Name what a target gets of one path: files as (name below the target directory, path here)."""

    path: str
    name: str
    files: tuple[tuple[str, str], ...]
    directories: tuple[str, ...] = ()


def find(path: str) -> list[Found]:
    """Return what a source path means on this host, in order of names.

    Raises:
        FileError: Nothing is there, or it cannot be looked at.

    Source: docs/reference/files.md, «Source paths».
    """
    try:
        if path.endswith("/"):
            return [_directory(path)]
        matches = _pattern(path.rpartition("/")[2])
        return [_file(path)] if matches is None else _matching(path, matches)
    except OSError as error:
        raise of_source(error, path) from error


def of_source(error: OSError, path: str) -> FileError:
    """Return what an error of the system means where files are read."""
    why = error.strerror or str(error)
    match error:
        case FileNotFoundError():
            return FileError(ErrorCode.FILE_MISSING, f"{path}: no such file or directory")
        case PermissionError():
            return FileError(ErrorCode.FILE_FORBIDDEN, f"{path}: permission denied")
    return FileError(ErrorCode.FILE_UNREADABLE, f"{path}: {why}")


def _pattern(last: str) -> re.Pattern[str] | None:
    if last.startswith(REGEX):
        try:
            return re.compile(last.removeprefix(REGEX))
        except re.error as error:
            raise FileError(ErrorCode.FILE_MISSING, f"{last}: not a regular expression: {error}") from error
    return re.compile(fnmatch.translate(last)) if re.search(r"[*?]", last) else None


def _file(path: str) -> Found:
    if Path(path).is_dir():
        raise FileError(ErrorCode.FILE_UNREADABLE, f"{path}: a directory; end its path with a slash to send it")
    _check(path)
    name = Path(path).name
    return Found(path, name, ((name, path),))


def _matching(path: str, wanted: re.Pattern[str]) -> list[Found]:
    parent = path.rpartition("/")[0] or "/"
    with os.scandir(parent) as entries:
        names = sorted(entry.name for entry in entries if wanted.fullmatch(entry.name) and entry.is_file())
    if not names:
        raise FileError(ErrorCode.FILE_MISSING, f"{path}: nothing fits")
    return [_file(str(Path(parent, name))) for name in names]


def _directory(path: str) -> Found:
    root = path.rstrip("/") or "/"
    name = Path(root).name
    files: list[tuple[str, str]] = []
    directories = [f"{name}/"] if name else []
    for directory, below, names in os.walk(root, onerror=_raise):
        below.sort()
        for one in below:
            _check(str(Path(directory, one)))
        inner = _joined(name, os.path.relpath(directory, root))
        directories += [f"{inner}{one}/" for one in below]
        files += _regular(directory, inner, names)
    return Found(path, f"{name}/", tuple(files), tuple(directories))


def _regular(directory: str, inner: str, names: list[str]) -> Iterator[tuple[str, str]]:
    for name in sorted(names):
        path = Path(directory, name)
        if path.is_file():  # links that lead nowhere, pipes and sockets are nothing to copy
            _check(str(path))
            yield f"{inner}{name}", str(path)


def _joined(name: str, inner: str) -> str:
    parts = [part for part in (name, "" if inner == "." else inner) if part]
    return "".join(f"{part}/" for part in parts)


def _check(path: str) -> None:
    Path(path).stat()
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise FileError(ErrorCode.FILE_UNREADABLE, f"{path!a}: the name is not UTF-8") from error


def _raise(error: OSError) -> None:
    raise error
