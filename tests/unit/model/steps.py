"""Steps of a job as rules see them."""

from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.job import Step, StepType
from jobfleet.model.status import RunStatus


def step(step_id: int, status: RunStatus, open_count: int = 0) -> Step:
    return Step(
        id=step_id,
        job_id=1,
        ordinal=step_id,
        plan_step_id=-1,
        name="s",
        type=StepType.SCRIPT,
        operator="admin",
        status=status,
        attempt=0,
        batch=0,
        target_count=1,
        ignore_error=False,
        definition=ApprovalSpec("x"),
        created_at=1,
        started_at=None,
        ended_at=None,
        total_ms=None,
        open_count=open_count,
    )
