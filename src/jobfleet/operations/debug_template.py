"""Try templates out: all their steps, by a plan that no list shows."""

import msgspec

from jobfleet.engine.service import nudge
from jobfleet.model.caller import Action, Caller
from jobfleet.model.job import StartedJob
from jobfleet.model.permission import ResourceKind
from jobfleet.model.resource_errors import TemplateNotFoundError
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.model.template import GivenValue, NewPlanJob, Plan, Template
from jobfleet.operations.access import demand_on, enter_scope
from jobfleet.operations.kept_trail import note
from jobfleet.operations.once import once
from jobfleet.operations.plan_secrets import open_plan, open_template, seal_plan
from jobfleet.operations.plans import synchronised
from jobfleet.operations.platform import Platform
from jobfleet.operations.start_plan import accept_with
from jobfleet.store import plans, templates
from jobfleet.store.database import Transaction


class DebugRun(msgspec.Struct, frozen=True):
    """Ask for a run of all steps of a template; `name` is the template's when it is ""."""

    scope: Scope
    template_id: int
    values: tuple[GivenValue, ...] = ()
    name: str = ""
    start: bool = True
    idempotency_key: str = ""


async def debug_template(platform: Platform, caller: Caller, wanted: DebugRun) -> StartedJob:
    """Start a job of all steps of a template as it is now.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not debug templates there.
        TemplateNotFoundError: There is no such template in the scope.
        Others: See `start_plan`.

    Source: docs/reference/plans.md, «Debugging».
    """
    async with platform.engine.db.begin() as tx:
        started = await accept_debug(tx, platform, caller, wanted)
    if wanted.start:
        await nudge(platform.engine.bus, started.job_id)
    return started


async def accept_debug(tx: Transaction, platform: Platform, caller: Caller, wanted: DebugRun) -> StartedJob:
    """Do what `debug_template` does, within a transaction; nudge the engine when it is committed."""
    info = await enter_scope(tx, platform, caller, wanted.scope)
    action = Action.DEBUG_JOB_TEMPLATE
    await demand_on(tx, caller, action, info, ResourceKind.TEMPLATE, wanted.template_id)
    key, asked = wanted.idempotency_key, msgspec.structs.replace(wanted, idempotency_key="")
    return await once(tx, platform, caller, key, asked, lambda: _run(tx, platform, caller, wanted, info))


async def _run(tx: Transaction, platform: Platform, caller: Caller, wanted: DebugRun, info: KnownScope) -> StartedJob:
    plan = await debug_plan(tx, platform, caller, wanted.scope, wanted.template_id)
    new = plan_run(wanted, plan)
    started = await accept_with(tx, platform, caller, new, plan, info)
    await note(tx, platform, caller, Action.DEBUG_JOB_TEMPLATE, plan, "debug")
    return started


def plan_run(wanted: DebugRun, plan: Plan) -> NewPlanJob:
    """Return the run of the plan for debugging that is wanted of a template."""
    return NewPlanJob(wanted.scope, plan.id, wanted.values, start=wanted.start, name=wanted.name)


async def debug_plan(tx: Transaction, platform: Platform, caller: Caller, scope: Scope, template_id: int) -> Plan:
    """Return the plan for debugging, as the record keeps it from now on, with all that its template has now.

    Raises:
        TemplateNotFoundError: There is no such template in the scope.
    """
    await templates.hold(tx, template_id)
    found = await templates.find(tx, scope, template_id)
    if found is None:
        raise TemplateNotFoundError
    template = open_template(platform.engine.sealer, found)
    known = await plans.find_debug(tx, scope, template_id)
    plan = await _with_everything(tx, platform, caller, template, known)
    await (plans.insert if known is None else plans.update)(tx, seal_plan(platform.engine.sealer, plan))
    stored = await plans.find_debug(tx, scope, template_id)
    if stored is None:
        raise TemplateNotFoundError
    return stored


async def _with_everything(
    tx: Transaction, platform: Platform, caller: Caller, template: Template, known: Plan | None
) -> Plan:
    """Return the plan for debugging in clear: every step runs, and every value is the template's."""
    if known is None:
        [plan_id] = await templates.fresh_ids(tx, "plan", 1)
        now, who = platform.engine.clock(), caller.username
        bare = Plan(plan_id, template.id, template.scope, template.name, "", (), (), who, now, who, now, debug=True)
    else:
        opened = open_plan(platform.engine.sealer, known)
        follows = tuple(msgspec.structs.replace(one, follows=True) for one in opened.variables)
        bare = msgspec.structs.replace(opened, name=template.name, variables=follows)
    current = await synchronised(tx, bare, template)
    steps = tuple(msgspec.structs.replace(one, enabled=True) for one in current.steps)
    return msgspec.structs.replace(current, steps=steps)
