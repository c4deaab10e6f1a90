"""Fixtures of the acceptance tests: one installation for all that leave its processes alone."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.acceptance.declared import MISTRUSTING
from tests.acceptance.gates import gates
from tests.acceptance.processes import agent_of, foreign_key
from tests.acceptance.stage import Stage, staged

__all__ = ["gates"]


@pytest.fixture(scope="session")
async def stage() -> AsyncIterator[Stage]:
    """Give the installation that acceptance tests share; they must not stop any of its processes.

    Whatever they asked for, none of its processes may have met a fault that it did not foresee.
    """
    async with staged() as running:
        yield running
        faults = ("Traceback", "[error", "ERROR: ", "level=ERROR", "FATAL", "[ERR]")
        lines = running.logged().splitlines()
        bad = [number for number, line in enumerate(lines) if any(word in line for word in faults)]
        assert not bad, "\n".join(line for number in bad[:3] for line in lines[number - 3 : number + 60])


@pytest.fixture(scope="session")
async def mistrusting(stage: Stage) -> AsyncIterator[tuple[int, ...]]:
    """Give hosts whose agents run and refuse every order of this installation."""
    with TemporaryDirectory(prefix="jobfleet-agents-") as parent:
        async with AsyncExitStack() as stack:
            for host in MISTRUSTING:
                directory = Path(parent) / str(host)
                await stack.enter_async_context(agent_of(stage, host, directory, order_key=foreign_key()))
            yield MISTRUSTING
