"""Give people addresses to upload files to, and take the files."""

import asyncio
import secrets
import uuid
from collections.abc import AsyncIterator, Iterable

import msgspec

from jobfleet.engine.housekeeping import FILES_MS
from jobfleet.model.caller import Action, Caller
from jobfleet.model.job_errors import ContentNotFoundError, StorageError
from jobfleet.model.platform_settings import may_upload
from jobfleet.model.resource_errors import UploadSuffixError, UploadTooLargeError
from jobfleet.model.scope import Scope
from jobfleet.model.token_hash import hash_token
from jobfleet.operations.access import demand, enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, files, plans, platform_settings
from jobfleet.store.blobs import ROOM_STEP_BYTES
from jobfleet.store.database import Transaction
from jobfleet.store.files import KnownUpload, StoredUpload

LIFETIME_MS = 30 * 60_000
"""How long an address for an upload is good for."""


class Address(msgspec.Struct, frozen=True):
    """Tell where a file is to be uploaded to, and the path by which jobs name it then."""

    token: str
    path: str


async def make_addresses(platform: Platform, caller: Caller, scope: Scope, names: Iterable[str]) -> dict[str, Address]:
    """Return an address for each file name; each is good for one upload within LIFETIME_MS.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller may send no files in the scope.
        UploadSuffixError: A name ends as uploads may not.

    Source: docs/reference/files.md, «Uploads».
    """
    now = platform.engine.clock()
    made = {name: Address(secrets.token_urlsafe(32), _path(scope, caller, name)) for name in names}
    rows = [(address.path, hash_token(address.token)) for address in made.values()]
    async with platform.engine.db.begin() as tx:
        demand(caller, Action.QUICK_TRANSFER_FILE, await enter_scope(tx, platform, caller, scope))
        await _check_names(tx, made)
        await files.insert_uploads(tx, scope, rows, now, now + LIFETIME_MS)
        subject = f"make {len(made)} addresses for uploads"
        await audit.insert(tx, caller, Action.QUICK_TRANSFER_FILE, subject, now, scope)
    return made


class ShownUpload(msgspec.Struct, frozen=True):
    """Show an uploaded file; `kept_by_template` says that it stays although its time is over."""

    file: KnownUpload
    kept_by_template: bool

    @property
    def forgotten_at(self) -> int | None:
        """Return when it is forgotten (epoch ms), None as long as a template or plan names it."""
        return None if self.kept_by_template else self.file.created_at + FILES_MS


async def list_uploads(
    platform: Platform, caller: Caller, scope: Scope, *, name: str, start: int, length: int
) -> tuple[int, list[ShownUpload]]:
    """Return how many files are there that were uploaded in a scope, and a page of them, newest first.

    Args:
        name: A part of the file's name or of who uploaded it.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.

    Source: docs/reference/files.md, «Uploads».
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        total, page = await files.list_uploads(tx, scope, name=name, start=start, length=length)
        named = await plans.list_upload_paths(tx) if page else set()
    return total, [ShownUpload(one, one.path in named) for one in page]


async def take_upload(
    platform: Platform, token: str, body: AsyncIterator[bytes], announced_bytes: int | None = None
) -> StoredUpload:
    """Store a file under the path that belongs to an address.

    Args:
        announced_bytes: How long the sender says that the file is; one that is too long is refused unread, and its
            address stays good.

    Raises:
        ContentNotFoundError: The address is unknown, used or too old.
        UploadTooLargeError: The file is larger than uploads may be; nothing of it is kept.
        StorageError: The server's disk does not take the file, or has no room for it.
    """
    ctx = platform.engine
    await _check_room(platform, announced_bytes or 0)
    async with ctx.db.begin() as tx:
        path = await files.use_upload(tx, hash_token(token), ctx.clock())
    if path is None:
        raise ContentNotFoundError("upload address")
    content_hash, size = await _store(platform, body)
    stored = StoredUpload(path, content_hash, size)
    async with ctx.db.begin() as tx:
        await files.finish_upload(tx, stored, ctx.clock())
    return stored


async def _store(platform: Platform, body: AsyncIterator[bytes]) -> tuple[str, int]:
    incoming = await asyncio.to_thread(platform.engine.blobs.receive)
    is_kept = False
    try:
        room_until = ROOM_STEP_BYTES
        async for block in body:
            size = incoming.size_bytes + len(block)
            _check_size(platform, size)
            if size >= room_until:
                await asyncio.to_thread(platform.engine.blobs.check_room, len(block))
                room_until = size + ROOM_STEP_BYTES
            await asyncio.to_thread(incoming.write, block)
        content_hash = await asyncio.to_thread(incoming.finish)
        is_kept = True
    except OSError as error:
        raise StorageError(error.strerror or str(error)) from error
    finally:
        if not is_kept:
            incoming.drop()
    return content_hash, incoming.size_bytes


async def _check_room(platform: Platform, size_bytes: int) -> None:
    _check_size(platform, size_bytes)
    try:
        await asyncio.to_thread(platform.engine.blobs.check_room, size_bytes)
    except OSError as error:
        raise StorageError(error.strerror or str(error)) from error


def _check_size(platform: Platform, size_bytes: int) -> None:
    if size_bytes > platform.upload_limit_bytes:
        raise UploadTooLargeError(platform.upload_limit_bytes)


async def _check_names(tx: Transaction, names: Iterable[str]) -> None:
    settings = await platform_settings.load(tx)
    for name in names:
        if not may_upload(settings, name):
            raise UploadSuffixError(name)


def _path(scope: Scope, caller: Caller, name: str) -> str:
    return f"{scope.type.value}-{scope.id}/{uuid.uuid4()}/{caller.username}/{name}"
