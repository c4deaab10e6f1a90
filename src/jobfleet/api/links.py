"""Links of the OpenAPI documents: what can be asked about a thing that was just started or made."""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]

_MAKERS = ("fast_", "execute_", "push_", "create_", "save_", "bkci_plugin_fast_")
_SCOPE = ("bk_scope_type", "bk_scope_id", "bk_biz_id")
_IDS = frozenset({"job_instance_id", "step_instance_id", "script_id", "script_version_id", "job_plan_id", "id"})
_VERBS = ("create_", "save_", "publish_", "update_", "delete_", "enable_", "disable_", "get_")
_ASPECTS = ("_detail", "_status", "_basic")


def add(paths: Mapping[str, Schema], components: Mapping[str, Schema]) -> None:
    """Add to the answers of what starts or makes something the links to what takes its ids.

    A link is only there when the maker tells all ids that the other operation needs; the scope is the maker's.

    Source: docs/reference/api.md, «Links».
    """
    targets = [_Target(path, method, one, components) for path, method, one in _operations(paths)]
    for path, _, maker in _operations(paths):
        if _name(path).startswith(_MAKERS):
            told = _told(maker, components)
            links = {target.id: link for target in targets if (link := _link(path, told, target)) is not None}
            maker["responses"]["200"] |= {"links": links} if links else {}


class _Target:
    """An operation that may be linked to: its request's fields, those it needs, and where they stand."""

    def __init__(self, path: str, method: str, operation: Schema, components: Mapping[str, Schema]) -> None:
        self.path = path
        self.in_query = method == "get"
        self.id: str = operation["operationId"]
        fields = dict(_asked(operation, components))
        self.fields = frozenset(fields)
        self.ids = frozenset(name for name, needed in fields.items() if needed) & _IDS


def _operations(paths: Mapping[str, Schema]) -> Iterator[tuple[str, str, Schema]]:
    for path, item in paths.items():
        for method, operation in item.items():
            yield path, method, operation


def _name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _noun(name: str) -> str:
    """Return what an operation is about: `cron` of update_cron_status."""
    for verb in _VERBS:
        name = name.removeprefix(verb)
    for aspect in _ASPECTS:
        name = name.removesuffix(aspect)
    return name


def _asked(operation: Schema, components: Mapping[str, Schema]) -> Iterator[tuple[str, bool]]:
    for parameter in operation.get("parameters", []):
        yield parameter["name"], parameter["required"]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        for part in content["schema"]["allOf"]:
            struct = components[part["$ref"].rpartition("/")[2]]
            yield from ((name, name in struct.get("required", [])) for name in struct["properties"])


def _told(operation: Schema, components: Mapping[str, Schema]) -> frozenset[str]:
    """Return the ids that always stand at the top of an operation's data: a plan tells null for its step."""
    [content] = operation["responses"]["200"]["content"].values()
    data = content["schema"]["properties"].get("data", {})
    struct = components.get(data.get("$ref", "").rpartition("/")[2], {})
    return frozenset(name for name, one in struct.get("properties", {}).items() if "anyOf" not in one) & _IDS


def _link(path: str, told: frozenset[str], target: _Target) -> Schema | None:
    maker, name = _name(path), _name(target.path)
    if name.startswith(_MAKERS) or ("/system/" in path) != ("/system/" in target.path):
        return None
    sources = _sources(maker, told, _noun(name))
    if not target.ids or not target.ids <= sources.keys():
        return None
    values = {one: f"$response.body#/data/{source}" for one, source in sources.items() if one in target.fields}
    values |= {one: f"$request.body#/{one}" for one in _SCOPE if one in target.fields}
    if target.in_query:
        return {"operationId": target.id, "parameters": {f"query.{one}": value for one, value in values.items()}}
    return {"operationId": target.id, "requestBody": values}


def _sources(maker: str, told: frozenset[str], noun: str) -> dict[str, str]:
    """Return the ids that a maker tells, as a target about a noun calls them; `id` is an id of one's own kind."""
    found = {one: one for one in told - {"id"}}
    made = _noun(maker)
    is_script = made.removesuffix("_version").endswith("script")
    if "id" in told and is_script and noun.removesuffix("_version") == made.removesuffix("_version"):
        found |= {"script_version_id": "id", "id": "id"}
    elif "id" in told and noun == made:
        found["id"] = "id"
    if is_script and ("public" in made) != ("public" in noun):
        return {}
    return found
