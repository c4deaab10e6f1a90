"""What all measurements of the console share: rows with their budgets, a signed-in page, and a way to scroll."""

import os
import shutil
import sys
import tomllib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Self

import msgspec
from bench.installation import Installation
from playwright.async_api import CDPSession, Page, async_playwright

from jobfleet.cli.data_files import CREDENTIALS_FILE

BIZ = "/biz/2"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]

SCROLL = """
([selector, seconds]) => new Promise((done) => {
  const rows = document.querySelector(selector);
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
        page.set_default_timeout(120_000)
        # A browser remembers 250 requests, and the files of the console alone are nearly as many.
        await page.add_init_script("performance.setResourceTimingBufferSize(5000)")
        yield page
        await browser.close()


class PageCpu:
    """Count the time that a page's main thread really works, whatever else the machine does."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    @classmethod
    async def of(cls, page: Page) -> Self:
        """Begin to count."""
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        return cls(session)

    async def worked_ms(self) -> float:
        """Return how long it has worked."""
        metrics = (await self._session.send("Performance.getMetrics"))["metrics"]
        return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration") * 1000


async def scroll(page: Page, name: str, selector: str, seconds: float) -> list[Row]:
    """Scroll something, 90 px a frame; return how long frames take, and the page's own work for each."""
    cpu = await PageCpu.of(page)
    before = await cpu.worked_ms()
    frames: list[float] = await page.evaluate(SCROLL, [selector, seconds])
    worked_ms = (await cpu.worked_ms() - before) / len(frames)
    return [
        Row(f"{name}: frame, p95", percentile(frames, 0.95), 34, "ms"),
        Row(f"{name}: the page's own work, each frame", worked_ms, None, "ms CPU"),
    ]


def told(rows: Iterable[Row]) -> bool:
    """Print rows as a table of budget, measured, met or not; tell whether all are met."""
    kept = list(rows)
    sys.stdout.write(f"{'':<58}{'budget':>14}{'measured':>18}  met\n")
    for row in kept:
        most = "" if row.most is None else f"≤ {row.most:,g} {row.unit}"
        met = "" if row.most is None else "yes" if row.is_good else "NO"
        sys.stdout.write(f"{row.name:<58}{most:>14}{f'{row.value:,.1f} {row.unit}':>18}  {met}".rstrip() + "\n")
    return all(row.is_good for row in kept)
