"""A gate at which a script waits until a test opens it."""

import os
from pathlib import Path


class Gate:
    """A pipe from which a script reads a line: `read -r _ < {gate}`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        os.mkfifo(path)
        self._handle = os.open(path, os.O_RDWR)

    def __str__(self) -> str:
        return str(self._path)

    def open(self) -> None:
        os.write(self._handle, b"go on\n")

    def close(self) -> None:
        os.close(self._handle)
