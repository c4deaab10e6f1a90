"""Templates in version 4. Times are epoch milliseconds."""

from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64
from jobfleet.api.plan_lists import TemplateItem, show_template
from jobfleet.api.plan_parts import (
    APPROVAL,
    FILE,
    SCRIPT,
    PlanAccount,
    PlanApproval,
    language_of,
    mib,
    origin_of,
    packed,
    params_of,
    runner_of,
    show_account,
    show_approval,
)
from jobfleet.api.rules import present_id
from jobfleet.api.scope import ScopePair, scope_of
from jobfleet.api.scripts import scope_first
from jobfleet.api.shown_hosts import ShownGroup, ShownNode
from jobfleet.api.surface import Call
from jobfleet.model.account import Category
from jobfleet.model.definition import ApprovalSpec, FileKind
from jobfleet.model.file_job import NewSource
from jobfleet.model.script import DEFAULT_TIMEOUT_S
from jobfleet.model.target import Host, TargetSpec
from jobfleet.model.template import (
    FileAction,
    ScriptAction,
    SqlAction,
    TemplateStep,
    Variable,
)
from jobfleet.model.variable import VariableType
from jobfleet.operations import plan_query
from jobfleet.operations.named_hosts import named_by
from jobfleet.operations.plan_query import ShownTemplate
from jobfleet.operations.step_parts import Parts


class GetJobTemplateDetail(ScopePair, frozen=True, kw_only=True):
    """Name a template."""

    id: Annotated[Int64 | None, NEEDED] = None


class TemplateHost(msgspec.Struct, frozen=True):
    """Name a host; of one that is not known any more, what is kept of its name."""

    bk_host_id: Int64 | None
    bk_cloud_id: Int64 | None
    ip: str | None


class TemplateTarget(msgspec.Struct, frozen=True):
    """Show which hosts are meant."""

    variable: str | None
    host_list: list[TemplateHost]
    dynamic_group_list: list[ShownGroup]
    topo_node_list: list[ShownNode]


class TemplateScript(msgspec.Struct, frozen=True, kw_only=True):
    """Show what a step runs; texts are Base64."""

    script_type: Int32
    script_id: str | None
    script_version_id: Int64 | None
    script_content: str
    script_language: Int32
    script_param: str
    windows_interpreter: str | None
    script_timeout: Int64
    is_param_sensitive: Int32
    is_ignore_error: Int32
    account: PlanAccount
    execute_target: TemplateTarget


class TemplateSource(msgspec.Struct, frozen=True, kw_only=True):
    """Show where files come from; what is not on a host has neither hosts nor account."""

    file_list: list[str]
    file_type: Int32
    file_source_code: str | None
    account: PlanAccount | None
    execute_target: TemplateTarget | None


class TemplateDestination(msgspec.Struct, frozen=True):
    """Show where files go."""

    path: str
    account: PlanAccount
    execute_target: TemplateTarget


class TemplateFiles(msgspec.Struct, frozen=True, kw_only=True):
    """Show which files a step distributes; limits are MiB a second, null for none."""

    file_source_list: list[TemplateSource]
    file_destination: TemplateDestination
    timeout: Int64
    transfer_mode: Int32
    source_speed_limit: Int64 | None
    destination_speed_limit: Int64 | None
    is_ignore_error: Int32


class TemplateStepV4(msgspec.Struct, frozen=True, kw_only=True):
    """Show a step; of the three infos the one of its kind is there."""

    id: Int64
    name: str
    type: Int32
    script_info: TemplateScript | None = None
    file_info: TemplateFiles | None = None
    approval_info: PlanApproval | None = None


class TemplateVariable(msgspec.Struct, frozen=True, kw_only=True):
    """Show a variable; the value of a password is hidden."""

    name: str
    type: Int32
    value: str | None
    execute_target: TemplateTarget | None
    description: str
    required: Int32


class TemplateDetail(TemplateItem, frozen=True, kw_only=True):
    """Show a template with its steps."""

    step_list: list[TemplateStepV4]
    global_var_list: list[TemplateVariable]


async def get_job_template_detail(call: Call, wanted: GetJobTemplateDetail) -> TemplateDetail:
    """Show a template with all its steps.

    Source: docs/reference/plans.md, «BlueKing API».
    """
    async with scope_first(call, wanted):
        template_id = present_id("id", wanted.id)
    return render(await plan_query.show_template(call.platform, call.caller, scope_of(wanted), template_id))


