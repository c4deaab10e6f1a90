"""A plan with its steps and variables in version 3: what bus and gateway share. Times are epoch milliseconds."""

from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64
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
from jobfleet.api.rules import id_of
from jobfleet.api.scope import Scoped, business_of, scope_of
from jobfleet.api.scripts import scope_first
from jobfleet.api.shown_hosts import ShownServer, show_server
from jobfleet.api.surface import Call
from jobfleet.model.account import Category
from jobfleet.model.definition import ApprovalSpec, FileKind
from jobfleet.model.file_job import NewSource
from jobfleet.model.script import DEFAULT_TIMEOUT_S
from jobfleet.model.step_uses import uses
from jobfleet.model.template import FileAction, PlanVariable, ScriptAction, SqlAction, TemplateStep
from jobfleet.model.variable import VariableType
from jobfleet.operations.plan_query import ShownPlan, show_plan
from jobfleet.operations.step_parts import Parts


class GetJobPlanDetail(Scoped, frozen=True, kw_only=True):
    """Name a plan."""

    job_plan_id: Annotated[Int64 | None, NEEDED] = None


class PlanScript(msgspec.Struct, frozen=True, kw_only=True):
    """Show what a step runs; texts are Base64, and the text of a kept script is not repeated."""

    script_type: Int32
    script_id: str | None
    script_version_id: Int64 | None
    script_content: str | None
    script_language: Int32
    script_param: str
    script_timeout: Int32
    is_param_sensitive: Int32
    account: PlanAccount
    server: ShownServer
    windows_interpreter: str | None
    is_ignore_error: Int32


class PlanFileSource(msgspec.Struct, frozen=True, kw_only=True):
    """Show where files come from; what is not on a host has neither server nor account."""

    file_list: list[str]
    account: PlanAccount | None
    server: ShownServer | None
    file_type: Int32
    file_source_id: Int32 | None


class PlanFileDestination(msgspec.Struct, frozen=True):
    """Show where files go."""

    path: str
    account: PlanAccount
    server: ShownServer


class PlanFiles(msgspec.Struct, frozen=True, kw_only=True):
    """Show which files a step distributes; limits are MiB a second, null for none."""

    file_source_list: list[PlanFileSource]
    file_destination: PlanFileDestination
    timeout: Int32
    transfer_mode: Int32
    source_speed_limit: Int64 | None
    destination_speed_limit: Int64 | None
    upload_speed_limit: Int32 | None
    download_speed_limit: Int32 | None
    is_ignore_error: Int32


class PlanStepV3(msgspec.Struct, frozen=True, kw_only=True):
    """Show a step; of the three infos the one of its kind is there."""

    id: Int64
    name: str
    type: Int32
    script_info: PlanScript | None = None
    file_info: PlanFiles | None = None
    approval_info: PlanApproval | None = None


class PlanVariableV3(msgspec.Struct, frozen=True):
    """Show a variable; the value of a password is hidden. `used`: a step of the plan names it."""

    id: Int64
    name: str
    type: Int32
    value: str | None
    server: ShownServer | None
    description: str
    required: Int32
    used: bool


class PlanDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Show a plan with the steps that run; `need_update`: its template has changed since."""

    bk_scope_type: str
    bk_scope_id: str
    bk_biz_id: Int64 | None
    id: Int64
    job_plan_id: Int64
    job_template_id: Int64
    name: str
    creator: str
    create_time: Int64
    last_modify_user: str
    last_modify_time: Int64
    step_list: list[PlanStepV3]
    global_var_list: list[PlanVariableV3]
    need_update: bool


async def get_job_plan_detail(call: Call, wanted: GetJobPlanDetail) -> PlanDetail:
    """Show a plan.

    Source: docs/reference/plans.md, «BlueKing API».
    """
    async with scope_first(call, wanted):
        plan_id = id_of("job_plan_id", wanted.job_plan_id)
    return render(await show_plan(call.platform, call.caller, scope_of(wanted), plan_id))


def render(shown: ShownPlan) -> PlanDetail:
    """Return a plan as version 3 shows it."""
    plan, steps = shown.plan, [one for one in shown.plan.steps if one.enabled]
    actions = [one.step.action for one in steps]
    return PlanDetail(
        bk_scope_type=plan.scope.type.value,
        bk_scope_id=str(plan.scope.id),
        bk_biz_id=business_of(plan.scope),
        id=plan.id,
        job_plan_id=plan.id,
        job_template_id=plan.template_id,
        name=plan.name,
        creator=plan.creator,
        create_time=plan.created_at,
        last_modify_user=plan.modifier,
        last_modify_time=plan.modified_at,
        step_list=[_step(shown.parts, one.id, one.step) for one in steps],
        global_var_list=[
            _variable(shown.parts, one, used=any(uses(action, one.variable) for action in actions))
            for one in plan.variables
        ],
        need_update=shown.standing.behind > 0,
    )


def _step(parts: Parts, step_id: int, step: TemplateStep) -> PlanStepV3:
    match step.action:
        case ScriptAction() | SqlAction() as action:
            return PlanStepV3(id=step_id, name=step.name, type=SCRIPT, script_info=_script(parts, step, action))
        case FileAction() as action:
            return PlanStepV3(id=step_id, name=step.name, type=FILE, file_info=_files(parts, step, action))
        case ApprovalSpec() as approval:
            return PlanStepV3(id=step_id, name=step.name, type=APPROVAL, approval_info=show_approval(approval))


def _script(parts: Parts, step: TemplateStep, action: ScriptAction | SqlAction) -> PlanScript:
    kept = parts.script(action)
    return PlanScript(
        script_type=origin_of(action, kept),
        script_id=None if kept is None else kept.script_id,
        script_version_id=action.script_version_id,
        script_content=packed(action.content) if action.content else None,
        script_language=language_of(action, kept),
        script_param=params_of(action),
        script_timeout=action.timeout_s or DEFAULT_TIMEOUT_S,
        is_param_sensitive=int(isinstance(action, ScriptAction) and action.sensitive),
        account=runner_of(parts, action),
        server=show_server(parts.hosts, action.target),
        windows_interpreter=(action.interpreter if isinstance(action, ScriptAction) else "") or None,
        is_ignore_error=int(step.ignore_error),
    )


def _files(parts: Parts, step: TemplateStep, action: FileAction) -> PlanFiles:
    account = show_account(parts, Category.SYSTEM, action.account_id, action.account_alias)
    up, down = mib(action.upload_limit_kib_s), mib(action.download_limit_kib_s)
    return PlanFiles(
        file_source_list=[*(_source(parts, one) for one in action.sources), *_contents(action)],
        file_destination=PlanFileDestination(action.target_path, account, show_server(parts.hosts, action.target)),
        timeout=action.timeout_s or DEFAULT_TIMEOUT_S,
        transfer_mode=action.mode,
        source_speed_limit=up,
        destination_speed_limit=down,
        upload_speed_limit=up,
        download_speed_limit=down,
        is_ignore_error=int(step.ignore_error),
    )


def _source(parts: Parts, source: NewSource) -> PlanFileSource:
    on_hosts = source.kind == FileKind.HOST
    known = parts.sources.get(source.file_source_id or source.file_source_code)
    return PlanFileSource(
        file_list=list(source.paths),
        account=show_account(parts, Category.SYSTEM, source.account_id, source.account_alias) if on_hosts else None,
        server=show_server(parts.hosts, source.hosts) if on_hosts else None,
        file_type=source.kind,
        file_source_id=source.file_source_id if known is None else known.id,
    )


def _contents(action: FileAction) -> list[PlanFileSource]:
    """Return the files that a step holds itself, without what is in them."""
    names = [one.name for one in action.contents]
    kind = FileKind.CONTENT.value
    shown = PlanFileSource(file_list=names, account=None, server=None, file_type=kind, file_source_id=None)
    return [shown] if names else []


def _variable(parts: Parts, one: PlanVariable, *, used: bool) -> PlanVariableV3:
    variable, is_list = one.variable, one.variable.type is VariableType.HOSTS
    return PlanVariableV3(
        id=one.id,
        name=variable.name,
        type=variable.type,
        value=None if is_list else variable.value,
        server=show_server(parts.hosts, variable.hosts) if is_list else None,
        description=variable.description,
        required=int(variable.required),
        used=used,
    )
