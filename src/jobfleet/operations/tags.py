"""Keep tags, and put them on scripts and templates."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from jobfleet.model.caller import Action, Caller
from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.permission import ResourceKind
from jobfleet.model.resource_errors import ForeignTagError, TagNameTakenError
from jobfleet.model.scope import Scope
from jobfleet.model.tagging import MAX_PAGE, MAX_TAGS, NewTag, Tag, Tagged, check_tag
from jobfleet.operations.access import demand_on, demand_platform, enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, tags
from jobfleet.store.database import Transaction


async def create_tag(platform: Platform, caller: Caller, scope: Scope | None, new: NewTag) -> Tag:
    """Keep a tag; `scope` None makes one for public scripts, here and below.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot make tags in the scope.
        IllegalParameterError: Name or description.
        TagNameTakenError: Another tag of the scope has the name.

    Source: docs/reference/tags.md.
    """
    async with platform.engine.db.begin() as tx:
        await _demand(tx, platform, caller, scope, Action.CREATE_TAG)
        check_tag(new)
        now = platform.engine.clock()
        tag = Tag(0, scope, new.name, new.description, caller.username, now, caller.username, now)
        tag_id = await tags.insert(tx, tag)
        if tag_id is None:
            raise TagNameTakenError(new.name)
        await _note(tx, platform, caller, Action.CREATE_TAG, f"create tag {tag_id} ({new.name})", scope)
    return msgspec.structs.replace(tag, id=tag_id)


async def update_tag(platform: Platform, caller: Caller, scope: Scope | None, tag_id: int, new: NewTag) -> Tag:
    """Change a tag's name and description.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot manage tags of the scope.
        ForeignTagError: The scope has no such tag.
        IllegalParameterError, TagNameTakenError: See `create_tag`.
    """
    async with platform.engine.db.begin() as tx:
        tag = await _held(tx, platform, caller, scope, tag_id)
        check_tag(new)
        words = {"name": new.name, "description": new.description, "modifier": caller.username}
        changed = msgspec.structs.replace(tag, **words, modified_at=platform.engine.clock())
        if not await tags.update(tx, changed):
            raise TagNameTakenError(new.name)
        await _note(tx, platform, caller, Action.MANAGE_TAG, f"change tag {tag_id} ({new.name})", scope)
    return changed


async def delete_tag(platform: Platform, caller: Caller, scope: Scope | None, tag_id: int) -> None:
    """Delete a tag; what had it has it no more.

    Raises:
        ScopeNotFoundError, ForbiddenError, ForeignTagError: See `update_tag`.
    """
    async with platform.engine.db.begin() as tx:
        tag = await _held(tx, platform, caller, scope, tag_id)
        await tags.delete(tx, tag_id)
        await _note(tx, platform, caller, Action.MANAGE_TAG, f"delete tag {tag_id} ({tag.name})", scope)


async def list_tags(
    platform: Platform, caller: Caller, scope: Scope | None, *, name: str, start: int, length: int
) -> tuple[int, list[Tag]]:
    """Return how many tags of a scope have `name` in their name, and a page of them by name.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot look into the scope; those of public scripts all may.
        IllegalParameterError: Name, start or length (1 to MAX_PAGE).
    """
    for field, is_good in (("name", "\x00" not in name), ("start", start >= 0), ("length", 1 <= length <= MAX_PAGE)):
        if not is_good:
            raise IllegalParameterError(field, "is no valid value")
    async with platform.engine.db.begin() as tx:
        if scope is not None:
            await enter_scope(tx, platform, caller, scope)
        return await tags.list_page(tx, scope, name=name, start=start, length=length)


async def count_uses(platform: Platform, tag_ids: Collection[int]) -> Mapping[tuple[int, Tagged], int]:
    """Return how many scripts and templates have tags that the caller has been shown; pairs with none are left out."""
    async with platform.engine.db.begin() as tx:
        return await tags.count_uses(tx, tag_ids)


async def tags_of(tx: Transaction, kind: Tagged, resource_ids: Collection[object]) -> Mapping[str, Sequence[Tag]]:
    """Return the tags of things by their ids as texts, each by name; a thing without tags has none under its id."""
    return await tags.list_of(tx, kind, [str(one) for one in resource_ids])


async def set_tags(
    tx: Transaction, scope: Scope | None, kind: Tagged, resource_id: object, tag_ids: Collection[int]
) -> None:
    """Give a thing of a scope these tags in place of those that it had. Permission and audit are the caller's.

    Raises:
        IllegalParameterError: There are more than MAX_TAGS.
        ForeignTagError: The scope does not have one of them.
    """
    wanted = set(tag_ids)
    if len(wanted) > MAX_TAGS:
        raise IllegalParameterError("tags", f"has more than {MAX_TAGS} entries")
    missing = wanted - (await tags.known_ids(tx, scope, wanted) if wanted else set())
    if missing:
        raise ForeignTagError(min(missing))
    await tags.link(tx, kind, str(resource_id), wanted)


async def _held(tx: Transaction, platform: Platform, caller: Caller, scope: Scope | None, tag_id: int) -> Tag:
    await _demand(tx, platform, caller, scope, Action.MANAGE_TAG, tag_id)
    tag = await tags.find(tx, tag_id, lock=True)
    if tag is None or tag.scope != scope:
        raise ForeignTagError(tag_id)
    return tag


async def _demand(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope | None, action: Action, tag_id: int = 0
) -> None:
    if scope is None:
        demand_platform(caller, action)
    else:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, action, info, ResourceKind.TAG, tag_id)


async def _note(
    tx: Transaction, platform: Platform, caller: Caller, action: Action, what: str, scope: Scope | None
) -> None:
    await audit.insert(tx, caller, action, what, platform.engine.clock(), scope)
