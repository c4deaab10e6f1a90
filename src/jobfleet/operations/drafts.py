"""Keep what people have begun, for themselves alone."""

from collections.abc import Mapping
from typing import Any

import msgspec

from jobfleet.model.caller import Action, Caller
from jobfleet.model.desk import DRAFT_LIFE_MS, MAX_DRAFT_BYTES, MAX_DRAFTS, Draft, without_secrets
from jobfleet.model.desk_errors import DraftNotFoundError
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.scope import Scope
from jobfleet.operations.access import enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, drafts
from jobfleet.store.drafts import StoredDraft

_encoder = msgspec.json.Encoder()


class Begun(msgspec.Struct, frozen=True):
    """Say what is to be kept."""

    kind: str
    title: str
    content: Mapping[str, Any]


async def create_draft(platform: Platform, caller: Caller, scope: Scope, begun: Begun) -> Draft:
    """Keep a new draft; the user's oldest goes when there are more than MAX_DRAFTS.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        IllegalParameterReasonError: It is larger than MAX_DRAFT_BYTES.

    Source: docs/reference/drafts.md.
    """
    now = platform.engine.clock()
    new = _stored(platform, caller, scope, begun, 0)
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        draft_id = await drafts.insert(tx, new)
        await drafts.forget(tx, caller.username, scope, before=now - DRAFT_LIFE_MS, keep=MAX_DRAFTS)
        await audit.insert(tx, caller, Action.ACCESS_BUSINESS, f"keep draft {draft_id}", now, scope)
    return _opened(platform, msgspec.structs.replace(new, id=draft_id))


async def save_draft(platform: Platform, caller: Caller, scope: Scope, draft_id: int, begun: Begun) -> Draft:
    """Keep what a draft has become. It leaves no row in the audit trail: it is written while somebody types.

    Raises:
        ScopeNotFoundError, ForbiddenError, DraftNotFoundError: In this order.
        IllegalParameterReasonError: See `create_draft`.
    """
    new = _stored(platform, caller, scope, begun, draft_id)
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        if not await drafts.update(tx, new):
            raise DraftNotFoundError(draft_id)
    return _opened(platform, new)


async def delete_draft(platform: Platform, caller: Caller, scope: Scope, draft_id: int) -> None:
    """Forget a draft.

    Raises:
        ScopeNotFoundError, ForbiddenError, DraftNotFoundError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        if not await drafts.delete(tx, caller.username, scope, draft_id):
            raise DraftNotFoundError(draft_id)
        now = platform.engine.clock()
        await audit.insert(tx, caller, Action.ACCESS_BUSINESS, f"forget draft {draft_id}", now, scope)


async def get_draft(platform: Platform, caller: Caller, scope: Scope, draft_id: int) -> Draft:
    """Return a draft of the caller.

    Raises:
        ScopeNotFoundError, ForbiddenError, DraftNotFoundError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        found = await drafts.find(tx, caller.username, scope, draft_id)
    if found is None:
        raise DraftNotFoundError(draft_id)
    return _opened(platform, found)


async def list_drafts(platform: Platform, caller: Caller, scope: Scope) -> list[StoredDraft]:
    """Return the caller's drafts in a scope, latest first, their contents sealed.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        return await drafts.list_own(tx, caller.username, scope)


def _stored(platform: Platform, caller: Caller, scope: Scope, begun: Begun, draft_id: int) -> StoredDraft:
    content = _encoder.encode(without_secrets(begun.kind, begun.content))
    if len(content) > MAX_DRAFT_BYTES:
        raise IllegalParameterReasonError("content", f"is larger than {MAX_DRAFT_BYTES} bytes")
    sealed = platform.engine.sealer.seal(content, _purpose(caller.username))
    return StoredDraft(draft_id, caller.username, scope, begun.kind, begun.title, sealed, platform.engine.clock())


def _opened(platform: Platform, stored: StoredDraft) -> Draft:
    clear = platform.engine.sealer.open(stored.content, _purpose(stored.user_name))
    return Draft(
        id=stored.id,
        user_name=stored.user_name,
        scope=stored.scope,
        kind=stored.kind,
        title=stored.title,
        content=msgspec.json.decode(clear),
        modified_at=stored.modified_at,
    )


def _purpose(user_name: str) -> str:
    return f"draft of {user_name}"
