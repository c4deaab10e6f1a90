"""Version 4's list of the scopes that a user may use."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from jobfleet.api.fields import Int32, Int64
from jobfleet.api.surface import Call
from jobfleet.model.scope import KnownScope
from jobfleet.operations.scopes import list_scopes

MAX_LENGTH = 200

Offset = Annotated[int, Meta(ge=0, le=2**31 - 1, extra_json_schema={"format": "int32"})]
Length = Annotated[int, Meta(ge=1, le=MAX_LENGTH, extra_json_schema={"format": "int32"})]


class GetUserAuthorizedScopes(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for a page of scopes."""

    offset: Offset = 0
    length: Length = 10


class AuthorizedScope(msgspec.Struct, frozen=True):
    """Show a scope; nobody marks favourites here, so `favor` is false and `favor_time` left out."""

    bk_scope_type: str
    bk_scope_id: str
    name: str
    time_zone: str
    favor: bool
    favor_time: str | UnsetType = UNSET


class AuthorizedScopes(msgspec.Struct, frozen=True):
    """Show a page of scopes: businesses, then business sets, by id. `total` counts all."""

    total: Int64
    offset: Int32
    length: Int32
    scope_list: list[AuthorizedScope]


async def get_user_authorized_scopes(call: Call, wanted: GetUserAuthorizedScopes) -> AuthorizedScopes:
    """Answer where the caller may work.

    Source: docs/reference/service.md, «Scopes of a user».
    """
    found = await list_scopes(call.platform, call.caller)
    page = found[wanted.offset : wanted.offset + wanted.length]
    shown = [_shown(info, call.platform.time_zone) for info in page]
    return AuthorizedScopes(len(found), wanted.offset, wanted.length, shown)


def _shown(info: KnownScope, zone: str) -> AuthorizedScope:
    return AuthorizedScope(info.scope.type.value, str(info.scope.id), info.name, info.time_zone or zone, favor=False)
