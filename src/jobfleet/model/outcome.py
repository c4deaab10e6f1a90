"""From what an agent says of a script to the status that the host is shown with."""

from enum import IntEnum

from jobfleet.model.status import TaskStatus


class Outcome(IntEnum):
    """Say how a task ended on its host; INCOMPLETE when files are missing for no fault of the host.

    Source: docs/reference/status-codes.md, «From an agent's word to a status».
    """

    SUCCEEDED = 2
    TIMED_OUT = 3
    DISCARDED = 4
    FAILED = 5
    INCOMPLETE = 11


class ErrorCode(IntEnum):
    """Name the raw codes that agents and the dispatcher report; 0 is success."""

    OK = 0
    INTERNAL = 102
    FILE_MISSING = 104
    CANNOT_START = 105
    HOST_REBOOTED = 109
    RUNNER_LOST = 112
    RUNNING = 115
    AGENT_UNREACHABLE = 117
    FILE_TOO_LARGE = 119
    TIME_LIMIT = 120
    ACCOUNT_MISSING = 122
    FILE_UNREADABLE = 123
    KILLED = 126
    FILE_FORBIDDEN = 127
    SOURCE_LOST = 701
    CONTENT_WRONG = 707
    NO_DIRECTORY = 705
    DIRECTORY_MISSING = 706
    DISK_FULL = 708
    ACCOUNT_PASSWORD_WRONG = 1326


_UNREADABLE = frozenset({104, 123, 127, 705, 706, 708, 709})
_GENERIC = frozenset({101, 102, 103, 105, 106, 107, 108, 109, 111, 112, 114, 118})
_TRANSFER = frozenset({701, 702, 703, 704, 707, 710})
_SINGLE = {
    0: TaskStatus.SUCCEEDED,
    115: TaskStatus.RUNNING,
    117: TaskStatus.AGENT_UNREACHABLE,
    119: TaskStatus.FILE_TOO_LARGE,
    120: TaskStatus.FILE_TIMED_OUT,
    122: TaskStatus.ACCOUNT_MISSING,
    126: TaskStatus.KILLED,
    1326: TaskStatus.ACCOUNT_PASSWORD_WRONG,
}
_BY_OUTCOME = {
    Outcome.TIMED_OUT: TaskStatus.SCRIPT_TIMED_OUT,
    Outcome.DISCARDED: TaskStatus.SCRIPT_DISCARDED,
    Outcome.INCOMPLETE: TaskStatus.FAILED,
}

SAYS_TAG = frozenset({TaskStatus.SUCCEEDED, TaskStatus.NONZERO_EXIT, TaskStatus.SCRIPT_FAILED})
"""Statuses with which a script's tag is shown: it came to its own end, neither late nor killed."""


def status_of_error(code: int) -> TaskStatus:
    """Return the host status for a raw error code; unknown codes give UNKNOWN_ERROR."""
    if code in _UNREADABLE:
        return TaskStatus.FILE_UNREADABLE
    if code in _GENERIC:
        return TaskStatus.EXECUTION_ERROR
    if code in _TRANSFER:
        return TaskStatus.FILE_TRANSFER_FAILED
    return _SINGLE.get(code, TaskStatus.UNKNOWN_ERROR)


def status_of_script(outcome: Outcome, exit_code: int | None, error_code: int, *, survivors: bool) -> TaskStatus:
    """Return the host status of a script that ended.

    Args:
        survivors: True when a kill left processes of the script alive.

    Source: docs/reference/status-codes.md, «From an agent's word to a status».
    """
    if error_code == ErrorCode.KILLED and survivors:
        return TaskStatus.KILL_FAILED
    if error_code not in {ErrorCode.OK, ErrorCode.RUNNING}:
        return status_of_error(error_code)
    if outcome in _BY_OUTCOME:
        return _BY_OUTCOME[outcome]
    if outcome is Outcome.SUCCEEDED and exit_code == 0:
        return TaskStatus.SUCCEEDED
    return TaskStatus.NONZERO_EXIT if exit_code else TaskStatus.SCRIPT_FAILED
