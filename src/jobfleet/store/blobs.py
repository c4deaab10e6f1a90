"""Contents of files on the server's disk, each kept once under its SHA-256; they never are in memory whole."""

import errno
import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from jobfleet.model.transfer import Kept

BLOCK_BYTES = 1024 * 1024
ROOM_BYTES = 64 * 1024 * 1024
"""What stays free on the disk: a database that cannot write is worse than a file that was refused."""

ROOM_STEP_BYTES = 16 * 1024 * 1024
"""How much comes in before the room is looked at again: many may come at once, and unannounced."""

MAX_DIGESTS = 1000
"""How many contents are hashed as they come; those beyond are read once more."""


class WrongContentError(Exception):
    """Say that what was stored does not have the hash that it came under."""


class Blobs:
    """A directory of contents; servers that share a database must share it.

    `<aa>/<hash>` are whole contents, `partial/<hash>` those that are still coming. All methods block.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._partial = directory / "partial"
        self._digests: dict[str, _Digest] = {}

    @property
    def directory(self) -> Path:
        """Return where the contents are, or the nearest directory above that is there already."""
        return next(place for place in (self._directory, *self._directory.parents) if place.exists())

    def path(self, content_hash: str) -> Path:
        """Return where a whole content is, or would be."""
        return self._directory / content_hash[:2] / content_hash

    def find(self, content_hash: str) -> Path | None:
        """Return the file of a whole content and note that it is used, or None."""
        path = self.path(content_hash)
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        return path

    def check(self, content_hash: str) -> bool:
        """Read a whole content anew; drop one that does not have its hash any more: whoever has it gives it again.

        Returns whether it is there and as it should be.
        """
        path = self.path(content_hash)
        try:
            with path.open("rb") as file:
                is_right = _hash_of(file.fileno()) == content_hash
        except OSError:  # gone, or the disk cannot read it
            is_right = False
        if not is_right:
            path.unlink(missing_ok=True)
        return is_right

    def stored(self, content_hash: str, size_bytes: int) -> Kept:
        """Return how much of a content is there."""
        if self.find(content_hash) is not None:
            return Kept(size_bytes, complete=True)
        if size_bytes == 0:
            return self.append(content_hash, 0, 0, b"")
        try:
            return Kept((self._partial / content_hash).stat().st_size, complete=False)
        except FileNotFoundError:
            return Kept(0, complete=False)

    def append(self, content_hash: str, size_bytes: int, offset: int, data: bytes) -> Kept:
        """Add a piece of a content that follows on what is there; what is there already is skipped.

        Raises:
            WrongContentError: The content is complete and has another hash; it is dropped.
            OSError: The disk does not take it.
        """
        if self.find(content_hash) is not None:
            return Kept(size_bytes, complete=True)
        self._partial.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._partial / content_hash, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            return self._append(handle, content_hash, size_bytes, offset, data)
        finally:
            os.close(handle)

    def _append(self, handle: int, content_hash: str, size_bytes: int, offset: int, data: bytes) -> Kept:
        if self.find(content_hash) is not None:  # another sender was quicker and the file has moved
            return Kept(size_bytes, complete=True)
        have = os.fstat(handle).st_size
        fresh = memoryview(data)[have - offset :] if offset <= have else memoryview(b"")
        fresh = fresh[: max(0, size_bytes - have)]
        digest = self._digest(content_hash, have)
        while fresh:
            written = os.pwrite(handle, fresh, have)
            digest.add(fresh[:written])
            fresh, have = fresh[written:], have + written
        if have < size_bytes:
            self._digests[content_hash] = digest
            return Kept(have, complete=False)
        self._finish(handle, content_hash, digest)
        return Kept(size_bytes, complete=True)

    def _digest(self, content_hash: str, have: int) -> "_Digest":
        """Return the digest of what is there, to go on with; one that began too late stays incomplete."""
        known = self._digests.pop(content_hash, None)
        while len(self._digests) >= MAX_DIGESTS:
            self._digests.pop(next(iter(self._digests)), None)
        return known if known is not None and known.position == have else _Digest(have)

    def _finish(self, handle: int, content_hash: str, digest: "_Digest") -> None:
        partial = self._partial / content_hash
        if (digest.whole() or _hash_of(handle)) != content_hash:
            partial.unlink(missing_ok=True)
            raise WrongContentError
        os.fsync(handle)
        self._move(partial, content_hash)

    def put(self, data: bytes) -> str:
        """Store a small content; return its hash."""
        incoming = self.receive()
        incoming.write(data)
        return incoming.finish()

    def receive(self) -> "Incoming":
        """Begin to store a content whose hash is not known yet."""
        self._partial.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Incoming(self, self._partial / f"in-{secrets.token_hex(16)}")

    def resume(self, mark: str) -> "Incoming":
        """Go on with a content whose hash is not known yet from where an earlier try left it.

        Args:
            mark: Names the content among those that are coming; letters and digits.
        """
        self._partial.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._partial / f"go-{mark}"
        while True:
            file = path.open("a+b")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                    return Incoming(self, path, file)
            except BlockingIOError:  # somebody else fetches the same
                file.close()
                return self.receive()
            except FileNotFoundError:
                pass
            file.close()  # it was finished before it was ours

    def check_room(self, size_bytes: int) -> None:
        """Do nothing when the disk has room for so many bytes more, and for ROOM_BYTES besides.

        Raises:
            OSError: It has not.
        """
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(self._directory).free - size_bytes < ROOM_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _move(self, partial: Path, content_hash: str) -> None:
        path = self.path(content_hash)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A crash may undo the renaming but not leave half a content; a step that misses one then says so.
        partial.replace(path)

    def sweep(self, used_before_s: float) -> int:
        """Remove what was not used since a moment (epoch seconds); return how many files went."""
        old = [path for path in self._directory.glob("*/*") if _used_s(path) < used_before_s]
        gone = 0
        for path in old:
            if _used_s(path) < used_before_s:  # still: the list may be old, and somebody sends it now
                path.unlink(missing_ok=True)
                gone += 1
        return gone


class _Digest:
    """A SHA-256 that grows with a content, so that it need not be read again."""

    def __init__(self, position: int) -> None:
        self.position = position
        self._sha256 = None if position else hashlib.sha256()

    def add(self, data: memoryview) -> None:
        """Count what was added at the position."""
        self.position += len(data)
        if self._sha256 is not None:
            self._sha256.update(data)

    def whole(self) -> str:
        """Return the hash of everything up to the position; "" when only the end of it was seen."""
        return "" if self._sha256 is None else self._sha256.hexdigest()


class Incoming:
    """A content on its way to disk; `finish`, `leave` or `drop` it."""

    def __init__(self, blobs: Blobs, path: Path, file: BinaryIO | None = None) -> None:
        self._blobs = blobs
        self._path = path
        self._digest = hashlib.sha256()
        self._file = path.open("xb") if file is None else file
        self.size_bytes = 0
        if file is not None:
            self._catch_up(file)

    def _catch_up(self, file: BinaryIO) -> None:
        file.seek(0)
        while block := file.read(BLOCK_BYTES):
            self._digest.update(block)
            self.size_bytes += len(block)

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._file.write(data)
        self._digest.update(data)
        self.size_bytes += len(data)

    def finish(self) -> str:
        """Keep the content; return its hash."""
        self._file.flush()
        os.fsync(self._file.fileno())
        content_hash = self._digest.hexdigest()
        self._blobs._move(self._path, content_hash)  # noqa: SLF001 - the two are one thing in two parts
        self._file.close()  # not before: who else goes on with this file waits for its lock
        return content_hash

    def leave(self) -> None:
        """Stop here; `resume` goes on with what came by then."""
        self._file.close()

    def drop(self) -> None:
        """Forget what came."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def blocks(file: BinaryIO, first: int, count: int) -> Iterator[bytes]:
    """Yield `count` bytes of an open file from an offset on, block by block."""
    file.seek(first)
    while count > 0 and (block := file.read(min(BLOCK_BYTES, count))):
        count -= len(block)
        yield block


def _used_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another server sweeps the same directory
        return float("inf")


def _hash_of(handle: int) -> str:
    digest, position = hashlib.sha256(), 0
    while block := os.pread(handle, BLOCK_BYTES, position):
        digest.update(block)
        position += len(block)
    return digest.hexdigest()
