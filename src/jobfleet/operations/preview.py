"""What a start would do, found out with the start's own code and without leaving anything behind."""

from collections.abc import Awaitable, Sequence
from contextlib import suppress
from typing import TypeVar

import msgspec

from jobfleet.engine.accept import NewStep, planned_sizes
from jobfleet.engine.tell import deciders
from jobfleet.engine.variables import load_variables
from jobfleet.model.blast import Blast, blast_of
from jobfleet.model.caller import Action, Caller
from jobfleet.model.dangerous import Hit, RuleAction, intercepts
from jobfleet.model.definition import ApprovalSpec, FileSpec
from jobfleet.model.errors import Family, ForbiddenError, JobfleetError, UnsupportedOperationError
from jobfleet.model.file_findings import FileFinding, Landing, findings, landings, sent_files
from jobfleet.model.file_job import NewFileJob
from jobfleet.model.job import NO_PLAN, Job, JobType, NewScriptJob
from jobfleet.model.job_errors import UnknownPlanError
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.permission import Needed, Resource, ResourceKind
from jobfleet.model.plan_values import host_lists
from jobfleet.model.platform_settings import PlatformSettings
from jobfleet.model.scope import KnownScope
from jobfleet.model.script import Language
from jobfleet.model.script_check import Finding
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.model.start_request import Obstacles, obstacles_of
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.model.template import NewPlanJob, Plan, PlanStep, PlanVariable
from jobfleet.operations import execute, redo, script_check, sql
from jobfleet.operations.access import demand_all, enter_scope
from jobfleet.operations.debug_template import DebugRun, debug_plan, plan_run
from jobfleet.operations.firing import new_job
from jobfleet.operations.limits import step_within
from jobfleet.operations.plan_steps import Asked, ask, made_step
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_job
from jobfleet.operations.quotas import Standing, standings
from jobfleet.operations.run_needs import accounts_use, hosts_use, script_run
from jobfleet.operations.run_state import usual_of
from jobfleet.operations.scan import find_hits
from jobfleet.operations.script_content import LoadedScript
from jobfleet.operations.second_person import count_hosts
from jobfleet.operations.start_plan import chosen_plan, needed_for
from jobfleet.operations.starts import Again, Fired, Start
from jobfleet.store import history, jobs, plans, platform_settings, schedules, target_search
from jobfleet.store.database import Transaction

USUAL_SINCE_MS = 30 * DAY_MS
USUAL_JOBS = 2_000
"""How far back, and through how many jobs of the scope at the most, the usual time is looked for."""

USUAL_STEPS = 50
"""So many earlier runs of the same script are enough to say how long it takes."""

MOST_NAMED = 5
"""So many names of people who may approve a start are enough."""

PRODUCTION_TAG = "env"
PRODUCTION = ("prod", "production", "prd", "live")


Answer = TypeVar("Answer")


class StepPreview(msgspec.Struct, frozen=True):
    """Show what a step would do.

    `made` is the step as it would be stored, None when it cannot be; then `refusals` say why. `sizes` are those of
    its batches, empty when it does not roll. `hits` are of rules, `dangers` of what everybody knows;
    `barred` when a rule refuses the script that no second person lets it past.
    """

    name: str
    asked: Asked
    made: NewStep | None
    sizes: Sequence[int]
    hits: Sequence[Hit]
    dangers: Sequence[Finding]
    files: Sequence[FileFinding]
    landings: Sequence[Landing]
    refusals: Sequence[JobfleetError]
    barred: bool = False


class Preview(msgspec.Struct, frozen=True):
    """Show what a start would do; `refusals` are those of the whole, such as a permission that is missing.

    `usual_ms` is how long runs like it took that succeeded, newest first; empty when there is no basis. `variables` are
    those of a plan with the values of this run, in clear. `approvers` names some who may let it pass, when one may.
    """

    steps: Sequence[StepPreview]
    refusals: Sequence[JobfleetError]
    quotas: Sequence[Standing]
    usual_ms: Sequence[int]
    blast: Blast
    obstacles: Obstacles
    approvers: Sequence[str] = ()
    variables: Sequence[PlanVariable] = ()

    @property
    def other_refusals(self) -> list[JobfleetError]:
        """Return what the start would be refused for that no second person changes."""
        return [*self.refusals, *(error for step in self.steps for error in step.refusals)]


