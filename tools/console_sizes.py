"""Measure what a browser loads for the page of a run and for the editor, against the budgets; fail when it is more.

It reads the manifest that the build writes; sizes are of the compressed files that servers send.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parents[1] / "src/jobfleet/api/console/static"
ENTRY = "index.html"
RUN_PAGE = (
    ENTRY,
    "src/pages/runs/RunPage.vue",
    "src/pages/runs/panes/LogPane.vue",
    "src/pages/runs/panes/OutputsPane.vue",
)
LANGUAGES = ("src/i18n/en.ts", "src/i18n/zh.ts")
"""A page loads one of them."""

EDITOR = "src/ui/CodeEditor.vue"
MAX_RUN_PAGE_BYTES = 230_000
MAX_EDITOR_BYTES = 130_000

Manifest = dict[str, dict[str, Any]]


def files_of(manifest: Manifest, sources: Iterable[str]) -> set[str]:
    """Return the files that sources need at once: their own, their styles, and those of what they import."""
    found: set[str] = set()
    seen: set[str] = set()
    left = [source for source in sources if source in manifest]
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            chunk = manifest[name]
            found |= {chunk["file"], *chunk.get("css", ())}
            left += chunk.get("imports", ())
    return {name for name in found if name.endswith((".js", ".css"))}


def sent_bytes(static: Path, names: Iterable[str]) -> int:
    """Return how many bytes are sent for files: small ones have no compressed sibling."""
    pairs = ((static / name, static / f"{name}.gz") for name in names)
    return sum((packed if packed.exists() else plain).stat().st_size for plain, packed in pairs)


def measure(static: Path) -> list[tuple[str, int, int]]:
    """Return name, bytes and budget of each size."""
    manifest: Manifest = json.loads((static / ".vite/manifest.json").read_text())
    page = max(sent_bytes(static, files_of(manifest, [*RUN_PAGE, language])) for language in LANGUAGES)
    rows = [("script and style of the run page", page, MAX_RUN_PAGE_BYTES)]
    if EDITOR in manifest:
        more = files_of(manifest, [EDITOR]) - files_of(manifest, [ENTRY])
        rows.append(("script and style of the editor", sent_bytes(static, more), MAX_EDITOR_BYTES))
    return rows


def main() -> int:
    """Print sizes and budgets; return 1 when one is exceeded."""
    rows = measure(STATIC)
    for name, size, most in rows:
        told = "" if size <= most else "  TOO MUCH"
        sys.stdout.write(f"{name:<44}{size / 1000:>9.1f} kB  at most {most / 1000:.0f} kB{told}\n")
    return int(any(size > most for _, size, most in rows))


if __name__ == "__main__":
    sys.exit(main())
