"""An object store that speaks S3 and checks signatures, as a process of its own."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import obstore
from obstore.store import S3Store

from tests.ports import steady_port

REGION = "us-east-1"
_BLOCK_BYTES = 64 * 1024
BUCKETS = ("artifacts", "others")
_POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::artifacts",'
    '"arn:aws:s3:::artifacts/*"]}]}'
)
_SET_UP = (
    {"Action": "CreateUser", "UserName": "jobfleet"},
    {"Action": "PutUserPolicy", "UserName": "jobfleet", "PolicyName": "p", "PolicyDocument": _POLICY},
    {"Action": "CreateAccessKey", "UserName": "jobfleet"},
)


class ObjectStore(msgspec.Struct, frozen=True):
    """A running store with a key that opens the bucket `artifacts`, and not the bucket `others`."""

    endpoint: str
    access_key: str
    secret_key: str

    async def put(self, key: str, data: bytes) -> None:
        """Store an object in the bucket `artifacts`."""
        store = S3Store(
            "artifacts",
            endpoint=self.endpoint,
            region=REGION,
            access_key_id=self.access_key,
            secret_access_key=self.secret_key,
            virtual_hosted_style_request=False,
            client_options={"allow_http": True},
            retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=5)},
        )
        await obstore.put_async(store, key, data, use_multipart=False)


@asynccontextmanager
async def object_store(log: Path, *, checks: bool = True) -> AsyncIterator[ObjectStore]:
    """Run a store; it is empty, and lives until the block ends.

    Args:
        checks: Whether it checks signatures. It cannot check those of presigned addresses.
    """
    port = steady_port()
    environment = os.environ | ({"INITIAL_NO_AUTH_ACTION_COUNT": str(len(_SET_UP) + len(BUCKETS))} if checks else {})
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)),
            stdout=output,
            stderr=output,
            env=environment,
        )
    try:
        endpoint = f"http://127.0.0.1:{port}"
        await _listening(port)
        yield ObjectStore(endpoint, *await _set_up(endpoint, checks=checks))
    finally:
        process.kill()
        await process.wait()


async def _set_up(endpoint: str, *, checks: bool) -> tuple[str, str]:
    """Make a user with a key, and buckets; return the key. A store that checks asks for signatures after that."""
    async with httpx.AsyncClient(base_url=endpoint, trust_env=False, timeout=30) as http:
        for form in _SET_UP:
            answer = await http.post("/", data=form | {"Version": "2010-05-08"}, headers=_unproven("iam"))
            answer.raise_for_status()
        for bucket in BUCKETS:
            (await http.put(f"/{bucket}", headers=_unproven("s3"))).raise_for_status()
        if checks:
            assert (await http.get("/artifacts", headers=_unproven("s3"))).status_code == 403
    found = re.search(
        r"<AccessKeyId>(.+?)</AccessKeyId>.*?<SecretAccessKey>(.+?)</SecretAccessKey>", answer.text, re.DOTALL
    )
    assert found is not None
    return found[1], found[2]


def _unproven(service: str) -> dict[str, str]:
    scope = f"AKIA0000000000000000/20200101/{REGION}/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}


async def _listening(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


class Line:
    """A line to a store that can be cut: `rations` are how many bytes of answers each connection lets through.

    A connection after the last ration has no limit; `pause_s` comes before every 64 KiB of an answer,
    and after `hold_at` bytes of all answers together nothing passes. `broken_off` counts the connections that the asker
    closed while an answer was on its way.
    """

    def __init__(self, endpoint: str) -> None:
        self._far = int(endpoint.rpartition(":")[2])
        self.rations: list[int] = []
        self.pause_s = 0.0
        self.hold_at: int | None = None
        self.answered_bytes = 0
        self.broken_off = 0
        self.answer: Callable[[asyncio.StreamWriter], Awaitable[None]] | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Listen, and give the address that leads through here."""
        joined: set[asyncio.Task[None]] = set()

        def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            joined.add(asyncio.create_task(self._join(reader, writer)))

        server = await asyncio.start_server(join, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for one in joined:
                one.cancel()
            await asyncio.gather(*joined, return_exceptions=True)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.answer is None:
                await self._pass(reader, writer)
            else:
                await reader.readuntil(b"\r\n\r\n")
                await self.answer(writer)
        finally:
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ration = self.rations.pop(0) if self.rations else None
        there, back = await asyncio.open_connection("127.0.0.1", self._far)
        asking = asyncio.create_task(_copy(reader, back))
        try:
            await self._answer(there, (reader, writer), ration)
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            back.close()

    async def _answer(
        self, there: asyncio.StreamReader, asker: tuple[asyncio.StreamReader, asyncio.StreamWriter], ration: int | None
    ) -> None:
        reader, writer = asker
        while not writer.is_closing() and (block := await there.read(_BLOCK_BYTES)):
            await asyncio.sleep(self.pause_s * len(block) / _BLOCK_BYTES)
            while self.hold_at is not None and self.answered_bytes >= self.hold_at:
                await asyncio.sleep(0.01)
            if reader.at_eof():
                self.broken_off += 1
                break
            block = block if ration is None else block[:ration]
            ration = None if ration is None else ration - len(block)
            self.answered_bytes += len(block)
            writer.write(block)
            if ration == 0:
                break


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while block := await reader.read(_BLOCK_BYTES):
        writer.write(block)
        await writer.drain()
