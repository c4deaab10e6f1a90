"""What stands before a plan and what lies behind it: what synchronising would change, and what it ran last."""

from collections.abc import Iterable

import msgspec

from jobfleet.engine.variables import load_variables
from jobfleet.model.caller import Action, Caller
from jobfleet.model.job import Job
from jobfleet.model.permission import ResourceKind
from jobfleet.model.plan_difference import PlanDifference, difference, lost_values, shown_with, synced
from jobfleet.model.resource_errors import PlanNotFoundError
from jobfleet.model.schedule import Schedule
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.model.template import Plan, Template
from jobfleet.model.variable import JobVariable
from jobfleet.operations.access import demand_on, enter_scope
from jobfleet.operations.plan_secrets import mask_plan, open_plan, open_template
from jobfleet.operations.platform import Platform
from jobfleet.operations.run_state import LOOKED_BACK
from jobfleet.operations.schedule_values import open_values
from jobfleet.operations.step_parts import Parts, look_up
from jobfleet.operations.variables import masked
from jobfleet.store import jobs, plans, schedules, templates, usual
from jobfleet.store.database import Transaction
from jobfleet.store.schedules import ScheduleFilter

MAX_SCHEDULES = 100
"""Most schedules of a plan that are told of; as many may be confirmed when it is synchronised."""


class TouchedSchedule(msgspec.Struct, frozen=True):
    """Name a schedule that starts a plan, and the variables whose values it gives in vain from then on."""

    schedule: Schedule
    lost: tuple[str, ...]


class ComingSync(msgspec.Struct, frozen=True):
    """Say what synchronising would change in a plan, secrets hidden; `parts` hold what steps and variables name.

    `schedules` are MAX_SCHEDULES at most, `schedule_count` counts all that start the plan.
    """

    plan: Plan
    template: Template
    found: PlanDifference
    parts: Parts
    schedules: tuple[TouchedSchedule, ...]
    schedule_count: int


class LastRun(msgspec.Struct, frozen=True):
    """Show the job that a plan started last, and the values that it began with, passwords masked.

    `usual_ms` is how long the LOOKED_BACK latest runs of the plan took that succeeded, latest first.
    """

    job: Job
    values: tuple[JobVariable, ...]
    usual_ms: tuple[int, ...]


async def coming_sync(platform: Platform, caller: Caller, scope: Scope, plan_id: int) -> ComingSync:
    """Return what synchronising a plan would change, and the schedules that start it.

    Raises:
        PlanNotFoundError: There is no such plan in the scope.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not see plans there.

    Source: docs/reference/plans.md, «Synchronise».
    """
    sealer = platform.engine.sealer
    async with platform.engine.db.begin() as tx:
        _, kept = await _enter(tx, platform, caller, scope, plan_id)
        known = await templates.find(tx, scope, kept.template_id)
        if known is None:
            raise PlanNotFoundError
        plan, template = open_plan(sealer, kept), open_template(sealer, known)
        after = synced(plan, template)
        found = difference(plan, after)
        wanted = ScheduleFilter(plan_id=plan_id)
        count, starters = await schedules.list_of_scope(tx, scope, wanted, start=0, length=MAX_SCHEDULES)
        parts = await _parts(tx, platform, scope, (plan, after))
    touched = tuple(_touched(platform, one, lost_values(found)) for one in starters)
    shown = shown_with(found, mask_plan(plan), mask_plan(after))
    return ComingSync(mask_plan(plan), template, shown, parts, touched, count)


async def last_run(platform: Platform, caller: Caller, scope: Scope, plan_id: int) -> LastRun | None:
    """Return what a plan ran last in its scope, None when nothing is remembered.

    Raises:
        PlanNotFoundError: There is no such plan in the scope.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not see plans there.
    """
    async with platform.engine.db.begin() as tx:
        await _enter(tx, platform, caller, scope, plan_id)
        job = await jobs.find_last_of_plan(tx, scope, plan_id)
        if job is None:
            return None
        first = await load_variables(tx, platform.engine, job.id)
        took = await usual.of_plan(tx, scope, plan_id, LOOKED_BACK)
    return LastRun(job, masked(first), tuple(took))


async def _enter(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope, plan_id: int
) -> tuple[KnownScope, Plan]:
    info = await enter_scope(tx, platform, caller, scope)
    await demand_on(tx, caller, Action.VIEW_JOB_PLAN, info, ResourceKind.PLAN, plan_id)
    found = await plans.find(tx, scope, plan_id)
    if found is None:
        raise PlanNotFoundError
    return info, found


async def _parts(tx: Transaction, platform: Platform, scope: Scope, both: Iterable[Plan]) -> Parts:
    known = list(both)
    steps = [one.step for plan in known for one in plan.steps]
    return await look_up(tx, platform, scope, steps, [one.variable for plan in known for one in plan.variables])


def _touched(platform: Platform, schedule: Schedule, lost: frozenset[str]) -> TouchedSchedule:
    given = {one.name for one in open_values(platform.engine.sealer, schedule)}
    return TouchedSchedule(schedule, tuple(sorted(given & lost)))
