"""Addresses to upload files to, for plans and jobs that distribute them."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import ScopeText
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.api.uploads import PATH
from jobfleet.model.caller import Action
from jobfleet.model.scope import parse_scope
from jobfleet.operations import uploads
from jobfleet.operations.uploads import ShownUpload

FileName = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[^/\\]+$")]


class NewUploads(Wanted, frozen=True):
    """Name the files that are to be uploaded."""

    scope: ScopeText
    names: Annotated[list[FileName], Meta(min_length=1, max_length=100)]


class UploadAddress(msgspec.Struct, frozen=True):
    """Tell where a file is to be sent by PUT, once, and the path by which it is named then."""

    name: str
    address: str
    path: str


class UploadList(msgspec.Struct, frozen=True):
    """Tell an address for each file, in the order of the request; `address` is a path on this server."""

    uploads: list[UploadAddress]


class ListUploads(Wanted, frozen=True):
    """Page through the uploaded files of a scope, newest first; `name` is a part of the file's or the person's."""

    scope: ScopeText
    name: Annotated[str, Meta(max_length=255, pattern=r"^[^\x00]*$")] = ""
    start: Annotated[int, Meta(ge=0, le=2**31)] = 0
    length: Annotated[int, Meta(ge=1, le=1000)] = 50


class UploadedFile(msgspec.Struct, frozen=True):
    """Show a file by the path that jobs name it with; times are epoch milliseconds.

    `forgotten_at` is null as long as a template or plan names the file.
    """

    path: str
    name: str
    uploaded_by: str
    size_bytes: int
    sha256: str
    stored_at: int
    forgotten_at: int | None


class UploadedFiles(msgspec.Struct, frozen=True):
    """Show one page of uploaded files; `total` counts them all."""

    total: int
    files: list[UploadedFile]


async def list_uploads(call: Call, wanted: ListUploads) -> UploadedFiles:
    """Show a page of uploaded files."""
    page = {"start": wanted.start, "length": wanted.length}
    scope = parse_scope(wanted.scope)
    total, found = await uploads.list_uploads(call.platform, call.caller, scope, name=wanted.name, **page)
    return UploadedFiles(total, [_show(one) for one in found])


def _show(one: ShownUpload) -> UploadedFile:
    *_, person, name = one.file.path.split("/")
    times = one.file.stored_at or one.file.created_at, one.forgotten_at
    return UploadedFile(one.file.path, name, person, one.file.size_bytes, one.file.content_hash, *times)


async def make_uploads(call: Call, wanted: NewUploads) -> UploadList:
    """Make addresses for uploads."""
    scope = parse_scope(wanted.scope)
    made = await uploads.make_addresses(call.platform, call.caller, scope, dict.fromkeys(wanted.names))
    listed = [UploadAddress(name, f"{PATH}{address.token}", address.path) for name, address in made.items()]
    return UploadList(listed)


_PATH = "/api/v1/uploads"
ROUTES = (
    Route("GET", _PATH, Action.ACCESS_BUSINESS, list_uploads, ListUploads, UploadedFiles, "List uploaded files"),
    Route(
        "POST",
        _PATH,
        Action.QUICK_TRANSFER_FILE,
        make_uploads,
        NewUploads,
        UploadList,
        "Make addresses for uploads",
        201,
    ),
)
