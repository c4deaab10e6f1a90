"""Read and search the text that tasks printed."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from jobfleet.model import job_id
from jobfleet.model.job import HostSelector, Task, TaskLog
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.status import NEVER_RAN, TaskStatus
from jobfleet.model.target import Target
from jobfleet.operations.platform import Platform
from jobfleet.store import outputs
from jobfleet.store.database import Transaction
from jobfleet.store.outputs import StoredChunk

READ_AT_ONCE = 500
READ_AT_ONCE_BYTES = 32 * 2**20
"""Hosts, and bytes of their output, that are read in one query, so that memory stays bounded."""

_REASONS = {
    TaskStatus.INVALID_TARGET: "the host does not belong to the business",
    TaskStatus.AGENT_NOT_INSTALLED: "no agent is installed on the host",
}
"""Why a target that never goes out to an agent did not run."""

NO_FILES_IN_CONTAINERS = "files cannot be sent into containers"


class Room:
    """Keep account of how much output fits into one answer; the first host's always does."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._taken_bytes = 0

    def take(self, size_bytes: int) -> bool:
        """Take room for output, and tell whether there was enough."""
        fits = not self._taken_bytes or self._taken_bytes + size_bytes <= self._limit_bytes
        self._taken_bytes += size_bytes if fits else 0
        return fits

    @property
    def notice(self) -> str:
        """Return what stands in place of output that does not fit."""
        return f"output left out: an answer holds {self._limit_bytes} bytes; ask for this host alone"


async def search(tx: Transaction, candidates: Sequence[Task], keyword: str) -> list[Task]:
    """Return the tasks whose output contains a text, whatever the case of its letters."""
    wanted = keyword.casefold()
    found: set[int] = set()
    for portion in portions(candidates):
        texts = await _texts(tx, portion)
        # In a thread: others' requests go on meanwhile.
        found |= await asyncio.to_thread(_containing, texts, wanted)
    return [task for task in candidates if task.log_task_id in found]


def _containing(texts: Mapping[int, str], wanted: str) -> set[int]:
    return {task_id for task_id, text in texts.items() if wanted in text.casefold()}


async def read_logs(tx: Transaction, platform: Platform, shown: Sequence[Task], zone: str, room: Room) -> list[TaskLog]:
    """Return tasks with the text of their output, in order.

    A task that never ran shows the engine's reason; one whose output is past its window, or does not fit into
    the answer any more, says so.
    """
    logs = []
    for portion in portions(shown):
        fitting = [task for task in portion if room.take(task.output_bytes)]
        texts = await _texts(tx, fitting)
        left_out = {task.id for task in portion} - {task.id for task in fitting}
        for task in portion:
            text = room.notice if task.id in left_out else texts.get(task.log_task_id)
            logs.append(TaskLog(task, text or _instead(platform, task, zone)))
    return logs


def _instead(platform: Platform, task: Task, zone: str) -> str:
    if task.output_bytes > 0:
        removed = job_id.accepted_day_ms(task.job_id) + platform.output_days * DAY_MS
        if platform.engine.clock() > removed:
            return f"output was removed after {platform.output_days} days"
        return ""
    reason = task.message or reason_of(task)
    if reason and task.status in NEVER_RAN:
        at = datetime.fromtimestamp((task.ended_at or 0) / 1000, ZoneInfo(zone))
        return f"[{at:%Y-%m-%d %H:%M:%S}] {reason}\n"
    return ""


def reason_of(task: Task) -> str:
    """Return why a target never goes out to an agent; "" for one that does."""
    if task.target.container is not None and task.status is TaskStatus.INVALID_TARGET:
        return NO_FILES_IN_CONTAINERS
    return _REASONS.get(task.status, "")


async def _texts(tx: Transaction, portion: Sequence[Task]) -> dict[int, str]:
    with_output = [task for task in portion if task.output_bytes]
    if not with_output:
        return {}
    stored = await outputs.read(tx, with_output[0].job_id, [task.log_task_id for task in with_output])
    return await asyncio.to_thread(_decoded, stored)


def _decoded(stored: Mapping[int, Sequence[StoredChunk]]) -> dict[int, str]:
    # Bytes that are not UTF-8 become U+FFFD only here: joined first, a character cut by a chunk survives.
    return {
        task_id: b"".join(chunk.data for chunk in chunks).decode("utf-8", "replace")
        for task_id, chunks in stored.items()
    }


def portions(rows: Iterable[Task]) -> Iterator[list[Task]]:
    """Yield tasks in order, in portions whose output is read at once; one with more than that is alone."""
    portion: list[Task] = []
    size_bytes = 0
    for row in rows:
        if portion and (len(portion) == READ_AT_ONCE or size_bytes + row.output_bytes > READ_AT_ONCE_BYTES):
            yield portion
            portion, size_bytes = [], 0
        portion.append(row)
        size_bytes += row.output_bytes
    if portion:
        yield portion


def is_meant(target: Target, hosts: HostSelector) -> bool:
    """Tell whether a host, or a container, is among those that a query names."""
    if target.container is not None:
        return target.container.id in hosts.container_ids
    if hosts.host_ids:
        return target.host_id in hosts.host_ids
    return any((target.cloud_id, ip) in hosts.addresses for ip in (target.ip, target.ipv6) if ip)


def grouped(logs: Iterable[TaskLog]) -> list[tuple[TaskStatus, str, tuple[TaskLog, ...]]]:
    """Group logs by status and tag, in order."""
    found: dict[tuple[TaskStatus, str], list[TaskLog]] = {}
    for log in logs:
        found.setdefault((log.task.status, log.task.tag), []).append(log)
    return [(status, tag, tuple(members)) for (status, tag), members in sorted(found.items())]
