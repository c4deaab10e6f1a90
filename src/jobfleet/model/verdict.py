"""How a step ended, judged from its tasks; and what a job does next, judged from its steps."""

from collections.abc import Mapping, Sequence

import msgspec

from jobfleet.model.job import Job, Step
from jobfleet.model.status import FINISHED, PASSED, SUCCEEDED_TASK, UNFINISHED_TASK, RunStatus, TaskStatus

_KILLED = frozenset({TaskStatus.KILLED, TaskStatus.KILL_FAILED})
_AT_WORK = frozenset({RunStatus.RUNNING, RunStatus.STOPPING, RunStatus.WAITING, RunStatus.BETWEEN_BATCHES})


def step_verdict(counts: Mapping[TaskStatus, int], *, stopping: bool, ignore_error: bool) -> RunStatus:
    """Return the status of a step that awaits nothing more.

    Args:
        counts: How many tasks of the latest attempt have each status.
        stopping: True when termination was asked for.

    Source: docs/reference/status-codes.md, «Verdict of a step».
    """
    present = {status for status, count in counts.items() if count}
    if present <= SUCCEEDED_TASK:
        return RunStatus.SUCCEEDED
    if stopping and present & (_KILLED | UNFINISHED_TASK):
        return RunStatus.STOPPED
    return RunStatus.IGNORED if ignore_error else RunStatus.FAILED


class StartStep(msgspec.Struct, frozen=True):
    """Start the step that is next."""

    step: Step


class FinishStep(msgspec.Struct, frozen=True):
    """Judge the step, which awaits nothing more."""

    step: Step


class FinishJob(msgspec.Struct, frozen=True):
    """End the job with this status."""

    status: RunStatus


Decision = StartStep | FinishStep | FinishJob | None


def next_move(job: Job, steps: Sequence[Step]) -> Decision:
    """Return what a job does next, or None when it waits for hosts, for a person or is over."""
    if job.finished or job.status in {RunStatus.PENDING, RunStatus.WAITING}:
        return None
    working = next((step for step in steps if step.status in _AT_WORK), None)
    if working is not None:
        return FinishStep(working) if working.open_count == 0 else None
    if job.status is RunStatus.STOPPING:
        return FinishJob(RunStatus.STOPPED)
    return _after_finished(steps)


def _after_finished(steps: Sequence[Step]) -> Decision:
    for step in steps:
        if step.status is RunStatus.PENDING:
            return StartStep(step)
        if step.status in FINISHED - PASSED:
            return FinishJob(step.status)
    return FinishJob(RunStatus.SUCCEEDED)
