"""What a kill leaves: nothing, or what its receipt says; with real trees of processes."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from tests.integration.agent.server import Site, run_order, until
from tests.waiting import WITHIN_S

from jobfleet.agent import kill
from jobfleet.agent.files import TaskFiles
from jobfleet.model.order import TaskResult
from jobfleet.model.outcome import ErrorCode, Outcome

STUBBORN = "trap '' TERM HUP INT; sleep 300 & while :; do wait; done"
TREES = {
    "child": "sleep 300 & wait",
    "ignores SIGTERM": STUBBORN,
    "double fork": f"(({STUBBORN}) & ) & wait; sleep 300",
    "setsid": f'setsid sh -c "{STUBBORN}" & sleep 300',
    "daemon without environment": 'setsid env -i sh -c "(sleep 300 &) & sleep 300" & sleep 300',
    "daemon of a dead parent": '(setsid env -i sh -c "sleep 300 & sleep 300 & wait" &) ; sleep 300',
    "many": "for i in $(seq 50); do sleep 300 & done; wait",
}


def members_of(runner: int) -> set[int]:
    """Return the living processes of a task without asking the agent: all below its runner."""
    return kill.living(kill.descendants(runner))


async def runner_of(site: Site, task_id: int) -> int:
    files = TaskFiles(site.agent.data_dir / "tasks" / str(task_id))
    await until(lambda: files.begun() is not None)
    begun = files.begun()
    assert begun is not None
    return begun.runner_pid


def assert_killed(result: TaskResult) -> None:
    assert (result.outcome, result.error_code, result.survivors) == (Outcome.FAILED, ErrorCode.KILLED, [])


@pytest.mark.parametrize("tree", TREES)
async def test_a_kill_ends_the_whole_tree_with_a_true_receipt(shared: Site, tree: str) -> None:
    order = run_order(f"echo up; {TREES[tree]}")
    await shared.host.order(order)
    runner = await runner_of(shared, order.task_id)
    await until(lambda: len(members_of(runner)) >= 2)
    before = members_of(runner)
    reply = await shared.host.kill(order.task_id)
    assert (reply.accepted, reply.unknown) == (True, [])
    result = await shared.host.result(order.task_id)
    assert_killed(result)
    assert result.exit_code is not None
    assert result.exit_code > 128
    assert kill.living(before) == set()


async def test_a_script_may_clean_up_on_sigterm_and_say_so(shared: Site) -> None:
    order = run_order("trap 'echo cleaned; exit 3' TERM; echo up; while :; do sleep 0.01; done")
    await shared.host.order(order)
    await until(lambda: shared.host.output(order.task_id))
    await shared.host.kill(order.task_id)
    result = await shared.host.result(order.task_id)
    assert (result.error_code, result.exit_code) == (ErrorCode.KILLED, 3)
    assert shared.host.output(order.task_id).endswith(b"cleaned\n")


async def test_a_kill_of_one_task_leaves_another_alone(shared: Site) -> None:
    victim, other = run_order("sleep 300"), run_order("sleep 0.8; exit 6")
    await shared.host.order(victim)
    await shared.host.order(other)
    await runner_of(shared, victim.task_id)
    await shared.host.kill(victim.task_id)
    assert_killed(await shared.host.result(victim.task_id))
    assert (await shared.host.result(other.task_id)).exit_code == 6


async def test_a_kill_after_the_end_changes_nothing(shared: Site) -> None:
    order = run_order("exit 4")
    result = await shared.host.run(order)
    reply = await shared.host.kill(order.task_id)
    assert (reply.accepted, reply.unknown) == (True, [])
    assert (result.exit_code, result.error_code) == (4, ErrorCode.OK)


async def test_a_kill_that_comes_before_the_order_keeps_it_from_running(own: Site, tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    order = run_order(f"touch {witness}")
    assert (await own.host.kill(order.task_id)).unknown == [order.task_id]
    assert (await own.host.order(order)).accepted
    await own.restart_agent()
    assert (await own.host.order(order)).accepted
    await own.host.run(run_order("true"))
    assert not witness.exists()
    assert (await own.host.ask(order.task_id)).unknown == [order.task_id]


async def test_order_and_kill_at_the_same_time_end_in_one_truth(own: Site) -> None:
    orders = [run_order("sleep 300") for _ in range(12)]
    await asyncio.gather(
        *(own.host.order(order) for order in orders), *(own.host.kill(order.task_id) for order in orders)
    )
    unknown = set((await own.host.kill(*(order.task_id for order in orders))).unknown)
    for order in orders:
        if order.task_id not in unknown:
            assert_killed(await own.host.result(order.task_id))
    assert not unknown & own.host.results.keys()


async def test_a_restarted_agent_kills_what_an_earlier_one_started(own: Site) -> None:
    order = run_order(STUBBORN)
    await own.host.order(order)
    runner = await runner_of(own, order.task_id)
    await own.restart_agent(signal.SIGKILL)
    before = members_of(runner)
    await own.host.kill(order.task_id)
    assert_killed(await own.host.result(order.task_id))
    assert kill.living(before) == set()


async def test_a_kill_reaches_a_script_whose_runner_is_gone(own: Site) -> None:
    order = run_order(f"trap '' PIPE; {STUBBORN}")
    await own.host.order(order)
    runner = await runner_of(own, order.task_id)
    await until(lambda: len(members_of(runner)) >= 2)
    before = members_of(runner)
    os.kill(own.agent.pid, signal.SIGSTOP)  # so that the agent hears of kill and lost runner together
    os.kill(runner, signal.SIGKILL)
    asking = asyncio.create_task(own.host.kill(order.task_id))
    await own.host.client.flush()
    TaskFiles(own.agent.data_dir / "tasks" / str(order.task_id)).ask_to_kill()
    os.kill(own.agent.pid, signal.SIGCONT)
    await asking
    assert_killed(await own.host.result(order.task_id))
    assert kill.living(before) == set()


@pytest.mark.skipif(os.geteuid() != 0, reason="makes a process of root that an unprivileged one may not kill")
async def test_what_the_agent_may_not_kill_is_in_the_receipt() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILL_WHAT_ONE_MAY_NOT, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await asyncio.wait_for(process.communicate(), WITHIN_S)
    sleeper, mortal, *survivors = map(int, output.split())
    assert survivors == [sleeper]
    assert kill.living({sleeper, mortal}) == {sleeper}
    os.kill(sleeper, signal.SIGKILL)


KILL_WHAT_ONE_MAY_NOT = """
import os, subprocess, time
from jobfleet.agent import kill
sleeper = subprocess.Popen(["sleep", "300"], stdout=subprocess.DEVNULL)
os.setresuid(65534, 65534, 65534)
mortal = subprocess.Popen(["sleep", "300"], stdout=subprocess.DEVNULL)
killing = kill.Killing(lambda: kill.living(kill.descendants(os.getpid())), lambda: None, 0)
now = 0
while not killing.step(now):
    time.sleep(0.01)
    now += 50
print(sleeper.pid, mortal.pid, *killing.survivors, flush=True)
os._exit(0)
"""


async def test_a_finished_task_leaves_no_control_group_behind(own: Site) -> None:
    order = run_order("sleep 0.2")
    await own.host.order(order)
    runner = await runner_of(own, order.task_id)
    groups = [group for group in (group_of(runner),) if "jobfleet." in group.name]
    await own.host.result(order.task_id)
    await until(lambda: not any(group.exists() for group in groups))


def group_of(pid: int) -> Path:
    begun = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    own = next((line[3:] for line in begun if line.startswith("0::")), "/")
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines() if " cgroup2 " in line]
    return Path(mounts[0] + own) if mounts else Path("/nonexistent")
