"""Start jobs that run SQL."""

import hashlib

import msgspec

from jobfleet.engine.accept import JobHead, NewStep, accept_job
from jobfleet.engine.resolve import resolve
from jobfleet.engine.sealing import content_purpose
from jobfleet.engine.service import nudge
from jobfleet.model.caller import Caller
from jobfleet.model.definition import SqlSpec
from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.job import JobType, LaunchMode, StartedJob, StepType
from jobfleet.model.job_errors import AccountNotFoundError
from jobfleet.model.labels import sql_job_name
from jobfleet.model.resource_errors import LinkedAccountNotFoundError
from jobfleet.model.scope import KnownScope
from jobfleet.model.script import DEFAULT_TIMEOUT_S, Language
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.operations.access import demand_all, enter_scope
from jobfleet.operations.audit_trail import note_run
from jobfleet.operations.limits import within_limits
from jobfleet.operations.once import once
from jobfleet.operations.platform import Platform
from jobfleet.operations.quotas import check_quota
from jobfleet.operations.run_needs import accounts_use, script_run
from jobfleet.operations.scan import scan
from jobfleet.operations.script_content import LoadedScript, load_script
from jobfleet.operations.second_person import check_second
from jobfleet.store import accounts, contents
from jobfleet.store.accounts import DatabaseAccount
from jobfleet.store.database import Transaction


async def start_sql(platform: Platform, caller: Caller, new: NewSqlJob) -> StartedJob:
    """Accept a job that runs SQL on hosts, and start it unless `new.start` is False.

    With an idempotency key, the same request of the same caller is answered with the same job.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.
        BadRequestError: See `within_limits`.
        ScriptNotFoundError, AccountNotFoundError, LinkedAccountNotFoundError: What should run, or as whom, does not
            exist.
        ScriptNotExecutableError, IllegalParameterError: The kept script is in no state to run, or is no SQL.
        InterceptedError: A dangerous rule refuses the SQL.
        SystemQuotaError, ScopeQuotaError, AppQuotaError: As many jobs run as may.
        UnknownHostsError, ForeignHostsError, GroupNotFoundError, NoTargetError, TooManyTargetsError: See `resolve`.
        IdempotencyConflictError: The key was used with another request.

    Source: docs/reference/sql.md.
    """
    async with platform.engine.db.begin() as tx:
        started = await accept_sql(tx, platform, caller, new)
    if new.start:
        await nudge(platform.engine.bus, started.job_id, started.step_id)
    return started


async def accept_sql(tx: Transaction, platform: Platform, caller: Caller, new: NewSqlJob) -> StartedJob:
    """Do what `start_sql` does, within a transaction; nudge the engine when it is committed."""
    info = await enter_scope(tx, platform, caller, new.scope)
    named = _named(new, caller, platform.engine.clock())
    key, asked = new.idempotency_key, msgspec.structs.replace(new, idempotency_key="")
    return await once(tx, platform, caller, key, asked, lambda: _accept(tx, platform, caller, named, info))


async def _accept(tx: Transaction, platform: Platform, caller: Caller, new: NewSqlJob, info: KnownScope) -> StartedJob:
    new = await within_limits(tx, new)
    new, loaded = await with_content(tx, platform, new)
    await scan(tx, platform, caller, info, Language.SQL, new.content or b"", new.launch_mode)
    if new.start:
        await check_quota(tx, platform, caller, new.scope)
    step = await sql_step(tx, platform, new, info)
    needed = script_run(loaded, step.targets)
    demand_all(caller, info, needed, accounts_use([step]))
    await check_second(tx, platform, caller, [(new, step)])
    head = JobHead(new.scope, new.name, JobType.SCRIPT, new.launch_mode, new.start, new.callback_url)
    started = await accept_job(tx, platform.engine, caller, head, [step])
    await note_run(tx, platform, caller, new.scope, needed, started)
    return started


async def with_content(tx: Transaction, platform: Platform, new: NewSqlJob) -> tuple[NewSqlJob, LoadedScript | None]:
    """Return the job with what it runs, and the kept script that this is from, if it names one.

    Raises:
        ScriptNotFoundError, ScriptNotExecutableError, IllegalParameterError: See `start_sql`.
    """
    if new.content is not None:
        return new, None
    loaded = await load_script(tx, platform, new.scope, new.script_version_id, new.script_id)
    if loaded.language != Language.SQL:
        raise IllegalParameterError("language", "is not SQL")
    ids = {"script_id": loaded.script_id, "script_version_id": loaded.version_id}
    return msgspec.structs.replace(new, content=loaded.content, public_script=loaded.public, **ids), loaded


async def sql_step(tx: Transaction, platform: Platform, new: NewSqlJob, info: KnownScope) -> NewStep:
    """Return the step of a new job that runs SQL; its account and hosts are resolved, its content is stored.

    Args:
        new: With the content that runs, whatever it was chosen by.

    Raises:
        AccountNotFoundError, LinkedAccountNotFoundError, UnknownHostsError, ForeignHostsError, GroupNotFoundError,
        NoTargetError, TooManyTargetsError: See `start_sql`.
    """
    ctx, content = platform.engine, new.content or b""
    account = await _account(tx, new)
    tolerant, now = new.launch_mode.tolerates_lost_hosts, ctx.clock()
    targets = await resolve(tx, new.target, info, new.name, action="script", now=now, tolerant=tolerant)
    content_hash = hashlib.sha256(content).hexdigest()
    await contents.insert(tx, content_hash, ctx.sealer.seal(content, content_purpose(content_hash)), now)
    return NewStep(new.name, StepType.SQL, _spec(new, content_hash, len(content), account), targets)


async def _account(tx: Transaction, new: NewSqlJob) -> DatabaseAccount:
    account = await accounts.find_database(tx, new.scope, new.db_account_id, new.db_account_alias)
    if account is None:
        raise AccountNotFoundError(new.db_account_id or new.db_account_alias)
    if account.os_id is None:
        raise LinkedAccountNotFoundError(f"{account.alias} is linked to none")
    return account


def _spec(new: NewSqlJob, content_hash: str, content_bytes: int, account: DatabaseAccount) -> SqlSpec:
    return SqlSpec(
        content_hash=content_hash,
        content_bytes=content_bytes,
        timeout_s=new.timeout_s or DEFAULT_TIMEOUT_S,
        account=account.os_account,
        account_id=account.os_id or 0,
        account_alias=account.os_alias,
        db_type=account.type.value,
        db_account_id=account.id,
        db_account_alias=account.alias,
        db_account=account.account,
        db_password=account.password,
        db_port=account.port,
        db_name=account.database,
        script_id=new.script_id,
        script_version_id=new.script_version_id,
        public=new.public_script,
    )


def _named(new: NewSqlJob, caller: Caller, now: int) -> NewSqlJob:
    if new.name:
        return new
    by_hand = new.launch_mode is LaunchMode.PAGE
    return msgspec.structs.replace(new, name=sql_job_name(caller.language, now, by_hand=by_hand))
