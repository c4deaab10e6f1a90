"""Steering jobs, and looking at them."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from jobfleet.api.native.route import Call, Done, FieldError, Route, Wanted, key_of
from jobfleet.api.native.targets import SCOPE_PATTERN
from jobfleet.api.native.views import JobView, StepView, TaskView, show_job, show_steps, show_task
from jobfleet.model.caller import Action
from jobfleet.model.chosen_hosts import MAX_CHOSEN
from jobfleet.model.history import MAX_WINDOW_MS, JobFilter
from jobfleet.model.job import JobOperation, JobType, LaunchMode, StepOperation
from jobfleet.model.run_actions import Said
from jobfleet.model.scope import Scope, parse_scope
from jobfleet.model.status import RunStatus
from jobfleet.operations import operate, query, redo, watch

ScopeText = Annotated[str, Meta(pattern=SCOPE_PATTERN, description="biz:ID or biz_set:ID")]
Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Moment = Annotated[int, Meta(ge=1, le=2**53)]
MAX_REASON_CHARACTERS = 1_000
Version = Annotated[
    str, Meta(max_length=64, description="Of the run, as it was looked at: refused (409) when it has moved on since")
]


JobWord = Literal["stop", "start"]
StepWord = Literal[
    "retry_failed",
    "ignore_error",
    "retry_all",
    "next_step",
    "force_skip",
    "confirm",
    "reject",
    "restart_approval",
    "continue_rolling",
]


class Started(msgspec.Struct, frozen=True):
    """Name the accepted job and its step."""

    job_id: int
    step_id: int
    name: str


class OneJob(Wanted, frozen=True):
    """Name a job; with `tasks` its hosts are shown too."""

    job_id: Id
    tasks: bool = False


class JobAnswer(msgspec.Struct, frozen=True):
    """Show a job, its steps, and when asked the tasks of each step's latest attempt in target order."""

    job: JobView
    steps: list[StepView]
    tasks: list[TaskView]


class ListJobs(Wanted, frozen=True):
    """Page through the jobs of a scope that were created in a window (epoch ms), newest first.

    The window is of 30 days at most, and these 30 days when it is left out.
    """

    scope: ScopeText
    created_from: Moment | None = None
    created_to: Moment | None = None
    job_id: Id | None = None
    schedule_id: Id | None = None
    operator: str = ""
    name: Annotated[str, Meta(description="Part of the job's name")] = ""
    launch_mode: Literal["", "page", "api", "schedule"] = ""
    type: Literal["", "plan", "script", "file"] = ""
    status: Annotated[str, Meta(description="A status as a word", pattern="^[a-z_]*$")] = ""
    ip: Annotated[str, Meta(description="Address of any target")] = ""
    start: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    length: Annotated[int, Meta(ge=1, le=1000)] = 20


class JobList(msgspec.Struct, frozen=True):
    """Show one page of jobs; `total` counts them all."""

    total: int
    jobs: list[JobView]


class OperateJob(Wanted, frozen=True):
    """Stop a job, or start one that was created stopped."""

    job_id: Id
    operation: JobWord
    version: Version = ""


class OperateStep(Wanted, frozen=True):
    """Steer a step of a job."""

    job_id: Id
    step_id: Id
    operation: StepWord
    reason: Annotated[str, Meta(max_length=MAX_REASON_CHARACTERS, description="Why; kept in the run's record")] = ""
    version: Version = ""
    task_ids: (
        Annotated[
            list[Id],
            Meta(
                min_length=1,
                max_length=MAX_CHOSEN,
                description="With retry_failed: run only these tasks of the latest attempt again, the others stay",
            ),
        ]
        | UnsetType
    ) = UNSET


async def show(call: Call, wanted: OneJob) -> JobAnswer:
    """Show a job."""
    scope, words = await _scope(call, wanted.job_id), call.caller.language
    progress = await watch.progress(call.platform, call.caller, scope, wanted.job_id)
    tasks = await _tasks(call, scope, wanted.job_id) if wanted.tasks else []
    return JobAnswer(show_job(progress.job, words), show_steps(progress, words), tasks)


