"""What may be done to a run as it stands, and why the rest may not."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from jobfleet.model.chosen_hosts import batch_to_choose_from
from jobfleet.model.job import Job, JobOperation, Step, StepOperation, StepType
from jobfleet.model.status import NOT_EXECUTABLE, PASSED, RETRYABLE, SUCCEEDED_TASK, RunStatus, TaskStatus
from jobfleet.model.verdict import Counts, total


class Obstacle(StrEnum):
    """Name why something may not be done."""

    NONE = ""
    NOT_PERMITTED = "not_permitted"
    NOT_CONFIRMER = "not_confirmer"
    NOT_STARTED = "not_started"
    RUNNING = "running"
    STOPPING = "stopping"
    WAITING = "waiting"
    OVER = "over"
    STARTED = "started"


OBSTACLE_TEXTS: Mapping[Obstacle, tuple[str, str]] = {
    Obstacle.NONE: ("", ""),
    Obstacle.NOT_PERMITTED: ("没有操作作业的权限", "you may not operate jobs here"),
    Obstacle.NOT_CONFIRMER: ("您不是该步骤的确认人", "you are not among those who confirm this step"),
    Obstacle.NOT_STARTED: ("尚未开始", "it has not started yet"),
    Obstacle.RUNNING: ("正在执行", "it is running"),
    Obstacle.STOPPING: ("正在强制终止", "it is being terminated"),
    Obstacle.WAITING: ("正在等待确认", "it waits for a person"),
    Obstacle.OVER: ("已经结束", "it is over"),
    Obstacle.STARTED: ("已经开始", "it was started already"),
}
"""What people read of each, in Chinese and English."""

ALLOWED_IN: Mapping[StepOperation, frozenset[RunStatus]] = {
    StepOperation.RETRY_FAILED: RETRYABLE,
    StepOperation.RETRY_ALL: RETRYABLE,
    StepOperation.IGNORE_ERROR: frozenset({RunStatus.FAILED, RunStatus.ABNORMAL}),
    StepOperation.CONFIRM: frozenset({RunStatus.WAITING}),
    StepOperation.REJECT: frozenset({RunStatus.WAITING}),
    StepOperation.RESTART_APPROVAL: frozenset({RunStatus.REJECTED}),
    StepOperation.NEXT_STEP: frozenset({RunStatus.STOPPED}),
    StepOperation.FORCE_SKIP: frozenset({RunStatus.STOPPING}),
    StepOperation.CONTINUE_ROLLING: frozenset({RunStatus.WAITING}),
}
"""In which statuses of a step of the right kind the engine takes each operation.

