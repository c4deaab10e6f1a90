"""Say who hears of jobs and over which channels, and who is never sent anything."""

from collections.abc import Sequence

from jobfleet.model.caller import Action, Caller
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.notify_policy import Policy, PolicySet, check_policies
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.operations.access import demand, demand_platform, enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.store import audit
from jobfleet.store import notify_policies as store
from jobfleet.store.database import Transaction

_ACTION = Action.SET_NOTIFICATIONS
MAX_MUTED = 1_000
"""Most people who are sent nothing."""


async def scope_policies(platform: Platform, caller: Caller, scope: Scope) -> PolicySet:
    """Return the policies that count in a scope; the usual ones while it never saved any.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        return await store.shown(tx, scope)


async def own_policies(platform: Platform, caller: Caller, scope: Scope) -> PolicySet:
    """Return the caller's own policies in a scope.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        return await store.shown(tx, scope, caller.username)


async def save(
    platform: Platform, caller: Caller, scope: Scope, policies: Sequence[Policy], *, own: bool = False
) -> PolicySet:
    """Store policies of a scope, or the caller's own in it, in place of those that were there.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        IllegalParameterReasonError: See `check_policies`; or an observer is not known.

    Source: docs/reference/notifications.md, «Policies».
    """
    now = platform.engine.clock()
    chosen = PolicySet(tuple(policies), caller.username, now)
    async with platform.engine.db.begin() as tx:
        person = _person(caller, await enter_scope(tx, platform, caller, scope), own=own)
        check_policies(policies)
        await _check_known(tx, "observers", [name for one in policies for name in one.observers])
        await store.upsert(tx, scope, person, chosen)
        await audit.insert(tx, caller, _ACTION, _subject("set", own=own), now, scope)
    return chosen


async def reset(platform: Platform, caller: Caller, scope: Scope, *, own: bool = False) -> None:
    """Forget policies of a scope, or the caller's own in it: the usual ones count again.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        person = _person(caller, await enter_scope(tx, platform, caller, scope), own=own)
        await store.delete(tx, scope, person)
        await audit.insert(tx, caller, _ACTION, _subject("reset", own=own), platform.engine.clock(), scope)


async def list_muted(platform: Platform, caller: Caller) -> list[str]:
    """Return who is never sent anything, for a platform administrator."""
    demand_platform(caller, Action.MANAGE_PLATFORM)
    async with platform.engine.db.begin() as tx:
        return await store.list_muted(tx)


async def set_muted(platform: Platform, caller: Caller, names: Sequence[str]) -> list[str]:
    """Say who is never sent anything, in place of who was before, for a platform administrator.

    Raises:
        ForbiddenError: The caller is none.
        IllegalParameterReasonError: There are more than MAX_MUTED, or one is not known.
    """
    demand_platform(caller, Action.MANAGE_PLATFORM)
    if len(names) > MAX_MUTED:
        raise IllegalParameterReasonError("users", f"are more than {MAX_MUTED}")
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        await _check_known(tx, "users", names)
        await store.replace_muted(tx, names, caller.username, now)
        await audit.insert(tx, caller, Action.MANAGE_PLATFORM, f"mute {len(names)} users", now)
        return await store.list_muted(tx)


def _person(caller: Caller, info: KnownScope, *, own: bool) -> str:
    """Return whose policies are meant; those of the scope need the permission."""
    if own:
        return caller.username
    demand(caller, _ACTION, info)
    return store.SCOPE_ITSELF


def _subject(verb: str, *, own: bool) -> str:
    return f"{verb} own notification policies" if own else f"{verb} notification policies"


async def _check_known(tx: Transaction, field: str, names: Sequence[str]) -> None:
    unknown = await store.list_unknown(tx, names) if names else []
    if unknown:
        raise IllegalParameterReasonError(field, f"has {unknown[0]}, who is not known")
