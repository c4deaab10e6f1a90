"""What people are told when something happens: occasions, and what a notice says in Chinese and English."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.job import Job, Step
from jobfleet.model.schedule import Schedule
from jobfleet.model.scope import Scope, scope_text
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


_TITLES: Mapping[Occasion, Words] = {
    Occasion.APPROVAL_WAITING: Words("作业[{name}]等待确认", "Job [{name}] waits for a confirmation"),
    Occasion.JOB_SUCCEEDED: Words("作业[{name}]执行成功", "Job [{name}] succeeded"),
    Occasion.JOB_FAILED: Words("作业[{name}]执行失败", "Job [{name}] failed"),
    Occasion.SCHEDULE_FAILED: Words("定时任务[{name}]启动失败", "Schedule [{name}] could not start"),
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
