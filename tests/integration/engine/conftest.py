"""Fixtures of the engine's tests."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from tests.engines import Broker
from tests.integration.engine.stage import Stage, furnish

from jobfleet.store.database import Database


@pytest.fixture
async def idle_stage(nats: Broker, database_url: str, db: Database) -> AsyncIterator[Stage]:
    """Give a stage whose engine is not running yet."""
    await furnish(db, hosts=5)
    async with AsyncExitStack() as stack:
        stage = Stage(nats, database_url, stack)
        await stage.open()
        yield stage


@pytest.fixture
async def stage(idle_stage: Stage) -> Stage:
    """Give a stage with a running engine."""
    await idle_stage.start_engine()
    return idle_stage
