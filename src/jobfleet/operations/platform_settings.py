"""Look at and change what the platform is set to while servers run."""

from typing import Any

import msgspec

from jobfleet.engine.patterns import complaint, whole_match
from jobfleet.model.account import AccountType, name_problem
from jobfleet.model.caller import Action, Caller
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.platform_settings import (
    FIELDS,
    PlatformSettings,
    checked,
    default_of,
    description_of,
    name_rule,
    plain,
)
from jobfleet.model.resource_errors import SettingNotFoundError
from jobfleet.operations.access import demand_platform
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, platform_settings


class SettingView(msgspec.Struct, frozen=True):
    """Show a setting: what it is now, what it is when nobody sets it, and whether somebody did."""

    name: str
    value: Any
    default: Any
    is_set: bool
    description: str


async def list_settings(platform: Platform, caller: Caller) -> list[SettingView]:
    """Return every setting by name.

    Raises:
        ForbiddenError: The caller does not look after the platform.

    Source: docs/reference/platform-settings.md.
    """
    demand_platform(caller, Action.MANAGE_PLATFORM)
    async with platform.engine.db.begin() as tx:
        now, chosen = await platform_settings.load(tx), await platform_settings.list_set(tx)
    return [_view(name, now, is_set=name in chosen) for name in sorted(FIELDS)]


async def change_setting(platform: Platform, caller: Caller, name: str, value: object) -> SettingView:
    """Set a setting; it counts for the next request on every server.

    Raises:
        ForbiddenError: The caller does not look after the platform.
        SettingNotFoundError, IllegalParameterReasonError, CallbackEntryError, CallbackEntryTwiceError: See `checked`.
    """
    demand_platform(caller, Action.MANAGE_PLATFORM)
    kept = checked(name, value)
    if name.startswith("account_name_"):
        _check_expression(name, kept)
    async with platform.engine.db.begin() as tx:
        await platform_settings.put(tx, name, kept)
        await audit.insert(tx, caller, Action.MANAGE_PLATFORM, f"set {name}", platform.engine.clock())
        return _view(name, await platform_settings.load(tx), is_set=True)


async def reset_setting(platform: Platform, caller: Caller, name: str) -> SettingView:
    """Give a setting its default again.

    Raises:
        ForbiddenError: The caller does not look after the platform.
        SettingNotFoundError: There is no such setting.
    """
    demand_platform(caller, Action.MANAGE_PLATFORM)
    if name not in FIELDS:
        raise SettingNotFoundError(name)
    async with platform.engine.db.begin() as tx:
        await platform_settings.reset(tx, name)
        await audit.insert(tx, caller, Action.MANAGE_PLATFORM, f"reset {name}", platform.engine.clock())
        return _view(name, await platform_settings.load(tx), is_set=False)


def problem_of_name(settings: PlatformSettings, kind: AccountType, account: str) -> str:
    """Return what is wrong with the name of an account, "" when it is as the platform wants it."""
    return "" if whole_match(name_rule(settings, kind))(account) else name_problem(kind, account)


def _check_expression(name: str, expression: str) -> None:
    reason = complaint(rf"\A(?:{expression})\z") or complaint(expression)
    if reason:
        raise IllegalParameterReasonError(name, reason)


def _view(name: str, now: PlatformSettings, *, is_set: bool) -> SettingView:
    value = plain(getattr(now, name))
    return SettingView(name, value, default_of(name), is_set, description_of(name))
