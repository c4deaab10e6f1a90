"""Fetch files: into a temporary file beside the destination, checked by its hash, then renamed."""

import fcntl
import hashlib
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

import msgspec

from jobfleet.agent import directories
from jobfleet.agent.depot import Depot, DepotError
from jobfleet.agent.directories import of_target
from jobfleet.agent.files import now_ms
from jobfleet.agent.find import FileError
from jobfleet.agent.telling import FileTeller, News
from jobfleet.agent.throttle import Throttle
from jobfleet.model.order import FetchOrder, FetchPart
from jobfleet.model.outcome import ErrorCode
from jobfleet.model.transfer import Direction, FailedItem, FileStatus, Manifest, OfferedFile, OfferedItem, Progress

_BLOCK_BYTES = 1024 * 1024
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
_manifests = msgspec.msgpack.Decoder(Manifest)
_parts = msgspec.msgpack.Decoder(tuple[FetchPart, ...])


def fetch(order: FetchOrder, depot: Depot, news: News) -> FailedItem | None:
    """Fetch what an order names and tell of it; return the last thing that failed, or None."""
    fetching = _Fetching(order, depot, news)
    for part in _parts.decode(depot.listed(order.parts_hash)) if order.parts_hash else order.parts:
        fetching.add(part)
    return fetching.failed


class _Fetching:
    """Put file after file where it belongs, and note what cannot be had."""

    def __init__(self, order: FetchOrder, depot: Depot, news: News) -> None:
        self._order = order
        self._depot = depot
        self._news = news
        self._throttle = Throttle(order.limit_kib_s)
        self.failed: FailedItem | None = None

    def add(self, part: FetchPart) -> None:
        """Fetch what comes from one source."""
        manifest = _manifest(self._depot, part.manifest)
        for failed in (*part.failed, *manifest.failed):
            self._news.tell_failed(failed, Direction.DOWNLOAD, part.source, part.directory)
            self.failed = failed
        for item in manifest.items:
            self._item(part, item)

    def _item(self, part: FetchPart, item: OfferedItem) -> None:
        teller = FileTeller(self._first(part, item), self._news)
        teller.begin()
        try:
            directories.have(part.directory, create=self._order.create)
            for name in item.directories:
                directories.make(part.directory + _safe(name))
            for file in item.files:
                self._put(part.directory + self._named(item, file), file, teller)
        except FileError as error:
            teller.fail(error.error_code, str(error))
            self.failed = FailedItem(item.path, error.error_code, str(error))
        else:
            teller.finish()

    def _first(self, part: FetchPart, item: OfferedItem) -> Progress:
        name = item.name if item.is_directory else self._order.name or item.name
        dest = part.directory + name
        status = FileStatus.DOWNLOADING
        return Progress(now_ms(), Direction.DOWNLOAD, part.source, item.path, dest, status, item.size_bytes)

    def _named(self, item: OfferedItem, file: OfferedFile) -> str:
        return _safe(file.name if item.is_directory else self._order.name or file.name)

    def _put(self, dest: str, file: OfferedFile, teller: FileTeller) -> None:
        try:
            with _Temporary(Path(dest), file) as temporary:
                self._fill(temporary, file, teller)
                temporary.place()
        except OSError as error:
            raise of_target(error, dest) from error
        except DepotError as error:
            code = ErrorCode.FILE_UNREADABLE if error.status == 404 else ErrorCode.SOURCE_LOST
            raise FileError(code, f"{dest}: {error}") from error

    def _fill(self, temporary: "_Temporary", file: OfferedFile, teller: FileTeller) -> None:
        self._read(temporary, file, teller)
        if temporary.content_hash == file.content_hash:
            return
        temporary.empty()  # what an earlier transfer left, what came, or what the server has is damaged
        try:
            self._read(temporary, file, teller, checked=True)
        except DepotError as error:
            if error.status == 404:
                why = "the server's copy was damaged and is dropped; a retry sends the file anew"
                raise FileError(ErrorCode.CONTENT_WRONG, f"{temporary.dest}: {why}") from error
            raise
        if temporary.content_hash != file.content_hash:
            raise FileError(ErrorCode.CONTENT_WRONG, f"{temporary.dest}: what came does not fit its checksum")

    def _read(self, temporary: "_Temporary", file: OfferedFile, teller: FileTeller, *, checked: bool = False) -> None:
        """Fetch what is missing of a file."""
        if temporary.size_bytes >= file.size_bytes:
            return
        portion = self._throttle.portion_bytes
        for block in self._depot.read(file.content_hash, temporary.size_bytes, portion, checked=checked):
            self._throttle.take(len(block))
            temporary.write(block)
            teller.add(len(block))


