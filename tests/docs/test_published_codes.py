"""Every code of the published list is one that we answer, or the reference says why we never do."""

import re
from pathlib import Path

from jobfleet.model.messages import TEXTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/error-codes.md").read_text(encoding="utf-8")
NEVER = PAGE.split("\n## Codes that are never answered")[1].split("\n## ")[0]
SPAN = re.compile(r"(\d{7})(?:-(\d{7}))?")

PUBLISHED = """
1210001-1210007 1210101 1211001-1211004 1213001-1213005 1214001-1214004 1215001-1215002 1216001 1217001-1217002
1218001-1218003 1219001 1220001-1220003 1238001 1240001-1240007 1241001-1241008 1241010-1241025 1243001-1243005
1243007-1243063 1244001-1244039 1245001-1245009 1246001-1246003 1247001-1247002 1247004-1247005 1247403
1249001-1249002 1250001-1250002 1252001 1255001 1259001 1260001-1260022 1262001-1262006 1263001 1264001-1264004
9900403
"""
"""The published list of codes."""

OF_GATEWAYS = {1642902}
"""What the platform's gateway answers before the product does: too many requests."""


def spans(text: str) -> set[int]:
    """Return the codes that a text names, one by one or as a span."""
    found = ((int(first), int(last or first)) for first, last in SPAN.findall(text))
    return {code for first, last in found for code in range(first, last + 1)}


def answered() -> set[int]:
    """Return the codes that refusals carry, and the finer ones that version 4 tells besides."""
    finer = {kind.detail_code for kind in TEXTS if hasattr(kind, "detail_code")}
    return {kind.code for kind in TEXTS} | finer


def never() -> set[int]:
    rows = re.findall(r"^\| ([\d, -]+) \| (.+) \|$", NEVER, re.MULTILINE)
    assert all(reason.strip() for _, reason in rows)
    return {code for codes, _ in rows for code in spans(codes)}


def test_every_published_code_is_answered_or_the_reference_says_why_not() -> None:
    assert sorted(spans(PUBLISHED) - answered() - never()) == []


def test_no_code_is_both() -> None:
    assert sorted(answered() & never()) == []


def test_no_code_is_answered_that_is_not_published() -> None:
    assert answered() - spans(PUBLISHED) == OF_GATEWAYS


def test_every_refusal_is_raised_somewhere() -> None:
    sources = [path for path in (ROOT / "src").rglob("*.py") if path.parent.name != "model" or "error" not in path.name]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.name != "messages.py")
    assert {kind.__name__ for kind in TEXTS if not re.search(rf"\b{kind.__name__}\b", code)} == set()


def test_every_code_is_told_in_a_test_by_its_number() -> None:
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    told = spans("\n".join(path.read_text(encoding="utf-8") for path in tests))
    assert sorted(answered() - told) == []
