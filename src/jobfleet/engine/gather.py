"""Handle messages in bulk: while one portion is being handled the next one gathers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Gatherer(Generic[T]):
    """Pass what is added to a handler, in order, at most `limit` at a time and one portion after the other.

    A lone message is handled at once; under load portions grow by themselves.
    """

    def __init__(self, handle: Callable[[list[T]], Awaitable[None]], limit: int) -> None:
        self._handle = handle
        self._limit = limit
        self._waiting: list[T] = []
        self._arrived = asyncio.Event()

    def add(self, item: T) -> None:
        """Add something to handle."""
        self._waiting.append(item)
        self._arrived.set()

    async def run(self) -> None:
        """Handle what is added until cancelled."""
        while True:
            await self._arrived.wait()
            portion, self._waiting = self._waiting[: self._limit], self._waiting[self._limit :]
            if not self._waiting:
                self._arrived.clear()
            await self._handle(portion)
