"""What a finished job means: the exit code, the summary, and the JSON of its hosts."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from jobfleet.cli import exits
from jobfleet.cli.output import host_name, show_duration
from jobfleet.cli.wire import Job, JobAnswer, Task
from jobfleet.model.status import SUCCEEDED_TASK, RunStatus, TaskStatus

UNKNOWN_OUTCOME = frozenset(
    {
        TaskStatus.UNKNOWN_ERROR,
        TaskStatus.TIMED_OUT,
        TaskStatus.RESULT_LOST,
        TaskStatus.SCRIPT_LOG_TIMED_OUT,
        TaskStatus.FILE_LOG_TIMED_OUT,
        TaskStatus.SCRIPT_TIMED_OUT,
        TaskStatus.FILE_TIMED_OUT,
        TaskStatus.KILL_FAILED,
        TaskStatus.UNKNOWN,
        TaskStatus.WAITING,
        TaskStatus.RUNNING,
    }
)
"""Statuses of hosts whose script ran out of time, or of which nobody knows what became."""

_SUCCEEDED = frozenset(int(status) for status in SUCCEEDED_TASK)
_UNKNOWN = frozenset(int(status) for status in UNKNOWN_OUTCOME)


def exit_code_of(job: Job, tasks: Iterable[Task]) -> int:
    """Return the exit code for a job: stopped, else a failed host, else a lost or late one, else success.

    Source: docs/reference/cli.md, «Exit codes».
    """
    statuses = {task.status_code for task in tasks}
    if job.status_code == RunStatus.STOPPED:
        return exits.STOPPED
    if statuses - _SUCCEEDED - _UNKNOWN:
        return exits.FAILED
    if statuses & _UNKNOWN or not job.finished or job.status_code == RunStatus.ABNORMAL:
        return exits.UNKNOWN
    return exits.SUCCEEDED if job.status_code == RunStatus.SUCCEEDED else exits.FAILED


def counted(answer: JobAnswer) -> list[Task]:
    """Return the hosts that count for the exit code: those of steps passed over do not, in a job of many."""
    if len(answer.steps) == 1:
        return answer.tasks
    passed = {step.id for step in answer.steps if step.status in {"ignored", "skipped"}}
    return [task for task in answer.tasks if task.step_id not in passed]


def has_succeeded(task: Task) -> bool:
    """Tell whether a host did what it should."""
    return task.status_code in _SUCCEEDED


def summary(answer: JobAnswer) -> str:
    """Return one line about a job."""
    total, good = len(answer.tasks), sum(has_succeeded(task) for task in answer.tasks)
    hosts = "1 host" if total == 1 else f"{total} hosts"
    counts = f"{hosts}, all succeeded" if good == total else f"{good} of {hosts} succeeded"
    return f"job {answer.job.id} {answer.job.status}: {counts} ({show_duration(answer.job.total_ms)})"


def verdict(task: Task) -> str:
    """Return in one line how a host ended."""
    parts = [task.status.replace("_", " ")]
    if task.exit_code is not None:
        parts.append(f"exit code {task.exit_code}")
    if task.tag:
        parts.append(f"tag {task.tag}")
    if task.message:
        parts.append(task.message)
    if task.survivors:
        parts.append(f"still alive: {', '.join(map(str, task.survivors))}")
    return ", ".join(parts)


def as_json(answer: JobAnswer, outputs: Mapping[int, bytes], exit_code: int) -> dict[str, Any]:
    """Return the JSON of `jobfleet run -o json`; its members do not change without a new major version.

    Source: docs/reference/cli.md, «JSON».
    """
    job = answer.job
    return {
        "job_id": job.id,
        "name": job.name,
        "scope": job.scope,
        "status": job.status,
        "exit_code": exit_code,
        "total_ms": job.total_ms,
        "hosts": [_host(task, outputs.get(task.log_task_id, b"")) for task in answer.tasks],
    }


def _host(task: Task, output: bytes) -> dict[str, Any]:
    return {
        "host": host_name(task.host),
        **msgspec.to_builtins(task.host),
        "status": task.status,
        "status_code": task.status_code,
        "exit_code": task.exit_code,
        "error_code": task.error_code,
        "tag": task.tag,
        "message": task.message,
        "survivors": task.survivors,
        "started_at": task.started_at,
        "ended_at": task.ended_at,
        "total_ms": task.total_ms,
        "output": output.decode("utf-8", "replace"),
    }


def fold(tasks: Iterable[Task], outputs: Mapping[int, bytes]) -> list[tuple[list[Task], bytes]]:
    """Group tasks that ended alike and printed alike, the largest group first."""
    found: dict[tuple[object, ...], list[Task]] = {}
    for task in tasks:
        alike = (task.status_code, task.exit_code, task.tag, task.message, outputs.get(task.log_task_id, b""))
        found.setdefault(alike, []).append(task)
    groups = [(members, outputs.get(members[0].log_task_id, b"")) for members in found.values()]
    return sorted(groups, key=lambda group: -len(group[0]))
