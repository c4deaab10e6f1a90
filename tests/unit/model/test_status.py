"""Which status may follow which."""

from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.status import (
    FINISHED,
    GIVEN_UP,
    JOB_TRANSITIONS,
    PASSED,
    RETRYABLE,
    STEP_TRANSITIONS,
    UNFINISHED_TASK,
    RunStatus,
    TaskStatus,
    job_sources,
    step_sources,
    task_sources,
)


def test_finished_is_the_set_of_the_contract() -> None:
    assert {int(status) for status in FINISHED} == {3, 4, 5, 6, 8, 9, 11, 13, 14}


def test_unfinished_hosts_are_those_that_wait_or_run() -> None:
    assert {int(status) for status in UNFINISHED_TASK} == {5, 7}


def test_a_passed_step_never_runs_again() -> None:
    for status in PASSED:
        assert status not in STEP_TRANSITIONS


def test_every_retryable_step_and_job_may_run_again() -> None:
    for status in RETRYABLE:
        assert status in step_sources(RunStatus.RUNNING)
        assert status in job_sources(RunStatus.RUNNING)


def test_no_job_ends_as_skipped_or_ignored() -> None:
    assert not job_sources(RunStatus.SKIPPED)
    assert not job_sources(RunStatus.IGNORED)
    assert not job_sources(RunStatus.TERMINATED)


def test_every_unfinished_status_leads_somewhere() -> None:
    unfinished = set(RunStatus) - FINISHED
    assert all(STEP_TRANSITIONS[status] for status in unfinished)
    assert all(JOB_TRANSITIONS[status] for status in unfinished - {RunStatus.BETWEEN_BATCHES})


@given(st.sampled_from(TaskStatus))
def test_a_task_with_a_real_result_never_changes(wanted: TaskStatus) -> None:
    assert task_sources(wanted) <= UNFINISHED_TASK | GIVEN_UP


def test_a_given_up_task_may_get_its_real_result_but_is_not_given_up_again() -> None:
    assert task_sources(TaskStatus.SUCCEEDED) >= GIVEN_UP
    assert not task_sources(TaskStatus.RESULT_LOST) & GIVEN_UP
    assert not task_sources(TaskStatus.WAITING)
