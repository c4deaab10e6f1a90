"""How tables say whose a row is: a scope's, or public."""

from typing import Any

from jobfleet.model.scope import Scope, ScopeType

_PUBLIC = ("public", 0)


def owner_columns(owner: Scope | None) -> tuple[str, int]:
    """Return scope_type and scope_id of what a scope has; None stands for what is public."""
    return _PUBLIC if owner is None else (owner.type.value, owner.id)


def owner_of(row: Any) -> Scope | None:
    """Return the scope that a row is of; None of what is public."""
    return None if row.scope_type == _PUBLIC[0] else Scope(ScopeType(row.scope_type), row.scope_id)
