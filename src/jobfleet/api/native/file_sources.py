"""Third-party file sources: make, change, delete and list them."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import ScopeText
from jobfleet.api.native.route import Call, Done, FieldError, Route, Wanted
from jobfleet.api.words import in_words
from jobfleet.model.caller import Action
from jobfleet.model.file_source import DEFAULT_REGION, Access, FileSourceType, FileSourceWords, KnownSource
from jobfleet.model.scope import parse_scope, scope_text
from jobfleet.operations import file_sources
from jobfleet.operations.source_check import check_source

_FIELDS = {"alias": "name"}
"""How we call what operations name otherwise in refusals."""

Code = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}$")]


class NewFileSource(Wanted, frozen=True):
    """Ask for a new source; `bucket` is the only one to use, "" for any."""

    scope: ScopeText
    code: Code
    name: str
    endpoint: str
    credential_id: str
    region: str = DEFAULT_REGION
    bucket: str = ""
    file_prefix: str = ""
    public: bool = False
    shared_with: tuple[ScopeText, ...] = ()
    enabled: bool = True


class ChangeFileSource(Wanted, frozen=True):
    """Ask for a change; what is not given stays. Region and bucket go with the endpoint."""

    code: Code
    scope: ScopeText
    name: str | None = None
    endpoint: str | None = None
    region: str = DEFAULT_REGION
    bucket: str = ""
    credential_id: str | None = None
    file_prefix: str | None = None
    public: bool | None = None
    shared_with: list[ScopeText] | None = None
    enabled: bool | None = None


class OneFileSource(Wanted, frozen=True):
    """Name a source by its code."""

    code: Code
    scope: ScopeText


class CheckFileSource(Wanted, frozen=True):
    """Name a source and a directory of it, `bucket/dir/`; "" is the root of its only bucket."""

    code: Code
    scope: ScopeText
    path: Annotated[str, Meta(max_length=1024, pattern=r"^[^\x00]*$")] = ""


class FoundObject(msgspec.Struct, frozen=True):
    """Name an object of a store."""

    key: str
    size_bytes: int


class CheckedSource(msgspec.Struct, frozen=True):
    """Say whether the store was reached, what is the matter if not, and the first objects that are there."""

    reached: bool
    trouble: str
    objects: list[FoundObject]
    has_more: bool


class ListFileSources(Wanted, frozen=True):
    """Name the scope that is to use them."""

    scope: ScopeText


class FileSourceAnswer(msgspec.Struct, frozen=True):
    """Show a source; `scope` is whose it is, times are epoch milliseconds."""

    id: int
    scope: str
    code: str
    name: str
    type: str
    endpoint: str
    region: str
    bucket: str
    credential_id: str
    file_prefix: str
    public: bool
    shared_with: list[str]
    enabled: bool
    creator: str
    created_at: int
    changed_by: str
    changed_at: int


class FileSourceList(msgspec.Struct, frozen=True):
    """Show sources, the scope's own first."""

    file_sources: list[FileSourceAnswer]


async def create(call: Call, wanted: NewFileSource) -> FileSourceAnswer:
    """Store a new source."""
    words = FileSourceWords(
        code=wanted.code,
        alias=wanted.name,
        type=FileSourceType.S3,
        access=Access(wanted.endpoint, wanted.region, wanted.bucket),
        credential_id=wanted.credential_id,
        file_prefix=wanted.file_prefix,
        public=wanted.public,
        shared_with=wanted.shared_with,
        enabled=wanted.enabled,
    )
    with in_words(_FIELDS):
        return _show(await file_sources.create(call.platform, call.caller, parse_scope(wanted.scope), words))


async def update(call: Call, wanted: ChangeFileSource) -> FileSourceAnswer:
    """Change a source."""
    words = FileSourceWords(
        code=wanted.code,
        alias=wanted.name,
        access=_access(wanted),
        credential_id=wanted.credential_id,
        file_prefix=wanted.file_prefix,
        public=wanted.public,
        shared_with=None if wanted.shared_with is None else tuple(wanted.shared_with),
        enabled=wanted.enabled,
    )
    with in_words(_FIELDS):
        return _show(await file_sources.update(call.platform, call.caller, parse_scope(wanted.scope), words))


async def get(call: Call, wanted: OneFileSource) -> FileSourceAnswer:
    """Show the source that a scope means by a code."""
    return _show(await file_sources.get(call.platform, call.caller, parse_scope(wanted.scope), wanted.code))


async def list_all(call: Call, wanted: ListFileSources) -> FileSourceList:
    """Show the sources that a scope may use."""
    found = await file_sources.list_all(call.platform, call.caller, parse_scope(wanted.scope))
    return FileSourceList([_show(one) for one in found])


async def check(call: Call, wanted: CheckFileSource) -> CheckedSource:
    """Try a source out."""
    scope = parse_scope(wanted.scope)
    found = await check_source(call.platform, call.caller, scope, wanted.code, wanted.path)
    shown = [FoundObject(one.key, one.size_bytes) for one in found.objects]
    return CheckedSource(not found.trouble, found.trouble, shown, found.has_more)


async def delete(call: Call, wanted: OneFileSource) -> Done:
    """Forget a source of the scope."""
    await file_sources.delete(call.platform, call.caller, parse_scope(wanted.scope), wanted.code)
    return Done()


def _access(wanted: ChangeFileSource) -> Access | None:
    if wanted.endpoint is not None:
        return Access(wanted.endpoint, wanted.region, wanted.bucket)
    if wanted.bucket or wanted.region != DEFAULT_REGION:
        raise FieldError("endpoint", "is missing")
    return None


def _show(one: KnownSource) -> FileSourceAnswer:
    return FileSourceAnswer(
        id=one.id,
        scope=scope_text(one.scope),
        code=one.code,
        name=one.alias,
        type=one.type.value,
        endpoint=one.access.endpoint,
        region=one.access.region,
        bucket=one.access.bucket,
        credential_id=one.credential_id,
        file_prefix=one.file_prefix,
        public=one.public,
        shared_with=list(one.shared_with),
        enabled=one.enabled,
        creator=one.creator,
        created_at=one.created_at,
        changed_by=one.changed_by,
        changed_at=one.changed_at,
    )


_ALL, _ONE = "/api/v1/file-sources", "/api/v1/file-sources/{code}"
_VIEW, _MANAGE = Action.VIEW_FILE_SOURCE, Action.MANAGE_FILE_SOURCE
ROUTES = (
    Route("POST", _ALL, Action.CREATE_FILE_SOURCE, create, NewFileSource, FileSourceAnswer, "Add a file source", 201),
    Route("GET", _ALL, _VIEW, list_all, ListFileSources, FileSourceList, "List file sources"),
    Route("GET", _ONE, _VIEW, get, OneFileSource, FileSourceAnswer, "Show a file source"),
    Route("POST", _ONE, _MANAGE, update, ChangeFileSource, FileSourceAnswer, "Change a file source"),
    Route("POST", _ONE + "/check", _MANAGE, check, CheckFileSource, CheckedSource, "Try a file source out"),
    Route("POST", _ONE + "/delete", _MANAGE, delete, OneFileSource, Done, "Delete a file source"),
)
