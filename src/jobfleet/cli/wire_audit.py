"""What commands read of the native API's answers about the audit trail."""

from typing import Any

import msgspec


class AuditRow(msgspec.Struct, frozen=True):
    """A row of the audit trail; `at` is epoch milliseconds."""

    id: int
    at: int
    username: str
    app_code: str
    access: str
    source: str
    action: str
    scope: str
    subject: str
    resource_type: str
    resource_id: str
    resource_name: str
    result: str
    change: dict[str, list[Any]]
    chained: bool


class AuditPage(msgspec.Struct, frozen=True):
    """Rows, newest first."""

    rows: list[AuditRow]


class Verdict(msgspec.Struct, frozen=True):
    """What was found of the trail; `breaks` are what somebody changed."""

    intact: bool
    rows: int
    first: int
    head: str
    unchained: int
    breaks: list[str]
