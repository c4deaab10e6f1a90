"""Kept scripts in version 3, a scope's and public ones: what callers ask for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Protocol, runtime_checkable

import msgspec
from msgspec import Meta

from jobfleet.api.fields import NEEDED, Int32, Int64, Text, text
from jobfleet.api.scope import BusinessId, Scoped, scope_of
from jobfleet.api.scope import ScopeId as _ScopeId
from jobfleet.api.scope import ScopeKind as _ScopeKind
from jobfleet.api.scripts import content_of, is_language, scope_first
from jobfleet.api.surface import Call
from jobfleet.model.errors import IllegalParameterError, MissingParameterError
from jobfleet.model.scope import Scope
from jobfleet.model.script import Language
from jobfleet.model.script_version import (
    MAX_NAME_CHARACTERS,
    MAX_VERSION_CHARACTERS,
    NewScript,
    NewVersion,
    ScriptFilter,
    VersionChange,
)

ANY_LANGUAGE = 0

_NAME = Meta(extra_json_schema={"minLength": 1, "maxLength": MAX_NAME_CHARACTERS})
_VERSION = Meta(extra_json_schema={"minLength": 1, "maxLength": MAX_VERSION_CHARACTERS})
_LANGUAGE = Meta(extra_json_schema={"enum": [int(each) for each in Language]})
_FILTER = Meta(extra_json_schema={"enum": [ANY_LANGUAGE, *(int(each) for each in Language)]})
_CONTENT = Meta(extra_json_schema={"contentEncoding": "base64"})

Name = Annotated[Annotated[Text, _NAME] | None, NEEDED]
VersionName = Annotated[Annotated[Text, _VERSION] | None, NEEDED]
LanguageNumber = Annotated[Annotated[Int32, _LANGUAGE] | None, NEEDED]
LanguageFilter = Annotated[Int32, _FILTER] | None
Content = Annotated[Annotated[str, _CONTENT] | None, NEEDED]
ScriptId = Annotated[Text | None, NEEDED]
VersionId = Annotated[Int64 | None, NEEDED]
ScopeKind = Annotated[_ScopeKind | None, NEEDED]
ScopeId = Annotated[_ScopeId | None, NEEDED]


@runtime_checkable
class _OfScope(Protocol):
    """What names a scope beside other words."""

    @property
    def bk_scope_type(self) -> str | None: ...
    @property
    def bk_scope_id(self) -> str | int | None: ...
    @property
    def bk_biz_id(self) -> int | None: ...


class CreatePublicVersion(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for a new version of a public script, a draft; `content` is Base64, here and below."""

    script_id: ScriptId = None
    content: Content = None
    version: VersionName = None
    version_desc: str | None = None


class CreateVersion(CreatePublicVersion, frozen=True, kw_only=True):
    """Ask for a new version of a script, a draft."""

    bk_scope_type: ScopeKind = None
    bk_scope_id: ScopeId = None
    bk_biz_id: BusinessId | None = None


