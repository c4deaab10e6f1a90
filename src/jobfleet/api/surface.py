"""The surfaces of the BlueKing JOB API, and how one operation is declared on one of them."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from jobfleet.api.services import service_of
from jobfleet.model.caller import Action, Caller
from jobfleet.operations.platform import Platform


class Surface(StrEnum):
    """Name the surfaces; the texts name their OpenAPI documents."""

    ESB_V2 = "esb-v2"
    ESB_V3 = "esb-v3"
    GATEWAY_V3 = "apigw-v3"
    GATEWAY_V4 = "apigw-v4"


class Level(StrEnum):
    """Say whether the gateway asks for application and user, for the application alone, or for nobody at all."""

    USER = "user"
    APP = "system"
    OPEN = "open"


class Call(msgspec.Struct, frozen=True):
    """Hold what a handler works with besides its parameters."""

    platform: Platform
    caller: Caller
    idempotency_key: str = ""
    escape_logs: bool = False


Wanted = TypeVar("Wanted")
Handler = Callable[[Call, Wanted], Awaitable[Any]]


class Route(msgspec.Struct, frozen=True):
    """Declare an operation on a surface.

    `permission` is what its caller needs in the scope; a route without one is refused when the application is put
    together. `wanted` and `answer` are the types of its parameters and of its data, None where there is none. `levels`
    counts on the gateway only. `path` is the published one where it is not the surface's own, which is served too.
    """

    surface: Surface
    name: str
    methods: tuple[str, ...]
    permission: Action | str | None
    handler: Handler[Any]
    wanted: type
    answer: Any
    message: str = ""
    levels: tuple[Level, ...] = (Level.USER, Level.APP)
    path: str = ""


_GATEWAY = {Surface.GATEWAY_V3: "/api/v3", Surface.GATEWAY_V4: "/api/v4"}
_BACK_END = {Surface.GATEWAY_V3: "/api/job/v3", Surface.GATEWAY_V4: "/api/job/v4"}
_BUS = {Surface.ESB_V2: "/api/c/compapi/v2/job", Surface.ESB_V3: "/api/c/compapi/v2/jobv3"}
_BETWEEN = {Level.USER: "", Level.APP: "/system", Level.OPEN: ""}


def paths_of(route: Route) -> dict[str, Level]:
    """Return the paths of an operation, without trailing slash and prefix, and the level that each asks for."""
    own = _own_paths(route)
    return {route.path: Level.USER} | own if route.path else own


def _own_paths(route: Route) -> dict[str, Level]:
    if route.surface in _BUS:
        return {f"{_BUS[route.surface]}/{route.name}": Level.USER}
    front = {f"{_GATEWAY[route.surface]}{_BETWEEN[level]}/{route.name}": level for level in route.levels}
    return front | _back_end_paths(route)


def _back_end_paths(route: Route) -> dict[str, Level]:
    """Return the paths that gateways forward to.

    Gateways forward both levels to one path and say in a header which it is (`callers.level_of`); operations of one
    level keep it there. Version 4 has been seen without the name of a service, too.
    """
    root = _BACK_END[route.surface]
    roots = [f"{root}/{service_of(route.name)}", *([root] if route.surface is Surface.GATEWAY_V4 else [])]
    shared = {f"{start}/{route.name}": route.levels[0] for start in roots}
    return shared | {f"{start}{_BETWEEN[level]}/{route.name}": level for start in roots for level in route.levels}


def is_back_end(path: str) -> bool:
    """Tell whether gateways forward to a path, wherever a prefix ends."""
    return any(f"{root}/" in path for root in _BACK_END.values())


def surface_of(path: str) -> Surface | None:
    """Return the surface that a path belongs to, wherever a prefix ends; None for one of no surface."""
    if "/api/c/compapi/" in path:
        return Surface.ESB_V3 if "/jobv3/" in path or "/api/v3/" in path else Surface.ESB_V2
    for surface, root in _GATEWAY.items():
        if f"{root}/" in path or f"{_BACK_END[surface]}/" in path:
            return surface
    return None
