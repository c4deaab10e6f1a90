"""Fetch what a third-party source has for a step: find its objects, and bring their bytes into the server's store."""

import asyncio
import errno
import hashlib
import uuid
from collections.abc import Awaitable, Callable, Mapping
from pathlib import PurePosixPath
from typing import TypeVar

import msgspec

from jobfleet.engine.context import Context
from jobfleet.engine.object_store import Bucket, ObjectError, StoredObject
from jobfleet.engine.secrets import fetched_parts
from jobfleet.engine.tale import Tale
from jobfleet.model.definition import FileItem
from jobfleet.model.file_job import MAX_FILE_TASKS
from jobfleet.model.file_source import GENERATED_PREFIX, KnownSource
from jobfleet.model.object_path import ObjectPath, parse_object_path
from jobfleet.model.outcome import ErrorCode
from jobfleet.model.transfer import FailedItem, Manifest, OfferedFile, OfferedItem
from jobfleet.store import file_sources
from jobfleet.store.blobs import Incoming
from jobfleet.store.file_sources import FetchedObject

TRIES = 5
FIRST_PAUSE_S = 0.5
AT_ONCE = 4
"""Objects of one path that are fetched side by side."""

Answer = TypeVar("Answer")
_FILE_MODE = 0o644


class Wanted(msgspec.Struct, frozen=True):
    """Say what is to be fetched from where: paths of a source, with the secrets that open it."""

    source: KnownSource
    items: tuple[FileItem, ...]
    keys: Mapping[str, str]


class _Found(msgspec.Struct, frozen=True):
    """Name what a target gets of one path: its name there, and (name below the target directory, object)."""

    path: str
    name: str
    objects: tuple[tuple[str, StoredObject], ...]
    directories: tuple[str, ...] = ()


