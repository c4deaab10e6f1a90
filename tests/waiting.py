"""Wait for what has no event of its own: look again and again, and say what was seen when it never comes."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

WITHIN_S = 30.0
"""Far more than anything takes that is waited for: a busy machine fails no test."""

_PAUSE_S = 0.02
_NOTHING = object()

Found = TypeVar("Found")


async def eventually(
    look: Callable[[], Awaitable[Found]], good: Callable[[Found], object] = bool, *, within_s: float = WITHIN_S
) -> Found:
    """Return what `look` finds once it is good; raise AssertionError with what it found last when it never is."""
    last: object = _NOTHING
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while not good(found := await look()):
                last = found
                await asyncio.sleep(_PAUSE_S)
            return found
    seen = "nothing was found" if last is _NOTHING else f"still {last!r}"
    raise AssertionError(f"{seen} after {within_s} s")


async def until(holds: Callable[[], object], *, within_s: float = WITHIN_S) -> None:
    """Return once a condition holds; raise AssertionError with what it was last when it never does."""

    async def look() -> object:
        return holds()

    await eventually(look, within_s=within_s)
