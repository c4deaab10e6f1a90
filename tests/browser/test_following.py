"""Pages that follow the stream: they ask nobody again and again, and tell of agents that fall silent."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest
from playwright.async_api import Locator, Page, Request, expect
from tests.acceptance.gates import Gates, gates
from tests.acceptance.stage import Job, Stage
from tests.browser.listed.jobs import post
from tests.browser.run_samples import waiting_for_a_person
from tests.browser.visits import BIZ, Console, answered
from tests.browser.wire import STREAM, Wire, wire_to
from tests.waiting import eventually, until

__all__ = ["gates"]

LONGER_THAN_POLLS_MS = 16_000
"""Pages that have no stream ask again every 10 or 15 seconds."""


class Held(NamedTuple):
    """A page whose clock stands still, the wire that it asks by, and what it waits for an answer to."""

    wire: Wire
    page: Page
    unanswered: set[Request]

    def asked(self, path: str) -> int:
        """Count how often the page has asked for something."""
        return sum(f" /api/v1/{path}{end}" in line for line in self.wire.asked for end in "? ")


@asynccontextmanager
async def held(console: Console, address: str, ready: str) -> AsyncIterator[Held]:
    """Give a page whose clock stands still, with what it asks for."""
    async with wire_to(console.url) as wire, console.visit("/sign-in") as page:
        unanswered = set[Request]()

        def over(one: Request) -> None:
            unanswered.discard(one)

        page.on("request", lambda one: unanswered.add(one) if STREAM not in one.url else None)
        page.on("requestfinished", over)
        page.on("requestfailed", over)
        await page.clock.install()
        await page.goto(f"{wire.url}{address}")
        await page.locator(ready).first.wait_for()
        await until(lambda: any(STREAM in line for line in wire.asked))
        await page.clock.pause_at(await page.evaluate("Date.now()") / 1000 + 5)
        yield Held(wire, page, unanswered)


async def passes(page: Page, times: int = 10) -> None:
    """Let a little time pass on a page, and in the world."""
    for _ in range(times):
        await page.clock.run_for(100)
        await asyncio.sleep(0)


async def rests(on: Held, path: str) -> None:
    """Let more time pass than between two polls until nothing is asked meanwhile; late news may be asked about."""

    async def is_quiet() -> bool:
        await until(lambda: not on.unanswered)  # a page polls no sooner than after an answer
        await answered(on.page)
        before = on.asked(path), on.asked("stream")
        await on.page.clock.run_for(LONGER_THAN_POLLS_MS)
        await answered(on.page)  # what is asked is on the wire by now
        return before == (on.asked(path), on.asked("stream"))

    await eventually(is_quiet)


@asynccontextmanager
async def told_of(on: Held, news: Locator) -> AsyncIterator[None]:
    """Do something that a page shows once the stream has told of it, the very one that is open.

    The page's clock stands still until then: it would take a silent stream for dead, and read anew with the next one.
    """
    before, streams = on.wire.told, on.asked("stream")
    yield
    await until(lambda: on.wire.told > before)
    await answered(on.page)  # it has heard it, too
    await passes(on.page, 20)
    await on.page.clock.resume()
    await expect(news).to_be_visible()
    assert on.asked("stream") == streams


async def test_what_waits_for_people_comes_by_the_stream(console: Console) -> None:
    await waiting_for_a_person(console)
    async with held(console, f"{BIZ}/approvals?show=all", "article.approval") as on:
        await passes(on.page)
        await rests(on, "approvals")
        cards = on.page.locator("article.approval")
        count = await cards.count()
        async with told_of(on, cards.nth(count)):
            await waiting_for_a_person(console)
        await expect(cards).to_have_count(count + 1)


async def test_schedules_come_by_the_stream(console: Console) -> None:
    plan_id = await _plan(console)
    timing = {"expression": "0 3 * * *", "plan_id": plan_id, "scope": "biz:2"}
    await post(console, "/schedules", name="followed first", **timing)
    async with held(console, f"{BIZ}/schedules?q=followed", "tbody tr") as on:
        await passes(on.page, 30)
        await rests(on, "schedules")
        rows = on.page.locator("tbody tr")
        async with told_of(on, rows.nth(1)):
            await post(console, "/schedules", name="followed second", **timing)
        await expect(rows).to_have_count(2)


async def _plan(console: Console) -> int:
    plan = '[template]\nname = "followed"\n[[steps]]\nkind = "approval"\nname = "one"\nmessage = "?"\n'
    made = await post(console, "/plans/apply", scope="biz:2", toml=plan)
    return int(made["plan_id"])


async def test_outputs_and_the_reasons_of_a_run_come_by_the_stream(console: Console, gates: Gates) -> None:
    job = await console.stage.run(gates.script, 1, 2, 3)
    await console.stage.wait(job, 7, 7, 7, job_status=2)
    steps = f"jobs/{job.id}/steps/{job.step_id}"
    address = f"{BIZ}/{steps.replace('jobs', 'runs')}?host=2&pane=outputs"
    async with held(console, address, ".outputs-pane .tools") as on:
        await passes(on.page, 30)
        await rests(on, f"{steps}/outputs")
        async with told_of(on, on.page.locator(".outputs-pane .letter")):
            await gates.succeed(1)
        await on.page.get_by_role("tab", name="Why").click()
        await on.page.locator(".why .verdict").wait_for()
        async with told_of(on, on.page.locator(".why .verdict .fail")):
            await gates.fail(2, 7)
            await gates.succeed(3)
            await console.stage.wait_end(job)


async def test_variables_of_a_run_are_asked_again_when_a_step_ends(console: Console) -> None:
    job_id = await waiting_for_a_person(console)
    async with held(console, f"{BIZ}/runs/{job_id}/variables", ".record-table tbody tr") as on:
        await passes(on.page, 30)
        await rests(on, f"jobs/{job_id}/variables")
        columns = on.page.locator(".record-table thead th")
        more = columns.nth(await columns.count())
        shown = await console.stage.http.get(f"/api/v1/jobs/{job_id}/run", headers=await console.stage.bearer())
        [asks] = [one for one in shown.json()["steps"] if one["type"] == "approval"]
        async with told_of(on, more):
            await post(console, f"/jobs/{job_id}/steps/{asks['id']}/operate", operation="confirm")


@pytest.fixture
async def silenced(console: Console, gates: Gates) -> AsyncIterator[Job]:
    """Give a run that began a minute ago, of whose two agents the second one stands still since."""
    stage = console.stage
    job = await stage.run(gates.script, 1, 2)
    await stage.wait(job, 7, 7, job_status=2)
    agent = stage.installation.children()["agent 2"]
    agent.suspend()
    try:
        await _a_minute_ago(stage, job)
        yield job
    finally:
        agent.resume()
    await gates.succeed(1)
    await gates.succeed(2)
    await stage.wait_end(job, 60)


async def _a_minute_ago(stage: Stage, job: Job) -> None:
    minute = 60_000
    await stage.database.execute("UPDATE step SET started_at = started_at - $2 WHERE job_id = $1", job.id, minute)
    await stage.database.execute("UPDATE task SET sent_at = sent_at - $2 WHERE job_id = $1", job.id, minute)
    await stage.database.execute("UPDATE agent SET seen_at = seen_at - $1 WHERE host_id = 2", minute)


async def test_agents_that_fall_silent_are_told_of_with_a_way_to_their_hosts(console: Console, silenced: Job) -> None:
    async with console.visit(f"{BIZ}/runs/{silenced.id}?view=table") as page:
        told = page.locator(".progress-line .silent")
        await expect(told).to_have_text("1 of 2 agents silent for 40s")
        await told.click()
        rows = page.locator(".host-table [role=row][aria-rowindex]:not([aria-rowindex='1'])")
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text("127.0.0.2")
        await expect(page).to_have_url(re.compile(r"[?&]silent=1"))
        await page.get_by_role("button", name="Silent agents 1").click()
        await expect(rows).to_have_count(2)
