"""Tags found in output that comes in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.agent.tags import LONGEST_LINE_BYTES, TagScanner
from jobfleet.model.tags import tag_of


def scan(*pieces: bytes) -> str:
    scanner = TagScanner()
    for piece in pieces:
        scanner.feed(piece)
    return scanner.tag


@given(st.lists(st.sampled_from([b"job_success:[a b]", b"job_fail:[c]", b"\n", b"x", b"job_", b"]"]), max_size=12))
def test_a_tag_is_the_same_however_the_output_was_cut(parts: list[bytes]) -> None:
    text = b"".join(parts)
    assert scan(*(text[i : i + 3] for i in range(0, len(text), 3))) == tag_of(text.decode())


@pytest.mark.parametrize(
    ("output", "tag"),
    [
        (b"", ""),
        (b"job_success:[one]\njob_fail:[two]\n", "two"),
        (b"no newline job_success:[one]", "one"),
        (b"[2026-01-01 00:00:00][PID:1] job_success:[a [b] c]\r\nbye\n", "a [b] c"),
        (b"job_success:[" + b"x" * 300 + b"]\n", "x" * 256),
        (b"job_success:[\xff]\n", "�"),
        (b"job_done:[x]\n", ""),
    ],
)
def test_the_last_tag_wins_cut_to_256_characters(output: bytes, tag: str) -> None:
    assert scan(output) == tag


def test_a_line_without_end_takes_bounded_memory() -> None:
    scanner = TagScanner()
    for _ in range(100):
        scanner.feed(b"y" * LONGEST_LINE_BYTES)
    scanner.feed(b"job_fail:[end]")
    assert scanner.tag == "end"
    assert len(scanner._carry) == LONGEST_LINE_BYTES
