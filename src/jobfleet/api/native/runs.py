"""A run as its page shows it."""

import msgspec

from jobfleet.api.native.jobs import Id, JobWord, StepWord
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.api.native.views import JobView, show_job
from jobfleet.model.blast import friction_of
from jobfleet.model.caller import Action
from jobfleet.model.eta import Eta
from jobfleet.model.host_counts import HostCounts
from jobfleet.model.job import NO_PLAN
from jobfleet.model.run_actions import OBSTACLE_TEXTS, RunAction
from jobfleet.model.run_view import RunState, RunStep, Stopping
from jobfleet.operations import run_view, watch
from jobfleet.operations.run_view import Run


class WantRun(Wanted, frozen=True):
    """Name a run."""

    job_id: Id


class ProvenanceView(msgspec.Struct, frozen=True):
    """Say who started a run and from where: `via` is page, api or schedule; null and "" where there is none.

    A plan or a schedule that is deleted has an id and no name. `approved_by` is the second person who let it start.
    """

    operator: str
    via: str
    app_code: str
    plan_id: int | None
    plan_name: str
    template_id: int | None
    schedule_id: int | None
    schedule_name: str
    approved_by: str
    created_at: int


class ActionView(msgspec.Struct, frozen=True):
    """Offer an operation on the run (`step_id` null) or on a step, or say why it may not be done now.

    `operation_code` is the number of the BlueKing API, `name` the operation of this one. `reason` is a word for
    programs, `reason_text` one for people; both are "" for what is allowed. `count` is how many hosts it is about.
    From `medium_from` hosts on people should see the list first, from `high_from` on type the number (null: never).
    `takes_hosts`: it takes `task_ids`; `of_batch` is the only batch that they may be of, 0 for any.
    """

    name: JobWord | StepWord
    operation_code: int
    step_id: int | None
    allowed: bool
    reason: str
    reason_text: str
    count: int
    medium_from: int
    high_from: int | None
    takes_hosts: bool
    of_batch: int


class RunAnswer(msgspec.Struct, frozen=True):
    """Show a run: what the event stream tells after `cursor` is what changes of it.

    `version` goes with operations: they are refused when it is not the run's any more. `counts`, `progress` (0 to 1)
    and `rate_per_s` (hosts a second) are those of the step that the run is at, `eta` is of the whole run; `now` is
    when the view was taken (epoch milliseconds).
    """

    job: JobView
    provenance: ProvenanceView
    steps: list[RunStep]
    counts: HostCounts
    progress: float
    rate_per_s: float
    eta: Eta | None
    stopping: Stopping | None
    actions: list[ActionView]
    version: str
    cursor: str
    now: int


async def show_run(call: Call, wanted: WantRun) -> RunAnswer:
    """Show a run."""
    scope = await watch.scope_of_job(call.platform, call.caller, wanted.job_id)
    found = await run_view.show_run(call.platform, call.caller, scope, wanted.job_id)
    return _shown(found, found.state, call.caller.language)


def _shown(found: Run, state: RunState, words: str) -> RunAnswer:
    return RunAnswer(
        job=show_job(found.job, words),
        provenance=_provenance(found),
        steps=state.steps,
        counts=state.counts,
        progress=state.progress,
        rate_per_s=state.rate_per_s,
        eta=state.eta,
        stopping=state.stopping,
        actions=[show_action(one, words) for one in found.actions],
        version=state.version,
        cursor=found.cursor.text,
        now=state.now,
    )


def _provenance(found: Run) -> ProvenanceView:
    job, origin = found.job, found.provenance
    return ProvenanceView(
        operator=job.operator,
        via=job.launch_mode.name.lower(),
        app_code=job.app_code,
        plan_id=None if job.plan_id == NO_PLAN else job.plan_id,
        plan_name=origin.plan_name,
        template_id=origin.template_id,
        schedule_id=origin.schedule_id,
        schedule_name=origin.schedule_name,
        approved_by=origin.approved_by,
        created_at=job.created_at,
    )


def show_action(one: RunAction, words: str) -> ActionView:
    """Return an operation as it is offered; `words` is zh or en."""
    friction = friction_of(one.name)
    return ActionView(
        name=msgspec.convert("stop" if one.name == "terminate" else one.name, JobWord | StepWord),
        operation_code=one.operation_code,
        step_id=one.step_id,
        allowed=one.allowed,
        reason=one.obstacle.value,
        reason_text=OBSTACLE_TEXTS[one.obstacle][words == "en"],
        count=one.count,
        medium_from=friction.medium_from,
        high_from=friction.high_from,
        takes_hosts=one.takes_hosts,
        of_batch=one.of_batch,
    )


ROUTES = (
    Route(
        "GET",
        "/api/v1/jobs/{job_id}/run",
        Action.VIEW_HISTORY,
        show_run,
        WantRun,
        RunAnswer,
        "Show a run with its progress and what may be done to it",
    ),
)
