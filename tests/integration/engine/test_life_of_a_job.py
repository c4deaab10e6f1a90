"""The life of a job, with agents that answer as each test says."""

import msgspec
import pytest
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, chunks, new_job, result, statuses

from jobfleet.model.errors import UnsupportedOperationError
from jobfleet.model.job import HostSelector, JobOperation, StepOperation
from jobfleet.model.job_errors import (
    AccountNotFoundError,
    AlreadyStartedError,
    ForeignHostsError,
    IdempotencyConflictError,
    UnknownHostsError,
)
from jobfleet.model.order import Report
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.model.target import Address, TargetSpec
from jobfleet.operations import execute, logs, operate

W, R, OK, BAD = TaskStatus.WAITING, TaskStatus.RUNNING, TaskStatus.SUCCEEDED, TaskStatus.NONZERO_EXIT


async def test_a_job_whose_hosts_all_succeed_succeeds(stage: Stage) -> None:
    agents = await stage.agents(3)
    started = await stage.run(hosts=3)
    for agent in agents:
        await agent.end(await agent.run_order(), text=b"hello\n", tag="x")
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    tasks = view.tasks[started.step_id]
    assert [(task.status, task.tag, task.exit_code, task.error_code) for task in tasks] == [(OK, "x", 0, 0)] * 3
    assert view.steps[0].status is RunStatus.SUCCEEDED
    assert view.job.total_ms == (view.job.ended_at or 0) - (view.job.started_at or 0)


async def test_one_failing_host_fails_the_job(stage: Stage) -> None:
    one, two = await stage.agents(2)
    started = await stage.run(hosts=2)
    await one.end(await one.run_order())
    await two.end(await two.run_order(), exit_code=2)
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    assert statuses(view) == [OK, BAD]
    assert view.tasks[started.step_id][1].exit_code == 2


async def test_a_host_without_an_agent_is_abnormal_at_once_and_the_others_go_on(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run(hosts=2)
    await stage.wait_tasks(started.job_id, [R, TaskStatus.AGENT_UNREACHABLE])
    await agent.end(await agent.run_order())
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    assert statuses(view) == [OK, TaskStatus.AGENT_UNREACHABLE]
    assert view.tasks[started.step_id][1].error_code == 117


async def test_a_job_created_stopped_waits_until_it_is_started_once(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run(start=False)
    view = await stage.view(started.job_id)
    assert (view.job.status, view.steps[0].status, statuses(view)) == (RunStatus.PENDING, RunStatus.PENDING, [])
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.START)
    with pytest.raises(AlreadyStartedError):
        await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.START)
    await agent.end(await agent.run_order())
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)


async def test_a_repeated_report_changes_nothing(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    order = await agent.run_order()
    report = Report(1, chunks=chunks(order, b"once\n"), results=[result(order, 0, b"once\n")])
    assert (await agent.report(report)).results == [order.task_id]
    contrary = Report(1, results=[result(order, 9, b"once\n")])
    assert (await agent.report(report)).results == [order.task_id]
    assert (await agent.report(contrary)).results == [order.task_id]
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    log = await logs.job_log(stage.platform, ADMIN, SCOPE, started.job_id)
    assert log.steps[0].groups[0][2][0].text == "once\n"


async def test_output_is_complete_and_in_order_whatever_is_repeated_overlaps_or_comes_early(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    order = await agent.run_order()
    text = "häuser\0und\n".encode()
    early = await agent.report(Report(1, chunks=chunks(order, text[5:], 5)))
    assert early.output == {order.task_id: 0}
    assert (await agent.report(Report(1, chunks=chunks(order, text[:2])))).output == {order.task_id: 2}
    assert (await agent.report(Report(1, chunks=chunks(order, text[:2])))).output == {order.task_id: 2}
    unfinished = await agent.report(Report(1, results=[result(order, 0, text)]))
    assert unfinished.results == []
    last = await agent.report(Report(1, chunks=chunks(order, text[1:], 1), results=[result(order, 0, text)]))
    assert (last.output, last.results) == ({order.task_id: len(text)}, [order.task_id])
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    _, found = await logs.host_logs(
        stage.platform, ADMIN, SCOPE, started.job_id, started.step_id, HostSelector(host_ids=(1,))
    )
    assert [log.text for log in found] == [text.decode()]


async def test_another_hosts_report_is_not_stored(stage: Stage) -> None:
    one, two = await stage.agents(2)
    started = await stage.run()
    order = await one.run_order()
    stored = await two.report(Report(2, results=[result(order, 0)]))
    assert (stored.results, stored.gone) == ([], [order.task_id])
    view = await stage.wait_tasks(started.job_id, [R])
    assert view.job.status is RunStatus.RUNNING


async def test_a_retry_of_failed_hosts_keeps_the_winners_and_their_logs(stage: Stage) -> None:
    one, two = await stage.agents(2)
    started = await stage.run(hosts=2)
    await one.end(await one.run_order(), text=b"first run\n", tag="t")
    await two.end(await two.run_order(), exit_code=1, text=b"broken\n")
    before = await stage.wait(started.job_id, RunStatus.FAILED)
    ids = started.job_id, started.step_id
    await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.RETRY_FAILED)
    second = (await two.runs(2))[-1]
    running = await stage.wait_tasks(started.job_id, [OK, R])
    assert (running.job.status, running.job.ended_at, running.job.total_ms) == (RunStatus.RUNNING, None, None)
    assert running.job.started_at == before.job.started_at
    assert running.steps[0].attempt == 1
    await two.end(second, text=b"mended\n")
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    log = await logs.job_log(stage.platform, ADMIN, SCOPE, started.job_id)
    assert [(tag, [entry.text for entry in entries]) for _, tag, entries in log.steps[0].groups] == [
        ("", ["mended\n"]),
        ("t", ["first run\n"]),
    ]
    assert len(await one.runs(1)) == 1


async def test_a_retry_of_everything_runs_every_host_again(stage: Stage) -> None:
    one, two = await stage.agents(2)
    started = await stage.run(hosts=2)
    await one.end(await one.run_order())
    await two.end(await two.run_order(), exit_code=1)
    await stage.wait(started.job_id, RunStatus.FAILED)
    ids = started.job_id, started.step_id
    await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.RETRY_ALL)
    for agent in (one, two):
        await agent.end((await agent.runs(2))[-1])
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)


