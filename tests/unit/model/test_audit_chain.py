"""Whatever somebody does to the rows of the audit trail, it is noticed; what servers write is not complained of."""

import hashlib
import hmac

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.audit import START, AuditEntry, Place, StoredEntry, breaks_in, chained, edited, mac_of

KEY, OTHER = b"k" * 32, b"o" * 32
ROWS = st.lists(st.text(max_size=20), min_size=1, max_size=12)


def mac(told: bytes) -> bytes:
    return hmac.digest(KEY, told, "sha256")


def forged(told: bytes) -> bytes:
    return hmac.digest(OTHER, told, "sha256")


def entry(number: int, subject: str) -> AuditEntry:
    name = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
    words = ("create_script", "biz", 2, subject, "done", "api", "10.0.0.1", "script", "1", "x", "")
    return AuditEntry(name, 1_000 + number, "li", "app", *words)


def written(subjects: list[str], start: Place = START) -> list[StoredEntry]:
    """Return rows as servers write and link them."""
    told = [entry(start.seq + number, subject) for number, subject in enumerate(subjects, 1)]
    macs = [mac_of(mac, one) for one in told]
    places = chained(mac, start, macs)
    return [
        StoredEntry(place.seq + 100, one, code, place.seq, place.link)
        for place, one, code in zip(places, told, macs, strict=True)
    ]


def found(rows: list[StoredEntry], start: Place = START) -> list[str]:
    return list(breaks_in(mac, start, rows))


@given(ROWS, ROWS)
def test_what_servers_write_is_whole_also_from_the_middle_on(before: list[str], after: list[str]) -> None:
    first = written(before)
    middle = Place(first[-1].seq or 0, first[-1].link or b"")
    second = written(after, middle)
    assert found(first + second) == found(second, middle) == []


@given(ROWS, st.data())
def test_a_changed_row_is_named(subjects: list[str], data: st.DataObject) -> None:
    rows = written(subjects)
    at = data.draw(st.integers(0, len(rows) - 1))
    field = data.draw(st.sampled_from(AuditEntry.__struct_fields__))
    old = getattr(rows[at].told, field)
    told = msgspec.structs.replace(rows[at].told, **{field: old + 1 if isinstance(old, int) else f"{old}x"})
    rows[at] = msgspec.structs.replace(rows[at], told=told)
    assert found(rows)[0].startswith(f"row {at + 1}: is not what a server wrote")


@given(st.lists(st.text(max_size=20), min_size=2, max_size=12), st.data())
def test_a_removed_row_is_named_unless_it_is_the_last(subjects: list[str], data: st.DataObject) -> None:
    rows = written(subjects)
    at = data.draw(st.integers(0, len(rows) - 2))
    del rows[at]
    assert found(rows)[0] == f"row {at + 1}: is missing"


@given(st.lists(st.text(max_size=20), min_size=2, max_size=12), st.data())
def test_rows_that_changed_places_are_named(subjects: list[str], data: st.DataObject) -> None:
    rows = written(subjects)
    first, second = sorted(data.draw(st.sets(st.integers(0, len(rows) - 1), min_size=2, max_size=2)))
    moved = list(rows)
    for to, of in ((first, second), (second, first)):
        moved[to] = msgspec.structs.replace(rows[of], seq=rows[to].seq, link=rows[to].link)
    assert found(moved)[0].startswith(f"row {first + 1}: ")


@given(ROWS, st.data())
def test_an_inserted_row_is_named_even_with_all_links_made_anew(subjects: list[str], data: st.DataObject) -> None:
    rows = written(subjects)
    at = data.draw(st.integers(0, len(rows)))
    told = entry(99, "I was never here")
    macs = [row.mac for row in rows]
    macs.insert(at, mac_of(forged, told))
    tolds = [row.told for row in rows]
    tolds.insert(at, told)
    places = chained(forged, START, macs)
    rows = [
        StoredEntry(1, one, code, place.seq, place.link) for one, code, place in zip(tolds, macs, places, strict=True)
    ]
    assert found(rows)


@pytest.mark.parametrize("gone", [1, 3])
def test_missing_rows_are_told_by_their_numbers(gone: int) -> None:
    rows = written(["a", "b", "c", "d", "e"])
    told = "row 2: is missing" if gone == 1 else "rows 2 to 4: are missing"
    assert found([rows[0], *rows[1 + gone :]])[0] == told


class Thing(msgspec.Struct, frozen=True):
    name: str
    count: int
    secret: str


def test_an_edit_tells_what_became_another_and_no_other_field() -> None:
    before, after = Thing("a", 1, "x"), Thing("b" * 1_001, 1, "y")
    assert edited(before, after, ("name", "count")) == {"name": ["a", "b" * 1_000 + "…"]}
    assert edited(before, before, ("name",)) == {}
