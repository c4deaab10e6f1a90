"""The steps of a plan as steps of a job: what they run, as whom, on which hosts."""

import asyncio
from collections.abc import Mapping

import msgspec

from jobfleet.engine.accept import NewStep, script_step
from jobfleet.engine.resolve_containers import resolve_objects
from jobfleet.model.account import Category
from jobfleet.model.caller import Caller
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.file_job import NewFileJob
from jobfleet.model.job import NewScriptJob, StepType
from jobfleet.model.job_errors import AccountNotFoundError, ScriptDisabledError
from jobfleet.model.plan_values import with_hosts
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.model.script import Language
from jobfleet.model.script_version import VersionState
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.model.target import ObjectSpec, TargetSpec
from jobfleet.model.template import FileAction, NewPlanJob, PlanStep, ScriptAction, SqlAction
from jobfleet.operations.platform import Platform
from jobfleet.operations.scan import scan
from jobfleet.operations.script_content import LoadedScript, load_version
from jobfleet.operations.sql import sql_step
from jobfleet.operations.transfer import file_step
from jobfleet.store import accounts, inventory
from jobfleet.store.database import Transaction
from jobfleet.store.inventory import Account

Asked = NewScriptJob | NewSqlJob | NewFileJob | ApprovalSpec
"""What a step of a plan asks for, as if it were a job of its own."""


async def ask(
    tx: Transaction, platform: Platform, new: NewPlanJob, one: PlanStep, lists: Mapping[str, TargetSpec]
) -> Asked:
    """Return what a step asks for, with its script's content and the hosts of the lists that it names.

    Raises:
        ScriptNotFoundError, ScriptDisabledError: The script version is gone or disabled.
        AccountNotFoundError: An account does not exist in the scope.
        HostVariableNotFoundError: The plan has no such host list.
    """
    asked = await _with_content(tx, platform, _asked(new, one))
    await _check_account(tx, asked)
    return _with_hosts(asked, lists)


def hosts_of(asked: Asked) -> list[tuple[str, TargetSpec]]:
    """Return the hosts that a step names, each with what they are for."""
    match asked:
        case NewScriptJob() | NewSqlJob():
            return [("script", asked.target)]
        case NewFileJob():
            return [("file", asked.target), *(("file", source.hosts) for source in asked.sources)]
        case ApprovalSpec():
            return []


async def make(tx: Transaction, platform: Platform, info: KnownScope, one: PlanStep, asked: Asked) -> NewStep:
    """Return a step for a job; its hosts are resolved."""
    step = await made_step(tx, platform, info, one.step.name, asked)
    return msgspec.structs.replace(step, ignore_error=one.step.ignore_error, plan_step_id=one.id)


async def scan_step(tx: Transaction, platform: Platform, caller: Caller, info: KnownScope, asked: Asked) -> None:
    """Do nothing when no dangerous-command rule intercepts what a step runs.

    Raises:
        InterceptedError: One does.
    """
    match asked:
        case NewScriptJob(content=bytes() as content, language=language):
            await scan(tx, platform, caller, info, language, content, asked.launch_mode)
        case NewSqlJob(content=bytes() as content):
            await scan(tx, platform, caller, info, Language.SQL, content, asked.launch_mode)


async def store_files(platform: Platform, asked: Asked) -> None:
    """Store the files that a step holds itself, for its hosts to fetch."""
    for given in asked.contents if isinstance(asked, NewFileJob) else ():
        await asyncio.to_thread(platform.engine.blobs.put, given.content)


def _asked(new: NewPlanJob, one: PlanStep) -> Asked:
    match one.step.action:
        case ScriptAction() as action:
            return _asked_script(new, one.step.name, action)
        case SqlAction() as action:
            return _asked_sql(new, one.step.name, action)
        case FileAction() as action:
            return _asked_files(new, one.step.name, action)
        case ApprovalSpec() as approval:
            return approval


def _asked_script(new: NewPlanJob, name: str, action: ScriptAction) -> NewScriptJob:
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
        target=action.target,
        script_version_id=action.script_version_id,
        interpreter=action.interpreter,
        launch_mode=new.launch_mode,
        rolling=action.rolling,
    )


