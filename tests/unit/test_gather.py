"""Reports are handled in portions that are bounded in number and size, and what waits is bounded too."""

import asyncio

from tests.waiting import WITHIN_S

from jobfleet.engine.gather import Bounds, Gatherer

BOUNDS = Bounds(portion=3, portion_bytes=100, waiting_bytes=1_000)


class Handler:
    """Keep the portions that came; the first one is held until it is let go."""

    def __init__(self) -> None:
        self.portions: list[list[int]] = []
        self.goes_on = asyncio.Event()

    async def __call__(self, portion: list[int]) -> None:
        self.portions.append(portion)
        await self.goes_on.wait()


async def test_portions_are_bounded_in_number_and_size_and_keep_their_order() -> None:
    portions = await _handled([10, 20, 30, 40, 70, 20, 500, 5], BOUNDS)
    assert portions == [[10, 20, 30], [40], [70, 20], [500], [5]]


async def test_what_finds_no_place_any_more_is_not_taken() -> None:
    handler = Handler()
    gatherer = Gatherer(handler, BOUNDS, lambda size: size)
    assert [gatherer.add(size) for size in (600, 300, 200, 100)] == [True, True, False, True]
    running = asyncio.create_task(gatherer.run())
    handler.goes_on.set()
    async with asyncio.timeout(WITHIN_S):
        while sum(map(len, handler.portions)) < 3:
            await asyncio.sleep(0)
    assert gatherer.add(1_000)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _handled(sizes: list[int], bounds: Bounds) -> list[list[int]]:
    handler = Handler()
    gatherer = Gatherer(handler, bounds, lambda size: size)
    for size in sizes:
        assert gatherer.add(size)
    handler.goes_on.set()
    running = asyncio.create_task(gatherer.run())
    async with asyncio.timeout(WITHIN_S):
        while sum(map(len, handler.portions)) < len(sizes):
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return handler.portions
