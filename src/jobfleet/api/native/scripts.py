"""Scripts that are kept: making them, their versions, publishing, looking at them."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.content import LanguageName, content_of, language_name, language_of
from jobfleet.api.native.route import Call, Done, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.scope import Scope, parse_scope, scope_text
from jobfleet.model.script_version import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_PAGE,
    MAX_VERSION_CHARACTERS,
    NewScript,
    NewVersion,
    Script,
    ScriptFilter,
    ScriptVersion,
    VersionChange,
)
from jobfleet.model.tagging import Tag
from jobfleet.operations import script_editing, scripts, tagging

PUBLIC = "public"
Owner = Annotated[
    str, Meta(pattern=r"^(public|(biz|biz_set):[1-9][0-9]{0,17})$", description="biz:ID, biz_set:ID or public")
]
ScriptId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
VersionId = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)]
VersionName = Annotated[str, Meta(min_length=1, max_length=MAX_VERSION_CHARACTERS)]
Description = Annotated[str, Meta(max_length=MAX_DESCRIPTION_CHARACTERS)]


class VersionWords(Wanted, frozen=True, kw_only=True):
    """Say what a version is: its content as text in `script`, or as any bytes in `script_base64`."""

    version: VersionName
    script: str | None = None
    script_base64: str | None = None
    version_description: Description = ""


class CreateScript(VersionWords, frozen=True, kw_only=True):
    """Ask for a script with its first version."""

    scope: Owner
    name: Name
    language: LanguageName = "shell"
    description: Description = ""


class CreateVersion(VersionWords, frozen=True, kw_only=True):
    """Ask for a new version, a draft."""

    script_id: ScriptId


class EditVersion(VersionWords, frozen=True, kw_only=True):
    """Ask for a draft to become this."""

    script_id: ScriptId
    version_id: VersionId


class RenameScript(Wanted, frozen=True):
    """Ask for another name and description."""

    script_id: ScriptId
    name: Name
    description: Description = ""


class OneScript(Wanted, frozen=True):
    """Name a script."""

    script_id: ScriptId


class OneVersion(Wanted, frozen=True):
    """Name a version of a script."""

    script_id: ScriptId
    version_id: VersionId


class OperateVersion(Wanted, frozen=True):
    """Publish, disable or delete a version."""

    script_id: ScriptId
    version_id: VersionId
    operation: Literal["publish", "disable", "delete"]


class ListScripts(Wanted, frozen=True):
    """Page through the scripts of a scope, newest first; `name` is a part of it, with `exact` all of it."""

    scope: Owner
    name: Annotated[str, Meta(max_length=255, pattern=r"^[^\x00]*$")] = ""
    exact: bool = False
    language: LanguageName | None = None
    online_only: bool = False
    tag_id: VersionId | None = None
    start: Annotated[int, Meta(ge=0, le=2**31)] = 0
    length: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 20


class TagName(msgspec.Struct, frozen=True):
    """Name a tag."""

    id: int
    name: str


class ScriptView(msgspec.Struct, frozen=True):
    """Show a script; times are epoch milliseconds."""

    id: str
    scope: str
    name: str
    language: str
    description: str
    online_version_id: int | None
    online_version: str
    creator: str
    created_at: int
    modifier: str
    modified_at: int
    tags: list[TagName]


class VersionView(msgspec.Struct, frozen=True):
    """Show a version; `state` is draft, online, offline or disabled, `content` (Base64) null where it is not shown."""

    id: int
    script_id: str
    version: str
    state: str
    description: str
    content: bytes | None
    creator: str
    created_at: int
    modifier: str
    modified_at: int


class CreatedScript(msgspec.Struct, frozen=True):
    """Name the script and its first version."""

    script: ScriptView
    version: VersionView


class ScriptList(msgspec.Struct, frozen=True):
    """Show one page of scripts; `total` counts them all."""

    total: int
    scripts: list[ScriptView]


class VersionList(msgspec.Struct, frozen=True):
    """Show the versions of a script, newest first, without contents."""

    versions: list[VersionView]


async def create_script(call: Call, wanted: CreateScript) -> CreatedScript:
    """Keep a script."""
    scope, language = owner_of(wanted.scope), language_of(wanted.language)
    new = NewScript(scope, wanted.name, language, _new_version(wanted), wanted.description)
    script, version = await script_editing.create_script(call.platform, call.caller, new)
    return CreatedScript(_script(script), _version(version))


async def create_version(call: Call, wanted: CreateVersion) -> VersionView:
    """Add a version."""
    scope = await _scope(call, wanted.script_id)
    new = _new_version(wanted)
    _, made = await script_editing.create_version(call.platform, call.caller, scope, wanted.script_id, new)
    return _version(made)


async def edit_version(call: Call, wanted: EditVersion) -> Done:
    """Change a draft."""
    scope, new = await _scope(call, wanted.script_id), _new_version(wanted)
    named = (scope, wanted.script_id, wanted.version_id)
    change = VersionChange(new.content, new.version, new.description)
    await script_editing.edit_draft(call.platform, call.caller, *named, change)
    return Done()


async def rename_script(call: Call, wanted: RenameScript) -> Done:
    """Change a script's name and description."""
    scope, texts = await _scope(call, wanted.script_id), {"name": wanted.name, "description": wanted.description}
    await script_editing.rename_script(call.platform, call.caller, scope, wanted.script_id, **texts)
    return Done()


