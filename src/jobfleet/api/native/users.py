"""Users, for administrators of the platform."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.route import Call, Done, Route, Wanted
from jobfleet.api.native.session import Ended
from jobfleet.model.caller import Action
from jobfleet.operations import users

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s\x00-\x1f]+$")]


class ListUsers(Wanted, frozen=True):
    """Say which page of the users, of those with `name` in their name, whatever its case."""

    name: Annotated[str, Meta(max_length=128, pattern=r"^[^\x00]*$")] = ""
    start: Annotated[int, Meta(ge=0, le=10_000_000)] = 0
    length: Annotated[int, Meta(ge=1, le=1000)] = 100


class SetUser(Wanted, frozen=True):
    """Name a user to make, or one whose password to set; without a password a new one cannot sign in by one."""

    name: Name
    password: Annotated[str, Meta(min_length=1, max_length=1024)] | None = None
    language: Literal["zh", "en"] = "zh"


class WantUser(Wanted, frozen=True):
    """Name a user."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]


class UnlockAddress(Wanted, frozen=True):
    """Name an address that sign-ins may come from again."""

    address: Annotated[str, Meta(min_length=1, max_length=64)]


class ForeignIdentity(msgspec.Struct, frozen=True):
    """Name whom an identity provider knows."""

    issuer: str
    subject: str


class UserShown(msgspec.Struct, frozen=True):
    """Show a user; `disabled_at` is epoch milliseconds."""

    name: str
    platform_admin: bool
    language: str
    has_password: bool
    disabled_at: int | None
    identities: list[ForeignIdentity]


class UserList(msgspec.Struct, frozen=True):
    """List users by name."""

    total: int
    users: list[UserShown]


class UserSet(msgspec.Struct, frozen=True):
    """Say whether the user is new."""

    created: bool


class Unlocked(msgspec.Struct, frozen=True):
    """Say whether there were wrong passwords to forget."""

    unlocked: bool


async def list_users(call: Call, wanted: ListUsers) -> UserList:
    """List users."""
    page = {"start": wanted.start, "length": wanted.length}
    total, found = await users.list_users(call.platform, call.caller, wanted.name, **page)
    shown = [
        UserShown(
            name=one.name,
            platform_admin=one.platform_admin,
            language=one.language,
            has_password=one.has_password,
            disabled_at=one.disabled_at,
            identities=[ForeignIdentity(issuer, subject) for issuer, subject in one.identities],
        )
        for one in found
    ]
    return UserList(total, shown)


async def set_user(call: Call, wanted: SetUser) -> UserSet:
    """Make a user, or set a password."""
    return UserSet(await users.add(call.platform, call.caller, wanted.name, wanted.language, wanted.password))


async def disable_user(call: Call, wanted: WantUser) -> Done:
    """Disable a user."""
    await users.set_disabled(call.platform, call.caller, wanted.name, disabled=True)
    return Done()


async def enable_user(call: Call, wanted: WantUser) -> Done:
    """Enable a user again."""
    await users.set_disabled(call.platform, call.caller, wanted.name, disabled=False)
    return Done()


async def unlock_user(call: Call, wanted: WantUser) -> Unlocked:
    """Forget a user's wrong passwords."""
    return Unlocked(await users.unlock(call.platform, call.caller, name=wanted.name))


async def unlock_address(call: Call, wanted: UnlockAddress) -> Unlocked:
    """Forget wrong passwords from an address."""
    return Unlocked(await users.unlock(call.platform, call.caller, address=wanted.address))


async def end_user_sessions(call: Call, wanted: WantUser) -> Ended:
    """End the sessions and sign-ins of a user."""
    return Ended(await users.end_sessions(call.platform, call.caller, wanted.name))


_MAY = Action.MANAGE_PLATFORM
ROUTES = (
    Route("GET", "/api/v1/users", _MAY, list_users, ListUsers, UserList, "List users"),
    Route("POST", "/api/v1/users", _MAY, set_user, SetUser, UserSet, "Make a user, or set a password"),
    Route("POST", "/api/v1/users/{name}/disable", _MAY, disable_user, WantUser, Done, "Disable a user"),
    Route("POST", "/api/v1/users/{name}/enable", _MAY, enable_user, WantUser, Done, "Enable a user"),
    Route("POST", "/api/v1/users/{name}/unlock", _MAY, unlock_user, WantUser, Unlocked, "Let a user sign in again"),
    Route("POST", "/api/v1/users/{name}/end-sessions", _MAY, end_user_sessions, WantUser, Ended, "Sign a user out"),
    Route("POST", "/api/v1/unlock-address", _MAY, unlock_address, UnlockAddress, Unlocked, "Let an address try again"),
)
