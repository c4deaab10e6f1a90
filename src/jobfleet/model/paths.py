"""Rules on the paths of file steps: which are taken, and what the macros of a target path become."""

import re
from datetime import UTC, datetime
from typing import Final

from jobfleet.model.definition import TransferMode

REGEX: Final = "REGEX:"
"""Begins the last part of a source path that is a regular expression."""

_WINDOWS = re.compile(r"^[A-Za-z]:[\\/]")
_FORBIDDEN = re.compile(r'[:?"<>|]')
_MACRO = re.compile(r"\[(DATEFMT|DATE):([^\]]*)\]|\[FILESRCIP\]")
_JAVA = {
    "yyyy": "%Y",
    "yy": "%y",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "hh": "%I",
    "mm": "%M",
    "ss": "%S",
    "EEE": "%a",
    "EEEE": "%A",
    "DDD": "%j",
    "a": "%p",
}
MAX_FILE_NAME_BYTES = 255
MAX_PATH_BYTES = 4_096
"""Longest path: as Linux has it."""

_LETTERS = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*")


def is_valid_path(path: str) -> bool:
    """Tell whether a path of a source host, or a target path, is one that is taken.

    Source: docs/reference/files.md, «Paths».
    """
    if not path or "\0" in path or is_too_long(path):
        return False
    if path.startswith("/") or re.search(r"\$\{\w+\}", path):
        return True
    if not _WINDOWS.match(path):
        return False
    head, _, _ = path[2:].partition(REGEX)
    return not _FORBIDDEN.search(head)


def is_too_long(path: str) -> bool:
    """Tell whether a path is longer than MAX_PATH_BYTES."""
    return len(path.encode("utf-8", "surrogatepass")) > MAX_PATH_BYTES


def is_file_name(name: str) -> bool:
    """Tell whether a text can be the name of one file on a host, 1 to MAX_FILE_NAME_BYTES long.

    Source: docs/reference/files.md, «Paths».
    """
    is_plain = not set(name) & {"/", "\\", "\0"} and name.strip() not in {"", ".", ".."}
    return is_plain and len(name.encode()) <= MAX_FILE_NAME_BYTES


def resolve_target(path: str, mode: int, source_ip: str, at: datetime) -> str:
    """Return the directory on a target with all macros replaced, ending with a separator.

    Args:
        mode: A TransferMode; the safe ones put the files of each source into a directory of its own.
        source_ip: «<cloud>_<ip>» of the source host.
        at: When the step's files leave, in the server's zone.

    Source: docs/reference/files.md, «Target path».
    """
    resolved = _MACRO.sub(lambda found: _macro(found, source_ip, at), path)
    separator = "\\" if _WINDOWS.match(resolved) and "/" not in resolved else "/"
    directory = resolved if resolved.endswith(("/", "\\")) else resolved + separator
    match mode:
        case TransferMode.SAFE_BY_IP:
            return f"{directory}{source_ip}{separator}"
        case TransferMode.SAFE_BY_DATE:
            return f"{directory}{at:%Y%m%d}_{source_ip}{separator}"
    return directory


def resolve_moment(now: int) -> datetime:
    """Return a moment (epoch ms) as dates in target paths are written: in the server's zone."""
    return datetime.fromtimestamp(now / 1000, UTC).astimezone()


def source_ip_name(cloud_id: int, ip: str) -> str:
    """Return how a source host is named inside paths."""
    return f"{cloud_id}_{ip.replace(':', '_')}"


def _macro(found: re.Match[str], source_ip: str, at: datetime) -> str:
    kind, pattern = found[1], found[2]
    if kind is None:
        return source_ip
    if kind == "DATEFMT":
        return at.strftime(pattern)
    written = _java_date(pattern, at)
    return found[0] if written is None else written


def _java_date(pattern: str, at: datetime) -> str | None:
    """Return a time in a Java date pattern; None when the pattern has letters that mean nothing here."""
    known = True

    def replace(letters: re.Match[str]) -> str:
        nonlocal known
        if letters[1] is not None:
            return letters[1].replace("''", "'") or "'"
        if letters[0] == "SSS":
            return f"{at.microsecond // 1000:03d}"
        known = known and letters[0] in _JAVA
        return at.strftime(_JAVA.get(letters[0], ""))

    written = _LETTERS.sub(replace, pattern)
    return written if known and pattern else None