async def _tasks(call: Call, scope: Scope, job_id: int) -> list[TaskView]:
    view = await query.job_status(call.platform, call.caller, scope, job_id, with_tasks=True)
    return [show_task(task, call.caller.language) for step in view.steps for task in view.tasks.get(step.id, ())]


async def list_jobs(call: Call, wanted: ListJobs) -> JobList:
    """Show a page of jobs."""
    chosen = _filter(wanted, call.platform.engine.clock())
    scope, page = parse_scope(wanted.scope), {"start": wanted.start, "length": wanted.length}
    found = await query.list_jobs(call.platform, call.caller, scope, chosen, **page)
    return JobList(found.total, [show_job(job, call.caller.language) for job in found.jobs])


def _filter(wanted: ListJobs, now: int) -> JobFilter:
    until = wanted.created_to or now
    return JobFilter(
        created_from=wanted.created_from or max(1, until - MAX_WINDOW_MS),
        created_to=until,
        job_id=wanted.job_id,
        schedule_id=wanted.schedule_id,
        operator=wanted.operator,
        name=wanted.name,
        launch_mode=LaunchMode[wanted.launch_mode.upper()] if wanted.launch_mode else None,
        type=JobType[wanted.type.upper()] if wanted.type else None,
        status=_status(wanted.status),
        ip=wanted.ip,
    )


def _status(word: str) -> RunStatus | None:
    try:
        return RunStatus[word.upper()] if word else None
    except KeyError as error:
        raise FieldError("status", "is no status") from error


class RedoJob(Wanted, frozen=True):
    """Name a finished job that is to run once more."""

    job_id: Id


async def redo_job(call: Call, wanted: RedoJob) -> Started:
    """Start a job that does what a finished one did."""
    scope = await _scope(call, wanted.job_id)
    started = await redo.redo(call.platform, call.caller, scope, wanted.job_id, key=key_of(call))
    return Started(started.job_id, started.step_id, started.name)


_JOB_OPERATIONS: Mapping[JobWord, JobOperation] = {"stop": JobOperation.TERMINATE, "start": JobOperation.START}


async def operate_job(call: Call, wanted: OperateJob) -> Done:
    """Stop or start a job."""
    scope = await _scope(call, wanted.job_id)
    operation, said = _JOB_OPERATIONS[wanted.operation], Said(version=wanted.version)
    await operate.operate_job(call.platform, call.caller, scope, wanted.job_id, operation, said)
    return Done()


async def operate_step(call: Call, wanted: OperateStep) -> Done:
    """Steer a step."""
    scope, operation = await _scope(call, wanted.job_id), StepOperation[wanted.operation.upper()]
    said = Said(wanted.reason, wanted.version, tuple(wanted.task_ids or ()))
    await operate.operate_step(call.platform, call.caller, scope, wanted.job_id, wanted.step_id, operation, said)
    return Done()


async def _scope(call: Call, job_id: int) -> Scope:
    return await watch.scope_of_job(call.platform, call.caller, job_id)


ROUTES = (
    Route("GET", "/api/v1/jobs", Action.ACCESS_BUSINESS, list_jobs, ListJobs, JobList, "List the jobs of a scope"),
    Route("GET", "/api/v1/jobs/{job_id}", Action.VIEW_HISTORY, show, OneJob, JobAnswer, "Show a job"),
    Route(
        "POST",
        "/api/v1/jobs/{job_id}/redo",
        Action.QUICK_EXECUTE_SCRIPT,
        redo_job,
        RedoJob,
        Started,
        "Run a finished job once more",
        201,
    ),
    Route(
        "POST",
        "/api/v1/jobs/{job_id}/operate",
        Action.OPERATE_JOB,
        operate_job,
        OperateJob,
        Done,
        "Stop or start a job",
    ),
    Route(
        "POST",
        "/api/v1/jobs/{job_id}/steps/{step_id}/operate",
        Action.OPERATE_JOB,
        operate_step,
        OperateStep,
        Done,
        "Retry, ignore, skip, confirm, reject or go on after a step",
    ),
)
