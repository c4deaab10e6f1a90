"""What becomes of a job on many hosts whose server dies while it sends the orders."""

import os
import re
import sys
from collections.abc import AsyncIterator

import pytest
from tests.acceptance.faults.cluster import Cluster
from tests.acceptance.faults.jobs import OK, SUCCEEDED, Jobs
from tests.acceptance.faults.ledger import until
from tests.acceptance.faults.parts import Part
from tests.installation import READY_S

from jobfleet.embedded.process import Program
from jobfleet.settings_sources import without_ours

MANY = 1500
"""More than a server takes at a time to send."""


@pytest.fixture
async def fleet(cluster: Cluster) -> AsyncIterator[Part]:
    """Give a simulated fleet whose scripts take a moment."""
    async with cluster.native() as http:
        wanted = {"reusable": True, "business": 2}
        token = (await http.post("/api/v1/agents/tokens", json=wanted)).json()["token"]
    flags = ["--agents", str(MANY), "--server", cluster.servers[0].url, "--latency-ms", "300"]
    env = without_ours(os.environ) | {"JOBFLEET_AGENT_TOKEN": token}
    log = cluster.logs / "fleet.log"
    part = Part(Program("the fleet", [sys.executable, "-m", "jobfleet", "sim", *flags], log, env))
    await part.launch()
    await until(lambda: "sim ready" in part.log, READY_S, "the fleet")
    yield part
    await part.stop()


async def test_a_server_that_dies_while_it_sends_orders_to_many_hosts_leaves_none_out_and_none_sent_twice(
    cluster: Cluster, jobs: Jobs, fleet: Part
) -> None:
    first, second = cluster.servers
    await second.kill()
    job = await jobs.start_on("#!/bin/sh\ntrue\n", [f"10.0.{n // 250}.{n % 250 + 1}" for n in range(MANY)])
    await cluster.counted(f"SELECT count(*) FROM task WHERE job_id = {job.id} AND sent_at IS NOT NULL", at_least=1)
    await first.kill()
    await second.start()
    assert await jobs.finished(job) == (SUCCEEDED, [OK] * MANY)
    await fleet.stop()
    told = dict(re.findall(r"(\w+)=(\d+)", fleet.log.rpartition("sim stopped")[2]))
    assert (int(told["accepted"]), int(told["stored"])) == (MANY, MANY)
