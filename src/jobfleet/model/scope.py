"""Whose a thing is: a business or a business set."""

from enum import StrEnum

import msgspec

BUSINESS_SET_IDS = range(8_000_000, 10_000_000)
"""Ids that the old `bk_biz_id` parameter uses for business sets."""


class ScopeType(StrEnum):
    """Name the kinds of scope; the texts are the contract's."""

    BUSINESS = "biz"
    BUSINESS_SET = "biz_set"


class Scope(msgspec.Struct, frozen=True):
    """Name a business or a business set by kind and id."""

    type: ScopeType
    id: int


def scope_text(scope: Scope) -> str:
    """Return the text that names a scope, such as `biz:2`."""
    return f"{scope.type.value}:{scope.id}"


def parse_scope(text: str) -> Scope:
    """Return the scope that a text such as `biz:2` names.

    Raises:
        ValueError: It names none.
    """
    kind, _, number = text.partition(":")
    return Scope(ScopeType(kind), int(number))


class KnownScope(msgspec.Struct, frozen=True):
    """Describe a scope: `member_ids` are the businesses whose hosts it may use."""

    scope: Scope
    name: str
    time_zone: str | None
    member_ids: frozenset[int]


def scope_of_business_id(business_id: int) -> Scope:
    """Return the scope that an old business id names.

    Source: docs/reference/scopes.md, «Old ids».
    """
    kind = ScopeType.BUSINESS_SET if business_id in BUSINESS_SET_IDS else ScopeType.BUSINESS
    return Scope(kind, business_id)
