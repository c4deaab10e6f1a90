"""Run a job that is over once more, as it was asked for then, with the rights and the inventory of now."""

import asyncio
import hashlib
from collections.abc import Sequence

import msgspec

from jobfleet.engine.accept import JobHead, NewStep, accept_job
from jobfleet.engine.definition import check_seal
from jobfleet.engine.sealing import content_purpose
from jobfleet.engine.service import nudge
from jobfleet.engine.variables import load_variables
from jobfleet.model.caller import Action, Caller
from jobfleet.model.container import ContainerSpec
from jobfleet.model.definition import ApprovalSpec, FileItem, FileKind, FileSource, FileSpec, SqlSpec
from jobfleet.model.errors import InternalError, UnsupportedOperationError
from jobfleet.model.file_job import NewContent, NewFileJob, NewSource
from jobfleet.model.job import Job, JobType, LaunchMode, NewScriptJob, StartedJob, Step
from jobfleet.model.job_errors import ContentNotFoundError
from jobfleet.model.permission import Needed
from jobfleet.model.platform_settings import check_callback
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.model.script import ScriptSpec
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import PlanVariable, Variable
from jobfleet.model.variable import JobVariable
from jobfleet.operations.access import demand_all
from jobfleet.operations.limits import step_within
from jobfleet.operations.once import once
from jobfleet.operations.plan_steps import Asked, load_for_plan, made_step, scan_step, store_files
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_job
from jobfleet.operations.quotas import check_quota
from jobfleet.operations.run_needs import accounts_use, hosts_use, script_run
from jobfleet.operations.script_content import LoadedScript, load_script
from jobfleet.operations.second_person import check_second
from jobfleet.store import audit, contents, files, jobs, platform_settings, task_reads
from jobfleet.store.database import Transaction


class Redo(msgspec.Struct, frozen=True):
    """Name a finished job that is to run once more."""

    job_id: int


async def redo(platform: Platform, caller: Caller, scope: Scope, job_id: int, *, key: str = "") -> StartedJob:
    """Start a job that does what a finished one did, on the same hosts, as the same accounts, with the first values.

    With an idempotency key, the same request of the same caller is answered with the same job.
    Who starts it needs what the first start needed; scripts are searched for dangerous commands again.

    Raises:
        MissingOrIllegalParameterError, ScopeNotFoundError, ForbiddenError, JobNotFoundError: See `visible_job`.
        UnsupportedOperationError: The job is not over.
        BadRequestError: See `within_limits`.
        ScriptNotFoundError, ScriptNotExecutableError, ScriptDisabledError: A kept script is gone or may not run.
        ContentNotFoundError: A script or a file that was given for the job is not kept any more.
        AccountNotFoundError, UnknownHostsError, ForeignHostsError, FileSourceNotFoundError: What it ran on, or as
            whom, is not there any more.
        InterceptedError: A dangerous-command rule refuses a script.
        SystemQuotaError, ScopeQuotaError, AppQuotaError: As many jobs run as may.
        IdempotencyConflictError: The key was used with another request.

    Nothing is stored when a check fails.

    Source: docs/reference/native-api.md, «Once more».
    """
    async with platform.engine.db.begin() as tx:
        started = await accept_redo(tx, platform, caller, scope, job_id, key=key)
    await nudge(platform.engine.bus, started.job_id)
    return started


async def accept_redo(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope, job_id: int, *, key: str = ""
) -> StartedJob:
    """Do what `redo` does, within a transaction; nudge the engine when it is committed."""
    job, info = await visible_job(tx, platform, caller, scope, job_id)
    if not job.finished:
        raise UnsupportedOperationError(job_id)
    asked = Redo(job_id)
    return await once(tx, platform, caller, key, asked, lambda: _accept(tx, platform, caller, job, info))


