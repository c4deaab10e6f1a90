"""The truth table: every story of a script on three hosts, told by real agents, on every surface."""

from typing import Any

import pytest
from tests.acceptance.declared import NO_ADDRESS, NO_AGENT, A, B, C
from tests.acceptance.gates import Gates, encoded
from tests.acceptance.hold import hold
from tests.acceptance.hold_steps import groups_of, hosts_of
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import Json
from tests.acceptance.truth import Row, Truth

RETRY_FAILED, IGNORE, RETRY_ALL, NEXT, SKIP, CONTINUE_ROLLING = 2, 3, 8, 11, 12, 13


def begun(host: int) -> str:
    return f"host {host}\n"


def running(host: int) -> Row:
    return Row(host, 7, log=begun(host))


def good(host: int, tag: str = "") -> Row:
    return Row(host, 9, tag, 0, log=begun(host) + (f"job_success:[{tag}]\n" if tag else ""))


def bad(host: int, code: int, tag: str = "") -> Row:
    return Row(host, 104, tag, code, log=begun(host) + (f"job_fail:[{tag}]\n" if tag else ""))


async def steer(stage: Stage, job: Job, operation: int) -> None:
    answer = await stage.admin.v3("operate_step_instance", **job.step, operation_code=operation)
    assert answer.get("data") == {"job_instance_id": job.id, "step_instance_id": job.step_id}, answer


async def output_stored(stage: Stage, job: Job, *hosts: int) -> None:
    """Wait until the first lines of these hosts can be read: output comes a moment after the status."""
    wanted = {host: begun(host) for host in hosts}

    async def logs() -> dict[int, str]:
        query = job.step | {"host_id_list": list(hosts)}
        data = (await stage.admin.v3("batch_get_job_instance_ip_log", **query))["data"]
        return {one["host_id"]: one["log_content"] for one in data["script_task_logs"]}

    async def are_there() -> bool:
        return await logs() == wanted

    await stage.poll(are_there)


async def one_failed(stage: Stage, gates: Gates) -> Job:
    job = await stage.run(gates.script, A, B, C)
    await gates.succeed(A, "x")
    await gates.succeed(B)
    await gates.fail(C, 2, "y")
    await stage.wait(job, 9, 9, 104, job_status=4)
    return job


async def test_a_job_that_was_not_started_has_no_rows_and_waits_for_all_hosts(stage: Stage, gates: Gates) -> None:
    job = await stage.run(gates.script, A, B, C, start_task=False)
    await hold(stage, job, Truth(1, 1, (), ((5, None, 3),), (3, 3, 0, 0, 0), hosts=(A, B, C)))
    start = await stage.admin.v3("operate_job_instance", **job.named, operation_code=2)
    assert start["data"] == {"job_instance_id": job.id}
    for host in (A, B, C):
        await gates.succeed(host)
    await stage.wait(job, 9, 9, 9, job_status=3)
    await hold(stage, job, Truth(3, 3, (good(A), good(B), good(C)), ((9, "", 3),), (3, 0, 3, 0, 0)))
    assert (await stage.admin.v3("operate_job_instance", **job.named, operation_code=2))["code"] == 1241015


async def test_a_job_is_shown_while_all_run_then_some_then_none(stage: Stage, gates: Gates) -> None:
    job = await stage.run(gates.script, A, B, C)
    await stage.wait(job, 7, 7, 7, job_status=2)
    await output_stored(stage, job, A, B, C)
    await hold(stage, job, Truth(2, 2, (running(A), running(B), running(C)), ((7, "", 3),), (3, 3, 0, 0, 0)))
    for operation in (RETRY_FAILED, IGNORE, RETRY_ALL, NEXT, SKIP):
        answer = await stage.admin.v3("operate_step_instance", **job.step, operation_code=operation)
        assert answer["code"] == 1241003
    await gates.succeed(A, "x")
    await stage.wait(job, 9, 7, 7, job_status=2)
    rows = (good(A, "x"), running(B), running(C))
    await hold(stage, job, Truth(2, 2, rows, ((7, "", 2), (9, "x", 1)), (3, 2, 1, 0, 0)))
    await gates.succeed(B)
    await gates.fail(C, 2, "y")
    await stage.wait(job, 9, 9, 104, job_status=4)
    rows = (good(A, "x"), good(B), bad(C, 2, "y"))
    await hold(stage, job, Truth(4, 4, rows, ((9, "", 1), (9, "x", 1), (104, "y", 1)), (3, 0, 2, 1, 0)))


