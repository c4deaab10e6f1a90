"""What the surfaces answer about real jobs, and the habits of callers that must work."""

import json
import re
from typing import Any

import pytest
from tests.integration.api.site import ADMIN, DEMO, G3, G4, V2, V3, Site, encoded, script

TEXT_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
TWO_HOSTS = {"target_server": {"host_id_list": [1, 2]}}
THREE_HOSTS = {"target_server": {"host_id_list": [1, 2, 3]}}


async def test_a_job_that_was_not_started_is_told_on_every_surface(site: Site) -> None:
    job_id, step_id = await site.start(start_task=False, task_name="later", **TWO_HOSTS)
    ids = {"job_instance_id": job_id, "step_instance_id": step_id}

    s3 = (await site.post(f"{V3}/get_job_instance_status/", DEMO | ids | {"return_ip_result": "True"}))["data"]
    assert (s3["finished"], s3["job_instance"]["status"], s3["job_instance"]["name"]) == (False, 1, "later")
    assert (s3["job_instance"]["bk_biz_id"], s3["job_instance"]["bk_scope_id"]) == (2, "2")
    [step] = s3["step_instance_list"]
    assert (step["status"], step["step_ip_result_list"], step["start_time"]) == (1, [], None)

    s2 = (await site.post(f"{V2}/get_job_instance_status/", DEMO | ids))["data"]
    assert (s2["is_finished"], s2["job_instance"]["bk_job_id"], s2["job_instance"]["start_way"]) == (False, -1, 2)
    assert re.fullmatch(TEXT_TIME.pattern + r" \+0800", s2["job_instance"]["create_time"])
    [block] = s2["blocks"]
    assert (block["type"], block["step_instances"][0]["step_ip_status"]) == (1, [])

    s0 = await site.post(f"{V2}/get_step_instance_status/", {"bk_biz_id": 2, "params": ids})
    detail = s0["data"]["step_instance_detail"]
    assert s0["message"] == "OK"
    counted = ["total_ip_num", "running_ip_num", "success_ip_num", "fail_ip_num", "abnormal_agent_ip_num"]
    assert [detail[name] for name in counted] == [2, 2, 0, 0, 0]
    assert (detail["target_ips"], detail["abnormal_agent_ips"]) == ("0:127.0.0.1,0:127.0.0.2", "")
    [group] = s0["data"]["step_instance_analyse_result"]
    assert (group["result_type"], group["count"], [host["ip"] for host in group["ip_list"]]) == (
        5,
        2,
        ["127.0.0.1", "127.0.0.2"],
    )

    s1 = (await site.as_gateway("GET", f"{G3}/get_step_instance_status", DEMO | ids)).json()["data"]
    [group] = s1["step_result_group_list"]
    assert (group["result_type"], group["tag"], group["host_size"], s1["total_time"]) == (5, None, 2, None)

    s4 = await site.post(f"{V2}/get_job_instance_log/", DEMO | ids)
    assert s4["data"][0]["step_results"] == []


