"""Send parts of files by the kernel: their bytes do not pass through this process.

ASGI has no message for it that uvicorn knows, so its connection class is extended, and an application finds what
sends beside its request.
"""

import asyncio
import os
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

EXTENSION = "jobfleet.sending"
SLICE_BYTES = 8 * 1024 * 1024
"""Most bytes that go before another connection gets its turn."""


class Connection(HttpToolsProtocol):
    """A connection of uvicorn that lets applications send files."""

    def on_headers_complete(self) -> None:
        """Put what sends files beside a request that is about to be answered."""
        super().on_headers_complete()
        if self.scheme == "http" and self.cycle is not None and self.cycle.scope is self.scope:
            self.scope["extensions"] = {EXTENSION: {"sender": FileSender(self.cycle, self.transport)}}


class FileSender:
    """Send parts of files as the body of one answer whose length was announced."""

    def __init__(self, cycle: RequestResponseCycle, transport: asyncio.Transport) -> None:
        self._cycle = cycle
        self._transport = transport

    async def send(self, file: int, first: int, count: int) -> bool:
        """Send bytes of an open file; return whether nothing is left to do about them.

        That is so when they went, and when the client has gone. Otherwise the caller has to send them itself.
        """
        if not await self._is_flushed():
            return False
        try:
            await _send(_own(self._transport.get_extra_info("socket").fileno(), file), first, first + count)
        except OSError:  # the client has gone, or the file is shorter than it was: no answer can be right
            self._transport.abort()
        self._cycle.expected_content_length -= count
        return True

    async def _is_flushed(self) -> bool:
        """Let the head of the answer go out; tell whether it has."""
        for _ in range(3):
            if self._transport.get_write_buffer_size() == 0:
                return not self._transport.is_closing()
            await asyncio.sleep(0)
        return False


def sender_of(scope: Any) -> FileSender | None:
    """Return what sends files in answer to a request, or None where the connection cannot."""
    found = (scope.get("extensions") or {}).get(EXTENSION, {}).get("sender")
    return found if isinstance(found, FileSender) else None


def _own(socket: int, file: int) -> tuple[int, int]:
    return os.dup(socket), os.dup(file)


async def _send(handles: tuple[int, int], first: int, end: int) -> None:
    """Send to the first of two descriptors from the second, and close both."""
    loop, work = asyncio.get_running_loop(), None
    try:
        while first < end:
            work = loop.run_in_executor(None, _send_some, handles, first, min(end, first + SLICE_BYTES))
            reached = await asyncio.shield(work)
            if reached is None:
                raise OSError("the client has gone, or the file is shorter than it was")
            first = reached
            if first < end:
                await _writable(loop, handles[0])
    finally:
        if work is None or work.done():
            _close(handles)
        else:  # cancelled, while a thread still uses them
            work.add_done_callback(lambda _: _close(handles))


def _close(handles: tuple[int, int]) -> None:
    for handle in handles:
        os.close(handle)


def _send_some(handles: tuple[int, int], first: int, end: int) -> int | None:
    """Send until the socket takes no more; return where the rest begins, None when no more can be sent.

    An error would be nobody's when the request is given up in the moment in which the thread meets it.
    """
    while first < end:
        try:
            sent = os.sendfile(*handles, first, end - first)
        except BlockingIOError:
            break
        except OSError:
            return None
        if not sent:
            return None
        first += sent
    return first


async def _writable(loop: asyncio.AbstractEventLoop, handle: int) -> None:
    ready = asyncio.Event()
    loop.add_writer(handle, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_writer(handle)
