"""The pages of the frame: signing in, home, one's own."""

import asyncio
import base64
from collections.abc import Mapping
from typing import Any

from playwright.async_api import Page
from tests.acceptance.declared import EMPTY_BUSINESS, A, B, C
from tests.browser.listed import NOBODY, Listed
from tests.browser.listed.jobs import post
from tests.browser.run_samples import end, gate_of
from tests.browser.visits import BIZ, PASSWORD, Console, answered
from tests.waiting import WITHIN_S

_FAILS = "test $JOBFLEET_NEVER_SET = 1; exit 3"
_LASTS = "until [ -e {gate} ]; do sleep 1; done"
LASTING = "Rolling nginx"
ONLOOKER, STRANGER = "listed-onlooker", "listed-stranger"


def _coded(script: str) -> str:
    return base64.b64encode(script.encode()).decode()


async def busy(console: Console) -> Mapping[str, object]:
    """Let there be something to see at home: a run that failed, one that is at work, and one that is over."""
    stage = console.stage
    over = await stage.run(_coded("hostname"), A, B, C, task_name="Look around")
    failed = await stage.run(_coded(_FAILS), A, C, task_name="Nightly backup")
    await stage.run(_coded(_LASTS.format(gate=gate_of(console))), A, B, C, task_name=LASTING, timeout=900)
    await stage.wait_end(over)
    await stage.wait_end(failed)
    return {}


async def clear(console: Console) -> None:
    """Let the run that is at work come to its end."""
    await end(console, LASTING)


async def people(console: Console) -> Mapping[str, object]:
    """Make a business that nothing has happened in, somebody who only looks, and somebody who may enter nothing."""
    await console.stage.database.execute(
        "INSERT INTO business (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", EMPTY_BUSINESS, "Listed team"
    )
    for name in (ONLOOKER, STRANGER):
        await post(console, "/users", name=name, password=PASSWORD)
    await post(console, "/roles", user=ONLOOKER, scope="biz:2", role="viewer")
    return {}


async def show_keys(page: Page) -> None:
    """Ask which keys there are."""
    await page.keyboard.press("?")
    await page.locator("dialog[open] .key-help dd").first.wait_for()


async def first_word(page: Page) -> asyncio.Event:
    """Return what happens when a page's next stream says its first word; Playwright tells of whole answers only."""
    heard, streams = asyncio.Event(), set[str]()

    def sent(told: Mapping[str, Any]) -> None:
        if "/api/v1/stream?" in told["request"]["url"]:
            streams.add(told["requestId"])

    def received(told: Mapping[str, Any]) -> None:
        if told["requestId"] in streams:
            heard.set()

    line = await page.context.new_cdp_session(page)
    line.on("Network.requestWillBeSent", sent)
    line.on("Network.dataReceived", received)
    await line.send("Network.enable")
    return heard


async def cut_the_line(page: Page) -> None:
    """Have the stream of a page come to an end, and no other begin; its own clock is put forward."""
    address = page.url
    await page.goto("about:blank")
    heard = await first_word(page)
    await page.clock.install()
    await page.goto(address)
    await page.locator(".home-list li").first.wait_for()
    await asyncio.wait_for(heard.wait(), WITHIN_S)
    await answered(page)  # the page has heard it, too
    await page.route("**/api/v1/stream**", lambda route: route.abort())
    await page.clock.run_for(60_000)
    await page.locator(".live-note").wait_for()


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
    Listed("sign-in", "/sign-in", "form button[type=submit]", person=NOBODY),
    Listed("home", f"{BIZ}/home", ".home-list .failed-hosts", busy),
    Listed("palette", f"{BIZ}/home", "h1", act=search),
    Listed("own-tokens", "/me/tokens", ".panel .empty, .panel table"),
    Listed("own-token-new", "/me/tokens", ".panel .empty, .panel table", act=choose_token),
    Listed("own-password", "/me/password", "form button[type=submit]"),
    Listed("missing", f"{BIZ}/nothing-like-this", ".empty"),
    Listed("old-link-lost", "/api_execute/999999", ".panel .empty"),
    Listed("first-steps", f"/biz/{EMPTY_BUSINESS}/home", ".first-start .button.primary", people),
    Listed("keys", f"{BIZ}/home", "h1", act=show_keys),
    Listed("live-paused", f"{BIZ}/home", ".home-list li", busy, act=cut_the_line, alone=True),
    Listed("refused", "/platform/analytics?scope=nonsense", ".error-note code"),
    Listed("forbidden", "/platform/settings", ".error-note", people, person=ONLOOKER),
    Listed("not-allowed", f"{BIZ}/jobs", ".button[aria-disabled]", people, person=ONLOOKER),
    Listed("nowhere", "/", ".empty", people, person=STRANGER),
)
