"""Measure runs of many hosts in the console: live, opened, scrolled, grouped, and changing."""

import contextlib
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import psutil
from bench.installation import Installation, fleet, installation
from playwright.async_api import Page
from tools import list_budgets
from tools.budget_rows import BIZ, Row, page_of, percentile, scroll
from tools.host_changes import changing

SCROLL_S = 4.0
CHANGING_S = 10.0
GROUPED_MS = 1_000
"""The brief names no number for it: so long may one wait for an answer of a pane."""

FRAMES = """
window.frames_ms = [];
(() => {
  let before = performance.now();
  const next = (now) => { window.frames_ms.push(now - before); before = now; requestAnimationFrame(next); };
  requestAnimationFrame(next);
})();
"""
LOADED = """
() => {
  const hosts = performance.getEntriesByType('resource').filter((one) => /\\/hosts\\?/.test(one.name)).at(0);
  const paint = performance.getEntriesByName('jobfleet.grid.first').at(0);
  return { sent: hosts.encodedBodySize, paint_ms: paint.startTime - hosts.responseEnd };
}
"""


PARTS = {
    "postgres": "PostgreSQL",
    "nats-server": "NATS",
    "chrom": "the browser",
    "sim": "the driver",
    "server": "the server",
}
"""What processes do, by a word of their name or command."""


def used_s() -> dict[str, float]:
    """Return the CPU time of all processes below this one, by what they do."""
    used: dict[str, float] = defaultdict(float)
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            words, times = f"{process.name()} {' '.join(process.cmdline()[:4])}", process.cpu_times()
            part = next((part for word, part in PARTS.items() if word in words), "others")
            used[part] += times.user + times.system
    return used


async def changed(page: Page, place: Installation, job: dict[str, int], changes_per_s: int) -> list[Row]:
    """Measure frames while so many hosts change each second, told by a stream of our own: no server is in the way."""
    part = f"{job['job_instance_id']}/steps/{job['step_instance_id']}"
    listed = await (await page.context.request.get(f"/api/v1/jobs/{part}/hosts")).json()
    topic = f"hosts:{job['step_instance_id']}@{job['job_instance_id']}"
    async with changing(str(place.http.base_url), topic, listed["columns"]["task_id"], changes_per_s) as told:
        await page.add_init_script(FRAMES)
        await page.goto(f"{told.url}{BIZ}/runs/{part}")
        await page.wait_for_function("() => performance.getEntriesByName('jobfleet.grid.first').length > 0")
        await told.is_followed.wait()
        await page.evaluate("frames_ms.length = 0")
        before = told.count
        await page.wait_for_timeout(CHANGING_S * 1000)
        frames: list[float] = await page.evaluate("frames_ms")
        rate = (told.count - before) / CHANGING_S
    name = f"{rate:,.0f} changes/s for {CHANGING_S:.0f} s"
    return [
        Row(f"{name}: longest frame", max(frames, default=0), 200, "ms"),
        Row(f"{name}: frame, p95", percentile(frames, 0.95), None, "ms"),
    ]


async def opened(page: Page, job: dict[str, int]) -> list[Row]:
    """Measure opening the run of many hosts."""
    await page.goto(f"{BIZ}/runs/{job['job_instance_id']}/steps/{job['step_instance_id']}")
    await page.wait_for_function("() => performance.getEntriesByName('jobfleet.grid.first').length > 0")
    found = await page.evaluate(LOADED)
    return [
        Row("hosts of the step, sent", found["sent"] / 1000, 40, "kB"),
        Row("hosts of the step, data to paint", found["paint_ms"], 300, "ms"),
    ]


async def scrolled(page: Page, job: dict[str, int]) -> list[Row]:
    """Measure frames while the table scrolls."""
    await page.goto(f"{BIZ}/runs/{job['job_instance_id']}/steps/{job['step_instance_id']}?view=table")
    await page.locator(".host-table [aria-rowindex='9']").wait_for()
    return await scroll(page, "the table scrolled", ".host-table .rows", SCROLL_S)


async def watched(page: Page, place: Installation, target: dict[str, Any], hosts: int) -> tuple[list[Row], Any]:
    """Measure frames while a run is live in the page, from its start to its end."""
    job = await place.start_job(target)
    begun, before = time.perf_counter(), used_s()
    await page.add_init_script(FRAMES)
    await page.goto(f"{BIZ}/runs/{job['job_instance_id']}/steps/{job['step_instance_id']}")
    await page.wait_for_function("() => performance.getEntriesByName('jobfleet.grid.first').length > 0", timeout=60_000)
    await page.evaluate("frames_ms.length = 0")
    await place.finish(job, 0.1)
    ran_s = time.perf_counter() - begun
    used = {part: spent - before.get(part, 0.0) for part, spent in used_s().items()}
    await page.locator(".run-header .status-word:not(.run)").wait_for(timeout=60_000)
    seen_s = time.perf_counter() - begun - ran_s
    frames: list[float] = await page.evaluate("frames_ms")
    heap = await page.evaluate("performance.memory.usedJSHeapSize")
    rows = [
        Row("live run: longest frame", max(frames, default=0), 200, "ms"),
        Row("live run: frame, p95", percentile(frames, 0.95), None, "ms"),
        Row("live run: hosts that changed twice, each second", 2 * hosts / ran_s, None, "changes/s"),
        *(Row(f"    meanwhile {part} took", spent / ran_s * 100, None, "% CPU") for part, spent in used.items()),
        Row("live run: its end is seen after", seen_s, None, "s"),
        Row("live run: heap", heap / 1_000_000, 200, "MB"),
    ]
    return rows, job


OUTPUTS = """
() => {
  const asked = performance.getEntriesByType('resource').filter((one) => /\\/outputs\\?/.test(one.name)).at(0);
  return { answer_ms: asked.responseEnd - asked.requestStart, shown_ms: performance.now() - asked.responseEnd };
}
"""
"""How long the first answer took, and how long ago it came."""


async def grouped(page: Page, job: dict[str, int]) -> list[Row]:
    """Measure grouping what the hosts printed, each with an address of its own in it."""
    rows: list[Row] = []
    for norm in ("exact", "numbers", "address"):
        where = f"{BIZ}/runs/{job['job_instance_id']}/steps/{job['step_instance_id']}"
        await page.goto(f"{where}?pane=outputs&norm={norm}")
        await page.locator(".outputs-pane .letter").first.wait_for()
        found = await page.evaluate(OUTPUTS)
        rows.append(Row(f"outputs of all hosts, grouped ({norm}): answer", found["answer_ms"], GROUPED_MS, "ms"))
    return rows


async def measure(hosts: int, changes_per_s: int) -> list[Row]:
    """Return all rows of runs of many hosts."""
    span_ms = 2 * hosts * 1000 // changes_per_s
    with tempfile.TemporaryDirectory(prefix="jobfleet-budgets-", ignore_cleanup_errors=True) as parent:
        async with installation(Path(parent) / "data", 1) as place:
            flags = ("--latency-ms", f"0..{span_ms}", "--failure-rate", "0.01")
            async with fleet(place, hosts, *flags) as (host_ids, _), page_of(place) as page:
                live, job = await watched(page, place, {"host_id_list": host_ids}, hosts)
            async with page_of(place) as page:
                rows = [*await opened(page, job), *await scrolled(page, job), *await grouped(page, job)]
                rows += await changed(page, place, job, changes_per_s)
                return [*live, *rows, *await list_budgets.measure(page, place)]
