"""What a step was told to do, which only the gateway's version 3 tells."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64
from jobfleet.api.rules import id_of
from jobfleet.api.scope import ScopePair, scope_of
from jobfleet.api.surface import Call
from jobfleet.model.definition import ApprovalSpec, FileKind, FileSource, FileSpec, SqlSpec
from jobfleet.model.job import StepType
from jobfleet.model.script import ScriptSpec
from jobfleet.model.target import Target
from jobfleet.operations.step_detail import StepDetail, step_detail

INLINE, OF_SCOPE, PUBLIC = 1, 2, 3
"""Where a script is from: it came with the request, or it is kept."""

SQL = 6
KIB_A_MIB = 1_024
_SHOWN_TYPES = {StepType.SQL: StepType.SCRIPT}
"""Steps of SQL are script steps whose language is 6."""


class GetStepInstanceDetail(ScopePair, frozen=True, kw_only=True):
    """Ask what a step was told to do."""

    bk_biz_id: Int64 | None = None
    job_instance_id: Annotated[Int64 | None, NEEDED] = None
    step_instance_id: Annotated[Int64 | None, NEEDED] = None


class StepAccount(msgspec.Struct, frozen=True):
    """Name an account as it was when the job was accepted."""

    id: Int64
    name: str
    alias: str


class StepHost(msgspec.Struct, frozen=True):
    """Show a host as it was when the job was accepted; `alive` is 1 for one whose agent was connected."""

    bk_host_id: Int64
    bk_cloud_id: Int64
    bk_cloud_name: str
    ip: str | None
    ipv6: str | None
    bk_agent_id: str | None
    alive: Int32


class StepNode(msgspec.Struct, frozen=True):
    """Name a topology node."""

    id: Int64
    node_type: str


class StepGroup(msgspec.Struct, frozen=True):
    """Name a dynamic group."""

    id: str


class StepServer(msgspec.Struct, frozen=True):
    """Show the hosts that groups, nodes and variables were resolved to; only hosts are kept of a step."""

    variable: str | None
    ip_list: list[StepHost]
    topo_node_list: list[StepNode]
    dynamic_group_list: list[StepGroup]
    host_id_list: list[Int64]


class ScriptDetail(msgspec.Struct, frozen=True):
    """Show a step that runs a script or SQL."""

    script_type: Int32
    script_id: str | None
    script_version_id: Int64 | None
    script_content: str | None
    script_language: Int32
    script_param: str
    script_timeout: Int32
    account: StepAccount
    server: StepServer
    is_param_sensitive: Int32
    is_ignore_error: Int32


class SourceDetail(msgspec.Struct, frozen=True):
    """Show where files come from; what is not on a host has neither server nor account."""

    file_type: Int32
    file_list: list[str]
    server: StepServer | None
    account: StepAccount | None
    file_source_id: Int64 | None


class DestinationDetail(msgspec.Struct, frozen=True):
    """Show where files go."""

    path: str
    account: StepAccount
    server: StepServer


class FileDetail(msgspec.Struct, frozen=True):
    """Show a step that distributes files; limits are MiB a second, null for none."""

    file_source_list: list[SourceDetail]
    file_destination: DestinationDetail
    timeout: Int32
    source_speed_limit: Int32 | None
    destination_speed_limit: Int32 | None
    transfer_mode: Int32
    is_ignore_error: Int32


class ApprovalDetail(msgspec.Struct, frozen=True):
    """Show a step that waits for a person."""

    approval_message: str


class StepInstanceDetail(msgspec.Struct, frozen=True):
    """Show a step; of the three infos the one of its kind is there."""

    id: Int64
    name: str
    type: Int32
    script_info: ScriptDetail | None = None
    file_info: FileDetail | None = None
    approval_info: ApprovalDetail | None = None


async def get_step_instance_detail(call: Call, wanted: GetStepInstanceDetail) -> StepInstanceDetail:
    """Answer what a step was told to do.

    Source: docs/reference/api.md, «get_step_instance_detail».
    """
    scope = scope_of(wanted)
    job_id = id_of("job_instance_id", wanted.job_instance_id)
    step_id = id_of("step_instance_id", wanted.step_instance_id)
    return render(await step_detail(call.platform, call.caller, scope, job_id, step_id))


def render(detail: StepDetail) -> StepInstanceDetail:
    """Return a step's definition as version 3 shows it."""
    step = detail.step
    head = step.id, step.name, int(_SHOWN_TYPES.get(step.type, step.type))
    match step.definition:
        case ScriptSpec() as script:
            return StepInstanceDetail(*head, script_info=_script(detail, script))
        case SqlSpec() as sql:
            return StepInstanceDetail(*head, script_info=_sql(detail, sql))
        case FileSpec() as file:
            return StepInstanceDetail(*head, file_info=_file(detail, file))
        case ApprovalSpec(message=message):
            return StepInstanceDetail(*head, approval_info=ApprovalDetail(message))


def _script(detail: StepDetail, script: ScriptSpec) -> ScriptDetail:
    return ScriptDetail(
        **_origin(script),
        script_content=detail.content,
        script_language=script.language,
        script_param=detail.params,
        script_timeout=script.timeout_s,
        account=StepAccount(script.account_id, script.account, script.account_alias),
        server=_server(detail.targets),
        is_param_sensitive=int(script.sensitive),
        is_ignore_error=int(detail.step.ignore_error),
    )


def _sql(detail: StepDetail, sql: SqlSpec) -> ScriptDetail:
    return ScriptDetail(
        **_origin(sql),
        script_content=detail.content,
        script_language=SQL,
        script_param="",
        script_timeout=sql.timeout_s,
        account=StepAccount(sql.db_account_id, sql.db_account, sql.db_account_alias),
        server=_server(detail.targets),
        is_param_sensitive=0,
        is_ignore_error=int(detail.step.ignore_error),
    )


def _origin(kept: ScriptSpec | SqlSpec) -> dict[str, Any]:
    kind = INLINE if kept.script_version_id is None else PUBLIC if kept.public else OF_SCOPE
    return {"script_type": kind, "script_id": kept.script_id or None, "script_version_id": kept.script_version_id}


def _file(detail: StepDetail, file: FileSpec) -> FileDetail:
    account = StepAccount(file.account_id, file.account, file.account_alias)
    return FileDetail(
        file_source_list=[_source(detail, source) for source in file.sources],
        file_destination=DestinationDetail(file.target_path, account, _server(detail.targets)),
        timeout=file.timeout_s,
        source_speed_limit=file.upload_limit_kib_s // KIB_A_MIB or None,
        destination_speed_limit=file.download_limit_kib_s // KIB_A_MIB or None,
        transfer_mode=file.mode,
        is_ignore_error=int(detail.step.ignore_error),
    )


def _source(detail: StepDetail, source: FileSource) -> SourceDetail:
    on_hosts = source.kind == FileKind.HOST
    return SourceDetail(
        file_type=source.kind,
        file_list=[item.path for item in source.items],
        server=_server([detail.sources[host_id] for host_id in source.host_ids]) if on_hosts else None,
        account=StepAccount(source.account_id, source.account, source.account_alias) if on_hosts else None,
        file_source_id=source.file_source_id or None,
    )


def _server(hosts: Sequence[Target]) -> StepServer:
    return StepServer(None, [_host(host) for host in hosts], [], [], [host.host_id for host in hosts])


def _host(host: Target) -> StepHost:
    return StepHost(host.host_id, host.cloud_id, host.cloud_name, host.ip, host.ipv6, host.agent_id, int(host.alive))