async def test_hosts_without_an_agent_end_as_310_in_every_rendering(working_site: Site) -> None:
    site = working_site
    job_id, step_id = await site.start(**TWO_HOSTS)
    ids = DEMO | {"job_instance_id": job_id, "step_instance_id": step_id}
    s3 = await site.finished(job_id)
    assert s3["job_instance"]["status"] == 4
    rows = s3["step_instance_list"][0]["step_ip_result_list"]
    assert [(row["bk_host_id"], row["ip"], row["status"], row["error_code"]) for row in rows] == [
        (1, "127.0.0.1", 310, 117),
        (2, "127.0.0.2", 310, 117),
    ]

    s1 = (await site.as_gateway("GET", f"{G3}/get_step_instance_status/", ids | {"max_host_num_per_group": 1})).json()
    [group] = s1["data"]["step_result_group_list"]
    assert (group["result_type"], group["tag"], group["host_size"]) == (310, "", 2)
    assert [host["status_desc"] for host in group["host_result_list"]] == ["Agent异常"]

    s0 = (await site.post(f"{V2}/get_step_instance_status/", ids))["data"]["step_instance_detail"]
    assert (s0["fail_ip_num"], s0["abnormal_agent_ip_num"], s0["running_ip_num"]) == (2, 2, 0)
    assert s0["abnormal_agent_ips"] == "0:127.0.0.1,0:127.0.0.2"
    assert TEXT_TIME.fullmatch(s0["end_time"])

    s2 = (await site.get(f"{V2}/get_job_instance_status/", ids))["data"]
    assert [host["status"] for host in s2["blocks"][0]["step_instances"][0]["step_ip_status"]] == [310, 310]

    s4 = (await site.get(f"{V2}/get_job_instance_log/", ids))["data"]
    [result] = s4[0]["step_results"]
    assert (result["ip_status"], result["tag"], len(result["ip_logs"])) == (310, "", 2)
    assert result["ip_logs"][0]["exit_code"] is None

    logs = (await site.post(f"{V3}/batch_get_job_instance_ip_log/", ids | {"host_id_list": [2, 1, 77]}))["data"]
    assert (logs["log_type"], [log["bk_host_id"] for log in logs["script_task_logs"]]) == (1, [1, 2])
    assert logs["file_task_logs"] is None
    log = (await site.get(f"{V3}/get_job_instance_ip_log/", ids | {"bk_cloud_id": 0, "ip": "127.0.0.2"}))["data"]
    assert (log["bk_host_id"], log["log_type"], log["file_logs"]) == (2, 1, None)
    none = (await site.get(f"{V3}/get_job_instance_ip_log/", ids | {"bk_host_id": 77}))["data"]
    assert (none["bk_host_id"], none["log_content"]) == (77, None)

    v4 = await site.as_gateway("GET", f"{G4}/get_job_instance_status", ids | {"return_execute_object_result": "true"})
    [row, _] = v4.json()["data"]["step_instance_list"][0]["step_execute_object_result_list"]
    assert row["execute_object"]["host"]["bk_host_id"] == 1
    assert (row["execute_object"]["type"], row["execute_object"]["resource_id"], row["status"]) == (1, "1", 310)
    found = await site.as_gateway(
        "POST",
        f"{G4}/batch_get_job_instance_execute_object_log",
        ids | {"ip_list": [{"bk_cloud_id": 0, "ip": "127.0.0.1"}]},
    )
    assert len(found.json()["data"]["script_step_execute_object_logs"]) == 1


async def test_the_calls_of_the_ci_plugin_work_for_applications_alone(working_site: Site) -> None:
    site, path = working_site, f"{G3}/system/bkci_plugin"
    robot = {"bk_app_code": "robot", "bk_app_secret": "b-secret", "bk_username": ""}
    wanted = script(target_server=None) | {"execute_target": {"host_list": [{"bk_host_id": 1}]}}
    started = (await site.as_gateway("POST", f"{path}_fast_execute_script", wanted, **robot)).json()["data"]
    ids = DEMO | {name: started[name] for name in ("job_instance_id", "step_instance_id")}
    await site.finished(ids["job_instance_id"])
    asked = ids | {"include_execute_object_task_result": True}
    status = (await site.as_gateway("POST", f"{path}_get_job_instance_status", asked, **robot)).json()["data"]
    [row] = status["step_instance_list"][0]["execute_object_result_list"]
    assert (row["status"], row["error_code"], row["execute_object"]["resource_id"]) == (310, 117, "1")
    objects = {"execute_object_list": [{"type": 1, "resource_id": "1"}]}
    path = f"{path}_batch_get_job_instance_execute_object_log"
    logs = (await site.as_gateway("POST", path, ids | objects, **robot)).json()["data"]
    assert len(logs["script_execute_object_task_logs"]) == 1


async def test_hosts_of_version_4_may_be_named_by_id_and_by_address_in_one_list(site: Site) -> None:
    mixed = {"host_list": [{"bk_cloud_id": 0, "ip": "127.0.0.2"}, {"bk_host_id": 1}, {"bk_host_id": 2}]}
    wanted = script(target_server=None, start_task=False) | {"execute_target": mixed}
    started = (await site.as_gateway("POST", f"{G4}/fast_execute_script", wanted)).json()["data"]
    detail = await site.post(f"{V2}/get_step_instance_status/", {"bk_biz_id": 2, "params": started})
    assert detail["data"]["step_instance_detail"]["target_ips"] == "0:127.0.0.1,0:127.0.0.2"


