"""Look at scripts that are kept, and at their versions."""

from collections.abc import Mapping

import msgspec

from jobfleet.model.caller import Action, Caller, allows
from jobfleet.model.errors import IllegalParameterError, IllegalParameterReasonError
from jobfleet.model.permission import ResourceKind
from jobfleet.model.resource_errors import ForeignScriptError, ScriptNotFoundError, VersionNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.model.script_version import MAX_PAGE, MAX_PAGE_BYTES, Script, ScriptFilter, ScriptVersion
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
    _check_page(wanted.name, start, length)
    async with platform.engine.db.begin() as tx:
        await demand_script_action(tx, platform, caller, scope, Action.VIEW_SCRIPT)
        return await scripts.list_page(tx, scope, wanted, start=start, length=length)


async def list_online(
    platform: Platform,
    caller: Caller,
    scope: Scope | None,
    wanted: ScriptFilter,
    *,
    start: int,
    length: int,
    contents: bool = False,
) -> tuple[int, list[tuple[Script, ScriptVersion]]]:
    """Return how many scripts with an online version match, and a page of them with it, newest first.

    Args:
        contents: Whether the versions have their contents, in clear.

    Raises:
        ScopeNotFoundError, ForbiddenError, IllegalParameterError: See `list_scripts`.
        IllegalParameterReasonError: The contents are more than MAX_PAGE_BYTES.
    """
    _check_page(wanted.name, start, length)
    async with platform.engine.db.begin() as tx:
        await demand_script_action(tx, platform, caller, scope, Action.VIEW_SCRIPT)
        online = msgspec.structs.replace(wanted, online_only=True)
        total, page = await scripts.list_page(tx, scope, online, start=start, length=length)
        found = await script_versions.list_by_ids(tx, [one.online_version_id or 0 for one in page])
        pairs = [(one, found[one.online_version_id]) for one in page if one.online_version_id in found]
        return total, await _with_contents(tx, platform, pairs) if contents else pairs


async def list_versions(platform: Platform, caller: Caller, scope: Scope | None, script_id: str) -> list[ScriptVersion]:
    """Return the versions of a script in all states, newest first, without contents.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScriptNotFoundError, ForeignScriptError: See `get_script`.
    """
    async with platform.engine.db.begin() as tx:
        await demand_script_action(tx, platform, caller, scope, Action.VIEW_SCRIPT, script_id)
        await script_in(tx, scope, script_id)
        return await script_versions.list_of_script(tx, script_id)


async def page_versions(
    platform: Platform,
    caller: Caller,
    scope: Scope | None,
    script_id: str,
    *,
    start: int,
    length: int,
    contents: bool = False,
) -> tuple[int, list[tuple[Script, ScriptVersion]]]:
    """Return how many versions a script has, and a page of them in all states, newest first, with their script.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScriptNotFoundError, ForeignScriptError: See `get_script`.
        IllegalParameterError, IllegalParameterReasonError: See `list_online`.
    """
    _check_page("", start, length)
    async with platform.engine.db.begin() as tx:
        await demand_script_action(tx, platform, caller, scope, Action.VIEW_SCRIPT, script_id)
        script = await script_in(tx, scope, script_id)
        total, page = await script_versions.list_page(tx, script_id, start=start, length=length)
        pairs = [(script, version) for version in page]
        return total, await _with_contents(tx, platform, pairs) if contents else pairs


async def get_version(
    platform: Platform, caller: Caller, scope: Scope | None, version_id: int, *, or_public: bool = False
) -> tuple[Script, ScriptVersion]:
    """Return a script and one of its versions, with its content in clear.

    Args:
        or_public: Whether it may also be a public script's.

    Raises:
        ScopeNotFoundError, ForbiddenError: See `get_script`.
        VersionNotFoundError, ForeignScriptError: There is no such version, or it is not the scope's.
    """
    async with platform.engine.db.begin() as tx:
        await demand_script_action(tx, platform, caller, scope, Action.VIEW_SCRIPT)
        version = await script_versions.find(tx, version_id)
        if version is None:
            raise VersionNotFoundError(version_id)
        script = await scripts.find(tx, version.script_id)
        if script is None or (script.scope != scope and not (or_public and script.scope is None)):
            raise ForeignScriptError(version.script_id)
    return script, _opened(platform, script, version)


async def get_version_named(
    platform: Platform, caller: Caller, scope: Scope | None, script_id: str, version: str
) -> tuple[Script, ScriptVersion]:
    """Return a script and its version of a name, with its content in clear.

    Raises:
        ScopeNotFoundError, ForbiddenError, ScriptNotFoundError, ForeignScriptError: See `get_script`.
        VersionNotFoundError: The script has no version of this name.
    """
    async with platform.engine.db.begin() as tx:
        await demand_script_action(tx, platform, caller, scope, Action.VIEW_SCRIPT, script_id)
        script = await script_in(tx, scope, script_id)
        found = await script_versions.find_named(tx, script_id, version)
    if found is None:
        raise VersionNotFoundError(version)
    return script, _opened(platform, script, found)


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


def _check_page(name: str, start: int, length: int) -> None:
    for field, is_good in (("name", "\x00" not in name), ("start", start >= 0), ("length", 1 <= length <= MAX_PAGE)):
        if not is_good:
            raise IllegalParameterError(field, "is no valid value")


async def _with_contents(
    tx: Transaction, platform: Platform, pairs: list[tuple[Script, ScriptVersion]]
) -> list[tuple[Script, ScriptVersion]]:
    ids = [version.id for _, version in pairs]
    if await script_versions.content_bytes(tx, ids) > MAX_PAGE_BYTES:
        raise IllegalParameterReasonError("length", f"asks for more than {MAX_PAGE_BYTES} bytes of contents")
    found = await script_versions.contents(tx, ids)
    return [
        (script, _opened(platform, script, msgspec.structs.replace(version, content=found[version.id])))
        for script, version in pairs
    ]


def _opened(platform: Platform, script: Script, version: ScriptVersion) -> ScriptVersion:
    return msgspec.structs.replace(version, content=open_content(platform.engine.sealer, script, version))