def _asked_sql(new: NewPlanJob, name: str, action: SqlAction) -> NewSqlJob:
    return NewSqlJob(
        scope=new.scope,
        name=name,
        content=action.content or None,
        db_account_id=action.db_account_id,
        db_account_alias=action.db_account_alias,
        timeout_s=action.timeout_s,
        target=action.target,
        script_version_id=action.script_version_id,
        launch_mode=new.launch_mode,
    )


def _asked_files(new: NewPlanJob, name: str, action: FileAction) -> NewFileJob:
    return NewFileJob(
        scope=new.scope,
        name=name,
        sources=action.sources,
        target_path=action.target_path,
        account_id=action.account_id,
        account_alias=action.account_alias,
        target=action.target,
        mode=action.mode,
        contents=action.contents,
        target_name=action.target_name,
        timeout_s=action.timeout_s,
        upload_limit_kib_s=action.upload_limit_kib_s,
        download_limit_kib_s=action.download_limit_kib_s,
        launch_mode=new.launch_mode,
        rolling=action.rolling,
    )


async def _with_content(tx: Transaction, platform: Platform, asked: Asked) -> Asked:
    if not isinstance(asked, NewScriptJob | NewSqlJob) or asked.script_version_id is None:
        return asked
    loaded = await load_for_plan(tx, platform, asked.scope, asked.script_version_id)
    named = msgspec.structs.replace(asked, content=loaded.content, script_id=loaded.script_id)
    if isinstance(named, NewSqlJob):
        return named
    return msgspec.structs.replace(named, language=loaded.language, public_script=loaded.public)


async def load_for_plan(tx: Transaction, platform: Platform, scope: Scope, version_id: int) -> LoadedScript:
    """Return a version of a script that a plan's step runs; one that went offline since the plan was made still does.

    Raises:
        ScriptNotFoundError, ScriptDisabledError: The version is gone or disabled.
    """
    loaded = await load_version(tx, platform, scope, version_id)
    if loaded.state is VersionState.DISABLED:
        raise ScriptDisabledError(version_id)
    return loaded


async def _check_account(tx: Transaction, asked: Asked) -> None:
    match asked:
        case NewScriptJob() | NewFileJob():
            await _account(tx, asked)
        case NewSqlJob():
            if await accounts.find_database(tx, asked.scope, asked.db_account_id, asked.db_account_alias) is None:
                raise AccountNotFoundError(asked.db_account_id or asked.db_account_alias)


async def _account(tx: Transaction, asked: NewScriptJob | NewFileJob) -> Account:
    named = asked.account_id, asked.account_alias
    account = await inventory.find_account(tx, asked.scope, Category.SYSTEM, *named)
    if account is None:
        raise AccountNotFoundError(asked.account_id or asked.account_alias)
    return account


def _with_hosts(asked: Asked, lists: Mapping[str, TargetSpec]) -> Asked:
    if isinstance(asked, ApprovalSpec):
        return asked
    chosen = msgspec.structs.replace(asked, target=with_hosts(asked.target, lists))
    if not isinstance(chosen, NewFileJob):
        return chosen
    sources = (msgspec.structs.replace(one, hosts=with_hosts(one.hosts, lists)) for one in chosen.sources)
    return msgspec.structs.replace(chosen, sources=tuple(sources))


async def made_step(tx: Transaction, platform: Platform, info: KnownScope, name: str, asked: Asked) -> NewStep:
    """Return what is asked for as a step; its accounts and hosts are resolved, its script is stored."""
    match asked:
        case NewScriptJob():
            return await _script_step(tx, platform, info, asked)
        case NewSqlJob():
            return await sql_step(tx, platform, asked, info)
        case NewFileJob():
            return await file_step(tx, platform, asked, info)
        case ApprovalSpec():
            return NewStep(name, StepType.APPROVAL, asked)


async def _script_step(tx: Transaction, platform: Platform, info: KnownScope, asked: NewScriptJob) -> NewStep:
    tolerant, now = asked.launch_mode.tolerates_lost_hosts, platform.engine.clock()
    meant = ObjectSpec(asked.target, asked.containers)
    targets = await resolve_objects(tx, meant, info, asked.name, action="script", now=now, tolerant=tolerant)
    return await script_step(tx, platform.engine, asked, await _account(tx, asked), targets)
