"""Answer what became of jobs."""

import msgspec

from jobfleet.model import grouping
from jobfleet.model.caller import Action, Caller
from jobfleet.model.definition import FileSpec, has_third_party
from jobfleet.model.errors import IllegalParameterReasonError, MissingOrIllegalParameterError, UnsupportedOperationError
from jobfleet.model.history import JobFilter, JobPage, check_filter
from jobfleet.model.job import (
    Job,
    JobView,
    ResultGroup,
    Step,
    StepFilter,
    StepType,
    StepView,
    Task,
)
from jobfleet.model.job_errors import JobNotFoundError, StepNotFoundError
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.model.status import ABNORMAL_AGENT, RunStatus, TaskStatus
from jobfleet.operations.access import demand, enter_scope
from jobfleet.operations.log_text import search
from jobfleet.operations.platform import Platform
from jobfleet.store import history, jobs, platform_settings, pulls, task_reads
from jobfleet.store.database import Transaction


async def job_status(platform: Platform, caller: Caller, scope: Scope, job_id: int, *, with_tasks: bool) -> JobView:
    """Show a job with its steps and, when asked, the tasks of each step's latest attempt.

    Raises:
        MissingOrIllegalParameterError: `job_id` is below 1.
        ScopeNotFoundError, ForbiddenError, JobNotFoundError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        job, info = await visible_job(tx, platform, caller, scope, job_id)
        steps = await jobs.list_steps(tx, job_id)
        found = {step.id: await _latest(tx, step) for step in steps} if with_tasks else {}
    return JobView(job, tuple(steps), {step_id: rows for step_id, rows in found.items() if rows}, info.time_zone or "")


async def step_status(
    platform: Platform, caller: Caller, scope: Scope, job_id: int, step_id: int, wanted: StepFilter
) -> StepView:
    """Show a step's results grouped by status and tag.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        StepNotFoundError: Step or job is unknown in the scope, or the step is another job's.
        UnsupportedOperationError: The step is an approval.

    Source: docs/reference/api.md, «Step status».
    """
    async with platform.engine.db.begin() as tx:
        job, step, info = await visible_step(tx, platform, caller, scope, job_id, step_id)
        latest = await _latest(tx, step)
        targets = await task_reads.list_targets(tx, job_id, step_id)
        shown = await _since_pull(tx, step, await _shown(tx, step, latest, wanted))
        if step.status is RunStatus.PENDING:
            groups = _not_started([grouping.waiting(target, job_id, step_id) for target in targets], wanted)
        else:
            matching = await _matching(tx, step, shown, wanted)
            groups = grouping.narrow(grouping.group(shown), wanted, matching)
    counted = latest or tuple(grouping.waiting(target, job_id, step_id) for target in targets)
    return StepView(
        job=job,
        step=step,
        targets=tuple(targets),
        groups=groups,
        counters=grouping.count(counted),
        abnormal=tuple(task.target for task in counted if task.status in ABNORMAL_AGENT),
        time_zone=info.time_zone or "",
        now=platform.engine.clock(),
    )


async def step_type(platform: Platform, caller: Caller, scope: Scope, job_id: int, step_id: int) -> StepType:
    """Return what kind a step is.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        JobNotFoundError: Job or step is unknown in the scope.
    """
    async with platform.engine.db.begin() as tx:
        try:
            return (await any_visible_step(tx, platform, caller, scope, job_id, step_id))[1].type
        except StepNotFoundError as error:
            raise JobNotFoundError(job_id) from error


async def list_jobs(
    platform: Platform, caller: Caller, scope: Scope, wanted: JobFilter, *, start: int, length: int
) -> JobPage:
    """Show a page of a scope's past jobs, newest first; whoever may access the scope sees all of them.

    Raises:
        MissingOrIllegalParameterError, InvalidParameterError: See `check_filter`.
        ScopeNotFoundError, ForbiddenError: In this order.
        IllegalParameterReasonError: The page begins deeper than the platform is set to.

    Source: docs/reference/api.md, «get_job_instance_list».
    """
    check_filter(wanted)
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        await check_start(tx, start)
        return await history.list_jobs(tx, scope, wanted, start=start, length=length)


async def check_start(tx: Transaction, start: int) -> None:
    """Do nothing when a page may begin after so many jobs.

    Raises:
        IllegalParameterReasonError: It begins deeper than the platform is set to.
    """
    deepest = (await platform_settings.load(tx)).job_list_max_start if start else None
    if deepest is not None and start > deepest:
        raise IllegalParameterReasonError("start", f"is above {deepest}")


async def visible_job(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope, job_id: int
) -> tuple[Job, KnownScope]:
    """Return a job of a scope, for a caller who may see it, and what the scope is.

    Raises:
        MissingOrIllegalParameterError, ScopeNotFoundError, ForbiddenError, JobNotFoundError: In this order.
    """
    if job_id < 1:
        raise MissingOrIllegalParameterError("job_id")
    info = await enter_scope(tx, platform, caller, scope)
    job = await jobs.get_in_scope(tx, job_id, scope)
    _demand_view(caller, job, info)
    return job, info


async def visible_step(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope, job_id: int, step_id: int
) -> tuple[Job, Step, KnownScope]:
    """Return a step that hosts run, its job and what the scope is, for a caller who may see it.

    Raises:
        ScopeNotFoundError, ForbiddenError, StepNotFoundError, UnsupportedOperationError: In this order.
    """
    job, step, info = await any_visible_step(tx, platform, caller, scope, job_id, step_id)
    if step.type is StepType.APPROVAL:
        raise UnsupportedOperationError(step_id)
    return job, step, info


async def any_visible_step(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope, job_id: int, step_id: int
) -> tuple[Job, Step, KnownScope]:
    """Return a step of any kind, its job and what the scope is, for a caller who may see it.

    Raises:
        ScopeNotFoundError, ForbiddenError, StepNotFoundError: In this order.
    """
    info = await enter_scope(tx, platform, caller, scope)
    step = await jobs.find_step(tx, job_id, step_id)
    if step is None:
        raise StepNotFoundError(step_id)
    try:
        job = await jobs.get_in_scope(tx, job_id, scope)
    except JobNotFoundError as error:
        raise StepNotFoundError(step_id) from error
    _demand_view(caller, job, info)
    return job, step, info


def _demand_view(caller: Caller, job: Job, info: KnownScope) -> None:
    if job.operator != caller.username:
        demand(caller, Action.VIEW_HISTORY, info)


async def _latest(tx: Transaction, step: Step) -> tuple[Task, ...]:
    return tuple(await task_reads.list_of_attempt(tx, step.job_id, step.id, step.attempt))


async def _shown(tx: Transaction, step: Step, latest: tuple[Task, ...], wanted: StepFilter) -> list[Task]:
    rows: list[Task] | tuple[Task, ...] = latest
    if wanted.attempt is not None and wanted.attempt != step.attempt:
        rows = await task_reads.list_of_attempt(tx, step.job_id, step.id, wanted.attempt)
    if not wanted.batch or (wanted.batch == 1 and step.batch == 0):
        return list(rows)
    return [task for task in rows if task.batch == wanted.batch]


async def _since_pull(tx: Transaction, step: Step, shown: list[Task]) -> list[Task]:
    """Let hosts that get files of a third-party source count from when fetching them began.

    Source: docs/reference/file-sources.md, «Times».
    """
    if not (isinstance(step.definition, FileSpec) and has_third_party(step.definition)) or not shown:
        return shown
    since = await pulls.started_at(tx, step.job_id, step.id, shown[0].attempt)
    return shown if since is None else [_counted_from(task, since, step.ended_at) for task in shown]


def _counted_from(task: Task, since: int, step_ended_at: int | None) -> Task:
    ended_at = task.ended_at or step_ended_at
    total_ms = None if ended_at is None else ended_at - since
    return msgspec.structs.replace(task, started_at=since, ended_at=ended_at, total_ms=total_ms)


def _not_started(invented: list[Task], wanted: StepFilter) -> tuple[ResultGroup, ...]:
    found = [task for task in invented if grouping.address_matches(task.target, wanted.search_ip)]
    shown = found if wanted.limit is None else found[: max(0, wanted.limit)]
    return (ResultGroup(TaskStatus.WAITING, None, len(found), tuple(shown)),)


async def _matching(tx: Transaction, step: Step, shown: list[Task], wanted: StepFilter) -> frozenset[int] | None:
    if not wanted.keyword and not wanted.search_ip:
        return None
    found = [task for task in shown if grouping.address_matches(task.target, wanted.search_ip)]
    if wanted.keyword:  # what agents tell of files is no text: Source: docs/reference/files.md, «Records»
        found = [] if step.type is StepType.FILE else await search(tx, found, wanted.keyword)
    return frozenset(task.id for task in found)
