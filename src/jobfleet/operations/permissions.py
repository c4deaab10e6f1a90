"""Tell people what they may do, before they try."""

import msgspec

from jobfleet.model.caller import PLATFORM_NEEDS, SCOPE_NEEDS, Action, Caller, allows, allows_platform
from jobfleet.model.scope import Scope
from jobfleet.operations import access, roles
from jobfleet.operations.platform import Platform


class Permissions(msgspec.Struct, frozen=True):
    """Tell of each action whether it is allowed; `granted_by` are some who can grant what is not."""

    allowed: dict[Action, bool]
    granted_by: list[str]


async def permissions_in(platform: Platform, caller: Caller, scope: Scope) -> Permissions:
    """Return what the caller may do in a scope, and what is for the platform alone: pages of a scope lead there.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    await access.check_access(platform, caller, scope)
    found = {action: allows(caller, action, scope.type, scope.id) for action in SCOPE_NEEDS}
    above = {action: allows_platform(caller, action) for action in PLATFORM_NEEDS if action not in SCOPE_NEEDS}
    return await _told(platform, found | above)


async def permissions_on_platform(platform: Platform, caller: Caller) -> Permissions:
    """Return what the caller may do on the platform as a whole."""
    return await _told(platform, {action: allows_platform(caller, action) for action in PLATFORM_NEEDS})


async def _told(platform: Platform, found: dict[Action, bool]) -> Permissions:
    return Permissions(found, [] if all(found.values()) else await roles.who_can_grant(platform))
