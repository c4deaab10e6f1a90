"""The settings of the platform: look at them, and change them while servers run."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from jobfleet.api.native.route import Call, Nothing, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.operations import platform_settings
from jobfleet.operations.platform_settings import SettingView

SettingName = Annotated[str, Meta(pattern=r"^[a-z_]{1,64}$")]


class ChangeSetting(Wanted, frozen=True):
    """Ask for a setting to become this: the type of the value is the setting's."""

    name: SettingName
    value: Any


class OneSetting(Wanted, frozen=True):
    """Name a setting."""

    name: SettingName


class SettingList(msgspec.Struct, frozen=True):
    """Show all settings by name."""

    settings: list[SettingView]


async def list_settings(call: Call, _wanted: Nothing) -> SettingList:
    """Show the settings."""
    return SettingList(await platform_settings.list_settings(call.platform, call.caller))


async def change(call: Call, wanted: ChangeSetting) -> SettingView:
    """Set a setting."""
    return await platform_settings.change_setting(call.platform, call.caller, wanted.name, wanted.value)


async def reset(call: Call, wanted: OneSetting) -> SettingView:
    """Give a setting its default again."""
    return await platform_settings.reset_setting(call.platform, call.caller, wanted.name)


_ALL, _ONE, _NEEDS = "/api/v1/settings", "/api/v1/settings/{name}", Action.MANAGE_PLATFORM

ROUTES = (
    Route("GET", _ALL, _NEEDS, list_settings, Nothing, SettingList, "List the settings of the platform"),
    Route("POST", _ONE, _NEEDS, change, ChangeSetting, SettingView, "Set a setting of the platform"),
    Route("POST", f"{_ONE}/reset", _NEEDS, reset, OneSetting, SettingView, "Give a setting its default again"),
)
