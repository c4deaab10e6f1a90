"""Kept scripts as version 3 shows them; a scope's scripts say whose they are, public ones do not."""

import base64
from collections.abc import Sequence
from typing import Any

import msgspec

from jobfleet.api.fields import Int32, Int64
from jobfleet.api.scope import business_of
from jobfleet.model.scope import Scope
from jobfleet.model.script_version import Script, ScriptVersion


class PublicScript(msgspec.Struct, frozen=True, kw_only=True):
    """Show a public script; times are epoch milliseconds, here and below."""

    id: str
    name: str
    script_language: Int32
    online_script_version_id: Int64 | None
    creator: str
    create_time: Int64
    last_modify_user: str
    last_modify_time: Int64
    description: str


class KeptScript(PublicScript, frozen=True, kw_only=True):
    """Show a script of a scope."""

    bk_scope_type: str
    bk_scope_id: str
    bk_biz_id: Int64 | None


class PublicVersion(msgspec.Struct, frozen=True, kw_only=True):
    """Show a version of a public script; `content` is Base64, null where it was not asked for."""

    id: Int64
    script_id: str
    version: str
    content: str | None
    status: Int32
    version_desc: str
    creator: str
    create_time: Int64
    last_modify_user: str
    last_modify_time: Int64
    script_language: Int32
    description: str
    name: str
    public_script: bool


class KeptVersion(PublicVersion, frozen=True, kw_only=True):
    """Show a version of a scope's script."""

    bk_scope_type: str
    bk_scope_id: str
    bk_biz_id: Int64 | None


class PublicScriptPage(msgspec.Struct, frozen=True):
    """Show one page of public scripts; `total` counts all that match, here and below."""

    start: Int32
    total: Int32
    length: Int32
    data: list[PublicScript]


class ScriptPage(msgspec.Struct, frozen=True):
    """Show one page of scripts."""

    start: Int32
    total: Int32
    length: Int32
    data: list[KeptScript]


class PublicVersionPage(msgspec.Struct, frozen=True):
    """Show one page of the versions of a public script."""

    start: Int32
    total: Int32
    length: Int32
    data: list[PublicVersion]


class VersionPage(msgspec.Struct, frozen=True):
    """Show one page of the versions of a script."""

    start: Int32
    total: Int32
    length: Int32
    data: list[KeptVersion]


class VersionStatus(msgspec.Struct, frozen=True):
    """Show what became of a version: 1 online, 3 disabled."""

    script_id: str
    id: Int64
    status: Int32


class ShownPage(msgspec.Struct, frozen=True):
    """Hold one page of either kind."""

    start: int
    total: int
    length: int
    data: Sequence[PublicScript | PublicVersion]


def show_script(script: Script) -> PublicScript:
    """Return a script as version 3 shows it."""
    shown = PublicScript(
        id=script.id,
        name=script.name,
        script_language=script.language,
        online_script_version_id=script.online_version_id,
        creator=script.creator,
        create_time=script.created_at,
        last_modify_user=script.modifier,
        last_modify_time=script.modified_at,
        description=script.description,
    )
    return shown if script.scope is None else KeptScript(**msgspec.structs.asdict(shown), **_whose(script.scope))


def show_version(script: Script, version: ScriptVersion) -> PublicVersion:
    """Return a version as version 3 shows it."""
    shown = PublicVersion(
        id=version.id,
        script_id=script.id,
        version=version.version,
        content=show_content(version),
        status=version.state,
        version_desc=version.description,
        creator=version.creator,
        create_time=version.created_at,
        last_modify_user=version.modifier,
        last_modify_time=version.modified_at,
        script_language=script.language,
        description=script.description,
        name=script.name,
        public_script=script.scope is None,
    )
    return shown if script.scope is None else KeptVersion(**msgspec.structs.asdict(shown), **_whose(script.scope))


def show_content(version: ScriptVersion) -> str | None:
    """Return a version's content as Base64, None where it was not asked for."""
    return None if version.content is None else base64.b64encode(version.content).decode()


def _whose(scope: Scope) -> dict[str, Any]:
    return {"bk_scope_type": scope.type.value, "bk_scope_id": str(scope.id), "bk_biz_id": business_of(scope)}