class Preparation:
    """Fetch the paths of one source, one after the other, and tell of it."""

    def __init__(self, ctx: Context, wanted: Wanted, proxy: str, tale: Tale) -> None:
        self._ctx = ctx
        self._wanted = wanted
        self._proxy = proxy
        self._tale = tale
        self._prefix = wanted.source.file_prefix.replace(GENERATED_PREFIX, uuid.uuid4().hex)
        self._buckets: dict[str, Bucket] = {}
        self._count = 0

    async def run(self) -> Manifest:
        """Fetch everything; what cannot be had is told and listed as failed."""
        items: list[OfferedItem] = []
        failed: list[FailedItem] = []
        for item in self._wanted.items:
            shown = self._shown(item.path)
            try:
                for found in await self._find(item.path):
                    shown = found.path
                    items.append(await self._fetch_found(found))
            except ObjectError as error:
                failed.append(FailedItem(shown, error.error_code, str(error)))
                self._tale.fail(failed[-1])
        return Manifest(tuple(items), tuple(failed))

    def _shown(self, path: str) -> str:
        return f"{self._wanted.source.alias}/{path.lstrip('/')}"

    async def _find(self, path: str) -> list[_Found]:
        self._tale.begin(self._shown(path), 0)
        try:
            place = parse_object_path(path)
        except ValueError as error:
            raise ObjectError(ErrorCode.FILE_MISSING, f"{path}: {error}") from error
        only = self._wanted.source.access.bucket
        if only and place.bucket != only:
            raise ObjectError(ErrorCode.FILE_FORBIDDEN, f"{path}: the source has the bucket {only} only")
        found = await _patiently(lambda: self._look(path, place))
        self._count += sum(len(one.objects) for one in found)
        if self._count > MAX_FILE_TASKS:
            raise ObjectError(ErrorCode.FILE_UNREADABLE, f"{path}: more than {MAX_FILE_TASKS} files")
        return found

    async def _look(self, path: str, place: ObjectPath) -> list[_Found]:
        bucket = self._bucket(place.bucket)
        if place.fits is not None:
            return self._matching(path, place, await bucket.list_directory(place.key))
        if place.is_directory:
            return [self._directory(path, place, await bucket.list_all(place.key, MAX_FILE_TASKS))]
        name = self._prefix + PurePosixPath(place.key).name
        return [_Found(self._shown(path), name, ((name, await bucket.head(place.key)),))]

    def _matching(self, path: str, place: ObjectPath, objects: list[StoredObject]) -> list[_Found]:
        named = [(PurePosixPath(one.key).name, one) for one in objects]
        fitting = [(name, one) for name, one in named if place.fits and place.fits(name)]
        if not fitting:
            raise ObjectError(ErrorCode.FILE_MISSING, f"{path}: nothing fits")
        self._tale.forget(self._shown(path))
        return [
            _Found(self._shown(f"{place.bucket}/{one.key}"), self._prefix + name, ((self._prefix + name, one),))
            for name, one in fitting
        ]

    def _directory(self, path: str, place: ObjectPath, objects: list[StoredObject]) -> _Found:
        if not objects:
            raise ObjectError(ErrorCode.FILE_MISSING, f"{path}: nothing is there")
        root = f"{self._prefix}{place.directory_name}/"
        below = [(root + one.key.removeprefix(place.key), one) for one in objects]
        parents = {f"{parent}/" for name, _ in below for parent in PurePosixPath(name).parents if str(parent) != "."}
        return _Found(self._shown(path), root, tuple(below), tuple(sorted(parents | {root})))

    def _bucket(self, name: str) -> Bucket:
        if name not in self._buckets:
            self._buckets[name] = Bucket(self._wanted.source.access, name, self._wanted.keys, self._proxy)
        return self._buckets[name]

    async def _fetch_found(self, found: _Found) -> OfferedItem:
        self._tale.begin(found.path, sum(one.size_bytes for _, one in found.objects))
        bucket = found.path.split("/", 2)[1]
        waiting = iter(enumerate(found.objects))
        files: dict[int, OfferedFile] = {}

        async def work() -> None:
            for at, (name, one) in waiting:
                content_hash = await self._content(bucket, found.path, one)
                files[at] = OfferedFile(name, _FILE_MODE, one.size_bytes, content_hash)

        await _side_by_side(work, min(AT_ONCE, len(found.objects)))
        self._tale.finish(found.path)
        return OfferedItem(found.path, found.name, tuple(files[at] for at in sorted(files)), found.directories)

    async def _content(self, bucket: str, shown: str, one: StoredObject) -> str:
        """Bring an object's content into the store, unless it is unchanged since the last time; return its hash."""
        path = f"{bucket}/{one.key}"
        known = await self._known(path, one)
        if known:
            self._tale.add(shown, one.size_bytes)
            return known
        content_hash = await self._fetch(self._bucket(bucket), shown, path, one)
        await self._keep(path, one, content_hash)
        return content_hash

    async def _known(self, path: str, one: StoredObject) -> str:
        if not one.etag:
            return ""
        async with self._ctx.db.begin() as tx:
            kept = await file_sources.find_fetched(tx, self._wanted.source.id, path)
        if kept is None or (kept.etag, kept.size_bytes) != (one.etag, one.size_bytes):
            return ""
        parts = fetched_parts(kept.file_source_id, path, kept.etag, kept.size_bytes, kept.content_hash)
        is_ours = self._ctx.sealer.matches(kept.seal, *parts)
        path_there = await asyncio.to_thread(self._ctx.blobs.find, kept.content_hash) if is_ours else None
        return kept.content_hash if path_there else ""

    async def _keep(self, path: str, one: StoredObject, content_hash: str) -> None:
        source_id = self._wanted.source.id
        seal = self._ctx.sealer.mac(*fetched_parts(source_id, path, one.etag, one.size_bytes, content_hash))
        kept = FetchedObject(source_id, path, one.etag, one.size_bytes, content_hash, seal)
        async with self._ctx.db.begin() as tx:
            await file_sources.keep_fetched(tx, kept, self._ctx.clock())

    async def _fetch(self, bucket: Bucket, shown: str, path: str, one: StoredObject) -> str:
        mark = hashlib.sha256(repr((self._wanted.source.id, path, one.etag, one.size_bytes)).encode()).hexdigest()
        try:
            incoming = await asyncio.to_thread(self._ctx.blobs.resume, mark)
            self._tale.add(shown, incoming.size_bytes)
            return await self._fill(bucket, shown, one, incoming)
        except OSError as error:
            full = error.errno in {errno.ENOSPC, errno.EDQUOT}
            code = ErrorCode.DISK_FULL if full else ErrorCode.INTERNAL
            raise ObjectError(code, f"the server's disk does not take it: {error.strerror}") from error

    async def _fill(self, bucket: Bucket, shown: str, one: StoredObject, incoming: Incoming) -> str:
        is_kept = False
        try:
            await asyncio.to_thread(self._ctx.blobs.check_room, one.size_bytes - incoming.size_bytes)

            async def read_on() -> None:
                async for block in bucket.read(one, incoming.size_bytes):
                    if incoming.size_bytes + len(block) > one.size_bytes:  # there may be no end to it
                        raise ObjectError(ErrorCode.FILE_UNREADABLE, f"{one.key}: longer than the store said")
                    await asyncio.to_thread(incoming.write, block)
                    self._tale.add(shown, len(block))

            if incoming.size_bytes < one.size_bytes or one.size_bytes == 0:
                await _patiently(read_on, lambda: incoming.size_bytes)
            if incoming.size_bytes != one.size_bytes:
                await asyncio.to_thread(incoming.drop)
                raise ObjectError(ErrorCode.FILE_UNREADABLE, f"{one.key}: not as long as the store said")
            content_hash = await asyncio.to_thread(incoming.finish)
            is_kept = True
        finally:
            if not is_kept:
                incoming.leave()  # the next try goes on from here
        return content_hash


async def _patiently(work: Callable[[], Awaitable[Answer]], progress: Callable[[], int] = lambda: 0) -> Answer:
    """Do something that may fail for a while, again and again; what makes progress may fail more often."""
    tries, reached = 0, progress()
    while True:
        try:
            return await work()
        except ObjectError as error:
            tries = 1 if progress() > reached else tries + 1
            reached = progress()
            if not error.may_pass or tries >= TRIES:
                raise
        await asyncio.sleep(FIRST_PAUSE_S * 2 ** (tries - 1))


async def _side_by_side(work: Callable[[], Awaitable[None]], count: int) -> None:
    """Run so many of the same kind until all are done; the first error ends all."""
    running = [asyncio.ensure_future(work()) for _ in range(count)]
    try:
        await asyncio.gather(*running)
    finally:
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)