class CreatePublicScript(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for a public script with its first version."""

    name: Name = None
    description: str | None = None
    script_language: LanguageNumber = None
    content: Content = None
    version: VersionName = None
    version_desc: str | None = None


class CreateScript(CreatePublicScript, frozen=True, kw_only=True):
    """Ask for a script with its first version."""

    bk_scope_type: ScopeKind = None
    bk_scope_id: ScopeId = None
    bk_biz_id: BusinessId | None = None


class UpdatePublicBasic(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for another name of a public script; a description that is not given stays, here and below."""

    script_id: ScriptId = None
    name: Name = None
    description: str | None = None


class UpdateBasic(UpdatePublicBasic, frozen=True, kw_only=True):
    """Ask for another name of a script."""

    bk_scope_type: ScopeKind = None
    bk_scope_id: ScopeId = None
    bk_biz_id: BusinessId | None = None


class UpdatePublicVersion(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for another content of a public script's draft."""

    script_id: ScriptId = None
    script_version_id: VersionId = None
    content: Content = None
    version_desc: str | None = None


class UpdateVersion(UpdatePublicVersion, frozen=True, kw_only=True):
    """Ask for another content of a draft."""

    bk_scope_type: ScopeKind = None
    bk_scope_id: ScopeId = None
    bk_biz_id: BusinessId | None = None


class OnePublicScript(msgspec.Struct, frozen=True, kw_only=True):
    """Name a public script."""

    script_id: ScriptId = None


class OneScript(OnePublicScript, frozen=True, kw_only=True):
    """Name a script."""

    bk_scope_type: ScopeKind = None
    bk_scope_id: ScopeId = None
    bk_biz_id: BusinessId | None = None


class OnePublicVersion(msgspec.Struct, frozen=True, kw_only=True):
    """Name a version of a public script."""

    script_id: ScriptId = None
    script_version_id: VersionId = None


class OneVersion(OnePublicVersion, frozen=True, kw_only=True):
    """Name a version of a script."""

    bk_scope_type: ScopeKind = None
    bk_scope_id: ScopeId = None
    bk_biz_id: BusinessId | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Say which page is meant."""

    start: Int32 | None = None
    length: Int32 | None = None


class ListPublicScripts(Page, frozen=True, kw_only=True):
    """Page through the public scripts that are online; `name` is a part of it, language 0 means any."""

    name: Text | None = None
    script_language: LanguageFilter = None


class ListScripts(ListPublicScripts, frozen=True, kw_only=True):
    """Page through the scripts of a scope that are online."""

    bk_scope_type: ScopeKind = None
    bk_scope_id: ScopeId = None
    bk_biz_id: BusinessId | None = None


class ListPublicVersions(Page, frozen=True, kw_only=True):
    """Page through the versions of a public script."""

    script_id: ScriptId = None
    return_script_content: bool = False


class ListVersions(ListPublicVersions, frozen=True, kw_only=True):
    """Page through the versions of a script."""

    bk_scope_type: ScopeKind = None
    bk_scope_id: ScopeId = None
    bk_biz_id: BusinessId | None = None


class FindPublicVersion(msgspec.Struct, frozen=True, kw_only=True):
    """Name a version of a public script by its id, or by script and name."""

    id: Int64 | None = None
    script_id: Text | None = None
    version: Text | None = None


class FindVersion(FindPublicVersion, frozen=True, kw_only=True):
    """Name a version by its id, or by script and name."""

    bk_scope_type: ScopeKind = None
    bk_scope_id: ScopeId = None
    bk_biz_id: BusinessId | None = None


@asynccontextmanager
async def owner_first(call: Call, wanted: msgspec.Struct) -> AsyncIterator[Scope | None]:
    """Give the scope of a request, None for one about public scripts; who may not access it learns nothing else.

    Raises:
        BadRequestError: The request is about a scope's scripts but names none.
        ScopeNotFoundError, ForbiddenError: In place of the block's refusal.
    """
    if not isinstance(wanted, _OfScope):
        yield None
        return
    named = Scoped(bk_scope_type=wanted.bk_scope_type, bk_scope_id=wanted.bk_scope_id, bk_biz_id=wanted.bk_biz_id)
    async with scope_first(call, named):
        yield scope_of(named)


def new_script(scope: Scope | None, wanted: CreatePublicScript) -> NewScript:
    """Return the script that a request asks for.

    Raises:
        MissingParameterError, IllegalParameterError: A value is missing, or the language is none.
        BadRequestError: The content is not Base64, or too large.
    """
    name, language = needed("name", wanted.name), wanted.script_language
    if language is None:
        raise MissingParameterError("script_language")
    if not is_language(language):
        raise IllegalParameterError("script_language")
    first = new_version(wanted.version, wanted.content, wanted.version_desc)
    return NewScript(scope, name, language, first, wanted.description or "")


def new_version(version: str | int | None, content: str | None, description: str | None) -> NewVersion:
    """Return the version that a request asks for; its refusals are those of `new_script`."""
    return NewVersion(needed("version", version), needed_content(content), description or "")


def change_of(wanted: UpdatePublicVersion) -> VersionChange:
    """Return the change of a draft that a request asks for; its refusals are those of `new_script`."""
    return VersionChange(needed_content(wanted.content), description=wanted.version_desc)


def needed_content(written: str | None) -> bytes:
    """Return a content that must be there, decoded."""
    content = content_of("content", written)
    if content is None:
        raise MissingParameterError("content")
    return content


def needed(name: str, value: str | int | None) -> str:
    """Return a text that must be there; the refusal names the field."""
    found = text(value).strip()
    if not found:
        raise MissingParameterError(name)
    return found


def version_id_of(version_id: int | None) -> int:
    """Return a version's id that must be there."""
    if version_id is None:
        raise MissingParameterError("script_version_id")
    if version_id < 1:
        raise IllegalParameterError("script_version_id")
    return version_id


def filter_of(name: str | int | None, language: int | None) -> ScriptFilter:
    """Return the filter of a list; language 0 means any.

    Raises:
        IllegalParameterError: There is no such language.
    """
    if language and not is_language(language):
        raise IllegalParameterError("type")
    return ScriptFilter(text(name), language=language or None)
