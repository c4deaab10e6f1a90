"""The statuses of jobs, steps and tasks, and which may follow which."""

from collections.abc import Mapping
from enum import IntEnum


class RunStatus(IntEnum):
    """Name the status of a job or a step; the numbers are the contract's.

    Source: docs/reference/status-codes.md, «Jobs and steps».
    """

    PENDING = 1
    RUNNING = 2
    SUCCEEDED = 3
    FAILED = 4
    SKIPPED = 5
    IGNORED = 6
    WAITING = 7
    TERMINATED = 8
    ABNORMAL = 9
    STOPPING = 10
    STOPPED = 11
    REJECTED = 13
    ABANDONED = 14
    BETWEEN_BATCHES = 15


class TaskStatus(IntEnum):
    """Name the status of a task, one step on one host in one attempt; the numbers are the contract's.

    Source: docs/reference/status-codes.md, «Hosts».
    """

    UNKNOWN_ERROR = 0
    AGENT_ERROR = 1
    INVALID_TARGET = 2
    SUCCEEDED_BEFORE = 3
    WAITING = 5
    RUNNING = 7
    SUCCEEDED = 9
    FAILED = 11
    NOT_SUBMITTED = 12
    TIMED_OUT = 13
    RESULT_LOST = 15
    SCRIPT_LOG_TIMED_OUT = 16
    FILE_LOG_TIMED_OUT = 17
    AGENT_NOT_INSTALLED = 18
    SCRIPT_FAILED = 101
    SCRIPT_TIMED_OUT = 102
    SCRIPT_DISCARDED = 103
    NONZERO_EXIT = 104
    COPY_FAILED = 202
    SOURCE_MISSING = 203
    FILE_ERROR_UNCLASSIFIED = 301
    FILE_TIMED_OUT = 303
    AGENT_UNREACHABLE = 310
    ACCOUNT_MISSING = 311
    ACCOUNT_PASSWORD_WRONG = 312
    FILE_UNREADABLE = 320
    FILE_TOO_LARGE = 321
    FILE_TRANSFER_FAILED = 329
    EXECUTION_ERROR = 399
    KILLED = 403
    KILL_FAILED = 404
    UNKNOWN = 500


FINISHED: frozenset[RunStatus] = frozenset(
    {
        RunStatus.SUCCEEDED,
        RunStatus.FAILED,
        RunStatus.SKIPPED,
        RunStatus.IGNORED,
        RunStatus.TERMINATED,
        RunStatus.ABNORMAL,
        RunStatus.STOPPED,
        RunStatus.REJECTED,
        RunStatus.ABANDONED,
    }
)
"""Statuses of a job or step that is over; `finished` in every answer is membership here and nothing else."""

PASSED: frozenset[RunStatus] = frozenset({RunStatus.SUCCEEDED, RunStatus.SKIPPED, RunStatus.IGNORED})
"""Statuses of a step after which its job goes on to the next step."""

RETRYABLE: frozenset[RunStatus] = frozenset({RunStatus.FAILED, RunStatus.ABNORMAL, RunStatus.STOPPED})
"""Statuses of a step that operations 2 and 8 start anew."""

STEP_TRANSITIONS: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.PENDING: frozenset({RunStatus.RUNNING, RunStatus.WAITING, RunStatus.ABANDONED}),
    RunStatus.RUNNING: frozenset(
        {
            RunStatus.SUCCEEDED,
            RunStatus.FAILED,
            RunStatus.IGNORED,
            RunStatus.ABNORMAL,
            RunStatus.STOPPED,
            RunStatus.STOPPING,
            RunStatus.BETWEEN_BATCHES,
            RunStatus.WAITING,
            RunStatus.ABANDONED,
        }
    ),
    RunStatus.BETWEEN_BATCHES: frozenset({RunStatus.RUNNING, RunStatus.STOPPING, RunStatus.STOPPED}),
    RunStatus.WAITING: frozenset({RunStatus.RUNNING, RunStatus.SUCCEEDED, RunStatus.REJECTED, RunStatus.STOPPED}),
    RunStatus.STOPPING: frozenset(
        {RunStatus.STOPPED, RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.IGNORED, RunStatus.SKIPPED}
    ),
    RunStatus.STOPPED: frozenset({RunStatus.RUNNING, RunStatus.SKIPPED}),
    RunStatus.FAILED: frozenset({RunStatus.RUNNING, RunStatus.IGNORED}),
    RunStatus.ABNORMAL: frozenset({RunStatus.RUNNING, RunStatus.IGNORED}),
    RunStatus.REJECTED: frozenset({RunStatus.WAITING}),
}
"""Which status of a step may follow which."""