async def test_a_retry_of_the_failed_keeps_the_winners_and_the_old_round_can_be_asked_for(
    stage: Stage, gates: Gates
) -> None:
    job = await one_failed(stage, gates)
    before = await stage.status(job)
    await steer(stage, job, RETRY_FAILED)
    await stage.wait(job, 9, 9, 7, job_status=2)
    await output_stored(stage, job, C)
    winners = ((9, "", 1), (9, "x", 1))
    truth = Truth(2, 2, (good(A, "x"), good(B), running(C)), ((7, "", 1), *winners), (3, 1, 2, 0, 0), attempt=1)
    during = await hold(stage, job, truth)
    await gates.succeed(C)
    await stage.wait(job, 9, 9, 9, job_status=3)
    truth = Truth(3, 3, (good(A, "x"), good(B), good(C)), ((9, "", 2), (9, "x", 1)), (3, 0, 3, 0, 0), attempt=1)
    after = await hold(stage, job, truth)
    assert (gates.runs(A), gates.runs(B), gates.runs(C)) == (1, 1, 2)
    for shown in (during, after):
        assert shown["job_instance"]["start_time"] == before["job_instance"]["start_time"]
        assert shown["step_instance_list"][0]["start_time"] == before["step_instance_list"][0]["start_time"]
        assert hosts(shown)[:2] == hosts(before)[:2]
    old = (await stage.admin.gateway("get_step_instance_status", **job.step, execute_count=0))["data"]
    assert (old["status"], old["execute_count"]) == (3, 1)
    assert groups_of(old) == [*winners, (104, "y", 1)]
    [failed] = old["step_result_group_list"][2]["host_result_list"]
    then = hosts(before)[2]
    assert {name: failed[name] for name in ("exit_code", "start_time", "end_time", "total_time")} == {
        name: then[name] for name in ("exit_code", "start_time", "end_time", "total_time")
    }
    none = (await stage.admin.gateway("get_step_instance_status", **job.step, execute_count=2))["data"]
    assert (none["execute_count"], none["step_result_group_list"]) == (1, [])


def hosts(shown: Json) -> list[Json]:
    found: list[Json] = shown["step_instance_list"][0]["step_ip_result_list"]
    return found


async def test_a_retry_of_all_runs_every_host_again(stage: Stage, gates: Gates) -> None:
    job = await one_failed(stage, gates)
    await steer(stage, job, RETRY_ALL)
    for host in (A, B, C):
        await gates.succeed(host)
    await stage.wait(job, 9, 9, 9, job_status=3)
    await hold(stage, job, Truth(3, 3, (good(A), good(B), good(C)), ((9, "", 3),), (3, 0, 3, 0, 0), attempt=1))
    assert (gates.runs(A), gates.runs(B), gates.runs(C)) == (2, 2, 2)


async def test_a_failure_that_an_operator_ignores_lets_the_job_succeed(stage: Stage, gates: Gates) -> None:
    job = await one_failed(stage, gates)
    await steer(stage, job, IGNORE)
    await stage.wait(job, 9, 9, 104, job_status=3)
    rows = (good(A, "x"), good(B), bad(C, 2, "y"))
    await hold(stage, job, Truth(3, 6, rows, ((9, "", 1), (9, "x", 1), (104, "y", 1)), (3, 0, 2, 1, 0)))


