"""What one may do somewhere, before one tries."""

import msgspec

from jobfleet.api.access import SIGNED_IN
from jobfleet.api.callers import language
from jobfleet.api.native.roles import Where
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.api.permission import action_name
from jobfleet.model.caller import PLATFORM, Action
from jobfleet.model.scope import parse_scope
from jobfleet.operations import permissions


class AskPermissions(Wanted, frozen=True):
    """Say where: a business, a business set, or `platform`."""

    scope: Where


class AllowedAction(msgspec.Struct, frozen=True):
    """Say whether an action is allowed, and what it is called."""

    id: Action
    name: str
    allowed: bool


class PermissionList(msgspec.Struct, frozen=True):
    """Show what one may do somewhere; `granted_by` are some who can grant the rest, none when there is no rest."""

    actions: list[AllowedAction]
    granted_by: list[str]


async def list_permissions(call: Call, wanted: AskPermissions) -> PermissionList:
    """Show what one may do."""
    if wanted.scope == PLATFORM:
        found = await permissions.permissions_on_platform(call.platform, call.caller)
    else:
        found = await permissions.permissions_in(call.platform, call.caller, parse_scope(wanted.scope))
    words = language(call.request)
    shown = [AllowedAction(one, action_name(one, words), allowed) for one, allowed in found.allowed.items()]
    return PermissionList(shown, found.granted_by)


_PATH, _SUMMARY = "/api/v1/permissions", "Show what one may do somewhere"
ROUTES = (Route("GET", _PATH, SIGNED_IN, list_permissions, AskPermissions, PermissionList, _SUMMARY),)
