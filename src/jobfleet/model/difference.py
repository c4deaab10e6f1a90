"""What applying a declared state changes: one entry a declared thing, with its fields before and after."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

MASK = "******"
SECRET_FIELDS = frozenset({"password_hash", "secret_hash", "password", "sensitive_params"})


class Effect(StrEnum):
    """Say what becomes of a declared thing."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


class FieldChange(msgspec.Struct, frozen=True):
    """Show a field before and after; secrets are masked."""

    name: str
    before: Any
    after: Any


class Change(msgspec.Struct, frozen=True):
    """Say what becomes of one declared thing: its table, its key in words, and the fields that differ."""

    table: str
    key: str
    effect: Effect
    fields: tuple[FieldChange, ...] = ()


Fields = Mapping[str, Any]


def compare(table: str, key: str, before: Fields | None, after: Fields) -> Change:
    """Return how a thing differs; `before` is None for a new one, whose empty fields are not listed."""
    old = before or {}
    names = [name for name in after if old.get(name) != after[name]]
    fields = tuple(FieldChange(name, _shown(name, old), _shown(name, after)) for name in names)
    if before is None:
        return Change(table, key, Effect.ADDED, fields)
    return Change(table, key, Effect.CHANGED if fields else Effect.UNCHANGED, fields)


def _shown(name: str, fields: Fields) -> Any:
    value = fields.get(name)
    return MASK if name in SECRET_FIELDS and value is not None else value
