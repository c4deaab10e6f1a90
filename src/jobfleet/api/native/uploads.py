"""Addresses to upload files to, for plans and jobs that distribute them."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import ScopeText
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.api.native.targets import parse_scope
from jobfleet.api.uploads import PATH
from jobfleet.model.caller import Action
from jobfleet.operations import uploads

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


async def make_uploads(call: Call, wanted: NewUploads) -> UploadList:
    """Make addresses for uploads."""
    scope = parse_scope(wanted.scope)
    made = await uploads.make_addresses(call.platform, call.caller, scope, dict.fromkeys(wanted.names))
    listed = [UploadAddress(name, f"{PATH}{address.token}", address.path) for name, address in made.items()]
    return UploadList(listed)


_PATH, _NEEDS = "/api/v1/uploads", Action.ACCESS_BUSINESS
ROUTES = (Route("POST", _PATH, _NEEDS, make_uploads, NewUploads, UploadList, "Make addresses for uploads", 201),)
