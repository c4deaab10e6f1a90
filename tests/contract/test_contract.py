"""What we serve is what the published contract says, but for the differences that the documents own up to."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import yaml
from tests.contract.facts import CALLER_FIELDS, Field, Operation, operations

from jobfleet.api.documents import document
from jobfleet.api.routes import ROUTES
from jobfleet.api.surface import Surface

DATA = Path(__file__).parent / "data"
AWAITED = Path(__file__).parent / "awaited"
PAGE = Path(__file__).parents[2] / "docs/reference/compatibility.md"
ROW = re.compile(r"^\| `([^`]+)` \| (request|answer|methods) \| `([^`]+)` \| (\w+) \| (.+) \|$", re.MULTILINE)


class Difference(msgspec.Struct, frozen=True, order=True):
    """Name a difference: `absent` and `added` from our side; `type`; `optional` where the contract needs a field."""

    operation: str
    part: str
    field: str
    kind: str


def published() -> dict[str, Operation]:
    files = sorted(DATA.glob("*.yaml"))
    return {path: found for file in files for path, found in operations(yaml.safe_load(file.read_text())).items()}


def served() -> dict[str, Operation]:
    return {path: found for surface in Surface for path, found in operations(document(surface, ROUTES)).items()}


def differences() -> set[Difference]:
    theirs, ours = published(), served()
    return {found for path in sorted(theirs) if path in ours for found in compare(path, theirs[path], ours[path])}


def compare(path: str, theirs: Operation, ours: Operation) -> Iterator[Difference]:
    for method in set(theirs.methods) ^ set(ours.methods):
        yield Difference(path, "methods", method, "added" if method in ours.methods else "absent")
    for part, their_fields, our_fields in (
        ("request", theirs.request, ours.request),
        ("answer", theirs.answer, ours.answer),
    ):
        for place in their_fields.keys() | our_fields.keys():
            for kind in kinds(part, their_fields.get(place), our_fields.get(place)):
                yield Difference(path, part, place, kind)


def kinds(part: str, theirs: Field | None, ours: Field | None) -> Iterator[str]:
    if theirs is None or ours is None:
        yield "added" if theirs is None else "absent"
        return
    if theirs.type != ours.type:
        yield "type"
    if theirs.required and not ours.required:
        yield "optional"
    if part == "request" and ours.required and not theirs.required:
        yield "needed"


def matches(row: tuple[str, str, str, str], found: Difference) -> bool:
    operation, part, field, kind = row
    return (part, kind) == (found.part, found.kind) and like(operation, found.operation) and like(field, found.field)


def like(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text) is not None


def rows() -> list[tuple[str, str, str, str]]:
    return [(row[0], row[1], row[2], row[3]) for row in ROW.findall(PAGE.read_text(encoding="utf-8"))]


def test_the_page_lists_differences() -> None:
    assert len(rows()) > 10


def awaited() -> set[str]:
    return {name for file in AWAITED.glob("*.txt") for name in file.read_text().split()}


def test_every_operation_of_the_contract_is_served_and_no_other() -> None:
    there, ours = published().keys(), served().keys()
    assert ours <= there
    assert {path.rpartition("/")[2] for path in there - ours} == awaited()


def test_every_difference_from_the_contract_is_listed() -> None:
    listed = rows()
    assert [found for found in sorted(differences()) if not any(matches(row, found) for row in listed)] == []


def test_every_listed_difference_is_one() -> None:
    found = differences()
    assert [row for row in rows() if not any(matches(row, difference) for difference in found)] == []


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
