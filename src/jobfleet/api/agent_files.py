"""Files between agents and the server, in pieces and ranges: bytes that are no JSON and no whole bodies in memory."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from litestar.status_codes import HTTP_307_TEMPORARY_REDIRECT

from jobfleet.api.access import AGENT
from jobfleet.api.native.route import AnyRequest, guarded
from jobfleet.api.sending import FileSender, sender_of
from jobfleet.bus import agent_http
from jobfleet.model.errors import BadRequestError
from jobfleet.model.job_errors import ContentNotFoundError
from jobfleet.model.transfer import CONTENT_HASH
from jobfleet.operations import agent_files
from jobfleet.operations.agent_files import Piece, Proof
from jobfleet.operations.platform import Platform
from jobfleet.store.blobs import blocks

PORTION_BYTES = 512 * 1024

Handler = Callable[[Platform, AnyRequest], Awaitable[Response[Any]]]
_RANGE = re.compile(r"^bytes=(\d{1,18})-$")
_encoder = msgspec.json.Encoder()


async def put_piece(platform: Platform, request: AnyRequest) -> Response[Any]:
    """Take a piece of a content; answer how much of it is there."""
    piece = Piece(_hash(request), _number(request, "size"), _number(request, "offset"))
    kept = await agent_files.take_piece(platform, _proof(request), piece, _portions(request))
    return Response(_encoder.encode(kept), media_type="application/json")


async def put_manifest(platform: Platform, request: AnyRequest) -> Response[Any]:
    """Take the list of what a source offers."""
    await agent_files.take_manifest(platform, _proof(request), _hash(request), request.stream())
    return Response(b"{}", media_type="application/json")


async def get_content(platform: Platform, request: AnyRequest) -> Response[Any]:
    """Hand out a content from an offset on, or say where it is.

    With `check` it is read anew before, and with `here` it is not looked for elsewhere.
    """
    checked = "check" in request.query_params
    path = await agent_files.content_for_task(platform, _proof(request), _hash(request), checked=checked)
    size = _size_of(path, request)
    may_be_elsewhere = not checked and "here" not in request.query_params
    address = await agent_files.address_of(platform, _hash(request), path, size) if may_be_elsewhere else ""
    if address:
        return Response(b"", status_code=HTTP_307_TEMPORARY_REDIRECT, headers={"Location": address})
    first = min(size, _first(request))
    headers = {"Content-Length": str(size - first), "Content-Range": f"bytes {first}-{max(first, size - 1)}/{size}"}
    status = 206 if first else 200
    body = body_of(path, first, size - first, sender_of(request.scope))
    return Stream(body, status_code=status, media_type="application/octet-stream", headers=headers)


def _size_of(path: Path, request: AnyRequest) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError as error:  # dropped meanwhile, for another host found it damaged
        raise ContentNotFoundError(_hash(request)) from error


async def body_of(path: Path, first: int, count: int, sender: FileSender | None) -> AsyncIterator[bytes]:
    """Have bytes of a file sent by the kernel, or yield them."""
    with path.open("rb") as file:
        if sender is not None and await sender.send(file.fileno(), first, count):
            return
        reading: Iterator[bytes] = blocks(file, first, count)
        while (block := await asyncio.to_thread(next, reading, None)) is not None:
            yield block


def routes(platform: Platform) -> list[HTTPRouteHandler]:
    """Return the handlers of these routes."""
    task = "/api/agent/v1/tasks/{task_id:int}"
    return [
        raw(platform, HttpMethod.PUT, task + "/contents/{content_hash:str}", AGENT, put_piece),
        raw(platform, HttpMethod.GET, task + "/contents/{content_hash:str}", AGENT, get_content),
        raw(platform, HttpMethod.PUT, task + "/manifest/{content_hash:str}", AGENT, put_manifest),
    ]


def raw(platform: Platform, method: HttpMethod, path: str, permission: str, handler: Handler) -> HTTPRouteHandler:
    """Return a route whose handler reads and writes bytes itself; its refusals are those of the native API."""

    async def handle(request: AnyRequest) -> Response[Any]:
        return await guarded(platform, request, path, handler(platform, request))

    opt = {"permission": permission}
    return HTTPRouteHandler(path, http_method=[method], opt=opt, request_max_body_size=None)(handle)


async def _portions(request: AnyRequest) -> AsyncIterator[bytes]:
    """Yield a body in portions that are worth a write each; a client that goes away leaves a whole one unwritten."""
    parts: list[bytes] = []
    async for part in request.stream():
        parts.append(part)
        if sum(map(len, parts)) >= PORTION_BYTES:
            yield b"".join(parts)
            parts = []
    if parts:
        yield b"".join(parts)


def _proof(request: AnyRequest) -> Proof:
    header = request.headers.get(agent_http.HEADER, "")
    return Proof(header, request.method, request.url.path, int(request.path_params["task_id"]))


def _hash(request: AnyRequest) -> str:
    content_hash = str(request.path_params["content_hash"])
    if not re.match(CONTENT_HASH, content_hash):
        raise BadRequestError("content_hash", "is no valid value")
    return content_hash


def _number(request: AnyRequest, name: str) -> int:
    written = request.query_params.get(name, "")
    if not (written.isascii() and written.isdigit() and len(written) < 19):
        raise BadRequestError(name, "is no valid value")
    return int(written)


def _first(request: AnyRequest) -> int:
    found = _RANGE.match(request.headers.get("range", "bytes=0-"))
    if found is None:
        raise BadRequestError("Range", "is no valid value")
    return int(found[1])
