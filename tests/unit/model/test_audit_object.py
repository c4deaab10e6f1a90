"""What rows of the audit trail lead to."""

import msgspec
import pytest

from jobfleet.model.audit import AuditEntry
from jobfleet.model.audit_object import object_of


def entry(subject: str, result: str = "done") -> AuditEntry:
    return AuditEntry("e", 1, "li", "", "x", "biz", 2, subject, result, "web", "", "", "", "", "")


@pytest.mark.parametrize(
    ("subject", "kind", "object_id"),
    [
        ("start job 17, approved by wang", "job", "17"),
        ("confirm step 5 of job 17: fine", "job", "17"),
        ("retry_failed step 5 of job 17, chosen hosts: 3", "job", "17"),
        ("approved start request 4 of li: job 17: go", "job", "17"),
        ("refused start request 4 of li: see job 17", "start_request", "4"),
        ("withdrawn start request 4 of li", "start_request", "4"),
        ("ask for approval 4: rule rm", "start_request", "4"),
    ],
)
def test_a_row_leads_to_what_it_names(subject: str, kind: str, object_id: str) -> None:
    found = object_of(entry(subject))
    assert found is not None
    assert (found.kind, found.id) == (kind, object_id)


def test_what_was_done_to_a_version_leads_to_the_version() -> None:
    script = msgspec.structs.replace(entry(""), resource_type="script", resource_id="ab", resource_name="kept")
    for subject, version in (
        ("publish version 12 of script ab (kept)", "12"),
        ("add version 13 to script ab (kept)", "13"),
        ("delete version 12 of script ab (kept)", ""),
        ("create script ab (version 3 of script x)", ""),
    ):
        found = object_of(msgspec.structs.replace(script, subject=subject))
        assert found is not None
        assert (found.id, found.version) == ("ab", version)


def test_a_row_that_names_nothing_leads_nowhere() -> None:
    assert object_of(entry("apply declared state: 3 changes")) is None
    assert object_of(entry("start job 17", result="refused")) is None
