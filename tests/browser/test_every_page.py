"""Every page, in both languages and both themes: axe is silent, the policy is kept, and pictures are taken.

A page of the browser goes from address to address as people do, by the console's own router: to load the console anew
for each takes six times the processor, and most of the tests beside this one do that.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Page, StorageState
from tests.browser.axe import findings
from tests.browser.listed import ADMIN, NOBODY, Listed, all_clears, all_pages
from tests.browser.visits import PASSWORD, Console, signed_in, watch

SCREENS = Path(__file__).parents[2] / "var/screens"
WINDOWS = 2
"""So many windows a language look at pages at once."""

NOWHERE = "/me/password?between"
"""A page that lies between two others, so that nothing of the one is taken for the other."""

_GO = """async (address) => {
  const { $router } = document.querySelector('#app').__vue_app__.config.globalProperties;
  const failure = await $router.push(address);
  await new Promise(requestAnimationFrame);
  return failure ? String(failure) : null;
}"""


async def test_every_page_can_be_read_by_everybody_in_both_languages_and_themes(console: Console) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    pages = all_pages()
    assert len({page.name for page in pages}) == len(pages)
    try:
        wrong = await walked(console, pages)
    finally:
        for clear in all_clears():
            await clear(console)
    assert not wrong, "\n".join(wrong)


async def walked(console: Console, pages: Sequence[Listed]) -> list[str]:
    """Prepare what pages are about and walk through them; return what is wrong with them."""
    prepares = dict.fromkeys(page.prepare for page in pages if page.prepare is not None)
    made: dict[object, Mapping[str, object]] = {prepare: await prepare(console) for prepare in prepares}
    addresses = [(page, page.address.format(**made.get(page.prepare, {}))) for page in pages]
    states = {person: await state_of(console, person) for person in {page.person for page in pages} - {ADMIN, NOBODY}}
    async with asyncio.TaskGroup() as group:  # where one fails, none goes on beside the next tests
        walks = [
            group.create_task(walk(console, addresses[n::WINDOWS], states, language))
            for language in ("zh", "en")
            for n in range(WINDOWS)
        ]
    return [line for one in walks for line in one.result()]


async def state_of(console: Console, person: str) -> StorageState:
    return await signed_in(console.browser, console.stage, person, PASSWORD)


async def walk(
    console: Console, pages: Sequence[tuple[Listed, str]], states: Mapping[str, StorageState], language: str
) -> list[str]:
    """Return what is wrong with pages in a language; nothing is missed because something else has failed."""
    wrong = []
    for person in dict.fromkeys(page.person for page, _ in pages):
        theirs = [one for one in pages if one[0].person == person]
        state = {"storage_state": states[person]} if person in states else {}
        shared = [one for one in theirs if not one[0].alone]
        for together in [shared, *([one] for one in theirs if one[0].alone)]:
            async with led(console, language, signed_in=person != NOBODY, **state) as (page, misdeeds):
                for at, (listed, address) in enumerate(together):
                    found = [*await tried(page, listed, address, language, framed=at == 0), *misdeeds]
                    wrong += [f"{listed.name} {language}: {line}" for line in found]
                    misdeeds.clear()
    return wrong


@asynccontextmanager
async def led(console: Console, language: str, **window: Any) -> AsyncIterator[tuple[Page, list[str]]]:
    """Give a page that is led from place to place, in a window of its own, and what it does that it must not do."""
    async with console.window(language=language, **window) as opened:
        page = await opened.new_page()
        misdeeds = watch(page)
        await page.goto(NOWHERE)
        await page.locator("form button[type=submit]").wait_for()
        yield page, misdeeds


async def tried(page: Page, listed: Listed, address: str, language: str, *, framed: bool) -> list[str]:
    """Return what is wrong with a page, in light and in dark; that it does not come is wrong, too."""
    try:
        await go(page, listed, address)
        found = await look(page, listed, language, framed=framed)
        await put_away(page)
    except Exception as problem:  # noqa: BLE001 - the others are to be looked at as well
        return [str(problem)]
    return found


async def go(page: Page, listed: Listed, address: str) -> None:
    """Lead a page to an address, until it shows what it is for."""
    await page.evaluate(_GO, NOWHERE)
    failure = await page.evaluate(_GO, address)
    assert failure is None, failure
    await page.locator(listed.ready).first.wait_for()
    if listed.act is not None:
        await listed.act(page)


async def look(page: Page, listed: Listed, language: str, *, framed: bool) -> list[str]:
    """Return what axe finds, and take the pictures; a theme changes colours and nothing else."""
    light = await findings(page, framed=framed)
    await picture(page, listed.name, "zh-light", language)
    await page.emulate_media(color_scheme="dark")
    await page.locator(":root[data-theme=dark]").wait_for()
    dark = await findings(page, colours_only=True, framed=framed)
    await picture(page, listed.name, "en-dark", language)
    await page.emulate_media(color_scheme="light")
    await page.locator(":root[data-theme=light]").wait_for()
    told = {"light": light, "dark": dark}
    return [f"{theme}: {line}" for theme, lines in told.items() for line in lines]


async def put_away(page: Page) -> None:
    """Close what was opened: it may be of the frame, and would stay."""
    for _ in range(3):
        if await page.locator("dialog[open]").count():
            await page.keyboard.press("Escape")
    await page.mouse.move(0, 0)


async def picture(page: Page, name: str, kind: str, language: str) -> None:
    """Take the picture of a page if it is of the kind that is wanted."""
    if kind.startswith(language):
        await page.screenshot(path=SCREENS / f"{name}.{kind}.png")
