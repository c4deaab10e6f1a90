"""What commands read of the native API's answers; members that no command needs are left out."""

from typing import Any

import msgspec


class Job(msgspec.Struct, frozen=True):
    """A job; times are epoch milliseconds."""

    id: int
    scope: str
    name: str
    operator: str
    status: str
    status_code: int
    label: str
    finished: bool
    current_step_id: int
    created_at: int
    total_ms: int | None


class Counters(msgspec.Struct, frozen=True):
    """How many hosts of a step are where."""

    total: int
    succeeded: int
    failed: int
    terminated: int
    done: int


class Step(msgspec.Struct, frozen=True):
    """A step of a job."""

    id: int
    name: str
    type: str
    status: str
    label: str
    finished: bool
    attempt: int
    counters: Counters
    total_ms: int | None


class TaskContainer(msgspec.Struct, frozen=True):
    """A container that a task runs in."""

    id: int
    name: str


class Target(msgspec.Struct, frozen=True):
    """The host of a task, and the container on it if one is meant."""

    id: int
    cloud_id: int
    ip: str | None
    ipv6: str | None
    container: TaskContainer | None = None


class Task(msgspec.Struct, frozen=True):
    """One step on one host in its latest attempt; its output is that of the task `log_task_id`."""

    id: int
    log_task_id: int
    step_id: int
    batch: int
    host: Target
    status: str
    status_code: int
    label: str
    tag: str
    exit_code: int | None
    error_code: int
    message: str
    survivors: list[int]
    started_at: int | None
    ended_at: int | None
    total_ms: int | None


class JobAnswer(msgspec.Struct, frozen=True):
    """A job with its steps and tasks."""

    job: Job
    steps: list[Step]
    tasks: list[Task]


class Segment(msgspec.Struct, frozen=True):
    """Bytes of one stream."""

    stream: int
    data: bytes


class Chunk(msgspec.Struct, frozen=True):
    """Output of a task (a `log_task_id`) from byte `offset` on."""

    task_id: int
    offset: int
    segments: list[Segment]

    @property
    def end(self) -> int:
        """Return the offset of the byte after the last one."""
        return self.offset + sum(len(segment.data) for segment in self.segments)


class Followed(msgspec.Struct, frozen=True):
    """News of a job."""

    version: str
    job: Job
    steps: list[Step]
    chunks: list[Chunk]


class Started(msgspec.Struct, frozen=True):
    """A job that was accepted."""

    job_id: int
    step_id: int
    name: str


class JobList(msgspec.Struct, frozen=True):
    """A page of jobs."""

    total: int
    jobs: list[Job]


class HostLog(msgspec.Struct, frozen=True):
    """A task and the text of its output."""

    task: Task
    text: str


class LogAnswer(msgspec.Struct, frozen=True):
    """The logs of a job."""

    job: Job
    logs: list[HostLog]


class Container(msgspec.Struct, frozen=True):
    """A running container of a host."""

    id: int
    uid: str
    runtime: str
    name: str
    host_id: int
    cluster: str
    namespace: str
    pod: str
    workload_kind: str
    workload: str
    labels: dict[str, str]


class ContainerList(msgspec.Struct, frozen=True):
    """The containers of a scope."""

    containers: list[Container]


class Host(msgspec.Struct, frozen=True):
    """A host and its agent."""

    id: int
    business_id: int
    cloud_id: int
    ip: str | None
    ipv6: str | None
    name: str
    os: str
    agent: str
    agent_version: str
    seen_at: int | None


class HostList(msgspec.Struct, frozen=True):
    """The hosts of a scope."""

    hosts: list[Host]


class Account(msgspec.Struct, frozen=True):
    """An account; its password is never shown."""

    id: int
    scope: str
    alias: str
    account: str
    type: str
    port: int | None
    database: str
    system_account: str
    description: str
    has_password: bool


class AccountList(msgspec.Struct, frozen=True):
    """A page of accounts."""

    total: int
    accounts: list[Account]


class PasswordKey(msgspec.Struct, frozen=True):
    """What passwords are encrypted with on their way."""

    public_key: str


class Token(msgspec.Struct, frozen=True):
    """A token that was handed out; `expires_at` is epoch milliseconds."""

    token: str
    expires_at: int


class ScopeView(msgspec.Struct, frozen=True):
    """A scope that one may work in."""

    scope: str
    name: str


class WhoAmI(msgspec.Struct, frozen=True):
    """Who is signed in."""

    username: str
    platform_admin: bool
    scopes: list[ScopeView]


class FieldChange(msgspec.Struct, frozen=True):
    """A field before and after."""

    name: str
    before: Any
    after: Any


class Change(msgspec.Struct, frozen=True):
    """What became of one declared thing."""

    table: str
    key: str
    effect: str
    fields: list[FieldChange]


class Applied(msgspec.Struct, frozen=True):
    """What became of a declared state."""

    dry_run: bool
    changes: list[Change]


class Refusal(msgspec.Struct, frozen=True):
    """Why a request was refused."""

    code: int
    message: str
    field: str = ""
    mistakes: list[str] = []


class Done(msgspec.Struct, frozen=True):
    """Nothing more than that it was done."""


class JobVariable(msgspec.Struct, frozen=True):
    """A variable of a job; a password is masked."""

    id: int
    name: str
    type: str
    value: str


class AfterStep(msgspec.Struct, frozen=True):
    """The variables as they stood after a step."""

    step_id: int
    name: str
    variables: list[JobVariable]


class VariablesAnswer(msgspec.Struct, frozen=True):
    """The variables of a job as it began, and after each step that is over."""

    job_id: int
    first: list[JobVariable]
    steps: list[AfterStep]
