"""The reference pages have every code, status, operation and section that the code has or names."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobfleet.api.routes import ROUTES
from jobfleet.api.surface import paths_of
from jobfleet.model.errors import HTTP_STATUS, JobfleetError
from jobfleet.model.status import RunStatus, TaskStatus

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs/reference"
SECTION = re.compile(r"(docs/reference/[\w-]+\.md), «([^»]+)»")


def page(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def errors(kind: type[JobfleetError] = JobfleetError) -> Iterator[type[JobfleetError]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("jobfleet."):
            yield child
            yield from errors(child)


def test_every_error_code_is_listed_with_its_status() -> None:
    text = page("error-codes")
    assert [kind for kind in errors() if f"| {kind.code} | {HTTP_STATUS[kind.family]} " not in text] == []


def test_every_status_of_jobs_and_hosts_is_listed() -> None:
    jobs, _, hosts = page("status-codes").partition("## Hosts")
    assert [status for status in RunStatus if f"\n| {int(status)} | " not in jobs] == []
    assert [status for status in TaskStatus if f"\n| {int(status)} | " not in hosts] == []


def test_every_operation_has_its_section_and_every_path_its_root() -> None:
    text = page("api")
    assert [route.name for route in ROUTES if f"\n## {route.name}\n" not in text] == []
    roots = {path.rpartition("/")[0] for route in ROUTES for path in paths_of(route)}
    known = {"/api/c/compapi/v2/job", "/api/c/compapi/v2/jobv3", "/api/v3", "/api/v4", "/api/job/v3/job-execute"}
    known |= {"/api/job/v4", "/api/job/v4/job-execute"}
    assert {root.removesuffix("/system") for root in roots} == known
    assert all(root.removesuffix("/job-execute") in text for root in known)


NAMED = sorted(
    {
        (document, section)
        for path in (ROOT / "src").rglob("*.py")
        for document, section in SECTION.findall(path.read_text(encoding="utf-8"))
    }
)


@pytest.mark.parametrize(("document", "section"), NAMED)
def test_every_section_that_the_code_names_exists(document: str, section: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    assert re.search(rf"^#+ {re.escape(section)}$", text, re.MULTILINE), f"{document} has no «{section}»"
