"""The page of a run: live, by keyboard, by address, and what can be done from it."""

import re
from typing import Any

from playwright.async_api import Page, Route, expect
from tests.acceptance.declared import A, B
from tests.browser.run_samples import encoded, failed, waiting_between_batches, waiting_for_a_person
from tests.browser.visits import BIZ, Console

STATUS = ".run-header .status-word"
ROW = ".host-table [role=row][aria-rowindex='{}']"


def address(job: Any, query: str = "") -> str:
    return f"{BIZ}/runs/{job.id}/steps/{job.step_id}{query}"


async def test_a_run_is_seen_to_its_end_without_reload(console: Console) -> None:
    gate = console.stage.installation.directory / "a-run-may-end"
    job = await console.stage.run(encoded(f"until [ -e {gate} ]; do sleep 0.05; done; echo done"), A, B)
    async with console.visit(f"{BIZ}/runs/{job.id}") as page:
        await page.wait_for_url(f"**{address(job)}")
        await expect(page.locator(STATUS)).to_have_text("Running")
        # Each has its place from the beginning: none comes before another that somebody is about to press.
        chips = ["All 2", "Failed 0", "Running 2", "Waiting 0", "Succeeded 0"]
        await expect(page.locator(".filter-chip")).to_have_text(chips)
        await page.evaluate("window.sameDocument = true")
        gate.touch()
        await expect(page.locator(STATUS)).to_have_text("Succeeded")
        await expect(page.get_by_role("button", name=re.compile("^Succeeded 2"))).to_be_visible()
        assert await page.evaluate("window.sameDocument")


async def test_an_address_restores_filter_view_and_host(console: Console) -> None:
    job = await failed(console)
    async with console.visit(address(job)) as page:
        await page.get_by_role("button", name=re.compile("^Failed 1")).click()
        await page.get_by_role("tab", name="Table").click()
        await page.locator(ROW.format(2)).click()
        await expect(page.locator(".host-pane .who")).to_contain_text("1/1")
        shared = page.url
    assert {"status=fail", "view=table", "host=10"} <= set(shared.partition("?")[2].split("&"))
    async with console.visit(shared, theme="dark", language="zh") as page:
        await expect(page.locator(ROW.format(2))).to_contain_text("Agent")
        await expect(page.locator(".host-table .line.open")).to_have_count(1)
        await expect(page.locator(".host-pane .who")).to_contain_text("10.0.0.10")
        await expect(page.get_by_role("button", name=re.compile("^失败 1"))).to_have_attribute("aria-pressed", "true")


async def test_what_people_did_is_shared_by_its_address(console: Console) -> None:
    job = await failed(console)
    rows = ".record-table tbody tr"
    async with console.visit(f"{BIZ}/runs/{job.id}/audit") as page:
        await expect(page.locator(rows).nth(2)).to_be_visible()
        await page.get_by_label("People only").check()
        await expect(page.locator(rows)).to_have_count(1)
        await page.wait_for_url("**/audit?people=1")
        await page.reload()
        await expect(page.locator(rows)).to_have_count(1)
        await page.get_by_label("People only").uncheck()
        await expect(page.locator(rows).nth(2)).to_be_visible()
        await page.wait_for_url("**/audit")


async def test_a_failed_host_is_found_and_copied_by_keyboard_alone(console: Console) -> None:
    job = await failed(console)
    allowed = ["clipboard-read", "clipboard-write"]
    async with console.visit(address(job), permissions=allowed) as page:
        await expect(page.get_by_role("button", name=re.compile("^Failed 1"))).to_be_visible()
        await page.keyboard.press("n")
        await expect(page.locator(".host-pane .who")).to_contain_text("10.0.0.10")
        await page.keyboard.press("c")
        assert await page.evaluate("navigator.clipboard.readText()") == "10.0.0.10"
        await page.keyboard.press("k")
        await expect(page.locator(".host-pane .who")).to_contain_text("127.0.0.3")
        await page.keyboard.press("h")
        await page.keyboard.press("Home")
        await page.keyboard.press("Enter")
        await expect(page.locator(".host-pane .who")).to_contain_text("127.0.0.1")


