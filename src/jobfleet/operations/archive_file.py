"""Archives of templates as files: packed, and sealed under a password when one is given."""

import secrets
import zlib

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from jobfleet.model.archive import FORMAT, MAX_ARCHIVE_BYTES, VERSION, Archive, problem_of
from jobfleet.model.errors import IllegalRequestError
from jobfleet.model.resource_errors import BadArchiveError
from jobfleet.model.unreadable import UNREADABLE

SALT_BYTES, NONCE_BYTES, KEY_BYTES = 16, 12, 32
MAX_HEADER_BYTES = 1_024
_COST = {"n": 2**15, "r": 8, "p": 1}
"""How long a password takes: 32 MiB and a tenth of a second; version 1 of the format has no other."""


class Header(msgspec.Struct, frozen=True):
    """Say how a file is to be read; it is the file's first line, and is authenticated with the rest.

    Without `salt` and `nonce` the rest is not sealed.
    """

    format: str
    version: int
    salt: bytes = b""
    nonce: bytes = b""


def pack(archive: Archive, password: str) -> bytes:
    """Return an archive as a file, sealed unless the password is "".

    Raises:
        IllegalRequestError: It is larger than MAX_ARCHIVE_BYTES, or has more of something than an archive may.

    Source: docs/reference/template-archives.md.
    """
    problem = problem_of(archive)
    if problem is not None:
        raise IllegalRequestError(problem)
    written = msgspec.json.encode(archive)
    if len(written) > MAX_ARCHIVE_BYTES:
        raise IllegalRequestError(f"the archive would be larger than {MAX_ARCHIVE_BYTES} bytes")
    packed = zlib.compress(written)
    if not password:
        return _line(Header(FORMAT, VERSION)) + packed
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    line = _line(Header(FORMAT, VERSION, salt, nonce))
    return line + AESGCM(_key(password, salt)).encrypt(nonce, packed, line)


def unpack(file: bytes, password: str, now: int) -> Archive:
    """Return the archive that a file holds.

    Args:
        now: Epoch milliseconds.

    Raises:
        BadArchiveError: It is none, does not open with the password, or has expired.

    Source: docs/reference/template-archives.md.
    """
    line, header = _header(file)
    archive = _read(_unpacked(_opened(file[len(line) :], header, line, password)))
    if archive.expires_at is not None and archive.expires_at <= now:
        raise BadArchiveError("it has expired")
    problem = problem_of(archive)
    if problem is not None:
        raise BadArchiveError(problem)
    return archive


def _line(header: Header) -> bytes:
    return msgspec.json.encode(header) + b"\n"


def _header(file: bytes) -> tuple[bytes, Header]:
    line = file[:MAX_HEADER_BYTES].partition(b"\n")[0] + b"\n"
    try:
        header = msgspec.json.decode(line, type=Header)
    except UNREADABLE as error:
        raise BadArchiveError("it is no archive of templates") from error
    if header.format != FORMAT:
        raise BadArchiveError("it is no archive of templates")
    if header.version != VERSION:
        raise BadArchiveError(f"it has version {header.version}, and {VERSION} is known here")
    return line, header


def _opened(rest: bytes, header: Header, line: bytes, password: str) -> bytes:
    if not header.salt:
        return rest
    if not password:
        raise BadArchiveError("it needs its password")
    if len(header.salt) != SALT_BYTES or len(header.nonce) != NONCE_BYTES:
        raise BadArchiveError("it is damaged")
    try:
        return AESGCM(_key(password, header.salt)).decrypt(header.nonce, rest, line)
    except InvalidTag as error:
        raise BadArchiveError("the password is wrong, or it is damaged") from error


def _unpacked(packed: bytes) -> bytes:
    opener = zlib.decompressobj()
    try:
        written = opener.decompress(packed, MAX_ARCHIVE_BYTES + 1)
    except zlib.error as error:
        raise BadArchiveError("it is damaged") from error
    if len(written) > MAX_ARCHIVE_BYTES:
        raise BadArchiveError("it is too large")
    if not opener.eof:
        raise BadArchiveError("it is cut off")
    return written


def _read(written: bytes) -> Archive:
    try:
        return msgspec.json.decode(written, type=Archive)
    except UNREADABLE as error:
        raise BadArchiveError(f"it is damaged: {error}") from error


def _key(password: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, **_COST).derive(password.encode())
