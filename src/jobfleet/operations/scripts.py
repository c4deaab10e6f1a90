"""Look at scripts that are kept, and at their versions."""

from collections.abc import Mapping

import msgspec

from jobfleet.model.caller import Action, Caller, allows
from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.permission import ResourceKind
from jobfleet.model.resource_errors import ForeignScriptError, ScriptNotFoundError, VersionNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.model.script_version import MAX_PAGE, Script, ScriptFilter, ScriptVersion
from jobfleet.operations.access import demand_on, demand_platform, enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.operations.script_content import open_content
from jobfleet.store import resource_names, script_versions, scripts
from jobfleet.store.database import Transaction

_PUBLIC: Mapping[Action, Action] = {
    Action.CREATE_SCRIPT: Action.CREATE_PUBLIC_SCRIPT,
    Action.MANAGE_SCRIPT: Action.MANAGE_PUBLIC_SCRIPT,
}
"""What is asked for public scripts in place of an action; everybody may look at them."""


async def find_scope(platform: Platform, caller: Caller, script_id: str) -> Scope | None:
    """Return the scope that a script belongs to, None for a public one.

    Raises:
        ScriptNotFoundError: There is no such script, or the caller may not access its scope; both look alike.
    """
    async with platform.engine.db.begin() as tx:
        script = await scripts.find(tx, script_id)
    if script is None:
        raise ScriptNotFoundError(script_id)
    scope = script.scope
    if scope is not None and not allows(caller, Action.ACCESS_BUSINESS, scope.type, scope.id):
        raise ScriptNotFoundError(script_id)
    return scope


async def get_script(platform: Platform, caller: Caller, scope: Scope | None, script_id: str) -> Script:
    """Return a script of a scope; None stands for public ones, here and below.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot look at scripts of the scope.
        ScriptNotFoundError, ForeignScriptError: There is no such script, or it is not the scope's.
    """
    async with platform.engine.db.begin() as tx:
        await demand_script_action(tx, platform, caller, scope, Action.VIEW_SCRIPT, script_id)
        return await script_in(tx, scope, script_id)


async def list_scripts(
    platform: Platform, caller: Caller, scope: Scope | None, wanted: ScriptFilter, *, start: int, length: int
) -> tuple[int, list[Script]]:
    """Return how many scripts of a scope match, and a page of them, newest first.

    Args:
        length: At most MAX_PAGE.

    Raises:
        ScopeNotFoundError, ForbiddenError: See `get_script`.
        IllegalParameterError: Name, start or length.
    """
    if "\x00" in wanted.name:
        raise IllegalParameterError("name")
    if start < 0:
        raise IllegalParameterError("start")
    if not 1 <= length <= MAX_PAGE:
        raise IllegalParameterError("length")
    async with platform.engine.db.begin() as tx:
        await demand_script_action(tx, platform, caller, scope, Action.VIEW_SCRIPT)
        return await scripts.list_page(tx, scope, wanted, start=start, length=length)


async def list_versions(
    platform: Platform, caller: Caller, scope: Scope | None, script_id: str, *, contents: bool = False
) -> list[ScriptVersion]:
    """Return the versions of a script in all states, newest first; when asked with their contents in clear.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScriptNotFoundError, ForeignScriptError: See `get_script`.
    """
    async with platform.engine.db.begin() as tx:
        await demand_script_action(tx, platform, caller, scope, Action.VIEW_SCRIPT, script_id)
        script = await script_in(tx, scope, script_id)
        found = await script_versions.list_of_script(tx, script_id, contents=contents)
    return [_opened(platform, script, version) if contents else version for version in found]


async def get_version(
    platform: Platform, caller: Caller, scope: Scope | None, version_id: int
) -> tuple[Script, ScriptVersion]:
    """Return a script and one of its versions, with its content in clear.

    Raises:
        ScopeNotFoundError, ForbiddenError: See `get_script`.
        VersionNotFoundError, ForeignScriptError: There is no such version, or it is not the scope's.
    """
    async with platform.engine.db.begin() as tx:
        await demand_script_action(tx, platform, caller, scope, Action.VIEW_SCRIPT)
        version = await script_versions.find(tx, version_id)
        if version is None:
            raise VersionNotFoundError(version_id)
        script = await script_in(tx, scope, version.script_id)
    return script, _opened(platform, script, version)


async def demand_script_action(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope | None, action: Action, script_id: str = ""
) -> None:
    """Do nothing when the caller may do this to the scripts of a scope, None: to public ones.

    Args:
        script_id: The script that it is about; a refusal names it.

    Raises:
        ScopeNotFoundError: The scope is unknown or archived.
        ForbiddenError: The caller may not.
    """
    if scope is not None:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, action, info, ResourceKind.SCRIPT, script_id)
    elif action in _PUBLIC:
        found = await resource_names.find(tx, ResourceKind.PUBLIC_SCRIPT, None, script_id)
        demand_platform(caller, _PUBLIC[action], *([] if found is None else [found]))


async def script_in(tx: Transaction, scope: Scope | None, script_id: str, *, lock: bool = False) -> Script:
    """Return a script of a scope; with `lock` nobody changes it or its versions until the transaction ends.

    Raises:
        ScriptNotFoundError, ForeignScriptError: There is no such script, or it is not the scope's.
    """
    script = await scripts.find(tx, script_id, lock=lock)
    if script is None:
        raise ScriptNotFoundError(script_id)
    if script.scope != scope:
        raise ForeignScriptError(script_id)
    return script


def _opened(platform: Platform, script: Script, version: ScriptVersion) -> ScriptVersion:
    return msgspec.structs.replace(version, content=open_content(platform.engine.sealer, script, version))
