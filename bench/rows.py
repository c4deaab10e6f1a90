"""The rows of the benchmark: each measures one thing on a running installation."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

import msgspec

from bench.installation import Installation, Usage, data_of, fleet
from bench.limits import Limits

MIB = 2**20
LOG_HOSTS = 50


class Row(msgspec.Struct, frozen=True):
    """One line of the table.

    `design` is the number to design for and `floor` what the machine's own limits allow, in the unit of `value`;
    None where there is none. `more` are facts beside it.
    """

    name: str
    value: float
    unit: str
    design: float | None = None
    floor: float | None = None
    more: dict[str, float] = {}


async def one_host(place: Installation, limits: Limits, runs: int) -> list[Row]:
    """Measure a trivial script on one real host, from the request to the finished status."""
    target = local_target(1)
    spans = sorted([await _job_ms(place, target) for _ in range(runs + 3)][3:])
    floor = limits.fork_exec_ms + 2 * limits.round_trip_ms + 4 * limits.commit_ms
    p95 = spans[min(len(spans) - 1, int(len(spans) * 0.95))]
    more = {"runs": runs, "fastest": spans[0]}
    return [
        Row("one real host, trivial script, median", statistics.median(spans), "ms", 30, floor, more),
        Row("one real host, trivial script, 95 %", p95, "ms", None, floor),
    ]


async def local_agents(place: Installation, limits: Limits, agents: int, runs: int) -> Row:
    """Measure a trivial script on many real agents of this machine."""
    await _job_ms(place, local_target(agents))
    spans = [await _job_ms(place, local_target(agents), pause_s=0.01) for _ in range(runs)]
    floor = agents * limits.fork_exec_ms + 4 * limits.commit_ms
    design = 500.0 if agents == 100 else None
    return Row(f"{agents} local agents, trivial script", statistics.median(spans), "ms", design, floor)


async def simulated(place: Installation, limits: Limits, hosts: int, runs: int) -> list[Row]:
    """Measure a job on simulated hosts: wall time, the server's CPU a host, the peak of its memory."""
    async with fleet(place, hosts) as (host_ids, took_s):
        pause_s = 0.005 if hosts <= 100 else 0.02
        await _job_ms(place, {"host_id_list": host_ids}, pause_s)
        place.server.forget_peak()
        before = place.server.usage()
        spans = [await _job_ms(place, {"host_id_list": host_ids}, pause_s) for _ in range(runs)]
        after = place.server.usage()
    return [_wall(hosts, spans, limits, took_s), *_used(hosts, runs, before, after)]


def _wall(hosts: int, spans: list[float], limits: Limits, took_s: float) -> Row:
    floor = 2 * hosts / limits.exchanges_per_s + 4 * limits.commit_ms / 1000
    more = {"runs": len(spans), "slowest": max(spans) / 1000, "enrol and connect": took_s}
    design = 5.0 if hosts == 10_000 else None
    return Row(f"{hosts:,} simulated hosts, wall", statistics.median(spans) / 1000, "s", design, floor, more)


def _used(hosts: int, runs: int, before: Usage, after: Usage) -> list[Row]:
    cpu_ms = (after.cpu_s - before.cpu_s) * 1000 / (hosts * runs)
    grown = (after.resident_bytes - before.resident_bytes) / MIB
    return [
        Row(f"{hosts:,} simulated hosts, server CPU a host", cpu_ms, "ms", 1.0 if hosts == 10_000 else None),
        Row(
            f"{hosts:,} simulated hosts, server peak memory",
            after.peak_bytes / MIB,
            "MiB",
            None,
            None,
            {"grown": grown},
        ),
    ]


async def status_queries(place: Installation, hosts: int, runs: int) -> list[Row]:
    """Measure the status queries with every host of a large job in their answers."""
    async with fleet(place, hosts) as (host_ids, _):
        job = await place.start_job({"host_id_list": host_ids})
        await place.finish(job, 0.05)
        step = await median_ms(lambda: _step_status(place, job), runs)
        whole = await median_ms(lambda: place.ask("get_job_instance_status", return_ip_result=True, **job), runs)
    design = 100.0 if hosts == 10_000 else None
    return [
        Row(f"step status, {hosts:,} hosts in the answer", step, "ms", design),
        Row(f"job status, {hosts:,} hosts in the answer", whole, "ms", design),
    ]


async def _step_status(place: Installation, job: dict[str, int]) -> None:
    path = "/api/v3/get_step_instance_status/"
    scope = {"bk_scope_type": "biz", "bk_scope_id": "2", "max_host_num_per_group": "100000"}
    wanted = scope | {name: str(number) for name, number in job.items()}
    auth = {"X-Bkapi-Authorization": msgspec.json.encode(place.app).decode()}
    data_of("get_step_instance_status", await place.http.get(path, params=wanted, headers=auth))


async def long_logs(place: Installation, limits: Limits, runs: int) -> Row:
    """Measure a job whose hosts print a mebibyte each, until all of it is stored."""
    async with fleet(place, LOG_HOSTS, "--output-bytes", str(MIB)) as (host_ids, _):
        await _job_ms(place, {"host_id_list": host_ids}, 0.01)
        spans = [await _job_ms(place, {"host_id_list": host_ids}, 0.01) for _ in range(runs)]
    value, chunks = statistics.median(spans) / 1000, LOG_HOSTS * 4
    floor = chunks / limits.exchanges_per_s + 4 * limits.commit_ms / 1000
    more = {"MiB/s": LOG_HOSTS / value}
    return Row(f"1 MiB of log from each of {LOG_HOSTS} hosts, stored", value, "s", 1.0, floor, more)


def local_target(agents: int) -> dict[str, object]:
    """Return the target of the first local hosts; their ids begin with 1."""
    return {"host_id_list": list(range(1, agents + 1))}


async def _job_ms(place: Installation, target: dict[str, object], pause_s: float = 0.002) -> float:
    """Run one job and return how long it took; one that did not succeed is no measurement."""
    begun = time.perf_counter()
    job = await place.start_job(target)
    ended = await place.finish(job, pause_s)
    if ended["status"] != 3:
        raise RuntimeError(f"job {job['job_instance_id']} ended with status {ended['status']}")
    return (time.perf_counter() - begun) * 1000


async def median_ms(work: Callable[[], Awaitable[object]], runs: int) -> float:
    """Return how long a piece of work takes, the median of some runs."""
    spans = []
    for _ in range(runs):
        begun = time.perf_counter()
        await work()
        spans.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(0)
    return statistics.median(spans)
