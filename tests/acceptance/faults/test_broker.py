"""What becomes of jobs when NATS dies or hangs, or an agent is cut off from it."""

import time
from functools import partial

from tests.acceptance.faults.cluster import HOSTS, Cluster
from tests.acceptance.faults.jobs import KILLED, OK, STOPPED, SUCCEEDED, Job, Jobs
from tests.acceptance.faults.ledger import Ledger, until
from tests.acceptance.faults.parts import runs
from tests.waiting import eventually

ALL_OK = (SUCCEEDED, [OK, OK, OK])
CUT_S = 4.0
LINES = 60
SLOWLY = "i=0; while [ $i -lt 60 ]; do echo line $i; i=$((i+1)); sleep 0.1; done"
"""Takes longer than CUT_S, so that the cut falls into the middle of the output."""

WHOLE = "".join(f"line {number}\n" for number in range(LINES))


async def test_results_of_scripts_that_ended_while_the_broker_was_dead_arrive_when_it_is_back(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    job = await jobs.start(ledger.script("echo before", "echo after"), HOSTS)
    await ledger.begun(3)
    await cluster.kill_nats()
    ledger.open()
    await cluster.start_nats()
    assert await jobs.finished(job) == ALL_OK
    assert [await jobs.log(job, host) for host in HOSTS] == ["before\nafter\n"] * 3
    assert ledger.each_ran_once(3)


async def test_orders_that_died_with_the_broker_are_sent_again(cluster: Cluster, jobs: Jobs, ledger: Ledger) -> None:
    """The broker hangs first, so that it takes the orders in and passes none on."""
    cluster.freeze_nats()
    job = await jobs.start(ledger.script(waits=False), HOSTS)
    query = f"SELECT count(*) FROM task WHERE job_id = {job.id} AND sent_at IS NOT NULL"
    await cluster.counted(query, len(HOSTS))
    await cluster.kill_nats()
    assert ledger.runs == []
    await cluster.start_nats()
    assert await jobs.finished(job) == ALL_OK
    assert ledger.each_ran_once(3)


async def test_jobs_accepted_while_the_broker_is_dead_run_when_it_is_back(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    await cluster.kill_nats()
    started = [await jobs.start(ledger.script(waits=False), HOSTS, server=server) for server in cluster.servers]
    for server in cluster.servers:
        await eventually(server.probed, lambda seen: seen == (200, 503))
    await cluster.start_nats()
    for job in started:
        assert await jobs.finished(job) == ALL_OK
    assert ledger.each_ran_once(6)


async def test_a_kill_that_was_ordered_while_the_broker_was_dead_reaches_the_scripts(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    job = await jobs.start(ledger.script(), HOSTS)
    await ledger.begun(3)
    await cluster.kill_nats()
    await jobs.terminate(job)
    await cluster.start_nats()
    assert await jobs.finished(job) == (STOPPED, [KILLED] * 3)
    assert not any(runs(pid) for pid in ledger.pids)


async def test_output_is_whole_and_in_order_after_the_network_was_cut(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    """Once the broker hangs, and once an agent does; nobody notices a closed connection."""
    job = await jobs.start(ledger.script(SLOWLY, waits=False), HOSTS)
    await ledger.begun(3)
    await _arrives(jobs, job)
    cluster.freeze_nats()
    cluster.agents[2].freeze()
    cut_at = time.monotonic()
    await until(lambda: time.monotonic() >= cut_at + CUT_S, CUT_S + 1, "the cut to last")
    cluster.thaw_nats()
    cluster.agents[2].thaw()
    assert await jobs.finished(job) == ALL_OK
    assert [await jobs.log(job, host) for host in HOSTS] == [WHOLE] * 3
    assert ledger.each_ran_once(3)


async def _arrives(jobs: Jobs, job: Job) -> None:
    """Wait until some output of each host is stored."""
    for host in HOSTS:
        await eventually(partial(jobs.log, job, host), lambda log: "line 3\n" in log)
