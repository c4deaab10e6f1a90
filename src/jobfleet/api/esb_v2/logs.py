"""Logs of every host of a job, in version 2."""

from collections.abc import Callable
from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64, Seconds
from jobfleet.api.rules import job_id_of
from jobfleet.api.scope import ScopedV2, scope_of
from jobfleet.api.surface import Call
from jobfleet.api.times import seconds, time_texts
from jobfleet.model.job import JobLog, StepLog, TaskLog
from jobfleet.operations import logs

TimeText = Callable[[int | None], str | None]
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class GetJobInstanceLog(ScopedV2, frozen=True, kw_only=True):
    """Ask for a job's logs."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None


class HostLog(msgspec.Struct, frozen=True):
    """Show one host's log; `retry_count` and `execute_count` are the same."""

    ip: str | None
    ipv6: str | None
    bk_cloud_id: Int64
    start_time: str | None
    end_time: str | None
    total_time: Seconds | None
    retry_count: Int32
    execute_count: Int32
    error_code: Int32
    exit_code: Int32 | None
    log_content: str


class StepResult(msgspec.Struct, frozen=True):
    """Show the hosts of a step that ended alike."""

    ip_status: Int32
    tag: str
    ip_logs: list[HostLog]


class StepLogV2(msgspec.Struct, frozen=True):
    """Show one step; the flag and the status are the step's."""

    is_finished: bool
    step_instance_id: Int64
    name: str
    status: Int32
    step_results: list[StepResult]


async def get_job_instance_log(call: Call, wanted: GetJobInstanceLog) -> list[StepLogV2]:
    """Answer the logs of every host of every step.

    Source: docs/reference/api.md, «get_job_instance_log».
    """
    scope = scope_of(wanted)
    job_id = job_id_of(wanted.job_instance_id)
    view = await logs.job_log(call.platform, call.caller, scope, job_id)
    return render(view, escape=call.escape_logs)


def render(view: JobLog, *, escape: bool) -> list[StepLogV2]:
    """Return a job's logs as version 2 shows them; `escape` writes `&`, `<` and `>` as HTML does."""
    text = time_texts(view.time_zone, offset=True)
    return [_step(log, text, escape=escape) for log in view.steps]


def _step(log: StepLog, text: TimeText, *, escape: bool) -> StepLogV2:
    step = log.step
    results = [
        StepResult(status, tag, [_host(host, step.attempt, text, escape=escape) for host in hosts])
        for status, tag, hosts in log.groups
    ]
    return StepLogV2(step.finished, step.id, step.name, step.status, results)


def _host(log: TaskLog, attempt: int, text: TimeText, *, escape: bool) -> HostLog:
    task, target = log.task, log.task.target
    return HostLog(
        target.ip,
        target.ipv6,
        target.cloud_id,
        text(task.started_at),
        text(task.ended_at),
        seconds(task.total_ms),
        attempt,
        attempt,
        task.error_code,
        task.exit_code,
        _escaped(log.text) if escape else log.text,
    )


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if text.strip() else ""
