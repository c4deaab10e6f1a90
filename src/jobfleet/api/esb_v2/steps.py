"""Step status of version 2."""

from collections.abc import Iterable
from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64, Seconds
from jobfleet.api.rules import id_of
from jobfleet.api.scope import ScopedV2, scope_of
from jobfleet.api.surface import Call
from jobfleet.api.times import seconds, time_texts
from jobfleet.model.job import ResultGroup, StepFilter, StepView
from jobfleet.model.labels import task_label
from jobfleet.model.target import Target
from jobfleet.operations import query


class StepNames(ScopedV2, frozen=True, kw_only=True):
    """Name the step, and the scope for those who write it here."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None
    step_instance_id: Annotated[Int64 | None, NEEDED] = None


class GetStepInstanceStatusV2(ScopedV2, frozen=True, kw_only=True):
    """Ask for a step's status; the ids stand in `params`, those at the top win."""

    params: Annotated[StepNames | None, NEEDED] = None
    job_instance_id: Int64 | None = None
    step_instance_id: Int64 | None = None


class GroupHost(msgspec.Struct, frozen=True):
    """Name one host of a group."""

    bk_host_id: Int64
    bk_cloud_id: Int64
    ip: str | None
    ipv6: str | None


class StepAnalysis(msgspec.Struct, frozen=True):
    """Show the hosts of one status and tag; the tag is not shown, so a status may come twice."""

    result_type: Int32
    result_type_text: str
    count: Int32
    ip_list: list[GroupHost]


class StepDetail(msgspec.Struct, frozen=True):
    """Show the step itself; durations are seconds, `retry_count` and `execute_count` are the same."""

    step_instance_id: Int64
    name: str
    type: Int32
    operator: str
    status: Int32
    step_id: Int64
    job_instance_id: Int64
    bk_biz_id: Int64
    bk_scope_type: str
    bk_scope_id: str
    target_ips: str
    abnormal_agent_ips: str
    retry_count: Int32
    execute_count: Int32
    start_time: str | None
    end_time: str | None
    total_time: Seconds | None
    total_ip_num: Int32
    abnormal_agent_ip_num: Int32
    running_ip_num: Int32
    fail_ip_num: Int32
    success_ip_num: Int32


class StepInstanceStatusV2(msgspec.Struct, frozen=True):
    """Show a step with its hosts by result."""

    is_finished: bool
    step_instance_analyse_result: list[StepAnalysis]
    step_instance_detail: StepDetail


async def get_step_instance_status(call: Call, wanted: GetStepInstanceStatusV2) -> StepInstanceStatusV2:
    """Answer what became of a step, in its latest attempt and all its batches.

    Source: docs/reference/api.md, «get_step_instance_status».
    """
    inner = wanted.params or StepNames()
    scope = scope_of(inner if _names_no_scope(wanted) else wanted)
    job_id = id_of("job_instance_id", _first(wanted.job_instance_id, inner.job_instance_id))
    step_id = id_of("step_instance_id", _first(wanted.step_instance_id, inner.step_instance_id))
    view = await query.step_status(call.platform, call.caller, scope, job_id, step_id, StepFilter())
    return render(view, call.caller.language)


def render(view: StepView, language: str) -> StepInstanceStatusV2:
    """Return a step as version 2 shows it."""
    groups = [_group(group, language) for group in view.groups]
    return StepInstanceStatusV2(view.step.finished, groups, _detail(view))


def _detail(view: StepView) -> StepDetail:
    step, scope, counters = view.step, view.job.scope, view.counters
    text = time_texts(view.time_zone, offset=False)
    return StepDetail(
        step.id,
        step.name,
        step.type,
        step.operator,
        step.status,
        step.plan_step_id,
        step.job_id,
        scope.id,
        scope.type.value,
        str(scope.id),
        _addresses(view.targets),
        _addresses(view.abnormal),
        step.attempt,
        step.attempt,
        text(step.started_at),
        text(step.ended_at),
        seconds(step.total_ms),
        counters.total,
        counters.abnormal,
        counters.running,
        counters.failed,
        counters.succeeded,
    )


def _group(group: ResultGroup, language: str) -> StepAnalysis:
    hosts = [_host(task.target) for task in group.tasks]
    return StepAnalysis(group.status, task_label(group.status, language), group.size, hosts)


def _host(target: Target) -> GroupHost:
    return GroupHost(target.host_id, target.cloud_id, target.ip, target.ipv6)


def _addresses(targets: Iterable[Target]) -> str:
    return ",".join(f"{target.cloud_id}:{target.ip or target.ipv6}" for target in targets)


def _names_no_scope(wanted: ScopedV2) -> bool:
    return wanted.bk_biz_id is None and wanted.bk_scope_type is None and wanted.bk_scope_id is None


def _first(outer: int | None, inner: int | None) -> int | None:
    return inner if outer is None else outer