async def test_a_run_is_terminated_and_retried_from_its_page(console: Console) -> None:
    gate = console.stage.installation.directory / "a-second-attempt-may-end"
    job = await console.stage.run(encoded(f"until [ -e {gate} ]; do sleep 0.05; done"), A, B)
    async with console.visit(address(job)) as page:
        await page.get_by_role("button", name="Terminate", exact=True).click()
        await page.get_by_role("dialog").get_by_role("button", name="Terminate").click()
        await expect(page.locator(STATUS)).to_have_text("Terminated")
        gate.touch()
        await page.get_by_role("button", name="Retry failed hosts (2)").click()
        await page.get_by_role("dialog").get_by_role("button", name="Retry failed hosts (2)").click()
        await expect(page.locator(STATUS)).to_have_text("Succeeded")
        await page.get_by_label("Attempts").select_option("Attempt 1")
        await expect(page.get_by_role("button", name=re.compile("^Terminated 2"))).to_be_visible()
        assert "attempt=0" in page.url
        await page.goto(address(job, "?view=timeline"))
        await expect(page.locator(".run-timeline .bar.ok")).to_have_count(1)
        await expect(page.locator(".run-timeline .bar.term")).to_have_count(1)
        await expect(page.locator(".run-timeline .bar.fail")).to_have_count(0)


async def test_a_waiting_batch_is_confirmed_where_it_waits_and_a_stale_page_is_told(console: Console) -> None:
    job = await waiting_between_batches(console)
    async with console.visit(address(job)) as page, console.visit(address(job)) as stale:
        await expect(page.locator(STATUS)).to_have_text("Waiting for confirm")
        await stale.get_by_role("button", name="Confirm batch 2").click()
        await page.get_by_role("button", name="Confirm batch 2").click()
        await page.get_by_role("dialog").get_by_role("button", name="Release the next batch (1)").click()
        await expect(page.locator(STATUS)).to_have_text("Succeeded")
        await stale.get_by_role("dialog").get_by_role("button", name="Release the next batch (1)").click()
        await expect(stale.get_by_role("list", name="News").get_by_text("the run has moved on")).to_be_visible()
        await expect(stale.locator(STATUS)).to_have_text("Succeeded")


async def test_a_question_is_answered_on_the_page_of_its_run(console: Console) -> None:
    job_id = await waiting_for_a_person(console)
    async with console.visit(f"{BIZ}/runs/{job_id}") as page:
        box = page.get_by_role("region", name="go or not")
        await expect(box).to_contain_text("Ship it to everybody?")
        await box.get_by_role("textbox").fill("the first batch is fine")
        await box.get_by_role("button", name="Confirm").click()
        await page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
        await expect(page.locator(STATUS)).to_have_text("Succeeded")
        await page.get_by_role("navigation", name="Steps").get_by_text("go or not").click()
        await expect(box).to_contain_text("the first batch is fine")
        await expect(box.get_by_role("button", name="Confirm")).to_have_count(0)


async def test_who_terminates_too_late_is_told_that_the_run_has_moved_on(console: Console) -> None:
    gate = console.stage.installation.directory / "it-ends-while-one-hesitates"
    job = await console.stage.run(encoded(f"until [ -e {gate} ]; do sleep 0.05; done; exit 3"), A)
    async with console.visit(address(job)) as page:
        await page.get_by_role("button", name="Terminate", exact=True).click()
        gate.touch()
        await expect(page.locator(STATUS)).to_have_text("Failed")
        async with page.expect_response("**/operate") as refused:
            await page.get_by_role("dialog").get_by_role("button", name="Terminate").click()
        assert not (await refused.value).ok
        await expect(page.get_by_role("list", name="News")).to_contain_text("not supported in the present state")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(page.get_by_role("button", name="Terminate", exact=True)).to_have_count(0)


async def test_a_status_that_nobody_knows_is_neutral_and_keeps_its_number(console: Console) -> None:
    job = await failed(console)

    async def newer_server(route: Route) -> None:
        answer = await route.fetch()
        told = await answer.json()
        told["columns"]["status"][0] = 777
        await route.fulfill(response=answer, json=told)

    async with console.visit("about:blank") as page:
        await page.route("**/hosts?*", newer_server)
        await page.goto(address(job, "?view=table"))
        await expect(page.get_by_role("button", name=re.compile("^Other 1"))).to_be_visible()
        await expect(page.get_by_role("row", name=re.compile("127.0.0.1 Status 777"))).to_be_visible()


async def test_the_grid_is_painted_anew_in_another_theme(console: Console) -> None:
    job = await failed(console)
    async with console.visit(address(job)) as page:
        await expect(page.get_by_role("button", name=re.compile("^Failed 1"))).to_be_visible()
        light = await square(page)
        assert light[3] == 255, "nothing was painted"
        await page.emulate_media(color_scheme="dark")
        await page.locator(":root[data-theme=dark]").wait_for()
        await page.wait_for_function(f"wanted => String({SQUARE}) !== wanted", arg=",".join(map(str, light)))


SQUARE = "[...document.querySelector('.host-grid canvas').getContext('2d').getImageData(16, 16, 1, 1).data]"


async def square(page: Page) -> list[int]:
    """Return the colour within the first square of the grid, once it is painted."""
    await page.wait_for_function(f"() => {SQUARE}[3] > 0")
    colour: list[int] = await page.evaluate(SQUARE)
    return colour
