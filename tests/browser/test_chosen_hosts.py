"""Chosen hosts are retried from the page of a run."""

import re

from playwright.async_api import expect
from tests.acceptance.declared import A, B
from tests.browser.run_samples import encoded
from tests.browser.test_runview import ROW, STATUS, address
from tests.browser.visits import Console


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
