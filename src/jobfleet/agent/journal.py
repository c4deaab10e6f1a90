"""What the agent remembers across its own death: accepted tasks, and tombstones of those it is done with."""

import contextlib
import os
import secrets
import shutil
from pathlib import Path

import msgspec

from jobfleet.agent.files import Entry, TaskFiles, boot_id, sync, write_atomically
from jobfleet.model.order import WorkOrder

TOMBSTONE_MS = 24 * 3600 * 1000
"""How long a task that is done with is still recognised."""


class Tombstone(msgspec.Struct, frozen=True):
    """Remember a task that is done with; `ran` is False when it never started and never will."""

    task_id: int
    at: int
    ran: bool


class Journal:
    """The agent's tasks on disk: `tasks/<task id>/` while they matter, a line in `tombstones` afterwards."""

    def __init__(self, data_dir: Path) -> None:
        self._tasks = data_dir / "tasks"
        self._graves = data_dir / "tombstones"
        self._tombstones: dict[int, Tombstone] = {}
        self._unsettled: dict[int, Tombstone] = {}
        self._boot_id = boot_id()

    @property
    def boot_id(self) -> str:
        """Return what tells this boot of the host from any other."""
        return self._boot_id

    def open(self, now: int) -> list[tuple[TaskFiles, Entry]]:
        """Return the tasks that are not done with; remove what was only half written or is buried.

        Args:
            now: Epoch milliseconds; tombstones older than a day are forgotten.
        """
        self._tasks.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._load_tombstones(now)
        found = []
        for directory in sorted(self._tasks.iterdir()):
            files = TaskFiles(directory)
            entry = files.entry()
            if entry is None or entry.order.task_id in self._tombstones:
                shutil.rmtree(directory, ignore_errors=True)
            else:
                found.append((files, entry))
        return found

    def accept(self, order: WorkOrder, now: int) -> tuple[TaskFiles, Entry]:
        """Write an order down; when this returns, the task survives a crash of the host.

        Raises:
            OSError: The disk does not take it, and what it took is removed again.
        """
        entry = Entry(order=order, key=secrets.token_hex(16), boot_id=self._boot_id, received_at=now)
        files = TaskFiles(self._tasks / str(order.task_id))
        try:
            files.write_entry(entry)
        except OSError:
            shutil.rmtree(files.directory, ignore_errors=True)
            raise
        return files, entry

    def bury(self, task_id: int, now: int, *, ran: bool) -> Tombstone:
        """Remember at once that a task is done with; `settle` writes it down."""
        tombstone = Tombstone(task_id=task_id, at=now, ran=ran)
        self._tombstones[task_id] = tombstone
        return tombstone

    def settle(self, *tombstones: Tombstone) -> None:
        """Write tombstones down, then remove the tasks' files.

        Raises:
            OSError: The disk does not take them; they are `unsettled` until it does.
        """
        try:
            for stone in tombstones:
                if stone.ran:  # its output is stored: on a full disk this makes the room that the tombstone needs
                    TaskFiles(self._tasks / str(stone.task_id)).output.unlink(missing_ok=True)
            self._append(b"".join(_line(stone) for stone in tombstones))
        except OSError:
            self._unsettled |= {stone.task_id: stone for stone in tombstones}
            raise
        for stone in tombstones:
            self._unsettled.pop(stone.task_id, None)
            shutil.rmtree(self._tasks / str(stone.task_id), ignore_errors=True)

    def unsettled(self) -> list[Tombstone]:
        """Return the tombstones that the disk did not take."""
        return list(self._unsettled.values())

    def tombstone(self, task_id: int) -> Tombstone | None:
        """Return the tombstone of a task that is done with."""
        return self._tombstones.get(task_id)

    def forget_old(self, now: int) -> None:
        """Forget tombstones that are more than a day old, in memory and on disk."""
        kept = {key: stone for key, stone in self._tombstones.items() if now - stone.at < TOMBSTONE_MS}
        if len(kept) < len(self._tombstones):
            self._tombstones = kept
            self._rewrite()

    def _load_tombstones(self, now: int) -> None:
        lines = self._graves.read_bytes().splitlines() if self._graves.exists() else []
        stones = [stone for line in lines if (stone := _parse(line)) is not None]
        self._tombstones = {stone.task_id: stone for stone in stones if now - stone.at < TOMBSTONE_MS}
        with contextlib.suppress(OSError):  # a full disk: what is there already stays good
            self._rewrite()

    def _append(self, lines: bytes) -> None:
        handle = os.open(self._graves, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            while lines:
                lines = lines[os.write(handle, lines) :]
            os.fdatasync(handle)
        finally:
            os.close(handle)

    def _rewrite(self) -> None:
        write_atomically(self._graves, b"".join(_line(stone) for stone in self._tombstones.values()))
        sync(self._graves)


def _line(stone: Tombstone) -> bytes:
    # It begins on a line of its own, whatever a full disk left of the one before.
    return f"\n{stone.task_id} {stone.at} {'ran' if stone.ran else 'never'}\n".encode()


def _parse(line: bytes) -> Tombstone | None:
    match line.split():
        case [task_id, at, (b"ran" | b"never") as word] if task_id.isdigit() and at.isdigit():
            return Tombstone(task_id=int(task_id), at=int(at), ran=word == b"ran")
    return None
