"""Fixtures of the agent's tests: a broker without identities, and agents of their own on it."""

import pwd
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.integration.agent.gate import Gate
from tests.integration.agent.server import Broker, Site, site


@pytest.fixture(scope="session")
async def open_broker() -> AsyncIterator[Broker]:
    """Give a running NATS that asks nobody who he is."""
    broker = Broker()
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture(scope="session")
async def shared(open_broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Give an agent that tests share which leave it as it is."""
    async with site(tmp_path_factory.mktemp("shared") / "agent", open_broker, host_id=1) as found:
        yield found


@pytest.fixture
async def own(open_broker: Broker, tmp_path: Path) -> AsyncIterator[Site]:
    """Give an agent of the test's own, which it may kill."""
    async with site(tmp_path / "agent", open_broker, host_id=2) as found:
        yield found


@pytest.fixture(scope="session")
def other_account() -> str:
    """Give an account that the tests do not run as and that always exists."""
    return pwd.getpwuid(65534).pw_name


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    """Give a gate at which a script waits."""
    found = Gate(tmp_path / "gate")
    yield found
    found.close()
