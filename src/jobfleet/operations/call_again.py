"""Find out what a call has to say that starts what a job did: everything it was asked for, by the names of now."""

from collections.abc import Iterable, Sequence

import msgspec

from jobfleet.engine.variables import load_variables
from jobfleet.model.caller import Action, Caller
from jobfleet.model.definition import FileKind
from jobfleet.model.file_job import NewFileJob, NewSource
from jobfleet.model.job import Job, JobType, NewScriptJob, Step
from jobfleet.model.job_errors import AccountNotFoundError
from jobfleet.model.resource_errors import FileSourceNotFoundError, ScriptNotFoundError
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.model.template import Variable
from jobfleet.model.variable import JobVariable, VariableType, same_value
from jobfleet.operations.access import demand_all
from jobfleet.operations.plan_secrets import open_plan, open_template
from jobfleet.operations.plan_steps import made_step
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_job
from jobfleet.operations.redo import asked_of
from jobfleet.operations.run_needs import accounts_use, hosts_use
from jobfleet.operations.script_content import load_script
from jobfleet.store import accounts, file_sources, jobs, plans, templates
from jobfleet.store.database import Transaction

Quick = NewScriptJob | NewSqlJob | NewFileJob


class QuickAgain(msgspec.Struct, frozen=True):
    """Hold a job of one step as it was asked for; accounts and file sources have the names of now.

    A kept script is named when its version still holds what ran; otherwise `asked` has the content alone, and
    `left_script` says that it was a kept one.
    """

    job: Job
    asked: Quick
    left_script: bool = False


class PlanAgain(msgspec.Struct, frozen=True):
    """Hold what a run of a plan, or a test run of a template, was given besides the values that are there now.

    `debugged` is the template's id, None for a run of `plan_id`. `values` are those that differ, passwords masked and
    named in `secrets`; `changed_since` tells that somebody changed the plan or the template after the run began.
    """

    job: Job
    plan_id: int
    debugged: int | None
    values: tuple[JobVariable, ...]
    secrets: frozenset[str]
    changed_since: bool


class GoneAgain(msgspec.Struct, frozen=True):
    """Say that a job was started from a plan that is not there any more: no call can name it."""

    job: Job


Again = QuickAgain | PlanAgain | GoneAgain


async def call_again(platform: Platform, caller: Caller, scope: Scope, job_id: int) -> Again:
    """Return what a call has to say that starts what a job did.

    Contents that came with a request are told to those only who may start such a job: files hold passwords.

    Raises:
        MissingOrIllegalParameterError, ScopeNotFoundError, ForbiddenError, JobNotFoundError: See `visible_job`.
        ContentNotFoundError: What it ran or sent is not kept any more.
        ScriptNotExecutableError: The kept script that it ran was disabled since.
        AccountNotFoundError, FileSourceNotFoundError: It ran as an account, or took objects of a source, that is gone.

    Source: docs/reference/native-api.md, «As a call».
    """
    async with platform.engine.db.begin() as tx:
        job, info = await visible_job(tx, platform, caller, scope, job_id)
        if job.type is JobType.PLAN:
            return await _plan(tx, platform, job)
        [step] = await jobs.list_steps(tx, job.id)
        return await _quick(tx, platform, caller, info, job, step)


async def _quick(
    tx: Transaction, platform: Platform, caller: Caller, info: KnownScope, job: Job, step: Step
) -> QuickAgain:
    asked = await asked_of(tx, platform, job, step)
    match asked:
        case NewScriptJob():
            named = msgspec.structs.replace(asked, account_alias=await _alias(tx, job.scope, asked.account_id))
            return await _with_script(tx, platform, job, named)
        case NewSqlJob():
            return await _with_script(tx, platform, job, await _sql(tx, asked))
        case NewFileJob():
            if asked.contents:
                await _demand_start(tx, platform, caller, info, asked)
            return QuickAgain(job, await _files(tx, job.scope, asked))
    raise ScriptNotFoundError(step.id)  # nobody starts a job that only asks a person


