"""Plans in version 2, which calls them jobs: lists and details. Times are texts."""

from collections.abc import Callable
from typing import Annotated

import msgspec

from jobfleet.api.esb_v2.crons import midnight
from jobfleet.api.fields import NEEDED, Day, Int32, Int64, Text, text
from jobfleet.api.paging import MAX_LENGTH, page_of
from jobfleet.api.plan_parts import APPROVAL, FILE, SCRIPT, PlanAccount, language_of, runner_of, show_account
from jobfleet.api.rules import id_of
from jobfleet.api.scope import ScopedV2, scope_of
from jobfleet.api.scripts import scope_first
from jobfleet.api.surface import Call
from jobfleet.api.times import time_texts
from jobfleet.model.account import Category
from jobfleet.model.definition import ApprovalSpec, FileKind
from jobfleet.model.difference import MASK
from jobfleet.model.file_job import NewSource
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.scope import Scope
from jobfleet.model.script import DEFAULT_TIMEOUT_S
from jobfleet.model.step_uses import targets_of
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import FileAction, PlanStep, PlanVariable, ScriptAction, SqlAction
from jobfleet.model.variable import VariableType
from jobfleet.operations import plans, schedule_query
from jobfleet.operations.named_hosts import named_by
from jobfleet.operations.plan_query import ShownPlan, show_plan
from jobfleet.operations.step_parts import Parts
from jobfleet.store.plans import PlanFilter, PlanRow

Written = Callable[[int | None], str | None]


class GetJobList(ScopedV2, frozen=True, kw_only=True):
    """Ask for plans, all that match unless `length` says how many; days are YYYY-MM-DD."""

    creator: Text | None = None
    name: Text | None = None
    create_time_start: Day | None = None
    create_time_end: Day | None = None
    last_modify_user: Text | None = None
    last_modify_time_start: Day | None = None
    last_modify_time_end: Day | None = None
    start: Int32 | None = None
    length: Int32 | None = None


class GetJobDetail(ScopedV2, frozen=True, kw_only=True):
    """Name a plan."""

    bk_job_id: Annotated[Int64 | None, NEEDED] = None


class JobLineV2(msgspec.Struct, frozen=True, kw_only=True):
    """Show a plan in a list."""

    bk_biz_id: Int64
    bk_scope_type: str
    bk_scope_id: str
    bk_job_id: Int64
    name: str
    creator: str
    create_time: str | None
    last_modify_user: str
    last_modify_time: str | None
    step_num: Int32


class JobHostV2(msgspec.Struct, frozen=True):
    """Name a host that is known."""

    bk_cloud_id: Int64
    ip: str | None


class JobNodeV2(msgspec.Struct, frozen=True):
    """Name a node of the topology tree."""

    id: Int64
    node_type: str


class JobServerV2(msgspec.Struct, frozen=True):
    """Show which hosts are meant."""

    ip_list: list[JobHostV2]
    dynamic_group_id_list: list[str]
    topo_node_list: list[JobNodeV2]


class JobFileSourceV2(msgspec.Struct, frozen=True, kw_only=True):
    """Show where files come from."""

    files: list[str]
    account: str | None
    ip_list: list[JobHostV2]
    custom_query_id: list[str]
    target_server: JobServerV2 | None


class JobStepV2(msgspec.Struct, frozen=True, kw_only=True):
    """Show a step: members of other kinds are null; texts are in clear. `script_id` is that of the script's version."""

    step_id: Int64
    name: str
    type: Int32
    creator: str
    create_time: str | None
    last_modify_user: str
    last_modify_time: str | None
    script_id: Int64 | None = None
    script_content: str | None = None
    script_param: str | None = None
    script_timeout: Int32 | None = None
    script_type: Int32 | None = None
    is_param_sensitive: Int32 | None = None
    account: str | None = None
    account_id: Int64 | None = None
    db_account_id: Int64 | None = None
    file_target_path: str | None = None
    file_source: list[JobFileSourceV2] | None = None
    ip_list: list[JobHostV2] | None = None
    custom_query_id: list[str] | None = None
    target_server: JobServerV2 | None = None
    confirm_message: str | None = None


