"""Keep scripts: make them and their versions, change drafts, publish, disable, delete."""

import uuid

import msgspec

from jobfleet.model.caller import Action, Caller
from jobfleet.model.errors import UnsupportedOperationError
from jobfleet.model.resource_errors import (
    ScriptInUseError,
    ScriptNameTakenError,
    VersionNameTakenError,
    VersionNotFoundError,
)
from jobfleet.model.scope import Scope
from jobfleet.model.script_version import (
    TRANSITIONS,
    NewScript,
    NewVersion,
    Script,
    ScriptVersion,
    VersionChange,
    VersionState,
    check_name,
    check_script,
    check_version,
)
from jobfleet.operations.kept_trail import script_resource
from jobfleet.operations.platform import Platform
from jobfleet.operations.script_content import seal_content
from jobfleet.operations.scripts import demand_script_action, script_in
from jobfleet.store import audit, script_versions, scripts
from jobfleet.store.database import Transaction


async def create_script(platform: Platform, caller: Caller, new: NewScript) -> tuple[Script, ScriptVersion]:
    """Keep a script with its first version, a draft; return both, the version without content.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot make scripts in the scope.
        IllegalScriptNameError, IllegalParameterError: A value is none.
        ScriptNameTakenError: Another script of the scope has the name.

    Source: docs/reference/scripts.md, «Kept scripts».
    """
    async with platform.engine.db.begin() as tx:
        await demand_script_action(tx, platform, caller, new.scope, Action.CREATE_SCRIPT)
        check_script(new)
        script = _script(new, caller, platform.engine.clock())
        if not await scripts.insert(tx, script):
            raise ScriptNameTakenError(new.name)
        version = await _insert_version(tx, platform, caller, script, new.first)
        await _note(tx, platform, caller, Action.CREATE_SCRIPT, script, "create")
    return script, version


async def create_version(
    platform: Platform, caller: Caller, scope: Scope | None, script_id: str, new: NewVersion
) -> tuple[Script, ScriptVersion]:
    """Add a version, a draft, to a script; return the script and the version, without content.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScriptNotFoundError, ForeignScriptError: See `publish`.
        IllegalParameterError: A value is none.
        VersionNameTakenError: Another version of the script has the name.
    """
    async with platform.engine.db.begin() as tx:
        script = await _hold(tx, platform, caller, scope, script_id)
        check_version(new)
        version = await _insert_version(tx, platform, caller, script, new)
        await _note(tx, platform, caller, Action.MANAGE_SCRIPT, script, f"add version {version.id} to")
    return script, version


async def rename_script(
    platform: Platform, caller: Caller, scope: Scope | None, script_id: str, *, name: str, description: str | None
) -> Script:
    """Change a script's name and, unless it is None, its description; return what it has become.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScriptNotFoundError, ForeignScriptError: See `publish`.
        IllegalScriptNameError, IllegalParameterError: A value is none.
        ScriptNameTakenError: Another script of the scope has the name.
    """
    async with platform.engine.db.begin() as tx:
        script = await _hold(tx, platform, caller, scope, script_id)
        words = script.description if description is None else description
        check_name(name, words)
        if not await scripts.rename(tx, script_id, name, words, caller.username, platform.engine.clock()):
            raise ScriptNameTakenError(name)
        await _note(tx, platform, caller, Action.MANAGE_SCRIPT, script, "rename")
        return await script_in(tx, scope, script_id)


async def edit_draft(
    platform: Platform, caller: Caller, scope: Scope | None, script_id: str, version_id: int, change: VersionChange
) -> tuple[Script, ScriptVersion]:
    """Change content, name and description of a draft; return its script and what it has become, without content.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScriptNotFoundError, ForeignScriptError,
        VersionNotFoundError: See `publish`.
        UnsupportedOperationError: The version is no draft any more.
        IllegalParameterError: A value is none.
        VersionNameTakenError: Another version of the script has the name.
    """
    async with platform.engine.db.begin() as tx:
        script = await _hold(tx, platform, caller, scope, script_id)
        version = await _version_of(tx, script, version_id)
        new = _merged(version, change)
        check_version(new)
        if version.state is not VersionState.DRAFT:
            raise UnsupportedOperationError
        changed = _version(
            script, version_id, new, caller, platform, creator=version.creator, created_at=version.created_at
        )
        if not await script_versions.edit_draft(tx, changed):
            raise VersionNameTakenError(new.version)
        await _touch(tx, platform, caller, script, f"edit version {version_id} of")
    return script, msgspec.structs.replace(changed, content=None)


async def publish(platform: Platform, caller: Caller, scope: Scope | None, script_id: str, version_id: int) -> None:
    """Put a draft or an offline version online; the one that was online goes offline.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot manage scripts of the scope (None: public ones).
        ScriptNotFoundError, ForeignScriptError: There is no such script, or it is not the scope's.
        VersionNotFoundError: The script has no such version.
        UnsupportedOperationError: The version's state does not allow it.
    """
    async with platform.engine.db.begin() as tx:
        script = await _hold(tx, platform, caller, scope, script_id)
        version = await _version_of(tx, script, version_id)
        if VersionState.ONLINE not in TRANSITIONS[version.state]:
            raise UnsupportedOperationError
        now = platform.engine.clock()
        if script.online_version_id is not None:
            await script_versions.move(tx, script.online_version_id, VersionState.OFFLINE, caller.username, now)
        await script_versions.move(tx, version_id, VersionState.ONLINE, caller.username, now)
        await _touch(tx, platform, caller, script, f"publish version {version_id} of")


