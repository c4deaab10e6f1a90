"""Start plans: one job of many steps, with values of its own."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import msgspec

from jobfleet.engine.accept import JobHead, NewStep, accept_job, store_script
from jobfleet.engine.resolve import resolve
from jobfleet.engine.service import nudge
from jobfleet.model.account import Category
from jobfleet.model.caller import Action, Caller
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.errors import (
    AccountNotFoundError,
    ForeignHostsError,
    NoEnabledStepError,
    NoTargetError,
    TooManyTargetsError,
    UnknownPlanError,
)
from jobfleet.model.file_job import NewFileJob
from jobfleet.model.job import JobType, NewScriptJob, StartedJob, StepType
from jobfleet.model.scope import ScopeInfo
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import Target, TargetSpec, united
from jobfleet.model.template import (
    FileAction,
    NewPlanJob,
    Plan,
    PlanStep,
    PlanVariable,
    ScriptAction,
    SqlAction,
    host_lists,
    merge,
    with_hosts,
)
from jobfleet.model.variable import JobVariable, VariableType
from jobfleet.operations.access import demand, enter_scope
from jobfleet.operations.execute import caller_key, kept_answer
from jobfleet.operations.plan_secrets import open_plan
from jobfleet.operations.platform import Platform
from jobfleet.operations.sql import sql_step
from jobfleet.operations.transfer import file_step
from jobfleet.store import idempotency, inventory, plans
from jobfleet.store.database import Transaction
from jobfleet.store.inventory import Account

Asked = NewScriptJob | NewSqlJob | NewFileJob | ApprovalSpec
"""What a step of a plan asks for, as if it were a job of its own."""


async def start_plan(platform: Platform, caller: Caller, new: NewPlanJob) -> StartedJob:
    """Accept a job with the enabled steps of a plan, and start it unless `new.start` is False.

    With an idempotency key, the same request of the same caller is answered with the same job.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not launch plans there.
        UnknownPlanError, NoEnabledStepError: There is no such plan in the scope, or nothing to do in it.
        ScriptDisabledError, ScriptNotFoundError, AccountNotFoundError: What a step runs, or as whom, is not there.
        HostVariableNotFoundError: A step runs on a host list that the plan does not have.
        UnknownHostsError, ForeignHostsError, GroupNotFoundError, NoTargetError, NoSourceError, TooManyTargetsError,
        TooManyFileTasksError: See `resolve`; hosts of all steps and variables are told together.
        IdempotencyConflictError: The key was used with another request.

    Nothing is stored when a check fails.

    Source: docs/reference/plans.md, «Order of checks».
    """
    async with platform.engine.db.begin() as tx:
        started = await accept_plan(tx, platform, caller, new)
    if new.start:
        await nudge(platform.engine.bus, started.job_id)
    return started


async def accept_plan(tx: Transaction, platform: Platform, caller: Caller, new: NewPlanJob) -> StartedJob:
    """Do what `start_plan` does, within a transaction; nudge the engine when it is committed."""
    info = await enter_scope(tx, platform, caller, new.scope)
    kept = await kept_answer(tx, platform, caller, new)
    if kept is not None:
        return kept
    plan = await _plan(tx, platform, new)
    started = await _accept(tx, platform, caller, new, plan, info)
    if new.idempotency_key:
        await idempotency.keep(tx, caller_key(caller), new.idempotency_key, started)
    return started


async def _plan(tx: Transaction, platform: Platform, new: NewPlanJob) -> Plan:
    """Return the plan in clear, with the values of this run."""
    found = await plans.find(tx, new.scope, new.plan_id)
    if found is None:
        raise UnknownPlanError
    if not any(one.enabled for one in found.steps):
        raise NoEnabledStepError
    plan = open_plan(platform.engine.sealer, found)
    enabled = tuple(one for one in plan.steps if one.enabled)
    return msgspec.structs.replace(plan, steps=enabled, variables=merge(plan.variables, new.values))


async def _accept(
    tx: Transaction, platform: Platform, caller: Caller, new: NewPlanJob, plan: Plan, info: ScopeInfo
) -> StartedJob:
    lists = host_lists(plan.variables)
    asked = [_asked(new, one, lists) for one in plan.steps]
    accounts = [await _account(tx, one) for one in asked]
    tolerant = new.launch_mode.tolerates_lost_hosts
    await _check_hosts(tx, platform, info, [named for one in asked for named in _hosts_of(one)], tolerant=tolerant)
    steps = [
        await _step(tx, platform, info, one, wanted, account)
        for one, wanted, account in zip(plan.steps, asked, accounts, strict=True)
    ]
    variables = [await _variable(tx, platform, info, one, tolerant=tolerant) for one in plan.variables]
    demand(caller, Action.LAUNCH_JOB_PLAN, info)
    demand(caller, Action.USE_ACCOUNT, info)
    await _store_files(platform, asked)
    name, mode = new.name or plan.name, new.launch_mode
    head = JobHead(new.scope, name, JobType.PLAN, mode, new.start, new.callback_url, plan.id)
    return await accept_job(tx, platform.engine, caller, head, steps, variables)


def _asked(new: NewPlanJob, one: PlanStep, lists: Mapping[str, TargetSpec]) -> Asked:
    """Return what a step asks for, with the hosts of the lists that it names."""
    match one.step.action:
        case ScriptAction() as action:
            return _asked_script(new, one.step.name, action, lists)
        case SqlAction() as action:
            return _asked_sql(new, one.step.name, action, lists)
        case FileAction() as action:
            return _asked_files(new, one.step.name, action, lists)
        case ApprovalSpec() as approval:
            return approval


def _asked_script(new: NewPlanJob, name: str, action: ScriptAction, lists: Mapping[str, TargetSpec]) -> NewScriptJob:
    return NewScriptJob(
        scope=new.scope,
        name=name,
        language=action.language,
        content=action.content or None,
        params=action.params,
        sensitive=action.sensitive,
        account_id=action.account_id,
        account_alias=action.account_alias,
        timeout_s=action.timeout_s,
        target=with_hosts(action.target, lists),
        script_version_id=action.script_version_id,
        interpreter=action.interpreter,
        launch_mode=new.launch_mode,
        rolling=action.rolling,
    )


def _asked_files(new: NewPlanJob, name: str, action: FileAction, lists: Mapping[str, TargetSpec]) -> NewFileJob:
    sources = (msgspec.structs.replace(one, hosts=with_hosts(one.hosts, lists)) for one in action.sources)
    return NewFileJob(
        scope=new.scope,
        name=name,
        sources=tuple(sources),
        target_path=action.target_path,
        account_id=action.account_id,
        account_alias=action.account_alias,
        target=with_hosts(action.target, lists),
        mode=action.mode,
        contents=action.contents,
        target_name=action.target_name,
        timeout_s=action.timeout_s,
        upload_limit_kib_s=action.upload_limit_kib_s,
        download_limit_kib_s=action.download_limit_kib_s,
        launch_mode=new.launch_mode,
        rolling=action.rolling,
    )


def _asked_sql(new: NewPlanJob, name: str, action: SqlAction, lists: Mapping[str, TargetSpec]) -> NewSqlJob:
    return NewSqlJob(
        scope=new.scope,
        name=name,
        content=action.content or None,
        db_account_id=action.db_account_id,
        db_account_alias=action.db_account_alias,
        timeout_s=action.timeout_s,
        target=with_hosts(action.target, lists),
        script_version_id=action.script_version_id,
    )


async def _account(tx: Transaction, asked: Asked) -> Account | None:
    """Return the account that a script or its files run as; SQL steps look for theirs with their database's."""
    if isinstance(asked, ApprovalSpec | NewSqlJob):
        return None
    named = asked.account_id, asked.account_alias
    account = await inventory.find_account(tx, asked.scope, Category.SYSTEM, *named)
    if account is None:
        raise AccountNotFoundError(asked.account_id or asked.account_alias)
    return account


