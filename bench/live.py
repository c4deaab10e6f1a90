"""What live pages cost: hosts of a step as columns, and a stream of many changes."""

import contextlib
import gzip
import time
from collections.abc import AsyncGenerator
from typing import Any

import msgspec

from bench.installation import Installation, fleet
from bench.rows import Row, median_ms
from jobfleet import credentials
from jobfleet.cli.data_files import CREDENTIALS_FILE

SPREAD_MS = 10_000
PATIENCE_S = 60.0
"""Over so long the hosts of the streamed job end: each begins and ends, two changes a host."""


class _Heard(msgspec.Struct):
    """Count what a stream told."""

    hosts: int = 0
    events: int = 0
    sent_bytes: int = 0
    gap_s: float = 0.0


async def live(place: Installation, hosts: int) -> list[Row]:
    """Measure what a page of a run asks for, and what it is told while the hosts of the run end."""
    place.http.headers["Authorization"] = f"Bearer {await _token(place)}"
    try:
        async with fleet(place, hosts, "--latency-ms", f"0..{SPREAD_MS}", "--failure-rate", "0.02") as (host_ids, _):
            job = await place.start_job({"host_id_list": host_ids})
            told = await _stream(place, job, hosts)
            return [*await _columns(place, job, hosts), *told]
    finally:
        del place.http.headers["Authorization"]


async def _token(place: Installation) -> str:
    made = credentials.load_or_create(place.directory / CREDENTIALS_FILE)
    answer = await place.http.post("/api/v1/sign-in", json={"username": "admin", "password": made.admin_password})
    return str(answer.json()["token"])


async def _columns(place: Installation, job: dict[str, int], hosts: int) -> list[Row]:
    path = f"/api/v1/jobs/{job['job_instance_id']}/steps/{job['step_instance_id']}/hosts?packed=true"
    plain = await place.http.get(path, headers={"Accept-Encoding": "identity"})
    async with place.http.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join([part async for part in answer.aiter_raw()])
    assert gzip.decompress(packed)[-1:] == plain.content[-1:]
    took = await median_ms(lambda: place.http.get(path, headers={"Accept-Encoding": "gzip"}), 10)
    run = await median_ms(lambda: place.http.get(f"/api/v1/jobs/{job['job_instance_id']}/run"), 10)
    at_most = (100.0, 40.0) if hosts == 10_000 else (None, None)
    return [
        Row(f"hosts of a step as columns, {hosts:,}", took, "ms", at_most[0]),
        Row(f"the same, compressed (whole: {len(plain.content) / 1000:,.0f} kB)", len(packed) / 1000, "kB", at_most[1]),
        Row(f"the page of a run, {hosts:,} hosts", run, "ms"),
    ]


async def _stream(place: Installation, job: dict[str, int], hosts: int) -> list[Row]:
    """Follow a job until it is over."""
    job_id, step_id = job["job_instance_id"], job["step_instance_id"]
    before, begun = place.server.usage(), time.perf_counter()
    listed = (await place.http.get(f"/api/v1/jobs/{job_id}/steps/{step_id}/hosts")).json()
    columns = listed["columns"]
    ended = {task for task, ms in zip(columns["task_id"], columns["duration_ms"], strict=True) if ms >= 0}
    heard, topics = _Heard(), {"topics": f"run:{job_id},hosts:{step_id}@{job_id}", "after": listed["version"]}
    is_over = False
    async with contextlib.aclosing(_events(place, topics, heard)) as events:
        async for name, data in events:
            if name == "hosts" and data["columns"] is not None:
                columns = data["columns"]
                heard.hosts += len(columns["task_id"])
                ended |= {task for task, ms in zip(columns["task_id"], columns["duration_ms"], strict=True) if ms >= 0}
            is_over = is_over or (name == "run" and data["run"]["finished"])
            # The frame of a run is of the moment when it is sent, news of its last hosts may come behind it.
            if is_over and (len(ended) == hosts or time.perf_counter() - begun > PATIENCE_S):
                break
    took_s = time.perf_counter() - begun
    if len(ended) != hosts:
        raise RuntimeError(f"the stream told of {len(ended)} of {hosts} hosts that they ended")
    cpu = (place.server.usage().cpu_s - before.cpu_s) / took_s * 100
    more = {"messages": heard.events, "kB": heard.sent_bytes / 1000, "% of a CPU": cpu}
    return [
        Row(f"host changes a second told of {hosts:,} hosts", heard.hosts / took_s, "/s", None, None, more),
        Row("longest silence of that stream", heard.gap_s * 1000, "ms"),
    ]


async def _events(place: Installation, query: dict[str, str], heard: _Heard) -> AsyncGenerator[tuple[str, Any], None]:
    async with place.http.stream("GET", "/api/v1/stream", params=query) as answer:
        rest, last = b"", time.perf_counter()
        async for part in answer.aiter_raw():
            heard.sent_bytes += len(part)
            heard.gap_s = max(heard.gap_s, time.perf_counter() - last)
            last = time.perf_counter()
            *frames, rest = (rest + part).split(b"\n\n")
            for frame in frames:
                fields = dict(line.split(b": ", 1) for line in frame.split(b"\n") if not line.startswith(b":"))
                heard.events += b"event" in fields
                yield fields.get(b"event", b"").decode(), msgspec.json.decode(fields.get(b"data", b"{}"))
