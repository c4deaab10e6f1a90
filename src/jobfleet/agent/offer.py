"""Offer files: find them, hash them, give the server what it lacks, and tell it what there is."""

import hashlib
import os
import stat
from collections.abc import Iterator

import msgspec

from jobfleet.agent.depot import Depot, DepotError
from jobfleet.agent.files import now_ms
from jobfleet.agent.find import FileError, Found, find, of_source
from jobfleet.agent.telling import FileTeller, News
from jobfleet.agent.throttle import Throttle
from jobfleet.model.order import OfferOrder
from jobfleet.model.outcome import ErrorCode
from jobfleet.model.transfer import (
    MAX_PIECE_BYTES,
    Direction,
    FailedItem,
    FileStatus,
    Kept,
    Manifest,
    OfferedFile,
    OfferedItem,
    Progress,
)

_BLOCK_BYTES = 256 * 1024
_SMALL_BYTES = 16 * 1024
_paths = msgspec.msgpack.Decoder(tuple[str, ...])


def offer(order: OfferOrder, depot: Depot, host_id: int, news: News) -> FailedItem | None:
    """Offer what an order asks for and tell of it; return the last thing that failed, or None."""
    offering = _Offering(order, depot, host_id, news)
    for path in _paths.decode(depot.listed(order.paths_hash)) if order.paths_hash else order.paths:
        offering.add(path)
    manifest = Manifest(tuple(offering.items), tuple(offering.failed))
    written = msgspec.msgpack.encode(manifest)
    depot.offer(hashlib.sha256(written).hexdigest(), written)
    return offering.failed[-1] if offering.failed else None


class _Offering:
    """Gather what there is and what there is not."""

    def __init__(self, order: OfferOrder, depot: Depot, host_id: int, news: News) -> None:
        self._depot = depot
        self._news = news
        self._host_id = host_id
        self._throttle = Throttle(order.limit_kib_s)
        self.items: list[OfferedItem] = []
        self.failed: list[FailedItem] = []

    def add(self, path: str) -> None:
        """Offer one path of the request."""
        try:
            found = find(path)
        except FileError as error:
            self._fail(FailedItem(path, error.error_code, str(error)))
            return
        for one in found:
            self._add(one)

    def _add(self, found: Found) -> None:
        first = Progress(now_ms(), Direction.UPLOAD, self._host_id, found.path, "", FileStatus.UPLOADING, 0)
        teller = FileTeller(first, self._news)
        teller.begin()
        try:
            files = tuple(self._send(name, path, teller) for name, path in found.files)
        except FileError as error:
            teller.fail(error.error_code, str(error))
            self.failed.append(FailedItem(found.path, error.error_code, str(error)))
            return
        item = OfferedItem(found.path, found.name, files, found.directories)
        teller.finish(size_bytes=item.size_bytes)
        self.items.append(item)

    def _fail(self, failed: FailedItem) -> None:
        self._news.tell_failed(failed, Direction.UPLOAD, self._host_id)
        self.failed.append(failed)

    def _send(self, name: str, path: str, teller: FileTeller) -> OfferedFile:
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise of_source(error, path) from error
        try:
            return self._send_open(name, path, handle, teller)
        except OSError as error:
            raise of_source(error, path) from error
        except DepotError as error:
            changed = error.status == 409
            code = ErrorCode.FILE_UNREADABLE if changed else ErrorCode.SOURCE_LOST
            message = "the file changed while it was sent" if changed else f"cannot send: {error}"
            raise FileError(code, f"{path}: {message}") from error
        finally:
            os.close(handle)

    def _send_open(self, name: str, path: str, handle: int, teller: FileTeller) -> OfferedFile:
        known = os.fstat(handle)
        if not stat.S_ISREG(known.st_mode):
            raise FileError(ErrorCode.FILE_UNREADABLE, f"{path}: not a regular file")
        size, content_hash = known.st_size, _hash_of(handle, known.st_size)
        # What fits into one small request is sent unasked.
        kept = self._depot.stored(content_hash, size) if size > _SMALL_BYTES or not size else Kept(0, complete=False)
        while not kept.complete:
            offset = kept.stored_bytes
            piece = _Piece(path, handle, offset, min(MAX_PIECE_BYTES, size - offset))
            kept = self._depot.append(content_hash, size, offset, piece.count, piece.send(self._throttle, teller))
            teller.add(min(0, kept.stored_bytes - piece.position))  # what was lost on its way goes again
        return OfferedFile(name, stat.S_IMODE(known.st_mode) & 0o777, size, content_hash)


class _Piece:
    """A piece of a file on its way; `position` is up to where it was sent."""

    def __init__(self, path: str, handle: int, offset: int, count: int) -> None:
        self._path = path
        self._handle = handle
        self.count = count
        self.position = offset

    def send(self, throttle: Throttle, teller: FileTeller) -> Iterator[bytes]:
        """Yield the bytes, as slowly as they may go."""
        end = self.position + self.count
        while self.position < end:
            most = min(end - self.position, throttle.portion_bytes)
            block = self._read(most)
            throttle.take(len(block))
            self.position += len(block)
            teller.add(len(block))
            yield block

    def _read(self, most: int) -> bytes:
        try:
            block = os.pread(self._handle, most, self.position)
        except OSError as error:  # else it would be taken for a lost connection
            raise of_source(error, self._path) from error
        return block or bytes(most)  # cut short meanwhile: the hash will tell


def _hash_of(handle: int, size_bytes: int) -> str:
    digest, position, block = hashlib.sha256(), 0, memoryview(bytearray(_BLOCK_BYTES))
    while position < size_bytes and (count := os.preadv(handle, [block[: size_bytes - position]], position)):
        digest.update(block[:count])
        position += count
    return digest.hexdigest()
