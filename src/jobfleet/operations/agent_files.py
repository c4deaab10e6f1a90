"""Take files from the agents that offer them, and hand them to those that need them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import structlog

from jobfleet.engine.sealing import content_purpose
from jobfleet.engine.transfers import manifest_parts
from jobfleet.model.errors import BadRequestError
from jobfleet.model.job_errors import ContentMismatchError, ContentNotFoundError, StorageError, UnknownHostsError
from jobfleet.model.transfer import Kept, Manifest
from jobfleet.model.unreadable import UNREADABLE
from jobfleet.operations.agent_content import prove
from jobfleet.operations.platform import Platform
from jobfleet.store import contents, files
from jobfleet.store.blobs import ROOM_STEP_BYTES, Blobs, WrongContentError

MAX_MANIFEST_BYTES = 30 * 1024 * 1024

_log = structlog.get_logger()
_manifests = msgspec.msgpack.Decoder(Manifest)


class Proof(msgspec.Struct, frozen=True):
    """Hold how an agent proves a request (see bus.agent_http), and the task that it is about."""

    header: str
    method: str
    path: str
    task_id: int


class Piece(msgspec.Struct, frozen=True):
    """Name bytes of a content from an offset on; `size_bytes` is the size of the whole content."""

    content_hash: str
    size_bytes: int
    offset: int


async def take_piece(platform: Platform, proof: Proof, piece: Piece, data: AsyncIterator[bytes]) -> Kept:
    """Store a piece of a file that a source offers, as it comes; return how much of the file is there.

    What came before the sender broke off stays.

    Raises:
        UnauthenticatedError: The proof is not good.
        UnknownHostsError: The host has no such unfinished task.
        ContentMismatchError: The content is complete and has another hash.
        StorageError: The server's disk does not take it.
        BadRequestError: More came than the content has.
    """
    await _offering(platform, proof)
    try:
        return await store_piece(platform.engine.blobs, piece, data)
    except WrongContentError as error:
        raise ContentMismatchError("the content does not have this hash") from error
    except OSError as error:
        raise StorageError(error.strerror or str(error)) from error


async def store_piece(blobs: Blobs, piece: Piece, data: AsyncIterator[bytes]) -> Kept:
    """Store a piece as it comes, as long as the disk has room; return how much of its content is there.

    Raises:
        OSError, WrongContentError: See `Blobs.append` and `Blobs.check_room`.
        BadRequestError: More came than the content has.
    """
    kept = await asyncio.to_thread(blobs.stored, piece.content_hash, piece.size_bytes)
    offset = piece.offset
    room_until = offset
    async for portion in data:
        if offset >= room_until:
            await asyncio.to_thread(blobs.check_room, len(portion))
            room_until = offset + ROOM_STEP_BYTES
        kept = await asyncio.to_thread(blobs.append, piece.content_hash, piece.size_bytes, offset, portion)
        offset += len(portion)
        if offset > piece.size_bytes:
            raise BadRequestError("body", "is too large")
    return kept


async def take_manifest(platform: Platform, proof: Proof, manifest_hash: str, data: AsyncIterator[bytes]) -> None:
    """Note what a source offers; its contents must be there. Nothing is read of who proves nothing.

    Raises:
        UnauthenticatedError, UnknownHostsError: See `take_piece`.
        ContentMismatchError: It does not have this hash.
        BadRequestError: It is too large, is not a manifest, or lists a content that is not there.
    """
    await _offering(platform, proof)
    written = await _whole(data)
    # In a thread: long manifests would hold up everybody else.
    manifest = await asyncio.to_thread(_opened, platform.engine.blobs, manifest_hash, written)
    ctx = platform.engine
    async with ctx.db.begin() as tx:
        host_id = await prove(tx, platform, proof.header, proof.method, proof.path)
        task = await files.find_offering(tx, host_id, proof.task_id)
        if task is None:
            raise UnknownHostsError(1, f"host {host_id} has no unfinished task {proof.task_id}")
        await contents.insert(tx, manifest_hash, ctx.sealer.seal(written, content_purpose(manifest_hash)), ctx.clock())
        await files.allow(tx, task.job_id, task.step_id, {manifest_hash} | manifest.hashes)
        parts = manifest_parts(task.job_id, task.step_id, task.attempt, task.ordinal, manifest_hash)
        await files.set_manifest(tx, task, manifest_hash, ctx.sealer.mac(*parts))


async def _whole(data: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    async for part in data:
        body += part
        if len(body) > MAX_MANIFEST_BYTES:
            raise BadRequestError("body", "is too large")
    return bytes(body)


async def content_for_task(platform: Platform, proof: Proof, content_hash: str, *, checked: bool = False) -> Path:
    """Return the file of a content that a target has to get.

    Args:
        checked: What came before did not fit its hash: read it anew first, and drop it when it is damaged here.

    Raises:
        UnauthenticatedError: The proof is not good.
        ContentNotFoundError: The host has no unfinished task that needs the content, or it is gone.
    """
    async with platform.engine.db.begin() as tx:
        host_id = await prove(tx, platform, proof.header, proof.method, proof.path)
        needed = await files.may_fetch(tx, host_id, proof.task_id, content_hash)
    blobs = platform.engine.blobs
    if needed and checked:
        await _check(platform, content_hash, host_id)
    path = await asyncio.to_thread(blobs.find, content_hash) if needed else None
    if path is None:
        raise ContentNotFoundError(content_hash)
    return path


async def address_of(platform: Platform, content_hash: str, path: Path, size_bytes: int) -> str:
    """Return where a target may fetch a content instead of here; "" when nowhere."""
    store = platform.engine.file_store
    return await store.address_of(content_hash, path, size_bytes) if store is not None else ""


async def _check(platform: Platform, content_hash: str, host_id: int) -> None:
    """Drop what is damaged: here when it is, and in any case the copy elsewhere, of which nobody here can tell."""
    if platform.engine.file_store is not None:
        await platform.engine.file_store.drop(content_hash)
    if not await platform.content_checks.check(platform.engine.blobs, content_hash):
        _log.warning("a stored content was damaged and is dropped", content_hash=content_hash, host_id=host_id)


async def _offering(platform: Platform, proof: Proof) -> None:
    async with platform.engine.db.begin() as tx:
        host_id = await prove(tx, platform, proof.header, proof.method, proof.path)
        if await files.find_offering(tx, host_id, proof.task_id) is None:
            raise UnknownHostsError(1, f"host {host_id} has no unfinished task {proof.task_id}")


def _opened(blobs: Blobs, manifest_hash: str, written: bytes) -> Manifest:
    if hashlib.sha256(written).hexdigest() != manifest_hash:
        raise ContentMismatchError("the manifest does not have this hash")
    try:
        manifest = _manifests.decode(written)
    except UNREADABLE as error:
        raise BadRequestError("manifest", str(error)) from error
    missing = next((one for one in manifest.hashes if blobs.find(one) is None), None)
    if missing is not None:
        raise BadRequestError("manifest", f"the content {missing} is not there")
    return manifest
