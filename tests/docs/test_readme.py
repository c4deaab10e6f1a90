"""Both languages of what a newcomer reads first say the same: headings, commands, pictures and links."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAIRS = [
    (ROOT / "README.md", ROOT / "README.zh-CN.md"),
    (ROOT / "docs/tutorial/first-run-in-the-console.md", ROOT / "docs/tutorial/first-run-in-the-console.zh-CN.md"),
]


def shape(page: Path) -> list[str]:
    """Return what does not depend on a page's language, in order: headings by level, points, commands, links."""
    text = page.read_text(encoding="utf-8")
    links = [re.sub(r"\.zh(-CN)?(?=\.)|\.en(?=\.)", "", link) for link in re.findall(r"\]\(([^)]+)\)", text)]
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    lines = [line.partition("  #")[0] for block in blocks for line in block.splitlines()]
    marks = re.findall(r"^(#+|-|\d+\.|\|(?=.*\|$))", text, re.MULTILINE)
    return [*marks, *lines, *sorted(links)]


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=lambda page: page.name)
def test_the_chinese_page_says_what_the_english_one_says(english: Path, chinese: Path) -> None:
    assert shape(chinese) == shape(english)
