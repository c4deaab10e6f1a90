"""Write the reference of the BlueKing surfaces' operations from what serves them: `python tools/reference.py`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jobfleet.api.documents import TITLES, document
from jobfleet.api.routes import ROUTES
from jobfleet.api.surface import Route, Surface, paths_of

Schema = dict[str, Any]
DIRECTORY = Path(__file__).parents[1] / "docs/reference/operations"
BOUNDS = {"minimum": "≥ {}", "maximum": "≤ {}", "minLength": "≥ {} characters", "maxLength": "≤ {} characters"}
BOUNDS |= {"minItems": "≥ {} of them", "maxItems": "≤ {} of them", "pattern": "matches `{}`"}


def page(surface: Surface) -> str:
    """Return the page of a surface: its operations by name, with what they take and answer."""
    made = document(surface, ROUTES)
    served = sorted((route for route in ROUTES if route.surface is surface), key=lambda route: route.name)
    head = (
        f"# {TITLES[surface]}: operations\n\n"
        f"Made from the code by `make reference`; machine-readable at `/openapi/{surface.value}`. "
        "What all operations share is in [the API reference](../api.md).\n"
    )
    return "\n".join([head, *(_section(route, made) for route in served)])


def _section(route: Route, made: Schema) -> str:
    fronts = [path for path in paths_of(route) if not path.startswith("/api/job/")]
    path = next(path for path in made["paths"] if path.rstrip("/") == fronts[0])
    operation = made["paths"][path][route.methods[-1].lower()]
    facts = [
        f"{' or '.join(route.methods)} " + ", ".join(f"`{front}`" for front in fronts),
        f"Permission: `{route.permission}`",
    ]
    lines = [f"## {route.name}", operation["summary"], "  \n".join(facts), *_tables(operation, made)]
    return "\n\n".join(lines) + "\n"


def _tables(operation: Schema, made: Schema) -> Iterator[str]:
    asked = list(_asked(operation, made))
    if asked:
        yield _table("asked for", "needed", asked)
    [content] = operation["responses"]["200"]["content"].values()
    data = content["schema"]["properties"].get("data", {})
    answered = list(_fields(made, data, ""))
    if answered:
        yield _table("answered in `data`", "always there", answered)


def _asked(operation: Schema, made: Schema) -> Iterator[tuple[str, Schema, bool]]:
    for parameter in operation.get("parameters", []):
        if parameter["name"] not in made["components"]["schemas"].get("BusCaller", {}).get("properties", {}):
            yield parameter["name"], parameter["schema"], parameter["required"]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        parts = [part for part in content["schema"]["allOf"] if not part["$ref"].endswith("/BusCaller")]
        for part in parts:
            yield from _fields(made, part, "")


def _fields(made: Schema, schema: Schema, place: str) -> Iterator[tuple[str, Schema, bool]]:
    known = _resolved(made, schema)
    if "items" in known:
        yield from _fields(made, known["items"], f"{place}[]")
    for name, inner in known.get("properties", {}).items():
        there = f"{place}.{name}" if place else name
        yield there, inner, name in known.get("required", [])
        yield from _fields(made, inner, there)


def _resolved(made: Schema, schema: Schema) -> Schema:
    for choice in schema.get("anyOf", []):
        if choice != {"type": "null"}:
            return _resolved(made, choice)
    if "$ref" in schema:
        return _resolved(made, made["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return schema


def _table(title: str, needed: str, fields: list[tuple[str, Schema, bool]]) -> str:
    rows = [f"| {title} | type | {needed} | values |", "|---|---|---|---|"]
    return "\n".join([*rows, *(_row(*field) for field in fields)])


def _row(place: str, schema: Schema, needed: bool) -> str:
    kinds = [one for one in schema.get("anyOf", [schema]) if one != {"type": "null"}]
    known = kinds[0] if kinds else {}
    kind = "object" if "$ref" in known else known.get("type", "any")
    null = " or null" if {"type": "null"} in schema.get("anyOf", []) else ""
    return f"| `{place}` | {kind}{null} | {'yes' if needed else ''} | {_values(known)} |"


def _values(schema: Schema) -> str:
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    told = [text.format(schema[name]) for name, text in BOUNDS.items() if name in schema]
    return ", ".join(told).replace("|", "\\|")


def main() -> None:
    """Write the page of every surface."""
    DIRECTORY.mkdir(exist_ok=True)
    for surface in Surface:
        (DIRECTORY / f"{surface.value}.md").write_text(page(surface), encoding="utf-8")


if __name__ == "__main__":
    main()
