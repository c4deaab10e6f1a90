"""Step status of version 3, which only the gateway has."""

from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64, Text, text
from jobfleet.api.rules import present
from jobfleet.api.scope import ScopePair, scope_of
from jobfleet.api.surface import Call
from jobfleet.model.errors import BadRequestError
from jobfleet.model.job import ResultGroup, Step, StepFilter, StepView, Task
from jobfleet.model.labels import task_label
from jobfleet.operations import query


class GetStepInstanceStatus(ScopePair, frozen=True, kw_only=True):
    """Ask for a step's hosts by result, filtered; `batch` counts from 0 here."""

    bk_biz_id: Int64 | None = None
    job_instance_id: Annotated[Int64 | None, NEEDED] = None
    step_instance_id: Annotated[Int64 | None, NEEDED] = None
    execute_count: Int32 | None = None
    batch: Int32 | None = None
    max_host_num_per_group: Int32 | None = None
    keyword: Text | None = None
    search_ip: Text | None = None
    status: Int32 | None = None
    tag: Text | None = None


class HostResult(msgspec.Struct, frozen=True):
    """Show one host; times and durations are milliseconds."""

    bk_host_id: Int64
    ip: str | None
    ipv6: str | None
    bk_agent_id: str | None
    bk_cloud_id: Int64
    bk_cloud_name: str
    status: Int32
    status_desc: str
    tag: str | None
    exit_code: Int32 | None
    start_time: Int64 | None
    end_time: Int64 | None
    total_time: Int32 | None


class StepResultGroup(msgspec.Struct, frozen=True):
    """Show the hosts of one status and tag; `host_size` counts those that are not listed too."""

    result_type: Int32
    result_type_desc: str
    tag: str | None
    host_size: Int32
    host_result_list: list[HostResult]


class StepInstanceStatus(msgspec.Struct, frozen=True):
    """Show a step; `execute_count` is its latest attempt whichever was asked for."""

    step_instance_id: Int64
    execute_count: Int32
    name: str
    type: Int32
    status: Int32
    create_time: Int64
    start_time: Int64 | None
    end_time: Int64 | None
    total_time: Int32 | None
    step_result_group_list: list[StepResultGroup]


async def get_step_instance_status(call: Call, wanted: GetStepInstanceStatus) -> StepInstanceStatus:
    """Answer what became of a step.

    Source: docs/reference/api.md, «get_step_instance_status».
    """
    scope = scope_of(wanted)
    job_id = present("job_instance_id", wanted.job_instance_id)
    step_id = present("step_instance_id", wanted.step_instance_id)
    view = await query.step_status(call.platform, call.caller, scope, job_id, step_id, _filter(wanted))
    return render(view, call.caller.language)


def render(view: StepView, language: str) -> StepInstanceStatus:
    """Return a step as version 3 shows it."""
    step = view.step
    return StepInstanceStatus(
        step.id,
        step.attempt,
        step.name,
        step.type,
        step.status,
        step.created_at,
        step.started_at,
        step.ended_at,
        _total(step, view.now),
        [_group(group, language) for group in view.groups],
    )


def _filter(wanted: GetStepInstanceStatus) -> StepFilter:
    return StepFilter(
        attempt=_counted("execute_count", wanted.execute_count),
        batch=None if wanted.batch is None else (_counted("batch", wanted.batch) or 0) + 1,
        status=wanted.status,
        tag=text(wanted.tag),
        limit=_counted("max_host_num_per_group", wanted.max_host_num_per_group),
        keyword=text(wanted.keyword),
        search_ip=text(wanted.search_ip),
    )


def _counted(name: str, value: int | None) -> int | None:
    if value is not None and value < 0:
        raise BadRequestError(name, "is no valid value")
    return value


def _total(step: Step, now: int) -> int | None:
    """Return a step's duration; a running one's goes on while it is looked at."""
    if step.total_ms is not None or step.started_at is None:
        return step.total_ms
    return (now if step.ended_at is None else step.ended_at) - step.started_at


def _group(group: ResultGroup, language: str) -> StepResultGroup:
    label = task_label(group.status, language)
    hosts = [_host(task, label, group.tag) for task in group.tasks]
    return StepResultGroup(group.status, label, group.tag, group.size, hosts)


def _host(task: Task, label: str, tag: str | None) -> HostResult:
    target = task.target
    return HostResult(
        target.host_id,
        target.ip,
        target.ipv6,
        target.agent_id,
        target.cloud_id,
        target.cloud_name,
        task.status,
        label,
        tag,
        task.exit_code,
        task.started_at,
        task.ended_at,
        task.total_ms,
    )