class _Undone(Exception):  # noqa: N818 - nothing is wrong
    """Undo a transaction that has shown what it was for."""


async def preview(platform: Platform, caller: Caller, new: Start) -> Preview:
    """Return what a start would do; nothing is stored, and no hit of a rule is recorded.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.
        UnknownPlanError, TemplateNotFoundError, JobNotFoundError, NoEnabledStepError: There is no such plan, template
            or job, or nothing to do in it.

    Source: docs/reference/preview.md.
    """
    found: list[Preview] = []
    with suppress(_Undone):
        async with platform.engine.db.begin() as tx:
            found.append(await _look(tx, platform, caller, new))
            raise _Undone
    return found[0]


async def _look(tx: Transaction, platform: Platform, caller: Caller, new: Start) -> Preview:
    if isinstance(new, Again):
        return await _look_again(tx, platform, caller, new)
    info = await enter_scope(tx, platform, caller, new.scope)
    variables: Sequence[PlanVariable] = ()
    if isinstance(new, NewPlanJob | DebugRun | Fired):
        besides = _fire_needs(new)
        new, kept = await _kept(tx, platform, caller, new)
        plan = chosen_plan(platform, kept, new)
        variables = plan.variables
        steps, needed = await _of_plan(tx, platform, new, info, plan)
        needed += besides
    else:
        steps, needed = await _of_one(tx, platform, new, info)
    like = _like(new, platform.engine.clock())
    found = await _whole(tx, caller, steps, _lacking(caller, info, needed), like)
    return msgspec.structs.replace(found, variables=variables)


def _fire_needs(new: NewPlanJob | DebugRun | Fired) -> list[Needed]:
    """Return what firing a schedule needs besides running its plan."""
    if not isinstance(new, Fired):
        return []
    return [Needed(Action.MANAGE_CRON, (Resource(ResourceKind.CRON, str(new.schedule_id), ""),))]


async def _look_again(tx: Transaction, platform: Platform, caller: Caller, new: Again) -> Preview:
    job, info = await visible_job(tx, platform, caller, new.scope, new.job_id)
    settings, steps, kept = await platform_settings.load(tx), list[StepPreview](), list[LoadedScript | None]()
    for one in await jobs.list_steps(tx, job.id):
        refusals: list[JobfleetError] = []
        asked = await _tried(refusals, redo.asked_of(tx, platform, job, one))
        if asked is None:
            steps.append(_unknown(one.name, ApprovalSpec(""), refusals))
            continue
        within = step_within(settings, asked)
        kept.append(await _tried(refusals, redo.kept_script(tx, platform, job, within)))
        found = await _step(tx, platform, info, one.name, within, refusals)
        made_of = None if found.made is None else redo.as_before(found.made, one)
        steps.append(msgspec.structs.replace(found, made=made_of))
    made = [step.made for step in steps if step.made is not None]
    needed = [redo.needed_of(job, made, kept[0]), accounts_use(made)] if made and kept else []
    like = msgspec.structs.replace(job, created_at=platform.engine.clock())
    early = [] if job.finished else [UnsupportedOperationError(job.id)]
    whole = await _whole(tx, caller, steps, [*early, *_lacking(caller, info, needed)], like)
    variables = await load_variables(tx, platform.engine, job.id)
    return msgspec.structs.replace(whole, variables=redo.as_of_plan(variables))


async def _whole(
    tx: Transaction, caller: Caller, steps: Sequence[StepPreview], refusals: list[JobfleetError], like: Job
) -> Preview:
    """Return what a start would do from what its steps would; `like` is the job as it would be."""
    usual = await _usual(tx, like, steps)
    held = await standings(tx, caller, like.scope)
    obstacles = await _obstacles(tx, steps)
    named = (await deciders(tx, like.scope, caller.username))[:MOST_NAMED] if obstacles.liftable else ()
    return Preview(steps, refusals, held, usual, await _blast(tx, steps), obstacles, named)


