"""Looking at what a start would do, before it is done."""

from jobfleet.api.native.jobs import Id
from jobfleet.api.native.plans import RunPlan, new_plan_job
from jobfleet.api.native.preview_views import PreviewAnswer, shown
from jobfleet.api.native.route import Call, FieldError, Route, Wanted
from jobfleet.api.native.schedule_words import OneSchedule
from jobfleet.api.native.schedules import named_schedule
from jobfleet.api.native.sql import NewSql, new_sql
from jobfleet.api.native.start_file import NewFiles, new_files
from jobfleet.api.native.start_script import NewScript, new_script
from jobfleet.api.native.template_tools import DebugTemplate, debug_run
from jobfleet.model.caller import Action
from jobfleet.operations import preview
from jobfleet.operations.starts import Again, Fired, Start
from jobfleet.operations.watch import scope_of_job


class TemplateRun(DebugTemplate, frozen=True):
    """Run all steps of a template: `values` for texts, `hosts` for host lists, by name."""


class FiredSchedule(OneSchedule, frozen=True):
    """Name a schedule."""


class OneRun(Wanted, frozen=True):
    """Name a run."""

    job_id: Id


class WantPreview(Wanted, frozen=True):
    """Give the request of a start, as it would be sent to start: exactly one of these.

    `template` is a run of all its steps, `schedule` what it would start if it fired now,
    `run` one that is over and would run once more.
    """

    script: NewScript | None = None
    sql: NewSql | None = None
    files: NewFiles | None = None
    plan: RunPlan | None = None
    template: TemplateRun | None = None
    schedule: FiredSchedule | None = None
    run: OneRun | None = None


_Kept = RunPlan | TemplateRun | FiredSchedule | OneRun


async def show_preview(call: Call, wanted: WantPreview) -> PreviewAnswer:
    """Show what a start would do."""
    return await shown(call, await preview.preview(call.platform, call.caller, await start_of(call, wanted)))


async def start_of(call: Call, wanted: WantPreview) -> Start:
    """Return the start that is looked at.

    Raises:
        FieldError: Not exactly one is given.
        JobfleetError: It names what is not there, or not for the caller.
    """
    every = (wanted.script, wanted.sql, wanted.files, wanted.plan, wanted.template, wanted.schedule, wanted.run)
    given = [one for one in every if one is not None]
    if len(given) != 1:
        raise FieldError("script", "give exactly one of script, sql, files, plan, template, schedule and run")
    return await _kept(call, given[0]) if isinstance(given[0], _Kept) else await _written(call, given[0])


async def _written(call: Call, wanted: NewScript | NewSql | NewFiles) -> Start:
    """Return the start of what a request brings."""
    match wanted:
        case NewScript() as script:
            return await new_script(call, script)
        case NewSql() as text:
            return await new_sql(call, text)
        case NewFiles() as files:
            return await new_files(call, files)


async def _kept(call: Call, wanted: _Kept) -> Start:
    """Return the start of what is kept here and named by a request."""
    match wanted:
        case RunPlan() as plan:
            return await new_plan_job(call, plan)
        case TemplateRun() as template:
            return await debug_run(call, template)
        case FiredSchedule() as schedule:
            return Fired(*await named_schedule(call, schedule))
        case OneRun(job_id=job_id):
            return Again(await scope_of_job(call.platform, call.caller, job_id), job_id)


ROUTES = (
    Route(
        "POST",
        "/api/v1/preview",
        Action.ACCESS_BUSINESS,
        show_preview,
        WantPreview,
        PreviewAnswer,
        "Show what a start would do",
    ),
)
