"""Default deny: every route says what it needs, or the application is not put together."""

from litestar import Litestar
from litestar.routes import HTTPRoute

from jobfleet.api.surface import Route
from jobfleet.model.caller import Action

OPEN = "open"
"""Declares a route that asks nobody who they are: probes and documents."""

AGENT = "agent"
"""Declares a route that agents are known on by their own keys."""

SIGNED_IN = "signed in"
"""Declares a route that every known caller may use."""

_DECLARATIONS = frozenset({OPEN, AGENT, SIGNED_IN}) | frozenset(action.value for action in Action)


class UndeclaredPermissionError(RuntimeError):
    """Refuse to put an application together that has a route without a declared permission."""


def check_routes(routes: tuple[Route, ...]) -> None:
    """Do nothing when every operation declares its permission.

    Raises:
        UndeclaredPermissionError: One does not; it is named.
    """
    for route in routes:
        if route.permission not in _DECLARATIONS:
            raise UndeclaredPermissionError(f"{route.surface} {route.name}")


def check_application(app: Litestar) -> None:
    """Do nothing when every handler of the application declares its permission in `opt["permission"]`.

    Raises:
        UndeclaredPermissionError: One does not; its path is named.
    """
    for route in app.routes:
        handlers = route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]
        for handler in handlers:
            automatic = getattr(handler, "http_methods", set()) == {"OPTIONS"}
            if not automatic and handler.opt.get("permission") not in _DECLARATIONS:
                raise UndeclaredPermissionError(route.path)
