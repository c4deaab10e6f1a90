"""The address that a file is uploaded to once."""

from typing import Any

import msgspec
from litestar import Response
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler

from jobfleet.api.access import OPEN
from jobfleet.api.agent_files import raw
from jobfleet.api.native.route import AnyRequest
from jobfleet.operations import uploads
from jobfleet.operations.platform import Platform

PATH = "/upload/"


async def put_upload(platform: Platform, request: AnyRequest) -> Response[Any]:
    """Take the file of an address; who has the address may use it."""
    length = request.headers.get("content-length", "")
    announced = int(length) if length.isascii() and length.isdigit() and len(length) < 19 else None
    token = str(request.path_params["token"])
    stored = await uploads.take_upload(platform, token, request.stream(), announced)
    told = {"path": stored.path, "sha256": stored.content_hash, "size": stored.size_bytes}
    return Response(msgspec.json.encode(told), media_type="application/json")


def routes(platform: Platform) -> list[HTTPRouteHandler]:
    """Return the handlers of these routes."""
    return [raw(platform, HttpMethod.PUT, PATH + "{token:str}", OPEN, put_upload)]
