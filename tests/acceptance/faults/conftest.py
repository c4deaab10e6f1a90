"""Fixtures of the fault tests: one cluster for all, whole again before each test."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from tests.acceptance.faults.cluster import Cluster
from tests.acceptance.faults.jobs import Jobs
from tests.acceptance.faults.ledger import Ledger
from tests.engines import quick_place


@pytest.fixture(scope="session")
async def fault_cluster() -> AsyncIterator[Cluster]:
    """Give the cluster in whatever state the last test left it."""
    directory = Path(tempfile.mkdtemp(prefix="jobfleet-faults-", dir=quick_place()))
    cluster = Cluster(directory)
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
async def cluster(fault_cluster: Cluster) -> Cluster:
    """Give the cluster with all its parts at work."""
    await fault_cluster.mend()
    return fault_cluster


@pytest.fixture
async def jobs(cluster: Cluster) -> AsyncIterator[Jobs]:
    async with httpx.AsyncClient(timeout=15) as http:
        yield Jobs(cluster, http)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    directory = Path(tempfile.mkdtemp(prefix="jobfleet-ledger-"))
    directory.chmod(0o777)
    yield Ledger(directory)
    shutil.rmtree(directory, ignore_errors=True)
