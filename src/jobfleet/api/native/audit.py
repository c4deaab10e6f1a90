"""The audit trail: who did what, and whether somebody changed the record of it."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.access import SIGNED_IN
from jobfleet.api.callers import language
from jobfleet.api.native.jobs import ScopeText
from jobfleet.api.native.route import Call, Nothing, Route, Wanted
from jobfleet.api.permission import audited_actions, audited_name
from jobfleet.model.audit import StoredEntry
from jobfleet.model.audit_object import AuditObject, object_of
from jobfleet.model.audit_words import in_chinese
from jobfleet.model.caller import Action
from jobfleet.model.scope import parse_scope
from jobfleet.operations import audit_trail
from jobfleet.store.audit import AuditFilter
from jobfleet.store.audit_verdicts import LastVerdict

Word = Annotated[str, Meta(max_length=255, pattern=r"^[^\x00]*$")]
Moment = Annotated[int, Meta(ge=0, le=2**53, description="Epoch milliseconds")]


class AuditChoice(Wanted, frozen=True, kw_only=True):
    """Narrow the audit trail; without a scope it is everything. `access` is the way somebody came.

    `server` is what agents and the server did by themselves, whose rows have "" for it.
    """

    scope: ScopeText | None = None
    username: Word = ""
    action: Word = ""
    resource_type: Word = ""
    resource_id: Word = ""
    result: Literal["", "done", "refused"] = ""
    access: Literal["", "api", "web", "schedule", "server"] = ""
    app_code: Word = ""
    since: Moment | None = None
    until: Moment | None = None


class ListAudit(AuditChoice, frozen=True, kw_only=True):
    """Ask for a page of the audit trail. `before` is the last id of the page before."""

    before: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None
    length: Annotated[int, Meta(ge=1, le=audit_trail.MAX_PAGE)] = 100


class AuditRow(msgspec.Struct, frozen=True):
    """Show who did what, when (epoch milliseconds), where and to what.

    `subject` and `action` are as they are kept; `words` and `action_name` say them in the caller's language.
    `scope` is "" for what is about no business; `change` has of each changed field what it was and what it is.
    `about` is what a page can lead to. `chained` says whether the row has its place in the chain.
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
    about: AuditObject | None
    words: str
    action_name: str


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
    found = await audit_trail.list_entries(
        call.platform, call.caller, filter_of(wanted), before=wanted.before, length=wanted.length
    )
    return AuditPage([show_row(one, language(call.request)) for one in found])


def filter_of(wanted: AuditChoice) -> AuditFilter:
    """Return what rows are wanted."""
    words = ("username", "action", "resource_type", "resource_id", "result", "access", "app_code", "since", "until")
    scope = None if wanted.scope is None else parse_scope(wanted.scope)
    return AuditFilter(scope=scope, **{name: getattr(wanted, name) for name in words})


class AuditState(msgspec.Struct, frozen=True):
    """Tell when the whole trail was last looked at and what was found, and how many rows wait to be linked."""

    last: LastVerdict | None
    unchained: int


async def show_audit_state(call: Call, _wanted: Nothing) -> AuditState:
    """Show how the trail is."""
    return AuditState(*await audit_trail.state(call.platform, call.caller))


class ActionWord(msgspec.Struct, frozen=True):
    """Say an action, as rows have it and filters take it, in the caller's language."""

    action: str
    name: str


class ActionWords(msgspec.Struct, frozen=True):
    """List what rows may be about, in the order of the names."""

    actions: list[ActionWord]


async def list_actions(call: Call, _wanted: Nothing) -> ActionWords:
    """List the actions of the trail."""
    words = language(call.request)
    found = [ActionWord(str(action), audited_name(action, words)) for action in audited_actions()]
    return ActionWords(sorted(found, key=lambda one: one.name))


async def verify_audit(call: Call, _wanted: Nothing) -> VerdictView:
    """Look at the whole trail."""
    found = await audit_trail.verify(call.platform, call.caller)
    head = f"{found.head.seq}:{found.head.link.hex()}"
    return VerdictView(not found.breaks, found.rows, found.first, head, found.unchained, list(found.breaks))


def show_row(stored: StoredEntry, words: str) -> AuditRow:
    """Show a row; `words` is zh or en."""
    fields = msgspec.structs.asdict(stored.told)
    scope = f"{fields.pop('scope_type')}:{fields.pop('scope_id')}"
    del fields["entry"]
    change = msgspec.json.decode(stored.told.change) if stored.told.change else {}
    shown = {"scope": scope if stored.told.scope_type else "", "change": change}
    shown["about"] = object_of(stored.told)
    shown["words"] = subject_words(stored.told.subject, words)
    shown["action_name"] = audited_name(stored.told.action, words)
    return AuditRow(id=stored.id, chained=stored.seq is not None, **fields | shown)


def subject_words(subject: str, words: str) -> str:
    """Return what was done in a language."""
    return subject if words == "en" else in_chinese(subject, lambda action: audited_name(action, words))


ROUTES = (
    Route("GET", "/api/v1/audit", Action.VIEW_AUDIT, list_audit, ListAudit, AuditPage, "List the audit trail"),
    Route(
        "GET", "/api/v1/audit/verify", Action.VIEW_AUDIT, verify_audit, Nothing, VerdictView, "Prove the audit trail"
    ),
    Route("GET", "/api/v1/audit/actions", SIGNED_IN, list_actions, Nothing, ActionWords, "List what rows may be about"),
    Route(
        "GET", "/api/v1/audit/state", Action.VIEW_AUDIT, show_audit_state, Nothing, AuditState, "Show its last proof"
    ),
)
