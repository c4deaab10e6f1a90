"""All kinds of start in one place: what one of them is called, what it needs, and how it is accepted."""

from collections.abc import Mapping

import msgspec

from jobfleet.engine.service import nudge
from jobfleet.model.caller import Action, Caller
from jobfleet.model.file_job import NewFileJob
from jobfleet.model.job import JobType, LaunchMode, NewScriptJob, StartedJob
from jobfleet.model.labels import file_job_name, script_job_name, sql_job_name
from jobfleet.model.scope import Scope
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.model.template import NewPlanJob
from jobfleet.operations.debug_template import DebugRun, accept_debug
from jobfleet.operations.execute import accept_run
from jobfleet.operations.platform import Platform
from jobfleet.operations.redo import accept_redo, action_of_job
from jobfleet.operations.schedules import accept_fire
from jobfleet.operations.sql import accept_sql
from jobfleet.operations.start_plan import accept_plan
from jobfleet.operations.transfer import accept_transfer
from jobfleet.store import jobs, plans, schedules, templates
from jobfleet.store.database import Transaction


class Again(msgspec.Struct, frozen=True):
    """Name a job that is to run once more."""

    scope: Scope
    job_id: int


class Fired(msgspec.Struct, frozen=True):
    """Name a schedule that is to start its plan now."""

    scope: Scope
    schedule_id: int


Start = NewScriptJob | NewSqlJob | NewFileJob | NewPlanJob | DebugRun | Fired | Again


_KINDS: Mapping[type[Start], str] = {
    NewScriptJob: "script",
    NewSqlJob: "sql",
    NewFileJob: "files",
    NewPlanJob: "plan",
    DebugRun: "template",
    Fired: "schedule",
    Again: "run",
}


def kind_of(start: Start) -> str:
    """Return how requests call a kind of start."""
    return _KINDS[type(start)]


def mode_of(start: Start) -> LaunchMode:
    """Return how the job of a start is said to have been started."""
    match start:
        case Again():
            return LaunchMode.PAGE
        case Fired():
            return LaunchMode.SCHEDULE
        case DebugRun():
            return LaunchMode.API
        case _:
            return start.launch_mode


async def action_of(tx: Transaction, start: Start) -> Action:
    """Return the permission that a start needs above all."""
    match start:
        case NewFileJob():
            return Action.QUICK_TRANSFER_FILE
        case NewPlanJob():
            return Action.LAUNCH_JOB_PLAN
        case DebugRun():
            return Action.DEBUG_JOB_TEMPLATE
        case Fired():
            return Action.MANAGE_CRON
        case Again():
            return action_of_job(await jobs.get_in_scope(tx, start.job_id, start.scope))
        case _:
            return Action.QUICK_EXECUTE_SCRIPT


async def type_of(tx: Transaction, start: Start) -> JobType:
    """Return the type of the job that a start would become."""
    match start:
        case NewScriptJob() | NewSqlJob():
            return JobType.SCRIPT
        case NewFileJob():
            return JobType.FILE
        case Again():
            return (await jobs.get_in_scope(tx, start.job_id, start.scope)).type
        case _:
            return JobType.PLAN


async def name_of(tx: Transaction, caller: Caller, start: Start, now: int) -> str:
    """Return the name that the job of a start would get at a moment (epoch ms)."""
    match start:
        case NewScriptJob() | NewSqlJob() | NewFileJob():
            return start.name or _usual_name(caller, start, now)
        case NewPlanJob(plan_id=plan_id):
            plan = await plans.find(tx, start.scope, plan_id)
            return start.name or ("" if plan is None else plan.name)
        case DebugRun(template_id=template_id):
            template = await templates.find(tx, start.scope, template_id)
            return start.name or ("" if template is None else template.name)
        case Fired(schedule_id=schedule_id):
            return (await schedules.get(tx, start.scope, schedule_id)).name
        case Again(job_id=job_id):
            return (await jobs.get_in_scope(tx, job_id, start.scope)).name


def _usual_name(caller: Caller, start: NewScriptJob | NewSqlJob | NewFileJob, now: int) -> str:
    said, by_hand = (caller.language, now), start.launch_mode is LaunchMode.PAGE
    match start:
        case NewScriptJob():
            return script_job_name(*said, by_hand=by_hand)
        case NewSqlJob():
            return sql_job_name(*said, by_hand=by_hand)
        case NewFileJob():
            return file_job_name(*said, by_hand=by_hand)


def as_asked(start: Start, name: str, mode: LaunchMode) -> Start:
    """Return a start as it was asked for: by hand or by a program, under its name, and once."""
    match start:
        case NewScriptJob() | NewSqlJob() | NewFileJob():
            return msgspec.structs.replace(start, name=name, launch_mode=mode, idempotency_key="")
        case NewPlanJob():
            return msgspec.structs.replace(start, launch_mode=mode, idempotency_key="")
        case DebugRun():
            return msgspec.structs.replace(start, idempotency_key="")
        case Fired() | Again():
            return start


async def accept(tx: Transaction, platform: Platform, caller: Caller, start: Start) -> StartedJob:
    """Accept the job of a start within a transaction; `wake` the engine when it is committed.

    Raises:
        JobfleetError: What such a start is refused for; see the operation of its kind.
    """
    match start:
        case NewScriptJob():
            return await accept_run(tx, platform, caller, start)
        case NewSqlJob():
            return await accept_sql(tx, platform, caller, start)
        case NewFileJob():
            return await accept_transfer(tx, platform, caller, start)
    return await _accept_kept(tx, platform, caller, start)


async def _accept_kept(
    tx: Transaction, platform: Platform, caller: Caller, start: NewPlanJob | DebugRun | Fired | Again
) -> StartedJob:
    """Accept the job of what is kept here."""
    match start:
        case NewPlanJob():
            return await accept_plan(tx, platform, caller, start)
        case DebugRun():
            return await accept_debug(tx, platform, caller, start)
        case Fired():
            return await accept_fire(tx, platform, caller, start.scope, start.schedule_id)
        case Again():
            return await accept_redo(tx, platform, caller, start.scope, start.job_id)


async def wake(platform: Platform, start: Start, started: StartedJob) -> None:
    """Have the engine begin with a job that was accepted, unless it is to be started later."""
    if isinstance(start, Fired | Again) or start.start:
        await nudge(platform.engine.bus, started.job_id)
