"""Chosen hosts are retried from the page of a run, and a blocked script is asked for by one and approved by another."""

import re

from playwright.async_api import expect
from tests.acceptance.declared import A, B
from tests.browser.run_samples import encoded
from tests.browser.test_quickrun import EDITOR, aim
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


async def test_a_blocked_script_is_asked_for_looked_at_and_not_approved_by_the_one_who_asks(console: Console) -> None:
    stage = console.stage
    header = await stage.bearer()
    words = {"expression": "wipe-it-all", "languages": ["shell"], "action": "intercept", "approvable": True}
    made = await stage.http.post("/api/v1/dangerous-rules", json=words, headers=header)
    rule = f"/api/v1/dangerous-rules/{made.raise_for_status().json()['id']}/operate"
    (await stage.http.post(rule, json={"operation": "enable"}, headers=header)).raise_for_status()
    try:
        async with console.visit(f"{BIZ}/run/script") as page:
            await page.locator(EDITOR).click()
            await page.keyboard.insert_text("true wipe-it-all")
            await aim(page, "127.0.0.1")
            panel = page.get_by_role("complementary", name="What will happen")
            await panel.get_by_role("button", name="Ask approval").click()
            dialog = page.get_by_role("dialog")
            await dialog.get_by_label("Why it is needed").fill("the disk is full")
            await dialog.get_by_role("button", name="Ask", exact=True).click()
            await page.wait_for_url(f"**{BIZ}/approvals?show=own")
            card = page.locator(".start-request").first
            await expect(card).to_contain_text("the disk is full")
            await card.get_by_role("button", name="Look at it").click()
            await expect(card.locator("pre")).to_contain_text("wipe-it-all")
            await expect(card.get_by_role("button", name="Approve and start")).to_have_count(0)
            await card.get_by_role("button", name="Withdraw").click()
            await expect(card).to_contain_text("withdrawn")
    finally:
        (await stage.http.post(rule, json={"operation": "delete"}, headers=header)).raise_for_status()
