"""What people are told when something happens: occasions, and what a notice says in Chinese and English."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from jobfleet.model.blast import Reason
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.job import Job, Step
from jobfleet.model.schedule import Schedule
from jobfleet.model.scope import Scope, scope_text
from jobfleet.model.start_request import RequestState, StartRequest
from jobfleet.model.status import RunStatus

MAX_HOOK_NAME_CHARACTERS = 60
MAX_HOOKS = 20
"""Most notification hooks of a scope."""


class Occasion(StrEnum):
    """Name what notices are about."""

    APPROVAL_WAITING = "approval_waiting"
    JOB_SUCCEEDED = "job_succeeded"
    JOB_FAILED = "job_failed"
    SCHEDULE_FAILED = "schedule_failed"
    START_WAITING = "start_waiting"
    START_APPROVED = "start_approved"
    START_REFUSED = "start_refused"
    TEST = "test"


class Hook(msgspec.Struct, frozen=True):
    """Say where a scope wants to be told of which occasions; `name` is unique in the scope."""

    name: str
    url: str
    occasions: tuple[Occasion, ...]
    modifier: str = ""
    modified_at: int = 0


class Words(msgspec.Struct, frozen=True):
    """Say the same in both languages."""

    zh: str
    en: str


class AboutJob(msgspec.Struct, frozen=True):
    """Tell which job a notice is about; `status` is the number of the BlueKing API, times are epoch milliseconds."""

    id: int
    name: str
    operator: str
    status: int
    plan_id: int
    started_at: int | None
    total_ms: int | None = None


class AboutStep(msgspec.Struct, frozen=True):
    """Tell which step waits, and what its confirmers are to know."""

    id: int
    name: str
    message: str


class AboutSchedule(msgspec.Struct, frozen=True):
    """Tell which schedule could not start its plan at which moment (epoch ms), and why."""

    id: int
    name: str
    plan_id: int
    scheduled_at: int
    code: int
    message: str


class AboutRequest(msgspec.Struct, frozen=True):
    """Tell which start waits for a second person, or what became of it; see model.start_request.StartRequest."""

    id: int
    kind: str
    name: str
    hosts: int
    reasons: tuple[Reason, ...]
    reason: str
    asked_by: str
    asked_at: int
    expires_at: int
    state: str
    decided_by: str
    answer: str
    job_id: int | None


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Tell what happened, to whom it matters, and over which channels they want to hear of it.

    Source: docs/reference/notifications.md.
    """

    occasion: Occasion
    scope: str
    at: int
    receivers: tuple[str, ...]
    channels: tuple[str, ...] = ()
    title: Words
    text: Words
    job: AboutJob | None = None
    step: AboutStep | None = None
    schedule: AboutSchedule | None = None
    request: AboutRequest | None = None


_TITLES: Mapping[Occasion, Words] = {
    Occasion.APPROVAL_WAITING: Words("作业[{name}]等待确认", "Job [{name}] waits for a confirmation"),
    Occasion.JOB_SUCCEEDED: Words("作业[{name}]执行成功", "Job [{name}] succeeded"),
    Occasion.JOB_FAILED: Words("作业[{name}]执行失败", "Job [{name}] failed"),
    Occasion.SCHEDULE_FAILED: Words("定时任务[{name}]启动失败", "Schedule [{name}] could not start"),
    Occasion.START_WAITING: Words("[{name}]的执行申请等待审批", "Start of [{name}] waits for approval"),
    Occasion.START_APPROVED: Words("[{name}]的执行申请已通过", "Start of [{name}] was approved"),
    Occasion.START_REFUSED: Words("[{name}]的执行申请被拒绝", "Start of [{name}] was refused"),
    Occasion.TEST: Words("通知钩子[{name}]测试", "Test of notification hook [{name}]"),
}
_TEXTS: Mapping[Occasion, Words] = {
    Occasion.APPROVAL_WAITING: Words(
        "步骤[{step}]等待确认：{message}（执行人：{operator}）",
        "Step [{step}] waits for a confirmation: {message} (started by {operator})",
    ),
    Occasion.JOB_SUCCEEDED: Words("执行人：{operator}，耗时{seconds}秒", "Started by {operator}, took {seconds} s"),
    Occasion.JOB_FAILED: Words("执行人：{operator}，耗时{seconds}秒", "Started by {operator}, took {seconds} s"),
    Occasion.SCHEDULE_FAILED: Words("错误码{code}：{message}", "Code {code}: {message}"),
    Occasion.START_WAITING: Words("{who}申请在{hosts}台主机上执行{said}", "{who} asks to start it on {on}{said}"),
    Occasion.START_APPROVED: Words("审批人：{who}{said}", "Approved by {who}{said}"),
    Occasion.START_REFUSED: Words("审批人：{who}{said}", "Refused by {who}{said}"),
    Occasion.TEST: Words("由{operator}发送", "Sent by {operator}"),
}


