"""What an OpenAPI document says of its operations, flattened: methods, and the type and need of every field."""

from collections.abc import Iterator
from typing import Any

import msgspec

Document = dict[str, Any]
UPPER = ("maxItems", "maxLength", "maximum")
LOWER = ("minItems", "minLength", "minimum")
CALLER_FIELDS = frozenset({"bk_app_code", "bk_app_secret", "bk_token", "bk_username", "access_token"})
"""Fields that every operation of the bus has; they are tested as such and not operation by operation."""


class Field(msgspec.Struct, frozen=True):
    """Describe a field: its type, whether it must be there, and what it may hold.

    `choices` are the values of an enumeration, `limits` are bounds by their names; an enumeration of numbers is one.
    """

    type: str
    required: bool
    format: str = ""
    choices: frozenset[int | str] = frozenset()
    limits: dict[str, int] = {}
    pattern: str = ""


class Operation(msgspec.Struct, frozen=True):
    """Describe an operation: its methods, and by place the fields of a request, of an answer's data, and around it.

    A place is such as `target_server.ip_list[].ip`. `carriers` says for each method what holds the parameters.
    """

    methods: tuple[str, ...]
    carriers: dict[str, str]
    request: dict[str, Field]
    answer: dict[str, Field]
    envelope: dict[str, Field]


def operations(document: Document) -> dict[str, Operation]:
    """Return the operations of a document by path; a slash at the end does not count."""
    return {path.rstrip("/"): _operation(document, item) for path, item in document["paths"].items()}


def _operation(document: Document, item: Document) -> Operation:
    methods = [method for method in ("get", "post") if method in item]
    requests = [_request(document, item[method]) for method in methods]
    merged = {place: field for request in requests for place, field in request.items()}
    carriers = {str(method): _carrier(document, item[method]) for method in methods}
    answer, envelope = _answer(document, item[methods[-1]])
    return Operation(tuple(methods), carriers, merged, answer, envelope)


def _carrier(document: Document, method: Document) -> str:
    places = {_resolved(document, parameter)["in"] for parameter in method.get("parameters", [])} - {"header"}
    body = {"body"} if "requestBody" in method else set()
    return "|".join(sorted(places | body))


def _request(document: Document, method: Document) -> dict[str, Field]:
    found = {}
    for parameter in method.get("parameters", []):
        known = _resolved(document, parameter)
        if known["in"] == "query" and known["name"] not in CALLER_FIELDS:
            schema = _resolved(document, known["schema"])
            found[known["name"]] = _field(schema, required=bool(known.get("required")))
    for content in _resolved(document, method.get("requestBody", {})).get("content", {}).values():
        found |= dict(_fields(document, content["schema"], ""))
    return {place: field for place, field in found.items() if place not in CALLER_FIELDS}


def _answer(document: Document, method: Document) -> tuple[dict[str, Field], dict[str, Field]]:
    """Return the fields of an answer's data, and those around them."""
    response = _resolved(document, method["responses"]["200"])
    [content] = response["content"].values()
    found = dict(_fields(document, content["schema"], ""))
    data = {place for place in found if place.startswith("data")}
    inside = {place.removeprefix("data").lstrip("."): found[place] for place in found if place in data}
    return inside, {place: field for place, field in found.items() if place not in data or place == "data"}


def _field(schema: Document, *, required: bool) -> Field:
    choices = frozenset(choice for choice in schema.get("enum", []) if choice is not None)
    numbers = [choice for choice in choices if isinstance(choice, int)]
    limits = {"maximum": max(numbers), "minimum": min(numbers)} if numbers else {}
    limits |= {name: schema[name] for name in (*UPPER, *LOWER) if name in schema}
    return Field(_type(schema), required, schema.get("format", ""), choices, limits, schema.get("pattern", ""))


def _fields(document: Document, schema: Document, place: str) -> Iterator[tuple[str, Field]]:
    known = _resolved(document, schema)
    for part in known.get("allOf", []):
        yield from _fields(document, part, place)
    for choice in known.get("anyOf", []) + known.get("oneOf", []):
        yield from _fields(document, choice, place)
    if "items" in known:
        yield from _fields(document, known["items"], f"{place}[]")
    for name, inner in known.get("properties", {}).items():
        there = f"{place}.{name}" if place else name
        yield there, _field(_resolved(document, inner), required=name in known.get("required", []))
        yield from _fields(document, inner, there)


def _resolved(document: Document, schema: Document) -> Document:
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/")]
        schema = found
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1 and len(schema["anyOf"]) > 1:
        return _resolved(document, choices[0])
    return schema


def _type(schema: Document) -> str:
    """Return the type; null beside it does not count, for the contract says nowhere reliably what may be null."""
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        [kind] = [name for name in kind if name != "null"]
    return str(kind)
