"""Governance and platform pages: what is done in them counts, and is found again."""

import asyncio
import base64
import re
from functools import partial

from playwright.async_api import Locator, Page, Route, expect
from tests.acceptance.declared import A
from tests.browser.visits import BIZ, Console, signed_in
from tests.waiting import eventually


def coded(script: str) -> str:
    return base64.b64encode(script.encode()).decode()


async def test_a_rule_made_in_the_page_blocks_a_run_and_the_hit_shows_script_and_person(console: Console) -> None:
    script = "echo before\nbrowser-forbids-77\necho after\n"
    async with console.visit("/platform/dangerous-rules") as page:
        await page.get_by_role("button", name="New rule").first.click()
        form = page.get_by_role("dialog")
        await form.get_by_label("Expression").fill(r"browser-forbids-\d+")
        await form.get_by_label("Try it on a text").fill(script)
        await expect(form.get_by_role("status")).to_contain_text("1 of 3 lines hit")
        await form.get_by_text("Block", exact=True).click()
        await form.get_by_role("button", name="Save").click()
        row = page.get_by_role("row", name=re.compile("browser-forbids"))
        await expect(row).to_contain_text("Block")
        wanted = {"script_content": coded(script), "script_language": 1, "account_alias": "root"}
        target = {"target_server": {"host_id_list": [1]}, "bk_scope_type": "biz", "bk_scope_id": "2"}
        refused = await console.stage.admin.v3("fast_execute_script", **wanted, **target)
        assert refused["code"] == 1244019
        await page.goto(f"{BIZ}/rule-hits?action=intercept")
        hit = page.get_by_role("row", name=re.compile("browser-forbids"))
        await expect(hit).to_contain_text("admin")
        await expect(hit).to_contain_text("refused")
        await hit.get_by_role("button", name="Show the script at line 2").click()
        await expect(page.locator(".hit-script")).to_contain_text("echo after")
        await expect(page.locator(".hit-script .hit")).to_contain_text("browser-forbids-77")
        await page.reload()
        await expect(page.locator(".hit-script .hit")).to_contain_text("browser-forbids-77")
        await page.goto("/platform/dangerous-rules?expression=browser-forbids")
        await page.get_by_role("button", name=re.compile("Actions on browser")).click()
        await page.get_by_role("menuitem", name="Remove").click()
        await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(page.get_by_text("Nothing matches these filters.")).to_be_visible()


async def test_the_sums_of_analytics_and_health_lead_to_lists_that_count_the_same(console: Console) -> None:
    job = await console.stage.run(coded("exit 3"), A, task_name="counted")
    await console.stage.wait_end(job)
    async with console.visit("/platform/analytics") as page:
        for number in range(4):
            await eventually(partial(sum_and_list, page, number), lambda counts: counts[0] == counts[1])
        await page.goto("/platform/runs?app=nobody")
        await expect(page.get_by_text("No run matches")).to_be_visible()
        await page.goto("/platform/runs?name=counted&status=failed")
        row = page.locator(".runs-table tbody tr").filter(has_text=f"#{job.id}")
        await row.get_by_role("link", name="counted").click()
        await page.wait_for_url(f"**{BIZ}/runs/{job.id}/steps/**")
        await page.goto("/platform/system")
        at_work = page.get_by_role("definition").filter(has=page.locator("a[href*='platform/runs']")).first
        await at_work.get_by_role("link").click()
        await page.wait_for_url("**/platform/runs?status=pending,running,stopping")


async def sum_and_list(page: Page, number: int) -> tuple[str, str]:
    """Follow a sum; return what it says and what its list says: runs of others come and end between the two."""
    await page.goto("/platform/analytics")
    link = page.locator(".sums li").nth(number).get_by_role("link")
    said = await link.inner_text()
    await link.click()
    await page.wait_for_url("**/platform/runs?**")
    counted, none = page.locator(".runs-pages .muted"), page.get_by_text("No run matches")
    await expect(counted.or_(none)).to_be_visible()
    return said, "0" if await none.is_visible() else (await counted.inner_text()).rpartition(" of ")[2]


async def test_audit_filters_are_the_address_and_rows_lead_to_what_they_are_about(console: Console) -> None:
    job = await console.stage.run(coded("true"), 1)
    async with console.visit(f"{BIZ}/audit?action=quick_execute_script&username=admin") as page:
        await expect(page.get_by_role("search")).to_contain_text("Quick Execute Script")
        await page.get_by_role("link", name=f"Run {job.id}").first.click()
        await page.wait_for_url(re.compile(rf"{BIZ}/runs/{job.id}"))
        await page.go_back()
        await page.wait_for_url(re.compile(r"/audit\?action=quick_execute_script&username=admin$"))
        await page.get_by_role("row", name=re.compile(f"start job {job.id}")).get_by_role("button").click()
        await expect(page.get_by_role("dialog")).to_contain_text("127.0.0.1")
        address = page.url
        await page.goto(address)
        await expect(page.get_by_role("dialog")).to_contain_text(f"start job {job.id}")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Export").click()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Table (CSV)").click()
        assert (await download.value).suggested_filename == "audit.csv"
        await page.keyboard.press("Escape")
        bar = page.get_by_role("search")
        await bar.get_by_role("button", name="Quick Execute Script").first.click()
        await bar.get_by_role("searchbox", name="Find").fill("tag")
        await bar.get_by_role("checkbox", name="Create Tag").click()
        await page.wait_for_url(re.compile(r"[?&]action=create_tag(&|$)"))
        await page.goto(f"{BIZ}/audit?until=someday")
        bar = page.get_by_role("search")
        await expect(bar).to_contain_text("someday (no time, not applied)")
        await bar.get_by_role("button", name="someday").click()
        await bar.get_by_label("Until", exact=True).fill("2025-11-22T08:00")
        await bar.get_by_role("button", name="OK").click()
        await expect(bar).to_contain_text("11/22/2025, 08:00")
        await page.wait_for_url(re.compile(r"/audit\?until=17637\d{8}$"))


