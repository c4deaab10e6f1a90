"""Jobs of several steps, and steps that wait for a person."""

import msgspec
import pytest
from tests.integration.engine.many_steps import approval, script, start
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, result

from jobfleet.model.caller import Caller, Grant, Role
from jobfleet.model.definition import TRIGGER_ROLE, ApprovalSpec
from jobfleet.model.errors import UnsupportedOperationError
from jobfleet.model.job import JobOperation, JobView, StepOperation
from jobfleet.model.job_errors import AlreadyStartedError, NotConfirmerError
from jobfleet.model.order import Report
from jobfleet.model.status import RunStatus
from jobfleet.operations import operate

ASK_OPERATOR = ApprovalSpec("go on?", roles=(TRIGGER_ROLE,))


async def test_steps_run_one_after_the_other_and_a_job_of_fifty_succeeds(stage: Stage) -> None:
    agent = await stage.agent(1)
    agent.on_run = agent.end_quietly
    started = await start(stage, [script(f"step {number}") for number in range(50)])
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED, within_s=60)
    assert [step.status for step in view.steps] == [RunStatus.SUCCEEDED] * 50
    assert [order.step_id for order in await agent.runs(50)] == [step.id for step in view.steps]
    begins = [step.started_at or 0 for step in view.steps]
    assert begins == sorted(begins)


async def test_a_failed_step_ends_the_job_and_a_retry_goes_on_from_there(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await start(stage, [script("one"), script("two"), script("three")])
    await agent.end((await agent.runs(1))[-1])
    await agent.end((await agent.runs(2))[-1], exit_code=3)
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    assert statuses(view) == [RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.PENDING]
    assert view.job.current_step_id == view.steps[1].id
    await act(stage, view, 1, StepOperation.RETRY_FAILED)
    await agent.end((await agent.runs(3))[-1])
    await agent.end((await agent.runs(4))[-1])
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert [step.attempt for step in view.steps] == [0, 1, 0]


async def test_a_step_that_ignores_errors_lets_the_next_one_run(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await start(stage, [script("one", ignore_error=True), script("two")])
    await agent.end((await agent.runs(1))[-1], exit_code=1)
    await agent.end((await agent.runs(2))[-1])
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert statuses(view) == [RunStatus.IGNORED, RunStatus.SUCCEEDED]


async def test_terminating_leaves_later_steps_unstarted_and_passing_over_goes_on(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await start(stage, [script("one"), script("two")])
    order = await agent.run_order()
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await agent.report(Report(1, results=[result(order, 143, error_code=126)]))
    view = await stage.wait(started.job_id, RunStatus.STOPPED)
    assert statuses(view) == [RunStatus.STOPPED, RunStatus.PENDING]
    await act(stage, view, 0, StepOperation.NEXT_STEP)
    await agent.end((await agent.runs(2))[-1])
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert statuses(view) == [RunStatus.SKIPPED, RunStatus.SUCCEEDED]


async def test_a_person_confirms_and_the_job_goes_on(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await start(stage, [approval(ASK_OPERATOR), script("after")])
    view = await stage.wait(started.job_id, RunStatus.WAITING)
    assert statuses(view) == [RunStatus.WAITING, RunStatus.PENDING]
    await act(stage, view, 0, StepOperation.CONFIRM)
    await agent.end(await agent.run_order())
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert (statuses(view), view.steps[0].operator) == ([RunStatus.SUCCEEDED] * 2, "admin")
    with pytest.raises(UnsupportedOperationError):
        await act(stage, view, 0, StepOperation.CONFIRM)


async def test_a_rejected_job_ends_and_can_be_asked_again(stage: Stage) -> None:
    started = await start(stage, [approval(ASK_OPERATOR)])
    view = await stage.wait(started.job_id, RunStatus.WAITING)
    await act(stage, view, 0, StepOperation.REJECT)
    view = await stage.wait(started.job_id, RunStatus.REJECTED)
    assert (view.steps[0].status, view.job.finished) == (RunStatus.REJECTED, True)
    await act(stage, view, 0, StepOperation.RESTART_APPROVAL)
    view = await stage.wait(started.job_id, RunStatus.WAITING)
    assert view.job.ended_at is None
    await act(stage, view, 0, StepOperation.CONFIRM)
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)


async def test_a_waiting_job_can_be_terminated(stage: Stage) -> None:
    started = await start(stage, [approval(ASK_OPERATOR), script("never")])
    await stage.wait(started.job_id, RunStatus.WAITING)
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    view = await stage.wait(started.job_id, RunStatus.STOPPED)
    assert statuses(view) == [RunStatus.STOPPED, RunStatus.PENDING]


async def test_only_a_job_that_never_started_can_be_started(stage: Stage) -> None:
    started = await start(stage, [approval(ASK_OPERATOR)])
    await stage.wait(started.job_id, RunStatus.WAITING)
    for operation, then in ((None, RunStatus.WAITING), (JobOperation.TERMINATE, RunStatus.STOPPED)):
        if operation is not None:
            await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, operation)
        await stage.wait(started.job_id, then)
        with pytest.raises(AlreadyStartedError):
            await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.START)


async def test_a_stopped_approval_is_not_confirmed_by_running_it_again(stage: Stage) -> None:
    started = await start(stage, [approval(ASK_OPERATOR), script("after")])
    await stage.wait(started.job_id, RunStatus.WAITING)
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    view = await stage.wait(started.job_id, RunStatus.STOPPED)
    for operation in (StepOperation.RETRY_FAILED, StepOperation.RETRY_ALL):
        with pytest.raises(UnsupportedOperationError):
            await act(stage, view, 0, operation)


async def test_only_those_named_may_confirm(stage: Stage) -> None:
    started = await start(stage, [approval(ApprovalSpec("?", users=("li",)))])
    view = await stage.wait(started.job_id, RunStatus.WAITING)
    with pytest.raises(NotConfirmerError):
        await act(stage, view, 0, StepOperation.CONFIRM)
    li = msgspec.structs.replace(ADMIN, username="li")
    ids = started.job_id, view.steps[0].id
    await operate.operate_step(stage.platform, li, SCOPE, *ids, StepOperation.CONFIRM)
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)


