"""The published pages: their requests work as written, their answers have the fields that they show."""

import re

import pytest
from tests.acceptance.declared import PASSWORD, SECRET, A, B, C
from tests.acceptance.gates import Gates, encoded
from tests.acceptance.shapes import Shape, hold_shape
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import G3, V2, V3, Json, envelope

NULLABLE_IPV6: Shape = {str, None}

STEP_2: Shape = {
    "is_finished": bool,
    "step_instance_analyse_result": [
        {
            "result_type": int,
            "result_type_text": str,
            "count": int,
            "ip_list": [{"bk_cloud_id": int, "ip": str} | {"bk_host_id": int, "ipv6": NULLABLE_IPV6}],
        }
    ],
    "step_instance_detail": {
        "step_instance_id": int,
        "name": str,
        "type": int,
        "operator": str,
        "status": int,
        "step_id": int,
        "job_instance_id": int,
        "bk_biz_id": int,
        "target_ips": str,
        "abnormal_agent_ips": str,
        "retry_count": int,
        "start_time": str,
        "end_time": str,
        "total_time": float,
        "total_ip_num": int,
        "abnormal_agent_ip_num": int,
        "running_ip_num": int,
        "fail_ip_num": int,
        "success_ip_num": int,
    }
    | {"execute_count": int, "bk_scope_type": str, "bk_scope_id": str},
}
STEP_3: Shape = {
    "step_instance_id": int,
    "execute_count": int,
    "name": str,
    "type": int,
    "status": int,
    "create_time": int,
    "start_time": int,
    "end_time": int,
    "total_time": int,
    "step_result_group_list": [
        {
            "result_type": int,
            "result_type_desc": str,
            "tag": str,
            "host_size": int,
            "host_result_list": [
                {
                    "bk_host_id": int,
                    "ip": str,
                    "ipv6": NULLABLE_IPV6,
                    "bk_agent_id": {str, None},
                    "bk_cloud_id": int,
                    "bk_cloud_name": str,
                    "status": int,
                    "status_desc": str,
                    "tag": str,
                    "exit_code": int,
                    "start_time": int,
                    "end_time": int,
                    "total_time": int,
                }
            ],
        }
    ],
}
TIMES_2: Shape = {"create_time": str, "start_time": str, "end_time": str, "total_time": float}
JOB_2: Shape = {
    "is_finished": bool,
    "job_instance": {
        "job_instance_id": int,
        "bk_biz_id": int,
        "name": str,
        "start_way": int,
        "operator": str,
        "bk_job_id": int,
        "status": int,
        "current_step_instance_id": int,
    }
    | TIMES_2
    | {"bk_scope_type": str, "bk_scope_id": str},
    "blocks": [
        {
            "type": int,
            "step_instances": [
                {
                    "status": int,
                    "name": str,
                    "step_instance_id": int,
                    "operator": str,
                    "retry_count": int,
                    "step_id": int,
                    "type": int,
                    "step_ip_status": [{"ip": str, "bk_cloud_id": int, "status": int} | {"ipv6": NULLABLE_IPV6}],
                }
                | TIMES_2
                | {"execute_count": int}
            ],
        }
    ],
}
TIMES_3: Shape = {"create_time": int, "start_time": int, "end_time": int, "total_time": int}
JOB_3: Shape = {
    "finished": bool,
    "job_instance": {"job_instance_id": int, "bk_scope_type": str, "bk_scope_id": str, "name": str, "status": int}
    | TIMES_3
    | {"bk_biz_id": int},
    "step_instance_list": [
        {
            "status": int,
            "name": str,
            "step_instance_id": int,
            "execute_count": int,
            "type": int,
            "step_ip_result_list": [
                {
                    "bk_host_id": int,
                    "ip": str,
                    "bk_cloud_id": int,
                    "status": int,
                    "tag": str,
                    "exit_code": int,
                    "error_code": int,
                    "start_time": int,
                    "end_time": int,
                    "total_time": int,
                }
                | {"ipv6": NULLABLE_IPV6}
            ],
        }
        | TIMES_3
    ],
}
LOG_2: Shape = [
    {
        "is_finished": bool,
        "step_instance_id": int,
        "name": str,
        "status": int,
        "step_results": [
            {
                "ip_status": int,
                "tag": str,
                "ip_logs": [
                    {
                        "retry_count": int,
                        "total_time": float,
                        "start_time": str,
                        "end_time": str,
                        "ip": str,
                        "bk_cloud_id": int,
                        "error_code": int,
                        "exit_code": int,
                        "log_content": str,
                    }
                    | {"execute_count": int, "ipv6": NULLABLE_IPV6}
                ],
            }
        ],
    }
]
CLOCK = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"


@pytest.fixture(scope="module")
async def token(stage: Stage) -> str:
    """Give the token of a person who may look at jobs."""
    return await stage.sign_in("vera", PASSWORD)


@pytest.fixture
async def job(stage: Stage, gates: Gates) -> Job:
    """Give a finished job with two tags and one failure."""
    job = await stage.run(gates.script, A, B, C)
    await gates.succeed(A, "tag1")
    await gates.succeed(B, "tag2")
    await gates.fail(C, 3)
    await stage.wait_end(job)
    return job


