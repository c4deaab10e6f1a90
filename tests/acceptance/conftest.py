"""Fixtures of the acceptance tests: one installation for all that leave its processes alone."""

from collections.abc import AsyncIterator

import pytest
from tests.acceptance.gates import gates
from tests.acceptance.stage import Stage, staged

__all__ = ["gates"]


@pytest.fixture(scope="session")
async def stage() -> AsyncIterator[Stage]:
    """Give the installation that acceptance tests share; they must not stop any of its processes."""
    async with staged() as running:
        yield running
