"""Job status of version 3."""

from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64
from jobfleet.api.rules import job_id_of
from jobfleet.api.scope import Scoped, business_of, scope_of
from jobfleet.api.surface import Call
from jobfleet.model.job import Job, JobView, Step, Task
from jobfleet.operations import query


class GetJobInstanceStatus(Scoped, frozen=True, kw_only=True):
    """Ask for a job's status."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None
    return_ip_result: bool = False


class StepIpResult(msgspec.Struct, frozen=True):
    """Show one host of a step; times and durations are milliseconds."""

    bk_host_id: Int64
    ip: str | None
    ipv6: str | None
    bk_cloud_id: Int64
    status: Int32
    tag: str
    exit_code: Int32 | None
    error_code: Int32
    start_time: Int64 | None
    end_time: Int64 | None
    total_time: Int32 | None


class StepStatus(msgspec.Struct, frozen=True):
    """Show one step; `step_ip_result_list` is null unless it was asked for."""

    step_instance_id: Int64
    name: str
    status: Int32
    type: Int32
    execute_count: Int32
    create_time: Int64
    start_time: Int64 | None
    end_time: Int64 | None
    total_time: Int32 | None
    step_ip_result_list: list[StepIpResult] | None


class JobStatus(msgspec.Struct, frozen=True):
    """Show the job itself; a business is named by its old id too."""

    job_instance_id: Int64
    bk_scope_type: str
    bk_scope_id: str
    bk_biz_id: Int64 | None
    name: str
    status: Int32
    create_time: Int64
    start_time: Int64 | None
    end_time: Int64 | None
    total_time: Int32 | None


class JobInstanceStatus(msgspec.Struct, frozen=True):
    """Show a job with its steps in order."""

    finished: bool
    job_instance: JobStatus
    step_instance_list: list[StepStatus]


async def get_job_instance_status(call: Call, wanted: GetJobInstanceStatus) -> JobInstanceStatus:
    """Answer what became of a job.

    Source: docs/reference/api.md, «get_job_instance_status».
    """
    scope = scope_of(wanted)
    job_id = job_id_of(wanted.job_instance_id)
    view = await query.job_status(call.platform, call.caller, scope, job_id, with_tasks=wanted.return_ip_result)
    return render(view, with_tasks=wanted.return_ip_result)


def render(view: JobView, *, with_tasks: bool) -> JobInstanceStatus:
    """Return a job as version 3 shows it."""
    steps = [_step(step, view.tasks.get(step.id, ()) if with_tasks else None) for step in view.steps]
    return JobInstanceStatus(view.job.finished, job_of(view.job), steps)


def job_of(job: Job) -> JobStatus:
    """Return the head of a job as versions 3 and 4 show it."""
    return JobStatus(
        job.id,
        job.scope.type.value,
        str(job.scope.id),
        business_of(job.scope),
        job.name,
        job.status,
        job.created_at,
        job.started_at,
        job.ended_at,
        job.total_ms,
    )


def _step(step: Step, tasks: tuple[Task, ...] | None) -> StepStatus:
    return StepStatus(
        step.id,
        step.name,
        step.status,
        step.type,
        step.attempt,
        step.created_at,
        step.started_at,
        step.ended_at,
        step.total_ms,
        None if tasks is None else [_task(task) for task in tasks],
    )


def _task(task: Task) -> StepIpResult:
    target = task.target
    return StepIpResult(
        target.host_id,
        target.ip,
        target.ipv6,
        target.cloud_id,
        task.status,
        task.tag,
        task.exit_code,
        task.error_code,
        task.started_at,
        task.ended_at,
        task.total_ms,
    )
