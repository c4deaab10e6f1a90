"""Kill the whole tree of processes of a script, and say truly which of them are left.

A script's processes are the descendants of its runner (which is their sub-reaper: what forks away twice or
takes a session of its own stays a descendant), the members of its control group where the host has cgroup
v2, and whatever carries the task's key in its environment.
"""

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

GRACE_MS = 500
"""How long processes have between SIGTERM and SIGKILL."""

BOUND_MS = 5_000
"""How long a kill goes on trying before it reports what is left."""

PROC = Path("/proc")
_DEAD = frozenset({"Z", "X"})


class Killing:
    """A kill under way: ask all, then force whatever is left, and look again until none is."""

    def __init__(
        self,
        scan: Callable[[], set[int]],
        force: Callable[[], None],
        now: int,
        asking: signal.Signals = signal.SIGTERM,
    ) -> None:
        """Ask all that `scan` finds to end; `force` is called once before the rest is killed one by one."""
        self._scan = scan
        self._force = force
        self._force_at = now + GRACE_MS
        self._give_up_at = now + BOUND_MS
        self._is_forcing = False
        self.survivors = scan()
        _signal(self.survivors, asking)

    def step(self, now: int) -> bool:
        """Do what is due at `now` (milliseconds); return True when none is left or the bound has passed."""
        self.survivors = self._scan()
        if not self.survivors or now >= self._give_up_at:
            return True
        if now >= self._force_at:
            self._kill()
        return False

    def _kill(self) -> None:
        if not self._is_forcing:
            self._is_forcing = True
            self._force()
        _signal(self.survivors, signal.SIGKILL)


def descendants(root: int) -> set[int]:
    """Return the processes below a process."""
    children: dict[int, list[int]] = {}
    for pid, parent, _ in _processes():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    stack = [root]
    while stack:
        below = children.get(stack.pop(), [])
        found.update(below)
        stack.extend(below)
    return found


def marked(key: str) -> set[int]:
    """Return the processes that carry a task's key in their environment."""
    mark = f"JOBFLEET_KEY={key}".encode()
    return {pid for pid, _, _ in _processes() if mark in _environment(pid)}


def living(pids: set[int]) -> set[int]:
    """Return those of the processes that still run; a zombie does not."""
    states = {pid: _process(str(pid)) for pid in pids}
    return {pid for pid, found in states.items() if found is not None and found[2] not in _DEAD}


def _processes() -> list[tuple[int, int, str]]:
    return [found for entry in os.scandir(PROC) if entry.name.isdigit() and (found := _process(entry.name))]


def _process(name: str) -> tuple[int, int, str] | None:
    try:
        stat = (PROC / name / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    state, parent, *_ = stat.rpartition(")")[2].split()
    return int(name), int(parent), state


def _environment(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except (OSError, ProcessLookupError):
        return []


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
