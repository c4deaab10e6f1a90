"""Read and search the text that tasks printed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from jobfleet.model import job_id
from jobfleet.model.job import HostSelector, Step, Task, TaskLog
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.status import NEVER_RAN, TaskStatus
from jobfleet.model.target import Target
from jobfleet.operations.platform import Platform
from jobfleet.store import outputs
from jobfleet.store.database import Transaction

READ_AT_ONCE = 500
"""Hosts whose output is read in one query, so that memory stays bounded."""

_REASONS = {
    TaskStatus.INVALID_TARGET: "the host does not belong to the business",
    TaskStatus.AGENT_NOT_INSTALLED: "no agent is installed on the host",
}
"""Why a target that never goes out to an agent did not run."""


async def search(tx: Transaction, candidates: Sequence[Task], keyword: str) -> list[Task]:
    """Return the tasks whose output contains a text, whatever the case of its letters."""
    wanted = keyword.casefold()
    found = []
    for portion in _portions(candidates):
        texts = await _texts(tx, portion)
        found += [task for task in portion if wanted in texts.get(task.log_task_id, "").casefold()]
    return found


async def read_logs(tx: Transaction, platform: Platform, shown: Sequence[Task], zone: str) -> list[TaskLog]:
    """Return tasks with the text of their output, in order.

    A task that never ran shows the engine's reason; one whose output is past its window says so.
    """
    logs = []
    for portion in _portions(shown):
        texts = await _texts(tx, portion)
        logs += [TaskLog(task, texts.get(task.log_task_id) or _instead(platform, task, zone)) for task in portion]
    return logs


def _instead(platform: Platform, task: Task, zone: str) -> str:
    if task.output_bytes > 0:
        removed = job_id.accepted_day_ms(task.job_id) + platform.output_days * DAY_MS
        if platform.engine.clock() > removed:
            return f"output was removed after {platform.output_days} days"
        return ""
    reason = task.message or _REASONS.get(task.status, "")
    if reason and task.status in NEVER_RAN:
        at = datetime.fromtimestamp((task.ended_at or 0) / 1000, ZoneInfo(zone))
        return f"[{at:%Y-%m-%d %H:%M:%S}] {reason}\n"
    return ""


async def _texts(tx: Transaction, portion: Sequence[Task]) -> dict[int, str]:
    with_output = [task for task in portion if task.output_bytes]
    if not with_output:
        return {}
    stored = await outputs.read(tx, with_output[0].job_id, [task.log_task_id for task in with_output])
    # Bytes that are not UTF-8 become U+FFFD only here: joined first, a character cut by a chunk survives.
    return {
        task_id: b"".join(chunk.data for chunk in chunks).decode("utf-8", "replace")
        for task_id, chunks in stored.items()
    }


def _portions(rows: Sequence[Task]) -> Iterable[Sequence[Task]]:
    return (rows[first : first + READ_AT_ONCE] for first in range(0, len(rows), READ_AT_ONCE))


def is_meant(target: Target, hosts: HostSelector) -> bool:
    """Tell whether a host is among those that a query names."""
    if hosts.host_ids:
        return target.host_id in hosts.host_ids
    return any((target.cloud_id, ip) in hosts.addresses for ip in (target.ip, target.ipv6) if ip)


def grouped(step: Step, logs: Iterable[TaskLog]) -> list[tuple[TaskStatus, str, tuple[TaskLog, ...]]]:
    """Group logs by status and tag, in order."""
    found: dict[tuple[TaskStatus, str], list[TaskLog]] = {}
    for log in logs:
        found.setdefault((log.task.status, log.task.tag), []).append(log)
    return [(status, tag, tuple(members)) for (status, tag), members in sorted(found.items())]
