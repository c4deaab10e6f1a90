"""Measure the console against its budgets: real servers, 10,000 simulated hosts, and a headless Chromium.

Print every number beside its budget; the exit code is 1 when one is exceeded. `--hosts` and `--changes-per-s` make a
smaller trial of it.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
import time
import tomllib
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import psutil
from bench.installation import Installation, fleet, installation
from playwright.async_api import Page, async_playwright
from tools import console_sizes

from jobfleet.cli.data_files import CREDENTIALS_FILE

BIZ = "/biz/2"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
SCROLL_S = 4.0

FRAMES = """
window.frames_ms = [];
(() => {
  let before = performance.now();
  const next = (now) => { window.frames_ms.push(now - before); before = now; requestAnimationFrame(next); };
  requestAnimationFrame(next);
})();
"""
SCROLL = """
(seconds) => new Promise((done) => {
  const rows = document.querySelector('.host-table .rows');
  const frames = [];
  const end = performance.now() + seconds * 1000;
  let before = performance.now();
  const next = (now) => {
    frames.push(now - before);
    before = now;
    rows.scrollTop += 90;
    now < end ? requestAnimationFrame(next) : done(frames);
  };
  requestAnimationFrame(next);
})
"""
LOADED = """
() => {
  const hosts = performance.getEntriesByType('resource').filter((one) => /\\/hosts\\?/.test(one.name)).at(0);
  const paint = performance.getEntriesByName('jobfleet.grid.first').at(0);
  return { sent: hosts.encodedBodySize, paint_ms: paint.startTime - hosts.responseEnd };
}
"""


class Row(msgspec.Struct, frozen=True):
    """Hold a measured number and the most that it may be; None is told only."""

    name: str
    value: float
    most: float | None
    unit: str

    @property
    def is_good(self) -> bool:
        """Tell whether the budget is kept."""
        return self.most is None or self.value <= self.most


def percentile(values: list[float], share: float) -> float:
    """Return the value that a share of values does not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


@asynccontextmanager
async def page_of(place: Installation) -> AsyncIterator[Page]:
    """Give a page of somebody who is signed in."""
    password = tomllib.loads((place.directory / CREDENTIALS_FILE).read_text())["admin_password"]
    path = os.environ.get("JOBFLEET_TEST_CHROMIUM") or shutil.which("chromium-headless-shell")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        context = await browser.new_context(base_url=str(place.http.base_url), viewport={"width": 1440, "height": 900})
        answer = await context.request.post("/api/v1/session", data={"username": "admin", "password": password})
        if not answer.ok:
            raise RuntimeError(await answer.text())
        page = await context.new_page()
        # A browser remembers 250 requests, and the files of the console alone are nearly as many.
        await page.add_init_script("performance.setResourceTimingBufferSize(5000)")
        yield page
        await browser.close()


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
    frames: list[float] = await page.evaluate(SCROLL, SCROLL_S)
    return [Row("frame while scrolling the table, p95", percentile(frames, 0.95), 34, "ms")]


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


async def measure(hosts: int, changes_per_s: int) -> list[Row]:
    """Return all rows."""
    span_ms = 2 * hosts * 1000 // changes_per_s
    with tempfile.TemporaryDirectory(prefix="jobfleet-budgets-", ignore_cleanup_errors=True) as parent:
        async with installation(Path(parent) / "data", 1) as place:
            flags = ("--latency-ms", f"0..{span_ms}", "--failure-rate", "0.01")
            async with fleet(place, hosts, *flags) as (host_ids, _), page_of(place) as page:
                live, job = await watched(page, place, {"host_id_list": host_ids}, hosts)
                return [*live, *await opened(page, job), *await scrolled(page, job)]


def main() -> int:
    """Print what was measured; return 1 when a budget is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=10_000)
    parser.add_argument("--changes-per-s", type=int, default=2_000)
    asked = parser.parse_args()
    sizes = [
        Row(name, size / 1000, most / 1000, "kB") for name, size, most in console_sizes.measure(console_sizes.STATIC)
    ]
    rows = [*sizes, *asyncio.run(measure(asked.hosts, asked.changes_per_s))]
    for row in rows:
        most = "" if row.most is None else f"at most {row.most:g} {row.unit}"
        sys.stdout.write(
            f"{row.name:<52}{row.value:>10.1f} {row.unit:<10}{most}{'' if row.is_good else '  TOO MUCH'}" + "\n"
        )
    return int(not all(row.is_good for row in rows))


if __name__ == "__main__":
    sys.exit(main())
