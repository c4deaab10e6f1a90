"""What becomes of files on their way when the server or an agent dies."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.faults.cluster import Cluster
from tests.acceptance.faults.jobs import OK, SUCCEEDED, Job, Jobs, Json

from jobfleet.cli.local_state import address_of

MIB = 2**20


@pytest.fixture
async def place() -> AsyncIterator[Path]:
    """Give a directory with a file of 12 MiB in it, `big`."""
    directory = Path(tempfile.mkdtemp(prefix="jobfleet-files-"))
    (directory / "big").write_bytes(os.urandom(12 * MIB))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


async def send(jobs: Jobs, place: Path, **limits: Any) -> Job:
    def server(host: int) -> Json:
        return {"ip_list": [{"bk_cloud_id": 0, "ip": address_of(host)}]}

    source = {"file_list": [str(place / "big")], "account": {"id": 1}, "server": server(1)}
    told = await jobs.ask(
        "fast_transfer_file",
        account_id=1,
        file_target_path=str(place / "target"),
        file_source_list=[source],
        target_server=server(2),
        **limits,
    )
    return Job(told["job_instance_id"], told["step_instance_id"])


async def on_its_way(directory: Path, size_bytes: int) -> Path:
    """Wait until a file on its way has so many bytes; return it."""
    async with asyncio.timeout(20):
        while (found := largest(directory, size_bytes)) is None:
            await asyncio.sleep(0.02)
    return found


def largest(directory: Path, size_bytes: int) -> Path | None:
    return next((path for path in directory.glob("*jobfleet-*") if path.stat().st_size >= size_bytes), None)


async def arrived(jobs: Jobs, job: Job, place: Path) -> bool:
    assert await jobs.finished(job, within_s=60) == (SUCCEEDED, [OK])
    return (place / "target/big").read_bytes() == (place / "big").read_bytes()


async def test_a_download_is_taken_up_where_the_servers_death_cut_it(cluster: Cluster, jobs: Jobs, place: Path) -> None:
    job = await send(jobs, place, download_speed_limit=4)
    half = await on_its_way(place / "target", 5 * MIB)
    was = half.stat().st_ino
    await cluster.servers[0].kill()
    await cluster.servers[0].start()
    assert await arrived(jobs, job, place)
    assert (place / "target/big").stat().st_ino == was


async def test_an_upload_is_taken_up_where_the_servers_death_cut_it(cluster: Cluster, jobs: Jobs, place: Path) -> None:
    job = await send(jobs, place, upload_speed_limit=4)
    partial = cluster.directory / "files/partial"
    async with asyncio.timeout(20):
        while not any(path.stat().st_size >= 4 * MIB for path in partial.glob("*")):
            await asyncio.sleep(0.02)
    [half] = partial.glob("*")
    was = half.stat().st_ino
    await cluster.servers[0].kill()
    await cluster.servers[0].start()
    assert await arrived(jobs, job, place)
    assert was in {path.stat().st_ino for path in (cluster.directory / "files").glob("*/*")}


async def test_a_transfer_outlives_the_agents_of_both_hosts(cluster: Cluster, jobs: Jobs, place: Path) -> None:
    job = await send(jobs, place, download_speed_limit=6, upload_speed_limit=6)
    async with asyncio.timeout(20):
        while not any((cluster.directory / "files/partial").glob("*")):
            await asyncio.sleep(0.02)
    await cluster.agents[1].kill()
    await cluster.agents[1].start()
    await on_its_way(place / "target", MIB)
    await cluster.agents[2].kill()
    await cluster.agents[2].start()
    assert await arrived(jobs, job, place)
