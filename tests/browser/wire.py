"""A wire between the browser and the server, which a test can cut."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

STREAM = "/api/v1/stream?"
"""What requests for a stream of events have in their first line."""


class Wire:
    """Pass bytes on to a server at another port, as long as it is not cut.

    `asked` has the first line of every request; `told` counts how often a stream of events has said something.
    """

    def __init__(self, url: str) -> None:
        self._to = urlsplit(url)
        self._open: set[asyncio.StreamWriter] = set()
        self.is_cut = False
        self.asked: list[str] = []
        self.told = 0
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
        is_stream = False

        def hears(data: bytes) -> None:
            nonlocal is_stream
            lines = [line.decode() for line in data.split(b"\r\n") if line.endswith(b" HTTP/1.1")]
            is_stream = is_stream or any(STREAM in line for line in lines)
            self.asked += lines

        def tells(_: bytes) -> None:
            self.told += is_stream

        try:
            with suppress(OSError):
                await asyncio.gather(_pump(reader, back, hears), _pump(there, writer, tells))
        finally:  # one side may break while the other still waits
            back.close()
            self._open.discard(back)

    def cut(self) -> None:
        """Cut every connection, and let none through."""
        self.is_cut = True
        for writer in self._open:
            writer.transport.abort()

    def mend(self) -> None:
        """Let connections through again."""
        self.is_cut = False


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, seen: Callable[[bytes], None]) -> None:
    while data := await source.read(65_536):
        seen(data)
        sink.write(data)
        await sink.drain()
    sink.close()


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