async def _accept(tx: Transaction, platform: Platform, caller: Caller, job: Job, info: KnownScope) -> StartedJob:
    await check_quota(tx, platform, caller, job.scope)
    settings = await platform_settings.load(tx)
    check_callback(settings, job.callback_url)
    before = await jobs.list_steps(tx, job.id)
    asked = [step_within(settings, await asked_of(tx, platform, job, step)) for step in before]
    kept = [await kept_script(tx, platform, job, one) for one in asked]
    for wanted in asked:
        await scan_step(tx, platform, caller, info, wanted)
    steps = [await _made(tx, platform, info, step, one) for step, one in zip(before, asked, strict=True)]
    demand_all(caller, info, needed_of(job, steps, kept[0]), accounts_use(steps))
    variables = await load_variables(tx, platform.engine, job.id)
    await check_second(tx, platform, caller, list(zip(asked, steps, strict=True)), as_of_plan(variables))
    for wanted in asked:
        await store_files(platform, wanted)
    head = JobHead(job.scope, job.name, job.type, LaunchMode.PAGE, True, job.callback_url, job.plan_id)
    started = await accept_job(tx, platform.engine, caller, head, steps, variables)
    await _note(tx, platform, caller, job)
    return started


async def _note(tx: Transaction, platform: Platform, caller: Caller, job: Job) -> None:
    approved = "" if caller.approval is None else f", approved by {caller.approval.by}"
    subject, now = f"redo job {job.id}{approved}", platform.engine.clock()
    await audit.insert(tx, caller, action_of_job(job), subject, now, job.scope)


async def _made(tx: Transaction, platform: Platform, info: KnownScope, step: Step, asked: Asked) -> NewStep:
    return as_before(await made_step(tx, platform, info, step.name, asked), step)


def as_before(made: NewStep, step: Step) -> NewStep:
    """Return a step with what it has of its plan, from the one that it repeats."""
    return msgspec.structs.replace(made, ignore_error=step.ignore_error, plan_step_id=step.plan_step_id)


def as_of_plan(variables: Sequence[JobVariable]) -> list[PlanVariable]:
    """Return the first values of a job as those of a plan; of a list of hosts its text."""
    return [
        PlanVariable(one.id, Variable(one.name, one.type, one.text, changeable=one.changeable)) for one in variables
    ]


def action_of_job(job: Job) -> Action:
    """Return what starting such a job needs."""
    match job.type:
        case JobType.PLAN:
            return Action.LAUNCH_JOB_PLAN
        case JobType.FILE:
            return Action.QUICK_TRANSFER_FILE
        case JobType.SCRIPT:
            return Action.QUICK_EXECUTE_SCRIPT


def needed_of(job: Job, steps: Sequence[NewStep], kept: LoadedScript | None) -> Needed:
    """Return what starting such a job needs; `kept` is the kept script that its first step runs."""
    if job.type is JobType.SCRIPT and kept is not None:
        return script_run(kept, steps[0].targets)
    return hosts_use(action_of_job(job), steps)


async def kept_script(tx: Transaction, platform: Platform, job: Job, asked: Asked) -> LoadedScript | None:
    """Return the kept script that a step runs, in a state in which such a job may run it now; None without one.

    What runs is the content of then: a version may have got another since.

    Raises:
        ScriptNotFoundError, ScriptNotExecutableError, ScriptDisabledError: See `redo`.
    """
    if not isinstance(asked, NewScriptJob | NewSqlJob) or asked.script_version_id is None:
        return None
    if job.type is JobType.PLAN:
        return await load_for_plan(tx, platform, job.scope, asked.script_version_id)
    return await load_script(tx, platform, job.scope, asked.script_version_id)


async def asked_of(tx: Transaction, platform: Platform, job: Job, step: Step) -> Asked:
    """Return what a step was asked to do, as if it were a job of its own.

    Raises:
        InternalError: The step is not as it was accepted: what somebody wrote into the database is not run anew.
    """
    await check_seal(tx, platform.engine, step)
    targets = await task_reads.list_targets(tx, job.id, step.id)
    hosts = TargetSpec(host_ids=tuple(target.host_id for target in targets if target.container is None))
    containers = ContainerSpec(tuple(target.container.id for target in targets if target.container is not None))
    match step.definition:
        case ScriptSpec() as script:
            asked = await _asked_script(tx, platform, job, step, script, hosts)
            return msgspec.structs.replace(asked, containers=containers)
        case SqlSpec() as sql:
            return await _asked_sql(tx, platform, job, step, sql, hosts)
        case FileSpec() as file:
            moved = await _asked_files(tx, platform, job, step, file, hosts)
            return msgspec.structs.replace(moved, containers=containers)
        case ApprovalSpec() as approval:
            return approval


