"""Handle messages in bulk: while one portion is being handled the next one gathers."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Bounds(msgspec.Struct, frozen=True):
    """Bound what is handled at once, by number and by size, and what may wait; one item is always handled."""

    portion: int
    portion_bytes: int
    waiting_bytes: int


class Gatherer(Generic[T]):
    """Pass what is added to a handler, in order, a portion at a time and one after the other.

    A lone message is handled at once; under load portions grow by themselves.
    """

    def __init__(
        self, handle: Callable[[list[T]], Awaitable[None]], bounds: Bounds, size_of: Callable[[T], int]
    ) -> None:
        """Pass portions to `handle`; `size_of` says how many bytes an item takes."""
        self._handle = handle
        self._bounds = bounds
        self._size_of = size_of
        self._waiting: deque[tuple[T, int]] = deque()
        self._waiting_bytes = 0
        self._arrived = asyncio.Event()

    def add(self, item: T) -> bool:
        """Add something to handle; False when too much waits already, and whoever sent it has to send it again."""
        size_bytes = self._size_of(item)
        if self._waiting and self._waiting_bytes + size_bytes > self._bounds.waiting_bytes:
            return False
        self._waiting.append((item, size_bytes))
        self._waiting_bytes += size_bytes
        self._arrived.set()
        return True

    async def run(self) -> None:
        """Handle what is added until cancelled."""
        while True:
            await self._arrived.wait()
            portion = self._take()
            if not self._waiting:
                self._arrived.clear()
            await self._handle(portion)

    def _take(self) -> list[T]:
        portion: list[T] = []
        taken_bytes = 0
        while self._waiting and len(portion) < self._bounds.portion:
            item, size_bytes = self._waiting[0]
            if portion and taken_bytes + size_bytes > self._bounds.portion_bytes:
                break
            self._waiting.popleft()
            portion.append(item)
            taken_bytes += size_bytes
        self._waiting_bytes -= taken_bytes
        return portion
