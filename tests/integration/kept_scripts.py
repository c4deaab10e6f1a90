"""Scripts that are kept, and those who keep them."""

from collections.abc import Awaitable

import pytest
from tests.platforms import ADMIN

from jobfleet.model.caller import Caller, Grant, Role
from jobfleet.model.errors import JobfleetError
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.script_version import NewScript, NewVersion, Script, ScriptVersion
from jobfleet.operations import script_editing
from jobfleet.operations.platform import Platform

STATE = """
[[businesses]]
id = 2
name = "demo"
[[businesses]]
id = 3
name = "other"
[[hosts]]
id = 1
ip = "127.0.0.1"
business = 2
"""


DEMO, OTHER = Scope(ScopeType.BUSINESS, 2), Scope(ScopeType.BUSINESS, 3)


def person(role: Role, scope: Scope = DEMO) -> Caller:
    return Caller(role.value, "", platform_admin=False, grants=(Grant(role, scope.type, scope.id),))


VERA, OLEG, EDDA = person(Role.VIEWER), person(Role.OPERATOR), person(Role.EDITOR)


async def kept(
    platform: Platform, name: str = "deploy", scope: Scope | None = DEMO, content: bytes = b"echo 1"
) -> tuple[Script, ScriptVersion]:
    new = NewScript(scope, name, 1, NewVersion("1.0", content))
    return await script_editing.create_script(platform, ADMIN if scope is None else EDDA, new)


async def add(platform: Platform, script: Script, name: str) -> ScriptVersion:
    new = NewVersion(name, name.encode())
    return (await script_editing.create_version(platform, EDDA, DEMO, script.id, new))[1]


async def publish(platform: Platform, script: Script, version: ScriptVersion) -> None:
    await script_editing.publish(platform, EDDA, DEMO, script.id, version.id)


async def refused(kind: type[JobfleetError], asked: Awaitable[object]) -> None:
    with pytest.raises(kind):
        await asked
