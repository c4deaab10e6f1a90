"""Why a host of a step ended as it did, and what became of its files."""

import msgspec

from jobfleet.api.native.host_logs import OneTask, key_of_task
from jobfleet.api.native.route import Call, Route
from jobfleet.api.native.views import TargetView, TaskView, show_target, show_task
from jobfleet.model.agent import HostView
from jobfleet.model.caller import Action
from jobfleet.model.event import Event, EventKind
from jobfleet.model.exit_meaning import exit_meaning, status_meaning
from jobfleet.model.job import Task
from jobfleet.model.labels import run_label, task_label
from jobfleet.model.reason_words import reason_words
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.operations import host_files, why

_TASK = "/api/v1/jobs/{job_id}/steps/{step_id}/tasks/{task_id}"


class AgentNow(msgspec.Struct, frozen=True):
    """Show what is known of a host's agent now: `state` is online, offline, revoked or never."""

    state: str
    version: str
    seen_at: int | None


class AttemptView(msgspec.Struct, frozen=True):
    """Show what became of the same target in one attempt, counted from 0."""

    attempt: int
    task_id: int
    log_task_id: int
    batch: int
    status: str
    status_code: int
    label: str
    exit_code: int | None
    total_ms: int | None


class StoryEvent(msgspec.Struct, frozen=True):
    """Show a change: `subject` is job, step or task; `from_label` and `to_label` are its statuses, for people."""

    at: int
    subject: str
    kind: EventKind
    actor: str
    from_status: int | None
    to_status: int | None
    from_label: str
    to_label: str
    detail: str


class WhyAnswer(msgspec.Struct, frozen=True):
    """Explain how a task came to its end.

    Times are epoch milliseconds: the step began, the order first left, the script began and ended. `meaning` says
    what the status says, `exit_meaning` what the exit code usually means, `reason` what was noted of this very task.
    `digest` is the SHA-256 of the script. `agent` is None for a host that is not in the scope any more.
    """

    task: TaskView
    attempt: int
    step_started_at: int | None
    sent_at: int | None
    started_at: int | None
    ended_at: int | None
    queued_ms: int | None
    meaning: str
    exit_meaning: str
    reason: str
    host_name: str
    agent: AgentNow | None
    account: str
    account_alias: str
    timeout_s: int
    digest: str
    attempts: list[AttemptView]
    events: list[StoryEvent]


class HostFileView(msgspec.Struct, frozen=True):
    """Show a file on its way between two hosts, or between the server and a host (`source` None).

    `mode` is upload or download; `status` a word: pulling, waiting, uploading, downloading, finished, failed.
    `sha256` is "" for directories and while nobody knows it.
    """

    mode: str
    source: TargetView | None
    path: str
    dest: str
    status: str
    size_bytes: int
    done_bytes: int
    speed_kib_s: int
    at: int
    error_code: int
    message: str
    sha256: str
    text: str


class HostFilesAnswer(msgspec.Struct, frozen=True):
    """Show the files of a host; empty for steps that move none."""

    files: list[HostFileView]


async def explain_task(call: Call, wanted: OneTask) -> WhyAnswer:
    """Explain how a task came to its end."""
    found, words = await why.explain(call.platform, call.caller, key_of_task(wanted)), call.caller.language
    task, host = found.task, found.host
    return WhyAnswer(
        task=show_task(task, words),
        attempt=task.attempt,
        step_started_at=found.step.started_at,
        sent_at=found.sent_at,
        started_at=task.started_at,
        ended_at=task.ended_at,
        queued_ms=_queued(found),
        meaning=status_meaning(task.status, words),
        exit_meaning="" if task.exit_code is None else exit_meaning(task.exit_code, words),
        reason=reason_words(found.reason, words),
        host_name="" if host is None else host.host.name,
        agent=None if host is None else _agent(host),
        account=found.account,
        account_alias=found.account_alias,
        timeout_s=found.timeout_s,
        digest=found.digest,
        attempts=[_attempt(one, words) for one in found.attempts],
        events=[_event(one, words) for one in found.events],
    )


def _agent(host: HostView) -> AgentNow:
    agent = host.agent
    return AgentNow(host.state.value, "" if agent is None else agent.version, None if agent is None else agent.seen_at)


def _queued(found: why.Why) -> int | None:
    """Return how long the order was on its way, or waited for its turn on the host."""
    sent, started = found.sent_at, found.task.started_at
    return None if sent is None or started is None else max(0, started - sent)


def _attempt(task: Task, words: str) -> AttemptView:
    return AttemptView(
        attempt=task.attempt,
        task_id=task.id,
        log_task_id=task.log_task_id,
        batch=task.batch,
        status=task.status.name.lower(),
        status_code=int(task.status),
        label=task_label(task.status, words),
        exit_code=task.exit_code,
        total_ms=task.total_ms,
    )


def _event(event: Event, words: str) -> StoryEvent:
    subject = "task" if event.kind is EventKind.LATE_RESULT else event.kind.partition(" ")[0]
    return StoryEvent(
        at=event.at,
        subject=subject,
        kind=event.kind,
        actor=event.actor,
        from_status=event.from_status,
        to_status=event.to_status,
        from_label=_label(subject, event.from_status, words),
        to_label=_label(subject, event.to_status, words),
        detail=event.detail,
    )


def _label(subject: str, status: int | None, words: str) -> str:
    if status is None:
        return ""
    try:
        return task_label(TaskStatus(status), words) if subject == "task" else run_label(RunStatus(status), words)
    except ValueError:
        return str(status)


async def list_host_files(call: Call, wanted: OneTask) -> HostFilesAnswer:
    """Show the files of a host of a step."""
    found = await host_files.host_files(call.platform, call.caller, key_of_task(wanted))
    return HostFilesAnswer([_file(one) for one in found])


def _file(one: host_files.HostFile) -> HostFileView:
    log, last = one.log, one.log.last
    return HostFileView(
        mode=log.mode.name.lower(),
        source=None if log.source is None else show_target(log.source),
        path=log.path,
        dest=log.dest or "",
        status=log.status.name.lower(),
        size_bytes=last.size_bytes,
        done_bytes=last.size_bytes if log.process == "100%" else last.done_bytes,
        speed_kib_s=last.speed_kib_s,
        at=last.at,
        error_code=last.error_code,
        message=last.message,
        sha256=one.sha256,
        text=log.text,
    )


ROUTES = (
    Route("GET", f"{_TASK}/why", Action.VIEW_HISTORY, explain_task, OneTask, WhyAnswer, "Explain how a task ended"),
    Route(
        "GET",
        f"{_TASK}/files",
        Action.VIEW_HISTORY,
        list_host_files,
        OneTask,
        HostFilesAnswer,
        "Show the files of a host of a step",
    ),
)
