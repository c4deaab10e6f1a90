"""The contents of kept scripts: sealed for their version, opened to be run."""

import re

import msgspec

from jobfleet.engine.sealing import Sealer
from jobfleet.model.job_errors import ScriptNotExecutableError
from jobfleet.model.resource_errors import ScriptNotFoundError
from jobfleet.model.scope import Scope, scope_text
from jobfleet.model.script_version import EXECUTABLE, Script, ScriptVersion, VersionState
from jobfleet.operations.platform import Platform
from jobfleet.store import script_versions, scripts
from jobfleet.store.database import Transaction

_ID = re.compile(r"[0-9a-f]{32}")


class LoadedScript(msgspec.Struct, frozen=True):
    """Hold what runs: the content of one version, and which script it is from; public scripts have no scope."""

    language: int
    content: bytes
    script_id: str
    version_id: int
    state: VersionState
    public: bool
    name: str = ""


async def load_script(
    tx: Transaction, platform: Platform, scope: Scope, version_id: int | None, script_id: str = ""
) -> LoadedScript:
    """Return what a job of one script runs: a version that is online or offline, or a script's online version.

    The script is the scope's own or a public one. `script_id` counts only without a version's id.

    Raises:
        ScriptNotFoundError: There is no such script for the scope, or it has no online version.
        ScriptNotExecutableError: The version is a draft or disabled.

    Source: docs/reference/scripts.md, «Kept scripts».
    """
    if version_id is None:
        if not _ID.fullmatch(script_id):
            raise ScriptNotFoundError(script_id)
        online = await script_versions.find_online(tx, script_id)
        return await _loaded(tx, platform, scope, online, script_id)
    loaded = await load_version(tx, platform, scope, version_id)
    if loaded.state not in EXECUTABLE:
        raise ScriptNotExecutableError(loaded.state.name.lower())
    return loaded


async def load_version(tx: Transaction, platform: Platform, scope: Scope, version_id: int) -> LoadedScript:
    """Return a version of the scope's own or a public script, whatever its state.

    Raises:
        ScriptNotFoundError: There is no such version for the scope.
    """
    return await _loaded(tx, platform, scope, await script_versions.find(tx, version_id), version_id)


async def _loaded(
    tx: Transaction, platform: Platform, scope: Scope, version: ScriptVersion | None, asked: object
) -> LoadedScript:
    script = None if version is None else await scripts.find(tx, version.script_id)
    if version is None or script is None or script.scope not in {None, scope}:
        raise ScriptNotFoundError(asked)
    content = open_content(platform.engine.sealer, script, version)
    return LoadedScript(
        script.language, content, script.id, version.id, version.state, script.scope is None, script.name
    )


def seal_content(sealer: Sealer, script: Script, version_id: int, content: bytes) -> bytes:
    """Return a content sealed for one version of one script, so that no other can take its place."""
    return sealer.seal(content, _purpose(script, version_id))


def open_content(sealer: Sealer, script: Script, version: ScriptVersion) -> bytes:
    """Return a version's content in clear.

    Raises:
        InternalError: It was changed in the database.
    """
    return sealer.open(version.content or b"", _purpose(script, version.id))


def _purpose(script: Script, version_id: int) -> str:
    scope = "public" if script.scope is None else scope_text(script.scope)
    return f"script version {version_id} of {script.id} in {scope}, language {script.language}"
