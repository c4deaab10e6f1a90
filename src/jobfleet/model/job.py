"""Jobs, steps and tasks as the record keeps them, and what each request and query is about."""

from enum import IntEnum

import msgspec

from jobfleet.model.container import ContainerSpec
from jobfleet.model.definition import Definition
from jobfleet.model.rolling import Rolling
from jobfleet.model.scope import Scope
from jobfleet.model.status import FINISHED, RunStatus, TaskStatus
from jobfleet.model.target import Target, TargetSpec

NO_PLAN = -1
"""Plan and plan-step id of jobs that were started without a plan."""


class StepType(IntEnum):
    """Name the kinds of step; the numbers are the contract's."""

    SCRIPT = 1
    FILE = 2
    APPROVAL = 3
    SQL = 4


class JobType(IntEnum):
    """Name the kinds of job in the history; the numbers are the contract's."""

    PLAN = 0
    SCRIPT = 1
    FILE = 2


class LaunchMode(IntEnum):
    """Say who started a job; the numbers are the contract's."""

    PAGE = 1
    API = 2
    SCHEDULE = 3

    @property
    def tolerates_lost_hosts(self) -> bool:
        """Tell whether hosts that the scope may not use become targets that never run, instead of a refusal."""
        return self is LaunchMode.SCHEDULE


class NewScriptJob(msgspec.Struct, frozen=True):
    """Ask for one script on hosts; all values are decoded and within their limits.

    Exactly one of `script_version_id`, `script_id` and `content` decides what runs, in this order.
    `timeout_s` None means the default. `idempotency_key` is "" when the caller gave none.
    Once a kept script was loaded, all of `content`, ids and `public_script` tell what runs.
    """

    scope: Scope
    name: str
    language: int
    content: bytes | None
    params: str
    sensitive: bool
    account_id: int | None
    account_alias: str
    timeout_s: int | None
    target: TargetSpec
    script_version_id: int | None = None
    script_id: str = ""
    interpreter: str = ""
    callback_url: str = ""
    start: bool = True
    launch_mode: LaunchMode = LaunchMode.API
    rolling: Rolling | None = None
    idempotency_key: str = ""
    public_script: bool = False
    containers: ContainerSpec = ContainerSpec()


class StartedJob(msgspec.Struct, frozen=True):
    """Name the job that was accepted and its first step."""

    job_id: int
    name: str
    step_id: int


class Job(msgspec.Struct, frozen=True):
    """Describe one job. Times are epoch milliseconds; `total_ms` is None until it ended."""

    id: int
    scope: Scope
    name: str
    type: JobType
    plan_id: int
    launch_mode: LaunchMode
    operator: str
    app_code: str
    status: RunStatus
    current_step_id: int
    created_at: int
    started_at: int | None
    ended_at: int | None
    total_ms: int | None
    callback_url: str = ""

    @property
    def finished(self) -> bool:
        """Tell whether the job is over."""
        return self.status in FINISHED


class Step(msgspec.Struct, frozen=True):
    """Describe one step of a job.

    `attempt` is the latest one, counted from 0 (the contract's execute_count). `target_count` counts all
    targets. `batch` is the batch that runs or ran last, 0 for a step that does not roll. `open_count` counts
    the tasks of the latest attempt that are awaited now: of a step that rolls batch by batch, those of `batch`.
    `variable_count` counts the job's variables; it is None where a script can ask for none: those of a job of one step
    without variables.
    """

    id: int
    job_id: int
    ordinal: int
    plan_step_id: int
    name: str
    type: StepType
    operator: str
    status: RunStatus
    attempt: int
    batch: int
    target_count: int
    ignore_error: bool
    definition: Definition
    created_at: int
    started_at: int | None
    ended_at: int | None
    total_ms: int | None
    stopping_at: int | None = None
    open_count: int = 0
    rolling: Rolling | None = None
    batch_count: int = 0
    variable_count: int | None = None

    @property
    def has_variables(self) -> bool:
        """Tell whether the job has variables, or other steps that a script may ask about."""
        return self.variable_count is not None

    @property
    def finished(self) -> bool:
        """Tell whether the step is over."""
        return self.status in FINISHED