async def disable(platform: Platform, caller: Caller, scope: Scope | None, script_id: str, version_id: int) -> None:
    """Disable an online or offline version for good; nothing runs it any more.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScriptNotFoundError, ForeignScriptError, VersionNotFoundError,
        UnsupportedOperationError: See `publish`.
    """
    async with platform.engine.db.begin() as tx:
        script = await _hold(tx, platform, caller, scope, script_id)
        await _version_of(tx, script, version_id)
        now = platform.engine.clock()
        if not await script_versions.move(tx, version_id, VersionState.DISABLED, caller.username, now):
            raise UnsupportedOperationError
        await _touch(tx, platform, caller, script, f"disable version {version_id} of")


async def delete_version(
    platform: Platform, caller: Caller, scope: Scope | None, script_id: str, version_id: int
) -> None:
    """Delete a version; with the only one the script goes too.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScriptNotFoundError, ForeignScriptError,
        VersionNotFoundError: See `publish`.
        ScriptInUseError: A template or plan uses it.
    """
    async with platform.engine.db.begin() as tx:
        script = await _hold(tx, platform, caller, scope, script_id)
        await _version_of(tx, script, version_id)
        if await script_versions.is_used(tx, [version_id]):
            raise ScriptInUseError(version_id)
        await script_versions.delete(tx, version_id)
        if not await script_versions.list_of_script(tx, script_id):
            await scripts.delete(tx, script_id)
        await _touch(tx, platform, caller, script, f"delete version {version_id} of")


async def delete_script(platform: Platform, caller: Caller, scope: Scope | None, script_id: str) -> None:
    """Delete a script with all versions.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScriptNotFoundError, ForeignScriptError: See `publish`.
        ScriptInUseError: A template or plan uses one of the versions.
    """
    async with platform.engine.db.begin() as tx:
        script = await _hold(tx, platform, caller, scope, script_id)
        versions = await script_versions.list_of_script(tx, script_id)
        if await script_versions.is_used(tx, [version.id for version in versions]):
            raise ScriptInUseError(script_id)
        await scripts.delete(tx, script_id)
        await _note(tx, platform, caller, Action.MANAGE_SCRIPT, script, "delete")


async def _hold(tx: Transaction, platform: Platform, caller: Caller, scope: Scope | None, script_id: str) -> Script:
    await demand_script_action(tx, platform, caller, scope, Action.MANAGE_SCRIPT, script_id)
    return await script_in(tx, scope, script_id, lock=True)


async def _version_of(tx: Transaction, script: Script, version_id: int) -> ScriptVersion:
    version = await script_versions.find(tx, version_id, content=False)
    if version is None or version.script_id != script.id:
        raise VersionNotFoundError(version_id)
    return version


def _merged(version: ScriptVersion, change: VersionChange) -> NewVersion:
    name = version.version if change.version is None else change.version
    return NewVersion(name, change.content, version.description if change.description is None else change.description)


async def _insert_version(
    tx: Transaction, platform: Platform, caller: Caller, script: Script, new: NewVersion
) -> ScriptVersion:
    now = platform.engine.clock()
    version_id = await script_versions.next_id(tx)
    version = _version(script, version_id, new, caller, platform, creator=caller.username, created_at=now)
    if not await script_versions.insert(tx, version):
        raise VersionNameTakenError(new.version)
    await scripts.touch(tx, script.id, caller.username, now)
    return msgspec.structs.replace(version, content=None)


def _version(
    script: Script,
    version_id: int,
    new: NewVersion,
    caller: Caller,
    platform: Platform,
    *,
    creator: str,
    created_at: int,
) -> ScriptVersion:
    return ScriptVersion(
        id=version_id,
        script_id=script.id,
        version=new.version,
        state=VersionState.DRAFT,
        description=new.description,
        creator=creator,
        created_at=created_at,
        modifier=caller.username,
        modified_at=platform.engine.clock(),
        content=seal_content(platform.engine.sealer, script, version_id, new.content),
    )


def _script(new: NewScript, caller: Caller, now: int) -> Script:
    return Script(
        id=uuid.uuid4().hex,
        scope=new.scope,
        name=new.name,
        language=new.language,
        description=new.description,
        creator=caller.username,
        created_at=now,
        modifier=caller.username,
        modified_at=now,
    )


async def _touch(tx: Transaction, platform: Platform, caller: Caller, script: Script, what: str) -> None:
    await scripts.touch(tx, script.id, caller.username, platform.engine.clock())
    await _note(tx, platform, caller, Action.MANAGE_SCRIPT, script, what)


async def _note(tx: Transaction, platform: Platform, caller: Caller, action: Action, script: Script, what: str) -> None:
    subject = f"{what} script {script.id} ({script.name})"
    named = script_resource(script.scope, script.id, script.name)
    await audit.insert(tx, caller, action, subject, platform.engine.clock(), script.scope, resource=named)
