"""What failed is run again: as a run of its own, for the hosts that printed the same, and by the keyboard alone."""

import re

from playwright.async_api import expect
from tests.acceptance.declared import IPS, A, B, C
from tests.acceptance.stage import Job
from tests.browser.run_samples import encoded
from tests.browser.test_app import fill_in
from tests.browser.test_runview import STATUS, address
from tests.browser.visits import BIZ, Console

WHO = ".host-pane .who"


async def failed_twice(console: Console, word: str) -> tuple[Job, list[str]]:
    """Return a run that failed on two of three hosts, and their addresses; what comes later succeeds."""
    gate = console.stage.installation.directory / word
    script = f"[ -e {gate} ] && echo better && exit; mkdir {gate}.good 2>/dev/null && exit; echo {word}; exit 3"
    job = await console.stage.run(encoded(script), A, B, C, task_name=word)
    ended = await console.stage.wait_end(job)
    hosts = ended["step_instance_list"][0]["step_ip_result_list"]
    gate.touch()
    return job, [host["ip"] for host in hosts if host["status"] == 104]


async def test_a_run_is_started_once_more_as_a_run_of_its_own(console: Console) -> None:
    job = await console.stage.run(encoded("echo as before"), A, B, task_name="Once more")
    await console.stage.wait_end(job)
    async with console.visit(address(job)) as page:
        await page.get_by_role("button", name="More actions").click()
        await page.get_by_role("menuitem", name="Run once more").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("2 hosts")
        await dialog.get_by_role("button", name="Run on 2 hosts").click()
        await page.wait_for_url(re.compile(rf"{BIZ}/runs/(?!{job.id}\b)\d+"))
        await expect(page.locator(STATUS)).to_have_text("Succeeded")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Once more")
        await expect(page.get_by_role("button", name=re.compile("^Succeeded 2"))).to_be_visible()


async def test_the_hosts_that_printed_the_same_are_retried_from_their_group(console: Console) -> None:
    job, _ = await failed_twice(console, "no-room-left")
    async with console.visit(address(job, "?pane=outputs")) as page:
        group = page.locator(".outputs-pane .groups > li").filter(has_text="no-room-left")
        await expect(group).to_be_visible()
        await expect(page.locator(".outputs-pane .partial")).to_have_count(0)  # it goes once all are looked at
        await group.get_by_role("button", name="retry 2", exact=False).click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("every other host keeps its result")
        await dialog.get_by_role("button", name="Retry 2 hosts").click()
        await expect(page.locator(STATUS)).to_have_text("Succeeded")
        again = page.locator(".outputs-pane .groups > li").filter(has_text="better")
        await expect(again).to_contain_text("2 hosts")


async def test_from_signing_in_to_the_retry_all_is_done_by_keyboard(console: Console) -> None:
    job, hosts = await failed_twice(console, "nobody-touched-a-mouse")
    async with console.visit(f"{BIZ}/home", signed_in=False) as page:
        await fill_in(page, "admin", console.stage.made.admin_password)
        await page.get_by_role("navigation").first.wait_for()
        await page.keyboard.press("Control+k")
        await page.keyboard.type(f"#{job.id}")
        await expect(page.get_by_role("option", name=f"#{job.id} ")).to_be_visible()
        await page.keyboard.press("Enter")
        await expect(page.locator(STATUS)).to_have_text("Failed")
        await expect(page.get_by_role("button", name=re.compile("^Failed 2"))).to_be_visible()
        for key, host in (("n", hosts[0]), ("n", hosts[1]), ("p", hosts[0])):
            await page.keyboard.press(key)
            await expect(page.locator(WHO)).to_contain_text(host)
        at = [IPS[A], IPS[B], IPS[C]].index(hosts[0])
        for key, place in (("j", at + 2), ("k", at + 1)):
            await page.keyboard.press(key)
            await expect(page.locator(WHO)).to_contain_text(f"{place}/3")
        await page.keyboard.press("r")
        await expect(page.get_by_role("dialog")).to_contain_text("Retry failed hosts (2)")
        await page.keyboard.press("Enter")
        await expect(page.locator(STATUS)).to_have_text("Succeeded")
