"""Logs of one or several hosts of a step, in version 3."""

from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64
from jobfleet.api.rules import id_of, job_id_of
from jobfleet.api.scope import Scoped, scope_of
from jobfleet.api.surface import Call
from jobfleet.api.targets import HostAddress
from jobfleet.model.errors import MissingOrIllegalParameterError
from jobfleet.model.file_log import FileLog as Record
from jobfleet.model.job import HostSelector, StepType, TaskLog
from jobfleet.model.target import Target
from jobfleet.operations import logs, query
from jobfleet.operations.file_logs import HostFiles, host_file_logs

MAX_HOSTS = 500
"""Most hosts of one query of several hosts' logs."""

SCRIPT_LOG = 1
"""The `log_type` of a script step."""

FILE_LOG = 2
"""The `log_type` of a file step."""


class GetJobInstanceIpLog(Scoped, frozen=True, kw_only=True):
    """Ask for one host's log; the host id wins over network area and address."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None
    step_instance_id: Annotated[Int64 | None, NEEDED] = None
    bk_host_id: Int64 | None = None
    host_id: Int64 | None = None
    bk_cloud_id: Int64 | None = None
    ip: str | None = None


class BatchGetJobInstanceIpLog(Scoped, frozen=True, kw_only=True):
    """Ask for the logs of several hosts; host ids win over addresses."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None
    step_instance_id: Annotated[Int64 | None, NEEDED] = None
    host_id_list: tuple[Int64, ...] | None = None
    ip_list: tuple[HostAddress, ...] | None = None


class LogHost(msgspec.Struct, frozen=True):
    """Name a host at an end of a file's way."""

    bk_host_id: Int64
    bk_cloud_id: Int64
    ip: str | None


class FileLog(msgspec.Struct, frozen=True):
    """Tell of one file of a host; `mode` is 0 for sending and 1 for receiving.

    `src_ip` is null for a file that the server itself holds.
    """

    mode: Int32
    src_ip: LogHost | None
    src_path: str
    dest_ip: LogHost | None
    dest_path: str | None
    status: Int32
    log_content: str
    size: str
    speed: str
    process: str


class IpLog(msgspec.Struct, frozen=True):
    """Show one host's log; `file_logs` is null for a script, `log_content` for files."""

    bk_host_id: Int64 | None
    bk_cloud_id: Int64 | None
    ip: str | None
    log_type: Int32
    log_content: str | None
    file_logs: list[FileLog] | None = None


class ScriptTaskLog(msgspec.Struct, frozen=True):
    """Show one host's script log."""

    host_id: Int64
    bk_host_id: Int64
    bk_cloud_id: Int64
    ip: str | None
    ipv6: str | None
    log_content: str


class FileTaskLog(msgspec.Struct, frozen=True):
    """Show one host's file logs."""

    bk_host_id: Int64
    bk_cloud_id: Int64
    ip: str | None
    ipv6: str | None
    file_logs: list[FileLog]


class IpLogs(msgspec.Struct, frozen=True):
    """Show several hosts' logs; `file_task_logs` is null for a script."""

    job_instance_id: Int64
    step_instance_id: Int64
    log_type: Int32
    script_task_logs: list[ScriptTaskLog] | None
    file_task_logs: list[FileTaskLog] | None = None


async def get_job_instance_ip_log(call: Call, wanted: GetJobInstanceIpLog) -> IpLog:
    """Answer one host's log; without content for a host that is none of the step's, and for an approval.

    Source: docs/reference/api.md, «get_job_instance_ip_log».
    """
    scope = scope_of(wanted)
    ids = job_id_of(wanted.job_instance_id), id_of("step_instance_id", wanted.step_instance_id)
    hosts = _one_host(wanted)
    if await query.step_type(call.platform, call.caller, scope, *ids) is StepType.FILE:
        files = await host_file_logs(call.platform, call.caller, scope, *ids, hosts)
        return _files_of(files[0]) if files else _empty_log(hosts, FILE_LOG)
    _, found = await logs.host_logs(call.platform, call.caller, scope, *ids, hosts)
    return _ip_log(found[0]) if found else _empty_log(hosts)


