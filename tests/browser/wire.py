"""A wire between the browser and the server, which a test can cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Wire:
    """Pass bytes on to a server at another port, as long as it is not cut."""

    def __init__(self, url: str) -> None:
        self._to = urlsplit(url)
        self._open: set[asyncio.StreamWriter] = set()
        self.is_cut = False
        self.asked: list[str] = []
        self.url = ""

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        self._open.add(writer)
        try:
            if not self.is_cut:
                await self._carry(reader, writer)
        finally:
            writer.close()
            self._open.discard(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._to.hostname, self._to.port)
        self._open.add(back)
        try:
            with suppress(OSError):
                await asyncio.gather(self._pump(reader, back, is_asking=True), self._pump(there, writer))
        finally:  # one side may break while the other still waits
            back.close()
            self._open.discard(back)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, is_asking: bool = False) -> None:
        while data := await source.read(65_536):
            if is_asking:
                self.asked += [line.decode() for line in data.split(b"\r\n") if line.endswith(b" HTTP/1.1")]
            sink.write(data)
            await sink.drain()
        sink.close()

    def cut(self) -> None:
        """Cut every connection, and let none through."""
        self.is_cut = True
        for writer in self._open:
            writer.transport.abort()

    def mend(self) -> None:
        """Let connections through again."""
        self.is_cut = False


@asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[Wire]:
    """Give a wire to a server."""
    wire = Wire(url)
    listening = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:  # a test that fails must not leave it open to the others
        listening.close()
        wire.cut()
