"""Say who wants to be told of what happens in a scope, and see what became of it."""

from jobfleet.model.caller import Action, Caller
from jobfleet.model.errors import IllegalRequestError
from jobfleet.model.notice import MAX_HOOKS, Hook, of_test
from jobfleet.model.resource_errors import HookNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.operations.access import demand, enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, notifications
from jobfleet.store.notifications import Delivery

_ACTION = Action.SET_NOTIFICATIONS


async def list_hooks(platform: Platform, caller: Caller, scope: Scope) -> list[Hook]:
    """Return the notification hooks of a scope by name.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order; addresses of hooks may be secrets.
    """
    async with platform.engine.db.begin() as tx:
        demand(caller, _ACTION, await enter_scope(tx, platform, caller, scope))
        return await notifications.list_hooks(tx, scope)


async def set_hook(platform: Platform, caller: Caller, scope: Scope, hook: Hook) -> Hook:
    """Store a hook, in place of the one of its name.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        IllegalRequestError: The scope has as many hooks as it may have.

    Source: docs/reference/notifications.md.
    """
    now = platform.engine.clock()
    kept = Hook(hook.name, hook.url, tuple(dict.fromkeys(hook.occasions)), caller.username, now)
    async with platform.engine.db.begin() as tx:
        demand(caller, _ACTION, await enter_scope(tx, platform, caller, scope))
        names = {one.name for one in await notifications.list_hooks(tx, scope)}
        if len(names | {hook.name}) > MAX_HOOKS:
            raise IllegalRequestError(f"a scope has at most {MAX_HOOKS} notification hooks")
        await notifications.set_hook(tx, scope, kept)
        await audit.insert(tx, caller, _ACTION, f"set notification hook {hook.name}", now, scope)
    return kept


async def test_hook(platform: Platform, caller: Caller, scope: Scope, name: str) -> int:
    """Have a hook told that this is a test; return the id by which the deliveries tell what became of it.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        HookNotFoundError: The scope has no hook of this name.
    """
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        demand(caller, _ACTION, await enter_scope(tx, platform, caller, scope))
        hook = next((one for one in await notifications.list_hooks(tx, scope) if one.name == name), None)
        if hook is None:
            raise HookNotFoundError(name)
        [notice_id] = await notifications.insert(tx, scope, [hook], of_test(scope, name, caller.username, now), now)
        await audit.insert(tx, caller, _ACTION, f"test notification hook {name}", now, scope)
    return notice_id


async def delete_hook(platform: Platform, caller: Caller, scope: Scope, name: str) -> None:
    """Remove a hook; what it was to be told already is still sent.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        HookNotFoundError: The scope has no hook of this name.
    """
    async with platform.engine.db.begin() as tx:
        demand(caller, _ACTION, await enter_scope(tx, platform, caller, scope))
        if not await notifications.delete_hook(tx, scope, name):
            raise HookNotFoundError(name)
        subject = f"delete notification hook {name}"
        await audit.insert(tx, caller, _ACTION, subject, platform.engine.clock(), scope)


async def list_deliveries(platform: Platform, caller: Caller, scope: Scope, length: int) -> list[Delivery]:
    """Return what became of the latest notifications of a scope, newest first.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        demand(caller, _ACTION, await enter_scope(tx, platform, caller, scope))
        return await notifications.list_deliveries(tx, scope, length)