def _hosts_of(asked: Asked) -> list[tuple[str, TargetSpec]]:
    """Return the hosts that a step names, each with what they are for."""
    match asked:
        case NewScriptJob() | NewSqlJob():
            return [("script", asked.target)]
        case NewFileJob():
            return [("file", asked.target), *(("file", source.hosts) for source in asked.sources)]
        case ApprovalSpec():
            return []


async def _check_hosts(
    tx: Transaction, platform: Platform, info: ScopeInfo, named: Sequence[tuple[str, TargetSpec]], *, tolerant: bool
) -> None:
    """Refuse unknown and foreign hosts of all steps together; sizes are for each step to check."""
    for action in ("script", "file"):
        together = united(spec for wanted, spec in named if wanted == action)
        with suppress(NoTargetError, TooManyTargetsError):
            await resolve(tx, together, info, "", action=action, now=platform.engine.clock(), tolerant=tolerant)


async def _step(
    tx: Transaction, platform: Platform, info: ScopeInfo, one: PlanStep, asked: Asked, account: Account | None
) -> NewStep:
    step = await _made(tx, platform, info, one, asked, account)
    return msgspec.structs.replace(step, ignore_error=one.step.ignore_error, plan_step_id=one.id)


async def _made(
    tx: Transaction, platform: Platform, info: ScopeInfo, one: PlanStep, asked: Asked, account: Account | None
) -> NewStep:
    if isinstance(asked, NewScriptJob) and account is not None:
        tolerant, now = asked.launch_mode.tolerates_lost_hosts, platform.engine.clock()
        targets = await resolve(tx, asked.target, info, asked.name, action="script", now=now, tolerant=tolerant)
        spec = await store_script(tx, platform.engine, asked, account)
        return NewStep(asked.name, StepType.SCRIPT, spec, targets, asked.rolling)
    if isinstance(asked, NewFileJob):
        return await file_step(tx, platform, asked, info)
    if isinstance(asked, NewSqlJob):
        return await sql_step(tx, platform, asked, info)
    assert isinstance(asked, ApprovalSpec)
    return NewStep(one.step.name, StepType.APPROVAL, asked)


async def _variable(
    tx: Transaction, platform: Platform, info: ScopeInfo, one: PlanVariable, *, tolerant: bool
) -> JobVariable:
    variable, hosts = one.variable, list[Target]()
    if variable.type is VariableType.HOSTS:
        hosts = await _listed(tx, platform, info, variable.hosts, tolerant=tolerant)
    value, changeable = variable.value, variable.changeable
    return JobVariable(one.id, variable.name, variable.type, value, changeable, tuple(hosts))


async def _listed(
    tx: Transaction, platform: Platform, info: ScopeInfo, hosts: TargetSpec, *, tolerant: bool
) -> list[Target]:
    """Return the hosts of a list, which may be for scripts or for files; there may be none."""
    now = platform.engine.clock()
    for action in ("script", "file"):
        with suppress(NoTargetError, ForeignHostsError):
            found = await resolve(tx, hosts, info, "", action=action, now=now, tolerant=tolerant)
            return [target for target in found if target.initial is not TaskStatus.INVALID_TARGET]
    return []


async def _store_files(platform: Platform, asked: Iterable[Asked]) -> None:
    for one in asked:
        for given in one.contents if isinstance(one, NewFileJob) else ():
            await asyncio.to_thread(platform.engine.blobs.put, given.content)
