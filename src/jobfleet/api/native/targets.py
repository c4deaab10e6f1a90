"""How the native API names scopes and targets: one text each."""

from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.target_text import parse_objects, parse_targets

__all__ = ["SCOPE_PATTERN", "parse_objects", "parse_scope", "parse_targets"]

SCOPE_PATTERN = r"^(biz|biz_set):[1-9][0-9]{0,17}$"


def parse_scope(text: str) -> Scope:
    """Return the scope that a text of SCOPE_PATTERN names."""
    kind, _, number = text.partition(":")
    return Scope(ScopeType(kind), int(number))
