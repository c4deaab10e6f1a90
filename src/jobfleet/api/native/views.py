"""What the native API shows: jobs, steps, tasks, hosts; times are epoch milliseconds."""

from typing import Any

import msgspec

from jobfleet.model.agent import HostView
from jobfleet.model.host_counts import HostCounts
from jobfleet.model.job import Job, Step, Task
from jobfleet.model.labels import run_label, task_label
from jobfleet.model.scope import scope_text
from jobfleet.model.target import Target
from jobfleet.operations.watch import Progress


class JobView(msgspec.Struct, frozen=True):
    """Show a job; `status` is a word, `status_code` the number of the BlueKing API, `label` for people."""

    id: int
    scope: str
    name: str
    type: str
    operator: str
    app_code: str
    status: str
    status_code: int
    label: str
    finished: bool
    current_step_id: int
    created_at: int
    started_at: int | None
    ended_at: int | None
    total_ms: int | None


class StepView(msgspec.Struct, frozen=True):
    """Show a step and how many hosts of its latest attempt are where."""

    id: int
    name: str
    type: str
    operator: str
    status: str
    status_code: int
    label: str
    finished: bool
    attempt: int
    counters: HostCounts
    started_at: int | None
    ended_at: int | None
    total_ms: int | None


class TaskContainer(msgspec.Struct, frozen=True):
    """Name a container by our id, by its name, and by its runtime's id."""

    id: int
    name: str
    uid: str


class TargetView(msgspec.Struct, frozen=True):
    """Show the host of a task, and the container on it if one is meant, as they were when the job was accepted."""

    id: int
    cloud_id: int
    ip: str | None
    ipv6: str | None
    os: str
    container: TaskContainer | None = None


class TaskView(msgspec.Struct, frozen=True):
    """Show one step on one host in its latest attempt; its output is that of the task `log_task_id`.

    `batch` counts from 1; 0 in a step that does not roll.
    """

    id: int
    log_task_id: int
    step_id: int
    batch: int
    host: TargetView
    status: str
    status_code: int
    label: str
    tag: str
    exit_code: int | None
    error_code: int
    message: str
    survivors: tuple[int, ...]
    output_bytes: int
    started_at: int | None
    ended_at: int | None
    total_ms: int | None


class HostAnswer(msgspec.Struct, frozen=True):
    """Show a host and its agent; `agent` is online, offline, revoked or never.

    `refused` counts by reason the orders that the agent refused since it was started: a sign of a stolen broker.
    """

    id: int
    business_id: int
    cloud_id: int
    cloud_name: str
    ip: str | None
    ipv6: str | None
    name: str
    os: str
    tags: dict[str, Any]
    agent: str
    agent_version: str
    seen_at: int | None
    enrolled_at: int | None
    revoked_at: int | None
    refused: dict[str, int]


def show_job(job: Job, words: str) -> JobView:
    """Return what is shown of a job; `words` is zh or en."""
    return JobView(
        id=job.id,
        scope=scope_text(job.scope),
        name=job.name,
        type=job.type.name.lower(),
        operator=job.operator,
        app_code=job.app_code,
        status=job.status.name.lower(),
        status_code=int(job.status),
        label=run_label(job.status, words),
        finished=job.finished,
        current_step_id=job.current_step_id,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        total_ms=job.total_ms,
    )


def show_steps(progress: Progress, words: str) -> list[StepView]:
    """Return what is shown of a job's steps."""
    return [_step(step, counters, words) for step, counters in progress.steps]


def _step(step: Step, counters: HostCounts, words: str) -> StepView:
    return StepView(
        id=step.id,
        name=step.name,
        type=step.type.name.lower(),
        operator=step.operator,
        status=step.status.name.lower(),
        status_code=int(step.status),
        label=run_label(step.status, words),
        finished=step.finished,
        attempt=step.attempt,
        counters=counters,
        started_at=step.started_at,
        ended_at=step.ended_at,
        total_ms=step.total_ms,
    )


def show_task(task: Task, words: str) -> TaskView:
    """Return what is shown of a task."""
    target = task.target
    return TaskView(
        id=task.id,
        log_task_id=task.log_task_id,
        step_id=task.step_id,
        batch=task.batch,
        host=show_target(target),
        status=task.status.name.lower(),
        status_code=int(task.status),
        label=task_label(task.status, words),
        tag=task.tag,
        exit_code=task.exit_code,
        error_code=task.error_code,
        message=task.message,
        survivors=task.survivors,
        output_bytes=task.output_bytes,
        started_at=task.started_at,
        ended_at=task.ended_at,
        total_ms=task.total_ms,
    )


def show_target(target: Target) -> TargetView:
    """Return what is shown of a target."""
    found = target.container
    shown = None if found is None else TaskContainer(found.id, found.name, found.uid)
    return TargetView(target.host_id, target.cloud_id, target.ip, target.ipv6, target.os, shown)


def show_host(view: HostView) -> HostAnswer:
    """Return what is shown of a host."""
    host, agent = view.host, view.agent
    return HostAnswer(
        id=host.id,
        business_id=host.business_id,
        cloud_id=host.cloud_id,
        cloud_name=host.cloud_name,
        ip=host.ip,
        ipv6=host.ipv6,
        name=host.name,
        os=host.os,
        tags=host.tags,
        agent=view.state.value,
        agent_version="" if agent is None else agent.version,
        seen_at=None if agent is None else agent.seen_at,
        enrolled_at=None if agent is None else agent.enrolled_at,
        revoked_at=None if agent is None else agent.revoked_at,
        refused={} if agent is None else dict(agent.refused),
    )
