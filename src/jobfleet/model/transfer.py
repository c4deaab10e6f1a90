"""What is said of files on their way: manifests of what a source offers, and the progress of each file."""

from enum import IntEnum
from typing import Annotated

import msgspec
from msgspec import Meta

CONTENT_HASH = r"^[0-9a-f]{64}\Z"
"""How the SHA-256 of a content looks."""

# What hosts say of files becomes paths, modes and times elsewhere: anything else is malformed and gets no further.
Hash = Annotated[str, Meta(pattern=CONTENT_HASH)]
Mode = Annotated[int, Meta(ge=0, le=0o777)]
Size = Annotated[int, Meta(ge=0, le=2**62)]
Code = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Moment = Annotated[int, Meta(ge=0, le=253_000_000_000_000)]
"""Epoch milliseconds that a calendar has in every zone."""


class Direction(IntEnum):
    """Tell sending from receiving; the numbers are the contract's."""

    UPLOAD = 0
    DOWNLOAD = 1


class FileStatus(IntEnum):
    """Say how far one file is; the numbers are the contract's."""

    PULLING = 0
    WAITING = 1
    UPLOADING = 2
    DOWNLOADING = 3
    FINISHED = 4
    FAILED = 5


class OfferedFile(msgspec.Struct, frozen=True, array_like=True):
    """Describe one file: its name below the target directory, permission bits, size and SHA-256 (hex)."""

    name: str
    mode: Mode
    size_bytes: Size
    content_hash: Hash


class OfferedItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Describe what a target gets of one path: a file, or a directory with all that is in it.

    `path` is shown to people. `name` is what appears in the target directory; a directory's ends with a slash.
    `directories` are those to make, by name below the target directory, parents first.
    """

    path: str
    name: str
    files: tuple[OfferedFile, ...]
    directories: tuple[str, ...] = ()

    @property
    def is_directory(self) -> bool:
        """Tell whether the item is a directory."""
        return self.name.endswith("/")

    @property
    def size_bytes(self) -> int:
        """Count the bytes of all files."""
        return sum(file.size_bytes for file in self.files)


class FailedItem(msgspec.Struct, frozen=True):
    """Say why a path cannot be had; `error_code` is a model.outcome.ErrorCode."""

    path: str
    error_code: int
    message: str


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """List what a source offers, in the order of the request, and what it cannot offer."""

    items: tuple[OfferedItem, ...] = ()
    failed: tuple[FailedItem, ...] = ()

    @property
    def hashes(self) -> set[str]:
        """Return the hashes of all contents."""
        return {file.content_hash for item in self.items for file in item.files}


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """Say how far one file or directory is; an agent prints one as a line of JSON.

    `source` is the host id of the source, 0 for the server itself; `dest` is "" for an upload. `at` is epoch
    milliseconds, `speed_kib_s` the mean so far.
    """

    at: Moment
    mode: Annotated[int, Meta(ge=0, le=int(max(Direction)))]
    source: int
    path: str
    dest: str
    status: Annotated[int, Meta(ge=0, le=int(max(FileStatus)))]
    size_bytes: Size
    done_bytes: Size = 0
    speed_kib_s: Size = 0
    error_code: Code = 0
    message: str = ""


MAX_PIECE_BYTES = 64 * 1024 * 1024
"""Most bytes that an agent sends in one request."""


class Kept(msgspec.Struct, frozen=True):
    """Say how many bytes of a content the server has; it is complete with the last one, checked by its hash."""

    stored_bytes: int
    complete: bool