Source: docs/reference/status-codes.md, «Operations».
"""

DECISIONS = frozenset(
    {StepOperation.CONFIRM, StepOperation.REJECT, StepOperation.RESTART_APPROVAL, StepOperation.NEXT_STEP}
)
"""What only confirmers do to an approval; who stops a job that waits for them must not get past them either."""

_RETRIES = (StepOperation.RETRY_FAILED, StepOperation.RETRY_ALL)
_OF_HOSTS = (*_RETRIES, StepOperation.IGNORE_ERROR, StepOperation.NEXT_STEP, StepOperation.FORCE_SKIP)
_OF_APPROVALS = (
    StepOperation.CONFIRM,
    StepOperation.REJECT,
    StepOperation.RESTART_APPROVAL,
    StepOperation.NEXT_STEP,
)
_TERMINABLE = frozenset({RunStatus.RUNNING, RunStatus.WAITING})
_WHY: Mapping[RunStatus, Obstacle] = {
    RunStatus.PENDING: Obstacle.NOT_STARTED,
    RunStatus.RUNNING: Obstacle.RUNNING,
    RunStatus.BETWEEN_BATCHES: Obstacle.RUNNING,
    RunStatus.WAITING: Obstacle.WAITING,
    RunStatus.STOPPING: Obstacle.STOPPING,
}


class Said(msgspec.Struct, frozen=True):
    """Hold what comes with an operation: why, for the record, and which version of the run it was decided on.

    "" is no reason, and whatever the run is by now. `task_ids` are those of the hosts to retry, none for all that
    did not succeed.
    """

    reason: str = ""
    version: str = ""
    task_ids: tuple[int, ...] = ()


NOTHING_SAID = Said()


class RunAction(msgspec.Struct, frozen=True):
    """Offer an operation on a job, or on the step `step_id` of it, or say what is in its way.

    `operation_code` is the number of the BlueKing API; `count` how many hosts it is about, 0 where that says nothing.
    `takes_hosts`: a person may choose hosts for it, of the batch `of_batch` only unless that is 0.
    """

    name: str
    operation_code: int
    step_id: int | None
    obstacle: Obstacle
    count: int
    takes_hosts: bool = False
    of_batch: int = 0

    @property
    def allowed(self) -> bool:
        """Tell whether it may be done."""
        return self.obstacle is Obstacle.NONE


class Rights(msgspec.Struct, frozen=True):
    """Say whether a caller may operate a job, and at which of its steps they decide, by id."""

    may_operate: bool
    decides_at: frozenset[int] = frozenset()


def accepts(step: Step, operation: StepOperation) -> bool:
    """Tell whether the engine takes an operation on a step, whoever asks."""
    if step.status not in ALLOWED_IN[operation]:
        return False
    is_approval = step.type is StepType.APPROVAL
    match operation:
        case StepOperation.RETRY_FAILED | StepOperation.RETRY_ALL:
            return not is_approval
        case StepOperation.CONFIRM | StepOperation.REJECT | StepOperation.RESTART_APPROVAL:
            return is_approval
        case StepOperation.CONTINUE_ROLLING:
            return step.rolling is not None
    return True


def run_actions(
    job: Job, steps: Sequence[Step], counts: Mapping[int, Mapping[int, Counts]], rights: Rights
) -> list[RunAction]:
    """Return what may be done to a job and to the steps that matter now, with what is in the way of the rest.

    Args:
        counts: The tasks of the latest attempt of each step by batch, then by status.
    """
    offered = [_of_job(job, operation, steps, counts, rights) for operation in JobOperation]
    last = steps[-1].id if steps else 0
    for step in _that_matter(job, steps):
        operations = offered_on(step, is_last=step.id == last)
        offered += [_of_step(step, operation, counts.get(step.id, {}), rights) for operation in operations]
    return offered


def _that_matter(job: Job, steps: Sequence[Step]) -> list[Step]:
    """Return the steps that something can be done to; of a job without any, the one that it came to last."""
    active = [step for step in steps if step.status is not RunStatus.PENDING and step.status not in PASSED]
    return active or [step for step in steps if step.id == job.current_step_id]


def offered_on(step: Step, *, is_last: bool) -> list[StepOperation]:
    """Return the operations that make sense for a step of its kind, in order; there is no next step after the last."""
    rolling = [StepOperation.CONTINUE_ROLLING] if step.rolling is not None else []
    kinds = _OF_APPROVALS if step.type is StepType.APPROVAL else (*_OF_HOSTS, *rolling)
    return [operation for operation in kinds if not (is_last and operation is StepOperation.NEXT_STEP)]


def _of_job(
    job: Job,
    operation: JobOperation,
    steps: Sequence[Step],
    counts: Mapping[int, Mapping[int, Counts]],
    rights: Rights,
) -> RunAction:
    if operation is JobOperation.START:
        obstacle = Obstacle.NONE if job.status is RunStatus.PENDING else Obstacle.STARTED
        number = 0
    else:
        obstacle = Obstacle.NONE if job.status in _TERMINABLE else _WHY.get(job.status, Obstacle.OVER)
        number = sum(_open(total(counts.get(step.id, {}))) for step in steps)
    if not obstacle and not rights.may_operate:
        obstacle = Obstacle.NOT_PERMITTED
    return RunAction(operation.name.lower(), int(operation), None, obstacle, number)


def _of_step(step: Step, operation: StepOperation, counts: Mapping[int, Counts], rights: Rights) -> RunAction:
    obstacle = Obstacle.NONE if accepts(step, operation) else _WHY.get(step.status, Obstacle.OVER)
    if not obstacle and not rights.may_operate:
        obstacle = Obstacle.NOT_PERMITTED
    decides = step.type is StepType.APPROVAL and operation in DECISIONS
    if not obstacle and decides and step.id not in rights.decides_at:
        obstacle = Obstacle.NOT_CONFIRMER
    return RunAction(
        operation.name.lower(),
        int(operation),
        step.id,
        obstacle,
        _count(step, operation, counts),
        takes_hosts=operation is StepOperation.RETRY_FAILED,
        of_batch=batch_to_choose_from(step) if operation is StepOperation.RETRY_FAILED else 0,
    )


def _count(step: Step, operation: StepOperation, counts: Mapping[int, Counts]) -> int:
    """Return how many hosts an operation is about."""
    is_serial = step.rolling is not None and not step.rolling.parallel
    meant = counts.get(step.batch, {}) if is_serial else total(counts)
    match operation:
        case StepOperation.RETRY_FAILED:
            return sum(meant.values()) - _with(meant, SUCCEEDED_TASK | NOT_EXECUTABLE)
        case StepOperation.RETRY_ALL:
            return sum(meant.values()) - _with(meant, NOT_EXECUTABLE)
        case StepOperation.IGNORE_ERROR:
            return sum(meant.values()) - _with(meant, SUCCEEDED_TASK)
        case StepOperation.FORCE_SKIP:
            return _open(total(counts))
        case StepOperation.CONTINUE_ROLLING:
            return sum(counts.get(step.batch + 1, {}).values())
    return 0


def _open(counts: Counts) -> int:
    return _with(counts, frozenset({TaskStatus.WAITING, TaskStatus.RUNNING}))


def _with(counts: Counts, statuses: frozenset[TaskStatus]) -> int:
    return sum(count for status, count in counts.items() if status in statuses)
