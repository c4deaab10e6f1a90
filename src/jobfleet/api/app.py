"""Put the HTTP application together: the BlueKing surfaces, the native API, the agents' paths and the probes."""

from collections.abc import Iterable, Mapping, Sequence

from litestar import Litestar, Response, Router, route
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler

from jobfleet.api import agent_files, agents, callers, uploads
from jobfleet.api.access import check_application, check_routes
from jobfleet.api.callers import AnyRequest
from jobfleet.api.console import serving
from jobfleet.api.console.assets import Console
from jobfleet.api.documents import documents
from jobfleet.api.endpoint import Endpoint, refuse, refuse_plainly
from jobfleet.api.native import stream
from jobfleet.api.native.routes import routes as native
from jobfleet.api.probes import probes
from jobfleet.api.routes import ROUTES
from jobfleet.api.surface import Route, paths_of, surface_of
from jobfleet.model.errors import InternalError, JobfleetError, UnknownAddressError, WrongMethodError
from jobfleet.operations.platform import Platform


def create_app(
    platform: Platform,
    *,
    body_limit_bytes: int,
    path_prefixes: Sequence[str] = (),
    escape_v2_logs: bool = False,
    routes: tuple[Route, ...] = ROUTES,
    others: Sequence[ControllerRouterHandler] = (),
    console: Console | None = None,
) -> Litestar:
    """Return the application that serves every surface.

    Args:
        body_limit_bytes: A larger body is refused.
        path_prefixes: Prefixes such as `/prod` under which a gateway forwards; the surfaces answer with and without.
        escape_v2_logs: Write `&`, `<` and `>` of version 2's logs as HTML does.
        routes: What the BlueKing surfaces serve.
        others: More route handlers, each with its permission in `opt["permission"]`.
        console: The web console; under its prefix it is served with the native API, and without.

    Raises:
        UndeclaredPermissionError: A route declares no permission.
    """
    check_routes(routes)
    endpoints = [
        (path, Endpoint(platform, served, level, escape_v2_logs))
        for served in routes
        for path, level in paths_of(served).items()
    ]
    prefixes = sorted({"", *map(_prefix, path_prefixes)})
    surfaces = [handler for prefix in prefixes for handler in _handlers(prefix, endpoints)]
    own = _own(platform, routes, console)
    under = [Router(console.prefix, route_handlers=own)] if console and console.prefix else []
    app = Litestar(
        # As routers, for with each of its own handlers the application looks at all others again.
        route_handlers=[Router("/", route_handlers=surfaces), Router("/", route_handlers=own), *under, *others],
        exception_handlers={HTTPException: _refuse, Exception: _refuse},
        request_max_body_size=body_limit_bytes,
        openapi_config=None,
        logging_config=None,
    )
    check_application(app)
    return app


def _own(platform: Platform, routes: tuple[Route, ...], console: Console | None) -> list[ControllerRouterHandler]:
    """Return the handlers of what is not the BlueKing API."""
    return [
        *probes(platform),
        *documents(routes),
        *native(platform),
        *agents.routes(platform),
        *agent_files.routes(platform),
        *uploads.routes(platform),
        *stream.routes(platform),
        *(serving.routes(console) if console else ()),
    ]


def _handlers(prefix: str, endpoints: Iterable[tuple[str, Endpoint]]) -> list[HTTPRouteHandler]:
    """Return the handlers of endpoints at their paths behind a prefix.

    One for all that have methods and permission alike: an application looks at each handler several times over.
    """
    alike: dict[tuple[tuple[str, ...], object], dict[str, Endpoint]] = {}
    for path, endpoint in endpoints:
        alike.setdefault((endpoint.route.methods, endpoint.route.permission), {})[prefix + path] = endpoint
    return [_handler(methods, permission, at) for (methods, permission), at in alike.items()]


def _handler(methods: tuple[str, ...], permission: object, at: Mapping[str, Endpoint]) -> HTTPRouteHandler:
    async def answer(request: AnyRequest) -> Response[bytes]:
        return await at[request.scope["path_template"]].answer(request)

    return route(list(at), http_method=[HttpMethod(method) for method in methods], opt={"permission": permission})(
        answer
    )


def _prefix(written: str) -> str:
    """Return a prefix as it stands before a path: "" or with a slash at its start only."""
    bare = written.strip("/")
    return f"/{bare}" if bare else ""


def _refuse(request: AnyRequest, error: Exception) -> Response[bytes]:
    """Answer what no route took: unknown addresses and methods, in the envelope that belongs to the path."""
    known, trace = _known(request, error), callers.trace_of(request)
    surface = surface_of(request.url.path)
    return refuse_plainly(request, known, trace) if surface is None else refuse(request, surface, known, trace)


def _known(request: AnyRequest, error: Exception) -> JobfleetError:
    path = request.url.path[:200]
    if isinstance(error, JobfleetError):
        return error
    if isinstance(error, MethodNotAllowedException):
        return WrongMethodError(request.method, path)
    if isinstance(error, HTTPException) and error.status_code < 500:
        return UnknownAddressError(request.method, path)
    return InternalError()
