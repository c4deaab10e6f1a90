"""Start plans: one job of many steps, with values of its own."""

from collections.abc import Sequence
from contextlib import suppress

import msgspec

from jobfleet.engine.accept import JobHead, NewStep, accept_job
from jobfleet.engine.resolve import resolve
from jobfleet.engine.service import nudge
from jobfleet.model.caller import Action, Caller
from jobfleet.model.job import JobType, StartedJob
from jobfleet.model.job_errors import (
    ForeignHostsError,
    NoEnabledStepError,
    NoTargetError,
    TooManyTargetsError,
    UnknownPlanError,
)
from jobfleet.model.permission import Needed, Resource, ResourceKind
from jobfleet.model.plan_values import host_lists, merge
from jobfleet.model.platform_settings import check_callback
from jobfleet.model.scope import KnownScope
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import Target, TargetSpec, united
from jobfleet.model.template import NewPlanJob, Plan, PlanVariable
from jobfleet.model.variable import JobVariable, VariableType
from jobfleet.operations.access import demand_all, enter_scope
from jobfleet.operations.audit_trail import note_run
from jobfleet.operations.limits import step_within
from jobfleet.operations.once import once
from jobfleet.operations.plan_secrets import open_plan
from jobfleet.operations.plan_steps import ask, hosts_of, make, scan_step, store_files
from jobfleet.operations.platform import Platform
from jobfleet.operations.quotas import check_quota
from jobfleet.operations.run_needs import accounts_use, hosts_use
from jobfleet.operations.second_person import check_second
from jobfleet.store import plans, platform_settings
from jobfleet.store.database import Transaction


async def start_plan(platform: Platform, caller: Caller, new: NewPlanJob) -> StartedJob:
    """Accept a job with the enabled steps of a plan, and start it unless `new.start` is False.

    With an idempotency key, the same request of the same caller is answered with the same job.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not launch plans there.
        UnknownPlanError, NoEnabledStepError: There is no such plan in the scope, or nothing to do in it.
        ScriptDisabledError, ScriptNotFoundError, AccountNotFoundError: What a step runs, or as whom, is not there.
        HostVariableNotFoundError: A step runs on a host list that the plan does not have.
        UnknownHostsError, ForeignHostsError, GroupNotFoundError, NoTargetError, NoSourceError, TooManyTargetsError,
        TooManyFileTasksError: See `resolve`; hosts of all steps and variables are told together.
        InterceptedError: A dangerous-command rule refuses a script.
        BadRequestError: See `within_limits`.
        SystemQuotaError, ScopeQuotaError, AppQuotaError: As many jobs run as may.
        IdempotencyConflictError: The key was used with another request.

    Nothing is stored when a check fails.

    Source: docs/reference/plans.md, «Order of checks».
    """
    async with platform.engine.db.begin() as tx:
        started = await accept_plan(tx, platform, caller, new)
    if new.start:
        await nudge(platform.engine.bus, started.job_id)
    return started


async def accept_plan(tx: Transaction, platform: Platform, caller: Caller, new: NewPlanJob) -> StartedJob:
    """Do what `start_plan` does, within a transaction; nudge the engine when it is committed."""
    info = await enter_scope(tx, platform, caller, new.scope)
    key, asked = new.idempotency_key, msgspec.structs.replace(new, idempotency_key="")
    return await once(tx, platform, caller, key, asked, lambda: _accept(tx, platform, caller, new, info))


def chosen_plan(platform: Platform, found: Plan, new: NewPlanJob) -> Plan:
    """Return the plan in clear, with the steps that run and the values of this run.

    Raises:
        NoEnabledStepError: It has nothing to do.
    """
    if not any(one.enabled for one in found.steps):
        raise NoEnabledStepError
    plan = open_plan(platform.engine.sealer, found)
    enabled = tuple(one for one in plan.steps if one.enabled)
    return msgspec.structs.replace(plan, steps=enabled, variables=merge(plan.variables, new.values))