def of_ended_job(job: Job, status: RunStatus, total_ms: int | None, at: int) -> Notice:
    """Return what is told when a job has ended with a status."""
    occasion = Occasion.JOB_SUCCEEDED if status is RunStatus.SUCCEEDED else Occasion.JOB_FAILED
    values = {"name": job.name, "operator": job.operator, "seconds": f"{(total_ms or 0) / 1000:.1f}"}
    return Notice(
        occasion=occasion,
        scope=scope_text(job.scope),
        at=at,
        receivers=(job.operator,),
        title=_filled(_TITLES[occasion], values),
        text=_filled(_TEXTS[occasion], values),
        job=_about(job, status, total_ms),
    )


def of_waiting_step(job: Job, step: Step, approval: ApprovalSpec, receivers: tuple[str, ...], at: int) -> Notice:
    """Return what the confirmers of a step are told when it begins to wait for them."""
    values = {"name": job.name, "step": step.name, "message": approval.message, "operator": job.operator}
    return Notice(
        occasion=Occasion.APPROVAL_WAITING,
        scope=scope_text(job.scope),
        at=at,
        receivers=receivers,
        channels=approval.channels,
        title=_filled(_TITLES[Occasion.APPROVAL_WAITING], values),
        text=_filled(_TEXTS[Occasion.APPROVAL_WAITING], values),
        job=_about(job, RunStatus.WAITING, None),
        step=AboutStep(step.id, step.name, approval.message),
    )


def of_failed_schedule(schedule: Schedule, scheduled_at: int, code: int, message: str, at: int) -> Notice:
    """Return what the one who answers for a schedule is told when its plan could not start."""
    values = {"name": schedule.name, "code": str(code), "message": message}
    return Notice(
        occasion=Occasion.SCHEDULE_FAILED,
        scope=scope_text(schedule.scope),
        at=at,
        receivers=(schedule.modifier,),
        title=_filled(_TITLES[Occasion.SCHEDULE_FAILED], values),
        text=_filled(_TEXTS[Occasion.SCHEDULE_FAILED], values),
        schedule=AboutSchedule(schedule.id, schedule.name, schedule.plan_id, scheduled_at, code, message),
    )


_BECAME: Mapping[RequestState, Occasion] = {
    RequestState.PENDING: Occasion.START_WAITING,
    RequestState.APPROVED: Occasion.START_APPROVED,
    RequestState.REFUSED: Occasion.START_REFUSED,
}


def of_start_request(request: StartRequest, receivers: tuple[str, ...], at: int) -> Notice | None:
    """Return what is told of a start that waits for a second person, or that one has decided on, else None."""
    occasion = _BECAME.get(request.state)
    if occasion is None:
        return None
    waits = request.state is RequestState.PENDING
    who, said = (request.asked_by, request.reason) if waits else (request.decided_by, request.answer)
    on = f"{request.host_count} host{'' if request.host_count == 1 else 's'}"
    values = {"name": request.name, "who": who, "on": on, "hosts": str(request.host_count)}
    zh, en = (values | {"said": f"{colon}{said}" if said else ""} for colon in ("：", ": "))
    return Notice(
        occasion=occasion,
        scope=scope_text(request.scope),
        at=at,
        receivers=receivers,
        title=_filled(_TITLES[occasion], values),
        text=Words(_filled(_TEXTS[occasion], zh).zh, _filled(_TEXTS[occasion], en).en),
        request=_about_request(request),
    )


def _about_request(request: StartRequest) -> AboutRequest:
    alike = ("id", "kind", "name", "reasons", "reason", "asked_by", "asked_at", "expires_at", "decided_by", "answer")
    values = {name: getattr(request, name) for name in alike}
    return AboutRequest(**values, hosts=request.host_count, state=request.state.value, job_id=request.job_id)


def of_test(scope: Scope, hook: str, operator: str, at: int) -> Notice:
    """Return what a hook is told when somebody tries whether it hears."""
    values = {"name": hook, "operator": operator}
    return Notice(
        occasion=Occasion.TEST,
        scope=scope_text(scope),
        at=at,
        receivers=(operator,),
        title=_filled(_TITLES[Occasion.TEST], values),
        text=_filled(_TEXTS[Occasion.TEST], values),
    )


def _about(job: Job, status: RunStatus, total_ms: int | None) -> AboutJob:
    return AboutJob(job.id, job.name, job.operator, int(status), job.plan_id, job.started_at, total_ms)


def _filled(words: Words, values: Mapping[str, str]) -> Words:
    return Words(words.zh.format_map(values), words.en.format_map(values))