async def test_addresses_of_version_3_count_only_without_host_ids(site: Site) -> None:
    both = {"host_id_list": [1], "ip_list": [{"bk_cloud_id": 0, "ip": "127.0.0.2"}]}
    job_id, step_id = await site.start(target_server=both, start_task=False)
    ids = {"job_instance_id": job_id, "step_instance_id": step_id}
    detail = await site.post(f"{V2}/get_step_instance_status/", {"bk_biz_id": 2, "params": ids})
    assert detail["data"]["step_instance_detail"]["target_ips"] == "0:127.0.0.1"


async def test_version_4_starts_by_host_id_or_address_and_in_no_whole_cluster_by_chance(site: Site) -> None:
    path, base = f"{G4}/fast_execute_script", script(target_server=None, start_task=False)
    for target, status in [
        ({"host_list": [{"bk_host_id": 1}]}, 200),
        ({"host_list": [{"bk_cloud_id": 0, "ip": "127.0.0.1"}]}, 200),
        ({"host_list": [{"bk_cloud_id": 0}]}, 400),
        ({"host_list": []}, 400),
        ({"kube_container_filters": [{"kube_cluster_filter": {"cluster_uid_list": ["c"]}}]}, 400),
    ]:
        answer = await site.as_gateway("POST", path, base | {"execute_target": target, "param_sensitive": True})
        assert answer.status_code == status, (target, answer.text)
        assert set(answer.json()) == {"data" if status == 200 else "error", "job_request_id"}


@pytest.mark.parametrize(
    "path",
    [f"{V3}/get_job_instance_status", f"{V3}/get_job_instance_status/", f"{V2}/get_job_instance_status/"],
)
async def test_callers_may_ask_by_get_or_post_with_and_without_slash_and_in_their_own_types(
    site: Site, path: str
) -> None:
    job_id, _ = await site.start(start_task=False)
    for scope in (
        {"bk_scope_type": "biz", "bk_scope_id": 2},
        {"bk_biz_id": "2"},
        {"bk_scope_type": "biz", "bk_scope_id": "2", "bk_biz_id": 3},
    ):
        wanted = scope | {"job_instance_id": str(job_id), "unknown": {"members": [1]}, "return_ip_result": "True"}
        assert (await site.post(path, wanted))["code"] == 0
        query = {name: value for name, value in wanted.items() if name != "unknown"} | {"return_ip_result": "1"}
        assert (await site.get(path, query))["code"] == 0


async def test_a_business_set_may_be_named_by_its_old_id(site: Site) -> None:
    everything = script(bk_scope_type=None, bk_scope_id=None, start_task=False) | {"bk_biz_id": 9991001} | THREE_HOSTS
    started = await site.post(f"{V3}/fast_execute_script/", everything)
    pair = {"bk_scope_type": "biz_set", "bk_scope_id": "9991001"}
    status = await site.post(f"{V3}/get_job_instance_status/", pair | started["data"])
    told = status["data"]["job_instance"]
    assert (told["bk_scope_type"], told["bk_scope_id"], told["bk_biz_id"]) == ("biz_set", "9991001", None)


async def test_a_body_needs_no_content_type(site: Site) -> None:
    body = json.dumps(ADMIN | script(start_task="false", script_language="1", timeout="60")).encode()
    for headers in ({}, {"content-type": "application/x-www-form-urlencoded"}, {"content-type": "text/plain"}):
        answer = await site.http.post(f"{V3}/fast_execute_script/", content=body, headers={"Accept": "*/*"} | headers)
        assert answer.json()["code"] == 0, answer.text


async def test_base64_may_be_wrapped_in_lines(site: Site) -> None:
    wrapped = "\n".join(re.findall(".{1,16}", encoded("echo a long script that needs some lines")))
    assert (await site.post(f"{V3}/fast_execute_script/", script(start_task=False, script_content=wrapped)))[
        "code"
    ] == 0


