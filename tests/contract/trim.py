"""Copy the facts out of a full contract: `trim.py FULL.yaml SMALL.yaml`."""

import re
import sys
from pathlib import Path
from typing import Any

import yaml

LIMITS = frozenset({"maxItems", "minItems", "maxLength", "minLength", "maximum", "minimum", "pattern"})
KEPT = LIMITS | {"type", "properties", "items", "required", "allOf", "anyOf", "oneOf", "$ref", "enum", "format"}
KEPT_KEYS = KEPT | {"in", "name", "schema", "parameters", "requestBody", "responses", "content", "x-esb"}


def trim(full: dict[str, Any]) -> dict[str, Any]:
    """Return the paths of a contract, and the components that they refer to, without prose."""
    paths = {path: _facts(item, named=False) for path, item in full["paths"].items()}
    small: dict[str, Any] = {"openapi": full["openapi"], "paths": paths, "components": {}}
    for kind, name in _references(full, paths):
        small["components"].setdefault(kind, {})[name] = _facts(full["components"][kind][name], named=False)
    return small


def _references(full: dict[str, Any], part: Any) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    waiting = [part]
    while waiting:
        for kind, name in re.findall(r"#/components/(\w+)/([\w.]+)", str(waiting.pop())):
            if (kind, name) not in found:
                found[kind, name] = None
                waiting.append(_facts(full["components"][kind][name], named=False))
    return list(found)


def _facts(value: Any, *, named: bool) -> Any:
    """Return a part of the contract without prose; the keys of a `named` mapping are names and all stay."""
    if isinstance(value, list):
        return [_facts(item, named=False) for item in value]
    if not isinstance(value, dict):
        return value
    names_inside = {"properties", "content", "responses"}
    return {
        key: _facts(inner, named=key in names_inside and not named)
        for key, inner in value.items()
        if named or key in KEPT_KEYS or key in {"get", "post"}
    }


def main() -> None:
    """Trim the file named first into the one named second."""
    full, small = (Path(name) for name in sys.argv[1:3])
    small.write_text(yaml.safe_dump(trim(yaml.safe_load(full.read_text())), sort_keys=False, allow_unicode=True))


if __name__ == "__main__":
    main()