async def _with_script(tx: Transaction, platform: Platform, job: Job, asked: NewScriptJob | NewSqlJob) -> QuickAgain:
    if asked.script_version_id is None:
        return QuickAgain(job, asked)
    try:
        kept = await load_script(tx, platform, job.scope, asked.script_version_id)
    except ScriptNotFoundError:
        kept = None
    if kept is not None and kept.content == asked.content:
        return QuickAgain(job, asked)
    return QuickAgain(job, msgspec.structs.replace(asked, script_version_id=None, script_id=""), left_script=True)


async def _alias(tx: Transaction, scope: Scope, account_id: int | None) -> str:
    found = await accounts.find(tx, scope, account_id or 0)
    if found is None:
        raise AccountNotFoundError(account_id)
    return found.alias


async def _sql(tx: Transaction, asked: NewSqlJob) -> NewSqlJob:
    found = await accounts.find_database(tx, asked.scope, asked.db_account_id, "")
    if found is None:
        raise AccountNotFoundError(asked.db_account_id)
    return msgspec.structs.replace(asked, db_account_alias=found.alias)


async def _files(tx: Transaction, scope: Scope, asked: NewFileJob) -> NewFileJob:
    sources = tuple([await _source(tx, scope, one) for one in asked.sources])
    return msgspec.structs.replace(asked, sources=sources, account_alias=await _alias(tx, scope, asked.account_id))


async def _source(tx: Transaction, scope: Scope, one: NewSource) -> NewSource:
    if one.kind == FileKind.HOST:
        return msgspec.structs.replace(one, account_alias=await _alias(tx, scope, one.account_id))
    if one.kind == FileKind.FILE_SOURCE:
        return msgspec.structs.replace(one, file_source_code=await _code(tx, scope, one.file_source_id))
    return one


async def _code(tx: Transaction, scope: Scope, source_id: int | None) -> str:
    found = next((one for one in await file_sources.list_usable(tx, scope) if one.id == source_id), None)
    if found is None:
        raise FileSourceNotFoundError(source_id)
    return found.code


async def _demand_start(
    tx: Transaction, platform: Platform, caller: Caller, info: KnownScope, asked: NewFileJob
) -> None:
    step = await made_step(tx, platform, info, asked.name, asked)
    demand_all(caller, info, hosts_use(Action.QUICK_TRANSFER_FILE, [step]), accounts_use([step]))


async def _plan(tx: Transaction, platform: Platform, job: Job) -> PlanAgain | GoneAgain:
    sealer = platform.engine.sealer
    first = await load_variables(tx, platform.engine, job.id)
    plan = None if job.plan_id is None else await plans.find(tx, job.scope, job.plan_id)
    if plan is not None:
        known = [one.variable for one in open_plan(sealer, plan).variables]
        values, secrets = _given(known, first)
        return PlanAgain(job, plan.id, None, values, secrets, plan.modified_at > job.created_at)
    tried = None if job.plan_id is None else await plans.find_debugged(tx, job.scope, job.plan_id)
    template = None if tried is None else await templates.find(tx, job.scope, tried)
    if template is None or job.plan_id is None:
        return GoneAgain(job)
    values, secrets = _given(open_template(sealer, template).variables, first)
    return PlanAgain(job, job.plan_id, template.id, values, secrets, template.modified_at > job.created_at)


def _given(known: Iterable[Variable], first: Sequence[JobVariable]) -> tuple[tuple[JobVariable, ...], frozenset[str]]:
    """Return the values that a run had besides those that are there, in their order, and which are secrets."""
    there = {one.name: one for one in known}
    given = [one for one in first if one.name in there and not _is_same(there[one.name], one)]
    secrets = frozenset(one.name for one in given if one.type is VariableType.PASSWORD)
    return tuple(msgspec.structs.replace(one, value="") if one.name in secrets else one for one in given), secrets


def _is_same(there: Variable, had: JobVariable) -> bool:
    """Tell whether a value need not be given: what a list of hosts comes to now, only the start knows."""
    if had.type is VariableType.HOSTS:
        return there.hosts.is_empty and not had.value
    return there.type is had.type and same_value(had.type, there.value, had.value)
