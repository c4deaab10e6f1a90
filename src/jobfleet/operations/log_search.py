"""Search what one host printed."""

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.log_search import FoundLine, Pattern, Scan, Sought, complaint
from jobfleet.operations.host_log import LogKey, all_bytes, open_log
from jobfleet.operations.platform import Platform

TIME_S = 8.0
"""A search ends after so long and says how far it came."""

LONG_LINE_BYTES = 16 * 2**20

_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="log-search")
"""Few, and nobody else's: whoever searches for what takes long keeps only others waiting who search."""


class Searched(msgspec.Struct, frozen=True):
    """Show what was found: how often in all, in how many lines, and the first of these lines that were asked for.

    `is_complete` is False when the search took too long; it went through `searched_bytes` then.
    """

    matches: int
    matching_lines: int
    found: list[FoundLine]
    total_lines: int
    searched_bytes: int
    is_complete: bool


async def search_log(
    platform: Platform, caller: Caller, key: LogKey, sought: Sought, *, first: int, limit: int
) -> Searched:
    """Search the whole log of a host.

    Args:
        first: Lines before this one count, but are not listed.
        limit: At most so many lines are listed.

    Raises:
        IllegalParameterReasonError: There is no such search.
        JobNotFoundError, StepNotFoundError, ForbiddenError: It is not there, or not for the caller.
    """
    if wrong := complaint(sought):
        raise IllegalParameterReasonError("q", wrong)
    end = time.monotonic() + TIME_S

    def is_over() -> bool:
        return time.monotonic() > end

    async with platform.engine.db.begin() as tx:
        log, reader = await open_log(tx, platform, caller, key)
    scan = Scan(Pattern(sought, is_over), first, limit)
    searched = await _search(all_bytes(platform, log, reader), scan, is_over)
    whole = searched >= log.size_bytes
    return Searched(scan.matches, scan.matching_lines, scan.found, log.total_lines, searched, whole)


async def _search(portions: AsyncIterator[bytes], scan: Scan, is_over: Callable[[], bool]) -> int:
    """Search until the end or until the time is over; return how many bytes were searched."""
    searched, rest = 0, b""
    async for portion in portions:
        block, rest = _whole_lines(rest + portion)
        searched += await _beside(functools.partial(scan.take, block))
        if is_over():
            return searched
    return searched + await _beside(functools.partial(scan.take, rest))


async def _beside(take: Callable[[], int]) -> int:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, take)


def _whole_lines(data: bytes) -> tuple[bytes, bytes]:
    """Return what ends with a line end, and the rest; of an endless line nothing waits."""
    cut = data.rfind(b"\n") + 1
    return (data, b"") if not cut and len(data) > LONG_LINE_BYTES else (data[:cut], data[cut:])
