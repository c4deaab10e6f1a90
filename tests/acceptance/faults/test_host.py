"""What becomes of scripts that do not want to end, print without end, or lose their host."""

import asyncio
import os
import shutil
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil
import pytest
from tests.acceptance.faults.cluster import SPARE_HOSTS, Cluster
from tests.acceptance.faults.jobs import (
    AGENT_UNREACHABLE,
    BROKEN,
    FAILED,
    KILL_FAILED,
    KILLED,
    OK,
    RESULT_LOST,
    STOPPED,
    SUCCEEDED,
    Jobs,
    Json,
)
from tests.acceptance.faults.ledger import Ledger, until
from tests.acceptance.faults.parts import Agent, gone, runs
from tests.waiting import WITHIN_S

from jobfleet.agent.files import TaskFiles
from jobfleet.agent.output import truncation_marker
from jobfleet.model.outcome import ErrorCode

FAMILY = 6
RUNAWAYS = """\
cat > {directory}/stubborn << 'end'
trap '' TERM HUP INT
echo $$ >> {directory}/family
while [ -d {directory} ]; do sleep 0.1; done
end
trap '' TERM HUP INT
sh {directory}/stubborn &
( ( sh {directory}/stubborn & ) & )
setsid sh {directory}/stubborn &
setsid env -i sh {directory}/stubborn &
( setsid env -i sh -c 'sh {directory}/stubborn & sh {directory}/stubborn & wait' & )
"""
"""A child, a child of nobody, one with a session of its own, one without our mark, and two without parent or mark."""

OUTLIVE = """\
$< = 0; $> = 0; ($d) = $ARGV[0] =~ m{^(/tmp/[-_a-z0-9]+)$}; open(F, ">", "$d/powerful.pid"); print F "$$\\n"; close(F);
sleep 1 while -e "$d/powerful";"""
"""Become root for good, say which process that is, and stay as long as one's file does."""

GIBIBYTE = 1 << 30
MAX_GROWTH_BYTES = 150 << 20


