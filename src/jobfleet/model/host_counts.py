"""How many hosts of a step, of a batch, or of a part of time are where; everything that we show counts them so."""

import msgspec

from jobfleet.model.status import SUCCEEDED_TASK, TaskStatus
from jobfleet.model.verdict import Counts

_TERMINATED = frozenset({TaskStatus.KILLED, TaskStatus.SCRIPT_DISCARDED})


class HostCounts(msgspec.Struct, frozen=True):
    """Count hosts: `done` is succeeded + failed + terminated, `total` that and who wait or run."""

    total: int
    waiting: int
    running: int
    succeeded: int
    failed: int
    terminated: int
    done: int


def host_counts(target_count: int, counts: Counts) -> HostCounts:
    """Count hosts from their tasks by status; targets without a task wait."""
    total = max(target_count, sum(counts.values()))
    running = counts.get(TaskStatus.RUNNING, 0)
    waiting = counts.get(TaskStatus.WAITING, 0) + total - sum(counts.values())
    succeeded = sum(count for status, count in counts.items() if status in SUCCEEDED_TASK)
    terminated = sum(count for status, count in counts.items() if status in _TERMINATED)
    done = total - waiting - running
    return HostCounts(total, waiting, running, succeeded, done - succeeded - terminated, terminated, done)


def part_done(counts: HostCounts) -> float:
    """Return which part of the hosts has ended, 0 to 1; of none, nothing."""
    return round(counts.done / counts.total, 4) if counts.total else 0.0
