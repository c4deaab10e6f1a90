"""How a step or a batch ended, judged from its tasks; and what a job does next, judged from its steps."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import Enum, auto

import msgspec

from jobfleet.model.job import Job, Step
from jobfleet.model.rolling import RollingMode
from jobfleet.model.status import FINISHED, PASSED, SUCCEEDED_TASK, UNFINISHED_TASK, RunStatus, TaskStatus

Counts = Mapping[TaskStatus, int]

_KILLED = frozenset({TaskStatus.KILLED, TaskStatus.KILL_FAILED})
_AT_WORK = frozenset({RunStatus.RUNNING, RunStatus.STOPPING, RunStatus.WAITING, RunStatus.BETWEEN_BATCHES})
_WORST_FIRST = (RunStatus.ABNORMAL, RunStatus.FAILED, RunStatus.STOPPED, RunStatus.IGNORED)


def step_verdict(counts: Counts, *, stopping: bool, ignore_error: bool) -> RunStatus:
    """Return the status of a step, or of one batch, that awaits nothing more.

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


def converged_verdict(batches: Sequence[RunStatus]) -> RunStatus:
    """Return the status of a step whose batches ran side by side: the worst of theirs."""
    return next((status for status in _WORST_FIRST if status in batches), RunStatus.SUCCEEDED)


def total(counts: Mapping[int, Counts]) -> Counts:
    """Add up counts by batch."""
    added: Counter[TaskStatus] = Counter()
    for one in counts.values():
        added.update(one)
    return added


class AfterBatch(Enum):
    """Say how a step goes on after a batch."""

    NEXT = auto()
    ASK = auto()
    END = auto()


def after_batch(step: Step, batch: RunStatus) -> AfterBatch:
    """Return how a step that rolls batch by batch goes on after the current one ended with a status.

    Source: docs/reference/rolling.md, «Between batches».
    """
    if step.rolling is None or batch not in PASSED or step.batch >= step.batch_count:
        return AfterBatch.END
    return AfterBatch.ASK if step.rolling.mode == RollingMode.ASK_EACH_TIME else AfterBatch.NEXT


class StartStep(msgspec.Struct, frozen=True):
    """Start the step that is next."""

    step: Step


class FinishStep(msgspec.Struct, frozen=True):
    """Judge the step, or its current batch, which awaits nothing more."""

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
