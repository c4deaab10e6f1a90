"""Scripts in containers: found by the agent, run through the runtime's own command line, killed to the last process."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.containers.runtimes import TestRuntime, runtime
from tests.integration.agent.server import AS_ITSELF, Broker, Site, run_order, site, until

from jobfleet.model.container import FoundContainer
from jobfleet.model.order import ContainerOrder, in_container
from jobfleet.model.outcome import ErrorCode, Outcome

TIME_S = 20.0


@pytest.fixture(scope="module")
def containers() -> Iterator[TestRuntime]:
    with runtime() as found:
        yield found


@pytest.fixture(scope="module")
def web(containers: TestRuntime) -> str:
    """Give the id of a container that runs all the time."""
    return containers.run("web", {"app": "shop", "io.jobfleet.namespace": "prod"})


@pytest.fixture(scope="module")
async def inside(
    containers: TestRuntime, open_broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """Give an agent that finds the runtime."""
    code = f"""
os.environ.update({json.dumps(containers.environment)})
settings = msgspec.structs.replace(settings, containers_every_s=0.3)
{AS_ITSELF}"""
    async with site(tmp_path_factory.mktemp("inside") / "agent", open_broker, 7, code) as found:
        yield found


def order(containers: TestRuntime, uid: str, script: str, **changes: object) -> ContainerOrder:
    return in_container(run_order(script, **{"account": "root", **changes}), containers.name, uid)


def told(inside: Site) -> list[FoundContainer] | None:
    return next((one.containers for one in reversed(inside.host.reports) if one.containers is not None), None)


async def test_the_server_is_told_of_containers_and_of_those_that_come_and_go(
    containers: TestRuntime, web: str, inside: Site
) -> None:
    await until(lambda: told(inside))
    [first] = [one for one in told(inside) or [] if one.name == "web"]
    assert (first.uid, first.runtime) == (web, containers.name)
    assert first.labels["app"] == "shop"
    passing = containers.run("passing")
    await until(lambda: passing in {one.uid for one in told(inside) or []})
    containers.remove("passing")
    await until(lambda: passing not in {one.uid for one in told(inside) or []})
    assert web in {one.uid for one in told(inside) or []}


async def test_a_script_runs_in_the_container_and_not_on_the_host(
    containers: TestRuntime, web: str, inside: Site
) -> None:
    script = 'hostname; id -un; echo "$1|$2"; pwd; cat; echo oops >&2; echo "$JOBFLEET_TASK"; exit 7'
    wanted = order(containers, web, script, account="app", params="one 'two three'")
    result = await inside.host.run(wanted)
    output = inside.host.output(wanted.task_id).decode()
    assert sorted(output.split("\n")) == sorted(
        ["web", "app", "one|two three", "/tmp", "oops", str(wanted.task_id), ""]
    )
    assert (result.outcome, result.exit_code, result.error_code) == (Outcome.FAILED, 7, 0)
    await until(lambda: containers.execute("web", "ls /tmp") == "")


async def test_a_script_of_another_shell_runs_by_its_first_line(
    containers: TestRuntime, web: str, inside: Site
) -> None:
    wanted = order(containers, web, "#!/usr/bin/env sh\necho by $0 | sed 's/jobfleet-[0-9a-f]*/X/'\n")
    assert (await inside.host.run(wanted)).exit_code == 0
    assert inside.host.output(wanted.task_id) == b"by /tmp/X/bk_gse_script_11_12.sh\n"
    absent = order(containers, web, "#!/opt/nothing/lua\nprint(1)\n")
    result = await inside.host.run(absent)
    assert result.error_code == ErrorCode.CANNOT_START
    assert result.message == "cannot start the script: no interpreter '/opt/nothing/lua' in the container"


async def test_no_list_of_processes_shows_secret_parameters(containers: TestRuntime, web: str, inside: Site) -> None:
    # -s: a process that has ended in between is none that shows anything.
    script = 'echo "$1" | wc -c; grep -sc "s3cr3t" /proc/[0-9]*/cmdline | grep -v ":0" | wc -l'
    wanted = order(containers, web, script, params="s3cr3t", is_private=True)
    assert (await inside.host.run(wanted)).exit_code == 0
    assert [int(line) for line in inside.host.output(wanted.task_id).split()] == [7, 1]  # grep alone names it itself


async def test_a_kill_reaches_what_the_script_left_in_the_background(
    containers: TestRuntime, web: str, inside: Site
) -> None:
    script = "trap '' TERM; (setsid sleep 4711 &) ; (trap '' TERM; while :; do sleep 0.2; done) & sleep 4712"
    wanted = order(containers, web, script)
    assert (await inside.host.order(wanted)).accepted
    await until(lambda: "4711" in containers.execute("web", "ps ax -o args 2>/dev/null || ps -o args"))
    await inside.host.kill(wanted.task_id)
    result = await inside.host.result(wanted.task_id)
    assert (result.error_code, result.survivors) == (ErrorCode.KILLED, [])
    left = containers.execute("web", "ps ax -o args 2>/dev/null || ps -o args")
    assert not [line for line in left.splitlines() if "sleep 47" in line or "sleep 0.2" in line]


async def test_a_script_that_takes_too_long_is_killed_in_the_container(
    containers: TestRuntime, web: str, inside: Site
) -> None:
    wanted = order(containers, web, "sleep 4713", timeout_s=1)
    result = await inside.host.run(wanted)
    assert result.outcome == Outcome.TIMED_OUT
    assert "4713" not in containers.execute("web", "ps ax -o args 2>/dev/null || ps -o args")


async def test_a_script_in_a_container_outlives_its_agent(containers: TestRuntime, web: str, inside: Site) -> None:
    wanted = order(containers, web, "echo begun; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo done; exit 3")
    assert (await inside.host.order(wanted)).accepted
    await until(lambda: inside.host.output(wanted.task_id) == b"begun\n")
    await inside.agent.stop(signal.SIGKILL)
    containers.execute("web", "touch /tmp/go")
    await inside.agent.start()
    assert (await inside.host.result(wanted.task_id)).exit_code == 3
    assert inside.host.output(wanted.task_id) == b"begun\ndone\n"
    containers.execute("web", "rm /tmp/go")


async def test_what_is_missing_is_named(containers: TestRuntime, web: str, inside: Site) -> None:
    stranger = await inside.host.run(order(containers, web, "true", account="stranger"))
    assert stranger.error_code == ErrorCode.ACCOUNT_MISSING
    assert "stranger" in stranger.message
    gone = await inside.host.run(order(containers, "0123456789ab", "true"))
    assert gone.error_code == ErrorCode.CANNOT_START
    assert "0123456789ab" in gone.message
    no_runtime = await inside.host.run(in_container(run_order("true"), "crictl", web))
    assert (no_runtime.error_code, "no crictl" in no_runtime.message) == (ErrorCode.CANNOT_START, True)


async def test_a_container_that_ends_takes_its_script_with_it(containers: TestRuntime, inside: Site) -> None:
    mortal = containers.run("mortal")
    wanted = order(containers, mortal, "echo begun; sleep 4714")
    assert (await inside.host.order(wanted)).accepted
    await until(lambda: inside.host.output(wanted.task_id) == b"begun\n")
    await asyncio.to_thread(containers.remove, "mortal")
    result = await inside.host.result(wanted.task_id)
    assert (result.error_code, result.exit_code) == (ErrorCode.INTERNAL, None)
    assert result.message == "the container ended while the script ran in it"


async def test_a_kill_before_the_script_is_inside_keeps_it_out(
    containers: TestRuntime, open_broker: Broker, tmp_path: Path
) -> None:
    slow = tmp_path / "docker"
    slow.write_text(f"#!/bin/sh\nsleep 60 & echo $! > {tmp_path}/pid; wait\n")
    slow.chmod(0o755)
    code = f"os.environ['PATH'] = {str(tmp_path)!r} + ':' + os.environ['PATH']\n{AS_ITSELF}"
    async with site(tmp_path / "agent", open_broker, 8, code) as found:
        wanted = in_container(run_order("true"), "docker", "abc")
        assert (await found.host.order(wanted)).accepted
        await until((tmp_path / "pid").exists)
        await found.host.kill(wanted.task_id)
        assert (await found.host.result(wanted.task_id)).message == "killed before it started"
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


@pytest.mark.parametrize(
    "changes", [{"container": "--privileged"}, {"container": "a b"}, {"container": "a\n"}, {"runtime": "bash"}]
)
async def test_an_order_that_could_be_read_as_an_option_is_refused(
    inside: Site, web: str, containers: TestRuntime, changes: dict[str, str]
) -> None:
    reply = await inside.host.order(msgspec.structs.replace(order(containers, web, "true"), **changes))
    assert (reply.accepted, reply.reason) == (False, "malformed")


async def test_an_account_that_could_be_read_as_an_option_runs_nothing(
    inside: Site, web: str, containers: TestRuntime
) -> None:
    result = await inside.host.run(order(containers, web, "true", account="root:0 --privileged"))
    assert result.error_code == ErrorCode.CANNOT_START
