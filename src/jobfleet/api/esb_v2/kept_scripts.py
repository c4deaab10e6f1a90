"""Kept scripts in version 2: there a script is its online version, by the version's id; times are UTC."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64, Text
from jobfleet.api.kept_scripts import LanguageFilter, Page, filter_of
from jobfleet.api.paging import MAX_LENGTH, page_of
from jobfleet.api.scope import BusinessId, ScopedV2, ScopeId, ScopeKind, business_of, scope_of
from jobfleet.api.script_views import show_content
from jobfleet.api.scripts import scope_first
from jobfleet.api.surface import Call
from jobfleet.api.times import time_texts
from jobfleet.model.errors import IllegalParameterError, MissingParameterError
from jobfleet.model.scope import Scope
from jobfleet.model.script_version import Script, ScriptVersion
from jobfleet.operations import scripts

_WRITTEN = time_texts("UTC", offset=False)


class GetPublicScriptListV2(Page, frozen=True, kw_only=True):
    """Ask for public scripts; without a length all of them, up to MAX_LENGTH."""

    script_name: Text | None = None
    script_type: LanguageFilter = None
    return_script_content: bool = False


class GetScriptListV2(GetPublicScriptListV2, frozen=True, kw_only=True):
    """Ask for the scripts of a scope, or with `is_public` for public ones."""

    bk_biz_id: BusinessId | None = None
    bk_scope_type: ScopeKind | None = None
    bk_scope_id: ScopeId | None = None
    is_public: bool = False


class GetScriptDetailV2(msgspec.Struct, frozen=True, kw_only=True):
    """Name a version; of a public script without a scope."""

    bk_biz_id: BusinessId | None = None
    bk_scope_type: ScopeKind | None = None
    bk_scope_id: ScopeId | None = None
    id: Annotated[Int64 | None, NEEDED] = None


class ScriptV2(msgspec.Struct, frozen=True, kw_only=True):
    """Show a version of a script; `tag` is its description, `content` Base64 or null."""

    id: Int64
    name: str
    version: str
    tag: str
    type: Int32
    creator: str
    public: bool
    bk_biz_id: Int64 | None
    bk_scope_type: str | None
    bk_scope_id: str | None
    create_time: str | None
    last_modify_user: str
    last_modify_time: str | None
    content: str | None


class ScriptPageV2(msgspec.Struct, frozen=True):
    """Show one page of scripts."""

    data: list[ScriptV2]
    start: Int32
    page_size: Int32
    total_record_size: Int64


async def get_script_list(call: Call, wanted: GetScriptListV2) -> ScriptPageV2:
    """Show the scripts of a scope, or public ones.

    Source: docs/reference/scripts.md, «BlueKing API»; also below.
    """
    return await _page(call, None if wanted.is_public else _scoped(wanted), wanted)


async def get_public_script_list(call: Call, wanted: GetPublicScriptListV2) -> ScriptPageV2:
    """Show public scripts."""
    return await _page(call, None, wanted)


async def get_script_detail(call: Call, wanted: GetScriptDetailV2) -> ScriptV2:
    """Show a version with its content."""
    named = wanted.bk_biz_id is not None or wanted.bk_scope_type is not None or wanted.bk_scope_id is not None
    async with _owner_first(call, _scoped(wanted) if named else None) as scope:
        version_id = _id(wanted.id)
    return _show(*await scripts.get_version(call.platform, call.caller, scope, version_id, or_public=True))


async def _page(call: Call, scoped: ScopedV2 | None, wanted: GetPublicScriptListV2) -> ScriptPageV2:
    async with _owner_first(call, scoped) as scope:
        those = filter_of(wanted.script_name, wanted.script_type)
    start, length = page_of(wanted.start, wanted.length, MAX_LENGTH)
    total, found = await scripts.list_online(
        call.platform, call.caller, scope, those, start=start, length=length, contents=wanted.return_script_content
    )
    return ScriptPageV2([_show(*one) for one in found], start, length, total)


@asynccontextmanager
async def _owner_first(call: Call, scoped: ScopedV2 | None) -> AsyncIterator[Scope | None]:
    if scoped is None:
        yield None
        return
    async with scope_first(call, scoped):
        yield scope_of(scoped)


def _scoped(wanted: GetScriptListV2 | GetScriptDetailV2) -> ScopedV2:
    return ScopedV2(bk_biz_id=wanted.bk_biz_id, bk_scope_type=wanted.bk_scope_type, bk_scope_id=wanted.bk_scope_id)


def _id(version_id: int | None) -> int:
    if version_id is None:
        raise MissingParameterError("id")
    if version_id < 1:
        raise IllegalParameterError("id")
    return version_id


def _show(script: Script, version: ScriptVersion) -> ScriptV2:
    scope = script.scope
    return ScriptV2(
        id=version.id,
        name=script.name,
        version=version.version,
        tag=version.description,
        type=script.language,
        creator=version.creator,
        public=scope is None,
        bk_biz_id=None if scope is None else business_of(scope),
        bk_scope_type=None if scope is None else scope.type.value,
        bk_scope_id=None if scope is None else str(scope.id),
        create_time=_WRITTEN(version.created_at),
        last_modify_user=version.modifier,
        last_modify_time=_WRITTEN(version.modified_at),
        content=show_content(version),
    )