async def batch_get_job_instance_ip_log(call: Call, wanted: BatchGetJobInstanceIpLog) -> IpLogs:
    """Answer the logs of several hosts; those that have none, or are none of the step's, are left out.

    Source: docs/reference/api.md, «batch_get_job_instance_ip_log».
    """
    scope = scope_of(wanted)
    job_id = job_id_of(wanted.job_instance_id)
    step_id = id_of("step_instance_id", wanted.step_instance_id)
    hosts = hosts_of(wanted.host_id_list or (), wanted.ip_list or (), MAX_HOSTS)
    if await query.step_type(call.platform, call.caller, scope, job_id, step_id) is StepType.FILE:
        files = await host_file_logs(call.platform, call.caller, scope, job_id, step_id, hosts)
        return IpLogs(job_id, step_id, FILE_LOG, None, [_file_task_log(host) for host in files])
    _, found = await logs.host_logs(call.platform, call.caller, scope, job_id, step_id, hosts)
    return IpLogs(job_id, step_id, SCRIPT_LOG, [_script_log(log) for log in found if log.text])


def hosts_of(ids: tuple[int, ...], addresses: tuple[HostAddress, ...], most: int) -> HostSelector:
    """Return the hosts that a log query names.

    Raises:
        MissingOrIllegalParameterError: It names none, or more than `most`.
    """
    if not 0 < len(ids or addresses) <= most:
        raise MissingOrIllegalParameterError("host_id_list/ip_list")
    pairs = () if ids else tuple((entry.bk_cloud_id, entry.ip.strip()) for entry in addresses)
    return HostSelector(ids, pairs)


def _one_host(wanted: GetJobInstanceIpLog) -> HostSelector:
    host_id = wanted.host_id if wanted.bk_host_id is None else wanted.bk_host_id
    if host_id is not None:
        return HostSelector(host_ids=(host_id,))
    ip = (wanted.ip or "").strip()
    if wanted.bk_cloud_id is None or not ip:
        raise MissingOrIllegalParameterError("host_id/(bk_cloud_id+ip)")
    return HostSelector(addresses=((wanted.bk_cloud_id, ip),))


def _ip_log(log: TaskLog) -> IpLog:
    target = log.task.target
    return IpLog(target.host_id, target.cloud_id, target.ip, SCRIPT_LOG, log.text)


def _files_of(host: HostFiles) -> IpLog:
    target = host.target
    return IpLog(target.host_id, target.cloud_id, target.ip, FILE_LOG, None, [file_log(one) for one in host.files])


def _file_task_log(host: HostFiles) -> FileTaskLog:
    target = host.target
    files = [file_log(one) for one in host.files]
    return FileTaskLog(target.host_id, target.cloud_id, target.ip, target.ipv6, files)


def file_log(one: Record) -> FileLog:
    """Return a file's record as version 3 shows it."""
    return FileLog(
        mode=one.mode,
        src_ip=_log_host(one.source),
        src_path=one.path,
        dest_ip=_log_host(one.target),
        dest_path=one.dest,
        status=one.status,
        log_content=one.text,
        size=one.size,
        speed=one.speed,
        process=one.process,
    )


def _log_host(target: Target | None) -> LogHost | None:
    return None if target is None else LogHost(target.host_id, target.cloud_id, target.ip)


def _empty_log(hosts: HostSelector, log_type: int = SCRIPT_LOG) -> IpLog:
    if hosts.host_ids:
        return IpLog(hosts.host_ids[0], None, None, log_type, None)
    cloud_id, ip = hosts.addresses[0]
    return IpLog(None, cloud_id, ip, log_type, None)


def _script_log(log: TaskLog) -> ScriptTaskLog:
    target = log.task.target
    return ScriptTaskLog(target.host_id, target.host_id, target.cloud_id, target.ip, target.ipv6, log.text)
