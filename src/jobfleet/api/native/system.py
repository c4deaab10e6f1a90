"""How the installation is, and what runs on it."""

from typing import Annotated

from msgspec import Meta

from jobfleet.api.native.route import Call, Nothing, Route, Wanted
from jobfleet.api.native.targets import SCOPE_PATTERN
from jobfleet.model.caller import Action
from jobfleet.model.scope import parse_scope
from jobfleet.operations import analytics, system
from jobfleet.operations.analytics import Analytics
from jobfleet.operations.system import SystemHealth


class WantAnalytics(Wanted, frozen=True):
    """Say of which scope (all without one), and of how many days up to today."""

    scope: Annotated[str, Meta(pattern=SCOPE_PATTERN)] | None = None
    days: Annotated[int, Meta(ge=1, le=90)] = 14


async def show_system(call: Call, _wanted: Nothing) -> SystemHealth:
    """Show how the installation is."""
    return await system.show_system(call.platform, call.caller)


async def show_analytics(call: Call, wanted: WantAnalytics) -> Analytics:
    """Show how many jobs ran, and how they ended."""
    scope = None if wanted.scope is None else parse_scope(wanted.scope)
    return await analytics.show(call.platform, call.caller, scope, wanted.days)


ROUTES = (
    Route(
        "GET", "/api/v1/system", Action.SERVICE_STATE, show_system, Nothing, SystemHealth, "Show the system's health"
    ),
    Route("GET", "/api/v1/analytics", Action.DASHBOARD, show_analytics, WantAnalytics, Analytics, "Count what ran"),
)
