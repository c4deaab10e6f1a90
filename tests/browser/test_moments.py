"""Presses at awkward moments: behind a window, after a draft has gone, once the console was upgraded."""

import re
import uuid
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Page, Route, expect
from tests.browser.listed.jobs import post
from tests.browser.test_quickrun import EDITOR, write
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
        # As in every list: a day is meant with all of it, and what cannot be read is not passed over in silence.
        async with page.expect_request(re.compile(r"/api/v1/runs\?.*until=")) as asked:
            await page.goto(f"{BIZ}/runs?since=2025-11-21&until=2025-11-21")
        given = parse_qs(urlsplit((await asked.value).url).query)
        assert int(given["until"][0]) - int(given["since"][0]) == 86_400_000
        await expect(bar).to_contain_text("Since: 11/21/2025")
        await page.goto(f"{BIZ}/runs?since=yesterday")
        await expect(bar).to_contain_text("Since: yesterday (no time, not applied)")


async def test_a_page_whose_parts_are_gone_is_loaded_anew(console: Console) -> None:
    gone: list[str] = []

    async def lose(route: Route) -> None:
        # The address is the other page's as soon as it is loaded anew, and not before.
        if f"{BIZ}/tags" in route.request.frame.url:
            await route.continue_()
            return
        gone.append(route.request.url)
        await route.fulfill(status=404, body="")

    async with console.visit(f"{BIZ}/runs") as page:
        await page.get_by_role("heading", level=1).wait_for()
        await page.route(re.compile(r"/assets/TagList-[^/]*\.js$"), lose)
        await page.evaluate("window.before = true")
        await page.get_by_role("link", name="Tags").click()
        await expect(page.get_by_role("heading", level=1, name="Tags")).to_be_visible()
        await expect(page.get_by_role("alert")).to_have_count(0)
        assert gone
        assert not await page.evaluate("window.before")


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


async def test_a_form_in_a_window_outlives_a_refusal_and_its_session(console: Console) -> None:
    state = await console.person("browser-forgetful-tagger", "editor")
    taken, free = (f"{word} {uuid.uuid4().hex[:8]}" for word in ("taken", "free"))
    await post(console, "/tags", scope="biz:2", name=taken)
    async with console.visit(f"{BIZ}/tags", storage_state=state) as page:
        await page.get_by_role("button", name="New tag").first.click()
        form = page.get_by_role("dialog", name="New tag")
        await form.get_by_label("Name").fill(taken)
        await form.get_by_label("Description").fill("a page of thoughts")
        await form.get_by_role("button", name="Save").click()
        await expect(form.get_by_role("alert")).to_be_visible()
        await page.keyboard.press("Escape")
        await form.get_by_role("alertdialog").get_by_role("button", name="Keep writing").click()
        await form.get_by_label("Name").fill(free)
        await page.context.clear_cookies()
        await form.get_by_role("button", name="Save").click()
        again = page.get_by_role("dialog", name="Your session has ended")
        await again.get_by_label("Password").fill(PASSWORD)
        await again.get_by_role("button", name="Sign in").click()
        await expect(again).to_be_hidden()
        await expect(form.get_by_label("Description")).to_have_value("a page of thoughts")
        await form.get_by_role("button", name="Save").click()
        await expect(form).to_have_count(0)
        await page.get_by_role("link", name="Approvals").click()
        await page.wait_for_url("**/approvals")


async def test_who_signs_in_instead_gets_nothing_of_what_another_has_not_saved(console: Console) -> None:
    state = await console.person("browser-replaced", "editor")
    async with console.visit(f"{BIZ}/scripts/new", storage_state=state) as page:
        await page.get_by_role("textbox", name="Name").first.fill("not for anybody else")
        await write(page, "hostname\n")
        await page.context.clear_cookies()
        await page.keyboard.press("Control+Enter")
        dialog = page.get_by_role("dialog", name="Your session has ended")
        await expect(dialog).to_be_visible()
        instead = {"username": "admin", "password": console.stage.made.admin_password}
        assert (await page.context.request.post("/api/v1/session", data=instead)).ok
        await dialog.get_by_role("button", name="I have signed in elsewhere").click()
        # Were the browser asked whether to leave, it would stay: nobody answers it here.
        await page.wait_for_url("**/home")
        await expect(page.get_by_role("button", name="Signed in as admin")).to_be_visible()


async def test_a_quick_run_that_is_not_kept_is_not_left_unasked(console: Console) -> None:
    async def refuse(route: Route) -> None:
        if route.request.method == "POST":
            await route.abort()
        else:
            await route.continue_()

    async with console.visit(f"{BIZ}/run/script?hosts=127.0.0.1") as page:
        await page.route("**/api/v1/drafts", refuse)
        await write(page, "hostname\n")
        leaving = page.get_by_role("dialog", name="Leave without saving?")
        # At once, before anybody knows that the draft is refused, and when it is known.
        for _ in range(2):
            await page.get_by_role("link", name="Tags").click()
            await leaving.get_by_role("button", name="Cancel").click()
            await expect(page.locator(EDITOR)).to_contain_text("hostname")
            await expect(page.get_by_text("the draft is not saved")).to_be_visible()
        # Who stayed goes on as before: what is kept now is found by its address, and is left unasked.
        await page.unroute("**/api/v1/drafts")
        await write(page, "id\n")
        await page.wait_for_url(re.compile(r"from=draft"))
        await page.get_by_role("link", name="Tags").click()
        await page.wait_for_url("**/tags")
