"""Hosts grouped by what they printed: outliers first."""

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from jobfleet.model.escapes import plain
from jobfleet.model.job import Task
from jobfleet.model.normal import HASH_BYTES
from jobfleet.model.status import SUCCEEDED_TASK, TaskStatus

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class OutputGroup(msgspec.Struct, frozen=True):
    """Name hosts that ended alike and printed the same.

    `key` is the same in every answer; `letter` counts from A for the largest group and moves while hosts end.
    """

    key: str
    letter: str
    status: TaskStatus
    exit_code: int | None
    tasks: tuple[Task, ...]


def group(tasks: Iterable[Task], hashes: Mapping[int, bytes]) -> list[OutputGroup]:
    """Return groups of tasks that are over, failed ones first, small ones before large ones.

    Args:
        hashes: Of outputs, by the id of the task that they belong to; tasks without output are known by their message.
    """
    members: dict[str, list[Task]] = {}
    for task in tasks:
        members.setdefault(_key(task, hashes.get(task.log_task_id)), []).append(task)
    sized = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
    groups = [
        OutputGroup(key, letter(place), found[0].status, found[0].exit_code, tuple(found))
        for place, (key, found) in enumerate(sized)
    ]
    return sorted(groups, key=lambda one: (one.status in SUCCEEDED_TASK, len(one.tasks), one.key))


def _key(task: Task, output: bytes | None) -> str:
    printed = b"=" + output if output is not None else b"?" + task.message.encode()
    # Hosts that a retry left alone are shown as succeeded before: they printed what they printed.
    status = TaskStatus.SUCCEEDED if task.status in SUCCEEDED_TASK else task.status
    ended = f"{status}/{task.exit_code}/".encode()
    return hashlib.blake2b(ended + printed, digest_size=HASH_BYTES).hexdigest()[:16]


def letter(place: int) -> str:
    """Return the name of the group at a place, counted from 0: A to Z, then AA and on."""
    text = _LETTERS[place % 26]
    return text if place < 26 else letter(place // 26 - 1) + text


def last_line(data: bytes, most: int = 240) -> str:
    """Return the last line of an output that is not empty, plain."""
    for line in reversed(plain(data[-8192:]).split(b"\n")):
        if text := line.decode("utf-8", "replace").strip():
            return text[:most]
    return ""