async def test_stopping_a_job_leads_nobody_past_those_who_are_to_confirm(stage: Stage) -> None:
    agent = await stage.agent(1)
    agent.on_run = agent.end_quietly
    started = await start(stage, [approval(ApprovalSpec("?", users=("li",))), script("after")])
    await stage.wait(started.job_id, RunStatus.WAITING)
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    view = await stage.wait(started.job_id, RunStatus.STOPPED)
    with pytest.raises(NotConfirmerError):
        await act(stage, view, 0, StepOperation.NEXT_STEP)
    li = msgspec.structs.replace(ADMIN, username="li")
    await operate.operate_step(stage.platform, li, SCOPE, started.job_id, view.steps[0].id, StepOperation.NEXT_STEP)
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)


async def test_those_who_hold_a_named_role_may_confirm(stage: Stage) -> None:
    started = await start(stage, [approval(ApprovalSpec("?", roles=("editor",)))])
    view = await stage.wait(started.job_id, RunStatus.WAITING)
    ids = started.job_id, view.steps[0].id
    operator, editor = (person(name, role) for name, role in (("li", Role.OPERATOR), ("wang", Role.EDITOR)))
    with pytest.raises(NotConfirmerError):
        await operate.operate_step(stage.platform, operator, SCOPE, *ids, StepOperation.CONFIRM)
    await operate.operate_step(stage.platform, editor, SCOPE, *ids, StepOperation.CONFIRM)
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)


def person(name: str, role: Role) -> Caller:
    return Caller(name, "", platform_admin=False, grants=(Grant(role, SCOPE.type, SCOPE.id),))


async def act(stage: Stage, view: JobView, step: int, operation: StepOperation) -> None:
    ids = view.job.id, view.steps[step].id
    await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, operation)


def statuses(view: JobView) -> list[RunStatus]:
    return [step.status for step in view.steps]