class Task(msgspec.Struct, frozen=True):
    """Describe one step on one host in one attempt.

    `id` names the row; `log_task_id` names the task whose output belongs to this row: itself, or, for a host
    that a retry did not run again, the task in which it really ran. `message` is what an operator should know
    besides the output. `error_code` is the raw code of the agent or dispatcher, 0 on success.
    """

    id: int
    job_id: int
    step_id: int
    attempt: int
    batch: int
    log_task_id: int
    status: TaskStatus
    tag: str
    exit_code: int | None
    error_code: int
    started_at: int | None
    ended_at: int | None
    total_ms: int | None
    output_bytes: int
    message: str
    survivors: tuple[int, ...]
    target: Target


class JobView(msgspec.Struct, frozen=True):
    """Show a job with its steps in order; `tasks` maps a step's id to its latest attempt's tasks in target order.

    A step that never started, or an approval, has no entry. `time_zone` is the scope's, for texts.
    """

    job: Job
    steps: tuple[Step, ...]
    tasks: dict[int, tuple[Task, ...]]
    time_zone: str


class ResultGroup(msgspec.Struct, frozen=True):
    """Group tasks of equal status and tag.

    `size` counts before truncation and after filters; `tasks` lists what is shown. `tag` is None only in the
    invented group of a step that has not started.
    """

    status: TaskStatus
    tag: str | None
    size: int
    tasks: tuple[Task, ...]


class StepCounters(msgspec.Struct, frozen=True):
    """Count the hosts of a step's latest attempt; total = running + succeeded + failed, abnormal is part of failed."""

    total: int
    running: int
    succeeded: int
    failed: int
    abnormal: int


class StepView(msgspec.Struct, frozen=True):
    """Show a step of a job with its result groups ordered by status, then tag.

    `targets` are all of the step's, in stored order; `counters` and `abnormal` describe the latest attempt.
    `now` is when the view was taken (epoch milliseconds), for live durations.
    """

    job: Job
    step: Step
    targets: tuple[Target, ...]
    groups: tuple[ResultGroup, ...]
    counters: StepCounters
    abnormal: tuple[Target, ...]
    time_zone: str
    now: int


class StepFilter(msgspec.Struct, frozen=True):
    """Narrow a step's results; None and "" mean no filter.

    `batch` counts from 1; None and 0 mean all. `attempt` None means the latest. `tag` counts only beside
    `status`. `limit` caps the hosts listed in each group, never its size.
    """

    attempt: int | None = None
    batch: int | None = None
    status: int | None = None
    tag: str = ""
    limit: int | None = None
    keyword: str = ""
    search_ip: str = ""


class TaskLog(msgspec.Struct, frozen=True):
    """Show a task with the text of its output; for one that never ran, the engine's reason."""

    task: Task
    text: str


class StepLog(msgspec.Struct, frozen=True):
    """Show a step with the logs of its latest attempt grouped by status and tag, in order."""

    step: Step
    groups: tuple[tuple[TaskStatus, str, tuple[TaskLog, ...]], ...]


class JobLog(msgspec.Struct, frozen=True):
    """Show a job's log, one element a step in order."""

    job: Job
    steps: tuple[StepLog, ...]
    time_zone: str


class HostSelector(msgspec.Struct, frozen=True):
    """Name targets of a step for a log query: ids, or (cloud id, ip) pairs that count only without ids."""

    host_ids: tuple[int, ...] = ()
    addresses: tuple[tuple[int, str], ...] = ()
    container_ids: tuple[int, ...] = ()


class StepOperation(IntEnum):
    """Name what an operator can do to a step; the numbers are the contract's."""

    RETRY_FAILED = 2
    IGNORE_ERROR = 3
    CONFIRM = 6
    RETRY_ALL = 8
    REJECT = 9
    RESTART_APPROVAL = 10
    NEXT_STEP = 11
    FORCE_SKIP = 12
    CONTINUE_ROLLING = 13


class JobOperation(IntEnum):
    """Name what an operator can do to a job; the numbers are the contract's."""

    TERMINATE = 1
    START = 2
