"""Views of jobs built by hand, for the tests of their renderings."""

from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.job import (
    Job,
    JobLog,
    JobType,
    JobView,
    LaunchMode,
    ResultGroup,
    Step,
    StepCounters,
    StepLog,
    StepType,
    StepView,
    Task,
    TaskLog,
)
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.model.target import Target

AT = 1_605_064_271_000
"""2020-11-11 11:11:11 in Shanghai."""

ZONE = "Asia/Shanghai"


def target(number: int, ip: str | None = "", ipv6: str | None = None) -> Target:
    address = f"10.0.{number // 250}.{number % 250}" if ip == "" else ip
    agent_id = f"0:{address}" if address else None
    return Target(number, 100 + number, 0, "Default Area", address, ipv6, agent_id, "linux", True, TaskStatus.WAITING)


def task(number: int, status: TaskStatus = TaskStatus.SUCCEEDED, tag: str = "", **more: object) -> Task:
    finished = status not in {TaskStatus.WAITING, TaskStatus.RUNNING}
    values: dict[str, object] = {
        "id": 1000 + number,
        "job_id": 100,
        "step_id": 75,
        "attempt": 0,
        "batch": 0,
        "log_task_id": 1000 + number,
        "status": status,
        "tag": tag,
        "exit_code": 0 if finished else None,
        "error_code": 0,
        "started_at": AT,
        "ended_at": AT + 1500 if finished else None,
        "total_ms": 1500 if finished else None,
        "output_bytes": 0,
        "message": "",
        "survivors": (),
        "target": target(number),
    }
    return Task(**(values | more))  # type: ignore[arg-type]


def job(status: RunStatus = RunStatus.FAILED, scope: Scope | None = None) -> Job:
    finished = status not in {RunStatus.PENDING, RunStatus.RUNNING}
    return Job(
        id=100,
        scope=scope or Scope(ScopeType.BUSINESS, 1),
        name="a job",
        type=JobType.SCRIPT,
        plan_id=-1,
        launch_mode=LaunchMode.API,
        operator="admin",
        app_code="esb_test",
        status=status,
        current_step_id=75,
        created_at=AT,
        started_at=None if status is RunStatus.PENDING else AT,
        ended_at=AT + 3169 if finished else None,
        total_ms=3169 if finished else None,
    )


def step(status: RunStatus = RunStatus.FAILED, attempt: int = 0, total: int = 1) -> Step:
    known = job(status)
    return Step(
        id=75,
        job_id=100,
        ordinal=0,
        plan_step_id=-1,
        name="a step",
        type=StepType.SCRIPT,
        operator="admin",
        status=status,
        attempt=attempt,
        batch=0,
        target_count=total,
        ignore_error=False,
        definition=ApprovalSpec("x"),
        created_at=AT,
        started_at=known.started_at,
        ended_at=known.ended_at,
        total_ms=known.total_ms,
    )


def job_view(status: RunStatus, tasks: tuple[Task, ...], attempt: int = 0) -> JobView:
    return JobView(job(status), (step(status, attempt, len(tasks)),), {75: tasks} if tasks else {}, ZONE)


def step_view(status: RunStatus, groups: tuple[ResultGroup, ...], attempt: int = 0) -> StepView:
    shown = [one for group in groups for one in group.tasks]
    running = sum(one.status in {TaskStatus.WAITING, TaskStatus.RUNNING} for one in shown)
    good = sum(one.status is TaskStatus.SUCCEEDED for one in shown)
    bad = [one for one in shown if one.status is TaskStatus.AGENT_UNREACHABLE]
    return StepView(
        job=job(status),
        step=step(status, attempt, len(shown)),
        targets=tuple(one.target for one in shown),
        groups=groups,
        counters=StepCounters(len(shown), running, good, len(shown) - running - good, len(bad)),
        abnormal=tuple(one.target for one in bad),
        time_zone=ZONE,
        now=AT + 9000,
    )


def group(status: TaskStatus, tag: str | None, *tasks: Task, size: int | None = None) -> ResultGroup:
    return ResultGroup(status, tag, len(tasks) if size is None else size, tasks)


def job_log(status: RunStatus, attempt: int, text: str) -> JobLog:
    logs = (TaskLog(task(1, tag="xxx"), text),)
    return JobLog(job(status), (StepLog(step(status, attempt), ((TaskStatus.SUCCEEDED, "xxx", logs),)),), ZONE)
