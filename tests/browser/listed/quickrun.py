"""The pages of quick runs, and the list of runs."""

import base64
from collections.abc import Mapping

from playwright.async_api import Page, expect
from tests.acceptance.declared import A, B
from tests.browser.listed import Listed
from tests.browser.visits import BIZ, Console


async def runs(console: Console) -> Mapping[str, object]:
    """Run something that succeeds and something that fails, so that a list has both."""
    good = base64.b64encode(b"echo fine").decode()
    bad = base64.b64encode(b"echo broken >&2; exit 3").decode()
    first = await console.stage.run(good, A, B, task_name="Check the disks")
    second = await console.stage.run(bad, A, task_name="Restart nginx")
    for job in (first, second):
        await console.stage.wait_end(job)
    return {"good": first.id, "bad": second.id}


async def written(page: Page) -> None:
    """Fill a script in: the page is to be looked at as it is used."""
    code = page.locator(".code-editor .cm-content")
    await code.click()
    await page.keyboard.insert_text(
        "#!/bin/bash\nset -euo pipefail\ncd /var/log\nrm -rf /etc\nsystemctl restart nginx\n"
    )
    box = page.locator(".target-box input.write")
    await box.fill("127.0.0.[1-3]")
    await box.press("Enter")
    await box.fill("10.0.0.10")
    await box.press("Enter")
    await box.fill("web-77")
    await box.press("Enter")
    await expect(page.locator(".target-findings > li").first).to_be_visible()


async def as_sql(page: Page) -> None:
    """Write a query for a database account."""
    await page.locator(".choice label", has_text="SQL").click()
    await page.locator(".code-editor .cm-content").click()
    await page.keyboard.insert_text("SELECT host, state\nFROM replica\nWHERE lag_s > 30;\n")
    box = page.locator(".target-box input.write")
    await box.fill("127.0.0.1")
    await box.press("Enter")
    await page.locator(".target-box .tag .count").wait_for()


async def filled(page: Page) -> None:
    """Choose hosts that files come from and go to."""
    await page.locator(".quick-form button", has_text="+").nth(1).click()
    await page.locator(".file-sources .write").fill("127.0.0.1")
    await page.keyboard.press("Enter")
    await page.locator(".file-sources textarea").fill("/etc/hostname\n/var/log/")
    await page.locator(".path-input input").fill("/data/[FILESRCIP]/")
    box = page.locator(".target-box input.write").last
    await box.fill("127.0.0.2")
    await box.press("Enter")
    await expect(page.locator(".preview-panel code").first).to_be_visible()


PAGES = (
    Listed("quick-script", f"{BIZ}/run/script", ".code-editor[data-ready]"),
    Listed("quick-script-filled", f"{BIZ}/run/script?hosts=", ".code-editor[data-ready]", act=written),
    Listed("quick-script-from-run", f"{BIZ}/run/script?from=run:{{good}}", ".preview-panel .big", prepare=runs),
    Listed("quick-sql", f"{BIZ}/run/script?hosts=", ".code-editor[data-ready]", act=as_sql),
    Listed("quick-file", f"{BIZ}/run/file", ".path-input"),
    Listed("quick-file-filled", f"{BIZ}/run/file?hosts=", ".path-input", act=filled),
    Listed("runs", f"{BIZ}/runs", ".runs-table tbody tr", prepare=runs),
    Listed("runs-none", f"{BIZ}/runs?name=nothing-like-this", ".empty"),
)
