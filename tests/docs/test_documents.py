"""Documents link to what exists, and each decision says what it should."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
DECISIONS = sorted((ROOT / "docs/adr").glob("*.md"))
LINK = re.compile(r"\[[^\]]*\]\((?!https?://|#|mailto:)([^)#\s]+)")
SOURCE = re.compile(r"(docs/[\w/.-]+\.md)")
SECTIONS = re.compile(r"(docs/[\w/.-]+\.md), ((?:«[^»]+»(?:,| and|\s)*)+)")
HEADING = re.compile(r"^#+ +(.*?) *$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_a_decision_has_context_decision_and_consequences(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert all(f"## {part}" in text for part in ("Context", "Decision", "Consequences"))


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [page.name[:4] for page in DECISIONS] == [f"{number:04d}" for number in range(1, len(DECISIONS) + 1)]


def test_every_document_that_the_code_names_exists() -> None:
    named = {
        (path.relative_to(ROOT), document)
        for path in (ROOT / "src").rglob("*.py")
        for document in SOURCE.findall(path.read_text(encoding="utf-8"))
    }
    assert {(path, document) for path, document in named if not (ROOT / document).exists()} == set()


def test_every_section_that_the_code_names_exists() -> None:
    missing = [
        (path.name, document, section)
        for path in (ROOT / "src").rglob("*.py")
        for document, sections in SECTIONS.findall(" ".join(path.read_text(encoding="utf-8").split()))
        for section in re.findall("«([^»]+)»", sections)
        if section not in HEADING.findall((ROOT / document).read_text(encoding="utf-8"))
    ]
    assert missing == []


def test_the_index_has_every_page() -> None:
    docs = ROOT / "docs"
    linked = {(docs / link).resolve() for link in LINK.findall((docs / "README.md").read_text(encoding="utf-8"))}
    pages = {page for page in docs.rglob("*.md") if page.parent.name != "adr"} - {docs / "README.md"}
    assert pages - linked == set()
