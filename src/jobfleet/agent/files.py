"""The files of one task on the host's disk: their names, records and how they are written."""

import contextlib
import fcntl
import os
import tempfile
import time
from pathlib import Path
from typing import TypeVar

import msgspec

from jobfleet.model.order import WorkOrder
from jobfleet.model.outcome import Outcome

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Entry(msgspec.Struct, frozen=True):
    """Remember an accepted order; `key` marks the script's processes, `boot_id` the host's boot."""

    order: WorkOrder
    key: str
    boot_id: str
    received_at: int


class Begun(msgspec.Struct, frozen=True):
    """Remember that a runner took the task; from here on nobody else will start it."""

    runner_pid: int
    started_at: int
    cgroup: str = ""


class Ended(msgspec.Struct, frozen=True):
    """Remember how a task ended; the fields are those of model.order.TaskResult."""

    outcome: Outcome
    exit_code: int | None
    error_code: int
    started_at: int
    ended_at: int
    output_bytes: int = 0
    tag: str = ""
    message: str = ""
    survivors: list[int] = []
    left: dict[str, str] = {}


_T = TypeVar("_T")
_encoder = msgspec.msgpack.Encoder()
_entries = msgspec.msgpack.Decoder(Entry)
_beguns = msgspec.msgpack.Decoder(Begun)
_endeds = msgspec.msgpack.Decoder(Ended)


class TaskFiles:
    """The directory of one task: `entry`, `begun`, `output`, `ended`, `kill`, `lock`.

    `content` is a large script, `variables` those that are too many for the order.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.output = directory / "output"
        self.content = directory / "content"
        self.variables = directory / "variables"
        self.trouble = directory / "trouble"

    def write_entry(self, entry: Entry) -> None:
        """Write an accepted order down so that it survives a crash of the host."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(self.directory / "entry", _encoder.encode(entry))
        sync(self.directory / "entry")
        sync(self.directory)
        sync(self.directory.parent)

    def entry(self) -> Entry | None:
        """Return the accepted order, or None when it was not written to its end."""
        return _read(self.directory / "entry", _entries)

    def begin(self, begun: Begun) -> bool:
        """Take the task for this runner, which holds its lock; return False when it was taken before.

        Raises:
            OSError: The disk does not take it; the task is free.
        """
        path = self.directory / "begun"
        if path.exists():
            return False
        write_atomically(path, _encoder.encode(begun))
        return True

    def begun(self) -> Begun | None:
        """Return the runner's mark, or None when no runner took the task."""
        return _read(self.directory / "begun", _beguns)

    def end(self, ended: Ended) -> None:
        """Write how the task ended; `sync_ended` makes it survive a crash of the host."""
        write_atomically(self.directory / "ended", _encoder.encode(ended))

    def sync_ended(self) -> None:
        """Make output and end survive a crash of the host."""
        for path in (self.output, self.directory / "ended", self.directory):
            with contextlib.suppress(FileNotFoundError):
                sync(path)

    def ended(self) -> Ended | None:
        """Return how the task ended, or None while it has not."""
        return _read(self.directory / "ended", _endeds)

    def ask_to_kill(self) -> None:
        """Leave word that the task is to be killed."""
        (self.directory / "kill").touch(mode=0o600)

    def asked_to_kill(self) -> bool:
        """Say whether the task is to be killed."""
        return (self.directory / "kill").exists()

    def lock(self) -> int | None:
        """Take the lock that a runner holds as long as it lives; return its descriptor, or None if held."""
        handle = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        return handle

    def last_trouble(self) -> str:
        """Return the last line that the runner complained with, or ""."""
        try:
            lines = self.trouble.read_text(errors="replace").split("\n")
        except FileNotFoundError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def is_running(self) -> bool:
        """Say whether a runner holds the task."""
        handle = self.lock()
        if handle is not None:
            os.close(handle)
        return handle is None


def place_for_others(key: str) -> Path:
    """Return the directory of a script whose account may not look into the agent's data.

    The key is random and secret until the directory exists, so nobody can have made it before.
    """
    return Path(tempfile.gettempdir(), f"jobfleet-{key}")


def now_ms() -> int:
    """Return the time in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def boot_id() -> str:
    """Return what tells this boot of the host from any other, or "" where the system does not say."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file of mode 0600 so that a reader sees all of it or nothing."""
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    fresh.rename(path)


def sync(path: Path) -> None:
    """Make a file or directory survive a crash of the host."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path, decoder: "msgspec.msgpack.Decoder[_T]") -> _T | None:
    try:
        return decoder.decode(path.read_bytes())
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
