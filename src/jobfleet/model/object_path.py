"""Paths of objects in file steps: `bucket/path`, a directory `bucket/path/`, or a pattern in the last part."""

import fnmatch
import re

import msgspec

from jobfleet.model.paths import REGEX


class ObjectPath(msgspec.Struct, frozen=True):
    """Name objects of a bucket: `key` is one object, or the directory (with its slash) that everything is taken of.

    With a `pattern`, `key` is the directory whose objects are tried by their names, "" for the bucket's root.
    """

    bucket: str
    key: str
    pattern: re.Pattern[str] | None = None

    @property
    def is_directory(self) -> bool:
        """Tell whether everything below a directory is meant."""
        return self.pattern is None and (self.key == "" or self.key.endswith("/"))

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
    pattern = _pattern(last)
    if pattern is None:
        return ObjectPath(bucket, key)
    return ObjectPath(bucket, f"{directory}/" if directory else "", pattern)


def _pattern(last: str) -> re.Pattern[str] | None:
    if last.startswith(REGEX):
        try:
            return re.compile(last.removeprefix(REGEX))
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
    return re.compile(fnmatch.translate(last)) if re.search(r"[*?]", last) else None
