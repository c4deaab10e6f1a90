"""How steps are judged and what jobs do next."""

import pytest
from tests.unit.model.steps import step

from jobfleet.model.job import Job, JobType, LaunchMode
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.model.verdict import FinishJob, FinishStep, StartStep, next_move, step_verdict

OK, BAD, DEAD = TaskStatus.SUCCEEDED, TaskStatus.NONZERO_EXIT, TaskStatus.AGENT_UNREACHABLE
KILLED, LEFT, WAITS = TaskStatus.KILLED, TaskStatus.KILL_FAILED, TaskStatus.WAITING


@pytest.mark.parametrize(
    ("counts", "stopping", "ignore", "verdict"),
    [
        ({OK: 3}, False, False, RunStatus.SUCCEEDED),
        ({OK: 2, TaskStatus.SUCCEEDED_BEFORE: 1}, False, False, RunStatus.SUCCEEDED),
        ({OK: 2, BAD: 1}, False, False, RunStatus.FAILED),
        ({OK: 2, DEAD: 1}, False, False, RunStatus.FAILED),
        ({OK: 2, TaskStatus.AGENT_NOT_INSTALLED: 1}, False, False, RunStatus.FAILED),
        ({OK: 2, BAD: 1}, False, True, RunStatus.IGNORED),
        ({OK: 1, KILLED: 2}, True, False, RunStatus.STOPPED),
        ({OK: 1, LEFT: 1}, True, False, RunStatus.STOPPED),
        ({OK: 1, WAITS: 1}, True, False, RunStatus.STOPPED),
        ({OK: 3}, True, False, RunStatus.SUCCEEDED),
        ({OK: 1, BAD: 1}, True, False, RunStatus.FAILED),
    ],
)
def test_a_step_is_judged_by_its_tasks(
    counts: dict[TaskStatus, int], stopping: bool, ignore: bool, verdict: RunStatus
) -> None:
    assert step_verdict(counts, stopping=stopping, ignore_error=ignore) is verdict


def test_a_pending_job_waits_to_be_started() -> None:
    assert next_move(job(RunStatus.PENDING), [step(1, RunStatus.PENDING)]) is None


def test_a_running_job_starts_its_steps_in_order() -> None:
    steps = [step(1, RunStatus.SUCCEEDED), step(2, RunStatus.PENDING), step(3, RunStatus.PENDING)]
    assert next_move(job(RunStatus.RUNNING), steps) == StartStep(steps[1])


def test_a_step_that_awaits_tasks_is_left_alone() -> None:
    assert next_move(job(RunStatus.RUNNING), [step(1, RunStatus.RUNNING, open_count=2)]) is None


def test_a_step_that_awaits_nothing_is_judged() -> None:
    running = step(1, RunStatus.STOPPING)
    assert next_move(job(RunStatus.STOPPING), [running]) == FinishStep(running)


@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.ABNORMAL, RunStatus.ABANDONED, RunStatus.REJECTED])
def test_a_step_that_did_not_pass_ends_the_job_with_its_status(status: RunStatus) -> None:
    steps = [step(1, status), step(2, RunStatus.PENDING)]
    assert next_move(job(RunStatus.RUNNING), steps) == FinishJob(status)


def test_a_job_whose_steps_all_passed_succeeds() -> None:
    steps = [step(1, RunStatus.SUCCEEDED), step(2, RunStatus.IGNORED), step(3, RunStatus.SKIPPED)]
    assert next_move(job(RunStatus.RUNNING), steps) == FinishJob(RunStatus.SUCCEEDED)


@pytest.mark.parametrize("status", [RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.STOPPED, RunStatus.PENDING])
def test_a_stopping_job_ends_stopped_whatever_its_step_became(status: RunStatus) -> None:
    assert next_move(job(RunStatus.STOPPING), [step(1, status)]) == FinishJob(RunStatus.STOPPED)


def test_a_finished_job_does_nothing_more() -> None:
    assert next_move(job(RunStatus.SUCCEEDED), [step(1, RunStatus.SUCCEEDED)]) is None


def job(status: RunStatus) -> Job:
    return Job(
        id=1,
        scope=Scope(ScopeType.BUSINESS, 2),
        name="j",
        type=JobType.SCRIPT,
        plan_id=-1,
        launch_mode=LaunchMode.API,
        operator="admin",
        app_code="",
        status=status,
        current_step_id=0,
        created_at=1,
        started_at=None,
        ended_at=None,
        total_ms=None,
    )
