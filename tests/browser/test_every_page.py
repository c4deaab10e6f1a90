"""Every page, in both languages and both themes: axe is silent, the policy is kept, and pictures are taken."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from playwright.async_api import BrowserContext, Page
from tests.browser.axe import findings
from tests.browser.listed import Listed, all_pages
from tests.browser.visits import Console, looking

SCREENS = Path(__file__).parents[2] / "var/screens"
WINDOWS = 2
"""So many windows a language look at pages at once."""


async def test_every_page_can_be_read_by_everybody_in_both_languages_and_themes(console: Console) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    pages = all_pages()
    assert len({page.name for page in pages}) == len(pages)
    prepares = dict.fromkeys(page.prepare for page in pages if page.prepare is not None)
    made: dict[object, Mapping[str, object]] = {prepare: await prepare(console) for prepare in prepares}
    addresses = [(page, page.address.format(**made.get(page.prepare, {}))) for page in pages]
    walks = [walk(console, addresses[n::WINDOWS], language) for language in ("zh", "en") for n in range(WINDOWS)]
    wrong = [line for lines in await asyncio.gather(*walks) for line in lines]
    assert not wrong, "\n".join(wrong)


async def walk(console: Console, pages: Sequence[tuple[Listed, str]], language: str) -> list[str]:
    """Return what is wrong with pages in a language; nothing is missed because something else has failed."""
    wrong = []
    async with console.window(language=language) as window, console.window(language=language, signed_in=False) as bare:
        for page, address in pages:
            try:
                wrong += await look(window if page.signed_in else bare, page, address, language)
            except Exception as problem:  # noqa: BLE001 - the others are to be looked at as well
                wrong.append(f"{page.name} {language}: {problem}")
    return wrong


async def look(window: BrowserContext, listed: Listed, address: str, language: str) -> list[str]:
    """Return what axe finds in a language, in light and in dark; a theme changes colours and nothing else."""
    async with looking(window, address) as page:
        await page.locator(listed.ready).first.wait_for()
        if listed.act is not None:
            await listed.act(page)
        light = await findings(page)
        await picture(page, listed.name, "zh-light", language)
        await page.emulate_media(color_scheme="dark")
        await page.locator(":root[data-theme=dark]").wait_for()
        dark = await findings(page, colours_only=True)
        await picture(page, listed.name, "en-dark", language)
    told = {"light": light, "dark": dark}
    return [f"{listed.name} {language} {theme}: {line}" for theme, lines in told.items() for line in lines]


async def picture(page: Page, name: str, kind: str, language: str) -> None:
    """Take the picture of a page if it is of the kind that is wanted."""
    if kind.startswith(language):
        await page.screenshot(path=SCREENS / f"{name}.{kind}.png")
