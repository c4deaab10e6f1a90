"""The tutorial of the console, walked in both languages; `make pictures` keeps what it sees beside the tutorial.

Source: docs/tutorial/first-run-in-the-console.md.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from tests.browser.test_runview import STATUS
from tests.browser.visits import BIZ, Console

PICTURES = Path(os.environ.get("JOBFLEET_TEST_PICTURES") or Path(__file__).parents[2] / "var/pictures")
_WORDS = {
    "en": {
        "quick": "Quick run",
        "script": "Script",
        "targets": "Targets",
        "run": "Run",
        "hosts": "Hosts",
        "done": "Succeeded",
    },
    "zh": {
        "quick": "快速执行",
        "script": "脚本",
        "targets": "执行目标",
        "run": "执行",
        "hosts": "主机",
        "done": "执行成功",
    },
}


async def keep(page: Page, name: str, language: str) -> None:
    """Take a picture for the tutorial."""
    await page.screenshot(path=PICTURES / f"{name}.{language}.png")


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_newcomer_runs_a_script_on_three_hosts(console: Console, language: str) -> None:
    words = _WORDS[language]
    async with console.visit(f"{BIZ}/home", language=language, viewport={"width": 1180, "height": 700}) as page:
        menu = page.locator(".side-menu")
        await menu.get_by_role("link", name=words["hosts"], exact=True).click()
        await expect(page.get_by_role("row").filter(has_text="127.0.0.3")).to_be_visible()
        await keep(page, "hosts", language)
        await menu.get_by_role("link", name=words["quick"]).click()
        await page.get_by_role("textbox", name=words["script"], exact=True).click()
        await page.keyboard.type("hostname; uptime")
        await page.get_by_role("textbox", name=words["targets"], exact=True).click()
        await page.keyboard.type("127.0.0.1 127.0.0.2 127.0.0.3 ")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("complementary")).to_contain_text("3")
        run = page.get_by_role("button", name=words["run"], exact=True)
        await expect(run).not_to_have_attribute("aria-disabled", "true")
        await keep(page, "quick-run", language)
        await run.click()
        await page.wait_for_url(re.compile(rf"{BIZ}/runs/\d+"))
        await expect(page.locator(STATUS)).to_have_text(words["done"])
        # What the hosts printed: their logs, or groups of outputs where a second passed from one host to another.
        await expect(page.locator(".log-row, [role=tabpanel] li").first).to_be_visible()
        await keep(page, "run", language)
