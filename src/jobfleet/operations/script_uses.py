"""Tell who uses a kept script."""

from jobfleet.model.caller import Action, Caller, allows
from jobfleet.model.scope import Scope
from jobfleet.model.script_use import RunningUse, ScriptUse, ScriptUses
from jobfleet.operations.platform import Platform
from jobfleet.operations.scripts import demand_script_action, script_in
from jobfleet.store import script_uses

_NEEDS = {"template": Action.VIEW_JOB_TEMPLATE, "plan": Action.VIEW_JOB_PLAN}


async def list_uses(platform: Platform, caller: Caller, scope: Scope | None, script_id: str) -> ScriptUses:
    """Return the templates, plans and unfinished jobs that run a script of a scope (None: a public one).

    A public script is used in scopes that the caller may not look into; those uses are counted only.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot look at scripts of the scope.
        ScriptNotFoundError, ForeignScriptError: There is no such script, or it is not the scope's.

    Source: docs/reference/scripts.md, «Who uses a script».
    """
    async with platform.engine.db.begin() as tx:
        await demand_script_action(tx, platform, caller, scope, Action.VIEW_SCRIPT, script_id)
        await script_in(tx, scope, script_id)
        kept = await script_uses.list_kept(tx, script_id)
        running = await script_uses.list_running(tx, script_id)
    seen = tuple(one for one in kept if _may(caller, one, _NEEDS[one.kind]))
    seen_running = tuple(one for one in running if _may(caller, one, Action.VIEW_HISTORY))
    hidden = len(kept) + len(running) - len(seen) - len(seen_running)
    return ScriptUses(seen, seen_running, hidden)


def _may(caller: Caller, use: ScriptUse | RunningUse, action: Action) -> bool:
    return allows(caller, action, use.scope.type, use.scope.id)