async def test_what_runs_when_a_job_is_terminated_is_killed(stage: Stage, gates: Gates) -> None:
    job = await stage.run(gates.script, A, B, C)
    await gates.succeed(A, "x")
    await stage.wait(job, 9, 7, 7, job_status=2)
    await output_stored(stage, job, B, C)
    stop = await stage.admin.v2("operate_job_instance", **job.named, operation_code=1)
    assert stop["data"] == {"job_instance_id": job.id}
    shown = await stage.wait(job, 9, 403, 403, job_status=11)
    killed = [host["exit_code"] for host in hosts(shown)[1:]]
    rows = (
        good(A, "x"),
        Row(B, 403, "", killed[0], 126, begun(B)),
        Row(C, 403, "", killed[1], 126, begun(C)),
    )
    await hold(stage, job, Truth(11, 11, rows, ((9, "x", 1), (403, "", 2)), (3, 0, 1, 2, 0)))
    await steer(stage, job, NEXT)
    await stage.wait(job, 9, 403, 403, job_status=3)
    await hold(stage, job, Truth(3, 5, rows, ((9, "x", 1), (403, "", 2)), (3, 0, 1, 2, 0)))


async def test_a_terminated_job_can_be_retried(stage: Stage, gates: Gates) -> None:
    job = await stage.run(gates.script, A, B)
    await gates.succeed(A)
    await stage.wait(job, 9, 7, job_status=2)
    await stage.admin.v3("operate_job_instance", **job.named, operation_code=1)
    await stage.wait(job, 9, 403, job_status=11)
    await steer(stage, job, RETRY_FAILED)
    await gates.succeed(B)
    await stage.wait(job, 9, 9, job_status=3)
    await hold(stage, job, Truth(3, 3, (good(A), good(B)), ((9, "", 2),), (2, 0, 2, 0, 0), attempt=1))


async def test_a_host_whose_agent_is_down_is_abnormal_at_once(stage: Stage, gates: Gates) -> None:
    job = await stage.run(gates.script, A, B, NO_AGENT)
    await stage.wait(job, 7, 7, 310, job_status=2)
    for host in (A, B):
        await gates.succeed(host)
    await stage.wait(job, 9, 9, 310, job_status=4)
    rows = (good(A), good(B), Row(NO_AGENT, 310, error_code=117, log=None))
    await hold(stage, job, Truth(4, 4, rows, ((9, "", 2), (310, "", 1)), (3, 0, 2, 1, 1)))
    assert await engine_words(stage, job, NO_AGENT)


async def test_a_host_without_agent_and_without_ipv4_never_runs(stage: Stage, gates: Gates) -> None:
    job = await stage.run(gates.script, A, B, NO_ADDRESS)
    for host in (A, B):
        await gates.succeed(host)
    await stage.wait(job, 9, 9, 18, job_status=4)
    rows = (good(A), good(B), Row(NO_ADDRESS, 18, log=None))
    groups = ((9, "", 2), (18, "", 1))
    await hold(stage, job, Truth(4, 4, rows, groups, (3, 0, 2, 1, 1)))
    assert await engine_words(stage, job, NO_ADDRESS)
    await steer(stage, job, RETRY_ALL)
    for host in (A, B):
        await gates.succeed(host)
    await stage.wait(job, 9, 9, 18, job_status=4)
    await hold(stage, job, Truth(4, 4, rows, groups, (3, 0, 2, 1, 1), attempt=1))


async def engine_words(stage: Stage, job: Job, host: int) -> str:
    """Return what the log of a host that never ran says instead of output, without its time."""
    answer = await stage.admin.v3("get_job_instance_ip_log", **job.step, bk_host_id=host)
    text: str = answer["data"]["log_content"]
    assert not text or (text[0] == "[" and text.endswith("\n"))
    return text.partition("] ")[2]


