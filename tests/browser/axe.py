"""What readers of the screen would trip over, found by axe (WCAG 2.1 A and AA)."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

SOURCE = Path(__file__).parents[2] / "console/node_modules/axe-core/axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
_RUN = """async (only) => {
  const found = await axe.run(document, { runOnly: only, resultTypes: ['violations'], elementRef: false });
  return found.violations.flatMap((one) => one.nodes.slice(0, 3).map((node) => (
    `${one.id}: ${node.target.join(' ')}: ${node.failureSummary.split('\\n').slice(1, 3).join(' ').trim()}`)));
}"""


async def findings(page: Page, *, colours_only: bool = False) -> list[str]:
    """Return what is wrong on a page, in words."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_source())
    only: dict[str, Any] = {"type": "tag", "values": _TAGS}
    if colours_only:
        only = {"type": "rule", "values": ["color-contrast"]}
    found: list[str] = await page.evaluate(_RUN, only)
    return found


@cache
def _source() -> str:
    return SOURCE.read_text(encoding="utf-8")
