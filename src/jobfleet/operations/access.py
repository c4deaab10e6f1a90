"""Who may do what: every operation passes through here, default deny."""

from jobfleet.model.caller import Action, Caller, allows, allows_platform
from jobfleet.model.errors import ForbiddenError, ScopeNotFoundError
from jobfleet.model.permission import Needed, Resource, ResourceKind, missing, scope_resource
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.operations.platform import Platform
from jobfleet.store import inventory, resource_names
from jobfleet.store.database import Transaction


async def enter_scope(tx: Transaction, platform: Platform, caller: Caller, scope: Scope) -> KnownScope:
    """Return what a scope is, for a caller who may access it; its time zone is always set.

    Raises:
        ScopeNotFoundError: The scope is unknown or archived.
        ForbiddenError: The caller has no role in it.
    """
    info = await inventory.find_scope(tx, scope)
    if info is None:
        raise ScopeNotFoundError
    demand(caller, Action.ACCESS_BUSINESS, info)
    return info if info.time_zone else KnownScope(scope, info.name, platform.time_zone, info.member_ids)


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


def demand(caller: Caller, action: Action, info: KnownScope, *resources: Resource) -> None:
    """Do nothing when the caller may do this in the scope, to these resources of it.

    Raises:
        ForbiddenError: The caller may not; it names the action and what to apply for.
    """
    demand_all(caller, info, Needed(action, resources))


def demand_all(caller: Caller, info: KnownScope, *needed: Needed) -> None:
    """Do nothing when the caller may do all of this in the scope.

    Raises:
        ForbiddenError: The caller may not; it names every action that is missing.
    """
    scope, root = info.scope, scope_resource(info.scope, info.name)
    lacking = [one for one in needed if not allows(caller, one.action, scope.type, scope.id)]
    if lacking:
        raise ForbiddenError(caller.username, [missing(one, root) for one in lacking])


async def demand_on(
    tx: Transaction, caller: Caller, action: Action, info: KnownScope, kind: ResourceKind, key: object
) -> None:
    """Do nothing when the caller may do this to one resource of the scope; it is looked up for who may not only.

    Args:
        key: The resource's id; the code of a file source.

    Raises:
        ForbiddenError: The caller may not. What the scope does not have is not named, wherever it is.
    """
    if not allows(caller, action, info.scope.type, info.scope.id):
        found = await resource_names.find(tx, kind, info.scope, str(key))
        demand(caller, action, info, *([] if found is None else [found]))


def demand_platform(caller: Caller, action: Action, *resources: Resource) -> None:
    """Do nothing when the caller's role on the platform allows this.

    Raises:
        ForbiddenError: It does not.
    """
    if not allows_platform(caller, action):
        raise ForbiddenError(caller.username, [missing(Needed(action, resources), None)])
