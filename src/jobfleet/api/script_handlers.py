"""Kept scripts in version 3: a handler each for a scope's scripts and public ones alike."""

import msgspec
from msgspec import UNSET, UnsetType

from jobfleet.api import kept_scripts as asked
from jobfleet.api.fields import text
from jobfleet.api.kept_scripts import needed, owner_first, version_id_of
from jobfleet.api.paging import page_of
from jobfleet.api.script_views import PublicScript, PublicVersion, ShownPage, VersionStatus, show_script, show_version
from jobfleet.api.surface import Call
from jobfleet.model.errors import MissingParameterError
from jobfleet.model.script_version import Script, ScriptVersion, VersionState
from jobfleet.operations import script_editing, scripts


async def create_script(call: Call, wanted: asked.CreatePublicScript) -> PublicVersion:
    """Keep a script with its first version.

    Source: docs/reference/scripts.md, «BlueKing API»; also below.
    """
    async with owner_first(call, wanted) as scope:
        new = asked.new_script(scope, wanted)
    made = await script_editing.create_script(call.platform, call.caller, new)
    return _with_content(*made, new.first.content)


async def create_version(call: Call, wanted: asked.CreatePublicVersion) -> PublicVersion:
    """Add a version to a script."""
    async with owner_first(call, wanted) as scope:
        script_id = needed("script_id", wanted.script_id)
        new = asked.new_version(wanted.version, wanted.content, wanted.version_desc)
    made = await script_editing.create_version(call.platform, call.caller, scope, script_id, new)
    return _with_content(*made, new.content)


async def update_basic(call: Call, wanted: asked.UpdatePublicBasic) -> PublicScript:
    """Change a script's name and description."""
    async with owner_first(call, wanted) as scope:
        script_id, name = needed("script_id", wanted.script_id), needed("name", wanted.name)
    changed = await script_editing.rename_script(
        call.platform, call.caller, scope, script_id, name=name, description=wanted.description
    )
    return show_script(changed)


async def update_version(call: Call, wanted: asked.UpdatePublicVersion) -> PublicVersion:
    """Change a draft."""
    async with owner_first(call, wanted) as scope:
        script_id, version_id = needed("script_id", wanted.script_id), version_id_of(wanted.script_version_id)
        change = asked.change_of(wanted)
    made = await script_editing.edit_draft(call.platform, call.caller, scope, script_id, version_id, change)
    return _with_content(*made, change.content)


async def publish(call: Call, wanted: asked.OnePublicVersion) -> VersionStatus:
    """Put a version online."""
    async with owner_first(call, wanted) as scope:
        script_id, version_id = needed("script_id", wanted.script_id), version_id_of(wanted.script_version_id)
    await script_editing.publish(call.platform, call.caller, scope, script_id, version_id)
    return VersionStatus(script_id, version_id, VersionState.ONLINE)


async def disable(call: Call, wanted: asked.OnePublicVersion) -> VersionStatus:
    """Disable a version for good."""
    async with owner_first(call, wanted) as scope:
        script_id, version_id = needed("script_id", wanted.script_id), version_id_of(wanted.script_version_id)
    await script_editing.disable(call.platform, call.caller, scope, script_id, version_id)
    return VersionStatus(script_id, version_id, VersionState.DISABLED)


async def delete_version(call: Call, wanted: asked.OnePublicVersion) -> UnsetType:
    """Delete a version; with the only one the script goes too."""
    async with owner_first(call, wanted) as scope:
        script_id, version_id = needed("script_id", wanted.script_id), version_id_of(wanted.script_version_id)
    await script_editing.delete_version(call.platform, call.caller, scope, script_id, version_id)
    return UNSET


async def delete_script(call: Call, wanted: asked.OnePublicScript) -> UnsetType:
    """Delete a script with its versions."""
    async with owner_first(call, wanted) as scope:
        script_id = needed("script_id", wanted.script_id)
    await script_editing.delete_script(call.platform, call.caller, scope, script_id)
    return UNSET


async def list_scripts(call: Call, wanted: asked.ListPublicScripts) -> ShownPage:
    """Show a page of the scripts that have an online version."""
    async with owner_first(call, wanted) as scope:
        those = msgspec.structs.replace(asked.filter_of(wanted.name, wanted.script_language), online_only=True)
    start, length = page_of(wanted.start, wanted.length)
    total, found = await scripts.list_scripts(call.platform, call.caller, scope, those, start=start, length=length)
    return ShownPage(start, total, length, [show_script(one) for one in found])


async def list_versions(call: Call, wanted: asked.ListPublicVersions) -> ShownPage:
    """Show a page of a script's versions."""
    async with owner_first(call, wanted) as scope:
        script_id = needed("script_id", wanted.script_id)
    start, length = page_of(wanted.start, wanted.length)
    with_contents = wanted.return_script_content
    total, found = await scripts.page_versions(
        call.platform, call.caller, scope, script_id, start=start, length=length, contents=with_contents
    )
    return ShownPage(start, total, length, [show_version(*one) for one in found])


async def show(call: Call, wanted: asked.FindPublicVersion) -> PublicVersion:
    """Show a version with its content; an id hides the other words."""
    async with owner_first(call, wanted) as scope:
        script_id, version = text(wanted.script_id).strip(), text(wanted.version).strip()
        if not (wanted.id and wanted.id > 0) and not (script_id and version):
            raise MissingParameterError("id/(script_id+version)")
    if wanted.id and wanted.id > 0:
        return show_version(*await scripts.get_version(call.platform, call.caller, scope, wanted.id))
    return show_version(*await scripts.get_version_named(call.platform, call.caller, scope, script_id, version))


def _with_content(script: Script, version: ScriptVersion, content: bytes) -> PublicVersion:
    return show_version(script, msgspec.structs.replace(version, content=content))
