"""What a rule blocks is asked for by one person and let pass by another, each in a window of their own."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route, expect
from tests.browser.axe import findings
from tests.browser.listed.jobs import post
from tests.browser.listed.second_person import forget, requested
from tests.browser.run_samples import waiting_for_a_person
from tests.browser.test_quickrun import EDITOR
from tests.browser.test_runview import STATUS
from tests.browser.visits import BIZ, Console, answered, looking

PASSWORD = "only for this test run"
RULE = {"expression": "wipe-it-all", "languages": ["shell"], "action": "intercept", "approvable": True}


@asynccontextmanager
async def page_of(console: Console, name: str, address: str) -> AsyncIterator[Page]:
    """Give a page of somebody who edits, and may approve nothing."""
    await post(console, "/users", name=name, password=PASSWORD)
    await post(console, "/roles", user=name, scope="biz:2", role="editor")
    async with console.window(signed_in=False) as window:
        answer = await window.request.post("/api/v1/session", data={"username": name, "password": PASSWORD})
        assert answer.ok, await answer.text()
        async with looking(window, address) as page:
            yield page


async def ask(page: Page, script: str, reason: str) -> None:
    await page.goto(f"{BIZ}/run/script?hosts=127.0.0.1")
    await page.locator(EDITOR).click()
    await page.keyboard.insert_text(script)
    panel = page.get_by_role("complementary", name="What will happen")
    await expect(panel.get_by_role("button", name="Ask approval")).to_be_visible()
    await page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("admin")
    await dialog.get_by_label("Why it is needed").fill(reason)
    await dialog.get_by_role("button", name="Ask", exact=True).click()
    await page.wait_for_url(f"**{BIZ}/approvals?show=own")


async def test_who_asks_is_let_pass_by_somebody_else_and_gets_to_the_run(console: Console) -> None:
    rule = await post(console, "/dangerous-rules", **RULE)
    await post(console, f"/dangerous-rules/{rule['id']}/operate", operation="enable")
    try:
        async with page_of(console, "asker", f"{BIZ}/home") as page, console.visit(f"{BIZ}/approvals") as second:
            await ask(page, "true wipe-it-all", "the disk is full")
            mine = page.get_by_role("article").filter(has_text="the disk is full")
            await expect(mine.get_by_role("button", name="Withdraw")).to_be_visible()
            await expect(mine.get_by_role("button", name="Approve and start")).to_have_count(0)
            # It comes by itself to who may decide, who looks at it and decides by the keyboard alone.
            await expect(second.get_by_role("article").filter(has_text="the disk is full")).to_be_visible()
            await second.keyboard.press("j")
            marked = second.locator(".start-request.current")
            await expect(marked).to_contain_text("the disk is full")
            # A newer one above it moves neither the mark nor what keys act on.
            await ask(page, "true wipe-it-all again", "once more")
            await expect(second.get_by_role("article").first).to_contain_text("once more")
            await expect(marked).to_contain_text("the disk is full")
            await second.keyboard.press("Enter")
            await second.wait_for_url(re.compile(r"\?request=\d+$"))
            await expect(second.locator(EDITOR)).to_contain_text("wipe-it-all")
            await expect(second.get_by_text("On 1 host: 127.0.0.1")).to_be_visible()
            assert await findings(second) == []
            await second.keyboard.press("c")
            dialog = second.get_by_role("dialog")
            await expect(dialog).to_contain_text("It starts now, as asker.")
            await dialog.get_by_role("textbox").fill("1")  # a line that a rule blocks is as high as many hosts
            await dialog.get_by_role("button", name="Start it on 1 host").click()
            await second.wait_for_url(re.compile(rf"{BIZ}/runs/\d+"))
            await expect(second.get_by_role("main").get_by_text("approved by admin")).to_be_visible()
            await expect(mine).to_contain_text("admin approved it")
            await mine.get_by_role("link", name=re.compile("run #")).click()
            await expect(page.locator(STATUS)).to_have_text("Succeeded")
            await page.goto(f"{BIZ}/approvals?show=own")
            await second.goto(f"{BIZ}/approvals")
            asked = second.get_by_role("article").filter(has_text="once more")
            await asked.get_by_label("Reason (optional)").fill("not at night")
            await asked.get_by_role("button", name="Refuse").click()
            await second.get_by_role("dialog").get_by_role("button", name="Refuse").click()
            await expect(asked).to_have_count(0)
            await expect(page.get_by_role("article").filter(has_text="once more")).to_contain_text("not at night")
    finally:
        await post(console, f"/dangerous-rules/{rule['id']}/operate", operation="delete")


_TOO_EARLY = """new MutationObserver(() => {
  window.tooEarly ||= document.querySelector('article.approval') && !document.querySelector('.start-request')
}).observe(document, { subtree: true, childList: true })"""


async def test_what_waits_does_not_move_when_starts_that_wait_are_told_later(console: Console) -> None:
    """Runs stand below starts: whoever is about to confirm one must not meet another."""
    told = asyncio.Event()

    async def hold(route: Route) -> None:
        await told.wait()
        await route.continue_()

    await waiting_for_a_person(console)
    request = await requested(console, "unhurried")
    try:
        async with console.visit("/me/password") as page:
            await page.add_init_script(_TOO_EARLY)
            await page.route("**/api/v1/start-requests?*", hold)
            async with page.expect_response("**/api/v1/approvals?*"):
                await page.goto(f"{BIZ}/approvals?request={request}")
            await answered(page)  # whatever is to be shown of it is shown by now
            told.set()
            await expect(page.locator(".start-request").first).to_be_visible()
            await expect(page.locator("article.approval").first).to_be_visible()
            assert not await page.evaluate("window.tooEarly")
    finally:
        await forget(console, "unhurried")


async def test_a_run_is_asked_for_once_more_from_its_own_page(console: Console) -> None:
    """It ran before the rule was there; now somebody else has to look at it first."""
    start = {"scope": "biz:2", "targets": ["127.0.0.1"], "script": "true wipe-once-more", "name": "Clean up"}
    ran = await post(console, "/jobs/script", **start)
    rule = await post(console, "/dangerous-rules", **RULE | {"expression": "wipe-once-more"})
    await post(console, f"/dangerous-rules/{rule['id']}/operate", operation="enable")
    try:
        address = f"{BIZ}/runs/{ran['job_id']}"
        async with page_of(console, "repeater", address) as page, console.visit(f"{BIZ}/approvals") as second:
            await expect(page.locator(STATUS)).to_have_text("Succeeded")
            await page.get_by_role("button", name="More actions").click()
            await page.get_by_role("menuitem", name="Run once more").click()
            question = page.get_by_role("dialog").filter(has_text="Run Clean up once more?")
            await expect(question).to_contain_text("A second person has to approve this start.")
            await question.get_by_role("button", name="Ask approval").click()
            reason = page.get_by_label("Why it is needed")
            await reason.fill("it filled up again")
            assert await findings(page) == []
            await page.get_by_role("button", name="Ask", exact=True).click()
            await page.wait_for_url(f"**{BIZ}/approvals?show=own")
            # The envelope at the top counts it by itself.
            counted = await (await second.request.get("/api/v1/runs/counts", params={"scope": "biz:2"})).json()
            await expect(second.locator("a.counter").last).to_contain_text(str(counted["own_approvals"]))
            asked = second.get_by_role("article").filter(has_text="it filled up again")
            await expect(asked).to_contain_text("repeater asks to run it once more on 1 host")
            await asked.get_by_role("button", name="Look at it").click()
            await expect(asked.get_by_role("link", name=f"#{ran['job_id']}")).to_be_visible()
            await asked.get_by_role("button", name="Approve and start").click()
            dialog = second.get_by_role("dialog")
            await dialog.get_by_role("textbox").fill("1")
            await dialog.get_by_role("button", name="Start it on 1 host").click()
            await second.wait_for_url(re.compile(rf"{BIZ}/runs/\d+"))
            await expect(second.get_by_role("main").get_by_text("approved by admin")).to_be_visible()
    finally:
        await post(console, f"/dangerous-rules/{rule['id']}/operate", operation="delete")