def written(token: str, **members: object) -> Json:
    """Return a request as the pages write it."""
    return {"bk_app_code": "esb_test", "bk_app_secret": SECRET, "bk_token": token} | members


async def test_the_page_of_step_status_2(stage: Stage, job: Job, token: str) -> None:
    ids = {"job_instance_id": job.id, "step_instance_id": job.step_id}
    body = written(token, bk_biz_id=2, params=ids)
    told = envelope(await stage.http.post(f"{V2}/get_step_instance_status/", json=body))
    assert (told["result"], told["code"], told["message"]) == (True, 0, "OK")
    hold_shape(told["data"], STEP_2)
    detail = told["data"]["step_instance_detail"]
    assert re.fullmatch(CLOCK, detail["start_time"])
    assert re.fullmatch(CLOCK, detail["end_time"])


async def test_the_page_of_step_status_3(stage: Stage, token: str) -> None:
    job = await stage.run(encoded("echo aaa"), A, B)
    await stage.wait(job, 9, 9, job_status=3)
    address = (
        f"{G3}/get_step_instance_status?bk_scope_type=biz&bk_scope_id=2&job_instance_id={job.id}"
        f"&step_instance_id={job.step_id}&execute_count=0&batch=0&max_host_num_per_group=1&keyword=aaa&search_ip="
        "&status=9&tag="
    )
    headers = stage.admin.authorization() | {"Accept": "application/json", "Content-Type": "application/json"}
    told = envelope(await stage.http.get(address, headers=headers))
    assert (told["result"], told["code"], told["message"]) == (True, 0, "")
    hold_shape(told["data"], STEP_3)
    [group] = told["data"]["step_result_group_list"]
    assert (group["result_type"], group["result_type_desc"], group["tag"]) == (9, "执行成功", "")
    assert (group["host_size"], [host["ip"] for host in group["host_result_list"]]) == (2, ["127.0.0.1"])


async def test_the_page_of_job_status_2(stage: Stage, job: Job, token: str) -> None:
    body = written(token, bk_biz_id=2, job_instance_id=job.id)
    told = envelope(await stage.http.post(f"{V2}/get_job_instance_status/", json=body))
    assert (told["result"], told["code"], told["message"]) == (True, 0, "")
    hold_shape(told["data"], JOB_2)
    for name in ("create_time", "start_time", "end_time"):
        assert re.fullmatch(rf"{CLOCK} \+0800", told["data"]["job_instance"][name])


async def test_the_page_of_job_status_3(stage: Stage, job: Job, token: str) -> None:
    body = written(token, bk_scope_type="biz", bk_scope_id="2", job_instance_id=job.id)
    told = envelope(await stage.http.post(f"{V3}/get_job_instance_status/", json=body))
    assert (told["result"], told["code"], told["message"]) == (True, 0, "")
    assert told["data"]["step_instance_list"][0]["step_ip_result_list"] is None
    full = envelope(await stage.http.post(f"{V3}/get_job_instance_status/", json=body | {"return_ip_result": True}))
    hold_shape(full["data"], JOB_3)


async def test_the_page_of_job_log_2(stage: Stage, job: Job, token: str) -> None:
    body = written(token, bk_biz_id=2, job_instance_id=job.id)
    told = envelope(await stage.http.post(f"{V2}/get_job_instance_log/", json=body))
    assert (told["result"], told["code"], told["message"]) == (True, 0, "")
    hold_shape(told["data"], LOG_2)
    entry = told["data"][0]["step_results"][0]["ip_logs"][0]
    assert re.fullmatch(rf"{CLOCK} \+0800", entry["start_time"])


async def test_logs_are_the_output_as_it_is(stage: Stage) -> None:
    printed = 'a < b && c > d "\'\n\t{"json": [1]}\n   \nüber 作业 \\n\r\n&amp;\n'
    job = await stage.run(encoded(f"#!/bin/bash\ncat <<'END'\n{printed}END\nprintf 'no newline'"), A)
    await stage.wait(job, 9, job_status=3)
    [step] = (await stage.admin.v2("get_job_instance_log", **job.named))["data"]
    assert step["step_results"][0]["ip_logs"][0]["log_content"] == printed + "no newline"
    one = await stage.admin.v3("get_job_instance_ip_log", **job.step, bk_host_id=A)
    assert one["data"]["log_content"] == printed + "no newline"


async def test_bytes_that_are_no_text_and_nul_survive_as_far_as_json_can_tell(stage: Stage) -> None:
    job = await stage.run(encoded("#!/bin/bash\nprintf 'a\\000b\\377c'"), A)
    await stage.wait(job, 9, job_status=3)
    one = await stage.admin.v3("get_job_instance_ip_log", **job.step, bk_host_id=A)
    assert one["data"]["log_content"] == "a\0b\ufffdc"


async def test_a_tag_has_256_characters_at_most_and_never_decides(stage: Stage) -> None:
    script = "#!/bin/bash\necho 'job_fail:[first]'\necho \"x job_success:[$(printf 'ü%.0s' {1..300})] y\""
    job = await stage.run(encoded(script), A)
    data = await stage.wait(job, 9, job_status=3)
    assert data["step_instance_list"][0]["step_ip_result_list"][0]["tag"] == "ü" * 256