class JobVariableV2(msgspec.Struct, frozen=True, kw_only=True):
    """Show a variable; the value of a password is hidden. `step_ids` are the steps that run on its hosts."""

    id: Int64
    category: Int32
    name: str
    value: str | None
    description: str
    ip_list: list[JobHostV2]
    custom_query_id: list[str]
    target_server: JobServerV2 | None
    step_ids: list[Int64]


class JobDetailV2(JobLineV2, frozen=True, kw_only=True):
    """Show a plan with the steps that run."""

    template_id: Int64
    steps: list[JobStepV2]
    global_vars: list[JobVariableV2]


async def get_job_list(call: Call, wanted: GetJobList) -> list[JobLineV2]:
    """Show plans.

    Source: docs/reference/plans.md, «BlueKing API».
    """
    scope = scope_of(wanted)
    zone = await schedule_query.zone_of(call.platform, call.caller, scope)
    those = PlanFilter(
        name=text(wanted.name),
        creator=text(wanted.creator),
        modifier=text(wanted.last_modify_user),
        created=_days("create_time", wanted.create_time_start, wanted.create_time_end, zone),
        modified=_days("last_modify_time", wanted.last_modify_time_start, wanted.last_modify_time_end, zone),
    )
    start, length = page_of(wanted.start, wanted.length, MAX_LENGTH)
    _, found = await plans.list_plans(call.platform, call.caller, scope, those, start=start, length=length)
    written = time_texts(zone, offset=True)
    return [_line(scope, row, written) for row in found]


async def get_job_detail(call: Call, wanted: GetJobDetail) -> JobDetailV2:
    """Show a plan.

    Source: docs/reference/plans.md, «BlueKing API».
    """
    async with scope_first(call, wanted):
        plan_id = id_of("bk_job_id", wanted.bk_job_id)
    return render(await show_plan(call.platform, call.caller, scope_of(wanted), plan_id))


def render(shown: ShownPlan) -> JobDetailV2:
    """Return a plan as version 2 shows it."""
    plan, written = shown.plan, time_texts(shown.zone, offset=True)
    steps = [one for one in plan.steps if one.enabled]
    return JobDetailV2(
        bk_biz_id=plan.scope.id,
        bk_scope_type=plan.scope.type.value,
        bk_scope_id=str(plan.scope.id),
        bk_job_id=plan.id,
        name=plan.name,
        creator=plan.creator,
        create_time=written(plan.created_at),
        last_modify_user=plan.modifier,
        last_modify_time=written(plan.modified_at),
        step_num=len(steps),
        template_id=plan.template_id,
        steps=[_step(shown, one, written) for one in steps],
        global_vars=[_variable(shown.parts, one, steps) for one in plan.variables],
    )


def _days(name: str, start: str | None, end: str | None, zone: str) -> tuple[int | None, int | None]:
    """Return a span of whole days in milliseconds; either end may be open."""
    begin = midnight(f"{name}_start", start, zone) if start else None
    return begin, midnight(f"{name}_end", end, zone) + DAY_MS - 1 if end else None


def _line(scope: Scope, row: PlanRow, written: Written) -> JobLineV2:
    return JobLineV2(
        bk_biz_id=scope.id,
        bk_scope_type=scope.type.value,
        bk_scope_id=str(scope.id),
        bk_job_id=row.id,
        name=row.name,
        creator=row.creator,
        create_time=written(row.created_at),
        last_modify_user=row.modifier,
        last_modify_time=written(row.modified_at),
        step_num=row.step_count,
    )


