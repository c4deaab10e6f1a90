"""The tour names what exists, and the walks are as short as it says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOUR = (ROOT / "docs/explanation/tour.md").read_text(encoding="utf-8")
STOP = re.compile(r"^\d+\. `(src/[^`]+\.py)` — (.*)$", re.MULTILINE)
WALKS = {title: body for title, _, body in (part.partition("\n") for part in TOUR.split("\n## ")[1:])}


@pytest.mark.parametrize(("title", "files"), [("A status query, in four files", 4), ("A job, in eight files", 8)])
def test_a_walk_is_as_short_as_the_tour_says(title: str, files: int) -> None:
    stops = STOP.findall(WALKS[title])
    assert len(stops) == len({path for path, _ in stops}) == files


@pytest.mark.parametrize(("path", "text"), STOP.findall(TOUR))
def test_every_name_on_the_tour_is_in_its_file(path: str, text: str) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    for name in re.findall(r"`(\w+)`", text):
        assert re.search(rf"\b{name}\b", source), f"{name} is not in {path}"
