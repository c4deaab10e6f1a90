"""What survives when agent, runner, broker or server fail; with real processes and real kills."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import msgspec
from tests.integration.agent.gate import Gate
from tests.integration.agent.server import AS_IT_IS, Broker, Site, run_order, site, until

from jobfleet.agent.files import Begun, Entry, TaskFiles, boot_id
from jobfleet.model.order import Chunk, Report, Segment, Stored
from jobfleet.model.outcome import ErrorCode, Outcome

NEVER_AGAIN = """
import jobfleet.agent.reports
jobfleet.agent.reports.FIRST_RETRY_S = jobfleet.agent.reports.LAST_RETRY_S = 600.0
"""
"""An agent that sends nothing again by itself."""


def files_of(site: Site, task_id: int) -> TaskFiles:
    return TaskFiles(site.agent.data_dir / "tasks" / str(task_id))


async def begun(site: Site, task_id: int) -> Begun:
    files = files_of(site, task_id)
    await until(lambda: files.begun() is not None)
    found = files.begun()
    assert found is not None
    return found


async def test_an_agent_killed_mid_script_loses_neither_output_nor_exit_code(own: Site) -> None:
    order = run_order("for i in $(seq 20); do echo line $i; sleep 0.05; done; exit 42")
    await own.host.order(order)
    await until(lambda: own.host.output(order.task_id))
    await own.restart_agent(signal.SIGKILL)
    result = await own.host.result(order.task_id)
    assert (result.outcome, result.exit_code) == (Outcome.FAILED, 42)
    assert own.host.output(order.task_id) == b"".join(b"line %d\n" % i for i in range(1, 21))


async def test_a_script_that_ends_while_no_agent_runs_is_reported_by_the_next(own: Site, gate: Gate) -> None:
    order = run_order(f"read -r _ < {gate}; echo done; exit 9")
    await own.host.order(order)
    await begun(own, order.task_id)
    await own.agent.stop(signal.SIGKILL)
    gate.open()
    await until(lambda: files_of(own, order.task_id).ended() is not None)
    await own.agent.start()
    assert (await own.host.result(order.task_id)).exit_code == 9
    assert own.host.output(order.task_id) == b"done\n"


async def test_the_time_limit_holds_while_no_agent_runs(own: Site) -> None:
    order = run_order("sleep 300", timeout_s=1)
    await own.host.order(order)
    await begun(own, order.task_id)
    await own.agent.stop(signal.SIGKILL)
    await until(lambda: files_of(own, order.task_id).ended() is not None)
    await own.agent.start()
    assert (await own.host.result(order.task_id)).outcome == Outcome.TIMED_OUT


async def test_a_stopped_agent_ends_by_itself_and_leaves_its_scripts(own: Site, gate: Gate) -> None:
    order = run_order(f"read -r _ < {gate}; echo survived")
    await own.host.order(order)
    await begun(own, order.task_id)
    assert await own.agent.stop(signal.SIGTERM) == 0
    gate.open()
    await own.agent.start()
    await own.host.result(order.task_id)
    assert own.host.output(order.task_id) == b"survived\n"


async def test_a_killed_agent_leaves_no_idle_process_behind(own: Site) -> None:
    pid = own.agent.pid
    below = children(pid)
    assert below
    await own.agent.stop(signal.SIGKILL)
    await until(lambda: not any(Path(f"/proc/{child}").exists() and not is_zombie(child) for child in below))


async def test_an_order_repeated_while_it_runs_and_after_it_ended_runs_once(own: Site, tmp_path: Path) -> None:
    witness = tmp_path / "runs"
    order = run_order(f"echo ran >> {witness}; sleep 0.2")
    assert (await own.host.order(order)).accepted
    assert (await own.host.order(order)).accepted
    await own.host.result(order.task_id)
    assert (await own.host.order(order)).accepted
    await until(lambda: not files_of(own, order.task_id).directory.exists())
    await own.restart_agent()
    assert (await own.host.order(order)).accepted
    await own.host.run(run_order("true"))
    assert witness.read_text() == "ran\n"


async def test_the_same_order_sent_many_times_at_once_runs_once(own: Site, tmp_path: Path) -> None:
    witness = tmp_path / "runs"
    order = run_order(f"echo ran >> {witness}")
    replies = await asyncio.gather(*(own.host.order(order) for _ in range(20)))
    assert all(reply.accepted for reply in replies)
    await own.host.result(order.task_id)
    assert witness.read_text() == "ran\n"


async def test_a_task_accepted_but_not_begun_is_started_by_the_next_agent(own: Site) -> None:
    order = run_order("echo finally")
    await own.agent.stop(signal.SIGKILL)
    files_of(own, order.task_id).write_entry(Entry(order=order, key="k", boot_id=boot_id(), received_at=1))
    await own.agent.start()
    assert (await own.host.result(order.task_id)).exit_code == 0
    assert own.host.output(order.task_id) == b"finally\n"


async def test_a_half_written_journal_entry_is_recognised_and_removed(own: Site) -> None:
    order = run_order("true")
    await own.agent.stop(signal.SIGKILL)
    files = files_of(own, order.task_id)
    files.write_entry(Entry(order=order, key="k", boot_id="b", received_at=1))
    entry = files.directory / "entry"
    entry.write_bytes(entry.read_bytes()[:-7])
    await own.agent.start()
    assert not files.directory.exists()
    assert (await own.host.ask(order.task_id)).unknown == [order.task_id]


async def test_a_reboot_mid_script_is_reported_as_such(own: Site) -> None:
    order = run_order("echo before; sleep 300")
    await own.host.order(order)
    await until(lambda: own.host.output(order.task_id))
    runner = (await begun(own, order.task_id)).runner_pid
    await own.agent.stop(signal.SIGKILL)
    kill_tree(runner)
    files = files_of(own, order.task_id)
    entry = files.entry()
    assert entry is not None
    files.write_entry(msgspec.structs.replace(entry, boot_id="the boot before"))
    await own.agent.start()
    result = await own.host.result(order.task_id)
    assert (result.outcome, result.error_code) == (Outcome.FAILED, ErrorCode.HOST_REBOOTED)
    assert result.message == "the host rebooted while the script ran"
    assert own.host.output(order.task_id) == b"before\n"


async def test_a_lost_runner_is_reported_with_what_its_script_left_alive(own: Site) -> None:
    order = run_order("echo $$; sleep 300")
    await own.host.order(order)
    await until(lambda: own.host.output(order.task_id))
    script = int(own.host.output(order.task_id))
    os.kill((await begun(own, order.task_id)).runner_pid, signal.SIGKILL)
    result = await own.host.result(order.task_id)
    assert (result.outcome, result.error_code) == (Outcome.FAILED, ErrorCode.RUNNER_LOST)
    assert result.exit_code is None
    assert str(script) in result.message
    kill_tree(script)


async def test_a_lost_spawner_ends_the_agent_and_the_next_one_goes_on(own: Site, gate: Gate) -> None:
    order = run_order(f"read -r _ < {gate}; echo done")
    await own.host.order(order)
    await begun(own, order.task_id)
    [spawner] = children(own.agent.pid)
    os.kill(spawner, signal.SIGKILL)
    assert await own.agent.wait() == 1
    gate.open()
    await own.agent.start()
    await own.host.result(order.task_id)
    assert own.host.output(order.task_id) == b"done\n"


async def test_a_report_that_nobody_answers_is_sent_again(own: Site) -> None:
    own.host.answers = False
    order = run_order("echo patience")
    await own.host.order(order)
    await until(lambda: own.host.reports)
    own.host.answers = True
    await own.host.result(order.task_id)
    assert own.host.output(order.task_id) == b"patience\n"
    assert len(own.host.reports) == 2


async def test_the_agent_sends_on_from_where_the_server_has_stored(own: Site) -> None:
    order = run_order("head -c 600000 /dev/urandom | base64 -w0; echo; echo end", output_cap_bytes=10**7)
    seen: list[int] = []

    def stores_half_of_the_first(report: Report, stored: Stored) -> Stored:
        seen.extend(chunk.offset for chunk in report.chunks)
        if len(seen) != 1:
            return stored
        [chunk] = report.chunks
        own.host.segments[order.task_id] = cut(chunk, 1000)
        return Stored(output={order.task_id: 1000})

    own.host.answer_for = stores_half_of_the_first
    result = await own.host.run(order)
    assert seen[:2] == [0, 1000]
    assert len(own.host.output(order.task_id)) == result.output_bytes > 800_000
    assert own.host.output(order.task_id).endswith(b"\nend\n")


async def test_what_the_server_does_not_have_any_more_is_dropped(own: Site) -> None:
    order = run_order("echo nobody wants this")
    own.host.answer_for = lambda _report, _stored: Stored(gone=[order.task_id])
    await own.host.order(order)
    await until(lambda: own.host.reports and not files_of(own, order.task_id).directory.exists())


async def test_a_broker_restart_mid_script_loses_nothing(own: Site) -> None:
    order = run_order("for i in $(seq 30); do echo line $i; sleep 0.05; done")
    await own.host.order(order)
    await until(lambda: own.host.output(order.task_id))
    await own.broker.stop()
    await own.broker.start()
    result = await own.host.result(order.task_id)
    assert result.exit_code == 0
    assert own.host.output(order.task_id) == b"".join(b"line %d\n" % i for i in range(1, 31))


async def test_results_kept_while_nobody_stored_them_share_a_report(own: Site) -> None:
    own.host.answers = False
    orders = [run_order(f"echo {i}") for i in range(20)]
    for order in orders:
        await own.host.order(order)
    await until(lambda: all(files_of(own, order.task_id).ended() is not None for order in orders))
    await own.agent.stop(signal.SIGKILL)
    own.host.reports.clear()
    own.host.answers = True
    await own.agent.start()
    results = [await own.host.result(order.task_id) for order in orders]
    assert all(result.exit_code == 0 for result in results)
    assert len(own.host.reports) <= 3


async def test_asking_brings_the_result_again_and_names_what_is_not_known(open_broker: Broker, tmp_path: Path) -> None:
    async with site(tmp_path / "agent", open_broker, host_id=2, code=NEVER_AGAIN + AS_IT_IS) as here:
        here.host.answers = False
        order, never = run_order("echo again"), run_order("echo never")
        await here.host.order(order)
        await until(lambda: here.host.reports)
        here.host.answers = True
        reply = await here.host.ask(order.task_id, never.task_id)
        assert reply.unknown == [never.task_id]
        await here.host.result(order.task_id)
        assert (await here.host.order(never)).accepted
        await here.host.run(run_order("true"))
        assert never.task_id not in here.host.results


async def test_a_second_agent_on_the_same_data_is_refused(own: Site) -> None:
    second = type(own.agent)(own.agent.data_dir, own.agent.data_dir.parent / "second.log")
    await second.start(is_ready=False)
    assert await second.wait() == 2
    assert "another agent already works in" in second.log()


async def test_a_full_or_broken_disk_refuses_the_order_and_the_agent_lives(own: Site) -> None:
    tasks = own.agent.data_dir / "tasks"
    tasks.rename(tasks.with_name("away"))
    tasks.write_text("not a directory")
    assert (await own.host.order(run_order("true"))).reason == "disk"
    tasks.unlink()
    shutil.move(tasks.with_name("away"), tasks)
    assert (await own.host.run(run_order("true"))).exit_code == 0


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_zombie(pid: int) -> bool:
    try:
        return " Z " in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def kill_tree(pid: int) -> None:
    below = children(pid)
    os.kill(pid, signal.SIGKILL)
    for child in below:
        kill_tree(child)


def cut(chunk: Chunk, size_bytes: int) -> list[Segment]:
    first = chunk.segments[0]
    return [msgspec.structs.replace(first, data=first.data[:size_bytes])]
