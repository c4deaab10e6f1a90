"""Several child processes as one: started in order, watched, stopped in the opposite order."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Protocol, TypeVar

from jobfleet.embedded.process import ChildFailedError

Result = TypeVar("Result")


class Part(Protocol):
    """What can be started, watched and stopped: PostgreSQL, NATS, a program of ours."""

    async def start(self) -> None:
        """Start it."""

    async def stop(self) -> None:
        """Stop it, with force when it takes too long; do nothing when it does not run."""

    async def wait_failed(self) -> ChildFailedError:
        """Wait until it has ended and return that as an error."""


class Ensemble:
    """The parts that run now; a part that ends by itself fails everything that waits."""

    def __init__(self) -> None:
        self._groups: list[Sequence[Part]] = []
        self._watches: set[asyncio.Task[ChildFailedError]] = set()

    async def start(self, *parts: Part) -> None:
        """Start parts side by side; they will be stopped side by side too.

        Raises:
            ChildFailedError: One did not start.
        """
        self._groups.append(parts)
        await asyncio.gather(*(part.start() for part in parts))
        self._watches |= {asyncio.create_task(part.wait_failed()) for part in parts}

    async def until(self, awaitable: Awaitable[Result]) -> Result:
        """Return what an awaitable gives, unless a part ends before.

        Raises:
            ChildFailedError: A part has ended.
        """
        wanted = asyncio.ensure_future(awaitable)
        done, _ = await asyncio.wait({wanted, *self._watches}, return_when=asyncio.FIRST_COMPLETED)
        for watch in self._watches & done:
            wanted.cancel()
            raise watch.result()
        return wanted.result()

    async def stop(self) -> None:
        """Stop all parts, the last started first."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        self._watches.clear()
        while self._groups:
            await asyncio.gather(*(part.stop() for part in self._groups.pop()))
