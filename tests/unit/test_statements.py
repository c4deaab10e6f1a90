"""Statuses in statements stand there by their names."""

import re
from pathlib import Path

import pytest

from jobfleet.store.statuses import with_statuses

STORE = Path(__file__).parents[2] / "src/jobfleet/store"
NUMBER = re.compile(r"status (?:=|<>|(?:NOT )?IN) ?\(?\d")


def test_names_of_statuses_become_their_numbers() -> None:
    written = "t.status IN (<task.OPEN>) AND t.status <> <task.UNKNOWN> AND s.status = <run.STOPPING>"
    assert with_statuses(written) == "t.status IN (5, 7) AND t.status <> 500 AND s.status = 10"


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError):
        with_statuses("status = <task.STOPPING>")


def test_no_statement_tells_a_status_by_its_number() -> None:
    assert [path.name for path in STORE.glob("*.py") if NUMBER.search(path.read_text(encoding="utf-8"))] == []