class _Temporary:
    """A file beside its destination, taken up where an earlier transfer of the same content left it."""

    def __init__(self, dest: Path, file: OfferedFile) -> None:
        self.dest = dest
        self._mode = file.mode
        mark = hashlib.sha256(f"{file.content_hash} {dest.name}".encode()).hexdigest()[:24]
        self._path = dest.with_name(f".jobfleet-{mark}")
        self._digest = hashlib.sha256()
        self._is_placed = False
        self.size_bytes = 0

    def __enter__(self) -> "_Temporary":
        self._handle = self._open()
        while block := os.read(self._handle, _BLOCK_BYTES):
            self._count(block)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        is_to_be_taken_up = isinstance(error, DepotError)
        if not self._is_placed and not is_to_be_taken_up:
            self._path.unlink(missing_ok=True)
        os.close(self._handle)

    @property
    def content_hash(self) -> str:
        """Return the hash of what is there."""
        return self._digest.hexdigest()

    def write(self, block: bytes) -> None:
        """Add bytes."""
        rest = memoryview(block)
        while rest:
            rest = rest[os.write(self._handle, rest) :]
        self._count(block)

    def empty(self) -> None:
        """Begin anew."""
        os.ftruncate(self._handle, 0)
        os.lseek(self._handle, 0, os.SEEK_SET)
        self._digest, self.size_bytes = hashlib.sha256(), 0

    def place(self) -> None:
        """Put the file at its destination."""
        os.fchmod(self._handle, self._mode)
        os.fsync(self._handle)
        self._path.rename(self.dest)
        self._is_placed = True

    def _open(self) -> int:
        handle = self._taken_up()
        if handle is None:  # the name is in use or not to be trusted: one that nobody can know before
            self._path = self._path.with_name(f"{self._path.name}-{secrets.token_hex(8)}")
            handle = os.open(self._path, _FLAGS | os.O_EXCL, 0o600)
        return handle

    def _taken_up(self) -> int | None:
        """Open what an earlier transfer left, or a new file; None when it is used or somebody else's."""
        try:
            handle = os.open(self._path, _FLAGS, 0o600)
        except OSError:  # a link, a directory, a file that is not ours to open
            return None
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            known = os.fstat(handle)
            if os.path.samestat(known, self._path.lstat()):  # else another step has just put it in its place
                if _is_ours(known):
                    return handle
                self._path.unlink()
        os.close(handle)
        return None

    def _count(self, block: bytes) -> None:
        self._digest.update(block)
        self.size_bytes += len(block)


def _is_ours(known: os.stat_result) -> bool:
    """Tell whether only this account can have written a file: in a shared directory others may put one there before."""
    is_closed = not stat.S_IMODE(known.st_mode) & 0o077
    return stat.S_ISREG(known.st_mode) and known.st_uid == os.geteuid() and known.st_nlink == 1 and is_closed


def _manifest(depot: Depot, manifest_hash: str) -> Manifest:
    return _manifests.decode(depot.listed(manifest_hash)) if manifest_hash else Manifest()


def _safe(name: str) -> str:
    """Return a name below the target directory; a source must not reach out of it."""
    parts = name.removesuffix("/").split("/")
    if "\0" in name or any(part in {"", ".", ".."} for part in parts):
        raise FileError(ErrorCode.FILE_FORBIDDEN, f"{name!a}: no name below the target directory")
    return name
