"""Walk directories in which processes make and remove files meanwhile: what is gone by then is passed over."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path


def files_below(directory: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the regular files below a directory, each with its state.

    `Path.rglob` raises FileNotFoundError when a directory goes before it is entered; this does not.
    """
    for place, _, names in os.walk(directory):
        for name in names:
            path = Path(place, name)
            try:
                state = path.lstat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(state.st_mode):
                yield path, state


def content_of(path: Path) -> bytes:
    """Return what stands in a file; nothing when it is gone."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
