"""What becomes of a job when servers die: in every state, alone or beside another."""

import asyncio
import itertools
import random
import time

from tests.acceptance.faults.cluster import HOSTS, Cluster
from tests.acceptance.faults.jobs import (
    FAILED,
    KILLED,
    NONZERO,
    OK,
    STOPPED,
    SUCCEEDED,
    Job,
    Jobs,
)
from tests.acceptance.faults.ledger import Ledger, until
from tests.acceptance.faults.parts import runs
from tests.waiting import WITHIN_S

ALL_OK = (SUCCEEDED, [OK, OK, OK])
KILLING_S = 12.0
SEED = 20


async def test_a_job_whose_server_dies_right_after_accepting_it_is_carried_on_by_another(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    """A frozen broker keeps the job from being dispatched until its server is dead."""
    first, second = cluster.servers
    await second.kill()
    cluster.freeze_nats()
    job = await jobs.start(ledger.script(waits=False), HOSTS, server=first)
    await first.kill()
    assert ledger.runs == []
    cluster.thaw_nats()
    await second.start()
    assert await jobs.finished(job) == ALL_OK
    assert ledger.each_ran_once(3)


async def test_a_server_that_dies_while_it_sends_orders_leaves_none_out_and_none_sent_twice(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    """One agent does not answer, so that the dispatch is under way when the only server dies."""
    first, second = cluster.servers
    await second.kill()
    cluster.agents[3].freeze()
    job = await jobs.start(ledger.script(), HOSTS, server=first)
    await ledger.begun(2)
    await first.kill()
    cluster.agents[3].thaw()
    await second.start()
    ledger.open()
    assert await jobs.finished(job) == ALL_OK
    assert ledger.each_ran_once(3)


async def test_a_job_runs_on_while_its_only_server_is_killed_and_restarted(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    first, second = cluster.servers
    await second.kill()
    job = await jobs.start(ledger.script("echo before", "echo after"), HOSTS, server=first)
    await ledger.begun(3)
    await first.kill()
    await first.start()
    ledger.open()
    assert await jobs.finished(job) == ALL_OK
    assert [await jobs.log(job, host) for host in HOSTS] == ["before\nafter\n"] * 3
    assert ledger.each_ran_once(3)


async def test_results_that_come_while_no_server_lives_are_kept_and_stored_later(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    job = await jobs.start(ledger.script("echo before", "echo after; exit 3"), HOSTS)
    await ledger.begun(3)
    for server in cluster.servers:
        await server.kill()
    ledger.open()
    await until(lambda: not any(runs(pid) for pid in ledger.pids), WITHIN_S, "the scripts to end")
    await cluster.servers[0].start()
    assert await jobs.finished(job) == (FAILED, [NONZERO] * 3)
    assert [await jobs.log(job, host) for host in HOSTS] == ["before\nafter\n"] * 3
    assert ledger.each_ran_once(3)


async def test_a_kill_that_was_ordered_is_carried_out_though_its_server_dies(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    first, second = cluster.servers
    await second.kill()
    job = await jobs.start(ledger.script("trap '' TERM"), HOSTS, server=first)
    await ledger.begun(3)
    await jobs.terminate(job)
    await first.kill()
    await second.start()
    assert await jobs.finished(job) == (STOPPED, [KILLED] * 3)
    assert ledger.each_ran_once(3)
    assert not any(runs(pid) for pid in ledger.pids)


async def test_another_attempt_is_made_once_though_its_server_dies_between_attempts(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    first, second = cluster.servers
    await second.kill()
    job = await jobs.start(ledger.script(after="[ -e {directory}/mended ]", waits=False), HOSTS, server=first)
    assert await jobs.finished(job) == (FAILED, [NONZERO] * 3)
    (ledger.directory / "mended").touch()
    await jobs.retry(job)
    await first.kill()
    await second.start()
    assert await jobs.finished(job) == ALL_OK
    assert ledger.each_ran_once(6)


async def test_two_servers_share_the_work_and_either_goes_on_without_the_other(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    first, second = cluster.servers
    started = [await jobs.start(ledger.script(), HOSTS, server=server) for server in (first, second) * 5]
    await ledger.begun(30)
    await first.kill()
    ledger.open()
    started += [await jobs.start(ledger.script(), HOSTS, server=second) for _ in range(5)]
    for job in started:
        assert await jobs.finished(job) == ALL_OK
    assert ledger.each_ran_once(45)


async def test_a_server_that_hangs_holds_up_no_job_for_good(cluster: Cluster, jobs: Jobs, ledger: Ledger) -> None:
    """The broker goes on giving the hung server its share of reports; agents send again what is not stored."""
    first, second = cluster.servers
    first.freeze()
    try:
        started = [await jobs.start(ledger.script(waits=False), HOSTS, server=second) for _ in range(3)]
        for job in started:
            assert await jobs.finished(job, within_s=90, server=second) == ALL_OK
    finally:
        first.thaw()
    assert ledger.each_ran_once(9)


async def test_jobs_end_right_and_run_once_whenever_servers_are_killed(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    """Servers die at random moments, now one and now the other, while jobs come in; callers repeat what failed."""
    chance = random.Random(SEED)
    script = ledger.script("echo before", "sleep 0.2; echo after", waits=False)
    killing = asyncio.create_task(_kill_at_random(cluster, chance))
    started: list[Job] = []
    while not killing.done():
        started.append(await jobs.start_surely(script, HOSTS, f"random-{SEED}-{len(started)}"))
        await asyncio.sleep(chance.uniform(0.0, 0.4))
    await killing
    for job in started:
        assert await jobs.finished(job) == ALL_OK
        assert await jobs.log(job, chance.choice(HOSTS)) == "before\nafter\n"
    assert len({job.id for job in started}) == len(started)
    assert ledger.each_ran_once(3 * len(started))


async def _kill_at_random(cluster: Cluster, chance: random.Random) -> None:
    began = time.monotonic()
    for turn in itertools.count():
        if time.monotonic() > began + KILLING_S:
            return
        await asyncio.sleep(chance.uniform(0.05, 1.0))
        server = cluster.servers[turn % 2]
        await server.kill()
        await server.start()
