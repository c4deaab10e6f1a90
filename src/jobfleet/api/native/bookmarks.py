"""Views of lists and favourites, each user's own."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import ScopeText
from jobfleet.api.native.route import Call, Done, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.scope import parse_scope
from jobfleet.operations import bookmarks

Page = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-z-]+$")]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
Query = Annotated[str, Meta(max_length=2048, pattern=r"^[^\x00]*$")]
Thing = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
Kind = Literal["plan", "template", "script", "host", "schedule"]


class OwnInScope(Wanted, frozen=True):
    """Name the scope."""

    scope: ScopeText


class KeepView(Wanted, frozen=True):
    """Keep filters under a name: `query` is what stands behind `?` in the address of a page."""

    scope: ScopeText
    page: Page
    name: Name
    query: Query


class OneView(Wanted, frozen=True):
    """Name a view."""

    scope: ScopeText
    page: Page
    name: Name


class ViewLine(msgspec.Struct, frozen=True):
    """Show a view; `modified_at` is epoch milliseconds."""

    page: str
    name: str
    query: str
    modified_at: int


class ViewList(msgspec.Struct, frozen=True):
    """Show the caller's views, by page and name."""

    views: list[ViewLine]


class OneFavourite(Wanted, frozen=True):
    """Name what is a favourite, by its kind and id."""

    scope: ScopeText
    kind: Kind
    id: Thing


class FavouriteLine(msgspec.Struct, frozen=True):
    """Show a favourite; `created_at` is epoch milliseconds."""

    kind: str
    id: str
    created_at: int


class FavouriteList(msgspec.Struct, frozen=True):
    """Show the caller's favourites, latest first."""

    favourites: list[FavouriteLine]


async def keep_view(call: Call, wanted: KeepView) -> Done:
    """Keep a view."""
    named = parse_scope(wanted.scope), wanted.page, wanted.name
    await bookmarks.keep_view(call.platform, call.caller, *named, wanted.query)
    return Done()


async def forget_view(call: Call, wanted: OneView) -> Done:
    """Forget a view."""
    await bookmarks.forget_view(call.platform, call.caller, parse_scope(wanted.scope), wanted.page, wanted.name)
    return Done()


async def list_views(call: Call, wanted: OwnInScope) -> ViewList:
    """Show the caller's views."""
    found = await bookmarks.list_views(call.platform, call.caller, parse_scope(wanted.scope))
    return ViewList([ViewLine(one.page, one.name, one.query, one.modified_at) for one in found])


async def add_favourite(call: Call, wanted: OneFavourite) -> Done:
    """Keep something at hand."""
    await bookmarks.add_favourite(call.platform, call.caller, parse_scope(wanted.scope), wanted.kind, wanted.id)
    return Done()


async def remove_favourite(call: Call, wanted: OneFavourite) -> Done:
    """Keep something at hand no more."""
    await bookmarks.remove_favourite(call.platform, call.caller, parse_scope(wanted.scope), wanted.kind, wanted.id)
    return Done()


async def list_favourites(call: Call, wanted: OwnInScope) -> FavouriteList:
    """Show the caller's favourites."""
    found = await bookmarks.list_favourites(call.platform, call.caller, parse_scope(wanted.scope))
    return FavouriteList([FavouriteLine(one.kind, one.thing, one.created_at) for one in found])


_VIEWS, _STARS, _NEEDS = "/api/v1/views", "/api/v1/favourites", Action.ACCESS_BUSINESS
ROUTES = (
    Route("GET", _VIEWS, _NEEDS, list_views, OwnInScope, ViewList, "List one's views"),
    Route("POST", _VIEWS, _NEEDS, keep_view, KeepView, Done, "Keep a view"),
    Route("POST", f"{_VIEWS}/delete", _NEEDS, forget_view, OneView, Done, "Forget a view"),
    Route("GET", _STARS, _NEEDS, list_favourites, OwnInScope, FavouriteList, "List one's favourites"),
    Route("POST", _STARS, _NEEDS, add_favourite, OneFavourite, Done, "Keep something at hand"),
    Route("POST", f"{_STARS}/delete", _NEEDS, remove_favourite, OneFavourite, Done, "Keep it at hand no more"),
)
