"""Measure long logs: lines held whole, the most that a page keeps, and 100 MiB of one host through a window."""

import base64
import math
import tempfile
import time
from pathlib import Path

from bench.installation import Installation, installation
from playwright.async_api import Page, expect
from tools.budget_rows import BIZ, Row, page_of, scroll

HELD_LINES = 100_000
LINE_BYTES = 80
KEPT_LINES = 200_000
"""More than that no page keeps: KEPT_LINES of console/src/model/logLines.ts."""

FIRST_LINES, NEXT_LINES = 500, 10_000
"""How many lines a page asks for at first, and then at a time."""
SCROLL_S = 3.0
LOADED = """
() => {
  const asked = performance.getEntriesByType('resource').filter((one) => /\\/log\\?/.test(one.name));
  return { count: asked.length, ms: Math.max(...asked.map((one) => one.responseEnd), 0) - (asked[0]?.startTime ?? 0) };
}
"""
SEARCH = """
(text) => new Promise((done) => {
  const field = document.querySelector(".log-find input[type=search]");
  const count = document.querySelector('.log-find .count');
  const begun = performance.now();
  new MutationObserver((_, self) => {
    if (!/\\d/.test(count.textContent)) return;
    self.disconnect();
    done(performance.now() - begun);
  }).observe(count, { childList: true, characterData: true, subtree: true });
  field.value = text;
  field.dispatchEvent(new Event('input'));
})
"""
PAUSE_MS = 150
"""A page waits so long for the next letter before it searches."""


def script(lines: int) -> str:
    """Return a script (Base64) that prints lines, one of which is an error."""
    body = f'printf "%09d %-{LINE_BYTES - 11}s\\n", n, n == {lines * 2 // 3} ? "ERROR disk full" : "worker handled it"'
    return base64.b64encode(f"awk 'BEGIN {{ for (n = 1; n <= {lines}; n++) {body} }}'".encode()).decode()


async def printed(place: Installation, lines: int) -> str:
    """Run a script that prints lines; return the address of its log."""
    job = await place.start_job({"host_id_list": [1]}, script_content=script(lines))
    await place.finish(job, 0.2)
    return f"{BIZ}/runs/{job['job_instance_id']}/steps/{job['step_instance_id']}?pane=log"


def answers(lines: int) -> int:
    """Return how many answers bring a log of so many lines."""
    return 1 + math.ceil((lines - FIRST_LINES) / NEXT_LINES)


async def held(page: Page, address: str) -> list[Row]:
    """Measure a log that a page holds whole."""
    await page.goto(address)
    await page.locator(".log-row").first.wait_for()
    await page.wait_for_function(f"() => ({LOADED})().count >= {answers(HELD_LINES)}")
    loaded = await page.evaluate(LOADED)
    await page.evaluate("() => new Promise(requestIdleCallback)")
    search_ms = await page.evaluate(SEARCH, "disk full") - PAUSE_MS
    return [
        Row(f"{HELD_LINES:,} lines: streamed and shown", loaded["ms"] / 1000, 1.5, "s"),
        Row(f"{HELD_LINES:,} lines: searched", search_ms, 100, "ms"),
    ]


async def kept(page: Page, address: str) -> list[Row]:
    """Measure what a page holds that keeps as many lines as it ever does, all of which were searched."""
    await page.goto(address)
    await page.locator(".log-row").first.wait_for()
    await page.wait_for_function(f"() => ({LOADED})().count >= {answers(KEPT_LINES)}")
    await page.evaluate("() => new Promise(requestIdleCallback)")
    await page.evaluate(SEARCH, "disk full")
    browser = await page.context.new_cdp_session(page)
    await browser.send("HeapProfiler.collectGarbage")
    heap = await browser.send("Runtime.getHeapUsage")
    await browser.detach()
    return [Row(f"{KEPT_LINES:,} lines kept and searched: heap", heap["usedSize"] / 1_000_000, 200, "MB")]


async def long(page: Page, address: str, lines: int) -> list[Row]:
    """Measure a log that a page looks at through a window."""
    await page.goto(address)
    await page.locator(".log-row").first.wait_for()
    begun = time.perf_counter()
    await page.locator(".log-view").press("End")
    await expect(page.locator(".log-row").last).to_contain_text(f"{lines:09d} ", timeout=30_000)
    end_s = time.perf_counter() - begun
    search_ms = await page.evaluate(SEARCH, "disk full") - PAUSE_MS
    await page.locator(".log-find input[type=search]").press("Enter")
    await expect(page.locator(".log-row.current")).to_contain_text("disk full", timeout=30_000)
    scrolled = await scroll(page, "long log scrolled", ".log-view", SCROLL_S)
    heap = await page.evaluate("performance.memory.usedJSHeapSize")
    return [
        Row("long log: to its end", end_s, None, "s"),
        Row("long log: searched by the server", search_ms / 1000, None, "s"),
        *scrolled,
        Row("long log: heap", heap / 1_000_000, 200, "MB"),
    ]


async def measure(mib: int) -> list[Row]:
    """Return all rows."""
    lines = mib * 2**20 // LINE_BYTES
    with tempfile.TemporaryDirectory(prefix="jobfleet-long-log-", ignore_cleanup_errors=True) as parent:
        cap = ("--output-cap-bytes", str((mib + 1) * 2**20))
        async with installation(Path(parent) / "data", 1, *cap) as place, page_of(place) as page:
            few = await held(page, await printed(place, HELD_LINES))
            most = await kept(page, await printed(place, KEPT_LINES))
            begun = time.perf_counter()
            address = await printed(place, lines)
            came = Row(f"long log: {lines:,} lines printed and stored", time.perf_counter() - begun, None, "s")
            return [*few, *most, came, *await long(page, address, lines)]
