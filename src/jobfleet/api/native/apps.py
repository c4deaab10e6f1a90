"""API clients: the applications that call the BlueKing surfaces, and their secrets."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.native.route import Call, Done, Nothing, Route, Wanted
from jobfleet.api.native.targets import SCOPE_PATTERN
from jobfleet.model.caller import Action
from jobfleet.operations import apps
from jobfleet.store.apps import AppRules, AppView

MOST_SCOPES = 100
Code = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]


class AppWords(Wanted, frozen=True, kw_only=True):
    """Say what an application may: a `trusted` one names the user that it acts for.

    It is kept to `scopes` (none: all), and to `rate_per_s` requests a second (0: any number, null: everybody's rate).
    """

    code: Code
    description: Annotated[str, Meta(max_length=255, pattern=r"^[^\x00]*$")] = ""
    trusted: bool = False
    scopes: Annotated[tuple[Annotated[str, Meta(pattern=SCOPE_PATTERN)], ...], Meta(max_length=MOST_SCOPES)] = ()
    rate_per_s: Annotated[int, Meta(ge=0, le=100_000)] | None = None


class OneApp(Wanted, frozen=True):
    """Name an application."""

    code: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]


class ChangedApp(AppWords, frozen=True, kw_only=True):
    """Ask for an application to become this."""

    code: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]


class AppList(msgspec.Struct, frozen=True):
    """Show applications by code."""

    apps: list[AppView]


class MadeApp(msgspec.Struct, frozen=True):
    """Hand out the secret of an application, this once."""

    secret: str
    app: AppView


class AppSecret(msgspec.Struct, frozen=True):
    """Hand out the new secret of an application, this once."""

    secret: str


async def list_apps(call: Call, _wanted: Nothing) -> AppList:
    """Show the applications."""
    return AppList(await apps.list_apps(call.platform, call.caller))


async def create_app(call: Call, wanted: AppWords) -> MadeApp:
    """Make an application."""
    return MadeApp(*await apps.create_app(call.platform, call.caller, wanted.code, _rules(wanted)))


async def update_app(call: Call, wanted: ChangedApp) -> AppView:
    """Change an application."""
    return await apps.update_app(call.platform, call.caller, wanted.code, _rules(wanted))


async def rotate_app_secret(call: Call, wanted: OneApp) -> AppSecret:
    """Give an application another secret."""
    return AppSecret(await apps.rotate_secret(call.platform, call.caller, wanted.code))


async def disable_app(call: Call, wanted: OneApp) -> Done:
    """Let an application call no more."""
    await apps.set_disabled(call.platform, call.caller, wanted.code, disabled=True)
    return Done()


async def enable_app(call: Call, wanted: OneApp) -> Done:
    """Let an application call again."""
    await apps.set_disabled(call.platform, call.caller, wanted.code, disabled=False)
    return Done()


def _rules(wanted: AppWords) -> AppRules:
    scopes = tuple(dict.fromkeys(wanted.scopes))
    return AppRules(wanted.description, wanted.trusted, scopes, wanted.rate_per_s)


_ALL, _ONE, _MAY = "/api/v1/apps", "/api/v1/apps/{code}", Action.MANAGE_PLATFORM
ROUTES = (
    Route("GET", _ALL, _MAY, list_apps, Nothing, AppList, "List API clients"),
    Route("POST", _ALL, _MAY, create_app, AppWords, MadeApp, "Make an API client", 201),
    Route("POST", _ONE, _MAY, update_app, ChangedApp, AppView, "Change an API client"),
    Route("POST", f"{_ONE}/rotate", _MAY, rotate_app_secret, OneApp, AppSecret, "Give an API client another secret"),
    Route("POST", f"{_ONE}/disable", _MAY, disable_app, OneApp, Done, "Let an API client call no more"),
    Route("POST", f"{_ONE}/enable", _MAY, enable_app, OneApp, Done, "Let an API client call again"),
)
