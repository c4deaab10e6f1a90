"""Third-party file sources in version 3: make, change and look at them."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.fields import NEEDED, Int32, Int64, Text, text
from jobfleet.api.scope import Scoped, business_of, scope_of
from jobfleet.api.scripts import scope_first
from jobfleet.api.surface import Call
from jobfleet.model.errors import MissingParameterError
from jobfleet.model.file_source import DEFAULT_REGION, Access, FileSourceType, FileSourceWords, KnownSource
from jobfleet.operations import file_sources

SERVED = 0
"""The state of a source whose worker is there: ours always is, it is the server itself."""

_TYPE = Meta(extra_json_schema={"enum": [kind.value for kind in FileSourceType]})


class AccessParams(msgspec.Struct, frozen=True):
    """Say where a source is."""

    base_url: Annotated[str | None, NEEDED] = None
    region: str = DEFAULT_REGION
    bucket: str = ""


class SaveFileSource(Scoped, frozen=True, kw_only=True):
    """Say what a file source is; on a change what is not given stays."""

    code: Annotated[str | None, NEEDED] = None
    alias: Annotated[str | None, NEEDED] = None
    type: Annotated[Annotated[str, _TYPE] | None, NEEDED] = None
    access_params: Annotated[AccessParams | None, NEEDED] = None
    credential_id: Text | None = None
    file_prefix: str | None = None


class GetFileSourceDetail(Scoped, frozen=True, kw_only=True):
    """Name a file source."""

    code: Annotated[str | None, NEEDED] = None


class SavedFileSource(msgspec.Struct, frozen=True):
    """Name a file source that was stored."""

    id: Int32


class FileSourceDetail(msgspec.Struct, frozen=True):
    """Show a file source."""

    bk_scope_type: str
    bk_scope_id: str
    bk_biz_id: Int64 | None
    id: Int32
    code: str
    alias: str
    status: Int32
    file_source_type_code: str
    is_public: bool
    credential_id: str
    enable: bool
    creator: str
    create_time: Int64
    last_modify_user: str
    last_modify_time: Int64


async def create_file_source(call: Call, wanted: SaveFileSource) -> SavedFileSource:
    """Store a new file source.

    Source: docs/reference/file-sources.md.
    """
    async with scope_first(call, wanted):
        scope, words = scope_of(wanted), _words(wanted)
    return SavedFileSource((await file_sources.create(call.platform, call.caller, scope, words)).id)


async def update_file_source(call: Call, wanted: SaveFileSource) -> SavedFileSource:
    """Change a file source.

    Source: docs/reference/file-sources.md.
    """
    async with scope_first(call, wanted):
        scope, words = scope_of(wanted), _words(wanted)
    return SavedFileSource((await file_sources.update(call.platform, call.caller, scope, words)).id)


async def get_file_source_detail(call: Call, wanted: GetFileSourceDetail) -> FileSourceDetail:
    """Show a file source.

    Source: docs/reference/file-sources.md.
    """
    async with scope_first(call, wanted):
        scope, code = scope_of(wanted), _code(wanted.code)
    return _detail(await file_sources.get(call.platform, call.caller, scope, code))


def _code(written: str | None) -> str:
    if not (written or "").strip():
        raise MissingParameterError("code")
    return (written or "").strip()


def _words(wanted: SaveFileSource) -> FileSourceWords:
    params = wanted.access_params
    access = None if params is None else Access(params.base_url or "", params.region, params.bucket)
    return FileSourceWords(
        code=_code(wanted.code),
        alias=wanted.alias,
        type=wanted.type,
        access=access,
        credential_id=text(wanted.credential_id).strip() or None,
        file_prefix=wanted.file_prefix,
    )


def _detail(one: KnownSource) -> FileSourceDetail:
    return FileSourceDetail(
        bk_scope_type=one.scope.type.value,
        bk_scope_id=str(one.scope.id),
        bk_biz_id=business_of(one.scope),
        id=one.id,
        code=one.code,
        alias=one.alias,
        status=SERVED,
        file_source_type_code=one.type.value,
        is_public=one.public,
        credential_id=one.credential_id,
        enable=one.enabled,
        creator=one.creator,
        create_time=one.created_at,
        last_modify_user=one.changed_by,
        last_modify_time=one.changed_at,
    )
