"""What becomes of files on their way when the line is cut, or the server or an agent dies: counted in bytes."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.acceptance.faults.cluster import LINED_HOSTS, Cluster
from tests.acceptance.faults.jobs import OK, SUCCEEDED, Job, Jobs, Json
from tests.acceptance.faults.line import Line, line_to
from tests.acceptance.faults.parts import Agent
from tests.engines import quick_place

from jobfleet.cli.local_state import address_of

MIB = 2**20
SIZE = 8 * MIB
LOST = 2 * MIB
"""More than can be on its way when a line is cut: what goes again."""

SOURCE, TARGET = LINED_HOSTS


class Route(msgspec.Struct, frozen=True):
    """The agents of two hosts, and the line over which they reach the first server."""

    cluster: Cluster
    line: Line
    agents: tuple[Agent, Agent]


@pytest.fixture
async def place() -> AsyncIterator[Path]:
    """Give a directory with a file of SIZE in it, `big`."""
    directory = Path(tempfile.mkdtemp(prefix="jobfleet-files-", dir=quick_place()))
    (directory / "big").write_bytes(os.urandom(SIZE))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
async def route(cluster: Cluster) -> AsyncIterator[Route]:
    settings = cluster.settings
    async with line_to(settings.host, settings.port) as (line, url):
        agents = (cluster.new_agent(SOURCE, url), cluster.new_agent(TARGET, url))
        for agent in agents:
            shutil.rmtree(agent.directory, ignore_errors=True)
            await agent.enrol(settings)
        yield Route(cluster, line, agents)
        for agent in agents:
            await agent.stop()


async def send(jobs: Jobs, place: Path, **limits: Any) -> Job:
    def server(host: int) -> Json:
        return {"ip_list": [{"bk_cloud_id": 0, "ip": address_of(host)}]}

    source = {"file_list": [str(place / "big")], "account": {"id": 1}, "server": server(SOURCE)}
    told = await jobs.ask(
        "fast_transfer_file",
        account_id=1,
        file_target_path=str(place / "target"),
        file_source_list=[source],
        target_server=server(TARGET),
        **limits,
    )
    return Job(told["job_instance_id"], told["step_instance_id"])


async def cut_line(route: Route, _mover: Agent) -> None:
    await route.line.cut()


async def restart_server(route: Route, _mover: Agent) -> None:
    await route.cluster.servers[0].kill()
    await route.cluster.servers[0].start()


async def kill_agent(_route: Route, mover: Agent) -> None:
    await mover.kill()
    await mover.start()


@pytest.mark.parametrize("cut", [cut_line, restart_server, kill_agent])
async def test_a_transfer_that_is_cut_half_way_goes_on_from_where_it_was(
    jobs: Jobs, place: Path, route: Route, cut: Callable[[Route, Agent], Awaitable[None]]
) -> None:
    job = await send(jobs, place, upload_speed_limit=8, download_speed_limit=8)
    await route.line.carried(up=SIZE // 2)
    await cut(route, route.agents[0])
    await route.line.carried(down=SIZE // 2)
    await cut(route, route.agents[1])
    assert await jobs.finished(job) == (SUCCEEDED, [OK])
    assert (place / "target/big").read_bytes() == (place / "big").read_bytes()
    assert [path.name for path in (place / "target").iterdir()] == ["big"]
    for carried in (route.line.up, route.line.down):
        assert SIZE <= carried < SIZE + LOST


async def test_a_content_that_the_server_has_is_not_sent_to_it_again(jobs: Jobs, place: Path, route: Route) -> None:
    for _ in range(2):
        assert await jobs.finished(await send(jobs, place)) == (SUCCEEDED, [OK])
    assert SIZE <= route.line.up < SIZE + LOST
    assert route.line.down >= 2 * SIZE
