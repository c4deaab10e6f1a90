"""Tags, and what steps are told of the scripts that they run, on a real database."""

import asyncio

import pytest
from tests.integration.kept_scripts import DEMO, EDDA, OTHER, STATE, VERA, add, kept, publish, refused
from tests.platforms import ADMIN, platform_of

from jobfleet.model.errors import ForbiddenError, IllegalParameterError
from jobfleet.model.resource_errors import ForeignTagError, TagNameTakenError
from jobfleet.model.scope import Scope
from jobfleet.model.tagging import MAX_TAGS, NewTag, Tag, Tagged
from jobfleet.operations import script_editing, tags
from jobfleet.operations.platform import Platform
from jobfleet.operations.script_states import ScriptState
from jobfleet.operations.step_parts import look_up_scripts

platform = platform_of(STATE)


async def tag(platform: Platform, name: str, scope: Scope | None = DEMO) -> Tag:
    return await tags.create_tag(platform, ADMIN if scope != DEMO else EDDA, scope, NewTag(name, "why"))


async def put(platform: Platform, script_id: str, *tag_ids: int) -> None:
    async with platform.engine.db.begin() as tx:
        await tags.set_tags(tx, DEMO, Tagged.SCRIPT, script_id, tag_ids)


async def names(platform: Platform, *ids: str) -> dict[str, list[str]]:
    async with platform.engine.db.begin() as tx:
        found = await tags.tags_of(tx, Tagged.SCRIPT, ids)
    return {one: [each.name for each in had] for one, had in found.items()}


async def listed(platform: Platform, name: str = "", start: int = 0) -> tuple[int, list[str]]:
    total, page = await tags.list_tags(platform, VERA, DEMO, name=name, start=start, length=2)
    return total, [each.name for each in page]


async def test_tags_are_unique_in_their_scope_and_listed_by_name(platform: Platform) -> None:
    first = await tag(platform, "web")
    await tag(platform, "db")
    await tag(platform, "web", OTHER)
    await tag(platform, "web", None)
    await refused(TagNameTakenError, tag(platform, "web"))
    assert await listed(platform) == (2, ["db", "web"])
    assert await listed(platform, "W") == (1, ["web"])
    assert await listed(platform, start=1) == (2, ["web"])
    await refused(TagNameTakenError, tags.update_tag(platform, EDDA, DEMO, first.id, NewTag("db")))
    changed = await tags.update_tag(platform, EDDA, DEMO, first.id, NewTag("www", "the web"))
    assert (changed.name, changed.description, changed.modifier) == ("www", "the web", "editor")
    await refused(ForeignTagError, tags.update_tag(platform, ADMIN, OTHER, first.id, NewTag("www")))
    await refused(ForeignTagError, tags.delete_tag(platform, EDDA, DEMO, 999_999))


async def test_things_have_tags_of_their_own_scope_until_either_is_deleted(platform: Platform) -> None:
    web, db, foreign = await tag(platform, "web"), await tag(platform, "db"), await tag(platform, "x", OTHER)
    script, _ = await kept(platform)
    other, _ = await kept(platform, "other")
    await put(platform, script.id, web.id, db.id, web.id)
    await put(platform, other.id, web.id)
    assert await names(platform, script.id, other.id) == {script.id: ["db", "web"], other.id: ["web"]}
    await refused(ForeignTagError, put(platform, script.id, web.id, foreign.id))
    await refused(ForeignTagError, put(platform, script.id, 999_999))
    await refused(IllegalParameterError, put(platform, script.id, *range(1, MAX_TAGS + 2)))
    await put(platform, other.id)
    await tags.delete_tag(platform, EDDA, DEMO, web.id)
    assert await names(platform, script.id, other.id) == {script.id: ["db"]}
    await script_editing.delete_script(platform, EDDA, DEMO, script.id)
    assert await names(platform, script.id) == {}


async def test_fifty_tags_fit(platform: Platform) -> None:
    script, _ = await kept(platform)
    made = await asyncio.gather(*(tag(platform, f"t{number}") for number in range(MAX_TAGS)))
    await put(platform, script.id, *(one.id for one in made))
    assert len((await names(platform, script.id))[script.id]) == MAX_TAGS


async def test_only_editors_keep_tags_and_only_administrators_those_of_public_scripts(platform: Platform) -> None:
    web = await tag(platform, "web")
    new = NewTag("new")
    await refused(ForbiddenError, tags.create_tag(platform, VERA, DEMO, new))
    await refused(ForbiddenError, tags.update_tag(platform, VERA, DEMO, web.id, new))
    await refused(ForbiddenError, tags.delete_tag(platform, VERA, DEMO, web.id))
    await refused(ForbiddenError, tags.create_tag(platform, EDDA, None, new))
    await refused(ForbiddenError, tags.list_tags(platform, VERA, OTHER, name="", start=0, length=1))
    assert await tags.list_tags(platform, VERA, None, name="", start=0, length=1) == (0, [])


@pytest.mark.parametrize("new", [NewTag(""), NewTag(" "), NewTag("x" * 61), NewTag("a\nb"), NewTag("x", "y" * 1001)])
async def test_what_is_no_tag_is_refused(platform: Platform, new: NewTag) -> None:
    await refused(IllegalParameterError, tags.create_tag(platform, EDDA, DEMO, new))


async def test_steps_are_told_that_a_newer_version_is_online_or_theirs_disabled(platform: Platform) -> None:
    script, first = await kept(platform)
    await publish(platform, script, first)
    lone, only = await kept(platform, "lone")
    await publish(platform, lone, only)

    async def told() -> list[ScriptState]:
        async with platform.engine.db.begin() as tx:
            known = await look_up_scripts(tx, platform, DEMO, [first.id, only.id])
        return [known[first.id].standing, known[only.id].standing]

    assert await told() == [ScriptState.CURRENT, ScriptState.CURRENT]
    second = await add(platform, script, "2.0")
    assert await told() == [ScriptState.CURRENT, ScriptState.CURRENT]
    await publish(platform, script, second)
    await script_editing.disable(platform, EDDA, DEMO, lone.id, only.id)
    assert await told() == [ScriptState.OUTDATED, ScriptState.DISABLED]
    await publish(platform, script, first)
    assert await told() == [ScriptState.CURRENT, ScriptState.DISABLED]
