"""A stream of changing hosts, in the place of the server's own: as many a second as a page has to bear.

Everything else that a page asks for goes on to the real server. So the page is measured and not the server, which on
the same two cores makes fewer changes than that.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from urllib.parse import urlsplit

import msgspec

PER_S = 4
"""So often a second the server tells of hosts."""

STATUSES = (7, 9, 104)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
_READY = b'event: ready\ndata: {"gone":[],"resumed":true}\n\n'


class Changing:
    """Answer the stream of a page with changes of hosts, and pass everything else on."""

    def __init__(self, url: str, topic: str, task_ids: list[int], changes_per_s: int) -> None:
        self._to = urlsplit(url)
        self._topic = topic
        self._task_ids = task_ids
        self._portion = changes_per_s // PER_S
        self._serving: set[asyncio.Task[None]] = set()
        self.is_followed = asyncio.Event()
        self.count = 0
        self.url = ""

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take up a connection."""
        self._serving.add(asyncio.create_task(self._serve(reader, writer)))

    async def end(self) -> None:
        """Leave no connection open."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if b" /api/v1/stream?" in head.split(b"\r\n", 1)[0]:
                await self._tell(writer)
            else:
                await self._pass_on(head, reader, writer)
        writer.close()

    async def _tell(self, writer: asyncio.StreamWriter) -> None:
        writer.write(_HEAD + _READY)
        for turn in count():
            begun = asyncio.get_running_loop().time()
            writer.write(b"event: hosts\ndata: " + self._event(turn) + b"\n\n")
            await writer.drain()
            self.is_followed.set()
            await asyncio.sleep(max(0.0, 1 / PER_S - (asyncio.get_running_loop().time() - begun)))

    def _event(self, turn: int) -> bytes:
        """Return how the next portion of hosts stands; each host comes again and again, with another status."""
        many = self._portion
        places = [(turn * many + at) % len(self._task_ids) for at in range(many)]
        tasks = [self._task_ids[place] for place in places]
        status = STATUSES[turn * many // len(self._task_ids) % len(STATUSES)]
        self.count += many
        columns = {
            "task_id": tasks,
            "log_task_id": tasks,
            "status": [status] * many,
            "exit_code": [0] * many,
            "started_at": [int(time.time() * 1000)] * many,
            "duration_ms": [turn] * many,
            "batch": [0] * many,
            "attempt": [0] * many,
            "tag": [0] * many,
            "tags": [""],
        }
        return msgspec.json.encode({"topic": self._topic, "attempt": 0, "columns": columns})

    async def _pass_on(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._to.hostname, self._to.port)
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        back.write(b"\r\n".join([lines[0], b"Connection: close", *lines[1:]]))
        asking = asyncio.create_task(_pump(reader, back))
        await _pump(there, writer)
        asking.cancel()
        back.close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()


@asynccontextmanager
async def changing(url: str, topic: str, task_ids: list[int], changes_per_s: int) -> AsyncIterator[Changing]:
    """Give a server before the server at a URL, which tells the followers of a topic that these hosts change."""
    told = Changing(url, topic, task_ids, changes_per_s)
    listening = await asyncio.start_server(told.accept, "127.0.0.1", 0)
    told.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield told
    finally:
        listening.close()
        await told.end()
