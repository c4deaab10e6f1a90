"""Who holds which role, what roles allow, and how they are bound."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.access import SIGNED_IN
from jobfleet.api.native.route import Call, Done, Nothing, Route, Wanted
from jobfleet.api.native.users import Name
from jobfleet.api.permission import action_name
from jobfleet.model.caller import PLATFORM_NEEDS, SCOPE_NEEDS, Action, Role
from jobfleet.operations import roles
from jobfleet.operations.roles import place_text
from jobfleet.store.roles import Source

Where = Annotated[
    str, Meta(pattern=r"^((biz|biz_set):[1-9][0-9]{0,17}|platform)$", description="A scope such as biz:2, or platform")
]


class ListRoles(Wanted, frozen=True):
    """Narrow the list of roles to a user or a place; "" is any."""

    user: Annotated[str, Meta(max_length=64, pattern=r"^[^\x00]*$")] = ""
    scope: Annotated[str, Meta(pattern=r"^((biz|biz_set):[1-9][0-9]{0,17}|platform)?$")] = ""


class GrantRole(Wanted, frozen=True):
    """Give a user a role in a scope or on the platform, instead of the one that was given there."""

    user: Name
    scope: Where
    role: Role


class RevokeRole(Wanted, frozen=True):
    """Take a user's role in a scope or on the platform away."""

    user: Name
    scope: Where


class RoleView(msgspec.Struct, frozen=True):
    """Show a role of a user; `scope` is `platform` for one on the platform.

    `source`: `bound` here, given by the `provider` of identities, or `declared` with the user.
    """

    user: str
    scope: str
    role: str
    source: Source


class RoleList(msgspec.Struct, frozen=True):
    """Show roles by user."""

    roles: list[RoleView]


class AllowedView(msgspec.Struct, frozen=True):
    """Show an action, and the least role that allows it; `place` is `scope` or `platform`."""

    action: str
    name: str
    place: Literal["scope", "platform"]
    role: str


class AllowedList(msgspec.Struct, frozen=True):
    """Show what roles allow."""

    actions: list[AllowedView]


async def list_roles(call: Call, wanted: ListRoles) -> RoleList:
    """Show roles."""
    found = await roles.list_roles(call.platform, call.caller, user=wanted.user, where=wanted.scope)
    return RoleList([RoleView(one.user, place_text(one.place), one.role, one.source) for one in found])


async def grant_role(call: Call, wanted: GrantRole) -> Done:
    """Give a role."""
    await roles.grant(call.platform, call.caller, wanted.user, wanted.scope, wanted.role)
    return Done()


async def revoke_role(call: Call, wanted: RevokeRole) -> Done:
    """Take a role away."""
    await roles.revoke(call.platform, call.caller, wanted.user, wanted.scope)
    return Done()


async def list_allowed(call: Call, _wanted: Nothing) -> AllowedList:
    """Show what roles allow."""
    words = call.caller.language
    return AllowedList(
        [
            *(AllowedView(one, action_name(one, words), "scope", role) for one, role in SCOPE_NEEDS.items()),
            *(AllowedView(one, action_name(one, words), "platform", role) for one, role in PLATFORM_NEEDS.items()),
        ]
    )


_ALL, _MAY = "/api/v1/roles", Action.MANAGE_PLATFORM
ROUTES = (
    Route("GET", _ALL, _MAY, list_roles, ListRoles, RoleList, "List roles of users"),
    Route("POST", _ALL, _MAY, grant_role, GrantRole, Done, "Give a role"),
    Route("POST", f"{_ALL}/revoke", _MAY, revoke_role, RevokeRole, Done, "Take a role away"),
    Route("GET", f"{_ALL}/allowed", SIGNED_IN, list_allowed, Nothing, AllowedList, "Show what roles allow"),
)