async def test_an_ignored_failure_lets_the_job_succeed(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    await agent.end(await agent.run_order(), exit_code=1)
    await stage.wait(started.job_id, RunStatus.FAILED)
    ids = started.job_id, started.step_id
    await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.IGNORE_ERROR)
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert view.steps[0].status is RunStatus.IGNORED


async def test_terminating_kills_what_runs_and_says_so(stage: Stage) -> None:
    one, two = await stage.agents(2)
    started = await stage.run(hosts=2)
    await one.end(await one.run_order())
    order = await two.run_order()
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    assert (await two.kill_order()).task_ids == [order.task_id]
    assert (await stage.view(started.job_id)).job.status is RunStatus.STOPPING
    await two.report(Report(2, results=[result(order, 143, error_code=126)]))
    view = await stage.wait(started.job_id, RunStatus.STOPPED)
    assert statuses(view) == [OK, TaskStatus.KILLED]
    assert view.steps[0].status is RunStatus.STOPPED
    with pytest.raises(UnsupportedOperationError):
        await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)


async def test_a_kill_that_leaves_survivors_is_shown_as_failed_with_their_pids(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    order = await agent.run_order()
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await agent.kill_order()
    await agent.report(Report(1, results=[result(order, 137, error_code=126, survivors=[71, 72])]))
    view = await stage.wait(started.job_id, RunStatus.STOPPED)
    assert statuses(view) == [TaskStatus.KILL_FAILED]
    assert view.tasks[started.step_id][0].survivors == (71, 72)


async def test_a_kill_of_what_the_agent_never_started_counts_as_killed(stage: Stage) -> None:
    agent = await stage.agent(1)
    agent.knows = False
    started = await stage.run()
    await agent.run_order()
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    view = await stage.wait(started.job_id, RunStatus.STOPPED)
    assert statuses(view) == [TaskStatus.KILLED]


async def test_a_force_skip_ends_a_stopping_step_and_the_job_goes_on(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    order = await agent.run_order()
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await agent.kill_order()
    ids = started.job_id, started.step_id
    await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.FORCE_SKIP)
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert (view.steps[0].status, statuses(view)) == (RunStatus.SKIPPED, [TaskStatus.UNKNOWN])
    await agent.report(Report(1, results=[result(order, 143, error_code=126)]))
    await stage.wait_tasks(started.job_id, [TaskStatus.KILLED])


async def test_a_stopped_step_can_be_passed_over(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await stage.run()
    order = await agent.run_order()
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await agent.report(Report(1, results=[result(order, 143, error_code=126)]))
    await stage.wait(started.job_id, RunStatus.STOPPED)
    ids = started.job_id, started.step_id
    await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.NEXT_STEP)
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert view.steps[0].status is RunStatus.SKIPPED


async def test_the_same_idempotency_key_starts_one_job(stage: Stage) -> None:
    agent = await stage.agent(1)
    first = await stage.run(idempotency_key="k1")
    again = await stage.run(idempotency_key="k1")
    assert first == again
    with pytest.raises(IdempotencyConflictError):
        await stage.run(idempotency_key="k1", name="another")
    await agent.end(await agent.run_order())
    await stage.wait(first.job_id, RunStatus.SUCCEEDED)
    assert len(await agent.runs(1)) == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"target": TargetSpec(host_ids=(1, 99))}, UnknownHostsError),
        ({"target": TargetSpec(addresses=(Address(0, "10.9.9.9"),))}, UnknownHostsError),
        ({"target": TargetSpec(host_ids=(6,))}, ForeignHostsError),
        ({"account_alias": "nobody"}, AccountNotFoundError),
    ],
)
async def test_nothing_is_stored_when_a_check_fails(
    stage: Stage, changes: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await execute.start_script(stage.platform, ADMIN, new_job((1,), idempotency_key="k", **changes))
    async with stage.platform.engine.db.begin() as tx:
        for table in ("job", "step", "target", "event", "content", "idempotency_key"):
            assert (await tx.exec_driver_sql(f"SELECT count(*) FROM {table}")).scalar_one() == 0


async def test_output_that_does_not_fit_into_an_answer_is_named_so_and_shown_by_itself(stage: Stage) -> None:
    agents = await stage.agents(2)
    started = await stage.run(hosts=2)
    for agent in agents:
        await agent.end(await agent.run_order(), text=b"x" * 600)
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    small = msgspec.structs.replace(stage.platform, log_answer_bytes=1000)
    log = await logs.job_log(small, ADMIN, SCOPE, started.job_id)
    texts = [entry.text for entry in log.steps[0].groups[0][2]]
    assert texts[0] == "x" * 600
    assert texts[1].startswith("output left out: an answer holds 1000 bytes")
    ids = started.job_id, started.step_id
    _, found = await logs.host_logs(small, ADMIN, SCOPE, *ids, HostSelector(host_ids=(2,)))
    assert found[0].text == "x" * 600