_OPERATIONS = {
    "publish": script_editing.publish,
    "disable": script_editing.disable,
    "delete": script_editing.delete_version,
}


async def operate_version(call: Call, wanted: OperateVersion) -> Done:
    """Publish, disable or delete a version."""
    scope = await _scope(call, wanted.script_id)
    act = _OPERATIONS[wanted.operation]
    await act(call.platform, call.caller, scope, wanted.script_id, wanted.version_id)
    return Done()


async def delete_script(call: Call, wanted: OneScript) -> Done:
    """Delete a script with its versions."""
    scope = await _scope(call, wanted.script_id)
    await script_editing.delete_script(call.platform, call.caller, scope, wanted.script_id)
    return Done()


async def list_scripts(call: Call, wanted: ListScripts) -> ScriptList:
    """Show a page of scripts."""
    language = None if wanted.language is None else language_of(wanted.language)
    chosen = ScriptFilter(wanted.name, wanted.exact, language, wanted.online_only, wanted.tag_id)
    total, found = await scripts.list_scripts(
        call.platform, call.caller, owner_of(wanted.scope), chosen, start=wanted.start, length=wanted.length
    )
    tags = await tagging.script_tags(call.platform, [script.id for script in found])
    return ScriptList(total, [_script(script, tags.get(script.id, ())) for script in found])


async def show_script(call: Call, wanted: OneScript) -> ScriptView:
    """Show a script."""
    scope = await _scope(call, wanted.script_id)
    script = await scripts.get_script(call.platform, call.caller, scope, wanted.script_id)
    tags = await tagging.script_tags(call.platform, [script.id])
    return _script(script, tags.get(script.id, ()))


async def list_versions(call: Call, wanted: OneScript) -> VersionList:
    """Show the versions of a script."""
    scope = await _scope(call, wanted.script_id)
    found = await scripts.list_versions(call.platform, call.caller, scope, wanted.script_id)
    return VersionList([_version(version) for version in found])


async def show_version(call: Call, wanted: OneVersion) -> VersionView:
    """Show a version with its content."""
    scope = await _scope(call, wanted.script_id)
    _, version = await scripts.get_version(call.platform, call.caller, scope, wanted.version_id)
    return _version(version)


async def _scope(call: Call, script_id: str) -> Scope | None:
    return await scripts.find_scope(call.platform, call.caller, script_id)


def owner_of(text: str) -> Scope | None:
    """Return the scope that owns what is asked for, None for what is public."""
    return None if text == PUBLIC else parse_scope(text)


def _new_version(wanted: VersionWords) -> NewVersion:
    content = content_of(wanted.script, wanted.script_base64)
    return NewVersion(wanted.version, content, wanted.version_description)


def _script(script: Script, tags: Sequence[Tag] = ()) -> ScriptView:
    fields = msgspec.structs.asdict(script)
    scope = PUBLIC if script.scope is None else scope_text(script.scope)
    shown = {"scope": scope, "language": language_name(script.language)}
    return ScriptView(**fields | shown, tags=[TagName(tag.id, tag.name) for tag in tags])


def _version(version: ScriptVersion) -> VersionView:
    return VersionView(**msgspec.structs.asdict(version) | {"state": version.state.name.lower()})


_ONE, _VERSION = "/api/v1/scripts/{script_id}", "/api/v1/scripts/{script_id}/versions/{version_id}"
_VIEW, _CREATE, _MANAGE = Action.VIEW_SCRIPT, Action.CREATE_SCRIPT, Action.MANAGE_SCRIPT

ROUTES = (
    Route("GET", "/api/v1/scripts", _VIEW, list_scripts, ListScripts, ScriptList, "List kept scripts"),
    Route("POST", "/api/v1/scripts", _CREATE, create_script, CreateScript, CreatedScript, "Keep a script", 201),
    Route("GET", _ONE, _VIEW, show_script, OneScript, ScriptView, "Show a kept script"),
    Route("POST", _ONE, _MANAGE, rename_script, RenameScript, Done, "Rename a kept script"),
    Route("POST", f"{_ONE}/delete", _MANAGE, delete_script, OneScript, Done, "Delete a kept script"),
    Route("GET", f"{_ONE}/versions", _VIEW, list_versions, OneScript, VersionList, "List the versions of a script"),
    Route("POST", f"{_ONE}/versions", _MANAGE, create_version, CreateVersion, VersionView, "Add a version", 201),
    Route("GET", _VERSION, _VIEW, show_version, OneVersion, VersionView, "Show a version with its content"),
    Route("POST", _VERSION, _MANAGE, edit_version, EditVersion, Done, "Change a draft"),
    Route("POST", f"{_VERSION}/operate", _MANAGE, operate_version, OperateVersion, Done, "Publish, disable or delete"),
)