async def _usual(tx: Transaction, like: Job, steps: Sequence[StepPreview]) -> list[int]:
    """Return how long runs like it took: of the same script on about as many hosts, else of the same plan or name."""
    if like.type is not JobType.PLAN and (made := steps[0].made) is not None:
        found = await usual_of(tx, like.scope, made.definition, len(made.targets), USUAL_STEPS)
        if found:
            return found
    return await history.usual_times(tx, like, max(1, like.created_at - USUAL_SINCE_MS), USUAL_JOBS)


def _unknown(name: str, asked: Asked, refusals: list[JobfleetError]) -> StepPreview:
    """Return a step of which nothing is known but why it cannot be."""
    return StepPreview(name, asked, None, (), (), (), (), (), refusals)


async def _kept(
    tx: Transaction, platform: Platform, caller: Caller, new: NewPlanJob | DebugRun | Fired
) -> tuple[NewPlanJob, Plan]:
    """Return the run of a plan, and the plan as the record keeps it; what debugging makes of it is undone again."""
    if isinstance(new, DebugRun):
        made = await debug_plan(tx, platform, caller, new.scope, new.template_id)
        return plan_run(new, made), made
    if isinstance(new, Fired):
        new = new_job(platform, await schedules.get(tx, new.scope, new.schedule_id))
    found = await plans.find(tx, new.scope, new.plan_id)
    if found is None:
        raise UnknownPlanError
    return new, found


async def _of_plan(
    tx: Transaction, platform: Platform, new: NewPlanJob, info: KnownScope, plan: Plan
) -> tuple[list[StepPreview], list[Needed]]:
    lists, settings = host_lists(plan.variables), await platform_settings.load(tx)
    steps: list[StepPreview] = []
    for one in plan.steps:
        refusals: list[JobfleetError] = []
        asked = await _tried(refusals, ask(tx, platform, new, one, lists))
        if asked is None:
            steps.append(_unknown(one.step.name, ApprovalSpec(""), refusals))
        else:
            within = step_within(settings, asked)
            step = await _step(tx, platform, info, one.step.name, within, refusals)
            steps.append(_of_its_plan(step, one))
    made = [step.made for step in steps if step.made is not None]
    return steps, [needed_for(plan, made), accounts_use(made)]


def _of_its_plan(step: StepPreview, one: PlanStep) -> StepPreview:
    if step.made is None:
        return step
    made = msgspec.structs.replace(step.made, ignore_error=one.step.ignore_error, plan_step_id=one.id)
    return msgspec.structs.replace(step, made=made)


async def _of_one(
    tx: Transaction, platform: Platform, new: NewScriptJob | NewSqlJob | NewFileJob, info: KnownScope
) -> tuple[list[StepPreview], list[Needed]]:
    refusals: list[JobfleetError] = []
    settings = await platform_settings.load(tx)
    try:
        within, loaded = await _ready(tx, platform, settings, new)
    except JobfleetError as error:
        _keep(refusals, error)
        return [_unknown(new.name, new, refusals)], []
    step = await _step(tx, platform, info, new.name, within, refusals)
    if step.made is None:
        return [step], []
    if isinstance(new, NewFileJob):
        return [step], [hosts_use(Action.QUICK_TRANSFER_FILE, [step.made]), accounts_use([step.made])]
    return [step], [script_run(loaded, step.made.targets), accounts_use([step.made])]


async def _ready(
    tx: Transaction, platform: Platform, settings: PlatformSettings, new: NewScriptJob | NewSqlJob | NewFileJob
) -> tuple[NewScriptJob | NewSqlJob | NewFileJob, LoadedScript | None]:
    """Return a job within the limits and with what it runs."""
    match new:
        case NewScriptJob():
            return await execute.with_content(tx, platform, step_within(settings, new))
        case NewSqlJob():
            return await sql.with_content(tx, platform, step_within(settings, new))
        case NewFileJob():
            return step_within(settings, new), None


async def _step(
    tx: Transaction, platform: Platform, info: KnownScope, name: str, asked: Asked, refusals: list[JobfleetError]
) -> StepPreview:
    hits, dangers, barred = await _searched(tx, platform, asked)
    made = await _tried(refusals, made_step(tx, platform, info, name, asked))
    sizes: list[int] = []
    if made is not None and made.rolling is not None and not made.rolling.by_source:
        try:
            sizes = planned_sizes(made.rolling, len(made.targets))
        except JobfleetError as error:
            _keep(refusals, error)
    odd, places = _files(made, platform.engine.clock())
    return StepPreview(name, asked, made, sizes, hits, dangers, odd, places, refusals, barred)


