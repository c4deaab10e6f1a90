"""How much a start could break."""

import pytest

from jobfleet.model.blast import blast_of, friction_of


@pytest.mark.parametrize(
    ("hosts", "account", "production", "dangers", "level"),
    [
        (1, "root", 0, 0, "low"),
        (5, "root", 0, 0, "low"),
        (6, "root", 0, 0, "medium"),
        (6, "app", 0, 0, "low"),
        (20, "app", 0, 0, "low"),
        (21, "app", 0, 0, "medium"),
        (1, "app", 1, 0, "medium"),
        (1_000, "app", 0, 0, "medium"),
        (1_001, "app", 0, 0, "high"),
        (1, "app", 0, 1, "high"),
    ],
)
def test_friction_grows_with_what_could_break(
    hosts: int, account: str, production: int, dangers: int, level: str
) -> None:
    found = blast_of(hosts, [account], production, dangers)
    assert found.level == level
    assert bool(found.reasons) is (level != "low")


@pytest.mark.parametrize(
    ("operation", "medium_from", "high_from"),
    [
        ("retry_all", 21, 1_001),
        ("continue_rolling", 21, 1_001),
        ("ignore_error", 0, 1_001),
        ("force_skip", 0, 1_001),
        ("terminate", 21, None),
        ("reject", 21, None),
    ],
)
def test_what_stops_work_never_asks_for_a_number(operation: str, medium_from: int, high_from: int | None) -> None:
    found = friction_of(operation)
    assert (found.medium_from, found.high_from) == (medium_from, high_from)
