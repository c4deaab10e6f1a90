"""The calls that exist for the CI plugin: version 3 with execution objects, for applications alone."""

from typing import Annotated

import msgspec

from jobfleet.api.esb_v3.jobs import JobStatus, job_of
from jobfleet.api.esb_v3.logs import FILE_LOG, MAX_HOSTS, SCRIPT_LOG
from jobfleet.api.fields import NEEDED, Int32, Int64, Text, text
from jobfleet.api.gateway.files import PluginFileLog, plugin_file_log
from jobfleet.api.gateway.objects import CONTAINER, HOST, ExecuteObject, StepHead, head_of, object_of
from jobfleet.api.gateway.v4 import ObjectLog, object_log
from jobfleet.api.rules import id_of, job_id_of
from jobfleet.api.scope import Scoped, scope_of
from jobfleet.api.scripts import ScriptWords, Started, new_job, scope_first, started
from jobfleet.api.surface import Call
from jobfleet.api.targets import PluginTarget, target_of_plugin
from jobfleet.api.transfers import TransferWords, new_transfer
from jobfleet.model.errors import BadRequestError, MissingOrIllegalParameterError
from jobfleet.model.job import HostSelector, JobView, Step, StepType, Task
from jobfleet.operations import execute, logs, query, transfer
from jobfleet.operations.file_logs import host_file_logs


class Callback(msgspec.Struct, frozen=True):
    """Say what address to call when the job ends."""

    url: str


class PluginFastExecuteScript(ScriptWords, frozen=True, kw_only=True):
    """Ask for one script on hosts and containers."""

    bk_biz_id: Int64 | None = None
    is_param_sensitive: bool = False
    execute_target: Annotated[PluginTarget | None, NEEDED] = None
    callback: Callback | None = None


class PluginFastTransferFile(TransferWords, frozen=True, kw_only=True):
    """Ask for files on hosts; to containers of the target they cannot be sent."""

    execute_object: Annotated[PluginTarget | None, NEEDED] = None


class PluginGetJobInstanceStatus(Scoped, frozen=True, kw_only=True):
    """Ask for a job's status."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None
    include_execute_object_task_result: bool = False


class WantedObject(msgspec.Struct, frozen=True):
    """Name an execution object by its type and its id."""

    type: Int32
    resource_id: Text


class PluginBatchGetLog(Scoped, frozen=True, kw_only=True):
    """Ask for the logs of several execution objects."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None
    step_instance_id: Annotated[Int64 | None, NEEDED] = None
    execute_object_list: tuple[WantedObject, ...] | None = None


class PluginObjectResult(msgspec.Struct, frozen=True):
    """Show one execution object of a step; times and durations are milliseconds."""

    execute_object: ExecuteObject
    status: Int32
    tag: str
    exit_code: Int32 | None
    error_code: Int32
    start_time: Int64 | None
    end_time: Int64 | None
    total_time: Int32 | None


class PluginStepStatus(StepHead, frozen=True):
    """Show one step; its objects are null unless they were asked for."""

    execute_object_result_list: list[PluginObjectResult] | None


class PluginJobInstanceStatus(msgspec.Struct, frozen=True):
    """Show a job with its steps in order."""

    finished: bool
    job_instance: JobStatus
    step_instance_list: list[PluginStepStatus]


class PluginObjectLogs(msgspec.Struct, frozen=True):
    """Show several execution objects' logs."""

    job_instance_id: Int64
    step_instance_id: Int64
    log_type: Int32
    script_execute_object_task_logs: list[ObjectLog] | None
    file_execute_object_task_logs: list[PluginFileLog] | None = None


async def fast_execute_script(call: Call, wanted: PluginFastExecuteScript) -> Started:
    """Start a script.

    Source: docs/reference/api.md, «bkci_plugin_fast_execute_script».
    """
    if wanted.callback is not None:
        wanted = msgspec.structs.replace(wanted, callback_url=wanted.callback.url)
    async with scope_first(call, wanted):
        asked = wanted.execute_target
        target = None if asked is None else target_of_plugin("execute_target", asked)
        job = await new_job(call, wanted, target, "execute_target", sensitive=wanted.is_param_sensitive)
    return started(await execute.start_script(call.platform, call.caller, job))


