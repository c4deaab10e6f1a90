"""Scripts that write each of their runs down and end when a test says, so that nothing runs twice unseen."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

_RUN = 'echo "$JOBFLEET_TASK $$" >> {directory}/runs\n'
_WAIT = "while [ -d {directory} ] && [ ! -e {directory}/gate ]; do sleep 0.05; done\n"


class Ledger:
    """A file with a line for each run, «task pid», and a gate at which scripts wait."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._file = directory / "runs"

    def script(self, before: str = "", after: str = "", *, waits: bool = True) -> str:
        """Return a script that notes its run, does something, waits at the gate and does something else."""
        wait = _WAIT if waits else ""
        return "#!/bin/sh\n" + (_RUN + before + "\n" + wait + after + "\n").replace("{directory}", str(self.directory))

    @property
    def runs(self) -> list[int]:
        """Return the task ids of all runs so far."""
        return [int(line.split()[0]) for line in self._lines()]

    @property
    def pids(self) -> list[int]:
        """Return the process ids of all runs so far."""
        return [int(line.split()[1]) for line in self._lines()]

    async def begun(self, count: int, within_s: float = 60) -> None:
        """Wait until so many scripts have begun."""
        await until(lambda: len(self._lines()) >= count, within_s, f"{count} scripts to begin")

    def open(self) -> None:
        """Let the scripts go on."""
        (self.directory / "gate").touch()

    def each_ran_once(self, count: int) -> bool:
        """Say whether there were so many runs, each of another task."""
        return len(self.runs) == len(set(self.runs)) == count

    def _lines(self) -> list[str]:
        return self._file.read_text().splitlines() if self._file.exists() else []


async def until(holds: Callable[[], bool], within_s: float, what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"waited {within_s} s in vain for {what}"
        await asyncio.sleep(0.02)
