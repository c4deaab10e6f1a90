"""Tags that scripts print."""

import pytest

from jobfleet.model.tags import MAX_TAG_LENGTH, tag_of


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("", ""),
        ("[2026-01-01 00:00:00][PID:1] job_success:[done]\n", "done"),
        ("job_fail:[disk full]", "disk full"),
        ("job_success:[a]\njob_fail:[b]\n", "b"),
        ("job_success:[a[1]]", "a[1]"),
        ("job_success:[]\n", ""),
        ("job_success:[over\nlines]", ""),
        ("job_start:[x]", ""),
        ("prefix job_success:[中文]", "中文"),
    ],
)
def test_the_last_tag_line_wins(text: str, tag: str) -> None:
    assert tag_of(text) == tag


@pytest.mark.parametrize("length", [MAX_TAG_LENGTH, MAX_TAG_LENGTH + 1, 5000])
def test_a_tag_is_cut_to_its_limit(length: int) -> None:
    assert tag_of(f"job_success:[{'x' * length}]") == "x" * MAX_TAG_LENGTH
