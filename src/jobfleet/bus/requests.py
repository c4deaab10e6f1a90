"""Send many requests at once and gather what comes back, with one subscription and one clock for all."""

import asyncio
from collections.abc import Iterable
from typing import Self

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg

SEND_BURST = 500
"""Requests written before the loop may do something else."""


class Reply(msgspec.Struct, frozen=True):
    """Carry an answer; `data` is None when nobody listens on the subject, or nobody answered in time."""

    data: bytes | None
    no_responders: bool = False


class Requests:
    """Send requests from one inbox; open it once and share it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._inbox = client.new_inbox()
        self._waiting: dict[str, asyncio.Future[Reply]] = {}
        self._serial = 0

    async def open(self) -> Self:
        """Listen for answers."""
        await self._client.subscribe(f"{self._inbox}.*", cb=self._take)
        return self

    async def send_all(self, messages: Iterable[tuple[str, bytes]], timeout_s: float) -> list[Reply]:
        """Send (subject, payload) pairs; return an answer for each, in their order.

        Messages may be made as they are sent: others have their turn after every SEND_BURST.

        A subject without a listener is answered at once by the broker; silence ends after `timeout_s`.
        """
        sent: dict[str, asyncio.Future[Reply]] = {}
        try:
            for subject, payload in messages:
                sent |= await self._send(subject, payload)
            if sent:
                await asyncio.wait(sent.values(), timeout=timeout_s)
        finally:
            for token in sent:
                self._waiting.pop(token, None)
        return [future.result() if future.done() else Reply(None) for future in sent.values()]

    async def _send(self, subject: str, payload: bytes) -> dict[str, asyncio.Future[Reply]]:
        self._serial += 1
        token = str(self._serial)
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[token] = future
        await self._client.publish(subject, payload, reply=f"{self._inbox}.{token}")
        if self._serial % SEND_BURST == 0:
            await asyncio.sleep(0)
        return {token: future}

    async def _take(self, message: Msg) -> None:
        future = self._waiting.get(message.subject.rsplit(".", 1)[1])
        if future is not None and not future.done():
            silent = (message.headers or {}).get("Status") == "503"
            future.set_result(Reply(None, no_responders=True) if silent else Reply(message.data))
