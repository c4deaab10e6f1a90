"""What readers of the screen would trip over, found by axe (WCAG 2.1 A and AA)."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

SOURCE = Path(__file__).parents[2] / "console/node_modules/axe-core/axe.min.js"
FRAME = (".top-bar", ".side-menu")
"""What stands around every page, and is the same on each."""

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
_RUN = """async ([within, only]) => {
  const found = await axe.run(within, { runOnly: only, resultTypes: ['violations'], elementRef: false });
  return found.violations.flatMap((one) => one.nodes.slice(0, 3).map((node) => (
    `${one.id}: ${node.target.join(' ')}: ${node.failureSummary.split('\\n').slice(1, 3).join(' ').trim()}`)));
}"""


async def findings(page: Page, *, colours_only: bool = False, framed: bool = True) -> list[str]:
    """Return what is wrong on a page, in words; what stands around it is left out if it is not `framed`."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_source())
    only: dict[str, Any] = {"type": "tag", "values": _TAGS}
    if colours_only:
        only = {"type": "rule", "values": ["color-contrast"]}
    within: dict[str, Any] = {"include": [["html"]], "exclude": [] if framed else [[part] for part in FRAME]}
    found: list[str] = await page.evaluate(_RUN, [within, only])
    return found


@cache
def _source() -> str:
    return SOURCE.read_text(encoding="utf-8")
