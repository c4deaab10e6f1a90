"""Answer what became of jobs."""

from jobfleet.model.caller import Caller
from jobfleet.model.job import HostSelector, Job, JobLog, JobView, Step, StepFilter, StepView, TaskLog
from jobfleet.model.scope import Scope
from jobfleet.operations.platform import Platform


async def job_status(platform: Platform, caller: Caller, scope: Scope, job_id: int, *, with_tasks: bool) -> JobView:
    """Show a job with its steps and, when asked, the tasks of each step's latest attempt.

    Raises:
        MissingOrIllegalParameterError: `job_id` is below 1 (names `job_instance_id`).
        ScopeNotFoundError, ForbiddenError, JobNotFoundError: In this order.
    """
    raise NotImplementedError


async def step_status(
    platform: Platform, caller: Caller, scope: Scope, job_id: int, step_id: int, wanted: StepFilter
) -> StepView:
    """Show a step's results grouped by status and tag."""
    raise NotImplementedError


async def job_log(platform: Platform, caller: Caller, scope: Scope, job_id: int) -> JobLog:
    """Show the logs of every host of every step of a job."""
    raise NotImplementedError


async def host_logs(
    platform: Platform, caller: Caller, scope: Scope, job_id: int, step_id: int, hosts: HostSelector
) -> tuple[Step, tuple[TaskLog, ...]]:
    """Show the logs of some hosts of a step's latest attempt, in target order; hosts that are none of it are left out."""
    raise NotImplementedError


async def list_jobs(
    platform: Platform, caller: Caller, scope: Scope, *, start: int, length: int
) -> tuple[int, list[Job]]:
    """List a scope's jobs, newest first, and count them all."""
    raise NotImplementedError


async def output_since(
    platform: Platform, caller: Caller, scope: Scope, job_id: int, cursor: dict[int, int], limit_bytes: int
) -> list[tuple[int, int, list[tuple[int, int, bytes]]]]:
    """Return output stored beyond a cursor, for following a job live.

    Args:
        cursor: Task id to the number of output bytes already seen; absent tasks are seen from the start.

    Returns:
        (task id, offset, segments (stream, epoch ms, bytes)) in stored order, about `limit_bytes` at most.
    """
    raise NotImplementedError
