"""What becomes of a script when the agent of its host dies, or its host reboots."""

from tests.acceptance.faults.cluster import Cluster
from tests.acceptance.faults.jobs import FAILED, KILLED, NONZERO, STOPPED, Jobs
from tests.acceptance.faults.ledger import Ledger
from tests.acceptance.faults.parts import runs

COUNT = "i=0; while [ $i -lt {0} ]; do echo line $i; i=$((i+1)); done"


async def test_a_killed_agent_comes_back_to_the_real_exit_code_and_the_whole_output(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    job = await jobs.start(ledger.script(COUNT.format(300), COUNT.format(200) + "; exit 7"))
    await ledger.begun(1)
    await cluster.agents[1].kill()
    ledger.open()
    await cluster.agents[1].start()
    assert await jobs.finished(job) == (FAILED, [NONZERO])
    assert (await jobs.hosts(job))[0]["exit_code"] == 7
    numbers = [*range(300), *range(200)]
    assert await jobs.log(job) == "".join(f"line {number}\n" for number in numbers)
    assert ledger.each_ran_once(1)


async def test_a_kill_that_was_ordered_while_the_agent_was_dead_reaches_the_script(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    job = await jobs.start(ledger.script("echo before"))
    await ledger.begun(1)
    await cluster.agents[1].kill()
    await jobs.terminate(job)
    await cluster.agents[1].start()
    assert await jobs.finished(job) == (STOPPED, [KILLED])
    assert not any(runs(pid) for pid in ledger.pids)
    assert await jobs.log(job) == "before\n"
