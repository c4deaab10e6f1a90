"""What we serve is what the published contract says, but for the differences that the documents own up to."""

import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path

import msgspec
import yaml
from tests.contract.facts import CALLER_FIELDS, LOWER, UPPER, Field, Operation, operations

from jobfleet.api.documents import document
from jobfleet.api.routes import ROUTES
from jobfleet.api.surface import Surface

DATA = Path(__file__).parent / "data"
PAGE = Path(__file__).parents[2] / "docs/reference/compatibility.md"
PARTS = "request|answer|envelope|methods|carrier"
ROW = re.compile(rf"^\| `([^`]+)` \| ({PARTS}) \| `([^`]+)` \| ([\w ]+) \| (.+) \|$", re.MULTILINE)


class Difference(msgspec.Struct, frozen=True, order=True):
    """Name a difference.

    `absent` and `added` are from our side. `type`, `format`; `optional` where the contract needs a field, `needed`
    where we do. Of a request's values we take some that the contract does not (`wider`), or not all that it has
    (`narrower`); an answer may have values that it does not know (`more` and which), or we do not enumerate them
    (`open`).
    """

    operation: str
    part: str
    field: str
    kind: str


@cache
def published() -> dict[str, Operation]:
    files = sorted(DATA.glob("*.yaml"))
    return {path: found for file in files for path, found in operations(yaml.safe_load(file.read_text())).items()}


@cache
def served() -> dict[str, Operation]:
    return {path: found for surface in Surface for path, found in operations(document(surface, ROUTES)).items()}


@cache
def differences() -> set[Difference]:
    theirs, ours = published(), served()
    return {found for path in sorted(theirs) if path in ours for found in compare(path, theirs[path], ours[path])}


def compare(path: str, theirs: Operation, ours: Operation) -> Iterator[Difference]:
    for method in set(theirs.methods) ^ set(ours.methods):
        yield Difference(path, "methods", method, "added" if method in ours.methods else "absent")
    for method in set(theirs.methods) & set(ours.methods):
        if theirs.carriers[method] != ours.carriers[method]:
            yield Difference(path, "carrier", method, ours.carriers[method] or "none")
    for part in ("request", "answer", "envelope"):
        their_fields, our_fields = getattr(theirs, part), getattr(ours, part)
        for place in their_fields.keys() | our_fields.keys():
            for kind in kinds(part, their_fields.get(place), our_fields.get(place)):
                yield Difference(path, part, place, kind)


def kinds(part: str, theirs: Field | None, ours: Field | None) -> Iterator[str]:
    if theirs is None or ours is None:
        yield "added" if theirs is None else "absent"
        return
    if theirs.type != ours.type:
        yield "type"
    if theirs.format != ours.format:
        yield "format"
    if theirs.required and not ours.required:
        yield "optional"
    if part == "request" and ours.required and not theirs.required:
        yield "needed"
    yield from taken(theirs, ours) if part == "request" else told(theirs, ours)


def taken(theirs: Field, ours: Field) -> Iterator[str]:
    """Yield whether we take less, or more, of a request's field than the contract says."""
    if any(beyond(name, theirs, ours) for name in (*UPPER, *LOWER)) or taken_less(theirs.choices, ours.choices):
        yield "narrower"
    if any(beyond(name, ours, theirs) for name in (*UPPER, *LOWER)) or taken_less(ours.choices, theirs.choices):
        yield "wider"
    if theirs.pattern != ours.pattern:
        yield "wider" if not ours.pattern else "narrower"


def taken_less(wanted: Collection[int | str], taken: Collection[int | str]) -> bool:
    """Tell whether some of the wanted values are not among those taken; numbers count as bounds already."""
    return bool(taken) and not set(wanted) <= set(taken) and any(isinstance(value, str) for value in taken)


def beyond(name: str, wide: Field, narrow: Field) -> bool:
    """Tell whether one field allows what another forbids."""
    if name not in narrow.limits:
        return False
    if name not in wide.limits:
        return True
    outer, inner = wide.limits[name], narrow.limits[name]
    return outer > inner if name in UPPER else outer < inner


def told(theirs: Field, ours: Field) -> Iterator[str]:
    """Yield whether an answer's field may have values that the contract does not know."""
    if theirs.choices and not ours.choices:
        yield "open"
    elif theirs.choices and not ours.choices <= theirs.choices:
        yield " ".join(["more", *sorted(map(str, ours.choices - theirs.choices))])


def matches(row: tuple[str, str, str, str], found: Difference) -> bool:
    operation, part, field, kind = row
    return (part, kind) == (found.part, found.kind) and like(operation, found.operation) and like(field, found.field)


def like(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text) is not None


def rows() -> list[tuple[str, str, str, str]]:
    return [(row[0], row[1], row[2], row[3]) for row in ROW.findall(PAGE.read_text(encoding="utf-8"))]


def test_the_page_lists_differences() -> None:
    assert len(rows()) > 10


def test_every_operation_of_the_contract_is_served_and_no_other() -> None:
    assert served().keys() == published().keys()


def test_every_difference_from_the_contract_is_listed(record_property: Callable[[str, object], None]) -> None:
    listed = rows()
    unexplained = [found for found in sorted(differences()) if not any(matches(row, found) for row in listed)]
    record_property("summary", f"contract: {compared()}, {len(unexplained)} unexplained")
    assert unexplained == []


def compared() -> str:
    """Return how much is compared, counting fields as often as they stand in operations of the contract."""
    theirs = [found for path, found in published().items() if path in served()]
    parts = {part: sum(len(getattr(found, part)) for found in theirs) for part in ("request", "answer", "envelope")}
    fields = ", ".join(f"{number} {part} fields" for part, number in parts.items())
    methods = sum(len(found.methods) for found in theirs)
    listed = f"{len(differences())} differences explained by {len(rows())} rows"
    return f"{len(theirs)} paths with {methods} methods, {fields}; {listed}"


def test_every_listed_difference_is_one() -> None:
    found = differences()
    assert [row for row in rows() if not any(matches(row, difference) for difference in found)] == []


def test_what_is_listed_of_values_names_the_field() -> None:
    valued = [row for row in rows() if row[3].partition(" ")[0] in {"wider", "narrower", "more", "open"}]
    assert [row for row in valued if row[0] == row[2] == "*"] == []


def test_no_difference_is_in_the_type_or_need_of_a_field() -> None:
    assert {found for found in differences() if found.kind in {"type", "optional"}} == set()


def test_the_bus_takes_the_callers_fields_everywhere() -> None:
    for surface in (Surface.ESB_V2, Surface.ESB_V3):
        made = document(surface, ROUTES)
        assert set(made["components"]["schemas"]["BusCaller"]["properties"]) == CALLER_FIELDS
        for item in made["paths"].values():
            content = item["post"]["requestBody"]["content"]["application/json"]
            assert {"$ref": "#/components/schemas/BusCaller"} in content["schema"]["allOf"]


def test_every_reference_of_the_documents_leads_somewhere() -> None:
    for surface in Surface:
        made = document(surface, ROUTES)
        named = set(re.findall(r"#/components/schemas/(\w+)", str(made)))
        assert named <= set(made["components"]["schemas"])
