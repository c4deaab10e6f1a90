"""Outputs in their normal forms, hosts folded, escapes left out, lines cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.escapes import plain
from jobfleet.model.folding import fold
from jobfleet.model.log_line import Run, lines_of, units
from jobfleet.model.normal import Normal, Printer, normal_text
from jobfleet.model.output_group import last_line, letter

OWN = [b"10.0.0.1", b"fe80::1"]


@pytest.mark.parametrize(
    "text",
    [
        b"2026-11-22 13:47:05",
        b"2026-11-22T13:47:05.123Z",
        b"2026/11/22 13:47:05 +0800",
        b"Sun, 22 Nov 2026 13:47:05 GMT",
        b"Nov 22 13:47:05",
        b"22/Nov/2026:13:47:05 +0800",
        b"13:47",
        b"1.53s",
        b"0m0.004s",
        b"12 ms",
        b"3 minutes",
        b"1793000000",
        b"1793000000123",
    ],
)
def test_times_are_ignored_however_they_are_written(text: bytes) -> None:
    assert normal_text(b"at " + text + b" done", Normal.TIMES) == b"at <time> done"


@pytest.mark.parametrize("text", [b"10.0.0.1:8080", b"exit 1", b"version 1.2.3", b"12 hosts", b"a1b2s"])
def test_other_numbers_are_no_times(text: bytes) -> None:
    assert normal_text(text, Normal.TIMES) == text


def test_numbers_and_names_of_hexadecimal_digits_are_ignored() -> None:
    text = b"pid 17 at 0xfeed of 7d44b3a1c9f0e2 and 0b0f6a43-1c7e-4c55-9d5c-0c1f5d9b8a11 took 3s, decade"
    assert normal_text(text, Normal.NUMBERS) == b"pid # at # of # and # took <time>, decade"


def test_only_the_own_address_is_ignored_and_only_as_a_whole() -> None:
    text = b"10.0.0.1 10.0.0.12 110.0.0.1 10.0.0.1:80 10.0.0.1. fe80::1 fe80::12"
    said = b"<host> 10.0.0.12 110.0.0.1 <host>:80 <host>. <host> fe80::12"
    assert normal_text(text, Normal.ADDRESS, OWN) == said
    one, other = Printer().prints(b"I am 10.0.0.1", [b"10.0.0.1"]), Printer().prints(b"I am 10.0.0.7", [b"10.0.0.7"])
    assert (one.address, one.exact == other.exact) == (other.address, False)


@given(st.binary(max_size=300))
def test_any_bytes_have_prints_and_none_of_the_forms_grows_without_end(data: bytes) -> None:
    printer = Printer()
    assert printer.prints(data, OWN) == printer.prints(data, OWN)
    assert all(len(normal_text(data, normal, OWN)) <= 6 * len(data) for normal in Normal)


@given(st.binary(max_size=200))
def test_plain_text_has_no_control_characters_and_stays_as_it_is(data: bytes) -> None:
    once = plain(data)
    assert not set(once) & (set(range(32)) - {9, 10, 13} | {127})
    assert plain(b"tab\there \xe4\xbd\xa0\n") == b"tab\there \xe4\xbd\xa0\n"


def test_escape_sequences_are_left_out() -> None:
    hostile = (
        b"\x1b[1;31mred\x1b[m \x1b]8;;http://x\x1b\\link\x1b]8;;\x07 \x1bPq#\x1b\\ \x1b(B\x9b31m a\x00b\r\nc\rd\x1b["
    )
    assert plain(hostile) == b"red link  \x9b31m ab\nc\rd"


def test_addresses_are_folded() -> None:
    hosts = [(0, "10.0.0.2"), (0, "10.0.0.1"), (0, "10.0.0.3"), (0, "10.0.0.9"), (0, "10.0.1.5"), (3, "10.0.0.1")]
    assert fold([*hosts, (0, "fe80::1"), (3, "fe80::2")]) == [
        "10.0.0.[1-3,9]",
        "10.0.1.5",
        "3:10.0.0.1",
        "3:[fe80::2]",
        "fe80::1",
    ]


def test_groups_are_named_like_columns_of_a_sheet() -> None:
    assert [letter(place) for place in (0, 25, 26, 27, 52, 701, 702)] == ["A", "Z", "AA", "AB", "BA", "ZZ", "AAA"]


def test_the_last_line_is_the_last_one_that_says_something() -> None:
    assert last_line(b"one\ntwo\n \n\n") == "two"


@given(st.lists(st.tuples(st.integers(1, 2), st.binary(max_size=20)), max_size=20), st.integers(0, 5))
def test_lines_are_what_splitting_gives(pieces: list[tuple[int, bytes]], skip: int) -> None:
    data = b"".join(piece for _, piece in pieces)
    whole = data.split(b"\n")
    expected = whole[:-1] + ([whole[-1]] if whole[-1] else [])
    found = list(lines_of([Run(stream, 7, piece) for stream, piece in pieces], skip))
    single = [line for line in found if line.stream != 3]
    assert len(found) == max(0, len(expected) - skip)
    assert all(line.text == row.decode("utf-8", "replace") for line, row in zip(found, expected[skip:], strict=True)
               if line in single)  # fmt: skip
    assert all(sum(size for _, size in line.parts) == units(line.text) for line in found if line.stream == 3)
