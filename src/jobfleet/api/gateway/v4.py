"""Version 4: starting a script, job status and logs by execution object."""

from typing import Annotated

import msgspec

from jobfleet.api.esb_v3.jobs import JobStatus, job_of
from jobfleet.api.esb_v3.logs import FILE_LOG, SCRIPT_LOG, hosts_of
from jobfleet.api.fields import NEEDED, Int32, Int64
from jobfleet.api.gateway.files import FileObjectLog, file_object_log
from jobfleet.api.gateway.objects import ExecuteObject, StepHead, head_of, object_of
from jobfleet.api.rules import id_of, job_id_of
from jobfleet.api.scope import ScopePair, scope_of
from jobfleet.api.scripts import ScriptWords, Started, new_job, scope_first, started
from jobfleet.api.surface import Call
from jobfleet.api.targets import ExecuteTarget, HostAddress, target_of_v4
from jobfleet.model.errors import MissingOrIllegalParameterError
from jobfleet.model.job import HostSelector, JobView, Step, StepType, Task, TaskLog
from jobfleet.operations import execute, logs, query
from jobfleet.operations.file_logs import host_file_logs

MAX_LOG_OBJECTS = 50
"""Most execution objects of one log query."""


class FastExecuteScriptV4(ScriptWords, frozen=True, kw_only=True):
    """Ask for one script on hosts or containers."""

    param_sensitive: bool = False
    execute_target: ExecuteTarget | None = None


class GetJobInstanceStatusV4(ScopePair, frozen=True, kw_only=True):
    """Ask for a job's status."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None
    return_execute_object_result: bool = False


class BatchGetExecuteObjectLog(ScopePair, frozen=True, kw_only=True):
    """Ask for the logs of several execution objects; host ids win over addresses, and these over containers."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None
    step_instance_id: Annotated[Int64 | None, NEEDED] = None
    host_id_list: tuple[Int64, ...] | None = None
    ip_list: tuple[HostAddress, ...] | None = None
    container_id_list: tuple[Int64, ...] | None = None


class ObjectResult(msgspec.Struct, frozen=True):
    """Show one execution object of a step; times and durations are milliseconds."""

    execute_object: ExecuteObject
    status: Int32
    tag: str
    exit_code: Int32 | None
    start_time: Int64 | None
    end_time: Int64 | None
    total_time: Int32 | None


class StepStatusV4(StepHead, frozen=True):
    """Show one step; its objects are null unless they were asked for."""

    step_execute_object_result_list: list[ObjectResult] | None


class JobInstanceStatusV4(msgspec.Struct, frozen=True):
    """Show a job with its steps in order."""

    finished: bool
    job_instance: JobStatus
    step_instance_list: list[StepStatusV4]


class ObjectLog(msgspec.Struct, frozen=True):
    """Show one execution object's script log."""

    execute_object: ExecuteObject
    log_content: str


class ObjectLogs(msgspec.Struct, frozen=True):
    """Show several execution objects' logs."""

    job_instance_id: Int64
    step_instance_id: Int64
    log_type: Int32
    script_step_execute_object_logs: list[ObjectLog] | None
    file_step_execute_object_logs: list[FileObjectLog] | None = None


async def fast_execute_script(call: Call, wanted: FastExecuteScriptV4) -> Started:
    """Start a script.

    Source: docs/reference/api.md, «fast_execute_script».
    """
    async with scope_first(call, wanted):
        asked = wanted.execute_target
        target = None if asked is None else target_of_v4(asked)
        job = await new_job(call, wanted, target, "execute_target", sensitive=wanted.param_sensitive)
    return started(await execute.start_script(call.platform, call.caller, job))


async def get_job_instance_status(call: Call, wanted: GetJobInstanceStatusV4) -> JobInstanceStatusV4:
    """Answer what became of a job.

    Source: docs/reference/api.md, «get_job_instance_status».
    """
    scope = scope_of(wanted)
    job_id = job_id_of(wanted.job_instance_id)
    with_tasks = wanted.return_execute_object_result
    view = await query.job_status(call.platform, call.caller, scope, job_id, with_tasks=with_tasks)
    return render(view, with_tasks=with_tasks)


async def batch_get_job_instance_execute_object_log(call: Call, wanted: BatchGetExecuteObjectLog) -> ObjectLogs:
    """Answer the logs of several execution objects; those that are none of the step's are left out.

    Source: docs/reference/api.md, «batch_get_job_instance_execute_object_log».
    """
    scope = scope_of(wanted)
    job_id = job_id_of(wanted.job_instance_id)
    step_id = id_of("step_instance_id", wanted.step_instance_id)
    hosts = _objects(wanted)
    if await query.step_type(call.platform, call.caller, scope, job_id, step_id) is StepType.FILE:
        files = await host_file_logs(call.platform, call.caller, scope, job_id, step_id, hosts)
        return ObjectLogs(job_id, step_id, FILE_LOG, None, [file_object_log(host) for host in files])
    _, found = await logs.host_logs(call.platform, call.caller, scope, job_id, step_id, hosts)
    return ObjectLogs(job_id, step_id, SCRIPT_LOG, [object_log(log) for log in found])


def _objects(wanted: BatchGetExecuteObjectLog) -> HostSelector:
    ids = wanted.container_id_list or ()
    if wanted.host_id_list or wanted.ip_list or not ids:
        return hosts_of(wanted.host_id_list or (), wanted.ip_list or (), MAX_LOG_OBJECTS)
    if len(ids) > MAX_LOG_OBJECTS:
        raise MissingOrIllegalParameterError("container_id_list")
    return HostSelector(container_ids=ids)


def render(view: JobView, *, with_tasks: bool) -> JobInstanceStatusV4:
    """Return a job as version 4 shows it."""
    steps = [_step(step, view.tasks.get(step.id, ()) if with_tasks else None) for step in view.steps]
    return JobInstanceStatusV4(view.job.finished, job_of(view.job), steps)


def object_log(log: TaskLog) -> ObjectLog:
    """Return a target's log as an execution object's."""
    return ObjectLog(object_of(log.task.target), log.text)


def _step(step: Step, tasks: tuple[Task, ...] | None) -> StepStatusV4:
    return StepStatusV4(*head_of(step), None if tasks is None else [_result(task) for task in tasks])


def _result(task: Task) -> ObjectResult:
    return ObjectResult(
        object_of(task.target),
        task.status,
        task.tag,
        task.exit_code,
        task.started_at,
        task.ended_at,
        task.total_ms,
    )