async def _asked_script(
    tx: Transaction, platform: Platform, job: Job, step: Step, script: ScriptSpec, hosts: TargetSpec
) -> NewScriptJob:
    sealer = platform.engine.sealer
    return NewScriptJob(
        scope=job.scope,
        name=step.name,
        language=script.language,
        content=await _content(tx, platform, script.content_hash),
        params=sealer.open_text(script.params, "params") if script.sensitive else script.params,
        sensitive=script.sensitive,
        account_id=script.account_id,
        account_alias=script.account_alias,
        timeout_s=script.timeout_s,
        target=hosts,
        script_version_id=script.script_version_id,
        script_id=script.script_id,
        interpreter=script.interpreter,
        launch_mode=LaunchMode.PAGE,
        rolling=step.rolling,
        public_script=script.public,
    )


async def _asked_sql(
    tx: Transaction, platform: Platform, job: Job, step: Step, sql: SqlSpec, hosts: TargetSpec
) -> NewSqlJob:
    return NewSqlJob(
        scope=job.scope,
        name=step.name,
        content=await _content(tx, platform, sql.content_hash),
        db_account_id=sql.db_account_id,
        db_account_alias=sql.db_account_alias,
        timeout_s=sql.timeout_s,
        target=hosts,
        script_version_id=sql.script_version_id,
        script_id=sql.script_id,
        public_script=sql.public,
        launch_mode=LaunchMode.PAGE,
    )


async def _content(tx: Transaction, platform: Platform, content_hash: str) -> bytes:
    sealed = await contents.find(tx, content_hash)
    if sealed is None:
        raise ContentNotFoundError(content_hash)
    return _proven(platform.engine.sealer.open(sealed, content_purpose(content_hash)), content_hash)


def _proven(content: bytes, content_hash: str) -> bytes:
    if hashlib.sha256(content).hexdigest() != content_hash:
        raise InternalError(detail=f"the content {content_hash} was changed")
    return content


async def _asked_files(
    tx: Transaction, platform: Platform, job: Job, step: Step, file: FileSpec, hosts: TargetSpec
) -> NewFileJob:
    await _check_uploads(tx, platform, job.scope, file.sources)
    given = [item for source in file.sources if source.kind == FileKind.CONTENT for item in source.items]
    return NewFileJob(
        scope=job.scope,
        name=step.name,
        sources=tuple(_asked_source(one) for one in file.sources if one.kind != FileKind.CONTENT),
        target_path=file.target_path,
        account_id=file.account_id,
        account_alias=file.account_alias,
        target=hosts,
        mode=file.mode,
        contents=tuple([NewContent(item.path, await _file(platform, item)) for item in given]),
        target_name=file.target_name,
        timeout_s=file.timeout_s,
        upload_limit_kib_s=file.upload_limit_kib_s,
        download_limit_kib_s=file.download_limit_kib_s,
        launch_mode=LaunchMode.PAGE,
        rolling=step.rolling,
    )


def _asked_source(source: FileSource) -> NewSource:
    return NewSource(
        kind=source.kind,
        paths=tuple(item.path for item in source.items),
        account_id=source.account_id or None,
        hosts=TargetSpec(host_ids=source.host_ids) if source.kind == FileKind.HOST else TargetSpec(),
        file_source_id=source.file_source_id or None,
    )


async def _check_uploads(tx: Transaction, platform: Platform, scope: Scope, sources: Sequence[FileSource]) -> None:
    items = [item for source in sources if source.kind == FileKind.UPLOAD for item in source.items]
    there = await files.find_uploads(tx, scope, [item.path for item in items])
    for item in items:
        held = await asyncio.to_thread(platform.engine.blobs.find, item.content_hash)
        if item.path not in there or held is None:
            raise ContentNotFoundError(item.path)


async def _file(platform: Platform, item: FileItem) -> bytes:
    path = await asyncio.to_thread(platform.engine.blobs.find, item.content_hash)
    if path is None:
        raise ContentNotFoundError(item.path)
    return _proven(await asyncio.to_thread(path.read_bytes), item.content_hash)