async def _searched(tx: Transaction, platform: Platform, asked: Asked) -> tuple[list[Hit], list[Finding], bool]:
    match asked:
        case NewScriptJob(content=bytes() as content, language=language):
            hits, barred = await _hit(tx, platform, language, content)
            return hits, await script_check.dangers(language, content), barred
        case NewSqlJob(content=bytes() as content):
            hits, barred = await _hit(tx, platform, Language.SQL, content)
            return hits, [], barred
    return [], [], False


async def _hit(tx: Transaction, platform: Platform, language: int, content: bytes) -> tuple[list[Hit], bool]:
    """Return what rules find in a script, and whether one of them refuses it whoever approves."""
    hits, refusing = await find_hits(tx, platform, language, content)
    if refusing is None:
        return hits, False
    return hits, (await find_hits(tx, platform, language, content, approved=True))[1] is not None


def _files(made: NewStep | None, now: int) -> tuple[list[FileFinding], list[Landing]]:
    if made is None or not isinstance(made.definition, FileSpec):
        return [], []
    sent = list(sent_files(made.definition, made.sources, now))
    return findings(sent, {target.host_id for target in made.targets}), landings(sent)


async def _tried(refusals: list[JobfleetError], work: Awaitable[Answer]) -> Answer | None:
    """Return what comes of something, or None when it is refused; the refusal is kept."""
    try:
        return await work
    except JobfleetError as error:
        _keep(refusals, error)
        return None


def _keep(refusals: list[JobfleetError], error: JobfleetError) -> None:
    """Keep a refusal of the request; a fault of ours is none."""
    if error.family is Family.INTERNAL:
        raise error
    refusals.append(error)


def _lacking(caller: Caller, info: KnownScope, needed: Sequence[Needed]) -> list[JobfleetError]:
    try:
        demand_all(caller, info, *needed)
    except ForbiddenError as error:
        return [error]
    return []


def _like(new: NewScriptJob | NewSqlJob | NewFileJob | NewPlanJob, now: int) -> Job:
    """Return a job as it would be, to find others like it."""
    plan_id = new.plan_id if isinstance(new, NewPlanJob) else NO_PLAN
    kind = JobType.FILE if isinstance(new, NewFileJob) else JobType.SCRIPT
    return Job(
        id=0,
        scope=new.scope,
        name=new.name,
        type=JobType.PLAN if isinstance(new, NewPlanJob) else kind,
        plan_id=plan_id,
        launch_mode=new.launch_mode,
        operator="",
        app_code="",
        status=RunStatus.PENDING,
        current_step_id=0,
        created_at=now,
        started_at=None,
        ended_at=None,
        total_ms=None,
    )


async def _obstacles(tx: Transaction, steps: Sequence[StepPreview]) -> Obstacles:
    """Return why the start needs a second person."""
    rules = [hit.rule for step in steps for hit in step.hits if intercepts(hit.rule, approved=False)]
    names = list(dict.fromkeys(rule.description or rule.expression for rule in rules))
    hosts = count_hosts([step.made for step in steps])
    limit = (await platform_settings.load(tx)).second_person_hosts
    return obstacles_of(names, hosts, limit, barred=any(step.barred for step in steps))


async def _blast(tx: Transaction, steps: Sequence[StepPreview]) -> Blast:
    made = [step.made for step in steps if step.made is not None]
    ids = {target.host_id for one in made for target in one.targets if target.initial is not TaskStatus.INVALID_TARGET}
    tagged = await target_search.count_tagged(tx, ids, PRODUCTION_TAG, PRODUCTION) if ids else 0
    accounts = [one.definition.account for one in made if not isinstance(one.definition, ApprovalSpec)]
    refused = [hit for step in steps for hit in step.hits if hit.rule.action is RuleAction.INTERCEPT]
    dangers = len(refused) + sum(len(step.dangers) for step in steps)
    return blast_of(len(ids), accounts, tagged, dangers)
