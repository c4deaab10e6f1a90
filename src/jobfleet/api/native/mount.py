"""Turning declared routes into handlers."""

import re
from collections.abc import Iterable
from typing import Any

from litestar import Response
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.types import Empty

from jobfleet.api.access import AGENT, OPEN, UndeclaredPermissionError
from jobfleet.api.native.route import AnyRequest, Route, answer
from jobfleet.api.reading import MAX_OPEN_BODY_BYTES
from jobfleet.operations.platform import Platform


def mount(platform: Platform, routes: Iterable[Route]) -> list[HTTPRouteHandler]:
    """Return a handler for each route.

    Raises:
        UndeclaredPermissionError: A route declares no permission.
    """
    return [_handler(platform, route) for route in routes]


def _handler(platform: Platform, route: Route) -> HTTPRouteHandler:
    if route.permission is None:
        raise UndeclaredPermissionError(f"{route.method} {route.path}")

    async def handle(request: AnyRequest) -> Response[Any]:
        return await answer(platform, route, request)

    path = re.sub(r"\{(\w+)\}", r"{\1:str}", route.path)
    opt = {"permission": str(route.permission)}
    most = MAX_OPEN_BODY_BYTES if route.permission in {OPEN, AGENT} and not route.takes_large else Empty
    method = HttpMethod(route.method)
    return HTTPRouteHandler(path, http_method=[method], opt=opt, request_max_body_size=most)(handle)
