"""The OpenAPI document of the native API, made from the types that read and write it."""

import re
from functools import cache
from typing import Any

import msgspec

from jobfleet import __version__
from jobfleet.api.access import OPEN
from jobfleet.api.native.route import REFUSALS, Call, Nothing, Refusal, Route

_REF = "#/components/schemas/{name}"
_BYTES = {"description": "Done", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}


class Document(msgspec.Struct, frozen=True):
    """An OpenAPI 3.1 document."""

    openapi: str
    info: dict[str, str]
    paths: dict[str, dict[str, Any]]
    components: dict[str, Any]


async def show(_call: Call, _wanted: Nothing) -> Document:
    """Show the document."""
    return document()


ROUTE = Route("GET", "/openapi/native", OPEN, show, Nothing, Document, "Show this document")


@cache
def document() -> Document:
    """Return the document of all routes that clients may use."""
    from jobfleet.api.native.routes import ROUTES

    kinds = {kind for route in ROUTES for kind in (route.wanted, route.answer)} | {Refusal}
    _check_names(kinds)
    _, schemas = msgspec.json.schema_components(sorted(kinds, key=lambda kind: kind.__name__), ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    schemes = {"token": {"type": "http", "scheme": "bearer"}}
    return Document(
        openapi="3.1.0",
        info={"title": "Jobfleet native API", "version": __version__},
        paths=paths,
        components={"schemas": _without_path_members(schemas, ROUTES), "securitySchemes": schemes},
    )


def _check_names(kinds: set[type]) -> None:
    """Refuse two types of one name: clients know them by it."""
    names = [kind.__name__ for kind in kinds]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RuntimeError(f"two types of the native API are called {', '.join(twice)}")


def _id_of(route: Route) -> str:
    """Return what only this operation is called; handlers of two subjects may share a name."""
    words = re.findall(r"\w+", route.path.replace("-", "_").removeprefix("/api/v1"))
    return "_".join([route.method.lower(), *words])


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _id_of(route),
        "summary": route.summary,
        "x-permission": str(route.permission),
        "security": [] if route.permission is OPEN else [{"token": []}],
        "parameters": _parameters(route, schemas[route.wanted.__name__]),
        "responses": _responses(route),
    }
    if route.method == "POST":
        operation["requestBody"] = {"required": True, **_content(route.wanted.__name__, "")}
        del operation["requestBody"]["description"]
    return operation


def _responses(route: Route) -> dict[str, Any]:
    """Return the answer of a route and its refusals by HTTP status."""
    done = _BYTES if route.answer is bytes else _content(route.answer.__name__, "Done")
    refused = _content(Refusal.__name__, "Refused")
    return {str(route.status): done} | {str(status): refused for status in REFUSALS}


def _content(name: str, description: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name=name)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _parameters(route: Route, schema: dict[str, Any]) -> list[dict[str, Any]]:
    in_path = _path_members(route)
    members = schema.get("properties", {})
    shown = in_path if route.method == "POST" else list(members)
    return [
        {
            "name": name,
            "in": "path" if name in in_path else "query",
            "required": name in schema.get("required", []),
            "schema": members[name],
        }
        for name in shown
    ]


def _path_members(route: Route) -> list[str]:
    return re.findall(r"\{(\w+)\}", route.path)


def _without_path_members(schemas: dict[str, Any], routes: tuple[Route, ...]) -> dict[str, Any]:
    """Return the schemas with bodies that lack what the path gives."""
    cut = {route.wanted.__name__: set(_path_members(route)) for route in routes if route.method == "POST"}
    return {name: _without(schema, cut.get(name, set())) for name, schema in schemas.items()}


def _without(schema: dict[str, Any], names: set[str]) -> dict[str, Any]:
    if not names:
        return schema
    members = {name: kind for name, kind in schema["properties"].items() if name not in names}
    required = [name for name in schema.get("required", []) if name not in names]
    return {**schema, "properties": members, "required": required}
