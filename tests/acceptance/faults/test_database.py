"""What becomes of jobs, callers and servers when PostgreSQL is away."""

import asyncio
import time

import pytest
from tests.acceptance.faults.cluster import HOSTS, Cluster
from tests.acceptance.faults.jobs import OK, SUCCEEDED, UNAVAILABLE, Jobs, RefusedError
from tests.acceptance.faults.ledger import Ledger, until
from tests.acceptance.faults.parts import runs
from tests.waiting import WITHIN_S, eventually

ALL_OK = (SUCCEEDED, [OK, OK, OK])
OUTAGE_S = 20.0
CROWD = 12
RESULTS_S = 8.0
"""When in the outage scripts end, so that agents have tried in vain more than once."""


async def test_an_outage_of_the_database_refuses_new_jobs_and_harms_none_that_runs(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    job = await jobs.start(ledger.script("echo before", "echo after"), HOSTS)
    await ledger.begun(3)
    await cluster.stop_postgres()
    began = time.monotonic()
    for server in cluster.servers:
        with pytest.raises(RefusedError) as refused:
            await jobs.start(ledger.script(), HOSTS, server=server)
        assert refused.value.code == UNAVAILABLE
        assert await server.probed() == (200, 503)
    await _passed(began + RESULTS_S)
    ledger.open()
    await until(lambda: not any(runs(pid) for pid in ledger.pids), WITHIN_S, "the scripts to end")
    await _passed(began + OUTAGE_S)
    assert all(server.is_alive for server in cluster.servers)
    await cluster.start_postgres()
    assert await jobs.finished(job) == ALL_OK
    assert [await jobs.log(job, host) for host in HOSTS] == ["before\nafter\n"] * 3
    assert ledger.each_ran_once(3)
    for server in cluster.servers:
        await eventually(server.probed, lambda seen: seen == (200, 200))


async def test_a_database_that_crashes_under_load_loses_and_doubles_nothing(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    """Callers repeat what was not answered, under the same key; the answer to a commit may have been cut off."""
    script = ledger.script("echo before", "sleep 0.5; echo after", waits=False)
    starting = [asyncio.create_task(jobs.start_surely(script, HOSTS, f"crash-{n}")) for n in range(CROWD)]
    await ledger.begun(2)
    await cluster.kill_postgres()
    await cluster.start_postgres()
    started = await asyncio.gather(*starting)
    for job in started:
        assert await jobs.finished(job) == ALL_OK
        assert await jobs.log(job, 2) == "before\nafter\n"
    assert ledger.each_ran_once(3 * CROWD)
    assert await cluster.value(f"SELECT count(*) FROM job WHERE id >= {min(job.id for job in started)}") == CROWD


async def test_a_server_that_starts_while_the_database_is_away_waits_for_it(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    first, second = cluster.servers
    job = await jobs.start(ledger.script(), HOSTS, server=first)
    await ledger.begun(3)
    await cluster.stop_postgres()
    for server in (first, second):
        await server.kill()
    await first.launch()
    await eventually(first.probed, lambda told: told == (200, 503))
    ledger.open()
    await cluster.start_postgres()
    assert await jobs.finished(job) == ALL_OK
    assert ledger.each_ran_once(3)


async def _passed(moment: float) -> None:
    """Wait for a moment: the length of an outage is part of what is tested."""
    await until(lambda: time.monotonic() >= moment, OUTAGE_S, "the outage to last")
