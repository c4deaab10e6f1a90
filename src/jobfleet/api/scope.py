"""Read whose a request is: the scope pair, or the old business id."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.fields import NEEDED, Text, text
from jobfleet.model.errors import BadRequestError
from jobfleet.model.highest import MAX_ID
from jobfleet.model.scope import Scope, ScopeType, scope_of_business_id

_KIND = Meta(extra_json_schema={"enum": [kind.value for kind in ScopeType]})
_ID = Meta(extra_json_schema={"pattern": "^[1-9][0-9]{0,18}$"})
BusinessId = Annotated[int, Meta(le=MAX_ID, extra_json_schema={"format": "int64", "minimum": 1})]
"""The id of a business; what is smaller is refused by a rule and not by its type."""

ScopeKind = Annotated[str, _KIND]
ScopeId = Annotated[Text, _ID]


class ScopePair(msgspec.Struct, frozen=True, kw_only=True):
    """Name a scope by its pair, as version 4 does."""

    bk_scope_type: Annotated[ScopeKind | None, NEEDED] = None
    bk_scope_id: Annotated[ScopeId | None, NEEDED] = None


class Scoped(ScopePair, frozen=True, kw_only=True):
    """Name a scope by its pair, or without it by the old business id, as version 3 does."""

    bk_biz_id: BusinessId | None = None


class ScopedV2(msgspec.Struct, frozen=True, kw_only=True):
    """Name a scope by business id, or by the pair, which wins, as version 2 does."""

    bk_biz_id: Annotated[BusinessId | None, NEEDED] = None
    bk_scope_type: ScopeKind | None = None
    bk_scope_id: ScopeId | None = None


def scope_of(wanted: ScopePair | ScopedV2) -> Scope:
    """Return the scope that a request names.

    Raises:
        BadRequestError: None is named, or it is not well-formed.

    Source: docs/reference/api.md, «Scope».
    """
    kind, scope_id = text(wanted.bk_scope_type).strip(), text(wanted.bk_scope_id).strip()
    if kind or scope_id:
        return Scope(_kind(kind), _id(scope_id))
    business_id: int | None = getattr(wanted, "bk_biz_id", None)
    if business_id is None:
        raise BadRequestError("bk_biz_id" if isinstance(wanted, ScopedV2) else "bk_scope_type", "is missing")
    if business_id < 1:
        raise BadRequestError("bk_biz_id", "is no valid value")
    return scope_of_business_id(business_id)


def business_of(scope: Scope) -> int | None:
    """Return the id of a business; None for a business set."""
    return scope.id if scope.type is ScopeType.BUSINESS else None


def _kind(word: str) -> ScopeType:
    if not word:
        raise BadRequestError("bk_scope_type", "is missing")
    try:
        return ScopeType(word)
    except ValueError as error:
        raise BadRequestError("bk_scope_type", "is no valid value") from error


def _id(digits: str) -> int:
    if not digits:
        raise BadRequestError("bk_scope_id", "is missing")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20 and 0 < int(digits) <= MAX_ID):
        raise BadRequestError("bk_scope_id", "is no valid value")
    return int(digits)
