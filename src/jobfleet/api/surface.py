"""The surfaces of the BlueKing JOB API, and how one operation is declared on one of them."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from jobfleet.model.caller import Action, Caller
from jobfleet.operations.platform import Platform


class Surface(StrEnum):
    """Name the surfaces; the texts name their OpenAPI documents."""

    ESB_V2 = "esb-v2"
    ESB_V3 = "esb-v3"
    GATEWAY_V3 = "apigw-v3"
    GATEWAY_V4 = "apigw-v4"


class Level(StrEnum):
    """Say whether the gateway asks for application and user, or for the application alone."""

    USER = "user"
    APP = "system"


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
    counts on the gateway only.
    """

    surface: Surface
    name: str
    methods: tuple[str, ...]
    permission: Action | None
    handler: Handler[Any]
    wanted: type
    answer: Any
    message: str = ""
    levels: tuple[Level, ...] = (Level.USER, Level.APP)


_GATEWAY = {
    Surface.GATEWAY_V3: ("/api/v3", "/api/job/v3/job-execute"),
    Surface.GATEWAY_V4: ("/api/v4", "/api/job/v4", "/api/job/v4/job-execute"),
}
_BUS = {Surface.ESB_V2: "/api/c/compapi/v2/job", Surface.ESB_V3: "/api/c/compapi/v2/jobv3"}


def paths_of(route: Route) -> dict[str, Level]:
    """Return the paths of an operation, without trailing slash and prefix, and the level that each asks for."""
    if route.surface in _BUS:
        return {f"{_BUS[route.surface]}/{route.name}": Level.USER}
    between = {Level.USER: "", Level.APP: "/system"}
    roots = _GATEWAY[route.surface]
    return {f"{root}{between[level]}/{route.name}": level for root in roots for level in route.levels}


def surface_of(path: str) -> Surface | None:
    """Return the surface that a path belongs to, wherever a prefix ends; None for one of no surface."""
    if "/api/c/compapi/" in path:
        return Surface.ESB_V3 if "/jobv3/" in path else Surface.ESB_V2
    for surface, roots in _GATEWAY.items():
        if any(f"{root}/" in path for root in roots):
            return surface
    return None
