"""Hold everything that the surfaces say of one job against the truth, to the last field."""

from tests.acceptance.hold_jobs import hold_job_status, hold_job_status_2, hold_version_4
from tests.acceptance.hold_logs import hold_host_logs, hold_log_2
from tests.acceptance.hold_steps import hold_step_status, hold_step_status_2
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import Json
from tests.acceptance.truth import Truth


async def hold(stage: Stage, job: Job, truth: Truth) -> Json:
    """Hold a job's answers on every surface against the truth; return it as version 3 shows it."""
    shown = await hold_job_status(stage, job, truth)
    await hold_version_4(stage, job, shown)
    await hold_job_status_2(stage, job, truth, shown)
    await hold_step_status(stage, job, truth, shown)
    await hold_step_status_2(stage, job, truth, shown)
    await hold_log_2(stage, job, truth, shown)
    await hold_host_logs(stage, job, truth)
    return shown
