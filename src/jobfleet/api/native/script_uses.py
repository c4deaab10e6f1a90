"""Who uses a kept script."""

import msgspec

from jobfleet.api.native.route import Call, Route
from jobfleet.api.native.scripts import OneScript
from jobfleet.model.caller import Action
from jobfleet.model.scope import scope_text
from jobfleet.operations import script_uses, scripts


class KeptUse(msgspec.Struct, frozen=True):
    """Name a template or plan (`kind`) with a step that runs a version; `template_id` is the plan's, or itself."""

    version_id: int
    kind: str
    id: int
    name: str
    scope: str
    template_id: int


class RunningUse(msgspec.Struct, frozen=True):
    """Name a job that is not over with a step that runs a version."""

    version_id: int
    job_id: int
    name: str
    scope: str


class ScriptUseList(msgspec.Struct, frozen=True):
    """Show who uses a script; `hidden` counts uses in scopes that the caller may not look into."""

    kept: list[KeptUse]
    running: list[RunningUse]
    hidden: int


async def list_uses(call: Call, wanted: OneScript) -> ScriptUseList:
    """Show who uses a script."""
    scope = await scripts.find_scope(call.platform, call.caller, wanted.script_id)
    found = await script_uses.list_uses(call.platform, call.caller, scope, wanted.script_id)
    kept = [KeptUse(**msgspec.structs.asdict(one) | {"scope": scope_text(one.scope)}) for one in found.kept]
    running = [RunningUse(**msgspec.structs.asdict(one) | {"scope": scope_text(one.scope)}) for one in found.running]
    return ScriptUseList(kept, running, found.hidden)


_PATH = "/api/v1/scripts/{script_id}/uses"
ROUTES = (Route("GET", _PATH, Action.VIEW_SCRIPT, list_uses, OneScript, ScriptUseList, "Who uses a script"),)
