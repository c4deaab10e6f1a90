"""Tags of scripts and templates."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.native.route import Call, Done, Route, Wanted
from jobfleet.api.native.scripts import PUBLIC, Owner, ScriptId, owner_of
from jobfleet.api.native.targets import SCOPE_PATTERN
from jobfleet.model.caller import Action
from jobfleet.model.scope import parse_scope, scope_text
from jobfleet.model.tagging import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_PAGE,
    MAX_TAGS,
    NewTag,
    Tag,
    Tagged,
)
from jobfleet.operations import scripts, tagging, tags
from jobfleet.operations.tagging import TagChange

TagId = Annotated[int, Meta(ge=1, le=2**63 - 1)]
TagIds = Annotated[list[TagId], Meta(max_length=MAX_TAGS)]


class CreateTag(Wanted, frozen=True):
    """Ask for a tag."""

    scope: Owner
    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)]
    description: Annotated[str, Meta(max_length=MAX_DESCRIPTION_CHARACTERS)] = ""


class UpdateTag(CreateTag, frozen=True, kw_only=True):
    """Ask for a tag to become this."""

    tag_id: TagId


class OneTag(Wanted, frozen=True):
    """Name a tag of a scope."""

    scope: Owner
    tag_id: TagId


class ListTags(Wanted, frozen=True):
    """Page through the tags of a scope by name; `name` is a part of it."""

    scope: Owner
    name: Annotated[str, Meta(max_length=255, pattern=r"^[^\x00]*$")] = ""
    start: Annotated[int, Meta(ge=0, le=2**31)] = 0
    length: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 20


class TagScript(Wanted, frozen=True):
    """Give a script these tags in place of those that it has."""

    script_id: ScriptId
    tags: TagIds


class TagTemplate(Wanted, frozen=True):
    """Give a template these tags in place of those that it has."""

    scope: Annotated[str, Meta(pattern=SCOPE_PATTERN)]
    template_id: TagId
    tags: TagIds


class ChangeTags(Wanted, frozen=True):
    """Put the tags `add` on scripts and templates of a scope and take `remove` off, all or none."""

    scope: Owner
    scripts: Annotated[tuple[ScriptId, ...], Meta(max_length=1000)] = ()
    templates: Annotated[tuple[TagId, ...], Meta(max_length=1000)] = ()
    add: Annotated[tuple[TagId, ...], Meta(max_length=MAX_TAGS)] = ()
    remove: Annotated[tuple[TagId, ...], Meta(max_length=MAX_TAGS)] = ()


class TagView(msgspec.Struct, frozen=True):
    """Show a tag; times are epoch milliseconds."""

    id: int
    scope: str
    name: str
    description: str
    creator: str
    created_at: int
    modifier: str
    modified_at: int


class CountedTag(TagView, frozen=True, kw_only=True):
    """Show a tag, and how many scripts and templates have it."""

    script_count: int
    template_count: int


class TagList(msgspec.Struct, frozen=True):
    """Show one page of tags; `total` counts them all."""

    total: int
    tags: list[CountedTag]


async def create_tag(call: Call, wanted: CreateTag) -> TagView:
    """Keep a tag."""
    new = NewTag(wanted.name, wanted.description)
    return _show(await tags.create_tag(call.platform, call.caller, owner_of(wanted.scope), new))


async def update_tag(call: Call, wanted: UpdateTag) -> TagView:
    """Change a tag."""
    new = NewTag(wanted.name, wanted.description)
    return _show(await tags.update_tag(call.platform, call.caller, owner_of(wanted.scope), wanted.tag_id, new))


async def delete_tag(call: Call, wanted: OneTag) -> Done:
    """Delete a tag."""
    await tags.delete_tag(call.platform, call.caller, owner_of(wanted.scope), wanted.tag_id)
    return Done()


async def list_tags(call: Call, wanted: ListTags) -> TagList:
    """Show a page of tags."""
    page = {"start": wanted.start, "length": wanted.length}
    total, found = await tags.list_tags(call.platform, call.caller, owner_of(wanted.scope), name=wanted.name, **page)
    counts = await tags.count_uses(call.platform, [tag.id for tag in found])
    return TagList(total, [_counted(tag, counts) for tag in found])


async def change_tags(call: Call, wanted: ChangeTags) -> Done:
    """Put tags on many things, and take others off."""
    change = TagChange(wanted.scripts, wanted.templates, wanted.add, wanted.remove)
    await tagging.change_tags(call.platform, call.caller, owner_of(wanted.scope), change)
    return Done()


async def tag_script(call: Call, wanted: TagScript) -> Done:
    """Put tags on a script."""
    scope = await scripts.find_scope(call.platform, call.caller, wanted.script_id)
    await tagging.tag_script(call.platform, call.caller, scope, wanted.script_id, wanted.tags)
    return Done()


async def tag_template(call: Call, wanted: TagTemplate) -> Done:
    """Put tags on a template."""
    scope = parse_scope(wanted.scope)
    await tagging.tag_template(call.platform, call.caller, scope, wanted.template_id, wanted.tags)
    return Done()


def _counted(tag: Tag, counts: Mapping[tuple[int, Tagged], int]) -> CountedTag:
    found = (counts.get((tag.id, kind), 0) for kind in (Tagged.SCRIPT, Tagged.TEMPLATE))
    scripts_, templates = found
    return CountedTag(**msgspec.structs.asdict(_show(tag)), script_count=scripts_, template_count=templates)


def _show(tag: Tag) -> TagView:
    return TagView(**msgspec.structs.asdict(tag) | {"scope": PUBLIC if tag.scope is None else scope_text(tag.scope)})


_ALL, _ONE = "/api/v1/tags", "/api/v1/tags/{tag_id}"
_CREATE, _MANAGE = Action.CREATE_TAG, Action.MANAGE_TAG

ROUTES = (
    Route("GET", _ALL, Action.ACCESS_BUSINESS, list_tags, ListTags, TagList, "List tags"),
    Route("POST", _ALL, _CREATE, create_tag, CreateTag, TagView, "Keep a tag", 201),
    Route("POST", f"{_ONE}", _MANAGE, update_tag, UpdateTag, TagView, "Change a tag"),
    Route("POST", f"{_ONE}/delete", _MANAGE, delete_tag, OneTag, Done, "Delete a tag"),
    Route("POST", f"{_ALL}/change", Action.MANAGE_SCRIPT, change_tags, ChangeTags, Done, "Tag many things at once"),
    Route(
        "POST",
        "/api/v1/scripts/{script_id}/tags",
        Action.MANAGE_SCRIPT,
        tag_script,
        TagScript,
        Done,
        "Put tags on a script",
    ),
    Route(
        "POST",
        "/api/v1/templates/{template_id}/tags",
        Action.EDIT_JOB_TEMPLATE,
        tag_template,
        TagTemplate,
        Done,
        "Put tags on a template",
    ),
)
