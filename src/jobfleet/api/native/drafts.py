"""What people have begun: drafts of runs, each user's own."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id, ScopeText
from jobfleet.api.native.route import Call, Done, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.desk import Draft
from jobfleet.model.scope import parse_scope
from jobfleet.operations import drafts
from jobfleet.operations.drafts import Begun

Kind = Literal["script", "sql", "files", "plan", "template", "schedule"]
Title = Annotated[str, Meta(max_length=512, pattern=r"^[^\x00]*$")]


class NewDraft(Wanted, frozen=True):
    """Keep what was begun: `content` is a request as far as it is filled in; secret parameters are left out."""

    scope: ScopeText
    kind: Kind
    content: dict[str, Any]
    title: Title = ""


class SaveDraft(Wanted, frozen=True):
    """Keep what a draft has become."""

    scope: ScopeText
    draft_id: Id
    kind: Kind
    content: dict[str, Any]
    title: Title = ""


class OneDraft(Wanted, frozen=True):
    """Name a draft."""

    scope: ScopeText
    draft_id: Id


class ListDrafts(Wanted, frozen=True):
    """Name the scope."""

    scope: ScopeText


class DraftView(msgspec.Struct, frozen=True):
    """Show a draft; `modified_at` is epoch milliseconds."""

    id: int
    kind: str
    title: str
    content: dict[str, Any]
    modified_at: int


class DraftLine(msgspec.Struct, frozen=True):
    """Show a draft without its content."""

    id: int
    kind: str
    title: str
    modified_at: int


class DraftList(msgspec.Struct, frozen=True):
    """Show the caller's drafts, latest first."""

    drafts: list[DraftLine]


async def create_draft(call: Call, wanted: NewDraft) -> DraftView:
    """Keep a new draft."""
    begun, scope = Begun(wanted.kind, wanted.title, wanted.content), parse_scope(wanted.scope)
    return _show(await drafts.create_draft(call.platform, call.caller, scope, begun))


async def save_draft(call: Call, wanted: SaveDraft) -> DraftView:
    """Keep what a draft has become."""
    begun, scope = Begun(wanted.kind, wanted.title, wanted.content), parse_scope(wanted.scope)
    return _show(await drafts.save_draft(call.platform, call.caller, scope, wanted.draft_id, begun))


async def show_draft(call: Call, wanted: OneDraft) -> DraftView:
    """Show a draft."""
    return _show(await drafts.get_draft(call.platform, call.caller, parse_scope(wanted.scope), wanted.draft_id))


async def delete_draft(call: Call, wanted: OneDraft) -> Done:
    """Forget a draft."""
    await drafts.delete_draft(call.platform, call.caller, parse_scope(wanted.scope), wanted.draft_id)
    return Done()


async def list_drafts(call: Call, wanted: ListDrafts) -> DraftList:
    """Show the caller's drafts."""
    found = await drafts.list_drafts(call.platform, call.caller, parse_scope(wanted.scope))
    return DraftList([DraftLine(one.id, one.kind, one.title, one.modified_at) for one in found])


def _show(draft: Draft) -> DraftView:
    return DraftView(draft.id, draft.kind, draft.title, dict(draft.content), draft.modified_at)


_ROOT, _ONE, _NEEDS = "/api/v1/drafts", "/api/v1/drafts/{draft_id}", Action.ACCESS_BUSINESS
ROUTES = (
    Route("GET", _ROOT, _NEEDS, list_drafts, ListDrafts, DraftList, "List one's drafts"),
    Route("POST", _ROOT, _NEEDS, create_draft, NewDraft, DraftView, "Keep a draft", 201),
    Route("GET", _ONE, _NEEDS, show_draft, OneDraft, DraftView, "Show a draft"),
    Route("POST", _ONE, _NEEDS, save_draft, SaveDraft, DraftView, "Keep what a draft has become"),
    Route("POST", f"{_ONE}/delete", _NEEDS, delete_draft, OneDraft, Done, "Forget a draft"),
)