async def test_a_script_that_passes_its_limit_on_one_host_is_killed_there(stage: Stage, gates: Gates) -> None:
    job = await stage.run(gates.script, A, B, C, timeout=5)
    for host in (A, B):
        await gates.succeed(host)
    shown = await stage.wait(job, 9, 9, 102, job_status=4)
    late = hosts(shown)[2]
    assert late["total_time"] >= 5000
    rows = (good(A), good(B), Row(C, 102, "", late["exit_code"], 0, begun(C)))
    await hold(stage, job, Truth(4, 4, rows, ((9, "", 2), (102, "", 1)), (3, 0, 2, 1, 0)))


async def test_an_order_that_agents_refuse_is_shown_as_not_sent(stage: Stage, mistrusting: tuple[int, ...]) -> None:
    job = await stage.run(encoded("echo never"), *mistrusting)
    await stage.wait(job, 12, 12, 12, job_status=4)
    shown = await stage.status(job)
    code = hosts(shown)[0]["error_code"]
    rows = tuple(Row(host, 12, error_code=code, log=None) for host in mistrusting)
    assert code != 0
    await hold(stage, job, Truth(4, 4, rows, ((12, "", 3),), (3, 0, 0, 3, 0)))
    assert "refused" in await engine_words(stage, job, mistrusting[0])


async def test_an_account_that_a_host_does_not_have_is_named_as_such(stage: Stage) -> None:
    job = await stage.run(encoded("echo never"), A, account_alias="nobody-has-it")
    await stage.wait(job, 311, job_status=4)
    await hold(stage, job, Truth(4, 4, (Row(A, 311, error_code=122, log=None),), ((311, "", 1),), (1, 0, 0, 1, 0)))


async def test_a_rolling_job_waits_for_a_person_after_each_batch(stage: Stage, gates: Gates) -> None:
    rolling = {"expression": "1 1", "mode": 3}
    job = await stage.run(gates.script, A, B, C, rolling_config=rolling)
    await gates.succeed(A, "x")
    await stage.wait(job, 9, 5, 5, job_status=7)
    rows = (good(A, "x"), Row(B, 5), Row(C, 5))
    await hold(stage, job, Truth(7, 7, rows, ((5, "", 2), (9, "x", 1)), (3, 2, 1, 0, 0)))
    assert await sizes(stage, job) == {(5, ""): 2, (9, "x"): 1}
    assert await sizes(stage, job, batch=0) == {(9, "x"): 1}
    assert await sizes(stage, job, batch=2) == {(5, ""): 1}
    await steer(stage, job, CONTINUE_ROLLING)
    await gates.succeed(B)
    await stage.wait(job, 9, 9, 5, job_status=7)
    await steer(stage, job, CONTINUE_ROLLING)
    await gates.succeed(C)
    await stage.wait(job, 9, 9, 9, job_status=3)
    rows = (good(A, "x"), good(B), good(C))
    await hold(stage, job, Truth(3, 3, rows, ((9, "", 2), (9, "x", 1)), (3, 0, 3, 0, 0)))


async def sizes(stage: Stage, job: Job, **filters: Any) -> dict[tuple[int, str], int]:
    """Return the sizes of a step's groups by status and tag."""
    data = (await stage.admin.gateway("get_step_instance_status", **job.step, **filters))["data"]
    return {(one["result_type"], one["tag"]): one["host_size"] for one in data["step_result_group_list"]}


@pytest.fixture
async def filtered(stage: Stage, gates: Gates) -> Job:
    """Give a job whose hosts ended in three groups: B (9, ""), A (9, x), C (104, y)."""
    return await one_failed(stage, gates)


GROUPS = [(9, "", 1), (9, "x", 1), (104, "y", 1)]


