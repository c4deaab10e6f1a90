"""Stories beside the truth table: hosts that come back, jobs without any host that can run, odd ends of scripts."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.acceptance.declared import LATE, NO_ADDRESS, NO_AGENT, A, B
from tests.acceptance.gates import Gates, encoded
from tests.acceptance.hold import hold
from tests.acceptance.processes import agent_of
from tests.acceptance.stage import Stage
from tests.acceptance.truth import Row, Truth

RETRY_FAILED, STOP = 2, 1


async def test_a_host_that_was_down_runs_when_it_is_back_and_the_job_is_retried(stage: Stage) -> None:
    job = await stage.run(encoded("echo here"), A, LATE)
    await stage.wait(job, 9, 310, job_status=4)
    with TemporaryDirectory(prefix="jobfleet-agents-") as parent:
        async with agent_of(stage, LATE, Path(parent) / "agents" / str(LATE)):
            assert (await stage.admin.v2("operate_step_instance", **job.step, operation_code=RETRY_FAILED))["code"] == 0
            await stage.wait(job, 9, 9, job_status=3)
    rows = tuple(Row(host, 9, "", 0, log="here\n") for host in (A, LATE))
    await hold(stage, job, Truth(3, 3, rows, ((9, "", 2),), (2, 0, 2, 0, 0), attempt=1))
    old = await stage.admin.gateway("get_step_instance_status", **job.step, execute_count=0, status=310)
    assert [group["host_size"] for group in old["data"]["step_result_group_list"]] == [1, 1]


async def test_a_job_without_any_host_that_can_run_fails_at_once(stage: Stage) -> None:
    job = await stage.run(encoded("echo never"), NO_ADDRESS)
    await stage.wait(job, 18, job_status=4)
    await hold(stage, job, Truth(4, 4, (Row(NO_ADDRESS, 18, log=None),), ((18, "", 1),), (1, 0, 0, 1, 1)))
    down = await stage.run(encoded("echo never"), NO_AGENT, NO_ADDRESS)
    await stage.wait(down, 310, 18, job_status=4)
    rows = (Row(NO_AGENT, 310, error_code=117, log=None), Row(NO_ADDRESS, 18, log=None))
    await hold(stage, down, Truth(4, 4, rows, ((18, "", 1), (310, "", 1)), (2, 0, 0, 2, 2)))


async def test_a_termination_leaves_what_was_abnormal_as_it_was(stage: Stage, gates: Gates) -> None:
    job = await stage.run(gates.script, NO_AGENT, A, NO_ADDRESS)
    await stage.wait(job, 310, 7, 18, job_status=2)
    assert (await stage.admin.v3("operate_job_instance", **job.named, operation_code=STOP))["code"] == 0
    shown = await stage.wait(job, 310, 403, 18, job_status=11)
    code = shown["step_instance_list"][0]["step_ip_result_list"][1]["exit_code"]
    rows = (
        Row(NO_AGENT, 310, error_code=117, log=None),
        Row(A, 403, "", code, 126, log=None),
        Row(NO_ADDRESS, 18, log=None),
    )
    await hold(stage, job, Truth(11, 11, rows, ((18, "", 1), (310, "", 1), (403, "", 1)), (3, 0, 0, 3, 2)))


@pytest.mark.parametrize(
    ("script", "exit_code"),
    [
        ("exit 1", 1),
        ("exit 255", 255),
        ("exit 256", 0),
        ("exit 300", 44),
        ("exit -1", 255),
        ("kill -9 $$", 137),
        ("kill -TERM $$", 143),
        ("no_such_command", 127),
        ("#!/bin/bash\nset -e\nfalse\necho not reached", 1),
    ],
)
async def test_the_exit_code_of_a_script_is_told_as_its_shell_has_it(stage: Stage, script: str, exit_code: int) -> None:
    job = await stage.run(encoded(script), A)
    shown = await stage.wait_end(job)
    [host] = shown["step_instance_list"][0]["step_ip_result_list"]
    assert (host["status"], host["exit_code"], host["error_code"]) == (104 if exit_code else 9, exit_code, 0)


async def test_words_about_failure_do_not_fail_a_script_and_words_about_success_do_not_save_it(stage: Stage) -> None:
    for script, status in (
        ("echo 'job_fail:[said so]'", 9),
        ("echo 'job_success:[said so]'; exit 3", 104),
    ):
        job = await stage.run(encoded(script), A, B)
        shown = await stage.wait(job, status, status, job_status=3 if status == 9 else 4)
        assert [host["tag"] for host in shown["step_instance_list"][0]["step_ip_result_list"]] == ["said so"] * 2


async def test_a_tag_is_not_told_of_a_script_that_was_killed_or_ran_out_of_time(stage: Stage, gates: Gates) -> None:
    tagged = f"#!/bin/bash\necho 'job_success:[early]'\nread -r _ < {gates.directory}/gate-1"
    late, killed = await stage.run(encoded(tagged), A, timeout=1), await stage.run(encoded(tagged), A)
    shown = await stage.wait(late, 102, job_status=4)
    assert shown["step_instance_list"][0]["step_ip_result_list"][0]["tag"] == ""
    await stage.wait(killed, 7, job_status=2)
    assert (await stage.admin.v3("operate_job_instance", **killed.named, operation_code=STOP))["code"] == 0
    shown = await stage.wait(killed, 403, job_status=11)
    assert shown["step_instance_list"][0]["step_ip_result_list"][0]["tag"] == ""


async def test_standard_error_is_part_of_the_log(stage: Stage) -> None:
    job = await stage.run(encoded("echo out; sleep 0.05; echo err >&2; sleep 0.05; echo again"), A)
    await stage.wait(job, 9, job_status=3)
    log = await stage.admin.v3("get_job_instance_ip_log", **job.step, bk_host_id=A)
    assert log["data"]["log_content"] == "out\nerr\nagain\n"


async def test_a_keyword_is_a_text_and_not_a_pattern(stage: Stage) -> None:
    job = await stage.run(encoded("echo 'rate 100 a+b [x] ÄRGER'"), A)
    await stage.wait(job, 9, job_status=3)
    for keyword, size in (("%", 0), ("_", 0), (".*", 0), ("a+b", 1), ("[X]", 1), ("ärger", 1), ("  ", 0)):
        data = (await stage.admin.gateway("get_step_instance_status", **job.step, keyword=keyword))["data"]
        assert [group["host_size"] for group in data["step_result_group_list"]] == [size], keyword
