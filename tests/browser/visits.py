"""Visits to the console: signed-in pages of one browser, with an eye on what no page may do."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, StorageState
from tests.acceptance.stage import Stage

BIZ = "/biz/2"
"""Where the addresses of the Stage's business begin."""

PASSWORD = "staple, battery"
"""That of the people whom tests make."""

_LOCALES = {"zh": "zh-CN", "en": "en-US"}
_POLICY = re.compile("Content.Security.Policy")


class Console:
    """The console of a running installation, and a browser to look at it with."""

    def __init__(self, browser: Browser, stage: Stage, state: StorageState) -> None:
        self.browser = browser
        self.stage = stage
        self.url = stage.installation.url
        self._state = state

    async def person(self, name: str, role: str) -> StorageState:
        """Make a person with a role in the business; return what a browser keeps when they are signed in.

        Whoever tries what the server keeps with a person (a language, a theme) is somebody of their own: the
        administrator is everybody's.
        """
        headers, http = await self.stage.bearer(), self.stage.http
        made = {"name": name, "password": PASSWORD}
        (await http.post("/api/v1/users", json=made, headers=headers)).raise_for_status()
        given = {"user": name, "scope": "biz:2", "role": role}
        (await http.post("/api/v1/roles", json=given, headers=headers)).raise_for_status()
        return await signed_in(self.browser, self.stage, name, PASSWORD)

    @asynccontextmanager
    async def visit(
        self, address: str, *, theme: str = "light", language: str = "en", signed_in: bool = True, **context: Any
    ) -> AsyncIterator[Page]:
        """Give a page at an address, signed in as the administrator; afterwards it must have behaved.

        Args:
            context: More of Playwright's `new_context`, such as the `storage_state` of another person.

        Raises:
            AssertionError: A script of the page failed, or the page did what its policy forbids.
        """
        async with (
            self.window(theme=theme, language=language, signed_in=signed_in, **context) as opened,
            looking(opened, address) as page,
        ):
            yield page

    @asynccontextmanager
    async def window(
        self, *, theme: str = "light", language: str = "en", signed_in: bool = True, **context: Any
    ) -> AsyncIterator[BrowserContext]:
        """Give a window that knows nothing of other windows; its pages share what they have loaded."""
        opened = await self.browser.new_context(
            base_url=self.url,
            color_scheme="dark" if theme == "dark" else "light",
            locale=_LOCALES[language],
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **(
                {"viewport": {"width": 1360, "height": 860}, "storage_state": self._state if signed_in else None}
                | context
            ),
        )
        opened.set_default_timeout(30_000)
        try:
            yield opened
        finally:
            await opened.close()


@asynccontextmanager
async def looking(window: BrowserContext, address: str) -> AsyncIterator[Page]:
    """Give a new page of a window at an address; afterwards it must have behaved, as `Console.visit` says."""
    page = await window.new_page()
    wrong = watch(page)
    try:
        await page.goto(address)
        yield page
        assert wrong == [], wrong
    finally:
        await page.close()


def watch(page: Page) -> list[str]:
    """Return a list that fills with what a page must not do: errors of scripts, and breaches of its policy."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if _POLICY.search(message.text) else None)
    return wrong


async def signed_in(browser: Browser, stage: Stage, username: str, password: str) -> StorageState:
    """Return what a browser keeps of somebody who is signed in."""
    context = await browser.new_context(base_url=stage.installation.url)
    sent = {"username": username, "password": password}
    try:
        answer = await context.request.post("/api/v1/session", data=sent)
        assert answer.ok, await answer.text()
        return await context.storage_state()
    finally:
        await context.close()


async def answered(page: Page) -> None:
    """Return once the server has answered a page: what either of them sent before has arrived at the other."""
    await page.evaluate("fetch('/api/v1/session').then((answer) => answer.text())")
