"""Home, as a day begins with it: one's own plans, what comes and on how many hosts."""

import time

from playwright.async_api import expect
from tests.browser.listed.jobs import SCOPE, WEB, post, script_step
from tests.browser.test_jobs import fresh
from tests.browser.visits import BIZ, Console


async def test_a_starred_plan_comes_first_and_what_fires_next_says_on_how_many_hosts(console: Console) -> None:
    name = fresh("Morning")
    made = await post(console, "/templates", **SCOPE, name=name, steps=[script_step("x", "true\n")], variables=[WEB])
    plans = [await post(console, f"/templates/{made['id']}/plans", **SCOPE, name=f"{name} {which}") for which in "ab"]
    soon = {"name": f"{name} soon", "plan_id": plans[0]["id"], "execute_at": int(time.time() * 1000) + 3_600_000}
    schedule = await post(console, "/schedules", **SCOPE, **soon, time_zone="UTC")
    await post(console, f"/schedules/{schedule['schedule']['id']}/enable")
    async with console.visit(f"{BIZ}/jobs/{made['id']}") as page:
        lines = page.locator(".plan-line")
        await expect(lines.first).to_contain_text(f"{name} b")
        await lines.filter(has_text=f"{name} a").get_by_role("button", name="Favourite").click()
        await expect(lines.first).to_contain_text(f"{name} a")
        await page.goto(f"{BIZ}/home")
        mine = page.locator(".panel").filter(has_text="My jobs")
        await expect(mine.get_by_role("link", name=f"{name} a")).to_be_visible()
        coming = page.locator(".panel").filter(has_text="Next 24 hours")
        await expect(coming.get_by_role("listitem").filter(has_text=f"{name} soon")).to_contain_text("2 hosts")
        await page.goto(f"{BIZ}/jobs/{made['id']}")
        star = lines.filter(has_text=f"{name} a").get_by_role("button", name="Favourite", pressed=True)
        async with page.expect_response("**/api/v1/favourites/delete") as taken_off:
            await star.click()
        assert (await taken_off.value).ok
    await post(console, f"/schedules/{schedule['schedule']['id']}/delete")