async def fast_transfer_file(call: Call, wanted: PluginFastTransferFile) -> Started:
    """Start distributing files.

    Source: docs/reference/files.md.
    """
    async with scope_first(call, wanted):
        asked = wanted.execute_object
        target = None if asked is None else target_of_plugin("execute_object", asked)
        new = new_transfer(call, wanted, target, "execute_object")
    return started(await transfer.start_transfer(call.platform, call.caller, new))


async def get_job_instance_status(call: Call, wanted: PluginGetJobInstanceStatus) -> PluginJobInstanceStatus:
    """Answer what became of a job.

    Source: docs/reference/api.md, «bkci_plugin_get_job_instance_status».
    """
    scope = scope_of(wanted)
    job_id = job_id_of(wanted.job_instance_id)
    with_tasks = wanted.include_execute_object_task_result
    view = await query.job_status(call.platform, call.caller, scope, job_id, with_tasks=with_tasks)
    return render(view, with_tasks=with_tasks)


async def batch_get_log(call: Call, wanted: PluginBatchGetLog) -> PluginObjectLogs:
    """Answer the logs of several execution objects; those that are none of the step's are left out.

    Source: docs/reference/api.md, «bkci_plugin_batch_get_job_instance_execute_object_log».
    """
    scope = scope_of(wanted)
    job_id = job_id_of(wanted.job_instance_id)
    step_id = id_of("step_instance_id", wanted.step_instance_id)
    hosts = _objects(wanted.execute_object_list or ())
    if await query.step_type(call.platform, call.caller, scope, job_id, step_id) is StepType.FILE:
        files = await host_file_logs(call.platform, call.caller, scope, job_id, step_id, hosts)
        return PluginObjectLogs(job_id, step_id, FILE_LOG, None, [plugin_file_log(host) for host in files])
    _, found = await logs.host_logs(call.platform, call.caller, scope, job_id, step_id, hosts)
    return PluginObjectLogs(job_id, step_id, SCRIPT_LOG, [object_log(log) for log in found])


def render(view: JobView, *, with_tasks: bool) -> PluginJobInstanceStatus:
    """Return a job as the CI plugin reads it."""
    steps = [_step(step, view.tasks.get(step.id, ()) if with_tasks else None) for step in view.steps]
    return PluginJobInstanceStatus(view.job.finished, job_of(view.job), steps)


def _objects(objects: tuple[WantedObject, ...]) -> HostSelector:
    if not 0 < len(objects) <= MAX_HOSTS:
        raise MissingOrIllegalParameterError("execute_object_list")
    ids = [(wanted.type, _id_of(index, wanted)) for index, wanted in enumerate(objects)]
    return HostSelector(
        host_ids=tuple(number for kind, number in ids if kind == HOST),
        container_ids=tuple(number for kind, number in ids if kind == CONTAINER),
    )


def _id_of(index: int, wanted: WantedObject) -> int:
    digits = text(wanted.resource_id)
    if wanted.type not in {HOST, CONTAINER}:
        raise BadRequestError(f"execute_object_list[{index}].type", "is no valid value")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise BadRequestError(f"execute_object_list[{index}].resource_id", "is no valid value")
    return int(digits)


def _step(step: Step, tasks: tuple[Task, ...] | None) -> PluginStepStatus:
    return PluginStepStatus(*head_of(step), None if tasks is None else [_result(task) for task in tasks])


def _result(task: Task) -> PluginObjectResult:
    return PluginObjectResult(
        object_of(task.target),
        task.status,
        task.tag,
        task.exit_code,
        task.error_code,
        task.started_at,
        task.ended_at,
        task.total_ms,
    )
