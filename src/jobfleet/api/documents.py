"""OpenAPI documents of what is served, one a surface, made from the Structs that read requests and render answers."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec
from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler

import jobfleet
from jobfleet.api import links
from jobfleet.api.access import OPEN
from jobfleet.api.envelope import STATUSES_V4, Answer, AnswerV4
from jobfleet.api.fields import Text
from jobfleet.api.schemas import answer_schema, request_schema
from jobfleet.api.surface import Level, Route, Surface, paths_of

Schema = dict[str, Any]

TITLES = {
    Surface.ESB_V2: "BlueKing job, component bus, version 2",
    Surface.ESB_V3: "BlueKing job, component bus, version 3",
    Surface.GATEWAY_V3: "BlueKing job, API gateway, version 3",
    Surface.GATEWAY_V4: "BlueKing job, API gateway, version 4",
}
_BUS = frozenset({Surface.ESB_V2, Surface.ESB_V3})
_REF = "#/components/schemas/"


class BusCaller(msgspec.Struct, frozen=True):
    """Name the caller beside the parameters, where the header does not."""

    bk_app_code: str | None = None
    bk_app_secret: str | None = None
    bk_token: str | None = None
    bk_username: str | None = None
    access_token: Text | None = None


def documents(routes: tuple[Route, ...]) -> list[HTTPRouteHandler]:
    """Return the handlers of the documents, `/openapi/esb-v2` and so on."""
    return [_handler(surface, routes) for surface in Surface]


def document(surface: Surface, routes: Iterable[Route]) -> Schema:
    """Return the OpenAPI document of one surface."""
    served = [route for route in routes if route.surface is surface]
    components: Schema = {}
    paths = {path: _operations(route, level, components) for route in served for path, level in _published(route)}
    links.add(paths, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLES[surface], "version": jobfleet.__version__},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SCHEMES},
        "security": [{"authorization": []}, {"gateway": []}],
    }


_SCHEMES = {
    "authorization": {"type": "apiKey", "in": "header", "name": "X-Bkapi-Authorization"},
    "gateway": {"type": "apiKey", "in": "header", "name": "X-Bkapi-JWT"},
}


@cache
def _encoded(surface: Surface, routes: tuple[Route, ...]) -> bytes:
    """Return a document as it is sent: the same for every application that serves these routes."""
    return msgspec.json.encode(document(surface, routes))


def _handler(surface: Surface, routes: tuple[Route, ...]) -> HTTPRouteHandler:
    """Return the handler of a document; it is made when it is first asked for, which few servers ever are."""

    @get(f"/openapi/{surface.value}", opt={"permission": OPEN})
    async def openapi() -> Response[bytes]:
        return Response(_encoded(surface, routes), media_type=MediaType.JSON)

    return openapi


def _published(route: Route) -> list[tuple[str, Level]]:
    """Return the paths that callers use; others, such as those that gateways forward to, answer alike."""
    slash = "/" if route.surface in _BUS else ""
    if route.path:
        return [(route.path + slash, Level.USER)]
    return [(path + slash, level) for path, level in paths_of(route).items() if not path.startswith("/api/job/")]


def _operations(route: Route, level: Level, components: Schema) -> Schema:
    return {method.lower(): _operation(route, level, method, components) for method in route.methods}


def _operation(route: Route, level: Level, method: str, components: Schema) -> Schema:
    name = "_".join([*([level.value] if level is Level.APP else []), route.name, *(["get"] if method == "GET" else [])])
    made: Schema = {
        "operationId": name,
        "summary": _summary(route),
        "x-permission": route.permission and str(route.permission),
        "responses": _responses(route, components),
    }
    made |= {"security": []} if level is Level.OPEN else {}
    caller = [request_schema(BusCaller, components)] if route.surface in _BUS else []
    wanted = request_schema(route.wanted, components)
    if method == "GET":
        return made | {"parameters": _parameters([*caller, wanted], components)}
    content = {"application/json": {"schema": {"allOf": [*caller, wanted]}}}
    return made | {"requestBody": {"required": True, "content": content}}


def _summary(route: Route) -> str:
    return (route.handler.__doc__ or "").strip().partition("\n")[0]


def _parameters(parts: Iterable[Mapping[str, Any]], components: Schema) -> list[Schema]:
    """Return the flat fields of requests as query parameters; nested ones cannot stand in a query."""
    found = []
    for part in parts:
        struct = components[part["$ref"].removeprefix(_REF)]
        needed = struct.get("required", [])
        found += [
            {"name": name, "in": "query", "required": name in needed, "schema": schema}
            for name, schema in struct["properties"].items()
            if schema.get("type") not in {"array", "object"} and "$ref" not in schema
        ]
    return found


def _responses(route: Route, components: Schema) -> Schema:
    if route.answer is None:
        return {"200": _json("Answer or refusal; `code` tells.", _with(Answer, {}, components, without=("data",)))}
    data = answer_schema(route.answer, components)
    if route.surface is not Surface.GATEWAY_V4:
        return {"200": _json("Answer or refusal; `code` tells.", _with(Answer, {"data": data}, components))}
    good = _with(AnswerV4, {"data": data}, components, without=("error",), needed=("data",))
    bad = _with(AnswerV4, {}, components, without=("data",), needed=("error",))
    refusal = _json("Refusal.", bad)
    return {"200": _json("Answer.", good)} | {str(status): refusal for status in STATUSES_V4}


def _with(
    envelope: type, more: Schema, components: Schema, *, without: tuple[str, ...] = (), needed: tuple[str, ...] = ()
) -> Schema:
    """Return an envelope's schema with the type of its data filled in."""
    struct = components[answer_schema(envelope, components)["$ref"].removeprefix(_REF)]
    properties = {name: schema for name, schema in struct["properties"].items() if name not in without}
    return {"type": "object", "properties": properties | more, "required": [*struct["required"], *needed]}


def _json(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
