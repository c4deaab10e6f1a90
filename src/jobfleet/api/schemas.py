"""JSON schemas of requests and answers, from their Structs."""

from typing import Any

import msgspec

from jobfleet.api.choices import tell

Schema = dict[str, Any]
REF = "#/components/schemas/{name}"

_BOUNDS = {2**63 - 1, -(2**63), 2**31 - 1, -(2**31)}


def answer_schema(kind: Any, components: Schema) -> Schema:
    """Return the schema of an answer; Structs go to `components`."""
    [schema], found = msgspec.json.schema_components([kind], ref_template=REF)
    components.update({name: _told(name, struct, requests=False) for name, struct in found.items()})
    return _schema(_clean(schema, requests=False))


def request_schema(kind: type, components: Schema) -> Schema:
    """Return the schema of a request; null counts as absent there, so it is not told."""
    [schema], found = msgspec.json.schema_components([kind], ref_template=REF)
    components.update({name: _told(name, struct, requests=True) for name, struct in found.items()})
    return _schema(_clean(schema, requests=True))


def _told(name: str, struct: Schema, *, requests: bool) -> Schema:
    cleaned: Schema = _clean(struct, requests=requests)
    tell(name, cleaned.get("properties", {}), requests=requests)
    return cleaned


def _schema(value: Any) -> Schema:
    return dict(value)


def _clean(value: Any, *, requests: bool) -> Any:
    if isinstance(value, list):
        return [_clean(item, requests=requests) for item in value]
    if not isinstance(value, dict):
        return value
    cleaned = {name: _clean(item, requests=requests) for name, item in value.items() if not _is_noise(name, item)}
    if "properties" in cleaned:
        return _struct(cleaned)
    return _value(cleaned, requests=requests)


def _struct(struct: Schema) -> Schema:
    """Return a Struct's schema with the fields that callers must give among the required ones."""
    needed = [name for name, schema in struct["properties"].items() if schema.pop("x-required", False)]
    struct["required"] = [*struct.get("required", []), *needed]
    return struct


def _value(schema: Schema, *, requests: bool) -> Schema:
    if schema.pop("x-text", False):
        return {"type": "string", **_kept(schema)}
    choices = schema.get("anyOf")
    if not choices:
        return schema
    if requests:
        choices = [choice for choice in choices if choice != {"type": "null"}]
        schema = schema | {"anyOf": choices}
    return {**choices[0], **_kept(schema)} if len(choices) == 1 else schema


def _kept(schema: Schema) -> Schema:
    return {name: value for name, value in schema.items() if name not in {"anyOf", "type"}}


def _is_noise(name: str, value: Any) -> bool:
    return (name in {"minimum", "maximum"} and value in _BOUNDS) or (name == "default" and value is None)
