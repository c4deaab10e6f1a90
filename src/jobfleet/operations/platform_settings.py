"""Look at and change what the platform is set to while servers run."""

from collections.abc import Mapping
from typing import Any

import msgspec

from jobfleet.engine.patterns import complaint, whole_match
from jobfleet.model.account import AccountType, name_problem
from jobfleet.model.audit import edited
from jobfleet.model.caller import Action, Caller
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.platform_settings import (
    FIELDS,
    Form,
    PlatformSettings,
    checked,
    default_of,
    description_of,
    form_of,
    name_rule,
    plain,
)
from jobfleet.model.resource_errors import SettingNotFoundError
from jobfleet.operations.access import demand_platform
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, platform_settings
from jobfleet.store.database import Transaction
from jobfleet.store.platform_settings import Chosen


class SettingView(msgspec.Struct, frozen=True):
    """Show a setting: what it is now, what it is when nobody sets it, and whether somebody did, who and when.

    `modified_at` is epoch milliseconds.
    """

    name: str
    value: Any
    default: Any
    is_set: bool
    description: str
    form: Form
    modifier: str | None = None
    modified_at: int | None = None


async def list_settings(platform: Platform, caller: Caller) -> list[SettingView]:
    """Return every setting by name.

    Raises:
        ForbiddenError: The caller does not look after the platform.

    Source: docs/reference/platform-settings.md.
    """
    demand_platform(caller, Action.MANAGE_PLATFORM)
    async with platform.engine.db.begin() as tx:
        now, chosen = await platform_settings.load(tx), await platform_settings.list_set(tx)
    return [_view(name, now, chosen.get(name)) for name in sorted(FIELDS)]


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
    chosen = Chosen(caller.username, platform.engine.clock())
    async with platform.engine.db.begin() as tx:
        before = await platform_settings.load(tx)
        await platform_settings.put(tx, name, kept, chosen)
        after = await platform_settings.load(tx)
        await _remember(tx, caller, f"set {name}", chosen, edited(before, after, [name]))
        return _view(name, after, chosen)


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
        before = await platform_settings.load(tx)
        await platform_settings.reset(tx, name)
        after = await platform_settings.load(tx)
        now = Chosen(caller.username, platform.engine.clock())
        await _remember(tx, caller, f"reset {name}", now, edited(before, after, [name]))
        return _view(name, after, None)


async def _remember(tx: Transaction, caller: Caller, subject: str, chosen: Chosen, change: Mapping[str, Any]) -> None:
    await audit.insert(tx, caller, Action.MANAGE_PLATFORM, subject, chosen.modified_at or 0, change=change)


def problem_of_name(settings: PlatformSettings, kind: AccountType, account: str) -> str:
    """Return what is wrong with the name of an account, "" when it is as the platform wants it."""
    return "" if whole_match(name_rule(settings, kind))(account) else name_problem(kind, account)


def _check_expression(name: str, expression: str) -> None:
    reason = complaint(rf"\A(?:{expression})\z") or complaint(expression)
    if reason:
        raise IllegalParameterReasonError(name, reason)


def _view(name: str, now: PlatformSettings, chosen: Chosen | None) -> SettingView:
    value, by = plain(getattr(now, name)), chosen or Chosen()
    is_set, about = chosen is not None, description_of(name)
    return SettingView(name, value, default_of(name), is_set, about, form_of(name), by.modifier, by.modified_at)
