"""Orders that a test waits for."""

import asyncio
from typing import TypeVar

from tests.integration.engine.stage import WireAgent
from tests.waiting import WITHIN_S

from jobfleet.model.order import Order

Kind = TypeVar("Kind", bound=Order)


async def ordered(agent: WireAgent, kind: type[Kind], count: int = 1) -> list[Kind]:
    """Wait for so many orders of a kind."""
    async with asyncio.timeout(WITHIN_S), agent.arrived:
        await agent.arrived.wait_for(lambda: sum(isinstance(order, kind) for order in agent.orders) >= count)
    return [order for order in agent.orders if isinstance(order, kind)]
