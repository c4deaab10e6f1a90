"""Keep views of lists and favourites, for their user alone."""

from jobfleet.model.caller import Action, Caller
from jobfleet.model.desk import MAX_KEPT, Favourite, KeptView
from jobfleet.model.desk_errors import TooMuchKeptError
from jobfleet.model.scope import Scope
from jobfleet.operations.access import enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, bookmarks
from jobfleet.store.database import Transaction


async def keep_view(platform: Platform, caller: Caller, scope: Scope, page: str, name: str, query: str) -> None:
    """Keep the filters of a page under a name, in place of those that had it.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        TooMuchKeptError: The user keeps MAX_KEPT of them here.

    Source: docs/reference/drafts.md, «Views and favourites».
    """
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        kept = await bookmarks.list_views(tx, caller.username, scope)
        if len(kept) >= MAX_KEPT and all((one.page, one.name) != (page, name) for one in kept):
            raise TooMuchKeptError(MAX_KEPT)
        await bookmarks.put_view(tx, caller.username, scope, KeptView(page, name, query, now))
        await _note(tx, caller, scope, f"keep view {name} of {page}", now)


async def forget_view(platform: Platform, caller: Caller, scope: Scope, page: str, name: str) -> None:
    """Forget a view; nothing happens when there is none.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        await bookmarks.delete_view(tx, caller.username, scope, page, name)
        await _note(tx, caller, scope, f"forget view {name} of {page}", platform.engine.clock())


async def list_views(platform: Platform, caller: Caller, scope: Scope) -> list[KeptView]:
    """Return the caller's views in a scope, by page and name.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        return await bookmarks.list_views(tx, caller.username, scope)


async def add_favourite(platform: Platform, caller: Caller, scope: Scope, kind: str, thing: str) -> None:
    """Keep something at hand; whether it is there is for who shows it to see.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        TooMuchKeptError: The user has MAX_KEPT of them here.
    """
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        if len(await bookmarks.list_favourites(tx, caller.username, scope)) >= MAX_KEPT:
            raise TooMuchKeptError(MAX_KEPT)
        await bookmarks.put_favourite(tx, caller.username, scope, Favourite(kind, thing, now))
        await _note(tx, caller, scope, f"add favourite {kind} {thing}", now)


async def remove_favourite(platform: Platform, caller: Caller, scope: Scope, kind: str, thing: str) -> None:
    """Keep something at hand no more.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        await bookmarks.delete_favourite(tx, caller.username, scope, kind, thing)
        await _note(tx, caller, scope, f"remove favourite {kind} {thing}", platform.engine.clock())


async def list_favourites(platform: Platform, caller: Caller, scope: Scope) -> list[Favourite]:
    """Return the caller's favourites in a scope, latest first.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        return await bookmarks.list_favourites(tx, caller.username, scope)


async def _note(tx: Transaction, caller: Caller, scope: Scope, subject: str, now: int) -> None:
    await audit.insert(tx, caller, Action.ACCESS_BUSINESS, subject, now, scope)
