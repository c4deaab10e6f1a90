"""Speak S3 with an object store: what is there, and its bytes; with errors that people understand."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import obstore
from obstore.exceptions import BaseError, PreconditionError
from obstore.store import S3Store

from jobfleet.engine.guard import REFUSED, REFUSED_STATUS
from jobfleet.model.file_source import Access
from jobfleet.model.outcome import ErrorCode

if TYPE_CHECKING:
    from obstore import GetOptions, ObjectMeta

CONNECT_S = 10
STALL_S = 60.0
"""How long a store may leave us without a byte."""

BLOCK_BYTES = 1024 * 1024
_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w+)</Code>")


class ObjectError(Exception):
    """Say why an object cannot be had.

    `error_code` is a model.outcome.ErrorCode; `may_pass` says that trying again may help.
    """

    def __init__(self, error_code: int, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.error_code = error_code
        self.may_pass = may_pass


class StoredObject(msgspec.Struct, frozen=True):
    """Describe an object; `etag` is "" when the store tells none."""

    key: str
    size_bytes: int
    etag: str


class Bucket:
    """One bucket of an object store, opened with an access key; all requests go through `proxy`, the guard."""

    def __init__(self, access: Access, name: str, keys: Mapping[str, str], proxy: str) -> None:
        self._store = S3Store(
            name,
            endpoint=access.endpoint,
            region=access.region,
            access_key_id=keys["credential_access_key"],
            secret_access_key=keys["credential_secret_key"],
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": access.endpoint.startswith("http:"),
                "connect_timeout": timedelta(seconds=CONNECT_S),
                "timeout": timedelta(days=1),
                "proxy_url": proxy,
                "pool_max_idle_per_host": "0",  # the guard opens a connection for one request
            },
            retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=30)},
        )

    async def head(self, key: str) -> StoredObject:
        """Return an object's size and mark.

        Raises:
            ObjectError: It is not there, or cannot be looked at.
        """
        try:
            async with asyncio.timeout(STALL_S):
                return _object(await obstore.head_async(self._store, key))
        except (BaseError, OSError, ValueError, TimeoutError) as error:
            raise error_of(error, key) from error

    async def list_directory(self, prefix: str) -> list[StoredObject]:
        """Return the objects right below a prefix («dir/», "" for the root), by key.

        Raises:
            ObjectError: They cannot be listed.
        """
        try:
            async with asyncio.timeout(STALL_S):
                found = await obstore.list_with_delimiter_async(self._store, prefix.rstrip("/") or None)
        except (BaseError, OSError, ValueError, TimeoutError) as error:
            raise error_of(error, prefix) from error
        return sorted(_below(prefix, map(_object, found["objects"])), key=lambda one: one.key)

    async def list_all(self, prefix: str, most: int) -> list[StoredObject]:
        """Return everything below a prefix («dir/», "" for the root), by key; at most `most` and one more.

        Raises:
            ObjectError: It cannot be listed.
        """
        listed: list[StoredObject] = []
        listing = obstore.list(self._store, prefix.rstrip("/") or None).__aiter__()
        try:
            while len(listed) <= most:
                async with asyncio.timeout(STALL_S):
                    listed += _below(prefix, map(_object, await anext(listing)))
        except StopAsyncIteration:
            pass
        except (BaseError, OSError, ValueError, TimeoutError) as error:
            raise error_of(error, prefix) from error
        return sorted(listed, key=lambda one: one.key)

    async def read(self, wanted: StoredObject, offset: int) -> AsyncIterator[bytes]:
        """Yield an object's bytes from an offset on; it must still be the one that was seen.

        Raises:
            ObjectError: It cannot be read, or not any more.
        """
        try:
            async with asyncio.timeout(STALL_S):
                found = await obstore.get_async(self._store, wanted.key, options=_options(wanted, offset))
            blocks = found.stream(min_chunk_size=BLOCK_BYTES).__aiter__()
            while True:
                async with asyncio.timeout(STALL_S):
                    block = await anext(blocks)
                yield bytes(block)
        except StopAsyncIteration:
            return
        except (BaseError, OSError, ValueError, TimeoutError) as error:
            raise error_of(error, wanted.key) from error


def error_of(error: Exception, key: str) -> ObjectError:
    """Return what an error of the library means; its own words hold addresses and much else that helps nobody."""
    text = str(error)
    status, code = _STATUS.search(text), _CODE.search(text)
    said = f" ({code[1]})" if code else f" (HTTP status {status[1]})" if status else ""
    if status and status[1] == str(REFUSED_STATUS):
        reason = (text.partition(f"{REFUSED}: ")[2].splitlines() or ["it is none that we may connect to"])[0]
        return ObjectError(ErrorCode.FILE_FORBIDDEN, f"the address is refused: {reason}")
    if isinstance(error, PreconditionError):
        return ObjectError(ErrorCode.FILE_UNREADABLE, f"{key}: changed while it was fetched", may_pass=True)
    if isinstance(error, FileNotFoundError) or (status and status[1] == "404"):
        what = "no such bucket" if code and code[1] == "NoSuchBucket" else "no such object"
        return ObjectError(ErrorCode.FILE_MISSING, f"{key}: {what}")
    if status and status[1] in {"401", "403"}:
        return ObjectError(ErrorCode.FILE_FORBIDDEN, f"{key}: access denied{said}")
    if isinstance(error, ValueError):
        return ObjectError(ErrorCode.FILE_MISSING, f"{key}: no path of an object")
    why = "no answer in time" if isinstance(error, TimeoutError) else "the object store is not reached"
    return ObjectError(ErrorCode.SOURCE_LOST, f"{key}: {why}{said}", may_pass=True)


def _options(wanted: StoredObject, offset: int) -> "GetOptions":
    options: GetOptions = {"if_match": wanted.etag} if wanted.etag else {}
    return options | {"range": {"offset": offset}} if offset else options


def _object(meta: "ObjectMeta") -> StoredObject:
    return StoredObject(meta["path"], meta["size"], meta["e_tag"] or "")


def _below(prefix: str, objects: Iterable[StoredObject]) -> list[StoredObject]:
    """Leave out what only marks the directory itself."""
    return [one for one in objects if one.key.startswith(prefix) and one.key != prefix.rstrip("/")]
