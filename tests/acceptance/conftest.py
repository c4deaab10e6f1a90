"""Fixtures of the acceptance tests."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.acceptance.cli import Cli
from tests.acceptance.declared import MISTRUSTING
from tests.acceptance.gates import gates
from tests.acceptance.processes import agent_of, foreign_key
from tests.acceptance.stage import Stage

__all__ = ["gates"]


@pytest.fixture
def cli(stage: Stage, tmp_path: Path) -> Cli:
    """Give the command line of the installation's administrator."""
    return Cli(tmp_path, "--data-dir", str(stage.installation.directory))


@pytest.fixture(scope="session")
async def mistrusting(stage: Stage) -> AsyncIterator[tuple[int, ...]]:
    """Give hosts whose agents run and refuse every order of this installation."""
    with TemporaryDirectory(prefix="jobfleet-agents-") as parent:
        async with AsyncExitStack() as stack:
            for host in MISTRUSTING:
                directory = Path(parent) / str(host)
                await stack.enter_async_context(agent_of(stage, host, directory, order_key=foreign_key()))
            yield MISTRUSTING
