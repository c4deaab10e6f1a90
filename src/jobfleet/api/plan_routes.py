"""What the BlueKing surfaces serve of templates and plans."""

from jobfleet.api import plan_detail, plan_lists
from jobfleet.api.esb_v2 import old_jobs
from jobfleet.api.esb_v2 import plan_detail as v2
from jobfleet.api.gateway import new_plan
from jobfleet.api.gateway import templates as v4
from jobfleet.api.plans import StartedPlan
from jobfleet.api.surface import Level, Route, Surface
from jobfleet.model.caller import Action

_V2, _V4, _GET, _POST, _BOTH = Surface.ESB_V2, Surface.GATEWAY_V4, ("GET",), ("POST",), ("GET", "POST")
_VIEW, _VIEW_TEMPLATE, _USER = Action.VIEW_JOB_PLAN, Action.VIEW_JOB_TEMPLATE, (Level.USER,)
_IMPORT = old_jobs.import_job, old_jobs.ImportJob, list[old_jobs.ImportedJob]
_PLATFORM = old_jobs.execute_platform_job, old_jobs.ExecutePlatformJob, StartedPlan
_TEMPLATE = v4.get_job_template_detail, v4.GetJobTemplateDetail, v4.TemplateDetail
_CREATE = new_plan.create_job_plan, new_plan.CreateJobPlan, new_plan.CreatedPlan

V2: tuple[Route, ...] = (
    Route(_V2, "get_job_list", _BOTH, _VIEW, v2.get_job_list, v2.GetJobList, list[v2.JobLineV2]),
    Route(_V2, "get_job_detail", _BOTH, _VIEW, v2.get_job_detail, v2.GetJobDetail, v2.JobDetailV2),
    Route(_V2, "import_job", _POST, Action.CREATE_JOB_TEMPLATE, *_IMPORT),
    Route(_V2, "execute_platform_job", _POST, Action.LAUNCH_JOB_PLAN, *_PLATFORM),
)
V4: tuple[Route, ...] = (
    Route(_V4, "get_job_template_detail", _GET, _VIEW_TEMPLATE, *_TEMPLATE, levels=_USER),
    Route(_V4, "create_job_plan", _POST, Action.CREATE_JOB_PLAN, *_CREATE, levels=_USER),
)


def version_3(surface: Surface, queries: tuple[str, ...]) -> tuple[Route, ...]:
    """Return what bus and gateway serve; they differ in the methods of queries."""
    many_templates = plan_lists.get_job_template_list, plan_lists.GetJobTemplateList, plan_lists.TemplatePage
    many_plans = plan_lists.get_job_plan_list, plan_lists.GetJobPlanList, plan_lists.PlanPage
    one_plan = plan_detail.get_job_plan_detail, plan_detail.GetJobPlanDetail, plan_detail.PlanDetail
    return (
        Route(surface, "get_job_template_list", queries, _VIEW_TEMPLATE, *many_templates),
        Route(surface, "get_job_plan_list", queries, _VIEW, *many_plans),
        Route(surface, "get_job_plan_detail", queries, _VIEW, *one_plan),
    )


ROUTES: tuple[Route, ...] = (
    *V2,
    *version_3(Surface.ESB_V3, _BOTH),
    *version_3(Surface.GATEWAY_V3, _GET),
    *V4,
)
