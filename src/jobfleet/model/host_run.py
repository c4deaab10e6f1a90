"""What ran on one host, and how it went there."""

import msgspec

from jobfleet.model.job import StepType
from jobfleet.model.status import RunStatus, TaskStatus


class HostRun(msgspec.Struct, frozen=True):
    """Describe a step on one host: its job, and how it went on this host in the latest attempt.

    A container on the host is a target of its own: `container` is its name, "" for the host itself; `ordinal` is the
    target's place in the step. `by_source`: the host has a task in each batch, and the worst of them is told.
    `status` None says that the step has not begun there. Times are epoch milliseconds.
    """

    job_id: int
    job_name: str
    job_status: RunStatus
    operator: str
    created_at: int
    step_id: int
    step_name: str
    step_type: StepType
    attempt: int
    by_source: bool
    ordinal: int
    container: str
    task_id: int | None
    status: TaskStatus | None
    exit_code: int | None
    tag: str
    started_at: int | None
    total_ms: int | None
