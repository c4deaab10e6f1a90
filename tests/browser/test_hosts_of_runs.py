"""Hosts of a run: what they printed, in which order, where they stand, and the numbers that lead to them."""

import asyncio
import re

import pytest
from playwright.async_api import Route, expect
from tests.acceptance.declared import ACCOUNT, A, B, C
from tests.acceptance.stage import Job
from tests.browser.listed.jobs import post
from tests.browser.run_samples import encoded
from tests.browser.test_runview import ROW, STATUS, address
from tests.browser.visits import BIZ, Console
from tests.waiting import until

DIFFERENT = """if mkdir "{gate}" 2>/dev/null; then echo "the odd one"; exit 3; fi
echo "like the others"
"""
APART = f"""
[template]
name = "Two steps apart"
[[steps]]
kind = "script"
name = "on two hosts"
account = "{ACCOUNT}"
targets = ["127.0.0.1", "127.0.0.2"]
script = "if mkdir {{gate}} 2>/dev/null; then echo first; else echo second; fi"
[[steps]]
kind = "script"
name = "on another two"
account = "{ACCOUNT}"
targets = ["127.0.0.2", "127.0.0.3"]
script = "echo the same"
"""


@pytest.fixture(scope="module")
async def odd(console: Console) -> Job:
    """Give a run of three hosts, one of which printed something else and failed."""
    gate = console.stage.installation.directory / "one-host-is-odd"
    job = await console.stage.run(encoded(DIFFERENT.format(gate=gate)), A, B, C, task_name="The odd one out")
    await console.stage.wait_end(job)
    return job


async def test_rows_tell_the_letter_of_their_output_and_are_ordered_by_it(console: Console, odd: Job) -> None:
    async with console.visit(address(odd, "?view=table&sort=out")) as page:
        await expect(page.locator(ROW.format(2)).get_by_role("gridcell").last).to_have_text("B")
        await expect(page.locator(ROW.format(2))).to_contain_text("3")
        await expect(page.locator(ROW.format(3)).get_by_role("gridcell").last).to_have_text("A")
        await page.get_by_role("columnheader", name="Output").get_by_role("button").click()
        await expect(page.locator(ROW.format(4)).get_by_role("gridcell").last).to_have_text("B")
        assert "sort=-out" in page.url


async def test_two_chosen_hosts_are_compared(console: Console, odd: Job) -> None:
    async with console.visit(address(odd, "?view=table")) as page:
        for row in (2, 3):
            await page.locator(ROW.format(row)).get_by_role("checkbox").click()
        await page.get_by_role("button", name="Compare the two").click()
        shown = page.locator(".diff-pane")
        await expect(shown).to_contain_text("the odd one")
        await expect(shown).to_contain_text("like the others")
        for side in ("Left side", "Right side"):
            await expect(shown.get_by_label(side).locator("option:checked")).to_have_text(
                re.compile(r"127\.0\.0\.\d, attempt 1")
            )


async def test_the_grid_has_an_order_and_sections_of_the_topology(console: Console, odd: Job) -> None:
    async with console.visit(address(odd)) as page:
        await page.get_by_label("Order of the squares").select_option("Failed first")
        await page.get_by_label("Sections").select_option("By set")
        await expect(page).to_have_url(re.compile("sort=status.*cut=set|cut=set.*sort=status"))
        squares, said = page.locator(".host-grid .squares"), page.locator(".host-grid .squares [aria-live]")
        await squares.press("Home")
        await expect(said).to_contain_text("front")
        await squares.press("End")
        await expect(said).to_contain_text("elsewhere")
        await expect(said).to_contain_text("127.0.0.1 ")


async def test_numbers_lead_to_the_hosts_that_they_count(console: Console, odd: Job) -> None:
    failed = page_of_failed(odd)
    async with console.visit(f"{BIZ}/runs?name=The+odd") as page:
        await page.get_by_role("link", name="1 host failed", exact=True).click()
        await expect(page).to_have_url(failed)
        await page.locator(".progress-line").get_by_role("link", name="3", exact=True).last.click()
        await expect(page).not_to_have_url(re.compile("status="))
        await page.locator(".progress-line").get_by_role("link", name="1 failed").click()
        await expect(page).to_have_url(failed)
        await expect(page.get_by_role("button", name=re.compile("^Failed 1"))).to_have_attribute("aria-pressed", "true")


def page_of_failed(job: Job) -> re.Pattern[str]:
    return re.compile(f"/runs/{job.id}/steps/{job.step_id}[?]status=fail,none|status=fail%2Cnone")


async def test_outputs_open_by_themselves_only_where_they_differ(console: Console, odd: Job) -> None:
    alike = await console.stage.run(encoded("echo the same everywhere"), A, B)
    await console.stage.wait_end(alike)
    async with console.visit(address(alike)) as page:
        await expect(page.locator(".log-row").first).to_contain_text("the same everywhere")
        await expect(page.get_by_role("tab", name="Log")).to_have_attribute("aria-selected", "true")
        await page.goto(address(odd))
        await expect(page.locator(".outputs-pane .letter")).to_have_count(2)


async def test_a_step_is_never_shown_with_the_hosts_and_outputs_of_another(console: Console) -> None:
    gate = console.stage.installation.directory / "one-of-two-is-first"
    plan = await post(console, "/plans/apply", scope="biz:2", toml=APART.format(gate=gate))
    run = await post(console, f"/plans/{plan['plan_id']}/run", scope="biz:2")
    lists, answered = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        lists.set()
        await answered.wait()
        await route.continue_()

    async with console.visit(f"{BIZ}/runs/{run['job_id']}") as page:
        await expect(page.locator(STATUS)).to_have_text("Succeeded")
        steps = page.locator(".steps-list .top")
        await page.goto(f"{await steps.first.get_attribute('href')}")
        await page.get_by_role("tab", name="Table").click()
        await expect(page.locator(ROW.format(3))).to_contain_text("127.0.0.")
        await expect(page.locator(".outputs-pane .letter")).to_have_count(2)
        await page.route(re.compile("/hosts[?]"), hold)
        await steps.last.click()
        await until(lists.is_set)
        await expect(page.locator(".host-pane .skeleton")).to_be_visible()
        await expect(page.locator(".hosts-side .skeleton")).to_be_visible()
        assert await page.locator(".outputs-pane, .host-table [role=row], .host-grid").count() == 0
        answered.set()
        await expect(page.locator(".log-row").first).to_contain_text("the same")
