"""The history of jobs, of version 3."""

from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64, Text, text
from jobfleet.api.paging import page_of
from jobfleet.api.scope import ScopePair, business_of, scope_of
from jobfleet.api.surface import Call
from jobfleet.model.history import JobFilter, JobPage
from jobfleet.model.job import Job
from jobfleet.operations import query

DEFAULT_LENGTH = 10


class HistoryWords(ScopePair, frozen=True, kw_only=True):
    """Say which jobs of which scope are meant, as versions 3 and 4 do."""

    create_time_start: Annotated[Int64 | None, NEEDED] = None
    create_time_end: Annotated[Int64 | None, NEEDED] = None
    job_instance_id: Int64 | None = None
    job_cron_id: Int64 | None = None
    operator: Text | None = None
    name: Text | None = None
    launch_mode: Int32 | None = None
    type: Int32 | None = None
    status: Int32 | None = None
    ip: Text | None = None


class GetJobInstanceList(HistoryWords, frozen=True, kw_only=True):
    """Ask for a page of the history."""

    bk_biz_id: Int64 | None = None
    start: Int32 | None = None
    length: Int32 | None = None


class PastJob(msgspec.Struct, frozen=True):
    """Show one job; `id` is what the published tables call `job_instance_id`, so it has both names.

    Template and plan are null of a job without a plan; times and durations are milliseconds.
    """

    bk_scope_type: str
    bk_scope_id: str
    bk_biz_id: Int64 | None
    id: Int64
    job_instance_id: Int64
    job_template_id: Int64 | None
    job_plan_id: Int64 | None
    name: str
    operator: str
    create_time: Int64
    status: Int32
    type: Int32
    launch_mode: Int32
    start_time: Int64 | None
    end_time: Int64 | None
    total_time: Int64 | None


class PastJobs(msgspec.Struct, frozen=True):
    """Show a page of the history; `total` counts all that match."""

    start: Int32
    total: Int32
    length: Int32
    data: list[PastJob]


async def get_job_instance_list(call: Call, wanted: GetJobInstanceList) -> PastJobs:
    """Answer a page of the history.

    Source: docs/reference/api.md, «get_job_instance_list».
    """
    start, length = page_of(wanted.start, wanted.length, DEFAULT_LENGTH)
    page = await found_of(call, wanted, start, length)
    return PastJobs(start, page.total, length, show(page))


async def found_of(call: Call, words: HistoryWords, start: int, length: int) -> JobPage:
    """Return a page of what the words of a request mean."""
    wanted = JobFilter(
        created_from=words.create_time_start or 0,
        created_to=words.create_time_end or 0,
        job_id=words.job_instance_id,
        schedule_id=words.job_cron_id,
        operator=text(words.operator),
        name=text(words.name),
        launch_mode=words.launch_mode,
        type=words.type,
        status=words.status,
        ip=text(words.ip),
    )
    return await query.list_jobs(call.platform, call.caller, scope_of(words), wanted, start=start, length=length)


def show(page: JobPage) -> list[PastJob]:
    """Return the jobs of a page as versions 3 and 4 show them."""
    return [_past(job, page.templates.get(job.plan_id)) for job in page.jobs]


def _past(job: Job, template_id: int | None) -> PastJob:
    return PastJob(
        bk_scope_type=job.scope.type.value,
        bk_scope_id=str(job.scope.id),
        bk_biz_id=business_of(job.scope),
        id=job.id,
        job_instance_id=job.id,
        job_template_id=template_id,
        job_plan_id=job.plan_id if job.plan_id > 0 else None,
        name=job.name,
        operator=job.operator,
        create_time=job.created_at,
        status=job.status,
        type=job.type,
        launch_mode=job.launch_mode,
        start_time=job.started_at,
        end_time=job.ended_at,
        total_time=job.total_ms,
    )
