"""Tasks of the agent channel: which ones a step had, and which step one belongs to."""

from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64, Text, text
from jobfleet.api.rules import id_of
from jobfleet.api.scope import business_of
from jobfleet.api.surface import Call
from jobfleet.model.channel_task import ChannelTask
from jobfleet.model.errors import MissingOrIllegalParameterError
from jobfleet.model.job import Job
from jobfleet.operations import channel_tasks


class QueryGseTask(msgspec.Struct, frozen=True, kw_only=True):
    """Name a step."""

    step_instance_id: Annotated[Int64 | None, NEEDED] = None


class QueryJobInstance(msgspec.Struct, frozen=True, kw_only=True):
    """Name a task of the agent channel."""

    gse_task_id: Annotated[Text | None, NEEDED] = None


class ChannelTaskLink(msgspec.Struct, frozen=True):
    """Show what a task of the agent channel belongs to; `link` are addresses of the page that shows it."""

    bk_scope_type: str
    bk_scope_id: str
    bk_biz_id: Int64 | None
    job_instance_id: Int64
    step_instance_id: Int64
    retry_count: Int32
    batch: Int32
    gse_task_id: str
    link: list[str]


async def query_gse_task(call: Call, wanted: QueryGseTask) -> list[ChannelTaskLink]:
    """Answer what was sent to agents of a step so far.

    Source: docs/reference/service.md, «Tasks of the agent channel».
    """
    step_id = id_of("step_instance_id", wanted.step_instance_id)
    job, found = await channel_tasks.list_of_step(call.platform, call.caller, step_id)
    return [_link(call, job, one) for one in found]


async def query_job_instance(call: Call, wanted: QueryJobInstance) -> ChannelTaskLink:
    """Answer which step something sent to agents belongs to.

    Source: docs/reference/service.md, «Tasks of the agent channel».
    """
    if not text(wanted.gse_task_id):
        raise MissingOrIllegalParameterError("gse_task_id")
    job, found = await channel_tasks.find(call.platform, call.caller, text(wanted.gse_task_id))
    return _link(call, job, found)


def _link(call: Call, job: Job, task: ChannelTask) -> ChannelTaskLink:
    query = f"stepInstanceId={task.step_id}&retryCount={task.attempt}&batch={task.batch}"
    return ChannelTaskLink(
        bk_scope_type=job.scope.type.value,
        bk_scope_id=str(job.scope.id),
        bk_biz_id=business_of(job.scope),
        job_instance_id=task.job_id,
        step_instance_id=task.step_id,
        retry_count=task.attempt,
        batch=task.batch,
        gse_task_id=task.id,
        link=[f"{call.platform.public_url}/api_execute/{task.job_id}?{query}"],
    )
