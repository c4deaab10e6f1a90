"""Look at the roles of users, and bind them: for platform administrators."""

from jobfleet.model.caller import PLATFORM, Action, Caller, Role
from jobfleet.model.errors import IllegalParameterReasonError, ScopeNotFoundError
from jobfleet.model.scope import Scope, ScopeType, parse_scope, scope_text
from jobfleet.model.signin_errors import RoleNotFoundError, UserNotFoundError
from jobfleet.operations.access import demand_platform
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, inventory, people, roles
from jobfleet.store.database import Transaction
from jobfleet.store.roles import HeldRole, Place

AUDITED = "role"
MOST_NAMED = 5
"""A refusal names at most so many who can grant what is missing."""

_NEEDED = Action.MANAGE_PLATFORM


async def list_roles(platform: Platform, caller: Caller, *, user: str = "", where: str = "") -> list[HeldRole]:
    """Return roles by user, of one user or in one place (a scope such as `biz:2`, or `platform`) if asked for.

    Raises:
        ForbiddenError: Only platform administrators may.
    """
    demand_platform(caller, _NEEDED)
    async with platform.engine.db.begin() as tx:
        return await roles.list_held(tx, user=user, place=place_of(where) if where else None)


async def grant(platform: Platform, caller: Caller, user: str, where: str, role: Role) -> None:
    """Bind a role to a user in a place, instead of the one that was bound there.

    Raises:
        ForbiddenError: Only platform administrators may.
        UserNotFoundError, ScopeNotFoundError: There is none.
        IllegalParameterReasonError: Nobody lowers the own role on the platform (names `user`).

    Source: docs/reference/permissions.md, «Binding roles».
    """
    demand_platform(caller, _NEEDED)
    if role is not Role.ADMIN:
        _refuse_own(caller, user, where)
    async with platform.engine.db.begin() as tx:
        if await people.find_person(tx, user) is None:
            raise UserNotFoundError(user)
        scope = await _scope(tx, where)
        before = await roles.bind(tx, user, place_of(where), role)
        change, now = {"role": [before, role.value]}, platform.engine.clock()
        await audit.insert(tx, caller, AUDITED, f"grant {role} in {where} to user {user}", now, scope, change=change)


async def revoke(platform: Platform, caller: Caller, user: str, where: str) -> None:
    """Take away the role that was bound to a user in a place.

    Raises:
        ForbiddenError: Only platform administrators may.
        RoleNotFoundError: None was bound here; what an identity provider gives is taken away there.
        IllegalParameterReasonError: Nobody takes away the own role on the platform (names `user`).
    """
    demand_platform(caller, _NEEDED)
    _refuse_own(caller, user, where)
    place, now = place_of(where), platform.engine.clock()
    scope = None if place.kind == PLATFORM else Scope(ScopeType(place.kind), place.id)
    async with platform.engine.db.begin() as tx:
        before = await roles.unbind(tx, user, place)
        if before is None:
            raise RoleNotFoundError(user, where)
        change, subject = {"role": [before, None]}, f"revoke {before} in {where} of user {user}"
        await audit.insert(tx, caller, AUDITED, subject, now, scope, change=change)


async def who_can_grant(platform: Platform) -> list[str]:
    """Return the names of some who can bind roles: the first platform administrators by name."""
    async with platform.engine.db.begin() as tx:
        return await roles.list_administrators(tx, MOST_NAMED)


def place_of(where: str) -> Place:
    """Return the place that `platform` or a text such as `biz:2` names."""
    if where == PLATFORM:
        return Place()
    scope = parse_scope(where)
    return Place(scope.type.value, scope.id)


def place_text(place: Place) -> str:
    """Return the text that names a place."""
    return PLATFORM if place.kind == PLATFORM else scope_text(Scope(ScopeType(place.kind), place.id))


async def _scope(tx: Transaction, where: str) -> Scope | None:
    if where == PLATFORM:
        return None
    scope = parse_scope(where)
    if await inventory.find_scope(tx, scope) is None:
        raise ScopeNotFoundError
    return scope


def _refuse_own(caller: Caller, user: str, where: str) -> None:
    if user == caller.username and where == PLATFORM:
        raise IllegalParameterReasonError("user", "you cannot take the platform away from yourself")
