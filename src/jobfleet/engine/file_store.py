"""Let hosts fetch contents from an object store, so that their bytes pass the servers by."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import S3Store

from jobfleet.engine.object_store import CONNECT_S, error_of
from jobfleet.store.blobs import Blobs

FROM_BYTES = 1024 * 1024
"""Contents below go from the server at once: the way through the store costs more than they do."""

ADDRESS_LIFE = timedelta(hours=1)
"""How long an address may be used; a transfer that is cut off later asks for another one."""

PATIENCE_S = 60.0
"""How long a host waits until a content has been copied; then the server sends it itself."""

REST_S = 60.0
"""How long a store that failed is left alone; servers send everything themselves meanwhile."""

KNOWN_S = 600.0
"""How long it is believed that a copy is there, which hosts that do not find it ask about anyhow."""

_MOST_KNOWN = 10_000
_CHUNK_BYTES = 8 * 1024 * 1024
_MOST_CHUNKS = 5_000
_AT_ONCE = 4
_FAILURES = (BaseError, OSError, ValueError)
_log = structlog.get_logger()


class FileStore:
    """A bucket with copies of contents; what the servers have on disk decides what there is.

    Source: docs/adr/0021-hosts-fetch-from-an-object-store-where-there-is-one.md.
    """

    def __init__(self, url: str) -> None:
        """Take `https://KEY:SECRET@HOST/BUCKET[/PREFIX][?region=REGION]`, with both keys percent-encoded."""
        parts = urlsplit(url)
        bucket, _, prefix = parts.path.strip("/").partition("/")
        endpoint = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._prefix = f"{prefix}/" if prefix else ""
        self._store = S3Store(
            bucket,
            endpoint=endpoint,
            region=parse_qs(parts.query).get("region", ["us-east-1"])[0],
            access_key_id=unquote(parts.username or ""),
            secret_access_key=unquote(parts.password or ""),
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": parts.scheme == "http",
                "connect_timeout": timedelta(seconds=CONNECT_S),
                "timeout": timedelta(days=1),
            },
            retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=30)},
        )
        self._known: dict[str, float] = {}
        self._copying: dict[str, asyncio.Task[None]] = {}
        self._rests_until = 0.0

    async def address_of(self, content_hash: str, path: Path, size_bytes: int) -> str:
        """Return where a host may fetch a content, which is copied first; "" when the server is to send it."""
        if size_bytes < FROM_BYTES or time.monotonic() < self._rests_until:
            return ""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._copied(content_hash, path, size_bytes)
        except TimeoutError:  # the copy goes on
            return ""
        except _FAILURES as error:
            self._rest(error, content_hash)
            return ""
        return str(await obstore.sign_async(self._store, "GET", self._key(content_hash), ADDRESS_LIFE))

    async def drop(self, content_hash: str) -> None:
        """Remove a copy that may be damaged; the next host that asks has it made again."""
        self._known.pop(content_hash, None)
        try:
            await obstore.delete_async(self._store, self._key(content_hash))
        except FileNotFoundError:
            pass
        except _FAILURES as error:
            self._rest(error, content_hash)

    async def sweep(self, blobs: Blobs) -> int:
        """Remove copies of what the servers do not have any more; return how many."""
        count = 0
        try:
            async for objects in obstore.list(self._store, self._prefix.rstrip("/") or None):
                keys = [one["path"] for one in objects]
                gone = await asyncio.to_thread(_gone, blobs, keys)
                if gone:
                    await obstore.delete_async(self._store, gone)
                count += len(gone)
        except _FAILURES as error:
            self._rest(error, self._prefix)
        return count

    async def _copied(self, content_hash: str, path: Path, size_bytes: int) -> None:
        if self._known.get(content_hash, 0.0) > time.monotonic() - KNOWN_S:
            return
        running = self._copying.get(content_hash)
        if running is None:
            running = asyncio.create_task(self._copy(content_hash, path, size_bytes))
            self._copying[content_hash] = running
            running.add_done_callback(lambda _: self._copying.pop(content_hash))
        await asyncio.shield(running)  # whoever waits may go away; many others wait for the same

    async def _copy(self, content_hash: str, path: Path, size_bytes: int) -> None:
        key = self._key(content_hash)
        if await self._size_of(key) != size_bytes:
            chunk = max(_CHUNK_BYTES, size_bytes // _MOST_CHUNKS)
            await obstore.put_async(self._store, key, path, chunk_size=chunk, max_concurrency=_AT_ONCE)
        while len(self._known) >= _MOST_KNOWN:
            self._known.pop(next(iter(self._known)))
        self._known[content_hash] = time.monotonic()

    async def _size_of(self, key: str) -> int | None:
        try:
            return int((await obstore.head_async(self._store, key))["size"])
        except FileNotFoundError:
            return None

    def _key(self, content_hash: str) -> str:
        return f"{self._prefix}{content_hash}"

    def _rest(self, error: Exception, key: str) -> None:
        self._rests_until = time.monotonic() + REST_S
        _log.warning("hosts fetch from the servers for a while", because=str(error_of(error, key)), rest_s=REST_S)


def _gone(blobs: Blobs, keys: list[str]) -> list[str]:
    return [key for key in keys if not blobs.path(key.rpartition("/")[2]).exists()]
