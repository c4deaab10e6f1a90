"""A receiver of what the server tells others, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from tests.waiting import WITHIN_S


class Call(msgspec.Struct, frozen=True):
    """What a receiver got."""

    head: str
    body: bytes

    @property
    def said(self) -> dict[str, object]:
        said: dict[str, object] = msgspec.json.decode(self.body)
        return said


class Receiver:
    """Take callbacks and notifications, and answer with one status after the other."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.calls: asyncio.Queue[Call] = asyncio.Queue()
        self.url = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Receiver"]:
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/done?x=1"
        async with server:
            yield self

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1]) for line in head.lower().splitlines() if line.startswith("content-length")
        )
        self.calls.put_nowait(Call(head, await reader.readexactly(length)))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        writer.write(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async def call(self) -> Call:
        async with asyncio.timeout(WITHIN_S):
            return await self.calls.get()
