"""A host whose disk is full: what ends meanwhile is told as it was, as soon as there is room again."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from tests.integration.agent.server import Broker, Site, run_order, site
from tests.integration.agent.test_faults import kill_tree
from tests.waiting import until

from jobfleet.agent.files import TaskFiles
from jobfleet.model.order import RunOrder
from jobfleet.model.outcome import ErrorCode, Outcome

_ENTER = """
mkdir "$1"
mount -t tmpfs -o size=1m tmpfs "$1"
shift
exec "$@"
"""


_FULL = """
cp -a "$1" "$1.copy"
mount -t tmpfs -o size=1m tmpfs "$1"
cp -a "$1.copy/." "$1"
yes > "$1/ballast" || true
shift
exec "$@"
"""


class Host:
    """An agent whose tasks are on a disk of 1 MiB, which nobody else sees."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.wire = site.host
        self.disk = Path(f"/proc/{site.agent.pid}/root{site.agent.data_dir}/tasks")
        self.ballast = site.agent.data_dir / "tasks" / "ballast"

    def files(self, order: RunOrder) -> TaskFiles:
        return TaskFiles(self.disk / str(order.task_id))

    def fill(self) -> None:
        with (self.disk / "ballast").open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                return

    def free(self) -> None:
        (self.disk / "ballast").unlink()

    async def has_tried(self, order: RunOrder) -> None:
        """Wait until the end of a task was offered to the disk."""
        end = self.files(order).directory / "ended.new"
        await until(end.exists)


@pytest.fixture(scope="module")
async def small(open_broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Host]:
    """Give an agent that the tests here share."""
    data_dir = tmp_path_factory.mktemp("small") / "agent"
    within = ("unshare", "--mount", "sh", "-euc", _ENTER, "sh", str(data_dir / "tasks"))
    async with site(data_dir, open_broker, host_id=7, within=within) as found:
        yield Host(found)


@pytest.fixture
async def host(small: Host) -> Host:
    """Give the agent once the tasks of the test before have left its disk: nothing else makes room then."""
    (small.disk / "ballast").unlink(missing_ok=True)  # of one that failed
    await until(lambda: not list(small.disk.iterdir()))
    return small


async def test_a_script_that_fills_the_disk_keeps_its_exit_code(host: Host) -> None:
    order = run_order(f"yes > {host.ballast}; exit 3")
    assert (await host.wire.order(order)).accepted
    await host.has_tried(order)
    host.free()
    result = await host.wire.result(order.task_id)
    assert (result.outcome, result.exit_code, result.error_code) == (Outcome.FAILED, 3, ErrorCode.OK)


async def test_a_runner_that_is_lost_while_the_disk_is_full_is_told_when_there_is_room(host: Host) -> None:
    order = run_order("echo $$; exec sleep 300")
    await host.wire.order(order)
    await until(lambda: host.wire.output(order.task_id))
    begun = host.files(order).begun()
    assert begun is not None
    host.fill()
    os.kill(begun.runner_pid, signal.SIGKILL)
    await host.has_tried(order)
    host.free()
    assert (await host.wire.result(order.task_id)).error_code == ErrorCode.RUNNER_LOST
    kill_tree(int(host.wire.output(order.task_id)))


async def test_a_kill_while_the_disk_is_full_is_told_when_there_is_room(host: Host) -> None:
    order = run_order("exec sleep 300")
    await host.wire.order(order)
    await until(lambda: order.task_id in host.wire.started)
    host.fill()
    assert (await host.wire.kill(order.task_id)).accepted
    await host.has_tried(order)
    host.free()
    assert (await host.wire.result(order.task_id)).error_code == ErrorCode.KILLED


async def test_a_task_that_is_killed_before_its_script_came_is_told_when_there_is_room(host: Host) -> None:
    order = run_order(b"nobody serves this", content=None)  # the agent tries for seconds to fetch it
    await host.wire.order(order)
    host.fill()
    assert (await host.wire.kill(order.task_id)).accepted
    await host.has_tried(order)
    host.free()
    result = await host.wire.result(order.task_id)
    assert (result.error_code, result.message) == (ErrorCode.KILLED, "killed before it started")


async def test_an_order_that_the_disk_does_not_take_is_refused_by_name(host: Host) -> None:
    host.fill()
    assert (await host.wire.order(run_order("true"))).reason == "disk"
    host.free()
    assert (await host.wire.run(run_order("true"))).exit_code == 0


async def test_an_agent_that_starts_on_a_full_disk_works_and_tells_what_was_lost_later(own: Site) -> None:
    over, order = run_order("true"), run_order("exec sleep 300")
    await own.host.run(over)
    await until(lambda: not (own.agent.data_dir / "tasks" / str(over.task_id)).exists())
    await own.host.order(order)
    await until(lambda: order.task_id in own.host.started)
    files = TaskFiles(own.agent.data_dir / "tasks" / str(order.task_id))
    begun, entry = files.begun(), files.entry()
    assert begun is not None
    assert entry is not None
    await own.agent.stop(signal.SIGKILL)
    kill_tree(begun.runner_pid)
    files.write_entry(msgspec.structs.replace(entry, boot_id="the boot before"))
    own.agent.within = ("unshare", "--mount", "sh", "-euc", _FULL, "sh", str(own.agent.data_dir))
    await own.agent.start()
    assert (await own.host.order(run_order("true"))).reason == "disk"
    own.agent.within = ()
    await own.restart_agent(signal.SIGTERM)
    assert (await own.host.result(order.task_id)).error_code == ErrorCode.HOST_REBOOTED
