"""What an agent does that does not run as root; the tests run it as nobody, so they need root themselves."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.agent.server import AS_NOBODY, Broker, Site, run_order, site

from jobfleet.model.outcome import ErrorCode, Outcome

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start an agent as nobody")


@pytest.fixture
async def unprivileged(open_broker: Broker) -> AsyncIterator[Site]:
    directory = Path(tempfile.mkdtemp(prefix="jobfleet-tests-"))
    os.chmod(directory, 0o755)  # noqa: PTH101 — once, before anything runs
    async with site(directory / "agent", open_broker, 3, AS_NOBODY) as found:
        yield found
    shutil.rmtree(directory)


async def test_it_runs_scripts_as_itself(unprivileged: Site, other_account: str) -> None:
    order = run_order("id -u; exit 2", account=other_account)
    result = await unprivileged.host.run(order)
    assert (result.exit_code, unprivileged.host.output(order.task_id)) == (2, b"65534\n")


async def test_it_says_clearly_that_it_cannot_run_scripts_as_another(unprivileged: Site, other_account: str) -> None:
    result = await unprivileged.host.run(run_order("id -u", account="root"))
    assert (result.outcome, result.error_code) == (Outcome.FAILED, ErrorCode.CANNOT_START)
    assert f"the agent runs as {other_account!r} and not as root" in result.message


async def test_it_kills_whole_trees_too(unprivileged: Site, other_account: str) -> None:
    order = run_order("(setsid env -i sleep 300 &); echo up; sleep 300", account=other_account)
    await unprivileged.host.order(order)
    while not unprivileged.host.output(order.task_id):
        await unprivileged.host.client.flush()
    await unprivileged.host.kill(order.task_id)
    result = await unprivileged.host.result(order.task_id)
    assert (result.error_code, result.survivors) == (ErrorCode.KILLED, [])