def _step(shown: ShownPlan, one: PlanStep, written: Written) -> JobStepV2:
    """Return a step; who made it, and when, is what is known of its plan."""
    plan, action = shown.plan, one.step.action
    bare = JobStepV2(
        step_id=one.id,
        name=one.step.name,
        type=APPROVAL if isinstance(action, ApprovalSpec) else FILE if isinstance(action, FileAction) else SCRIPT,
        creator=plan.creator,
        create_time=written(plan.created_at),
        last_modify_user=plan.modifier,
        last_modify_time=written(plan.modified_at),
    )
    match action:
        case ScriptAction() | SqlAction():
            return _script(shown.parts, bare, action)
        case FileAction():
            return _files(shown.parts, bare, action)
        case ApprovalSpec(message=message):
            return msgspec.structs.replace(bare, confirm_message=message)


def _script(parts: Parts, bare: JobStepV2, action: ScriptAction | SqlAction) -> JobStepV2:
    kept, runner = parts.script(action), runner_of(parts, action)
    content = action.content if kept is None else kept.content
    is_sql, sensitive = isinstance(action, SqlAction), isinstance(action, ScriptAction) and action.sensitive
    params = action.params if isinstance(action, ScriptAction) else ""
    return msgspec.structs.replace(
        bare,
        script_id=action.script_version_id,
        script_content=content.decode("utf-8", "replace"),
        script_param=MASK if sensitive and params else params,
        script_timeout=action.timeout_s or DEFAULT_TIMEOUT_S,
        script_type=language_of(action, kept),
        is_param_sensitive=int(sensitive),
        account=_called(runner),
        account_id=None if is_sql else runner.id,
        db_account_id=runner.id if is_sql else None,
        ip_list=_hosts(parts, action.target),
        custom_query_id=list(action.target.dynamic_groups),
        target_server=_server(parts, action.target),
    )


def _files(parts: Parts, bare: JobStepV2, action: FileAction) -> JobStepV2:
    account = show_account(parts, Category.SYSTEM, action.account_id, action.account_alias)
    return msgspec.structs.replace(
        bare,
        script_timeout=action.timeout_s or DEFAULT_TIMEOUT_S,
        account=_called(account),
        account_id=account.id,
        file_target_path=action.target_path,
        file_source=[_source(parts, one) for one in action.sources],
        ip_list=_hosts(parts, action.target),
        custom_query_id=list(action.target.dynamic_groups),
        target_server=_server(parts, action.target),
    )


def _source(parts: Parts, source: NewSource) -> JobFileSourceV2:
    on_hosts = source.kind == FileKind.HOST
    account = show_account(parts, Category.SYSTEM, source.account_id, source.account_alias)
    return JobFileSourceV2(
        files=list(source.paths),
        account=_called(account) if on_hosts else None,
        ip_list=_hosts(parts, source.hosts),
        custom_query_id=list(source.hosts.dynamic_groups),
        target_server=_server(parts, source.hosts) if on_hosts else None,
    )


def _variable(parts: Parts, one: PlanVariable, steps: list[PlanStep]) -> JobVariableV2:
    variable, is_list = one.variable, one.variable.type is VariableType.HOSTS
    users = [step.id for step in steps if any(spec.variable == variable.name for spec in targets_of(step.step.action))]
    return JobVariableV2(
        id=one.id,
        category=variable.type,
        name=variable.name,
        value=None if is_list else variable.value,
        description=variable.description,
        ip_list=_hosts(parts, variable.hosts),
        custom_query_id=list(variable.hosts.dynamic_groups),
        target_server=_server(parts, variable.hosts) if is_list else None,
        step_ids=users,
    )


def _server(parts: Parts, spec: TargetSpec) -> JobServerV2:
    nodes = [JobNodeV2(node.id, node.type) for node in spec.topology_nodes]
    return JobServerV2(_hosts(parts, spec), list(spec.dynamic_groups), nodes)


def _hosts(parts: Parts, spec: TargetSpec) -> list[JobHostV2]:
    return [JobHostV2(host.cloud_id, host.ip) for host in named_by(spec, parts.hosts)]


def _called(account: PlanAccount) -> str | None:
    return account.alias or account.name
