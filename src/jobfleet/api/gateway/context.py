"""Version 4's context of a task, for the analysis of a failure: named items with their meaning."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.fields import Int32
from jobfleet.api.scope import ScopePair, scope_of
from jobfleet.api.surface import Call
from jobfleet.api.times import time_texts
from jobfleet.model.definition import FileSpec, SqlSpec
from jobfleet.model.file_log import FileLog
from jobfleet.model.job import HostSelector, Job, Step, Task
from jobfleet.model.labels import task_label
from jobfleet.model.script import Language, ScriptSpec
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import Target
from jobfleet.model.transfer import Direction, FileStatus
from jobfleet.operations import task_context
from jobfleet.operations.task_context import FileContext, ScriptContext, TaskName, beginning

HOST, CONTAINER = 1, 2
MAX_FILES = 200
"""Most files that one context tells of."""

Id = Annotated[int, Meta(ge=1, le=2**63 - 1, extra_json_schema={"format": "int64"})]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1, extra_json_schema={"format": "int32"})]
ObjectType = Annotated[int, Meta(ge=HOST, le=CONTAINER, extra_json_schema={"format": "int32", "enum": [1, 2]})]
Mode = Annotated[int, Meta(ge=0, le=1, extra_json_schema={"format": "int32", "enum": [0, 1]})]


class _TaskWords(ScopePair, frozen=True, kw_only=True):
    """Name one step on one execution object in one attempt."""

    job_instance_id: Id
    step_instance_id: Id
    execute_count: Count
    batch: Int32 | None = None
    execute_object_type: ObjectType
    execute_object_resource_id: Id


class GetScriptTaskContext(_TaskWords, frozen=True, kw_only=True):
    """Ask for the context of a script on an execution object; `content` is what a person picked from its log."""

    content: str | None = None


class GetFileTaskContext(_TaskWords, frozen=True, kw_only=True):
    """Ask for the context of the files that an execution object sends (0) or gets (1)."""

    mode: Mode


class ContextField(msgspec.Struct, frozen=True):
    """Show one item; `description` says in the caller's language what it means."""

    name: str
    value: str
    description: str


class TaskContext(msgspec.Struct, frozen=True):
    """Show everything that may tell why a task failed."""

    field_list: list[ContextField]


_MEANINGS = {
    "job_instance_id": ("作业实例ID", "Id of the job"),
    "job_name": ("作业名称", "Name of the job"),
    "job_operator": ("执行人", "Who started the job"),
    "step_instance_id": ("步骤实例ID", "Id of the step"),
    "step_name": ("步骤名称", "Name of the step"),
    "execute_count": ("重试次数", "Attempt, 0 for the first"),
    "batch": ("滚动批次，0为不滚动", "Rolling batch, 0 for a step that does not roll"),
    "host": ("主机：云区域ID:IP", "Host as cloud area and address"),
    "container": ("容器名称", "Name of the container"),
    "host_id": ("主机ID", "Id of the host"),
    "os": ("操作系统", "Operating system of the host"),
    "agent_alive": ("作业提交时Agent是否在线", "Whether the agent was connected when the job was accepted"),
    "status": ("任务状态码", "Status of the task"),
    "status_desc": ("任务状态", "What the status means"),
    "exit_code": ("脚本退出码", "Exit code of the script"),
    "error_code": ("Agent错误码，0为成功", "Raw code of the agent, 0 for success"),
    "tag": ("脚本结果标签", "Tag that the script told"),
    "message": ("平台提示信息", "What the platform has to say besides the output"),
    "start_time": ("开始时间", "When it started"),
    "end_time": ("结束时间", "When it ended"),
    "total_time": ("总耗时，毫秒", "Duration in milliseconds"),
    "timeout": ("超时时间，秒", "Time limit in seconds"),
    "account": ("执行账号", "Account that it ran as"),
    "script_language": ("脚本语言", "Language of the script"),
    "script_param": ("脚本参数", "Parameters of the script"),
    "script_content": ("脚本内容", "The script"),
    "log": ("执行日志", "What it printed"),
    "target_path": ("目标路径", "Where the files go"),
    "transfer_mode": ("传输模式", "What happens to files that are there already"),
    "direction": ("传输方向", "Direction of the files"),
    "file_count": ("文件数", "Number of files"),
    "files": ("文件列表", "Each file: status, source, destination and what was told of it"),
}


