"""Who may do what: every operation passes through here, default deny."""

from jobfleet.model.caller import Action, Caller, allows
from jobfleet.model.errors import ForbiddenError, ScopeNotFoundError
from jobfleet.model.scope import Scope, ScopeInfo
from jobfleet.operations.platform import Platform
from jobfleet.store import inventory
from jobfleet.store.database import Transaction


async def enter_scope(tx: Transaction, platform: Platform, caller: Caller, scope: Scope) -> ScopeInfo:
    """Return what a scope is, for a caller who may access it; its time zone is always set.

    Raises:
        ScopeNotFoundError: The scope is unknown or archived.
        ForbiddenError: The caller has no role in it.
    """
    info = await inventory.find_scope(tx, scope)
    if info is None:
        raise ScopeNotFoundError
    demand(caller, Action.ACCESS_BUSINESS, info)
    return info if info.time_zone else ScopeInfo(scope, info.name, platform.time_zone, info.member_ids)


async def check_access(platform: Platform, caller: Caller, scope: Scope) -> None:
    """Do nothing when the caller may access a scope.

    Raises:
        ScopeNotFoundError, ForbiddenError: See `enter_scope`.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)


async def check_permission(platform: Platform, caller: Caller, scope: Scope, action: Action) -> None:
    """Do nothing when the caller may do this in the scope.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        demand(caller, action, await enter_scope(tx, platform, caller, scope))


def demand(caller: Caller, action: Action, info: ScopeInfo) -> None:
    """Do nothing when the caller may do this in the scope.

    Raises:
        ForbiddenError: The caller may not; it names the action and the scope to apply for.
    """
    if not allows(caller, action, info.scope.type, info.scope.id):
        path = [[(info.scope.type.value, str(info.scope.id), info.name)]]
        raise ForbiddenError(caller.username, action.value, path)


def demand_platform(caller: Caller, action: Action) -> None:
    """Do nothing when the caller administers the whole platform.

    Raises:
        ForbiddenError: The caller does not.
    """
    if not caller.platform_admin:
        raise ForbiddenError(caller.username, action.value, [])
