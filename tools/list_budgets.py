"""Measure lists: the hosts of the installation, and 100,000 scripts."""

from bench import scripts
from bench.installation import Installation
from playwright.async_api import Page
from tools.budget_rows import BIZ, Row

ANSWER_MS = 300
PAINT_MS = 300
"""The brief names numbers for the hosts of a run only: lists are held to the same."""

WATCH = """
(() => {
  const look = new MutationObserver(() => {
    if (!document.querySelector('.table tbody tr')) return;
    look.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.rows_ms = performance.now(); }));
  });
  look.observe(document, { childList: true, subtree: true });
})();
"""
SHOWN = """
(path) => {
  const asked = performance.getEntriesByType('resource').filter((one) => one.name.includes(path)).at(0);
  return { answer_ms: asked.responseEnd - asked.requestStart, paint_ms: rows_ms - asked.responseEnd };
}
"""
LISTS = {
    "list of hosts": (f"{BIZ}/hosts", "/api/v1/hosts?", ""),
    "list of hosts, by a text": (f"{BIZ}/hosts?q=10.0.0.", "/api/v1/hosts?", "10.0.0."),
    "100,000 scripts": (f"{BIZ}/scripts", "/api/v1/scripts?", ""),
    "100,000 scripts, by a name": (f"{BIZ}/scripts?q=12345", "/api/v1/scripts?", "12345"),
}


async def measure(page: Page, place: Installation) -> list[Row]:
    """Return all rows; a list is measured the second time that it is opened, when its files are here."""
    await scripts.furnish(place.server.database_url())
    await page.add_init_script(WATCH)
    rows: list[Row] = []
    for name, (address, path, text) in LISTS.items():
        for _ in range(2):
            await page.goto(address)
            await page.locator(".table tbody tr", has_text=text).first.wait_for()
            await page.wait_for_function("() => window.rows_ms")
            found = await page.evaluate(SHOWN, path)
        rows.append(Row(f"{name}: answer", found["answer_ms"], ANSWER_MS, "ms"))
        rows.append(Row(f"{name}: data to paint", found["paint_ms"], PAINT_MS, "ms"))
    return rows
