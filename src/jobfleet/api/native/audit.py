"""The audit trail: who did what, and whether somebody changed the record of it."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import ScopeText
from jobfleet.api.native.route import Call, Nothing, Route, Wanted
from jobfleet.api.native.targets import parse_scope
from jobfleet.model.audit import StoredEntry
from jobfleet.model.caller import Action
from jobfleet.operations import audit_trail
from jobfleet.store.audit import AuditFilter

Word = Annotated[str, Meta(max_length=255, pattern=r"^[^\x00]*$")]
Moment = Annotated[int, Meta(ge=0, le=2**53, description="Epoch milliseconds")]


class ListAudit(Wanted, frozen=True, kw_only=True):
    """Narrow the audit trail; without a scope it is everything. `before` is the last id of the page before."""

    scope: ScopeText | None = None
    username: Word = ""
    action: Word = ""
    resource_type: Word = ""
    resource_id: Word = ""
    result: Literal["", "done", "refused"] = ""
    since: Moment | None = None
    until: Moment | None = None
    before: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None
    length: Annotated[int, Meta(ge=1, le=audit_trail.MAX_PAGE)] = 100


class AuditRow(msgspec.Struct, frozen=True):
    """Show who did what, when (epoch milliseconds), where and to what.

    `scope` is "" for what is about no business; `change` has of each changed field what it was and what it is.
    `chained` says whether the row has its place in the chain.
    """

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
    """Show rows, newest first."""

    rows: list[AuditRow]


class VerdictView(msgspec.Struct, frozen=True):
    """Say what was found of the trail: `breaks` are what somebody changed; none means that nobody did.

    `head` is the number and link of the last row, to be compared with one that was kept elsewhere.
    """

    intact: bool
    rows: int
    first: int
    head: str
    unchained: int
    breaks: list[str]


async def list_audit(call: Call, wanted: ListAudit) -> AuditPage:
    """Show a page of the trail."""
    chosen = AuditFilter(
        scope=None if wanted.scope is None else parse_scope(wanted.scope),
        username=wanted.username,
        action=wanted.action,
        resource_type=wanted.resource_type,
        resource_id=wanted.resource_id,
        result=wanted.result,
        since=wanted.since,
        until=wanted.until,
    )
    found = await audit_trail.list_entries(
        call.platform, call.caller, chosen, before=wanted.before, length=wanted.length
    )
    return AuditPage([_row(one) for one in found])


async def verify_audit(call: Call, _wanted: Nothing) -> VerdictView:
    """Look at the whole trail."""
    found = await audit_trail.verify(call.platform, call.caller)
    head = f"{found.head.seq}:{found.head.link.hex()}"
    return VerdictView(not found.breaks, found.rows, found.first, head, found.unchained, list(found.breaks))


def _row(stored: StoredEntry) -> AuditRow:
    fields = msgspec.structs.asdict(stored.told)
    scope = f"{fields.pop('scope_type')}:{fields.pop('scope_id')}"
    del fields["entry"]
    change = msgspec.json.decode(stored.told.change) if stored.told.change else {}
    shown = {"scope": scope if stored.told.scope_type else "", "change": change}
    return AuditRow(id=stored.id, chained=stored.seq is not None, **fields | shown)


ROUTES = (
    Route("GET", "/api/v1/audit", Action.VIEW_AUDIT, list_audit, ListAudit, AuditPage, "List the audit trail"),
    Route(
        "GET", "/api/v1/audit/verify", Action.VIEW_AUDIT, verify_audit, Nothing, VerdictView, "Prove the audit trail"
    ),
)