async def _accept(tx: Transaction, platform: Platform, caller: Caller, new: NewPlanJob, info: KnownScope) -> StartedJob:
    found = await plans.find(tx, new.scope, new.plan_id)
    if found is None:
        raise UnknownPlanError
    return await accept_with(tx, platform, caller, new, found, info)


async def accept_with(
    tx: Transaction, platform: Platform, caller: Caller, new: NewPlanJob, found: Plan, info: KnownScope
) -> StartedJob:
    """Accept a job of a plan as the record keeps it; its idempotency key is the caller's to look at."""
    plan = chosen_plan(platform, found, new)
    lists = host_lists(plan.variables)
    settings = await platform_settings.load(tx)
    check_callback(settings, new.callback_url)
    asked = [step_within(settings, await ask(tx, platform, new, one, lists)) for one in plan.steps]
    tolerant = new.launch_mode.tolerates_lost_hosts
    await _check_hosts(tx, platform, info, [named for one in asked for named in hosts_of(one)], tolerant=tolerant)
    # Before anything is stored: who holds a place must not wait for whoever waits for one.
    if new.start:
        await check_quota(tx, platform, caller, new.scope)
    steps = [await make(tx, platform, info, one, wanted) for one, wanted in zip(plan.steps, asked, strict=True)]
    variables = [await _variable(tx, platform, info, one, tolerant=tolerant) for one in plan.variables]
    for wanted in asked:
        await scan_step(tx, platform, caller, info, wanted)
    needed = needed_for(plan, steps)
    demand_all(caller, info, needed, accounts_use(steps))
    await check_second(tx, platform, caller, list(zip(asked, steps, strict=True)), plan.variables)
    for wanted in asked:
        await store_files(platform, wanted)
    name, mode = new.name or plan.name, new.launch_mode
    head = JobHead(new.scope, name, JobType.PLAN, mode, new.start, new.callback_url, plan.id)
    started = await accept_job(tx, platform.engine, caller, head, steps, variables)
    await note_run(tx, platform, caller, new.scope, needed, started)
    return started


def needed_for(plan: Plan, steps: Sequence[NewStep]) -> Needed:
    """Return what starting a plan on the hosts of its steps needs."""
    if plan.debug:
        template = Resource(ResourceKind.TEMPLATE, str(plan.template_id), plan.name)
        return hosts_use(Action.DEBUG_JOB_TEMPLATE, steps, template)
    return hosts_use(Action.LAUNCH_JOB_PLAN, steps, Resource(ResourceKind.PLAN, str(plan.id), plan.name))


async def _check_hosts(
    tx: Transaction, platform: Platform, info: KnownScope, named: Sequence[tuple[str, TargetSpec]], *, tolerant: bool
) -> None:
    """Refuse unknown and foreign hosts of all steps together; sizes are for each step to check."""
    for action in ("script", "file"):
        together = united(spec for wanted, spec in named if wanted == action)
        with suppress(NoTargetError, TooManyTargetsError):
            await resolve(tx, together, info, "", action=action, now=platform.engine.clock(), tolerant=tolerant)


async def _variable(
    tx: Transaction, platform: Platform, info: KnownScope, one: PlanVariable, *, tolerant: bool
) -> JobVariable:
    variable, hosts = one.variable, list[Target]()
    if variable.type is VariableType.HOSTS:
        hosts = await _listed(tx, platform, info, variable.hosts, tolerant=tolerant)
    value, changeable = variable.value, variable.changeable
    return JobVariable(one.id, variable.name, variable.type, value, changeable, tuple(hosts))


async def _listed(
    tx: Transaction, platform: Platform, info: KnownScope, hosts: TargetSpec, *, tolerant: bool
) -> list[Target]:
    """Return the hosts of a list, which may be for scripts or for files; there may be none."""
    now = platform.engine.clock()
    for action in ("script", "file"):
        with suppress(NoTargetError, ForeignHostsError):
            found = await resolve(tx, hosts, info, "", action=action, now=now, tolerant=tolerant)
            return [target for target in found if target.initial is not TaskStatus.INVALID_TARGET]
    return []