JOB_TRANSITIONS: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.PENDING: frozenset({RunStatus.RUNNING, RunStatus.ABANDONED}),
    RunStatus.RUNNING: frozenset(
        {
            RunStatus.SUCCEEDED,
            RunStatus.FAILED,
            RunStatus.ABNORMAL,
            RunStatus.WAITING,
            RunStatus.STOPPING,
            RunStatus.STOPPED,
            RunStatus.REJECTED,
            RunStatus.ABANDONED,
        }
    ),
    RunStatus.WAITING: frozenset({RunStatus.RUNNING, RunStatus.STOPPING, RunStatus.STOPPED, RunStatus.REJECTED}),
    RunStatus.STOPPING: frozenset({RunStatus.STOPPED, RunStatus.RUNNING}),
    RunStatus.STOPPED: frozenset({RunStatus.RUNNING}),
    RunStatus.FAILED: frozenset({RunStatus.RUNNING}),
    RunStatus.ABNORMAL: frozenset({RunStatus.RUNNING}),
    RunStatus.REJECTED: frozenset({RunStatus.WAITING}),
}
"""Which status of a job may follow which."""

UNFINISHED_TASK: frozenset[TaskStatus] = frozenset({TaskStatus.WAITING, TaskStatus.RUNNING})
SUCCEEDED_TASK: frozenset[TaskStatus] = frozenset({TaskStatus.SUCCEEDED, TaskStatus.SUCCEEDED_BEFORE})
NOT_EXECUTABLE: frozenset[TaskStatus] = frozenset({TaskStatus.INVALID_TARGET, TaskStatus.AGENT_NOT_INSTALLED})
"""Initial statuses of targets that never reach an agent and are never retried."""

ABNORMAL_AGENT: frozenset[TaskStatus] = NOT_EXECUTABLE | {
    TaskStatus.AGENT_ERROR,
    TaskStatus.AGENT_UNREACHABLE,
}
"""Statuses that count as «abnormal agent» in step counters."""

GIVEN_UP: frozenset[TaskStatus] = frozenset({TaskStatus.RESULT_LOST, TaskStatus.UNKNOWN, TaskStatus.KILL_FAILED})
"""Statuses set without the host's word; the host's real result may still replace them."""

NEVER_RAN: frozenset[TaskStatus] = NOT_EXECUTABLE | {
    TaskStatus.NOT_SUBMITTED,
    TaskStatus.AGENT_UNREACHABLE,
    TaskStatus.ACCOUNT_MISSING,
    TaskStatus.ACCOUNT_PASSWORD_WRONG,
    TaskStatus.EXECUTION_ERROR,
    TaskStatus.RESULT_LOST,
}
"""Statuses under which a log without output shows the engine's reason instead."""


def step_sources(wanted: RunStatus) -> frozenset[RunStatus]:
    """Return the statuses from which a step may become `wanted`."""
    return frozenset(source for source, targets in STEP_TRANSITIONS.items() if wanted in targets)


def job_sources(wanted: RunStatus) -> frozenset[RunStatus]:
    """Return the statuses from which a job may become `wanted`."""
    return frozenset(source for source, targets in JOB_TRANSITIONS.items() if wanted in targets)


def task_sources(wanted: TaskStatus) -> frozenset[TaskStatus]:
    """Return the statuses from which a task may become `wanted`.

    A task that was given up may still get its real result, also the receipt of a kill that failed; a finished one
    never changes.
    """
    if wanted is TaskStatus.WAITING:
        return frozenset()
    if wanted is TaskStatus.RUNNING:
        return frozenset({TaskStatus.WAITING})
    if wanted in GIVEN_UP and wanted is not TaskStatus.KILL_FAILED:
        return UNFINISHED_TASK
    return UNFINISHED_TASK | GIVEN_UP
