"""Rows about many at once: many batches of one step, and many jobs."""

import asyncio
import itertools
import time
from collections.abc import Mapping

from bench.installation import Installation, fleet
from bench.limits import Limits
from bench.rows import Row

STARTS_AT_ONCE = 16
"""Requests under way at a time."""

TRY_AGAIN = "1240002"
"""The code with which a server that has too much to do refuses; a caller comes again then."""

PAUSE_S = 0.2

COMMITS_A_JOB, COMMITS_A_BATCH = 4, 3
"""Accepting, sending, recording and ending a job; sending, recording and judging a batch."""

WINDOW_MS = 86_400_000
SUCCEEDED = 3


async def rolling(place: Installation, limits: Limits, hosts: int, batches: int) -> Row:
    """Measure a step that rolls over simulated hosts batch by batch."""
    async with fleet(place, hosts) as (host_ids, _):
        target = {"host_id_list": host_ids}
        plain_s = await _job_s(place, target)
        value = await _job_s(place, target, rolling_config={"expression": str(-(-hosts // batches))})
    floor = 2 * hosts / limits.exchanges_per_s + COMMITS_A_BATCH * batches * limits.commit_ms / 1000
    more = {"ms a batch": value * 1000 / batches, "times one batch": value / plain_s}
    return Row(f"rolling over {hosts:,} simulated hosts in {batches} batches", value, "s", None, floor, more)


async def many_jobs(place: Installation, limits: Limits, jobs: int, hosts: int) -> Row:
    """Measure many jobs that are started at once, each on its own hosts, until the last one is over."""
    async with fleet(place, 1_000) as (host_ids, _):
        groups = [host_ids[first : first + hosts] for first in range(0, len(host_ids), hosts)]
        await _job_s(place, {"host_id_list": host_ids})
        before = int(time.time() * 1000)
        begun = time.perf_counter()
        gate = asyncio.Semaphore(STARTS_AT_ONCE)
        starts = (_start(place, gate, groups[number % len(groups)]) for number in range(jobs))
        put_off = sum(await asyncio.gather(*starts))
        accepted_s = time.perf_counter() - begun
        await _succeeded(place, before, jobs)
        value = time.perf_counter() - begun
    floor = 2 * jobs * hosts / limits.exchanges_per_s + COMMITS_A_JOB * jobs * limits.commit_ms / 1000
    more = {"accepted after": accepted_s, "jobs/s": jobs / value, "put off": put_off}
    return Row(f"{jobs:,} jobs of {hosts} simulated hosts at once", value, "s", None, floor, more)


async def _start(place: Installation, gate: asyncio.Semaphore, host_ids: list[int]) -> int:
    """Start a job; return how often the server asked to come again."""
    async with gate:
        for tries in itertools.count():
            try:
                await place.start_job({"host_id_list": host_ids})
            except RuntimeError as error:
                if TRY_AGAIN not in str(error):
                    raise
                await asyncio.sleep(PAUSE_S)
            else:
                return tries
    raise AssertionError("counting has no end")


async def _succeeded(place: Installation, since_ms: int, wanted: int) -> None:
    """Wait until so many jobs that were created since a moment have succeeded.

    Raises:
        RuntimeError: All are over, and some have not.
    """
    window = {"create_time_start": since_ms, "create_time_end": since_ms + WINDOW_MS, "length": 1}
    while True:
        good = (await place.call("get_job_instance_list", status=SUCCEEDED, **window))["total"]
        if good >= wanted:
            return
        running = sum(
            [(await place.call("get_job_instance_list", status=status, **window))["total"] for status in (1, 2, 10)]
        )
        if not running and (await place.call("get_job_instance_list", status=SUCCEEDED, **window))["total"] < wanted:
            raise RuntimeError(f"only {good} of {wanted} jobs succeeded")
        await asyncio.sleep(0.05)


async def _job_s(place: Installation, target: Mapping[str, object], **more: object) -> float:
    """Run one job and return how long it took (s); one that did not succeed is no measurement."""
    begun = time.perf_counter()
    job = await place.start_job(target, **more)
    ended = await place.finish(job, 0.02)
    if ended["status"] != SUCCEEDED:
        raise RuntimeError(f"job {job['job_instance_id']} ended with status {ended['status']}")
    return time.perf_counter() - begun