async def test_a_script_that_forks_away_and_ignores_sigterm_is_killed_with_a_true_receipt(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    job = await jobs.start(ledger.script(RUNAWAYS))
    await ledger.begun(1)
    family = ledger.directory / "family"
    await until(lambda: len(_numbers(family)) == FAMILY, WITHIN_S, "the script to fork away")
    await jobs.terminate(job)
    assert await jobs.finished(job) == (STOPPED, [KILLED])
    assert not [pid for pid in [*ledger.pids, *_numbers(family)] if runs(pid)]
    assert await cluster.value(f"SELECT cardinality(survivors) FROM task WHERE job_id = {job.id}") == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a program that an agent may not kill")
async def test_what_survives_a_kill_is_in_the_receipt(cluster: Cluster, jobs: Jobs, ledger: Ledger) -> None:
    """The agent does not run as root, and its script starts a program that does."""
    host = SPARE_HOSTS[1]
    agent = cluster.new_agent(host)
    await agent.enrol(cluster.settings)
    await agent.become_nobody()
    powerful = ledger.directory / "powerful"
    shutil.copy("/usr/bin/perl", powerful)
    powerful.chmod(0o4755)
    try:
        job = await jobs.start(ledger.script(f"{powerful} -e '{OUTLIVE}' {ledger.directory} &"), (host,), account_id=2)
        await until(lambda: len(_numbers(ledger.directory / "powerful.pid")) == 1, WITHIN_S, "the program to start")
        [survivor] = _numbers(ledger.directory / "powerful.pid")
        await jobs.terminate(job)
        assert await jobs.finished(job) == (STOPPED, [KILL_FAILED])
        assert await cluster.value(f"SELECT survivors FROM task WHERE job_id = {job.id}") == [survivor]
        assert runs(survivor)
        assert not any(runs(pid) for pid in ledger.pids)
    finally:
        powerful.unlink()
        await agent.stop()


async def test_a_gibibyte_of_output_is_capped_and_memory_stays_flat(cluster: Cluster, jobs: Jobs) -> None:
    watched = [*cluster.servers, cluster.agents[1]]
    before = [part.rss_bytes for part in watched]
    job = await jobs.start(f"#!/bin/sh\nyes 0123456789abcdef | head -c {GIBIBYTE}\n")
    most = list(before)
    while not (await jobs.status(job))["finished"]:
        most = [max(old, part.rss_bytes) for old, part in zip(most, watched, strict=True)]
        await asyncio.sleep(0.05)
    assert await jobs.finished(job) == (SUCCEEDED, [OK])
    cap = cluster.settings.output_cap_bytes
    log = await jobs.log(job)
    marker = truncation_marker(cap).decode()
    assert log.endswith(marker)
    assert len(log) == cap + len(marker)
    assert max(now - then for now, then in zip(most, before, strict=True)) < MAX_GROWTH_BYTES


async def test_a_revoked_host_is_cut_off_at_once_and_its_job_says_what_is_not_known(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    host = SPARE_HOSTS[0]
    agent = cluster.new_agent(host)
    await agent.enrol(cluster.settings)
    try:
        job = await jobs.start(ledger.script("echo before", "echo after"), (1, host))
        await ledger.begun(2)
        await _revoke(cluster, host)
        await until(lambda: "refused-by-broker" in agent.log, WITHIN_S, "the agent to be cut off")
        await jobs.until(job, lambda told: _statuses(told)[1] == RESULT_LOST)
        ledger.open()
        assert await jobs.finished(job) == (FAILED, [OK, RESULT_LOST])
        query = f"SELECT message FROM task WHERE job_id = {job.id} AND host_id = {host}"
        assert await cluster.value(query) == "the agent was revoked; how the script ends is not known"
        late = await jobs.start(ledger.script(), (host,))
        assert await jobs.finished(late) == (FAILED, [AGENT_UNREACHABLE])
    finally:
        await agent.stop()


async def test_a_host_that_reboots_mid_script_is_reported_as_such(cluster: Cluster, jobs: Jobs, ledger: Ledger) -> None:
    """A reboot ends agent, runner and script at once, and the system names its boot anew."""
    agent = cluster.agents[1]
    job = await jobs.start(ledger.script("echo before"))
    await ledger.begun(1)
    files = TaskFiles(agent.directory / "tasks" / str(ledger.runs[0]))
    await until(lambda: "before" in files.output.read_bytes().decode(errors="replace"), WITHIN_S, "the output")
    await _pull_the_plug(agent, files)
    entry = files.entry()
    assert entry is not None
    files.write_entry(msgspec.structs.replace(entry, boot_id="the boot before"))
    await agent.start()
    assert await jobs.finished(job) == (FAILED, [BROKEN])
    [host] = await jobs.hosts(job)
    assert (host["error_code"], host["exit_code"]) == (ErrorCode.HOST_REBOOTED, None)
    assert await jobs.log(job) == "before\n"
    assert ledger.each_ran_once(1)


async def _pull_the_plug(agent: Agent, files: TaskFiles) -> None:
    begun = files.begun()
    assert begun is not None
    family = [begun.runner_pid, *(child.pid for child in psutil.Process(begun.runner_pid).children(recursive=True))]
    await agent.kill()
    for pid in family:
        with suppress(psutil.NoSuchProcess):  # the script waits in short sleeps: one of them may have ended since
            psutil.Process(pid).kill()
    await gone(family)


async def _revoke(cluster: Cluster, host_id: int) -> None:
    async with cluster.native() as http:
        answer = await http.post(f"/api/v1/agents/{host_id}/revoke", json={})
        assert answer.status_code == 200, answer.text


def _numbers(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def _statuses(told: Json) -> list[int]:
    return [host["status"] for host in told["step_instance_list"][0]["step_ip_result_list"]]
