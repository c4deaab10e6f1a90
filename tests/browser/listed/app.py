"""The pages of the frame: signing in, home, one's own."""

import base64
from collections.abc import Mapping

from playwright.async_api import Page
from tests.acceptance.declared import A, B, C
from tests.browser.listed import Listed
from tests.browser.visits import BIZ, Console

_FAILS = "test $JOBFLEET_NEVER_SET = 1; exit 3"
_LASTS = "sleep 45"


def _coded(script: str) -> str:
    return base64.b64encode(script.encode()).decode()


async def busy(console: Console) -> Mapping[str, object]:
    """Let there be something to see at home: a run that failed, one that is at work, and one that is over."""
    stage = console.stage
    over = await stage.run(_coded("hostname"), A, B, C, task_name="Look around")
    failed = await stage.run(_coded(_FAILS), A, C, task_name="Nightly backup")
    await stage.run(_coded(_LASTS), A, B, C, task_name="Rolling nginx")
    await stage.wait_end(over)
    await stage.wait_end(failed)
    return {}


async def search(page: Page) -> None:
    """Open the palette and look for something."""
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox").fill("127.0.0")
    await page.get_by_role("option").filter(has_text="127.0.0.3").wait_for()


async def choose_token(page: Page) -> None:
    """Open the form of a new token."""
    await page.locator(".page-header .button.primary").click()
    await page.locator("dialog[open] input").first.wait_for()


PAGES = (
    Listed("sign-in", "/sign-in", "form button[type=submit]", signed_in=False),
    Listed("home", f"{BIZ}/home", ".home-list .failed-hosts", busy),
    Listed("palette", f"{BIZ}/home", "h1", act=search),
    Listed("own-tokens", "/me/tokens", ".panel .empty, .panel table"),
    Listed("own-token-new", "/me/tokens", ".panel .empty, .panel table", act=choose_token),
    Listed("own-password", "/me/password", "form button[type=submit]"),
    Listed("missing", f"{BIZ}/nothing-like-this", ".empty"),
)
