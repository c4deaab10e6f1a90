"""Look after the applications that call us: their secrets, scopes and rates."""

import secrets

import msgspec

from jobfleet.model.audit import edited
from jobfleet.model.caller import Action, Caller
from jobfleet.model.resource_errors import UnknownScopeError
from jobfleet.model.scope import parse_scope
from jobfleet.model.signin_errors import AppExistsError, AppNotFoundError
from jobfleet.operations.access import demand_platform
from jobfleet.operations.callers import hash_secret
from jobfleet.operations.platform import Platform
from jobfleet.store import apps, audit, inventory
from jobfleet.store.apps import AppRules, AppView
from jobfleet.store.database import Transaction

AUDITED = "app"
_NEEDED = Action.MANAGE_PLATFORM
_RULES = AppRules.__struct_fields__


async def list_apps(platform: Platform, caller: Caller) -> list[AppView]:
    """Return all applications by code.

    Raises:
        ForbiddenError: Only platform administrators may.
    """
    demand_platform(caller, _NEEDED)
    async with platform.engine.db.begin() as tx:
        return await apps.list_all(tx)


async def create_app(platform: Platform, caller: Caller, code: str, rules: AppRules) -> tuple[str, AppView]:
    """Make an application, and return its secret, which is shown this once.

    Raises:
        ForbiddenError: Only platform administrators may.
        AppExistsError: There is one of this code.
        UnknownScopeError: There is no such scope.

    Source: docs/reference/api-clients.md.
    """
    demand_platform(caller, _NEEDED)
    secret, now = secrets.token_urlsafe(32), platform.engine.clock()
    given = msgspec.structs.asdict(rules) | {"scopes": list(rules.scopes)}
    app = AppView(
        code=code,
        creator=caller.username,
        created_at=now,
        secret_at=now,
        disabled_at=None,
        used_at=None,
        **given,
    )
    async with platform.engine.db.begin() as tx:
        await _check_scopes(tx, rules)
        if not await apps.insert(tx, app, hash_secret(secret)):
            raise AppExistsError(code)
        await audit.insert(tx, caller, AUDITED, f"make app {code}", now)
    return secret, app


async def update_app(platform: Platform, caller: Caller, code: str, rules: AppRules) -> AppView:
    """Change what an application may; it counts for its next request.

    Raises:
        ForbiddenError: Only platform administrators may.
        AppNotFoundError: There is no such application.
        UnknownScopeError: There is no such scope.
    """
    demand_platform(caller, _NEEDED)
    async with platform.engine.db.begin() as tx:
        before = await _app(tx, code)
        await _check_scopes(tx, rules)
        await apps.set_rules(tx, code, rules)
        after = await _app(tx, code)
        change, now = edited(before, after, _RULES), platform.engine.clock()
        await audit.insert(tx, caller, AUDITED, f"change app {code}", now, change=change)
        return after


async def rotate_secret(platform: Platform, caller: Caller, code: str) -> str:
    """Give an application another secret, which is shown this once; the one before is worthless at once.

    Raises:
        ForbiddenError: Only platform administrators may.
        AppNotFoundError: There is no such application.
    """
    demand_platform(caller, _NEEDED)
    secret, now = secrets.token_urlsafe(32), platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        await _app(tx, code)
        await apps.set_secret(tx, code, hash_secret(secret), now)
        await audit.insert(tx, caller, AUDITED, f"rotate the secret of app {code}", now)
    return secret


async def set_disabled(platform: Platform, caller: Caller, code: str, *, disabled: bool) -> None:
    """Refuse all that an application asks from now on, or let it ask again.

    Raises:
        ForbiddenError: Only platform administrators may.
        AppNotFoundError: There is no such application.
    """
    demand_platform(caller, _NEEDED)
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        await _app(tx, code)
        await apps.set_disabled(tx, code, now if disabled else None)
        await audit.insert(tx, caller, AUDITED, f"{'disable' if disabled else 'enable'} app {code}", now)


async def _app(tx: Transaction, code: str) -> AppView:
    found = await apps.find(tx, code)
    if found is None:
        raise AppNotFoundError(code)
    return found


async def _check_scopes(tx: Transaction, rules: AppRules) -> None:
    for text in rules.scopes:
        if await inventory.find_scope(tx, parse_scope(text)) is None:
            raise UnknownScopeError(text)
