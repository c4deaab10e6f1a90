"""A control group (cgroup v2) for the processes of one script, where the host lets the agent make one."""

import contextlib
import os
import secrets
from pathlib import Path

_NAME = "jobfleet."


class Cgroup:
    """The control group that a runner and its script share; an empty path means that there is none."""

    def __init__(self, path: str, owner: int = 0) -> None:
        """Name a group; `owner` is the pid of the runner that moved into it."""
        self.path = path
        self._owner = owner

    @classmethod
    def enter(cls, parent: Path | None) -> "Cgroup":
        """Make a group below `parent` and move into it; where that cannot be return an empty one."""
        if parent is None:
            return cls("")
        group = parent / f"{_NAME}{secrets.token_hex(8)}"
        try:
            group.mkdir()
            (group / "cgroup.procs").write_text("0")
        except OSError:
            with contextlib.suppress(OSError):
                group.rmdir()
            return cls("")
        return cls(str(group), os.getpid())

    def members(self) -> set[int]:
        """Return the processes in the group and below it."""
        if not self.path:
            return set()
        return {int(line) for file in Path(self.path).rglob("cgroup.procs") for line in _lines(file)}

    def kill(self) -> None:
        """Kill all members at once, so that none can fork away meanwhile; the caller leaves first."""
        if self.path:
            self._leave()
            with contextlib.suppress(OSError):
                Path(self.path, "cgroup.kill").write_text("1")

    def remove(self) -> None:
        """Leave the group and remove it; one that still has members stays until `sweep`."""
        if self.path:
            self._leave()
            with contextlib.suppress(OSError):
                Path(self.path).rmdir()

    def _leave(self) -> None:
        if os.getpid() == self._owner:
            with contextlib.suppress(OSError):
                Path(self.path).parent.joinpath("cgroup.procs").write_text("0")


def sweep(parent: Path | None) -> None:
    """Remove the empty groups that earlier runners had to leave behind."""
    for group in parent.glob(f"{_NAME}*") if parent is not None else ():
        with contextlib.suppress(OSError):
            group.rmdir()


def own_group() -> Path | None:
    """Return the control group (v2) of this process, or None where there is none."""
    mount = next((line.split()[1] for line in _lines(Path("/proc/self/mounts")) if " cgroup2 " in line), None)
    own = next((line[3:] for line in _lines(Path("/proc/self/cgroup")) if line.startswith("0::")), None)
    return Path(mount + own.rstrip("/")) if mount is not None and own is not None else None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
