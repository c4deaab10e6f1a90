"""What the hosts of a job printed: whole, or followed while the job runs."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.api.native.views import JobView, StepView, TaskView, show_job, show_steps, show_task
from jobfleet.model.caller import Action
from jobfleet.model.job import TaskLog
from jobfleet.model.target import Target
from jobfleet.operations import logs, watch
from jobfleet.store.outputs import StoredChunk

MAX_WAIT_S = 30
MAX_PORTION_BYTES = 8 * 1024 * 1024


class WantLog(Wanted, frozen=True):
    """Ask for the log of a job, or of one of its hosts (id, address or cloud:address)."""

    job_id: Id
    host: str = ""


class HostLog(msgspec.Struct, frozen=True):
    """Show a task and the text of its output, or the reason why there is none."""

    task: TaskView
    text: str


class LogAnswer(msgspec.Struct, frozen=True):
    """Show the logs of the latest attempts of a job's steps."""

    job: JobView
    logs: list[HostLog]


class Follow(Wanted, frozen=True):
    """Ask what is new about a job.

    `seen` maps task ids to the number of output bytes one has; `version` is that of the last answer.
    """

    job_id: Id
    seen: dict[Id, Annotated[int, Meta(ge=0, le=2**63 - 1)]] = msgspec.field(default_factory=dict)
    version: str = ""
    wait_s: Annotated[float, Meta(ge=0, le=MAX_WAIT_S, description="Answer after so long even without news")] = 0
    limit_bytes: Annotated[int, Meta(ge=1, le=MAX_PORTION_BYTES)] = 1024 * 1024


class SegmentView(msgspec.Struct, frozen=True):
    """Show bytes (base64) of one stream, 1 standard output or 2 standard error, and when they came (epoch ms)."""

    stream: int
    at: int
    data: bytes


class ChunkView(msgspec.Struct, frozen=True):
    """Show output of a task from byte `offset` on."""

    task_id: int
    offset: int
    segments: list[SegmentView]


class Followed(msgspec.Struct, frozen=True):
    """Show a job's progress and new output of the first step that has some, oldest first."""

    version: str
    job: JobView
    steps: list[StepView]
    chunks: list[ChunkView]


async def show_log(call: Call, wanted: WantLog) -> LogAnswer:
    """Show logs."""
    scope = await watch.scope_of_job(call.platform, call.caller, wanted.job_id)
    only = (lambda target: _is_named(target, wanted.host)) if wanted.host else None
    found = await logs.job_log(call.platform, call.caller, scope, wanted.job_id, only=only)
    listed = [log for step in found.steps for _, _, members in step.groups for log in members]
    shown = [_log(log, call.caller.language) for log in listed]
    return LogAnswer(show_job(found.job, call.caller.language), shown)


def _log(log: TaskLog, words: str) -> HostLog:
    return HostLog(show_task(log.task, words), log.text)


def _is_named(target: Target, host: str) -> bool:
    names = {ip for ip in (target.ip, target.ipv6) if ip}
    return host in names | {str(target.host_id)} | {f"{target.cloud_id}:{name}" for name in names}


async def follow(call: Call, wanted: Follow) -> Followed:
    """Show what is new."""
    scope = await watch.scope_of_job(call.platform, call.caller, wanted.job_id)
    found = await watch.watch(
        call.platform,
        call.caller,
        scope,
        wanted.job_id,
        watch.Seen(wanted.version, wanted.seen),
        limit_bytes=wanted.limit_bytes,
        wait_s=wanted.wait_s,
    )
    words = call.caller.language
    return Followed(
        version=found.version,
        job=show_job(found.progress.job, words),
        steps=show_steps(found.progress, words),
        chunks=[_chunk(chunk) for chunk in found.chunks],
    )


def _chunk(chunk: StoredChunk) -> ChunkView:
    segments, at = [], 0
    for stream, ms, size in chunk.marks:
        segments.append(SegmentView(stream, ms, chunk.data[at : at + size]))
        at += size
    return ChunkView(chunk.task_id, chunk.offset, segments)


ROUTES = (
    Route("GET", "/api/v1/jobs/{job_id}/log", Action.VIEW_HISTORY, show_log, WantLog, LogAnswer, "Show logs"),
    Route("POST", "/api/v1/jobs/{job_id}/output", Action.VIEW_HISTORY, follow, Follow, Followed, "Follow a job"),
)