def render(shown: ShownTemplate) -> TemplateDetail:
    """Return a template as version 4 shows it."""
    template, parts = shown.template, shown.parts
    return TemplateDetail(
        **msgspec.structs.asdict(show_template(template.scope, template)),
        step_list=[_step(parts, step) for step in template.steps],
        global_var_list=[_variable(parts, one) for one in template.variables],
    )


def _step(parts: Parts, step: TemplateStep) -> TemplateStepV4:
    match step.action:
        case ScriptAction() | SqlAction() as action:
            return TemplateStepV4(id=step.id, name=step.name, type=SCRIPT, script_info=_script(parts, step, action))
        case FileAction() as action:
            return TemplateStepV4(id=step.id, name=step.name, type=FILE, file_info=_files(parts, step, action))
        case ApprovalSpec() as approval:
            return TemplateStepV4(id=step.id, name=step.name, type=APPROVAL, approval_info=show_approval(approval))


def _script(parts: Parts, step: TemplateStep, action: ScriptAction | SqlAction) -> TemplateScript:
    kept = parts.script(action)
    return TemplateScript(
        script_type=origin_of(action, kept),
        script_id=None if kept is None else kept.script_id,
        script_version_id=action.script_version_id,
        script_content=packed(action.content if kept is None else kept.content),
        script_language=language_of(action, kept),
        script_param=params_of(action),
        windows_interpreter=(action.interpreter if isinstance(action, ScriptAction) else "") or None,
        script_timeout=action.timeout_s or DEFAULT_TIMEOUT_S,
        is_param_sensitive=int(isinstance(action, ScriptAction) and action.sensitive),
        is_ignore_error=int(step.ignore_error),
        account=runner_of(parts, action),
        execute_target=_target(parts, action.target),
    )


def _files(parts: Parts, step: TemplateStep, action: FileAction) -> TemplateFiles:
    account = show_account(parts, Category.SYSTEM, action.account_id, action.account_alias)
    return TemplateFiles(
        file_source_list=[*(_source(parts, one) for one in action.sources), *_contents(action)],
        file_destination=TemplateDestination(action.target_path, account, _target(parts, action.target)),
        timeout=action.timeout_s or DEFAULT_TIMEOUT_S,
        transfer_mode=action.mode,
        source_speed_limit=mib(action.upload_limit_kib_s),
        destination_speed_limit=mib(action.download_limit_kib_s),
        is_ignore_error=int(step.ignore_error),
    )


def _source(parts: Parts, source: NewSource) -> TemplateSource:
    on_hosts = source.kind == FileKind.HOST
    known = parts.sources.get(source.file_source_id or source.file_source_code)
    return TemplateSource(
        file_list=list(source.paths),
        file_type=source.kind,
        file_source_code=(source.file_source_code if known is None else known.code) or None,
        account=show_account(parts, Category.SYSTEM, source.account_id, source.account_alias) if on_hosts else None,
        execute_target=_target(parts, source.hosts) if on_hosts else None,
    )


def _contents(action: FileAction) -> list[TemplateSource]:
    """Return the files that a step holds itself, without what is in them."""
    names, kind = [one.name for one in action.contents], FileKind.CONTENT.value
    shown = TemplateSource(file_list=names, file_type=kind, file_source_code=None, account=None, execute_target=None)
    return [shown] if names else []


def _variable(parts: Parts, one: Variable) -> TemplateVariable:
    is_list = one.type is VariableType.HOSTS
    return TemplateVariable(
        name=one.name,
        type=one.type,
        value=None if is_list else one.value,
        execute_target=_target(parts, one.hosts) if is_list else None,
        description=one.description,
        required=int(one.required),
    )


def _target(parts: Parts, spec: TargetSpec) -> TemplateTarget:
    return TemplateTarget(
        variable=spec.variable or None,
        host_list=_hosts(spec, named_by(spec, parts.hosts)),
        dynamic_group_list=[ShownGroup(group) for group in spec.dynamic_groups],
        topo_node_list=[ShownNode(node.id, node.type) for node in spec.topology_nodes],
    )


def _hosts(spec: TargetSpec, known: list[Host]) -> list[TemplateHost]:
    by_id = {host.id: host for host in known}
    places = {(host.cloud_id, ip): host for host in known for ip in (host.ip, host.ipv6)}
    found = [_host(by_id.get(host_id), host_id, None, None) for host_id in spec.host_ids]
    return found + [_host(places.get((a.cloud_id, a.ip)), None, a.cloud_id, a.ip) for a in spec.addresses]


def _host(known: Host | None, host_id: int | None, cloud_id: int | None, ip: str | None) -> TemplateHost:
    return TemplateHost(host_id, cloud_id, ip) if known is None else TemplateHost(known.id, known.cloud_id, known.ip)
