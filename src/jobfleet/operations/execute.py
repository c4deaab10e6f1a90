"""Start jobs."""

import msgspec

from jobfleet.engine.accept import accept_script, script_step
from jobfleet.engine.resolve_containers import resolve_objects
from jobfleet.engine.service import nudge
from jobfleet.model.account import Category
from jobfleet.model.caller import Caller
from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.job import LaunchMode, NewScriptJob, StartedJob
from jobfleet.model.job_errors import AccountNotFoundError
from jobfleet.model.labels import script_job_name
from jobfleet.model.scope import KnownScope
from jobfleet.model.script import Language
from jobfleet.model.target import ObjectSpec
from jobfleet.operations.access import demand_all, enter_scope
from jobfleet.operations.audit_trail import note_run
from jobfleet.operations.limits import within_limits
from jobfleet.operations.once import once
from jobfleet.operations.platform import Platform
from jobfleet.operations.quotas import check_quota
from jobfleet.operations.run_needs import account_use, script_run
from jobfleet.operations.scan import scan
from jobfleet.operations.script_content import LoadedScript, load_script
from jobfleet.operations.second_person import check_second
from jobfleet.store import inventory
from jobfleet.store.database import Transaction


async def start_script(platform: Platform, caller: Caller, new: NewScriptJob) -> StartedJob:
    """Accept a job that runs one script on hosts, and start it unless `new.start` is False.

    With an idempotency key, the same request of the same caller is answered with the same job.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.
        BadRequestError: See `within_limits`.
        ScriptNotFoundError, AccountNotFoundError: What should run, or as whom, does not exist.
        ScriptNotExecutableError, IllegalParameterError: The kept script is in no state to run, or is SQL.
        InterceptedError: A dangerous rule refuses the script.
        SystemQuotaError, ScopeQuotaError, AppQuotaError: As many jobs run as may.
        UnknownHostsError, ForeignHostsError, GroupNotFoundError, NoTargetError, TooManyTargetsError: See `resolve`.
        UnsupportedScopeError: Containers are asked for in a business set.
        IdempotencyConflictError: The key was used with another request.

    Nothing is stored when a check fails.

    Source: docs/reference/api.md, «Order of checks».
    """
    async with platform.engine.db.begin() as tx:
        started = await accept_run(tx, platform, caller, new)
    if new.start:
        by_clock = new.rolling is not None and new.rolling.parallel
        await nudge(platform.engine.bus, started.job_id, None if by_clock else started.step_id)
    return started


async def accept_run(tx: Transaction, platform: Platform, caller: Caller, new: NewScriptJob) -> StartedJob:
    """Do what `start_script` does, within a transaction; nudge the engine when it is committed."""
    info = await enter_scope(tx, platform, caller, new.scope)
    named = _named(new, caller, platform.engine.clock())
    key, asked = new.idempotency_key, msgspec.structs.replace(new, idempotency_key="")
    return await once(tx, platform, caller, key, asked, lambda: _accept(tx, platform, caller, named, info))


async def _accept(
    tx: Transaction, platform: Platform, caller: Caller, new: NewScriptJob, info: KnownScope
) -> StartedJob:
    new = await within_limits(tx, new)
    ctx = platform.engine
    new, loaded = await with_content(tx, platform, new)
    await scan(tx, platform, caller, info, new.language, new.content or b"", new.launch_mode)
    if new.start:
        await check_quota(tx, platform, caller, new.scope)
    account = await inventory.find_account(tx, new.scope, Category.SYSTEM, new.account_id, new.account_alias)
    if account is None:
        raise AccountNotFoundError(new.account_id or new.account_alias)
    meant = ObjectSpec(new.target, new.containers)
    targets = await resolve_objects(tx, meant, info, new.name, action="script", now=ctx.clock())
    needed = script_run(loaded, targets)
    demand_all(caller, info, needed, account_use(account.id, account.alias))
    step = await script_step(tx, ctx, new, account, targets)
    await check_second(tx, platform, caller, [(new, step)])
    started = await accept_script(tx, ctx, caller, new, step)
    await note_run(tx, platform, caller, new.scope, needed, started)
    return started


async def with_content(
    tx: Transaction, platform: Platform, new: NewScriptJob
) -> tuple[NewScriptJob, LoadedScript | None]:
    """Return the job with what it runs, and the kept script that this is from, if it names one.

    Raises:
        ScriptNotFoundError, ScriptNotExecutableError, IllegalParameterError: See `start_script`.
    """
    if new.content is not None:
        return new, None
    loaded = await load_script(tx, platform, new.scope, new.script_version_id, new.script_id)
    if loaded.language == Language.SQL:
        raise IllegalParameterError("language", "is SQL, which runs on databases")
    changes = {"content": loaded.content, "language": loaded.language, "public_script": loaded.public}
    ids = {"script_id": loaded.script_id, "script_version_id": loaded.version_id}
    return msgspec.structs.replace(new, **changes, **ids), loaded


def _named(new: NewScriptJob, caller: Caller, now: int) -> NewScriptJob:
    """Return the job with a name; not before the request was compared with an earlier one of the same key."""
    if new.name:
        return new
    by_hand = new.launch_mode is LaunchMode.PAGE
    return msgspec.structs.replace(new, name=script_job_name(caller.language, now, by_hand=by_hand))
