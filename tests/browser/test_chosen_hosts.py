"""Chosen hosts are retried from the page of a run, and nothing moves under the pointer of who chooses."""

import asyncio
import re

from playwright.async_api import Locator, Route, expect
from tests.acceptance.declared import NO_AGENT, A, B
from tests.browser.run_samples import encoded
from tests.browser.test_runview import ROW, STATUS, address
from tests.browser.visits import BIZ, Console


async def test_a_chosen_host_is_retried_and_the_other_keeps_its_result(console: Console) -> None:
    gate = console.stage.installation.directory / "chosen-hosts-may-pass"
    job = await console.stage.run(encoded(f"[ -e {gate} ] && echo better || exit 3"), A, B)
    await console.stage.wait_end(job)
    gate.touch()
    async with console.visit(address(job, "?view=table")) as page:
        await page.locator(ROW.format(2)).get_by_role("checkbox").click()
        await page.get_by_role("button", name="Retry this host", exact=True).click()
        await page.get_by_role("dialog").get_by_role("button", name="Retry 1 host").click()
        await expect(page.get_by_role("button", name=re.compile("^Succeeded 1"))).to_be_visible()
        await expect(page.locator(STATUS)).to_have_text("Failed")
        await page.get_by_role("button", name=re.compile("^Failed 1")).click()
        await page.get_by_role("button", name="Retry this host", exact=True).click()
        await page.get_by_role("dialog").get_by_role("button", name="Retry 1 host").click()
        await expect(page.locator(STATUS)).to_have_text("Succeeded")
        await page.get_by_label("Attempts").select_option("Attempt 2")
        await expect(page.get_by_role("button", name=re.compile("^Failed 1"))).to_be_visible()


async def place(one: Locator) -> tuple[float, float]:
    """Return where something is on its page."""
    box = await one.bounding_box()
    assert box is not None
    return box["x"], box["y"]


async def test_nothing_moves_while_one_picks_and_walks(console: Console) -> None:
    job = await console.stage.run(encoded("exit 3"), A, B, NO_AGENT, task_name="Under the pointer")
    await console.stage.wait_end(job)
    answered = asyncio.Event()

    async def hold(route: Route) -> None:
        await answered.wait()
        await route.continue_()

    async with console.visit(address(job, "?view=table"), viewport={"width": 1180, "height": 700}) as page:
        row, following = page.locator(ROW.format(3)), page.get_by_role("button", name="Next host")
        search = page.get_by_role("searchbox", name="Find hosts")
        there = [await place(one) for one in (row, following, search)]
        await row.get_by_role("checkbox").click()
        await expect(page.get_by_role("button", name="Retry this host", exact=True)).to_be_visible()
        for shown in ("1/3", "2/3", "3/3"):
            await following.click()
            await expect(page.locator(".host-pane .place")).to_have_text(shown)
            assert [await place(one) for one in (row, following, search)] == there
        await page.get_by_role("button", name="Let go", exact=True).click()
        await search.fill("127.0.0")
        await expect(page.get_by_role("button", name="Retry these 2 hosts")).to_be_visible()
        assert [await place(one) for one in (row, following, search)] == there
        await page.route("**/runs/hours?*", hold)
        await page.goto(f"{BIZ}/runs?name=Under+the+pointer")
        run = page.locator(".runs-table tbody tr").first
        above = await place(run)
        await run.get_by_role("checkbox").click()
        await expect(page.get_by_role("button", name=re.compile("^Retry failed hosts .* 1 run"))).to_be_visible()
        answered.set()
        await expect(page.get_by_role("slider")).to_be_visible()
        assert await place(run) == above
