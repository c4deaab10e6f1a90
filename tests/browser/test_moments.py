"""Presses at awkward moments: behind a window, after a draft has gone, once the console was upgraded."""

import re

from playwright.async_api import Page, Route, expect
from tests.browser.test_quickrun import write
from tests.browser.visits import BIZ, PASSWORD, Console


async def test_a_start_goes_to_its_run_though_its_draft_was_cleared_elsewhere(console: Console) -> None:
    async with console.visit(f"{BIZ}/run/script?hosts=127.0.0.1") as page:
        await write(page, "hostname\n")
        await page.wait_for_url(re.compile(r"from=draft"))
        await expect(page.get_by_text("1 host, 1 ready")).to_be_visible()
        found = re.search(r"draft(?::|%3A)(\d+)", page.url)
        assert found
        await clear(page, found.group(1))
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(re.compile(rf"{BIZ}/runs/\d+"))


async def clear(page: Page, draft: str) -> None:
    """Drop a draft as another tab of the same person does."""
    script = """async (id) => {
        const { csrf_token } = await (await fetch('/api/v1/session')).json()
        const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf_token }
        const request = { method: 'POST', headers, body: '{"scope":"biz:2"}' }
        return (await fetch(`/api/v1/drafts/${id}/delete`, request)).status
    }"""
    assert await page.evaluate(script, draft) == 200


async def test_a_window_lets_no_key_through_to_the_page_behind_it(console: Console) -> None:
    started: list[str] = []

    async def note(route: Route) -> None:
        started.append(route.request.url)
        await route.continue_()

    async with console.visit(f"{BIZ}/run/script?hosts=127.0.0.1") as page:
        await page.route("**/api/v1/jobs/script", note)
        await write(page, "hostname\n")
        await expect(page.get_by_text("1 host, 1 ready")).to_be_visible()
        await page.get_by_role("button", name="Run", exact=False).first.focus()
        await page.keyboard.press("?")
        box = page.get_by_role("dialog", name="Keyboard")
        await expect(box).to_be_visible()
        await page.keyboard.press("Control+Enter")
        await page.keyboard.press("Escape")
        await expect(box).to_be_hidden()
        assert started == []
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(re.compile(rf"{BIZ}/runs/\d+"))
        assert len(started) == 1


async def test_bounds_of_time_that_an_address_gives_can_be_seen_and_taken_away(console: Console) -> None:
    async with console.visit(f"{BIZ}/runs?since=1763683200000&until=1763769600000&plan=7") as page:
        bar = page.get_by_role("search")
        await expect(bar).to_contain_text("Since:")
        await expect(bar).not_to_contain_text("1763683200000")
        await expect(bar).to_contain_text("Until:")
        await expect(bar).to_contain_text("#7")
        await bar.get_by_role("button", name="Clear").click()
        await page.wait_for_url(re.compile(rf"{BIZ}/runs$"))


async def test_a_page_whose_parts_are_gone_is_loaded_anew(console: Console) -> None:
    gone: list[str] = []

    async def lose(route: Route) -> None:
        gone.append(route.request.url)
        await route.fulfill(status=404, body="")

    async with console.visit(f"{BIZ}/runs") as page:
        await page.get_by_role("heading", level=1).wait_for()
        await page.route(re.compile(r"/assets/TagList-[^/]*\.js$"), lose)
        await page.evaluate("window.before = true")
        async with page.expect_event("framenavigated", lambda frame: f"{BIZ}/tags" in frame.url):
            await page.get_by_role("link", name="Tags").click()
        await page.unroute_all()
        assert gone
        await expect(page.get_by_role("main")).not_to_be_empty()


async def test_what_is_not_saved_outlives_its_session(console: Console) -> None:
    state = await console.person("browser-forgetful", "editor")
    async with console.visit(f"{BIZ}/scripts/new", storage_state=state) as page:
        await page.get_by_role("textbox", name="Name").first.fill("written over lunch")
        await write(page, "hostname\n")
        await page.context.clear_cookies()
        await page.keyboard.press("Control+Enter")
        dialog = page.get_by_role("dialog", name="Your session has ended")
        await dialog.get_by_label("Password").fill(PASSWORD)
        await dialog.get_by_role("button", name="Sign in").click()
        await expect(dialog).to_be_hidden()
        await page.get_by_role("button", name="Save draft").click()
        await page.wait_for_url(re.compile(r"/scripts/[^/]+/versions/\d+"))