async def test_filters_choose_which_hosts_of_a_step_are_counted_and_listed(stage: Stage, filtered: Job) -> None:
    async def ask(**wanted: Any) -> Json:
        data: Json = (await stage.admin.gateway("get_step_instance_status", **filtered.step, **wanted))["data"]
        return data

    for wanted, listed in (
        ({}, [[B], [A], [C]]),
        ({"status": 9}, [[B], [], []]),
        ({"status": 9, "tag": ""}, [[B], [], []]),
        ({"status": 9, "tag": "x"}, [[], [A], []]),
        ({"status": 104, "tag": "y"}, [[], [], [C]]),
        ({"status": 104}, [[], [], []]),
        ({"status": 403}, [[], [], []]),
        ({"tag": "x"}, [[B], [A], [C]]),
        ({"batch": 0}, [[B], [A], [C]]),
        ({"execute_count": 0}, [[B], [A], [C]]),
        ({"max_host_num_per_group": 0}, [[], [], []]),
        ({"max_host_num_per_group": 1}, [[B], [A], [C]]),
        ({"search_ip": "", "keyword": "", "tag": ""}, [[B], [A], [C]]),
    ):
        data = await ask(**wanted)
        assert (groups_of(data), hosts_of(data)) == (GROUPS, listed), wanted


async def test_keyword_and_address_change_the_sizes_of_groups(stage: Stage, filtered: Job) -> None:
    async def ask(**wanted: Any) -> tuple[list[int], list[list[int]]]:
        data = (await stage.admin.gateway("get_step_instance_status", **filtered.step, **wanted))["data"]
        assert [group[:2] for group in groups_of(data)] == [group[:2] for group in GROUPS]
        return [size for _, _, size in groups_of(data)], hosts_of(data)

    for wanted, sizes, listed in (
        ({"search_ip": "127.0.0."}, [1, 1, 1], [[B], [A], [C]]),
        ({"search_ip": "0.0.3"}, [0, 0, 1], [[], [], [C]]),
        ({"search_ip": "10."}, [0, 0, 0], [[], [], []]),
        ({"keyword": "host"}, [1, 1, 1], [[B], [A], [C]]),
        ({"keyword": "JOB_Success"}, [0, 1, 0], [[], [A], []]),
        ({"keyword": "nowhere"}, [0, 0, 0], [[], [], []]),
        ({"keyword": "host", "search_ip": "0.0.3"}, [0, 0, 1], [[], [], [C]]),
        ({"keyword": "job_success", "search_ip": "0.0.3"}, [0, 0, 0], [[], [], []]),
        ({"keyword": "host", "status": 9, "tag": "x"}, [1, 1, 1], [[], [A], []]),
        ({"keyword": "host", "max_host_num_per_group": 0}, [1, 1, 1], [[], [], []]),
    ):
        assert await ask(**wanted) == (sizes, listed), wanted


async def test_batches_that_a_step_does_not_have_give_no_groups(stage: Stage, filtered: Job) -> None:
    for batch in (1, 2, 500):
        data = (await stage.admin.gateway("get_step_instance_status", **filtered.step, batch=batch))["data"]
        assert data["step_result_group_list"] == []


async def test_a_group_that_is_cut_keeps_its_true_size(stage: Stage) -> None:
    job = await stage.run(encoded("true"), C, A, B)
    await stage.wait(job, 9, 9, 9, job_status=3)
    data = (await stage.admin.gateway("get_step_instance_status", **job.step, max_host_num_per_group=2))["data"]
    assert (groups_of(data), hosts_of(data)) == ([(9, "", 3)], [[C, A]])


async def test_only_address_and_limit_filter_a_step_that_was_not_started(stage: Stage) -> None:
    job = await stage.run(encoded("true"), A, B, C, start_task=False)
    for wanted, size, listed in (
        (Json(keyword="nothing"), 3, [A, B, C]),
        (Json(status=9, tag="x"), 3, [A, B, C]),
        (Json(search_ip="0.0.2"), 1, [B]),
        (Json(search_ip="10.0."), 0, []),
        (Json(max_host_num_per_group=2), 3, [A, B]),
        (Json(batch=0, execute_count=0), 3, [A, B, C]),
    ):
        data = (await stage.admin.gateway("get_step_instance_status", **job.step, **wanted))["data"]
        assert (groups_of(data), hosts_of(data)) == ([(5, None, size)], [listed]), wanted
