"""Rows about files: one file to many agents beside `cp` and `rsync` of the same, and what a limit lets through."""

import asyncio
import os
import shutil
import statistics
import time
from pathlib import Path
from typing import Any

from bench.installation import Installation
from bench.limits import Limits
from bench.rows import Row, local_target

AGENTS = 10
KIB, MIB = 1024, 2**20
LIMIT_MIB_S = 8


async def files(place: Installation, limits: Limits, large_mib: int, runs: int) -> list[Row]:
    """Measure files from one local agent to all of them, AGENTS hosts."""
    directory = place.directory / "bench-files"
    directory.mkdir()
    directory.chmod(0o711)
    await _send_s(place, _new(directory, MIB))
    return [
        await _beside(place, directory, large_mib, runs),
        await _beside(place, directory, 64, runs),
        await _small(place, limits, directory, runs),
        await _limited(place, directory, runs),
    ]


async def _beside(place: Installation, directory: Path, size_mib: int, runs: int) -> Row:
    """Measure a file, and copies of it by programs that know no hosts, in turns."""
    ours, cp, rsync = [], [], []
    for _ in range(runs):
        source = _new(directory, size_mib * MIB)
        cp.append(await _copies_s(directory, "cp", str(source)))
        if shutil.which("rsync"):
            rsync.append(await _copies_s(directory, "rsync", str(source)))
        ours.append(await _send_s(place, source))
    value = statistics.median(ours)
    more = {"times rsync": value / statistics.median(rsync)} if rsync else {"no rsync here, to compare": 0}
    more |= {"MiB/s": size_mib * AGENTS / value}
    design = 1.0 if size_mib == 64 else None
    name = f"{size_mib} MiB to {AGENTS} local agents, beside {AGENTS} cp"
    return Row(name, value, "s", design, statistics.median(cp), more)


async def _small(place: Installation, limits: Limits, directory: Path, runs: int) -> Row:
    spans = [await _send_s(place, _new(directory, KIB)) for _ in range(3 * runs)]
    floor = (AGENTS + 1) * limits.fork_exec_ms + 8 * limits.commit_ms
    return Row(f"1 KiB to {AGENTS} local agents", statistics.median(spans) * 1000, "ms", None, floor)


async def _limited(place: Installation, directory: Path, runs: int) -> Row:
    """Measure what a limit lets through, as a ratio to it; over three seconds a run."""
    size = 3 * LIMIT_MIB_S * MIB
    rates = []
    for _ in range(runs):
        job = await _start(place, _new(directory, size), 1, download_speed_limit=LIMIT_MIB_S)
        await place.finish(job, 0.1)
        state = await place.call("get_job_instance_status", return_ip_result=True, **job)
        [host] = state["step_instance_list"][0]["step_ip_result_list"]
        rates.append(size / MIB / (host["total_time"] / 1000) / LIMIT_MIB_S)
    return Row(f"a limit of {LIMIT_MIB_S} MiB/s, what went of it", statistics.median(rates), "of it", 1.0)


async def _send_s(place: Installation, source: Path) -> float:
    """Send a file to all agents; return how long it took from the request to the finished job.

    They are one machine and get one path: each writes a file of its own whole, and the last one keeps the name.
    """
    begun = time.perf_counter()
    state = await place.finish(await _start(place, source, AGENTS), 0.01)
    if state["status"] != 3:
        raise RuntimeError(f"a file step ended with status {state['status']}")
    return time.perf_counter() - begun


async def _start(place: Installation, source: Path, hosts: int, **limits: int) -> dict[str, int]:
    given: dict[str, Any] = {"file_list": [str(source)], "account": {"id": 1}, "server": local_target(1)}
    target = str(source.parent / "target")
    wanted = {"account_id": 1, "file_target_path": target, "file_source_list": [given], **limits}
    job = await place.call("fast_transfer_file", **wanted, target_server=local_target(hosts))
    return {"job_instance_id": job["job_instance_id"], "step_instance_id": job["step_instance_id"]}


async def _copies_s(directory: Path, *command: str) -> float:
    copies = directory / "copies"
    copies.mkdir()
    begun = time.perf_counter()
    running = [await asyncio.create_subprocess_exec(*command, str(copies / str(number))) for number in range(AGENTS)]
    ends = [await process.wait() for process in running]
    took_s = time.perf_counter() - begun
    shutil.rmtree(copies)
    if any(ends):
        raise RuntimeError(f"{command[0]} failed")
    return took_s


def _new(directory: Path, size: int) -> Path:
    """Make a file that nobody has seen yet: a known content would not be sent to the server again."""
    path = directory / "source"
    with path.open("wb") as file:
        for _ in range(0, size, MIB):
            file.write(os.urandom(min(size, MIB)))
    return path