async def test_a_user_made_and_given_a_role_sees_what_the_role_allows_and_nothing_else(console: Console) -> None:
    async with console.visit("/platform/users") as page:
        await page.get_by_role("button", name="New user").first.click()
        form = page.get_by_role("dialog")
        await form.get_by_label("Name").fill("browser-viewer")
        await form.get_by_label("Password").fill("staple, battery")
        await form.get_by_role("button", name="New user").click()
        person = page.get_by_role("dialog", name="User browser-viewer")
        await person.get_by_label("Where").select_option("biz:2")
        await person.get_by_label("Role", exact=True).select_option("viewer")
        await person.get_by_role("button", name="Give role").click()
        await expect(person.locator(".roles")).to_contain_text("Viewer")
        await found_beside_a_filter(page, person)
    viewer = await signed_in(console.browser, console.stage, "browser-viewer", "staple, battery")
    async with console.visit(f"{BIZ}/home", storage_state=viewer) as page:
        menu = page.get_by_role("navigation", name="Menu")
        await expect(menu.get_by_role("link", name="Audit")).to_be_visible()
        await expect(menu.get_by_role("link", name="Users and roles")).to_have_count(0)
        await forbidden(page, "/platform/users", "Global Settings")
        await forbidden(page, f"{BIZ}/audit", "View Audit")


async def found_beside_a_filter(page: Page, person: Locator) -> None:
    """See that nobody is said to be gone while they are asked for, or cannot be."""
    asked = re.compile(r"/api/v1/users\?.*name=browser-viewer")
    held = asyncio.Event()

    async def refuse(route: Route) -> None:
        await held.wait()
        await route.fulfill(status=403, json={})

    await page.route(asked, refuse)
    await page.goto("/platform/users?q=nobody-is-called-so&user=browser-viewer")
    await expect(page.locator(".panel .empty")).to_be_visible()
    await expect(person).to_be_visible()
    await expect(person).not_to_contain_text("There is no such user")
    held.set()
    await expect(person.get_by_role("alert")).to_be_visible()
    await page.unroute(asked)
    await person.get_by_role("button", name="Retry").click()
    await expect(person.locator(".roles")).to_contain_text("Viewer")


async def forbidden(page: Page, address: str, permission: str) -> None:
    """See that a page names the missing permission, and who can grant it."""
    await page.goto(address)
    note = page.get_by_role("alert").first
    await expect(note).to_contain_text(permission)
    await expect(note).to_contain_text("admin")


async def test_the_secret_of_an_api_client_is_shown_once_and_works(console: Console) -> None:
    async with console.visit(f"{BIZ}/api-clients") as page:
        await page.get_by_role("button", name="New API client").first.click()
        form = page.get_by_role("dialog")
        await form.get_by_label("Code").fill("browser-ci")
        await form.get_by_text("It may name the user that it acts for").click()
        await form.get_by_role("button", name="New API client").click()
        secret = (await page.locator(".shown-secret").inner_text()).strip()
        who = {"bk_app_code": "browser-ci", "bk_app_secret": secret, "bk_username": "admin"}
        asked = who | {"bk_scope_type": "biz", "bk_scope_id": "2"}
        answer = await console.stage.http.get("/api/c/compapi/v2/jobv3/get_account_list/", params=asked)
        assert answer.json()["code"] == 0
        await page.keyboard.press("Escape")
        await page.reload()
        await expect(page.get_by_role("row", name=re.compile("browser-ci"))).to_be_visible()
        assert secret not in await page.content()


async def test_a_change_of_a_setting_counts_and_is_in_the_trail(console: Console) -> None:
    async with console.visit("/platform/settings#max_timeout_s") as page:
        await page.get_by_role("button", name="Change max_timeout_s").click()
        field = page.get_by_label("Value")
        await field.fill("0")
        await expect(page.get_by_text("This is no value for it.")).to_be_visible()
        await field.fill("250000")
        await page.get_by_role("button", name="Save").click()
        setting = page.locator("#max_timeout_s")
        await expect(setting).to_contain_text("250000")
        await expect(setting).to_contain_text("Set by admin")
        await setting.get_by_role("button", name="To the default").click()
        await expect(setting).to_contain_text("259200")
        await setting.get_by_role("link", name="Changes").click()
        row = page.get_by_role("row", name=re.compile("set max_timeout_s")).first
        await row.get_by_role("button").click()
        await expect(page.get_by_role("dialog")).to_contain_text("250000")
