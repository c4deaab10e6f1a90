"""Work that lasts until it is done or a signal says stop."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
Result = TypeVar("Result")


async def until_stopped(work: Coroutine[Any, Any, Result]) -> Result | None:
    """Return what the work gives, or None when SIGTERM, SIGINT or SIGHUP came first; it is cancelled then.

    Signals after the first one change nothing: stopping goes its way.
    """
    stop = asyncio.Event()
    for number in _STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    life, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({life, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return life.result() if life.done() else None
    finally:
        life.cancel()
        stopped.cancel()
        await asyncio.gather(life, stopped, return_exceptions=True)
