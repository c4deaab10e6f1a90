"""Job status of version 2."""

from collections.abc import Callable
from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64, Seconds
from jobfleet.api.rules import job_id_of
from jobfleet.api.scope import ScopedV2, scope_of
from jobfleet.api.surface import Call
from jobfleet.api.times import seconds, time_texts
from jobfleet.model.job import Job, JobView, Step, Task
from jobfleet.operations import query

TimeText = Callable[[int | None], str | None]


class GetJobInstanceStatusV2(ScopedV2, frozen=True, kw_only=True):
    """Ask for a job's status."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None


class StepIpStatus(msgspec.Struct, frozen=True):
    """Show one host of a step."""

    ip: str | None
    ipv6: str | None
    bk_cloud_id: Int64
    status: Int32


class StepInstanceV2(msgspec.Struct, frozen=True):
    """Show one step; durations are seconds, `retry_count` and `execute_count` are the same."""

    step_instance_id: Int64
    step_id: Int64
    type: Int32
    name: str
    status: Int32
    operator: str
    create_time: str
    start_time: str | None
    end_time: str | None
    total_time: Seconds | None
    retry_count: Int32
    execute_count: Int32
    step_ip_status: list[StepIpStatus]


class Block(msgspec.Struct, frozen=True):
    """Hold one step, for callers of old."""

    type: Int32
    step_instances: list[StepInstanceV2]


class JobInstanceV2(msgspec.Struct, frozen=True):
    """Show the job itself; `bk_job_id` is its plan, -1 without one."""

    job_instance_id: Int64
    bk_biz_id: Int64
    bk_scope_type: str
    bk_scope_id: str
    bk_job_id: Int64
    name: str
    operator: str
    start_way: Int32
    status: Int32
    current_step_instance_id: Int64
    create_time: str
    start_time: str | None
    end_time: str | None
    total_time: Seconds | None


class JobInstanceStatusV2(msgspec.Struct, frozen=True):
    """Show a job with one block for each step, in order."""

    is_finished: bool
    job_instance: JobInstanceV2
    blocks: list[Block]


async def get_job_instance_status(call: Call, wanted: GetJobInstanceStatusV2) -> JobInstanceStatusV2:
    """Answer what became of a job.

    Source: docs/reference/api.md, «get_job_instance_status».
    """
    scope = scope_of(wanted)
    job_id = job_id_of(wanted.job_instance_id)
    return render(await query.job_status(call.platform, call.caller, scope, job_id, with_tasks=True))


def render(view: JobView) -> JobInstanceStatusV2:
    """Return a job as version 2 shows it."""
    text = time_texts(view.time_zone, offset=True)
    blocks = [Block(step.type, [_step(step, view.tasks.get(step.id, ()), text)]) for step in view.steps]
    return JobInstanceStatusV2(view.job.finished, _job(view.job, text), blocks)


def _job(job: Job, text: TimeText) -> JobInstanceV2:
    return JobInstanceV2(
        job.id,
        job.scope.id,
        job.scope.type.value,
        str(job.scope.id),
        job.plan_id,
        job.name,
        job.operator,
        job.launch_mode,
        job.status,
        job.current_step_id,
        text(job.created_at) or "",
        text(job.started_at),
        text(job.ended_at),
        seconds(job.total_ms),
    )


def _step(step: Step, tasks: tuple[Task, ...], text: TimeText) -> StepInstanceV2:
    hosts = [StepIpStatus(task.target.ip, task.target.ipv6, task.target.cloud_id, task.status) for task in tasks]
    return StepInstanceV2(
        step.id,
        step.plan_step_id,
        step.type,
        step.name,
        step.status,
        step.operator,
        text(step.created_at) or "",
        text(step.started_at),
        text(step.ended_at),
        seconds(step.total_ms),
        step.attempt,
        step.attempt,
        hosts,
    )
