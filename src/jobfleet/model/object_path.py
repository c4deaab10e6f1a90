"""Paths of objects in file steps: `bucket/path`, a directory `bucket/path/`, or a pattern in the last part."""

import fnmatch
import re
from collections.abc import Callable

import msgspec
import re2

from jobfleet.model.paths import REGEX


class ObjectPath(msgspec.Struct, frozen=True):
    """Name objects of a bucket: `key` is one object, or the directory (with its slash) that everything is taken of.

    With a pattern, `fits` tells of a name whether it is meant, and `key` is the directory whose objects are tried, ""
    for the bucket's root.
    """

    bucket: str
    key: str
    fits: Callable[[str], bool] | None = None

    @property
    def is_directory(self) -> bool:
        """Tell whether everything below a directory is meant."""
        return self.fits is None and (self.key == "" or self.key.endswith("/"))

    @property
    def directory_name(self) -> str:
        """Return what a directory is called at the target: its own last part, or the bucket's name."""
        return self.key.rstrip("/").rpartition("/")[2] or self.bucket


def parse_object_path(path: str) -> ObjectPath:
    """Return which objects a path means.

    Raises:
        ValueError: It is none; the message says why.

    Source: docs/reference/file-sources.md, «Paths».
    """
    bucket, slash, key = path.lstrip("/").partition("/")
    if not bucket or not slash:
        raise ValueError("not of the form bucket/path")
    directory, _, last = key.rpartition("/")
    if any(part in {"", ".", ".."} for part in key.rstrip("/").split("/")) and key:
        raise ValueError("a part of the path is empty, . or ..")
    fits = _pattern(last)
    if fits is None:
        return ObjectPath(bucket, key)
    return ObjectPath(bucket, f"{directory}/" if directory else "", fits)


def _pattern(last: str) -> Callable[[str], bool] | None:
    if last.startswith(REGEX):
        return _expression(last.removeprefix(REGEX))
    if not re.search(r"[*?]", last):
        return None
    shell = re.compile(fnmatch.translate(last))
    return lambda name: shell.fullmatch(name) is not None


def _expression(text: str) -> Callable[[str], bool]:
    """Return what an expression fits: with RE2, as the server itself looks, and others wait while it does."""
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    try:
        compiled = re2.compile(text, options)
    except re2.error as error:
        raise ValueError(f"not a regular expression: {text}") from error
    return lambda name: compiled.fullmatch(name) is not None
