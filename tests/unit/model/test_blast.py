"""How much a start could break."""

import pytest

from jobfleet.model.blast import blast_of


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
