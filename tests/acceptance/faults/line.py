"""A line between agents and a server that counts what it carries, and that a test can cut."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.waiting import until

_BLOCK_BYTES = 16 * 1024
_BUFFER_BYTES = 64 * 1024
"""Small, so that little is on its way when the line is cut."""


class Line:
    """A TCP proxy; `up` and `down` are the bytes that went to and came from the server."""

    def __init__(self, host: str, port: int) -> None:
        self._where = (host, port)
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self.up = self.down = self.refused = 0

    async def cut(self) -> None:
        """Break every connection, refuse new ones until somebody has tried, then carry on."""
        before, self._is_cut = self.refused, True
        for writer in self._writers:
            writer.transport.abort()
        await until(lambda: self.refused > before, within_s=60)
        self._is_cut = False

    async def carried(self, *, up: int = 0, down: int = 0) -> None:
        """Wait until so many bytes have gone in each direction."""
        await until(lambda: self.up >= up and self.down >= down, within_s=60)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection to its end."""
        if self._is_cut:
            self.refused += 1
            writer.transport.abort()
            return
        try:
            with contextlib.suppress(OSError):
                await self._connect(reader, writer)
        finally:
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await _connected(self._where)
        answers, requests = await asyncio.open_connection(sock=behind, limit=_BUFFER_BYTES)
        _small(writer.get_extra_info("socket"))
        self._writers |= {writer, requests}
        try:
            sides = (self._pump(reader, requests, self._sent), self._pump(answers, writer, self._received))
            await asyncio.gather(*sides)
        finally:
            requests.transport.abort()
            self._writers -= {writer, requests}

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Callable[[int], None]
    ) -> None:
        while block := await reader.read(_BLOCK_BYTES):
            count(len(block))
            writer.write(block)
            await writer.drain()
        raise ConnectionResetError("one side has gone")

    def _sent(self, count: int) -> None:
        self.up += count

    def _received(self, count: int) -> None:
        self.down += count


@asynccontextmanager
async def line_to(host: str, port: int) -> AsyncIterator[tuple[Line, str]]:
    """Give a line to a server, and the address at which it begins."""
    line = Line(host, port)
    server = await asyncio.start_server(line.carry, "127.0.0.1", 0, limit=_BUFFER_BYTES)
    try:
        yield line, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _connected(where: tuple[str, int]) -> socket.socket:
    behind = _small(socket.socket())
    behind.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(behind, where)
    except OSError:
        behind.close()
        raise
    return behind


def _small(connection: socket.socket) -> socket.socket:
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        connection.setsockopt(socket.SOL_SOCKET, option, _BUFFER_BYTES)
    return connection