async def get_script_task_context(call: Call, wanted: GetScriptTaskContext) -> TaskContext:
    """Answer what may tell why a script failed on an execution object.

    Source: docs/reference/service.md, «Why did it fail».
    """
    name, picked = _name(wanted), wanted.content or ""
    found = await task_context.script_context(call.platform, call.caller, scope_of(wanted), name, picked)
    return _context(_script(found, call.caller.language), call.caller.language)


async def get_file_task_context(call: Call, wanted: GetFileTaskContext) -> TaskContext:
    """Answer what may tell why files did not arrive.

    Source: docs/reference/service.md, «Why did it fail».
    """
    name, direction = _name(wanted), Direction(wanted.mode)
    found = await task_context.file_context(call.platform, call.caller, scope_of(wanted), name, direction)
    return _context(_file(found, direction, call.caller.language), call.caller.language)


def _name(wanted: _TaskWords) -> TaskName:
    ids = wanted.job_instance_id, wanted.step_instance_id, wanted.execute_count
    one = (wanted.execute_object_resource_id,)
    what = HostSelector(host_ids=one) if wanted.execute_object_type == HOST else HostSelector(container_ids=one)
    return TaskName(*ids, wanted.batch, what)


def _context(items: Iterable[tuple[str, object]], language: str) -> TaskContext:
    column = 1 if language == "en" else 0
    shown = [(name, "" if value is None else str(value)) for name, value in items]
    return TaskContext([ContextField(name, value, _MEANINGS[name][column]) for name, value in shown])


def _script(found: ScriptContext, language: str) -> list[tuple[str, object]]:
    spec = found.detail.step.definition
    is_sql = isinstance(spec, SqlSpec)
    kind = Language.SQL.name if is_sql else Language(spec.language).name if isinstance(spec, ScriptSpec) else ""
    return [
        *_head(found.job, found.detail.step),
        *_host(found.task.target),
        *_ending(found.task, found.time_zone, language),
        *_limits(found.detail.step),
        ("script_language", kind.lower()),
        ("script_param", found.params),
        ("script_content", found.content),
        ("log", found.log),
    ]


def _file(found: FileContext, direction: Direction, language: str) -> list[tuple[str, object]]:
    step = found.detail.step
    ending = _ending(found.task, found.time_zone, language) if found.task else []
    spec = step.definition
    place: list[tuple[str, object]] = (
        [("target_path", spec.target_path), ("transfer_mode", spec.mode)] if isinstance(spec, FileSpec) else []
    )
    return [
        *_head(found.job, step),
        *_host(found.host),
        *ending,
        *_limits(step),
        *place,
        ("direction", direction.name.lower()),
        ("file_count", len(found.files)),
        ("files", beginning("\n".join(_told(one) for one in found.files[:MAX_FILES]))),
    ]


def _head(job: Job, step: Step) -> list[tuple[str, object]]:
    return [
        ("job_instance_id", job.id),
        ("job_name", job.name),
        ("job_operator", job.operator),
        ("step_instance_id", step.id),
        ("step_name", step.name),
    ]


def _host(host: Target) -> list[tuple[str, object]]:
    inside: list[tuple[str, object]] = [("container", host.container.name)] if host.container else []
    return [
        *inside,
        ("host", f"{host.cloud_id}:{host.ip or host.ipv6}"),
        ("host_id", host.host_id),
        ("os", host.os),
        ("agent_alive", int(host.alive)),
    ]


def _ending(task: Task, zone: str, language: str) -> list[tuple[str, object]]:
    at = time_texts(zone, offset=True)
    return [
        ("execute_count", task.attempt),
        ("batch", task.batch),
        ("status", int(task.status)),
        ("status_desc", task_label(TaskStatus(task.status), language)),
        ("exit_code", task.exit_code),
        ("error_code", task.error_code),
        ("tag", task.tag),
        ("message", task.message),
        ("start_time", at(task.started_at)),
        ("end_time", at(task.ended_at)),
        ("total_time", task.total_ms),
    ]


def _limits(step: Step) -> list[tuple[str, object]]:
    spec = step.definition
    if not isinstance(spec, ScriptSpec | SqlSpec | FileSpec):
        return []
    return [("timeout", spec.timeout_s), ("account", spec.account)]


def _told(one: FileLog) -> str:
    status = FileStatus(one.status).name.lower()
    return f"{status} {_place(one.source)}{one.path} -> {_place(one.target)}{one.dest or ''}: {one.text.strip()}"


def _place(host: Target | None) -> str:
    return f"{host.ip or host.ipv6}:" if host else ""
