"""Ask agents what became of tasks, and settle what they do not know."""

from collections.abc import Mapping

from jobfleet.engine.context import Context
from jobfleet.engine.orders import ask
from jobfleet.engine.settle import Settlement, settle
from jobfleet.model.outcome import ErrorCode
from jobfleet.model.status import TaskStatus


async def inquire(ctx: Context, by_host: Mapping[int, list[int]], job_of: Mapping[int, int]) -> list[int]:
    """Ask for tasks (host id to task ids); return jobs with something to decide.

    An agent that knows a task reports it anew. One that does not says so, and never runs it from then on: what
    became of it is unknown and named so. Of a silent agent nothing is concluded.

    Args:
        job_of: The job of each task.
    """
    reason = "the agent no longer knows the task"
    lost = [
        Settlement(job_of[task_id], task_id, TaskStatus.RESULT_LOST, ErrorCode.OK, reason)
        for answer in (await ask(ctx, by_host)).values()
        for task_id in (answer.reply.unknown if answer.reply and answer.reply.accepted else ())
    ]
    return await settle(ctx, lost)