async def test_gateways_may_forward_under_a_prefix_and_to_the_back_end_paths(site: Site) -> None:
    wanted = DEMO | {"job_instance_id": 5}
    async with Site(site.platform, path_prefixes=["/prod", "api/bk-job/prod/"]) as prefixed:
        for path in ("/prod/api/v3", "/api/bk-job/prod/api/v3", "/api/job/v3/job-execute", "/api/v3/system"):
            answer = await prefixed.as_gateway("GET", f"{path}/get_job_instance_status/", wanted)
            assert answer.json()["code"] == 1244006, path
        for path in ("/prod/api/v4", "/api/job/v4", "/api/job/v4/job-execute", "/prod/api/job/v4/system"):
            answer = await prefixed.as_gateway("GET", f"{path}/get_job_instance_status", wanted)
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND"), path
        bus = await prefixed.post(f"/prod{V2}/get_job_instance_status/", wanted)
        assert bus["code"] == 1244006
        missing = await prefixed.http.get("/prod/api/v3/nothing")
        assert missing.json()["code"] == 1240003
        assert (await site.http.get("/prod/api/v3/get_job_instance_status")).json()["code"] == 1240003


async def test_the_same_idempotency_key_starts_one_job(site: Site) -> None:
    path, key = f"{V3}/fast_execute_script/", {"Idempotency-Key": "deploy-42"}
    first = await site.post(path, script(start_task=False), **key)
    again = await site.post(path, script(start_task=False), **key)
    other = await site.post(path, script(start_task=False, timeout=5), **key)
    assert first["data"] == again["data"]
    assert other["code"] == 1241012
    for bad in ("x" * 129, "a b", ""):
        refused = await site.post(path, script(start_task=False), **{"Idempotency-Key": bad})
        assert (refused["code"], "Idempotency-Key" in refused["message"]) == (1240003, True)
    assert (await site.post(path, script(start_task=False), **{"Idempotency-Key": "y" * 128}))["code"] == 0


async def test_a_trace_id_is_taken_when_it_is_one(site: Site) -> None:
    wanted = DEMO | {"job_instance_id": 5}
    given = "0123456789abcdef0123456789abcdef"
    path = f"{V3}/get_job_instance_status/"
    assert (await site.post(path, wanted, **{"X-Request-Id": given}))["request_id"] == given
    assert (await site.post(path, wanted, **{"X-Bkapi-Request-Id": given.upper()}))["request_id"] == given
    for strange in ("x" * 32, "<script>", "a" * 500):
        assert (await site.post(path, wanted, **{"X-Request-Id": strange}))["request_id"] != strange


async def test_a_job_is_terminated_and_started_over_the_surfaces(site: Site) -> None:
    job_id, _ = await site.start(start_task=False)
    path, ids = f"{V3}/operate_job_instance/", DEMO | {"job_instance_id": job_id}
    assert (await site.post(path, ids | {"operation_code": 1}))["code"] == 1241003
    started = await site.post(f"{V2}/operate_job_instance/", ids | {"operation_code": "2"})
    assert started["data"] == {"job_instance_id": job_id}
    assert (await site.post(path, ids | {"operation_code": 2}))["code"] == 1241015


async def test_probes_answer_without_a_caller(site: Site) -> None:
    assert (await site.http.get("/healthz")).json() == {"status": "ok"}
    ready = await site.http.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "database": "ok", "broker": "ok"})
    await site.post(f"{V3}/get_job_instance_status/", DEMO | {"job_instance_id": 5})
    counted = (await site.http.get("/metrics")).text
    assert 'jobfleet_api_answers_total{code="1244006",operation="get_job_instance_status",surface="esb-v3"}' in counted


async def test_the_server_is_not_ready_when_the_broker_is_away(site: Site) -> None:
    await site.platform.engine.bus.close()
    ready = await site.http.get("/readyz")
    assert (ready.status_code, ready.json()["broker"]) == (503, "not connected")


async def test_documents_of_what_is_served_are_there(site: Site) -> None:
    for name in ("esb-v2", "esb-v3", "apigw-v3", "apigw-v4"):
        document: dict[str, Any] = (await site.http.get(f"/openapi/{name}")).json()
        assert document["openapi"] == "3.1.0"
        assert document["paths"]
