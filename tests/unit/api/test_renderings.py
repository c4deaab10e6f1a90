"""Views are rendered as the published pages show them, field for field."""

import time
from typing import Any

import msgspec
from tests.unit.api.views import AT, group, job, job_log, job_view, step_view, target, task

from jobfleet.api.envelope import success
from jobfleet.api.esb_v2 import jobs as v2_jobs
from jobfleet.api.esb_v2 import logs as v2_logs
from jobfleet.api.esb_v2 import steps as v2_steps
from jobfleet.api.esb_v3 import jobs as v3_jobs
from jobfleet.api.gateway import plugin, steps, v4
from jobfleet.model.job import JobView
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.status import RunStatus, TaskStatus


def shown(answer: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(answer))


def test_version_3_shows_a_job_as_its_page_does() -> None:
    rendered = shown(v3_jobs.render(job_view(RunStatus.FAILED, (task(1),)), with_tasks=True))
    assert rendered == {
        "finished": True,
        "job_instance": {
            "job_instance_id": 100,
            "bk_scope_type": "biz",
            "bk_scope_id": "1",
            "bk_biz_id": 1,
            "name": "a job",
            "status": 4,
            "create_time": AT,
            "start_time": AT,
            "end_time": AT + 3169,
            "total_time": 3169,
        },
        "step_instance_list": [
            {
                "step_instance_id": 75,
                "name": "a step",
                "status": 4,
                "type": 1,
                "execute_count": 0,
                "create_time": AT,
                "start_time": AT,
                "end_time": AT + 3169,
                "total_time": 3169,
                "step_ip_result_list": [
                    {
                        "bk_host_id": 101,
                        "ip": "10.0.0.1",
                        "ipv6": None,
                        "bk_cloud_id": 0,
                        "status": 9,
                        "tag": "",
                        "exit_code": 0,
                        "error_code": 0,
                        "start_time": AT,
                        "end_time": AT + 1500,
                        "total_time": 1500,
                    }
                ],
            }
        ],
    }


def test_hosts_of_version_3_are_null_unless_asked_for_and_empty_before_the_start() -> None:
    view = job_view(RunStatus.PENDING, ())
    [unasked] = shown(v3_jobs.render(view, with_tasks=False))["step_instance_list"]
    [asked] = shown(v3_jobs.render(view, with_tasks=True))["step_instance_list"]
    assert (unasked["step_ip_result_list"], asked["step_ip_result_list"]) == (None, [])


def test_a_running_jobs_end_and_total_are_null() -> None:
    head = shown(v3_jobs.render(job_view(RunStatus.RUNNING, ()), with_tasks=False))["job_instance"]
    assert (head["start_time"], head["end_time"], head["total_time"]) == (AT, None, None)


def test_a_job_of_a_business_set_has_no_business_id() -> None:
    whole = JobView(job(scope=Scope(ScopeType.BUSINESS_SET, 9991001)), (), {}, "UTC")
    head = shown(v3_jobs.render(whole, with_tasks=False))["job_instance"]
    assert (head["bk_scope_type"], head["bk_scope_id"], head["bk_biz_id"]) == ("biz_set", "9991001", None)


def test_version_2_shows_a_job_as_its_page_does() -> None:
    rendered = shown(v2_jobs.render(job_view(RunStatus.FAILED, (task(1),), attempt=2)))
    assert rendered["job_instance"] == {
        "job_instance_id": 100,
        "bk_biz_id": 1,
        "bk_scope_type": "biz",
        "bk_scope_id": "1",
        "bk_job_id": -1,
        "name": "a job",
        "operator": "admin",
        "start_way": 2,
        "status": 4,
        "current_step_instance_id": 75,
        "create_time": "2020-11-11 11:11:11 +0800",
        "start_time": "2020-11-11 11:11:11 +0800",
        "end_time": "2020-11-11 11:11:14 +0800",
        "total_time": 3.169,
    }
    [block] = rendered["blocks"]
    [step] = block["step_instances"]
    assert (block["type"], step["type"], step["step_id"]) == (1, 1, -1)
    assert (step["retry_count"], step["execute_count"]) == (2, 2)
    assert step["step_ip_status"] == [{"ip": "10.0.0.1", "ipv6": None, "bk_cloud_id": 0, "status": 9}]


def test_version_2_shows_a_step_as_its_page_does() -> None:
    groups = (
        group(TaskStatus.SUCCEEDED, "x", task(1, tag="x")),
        group(TaskStatus.SUCCEEDED, "y", task(2, tag="y")),
        group(TaskStatus.AGENT_UNREACHABLE, "", task(3, TaskStatus.AGENT_UNREACHABLE)),
    )
    rendered = shown(v2_steps.render(step_view(RunStatus.FAILED, groups, attempt=1), "en"))
    assert rendered["is_finished"] is True
    assert [(one["result_type"], one["result_type_text"], one["count"]) for one in _analysis(rendered)] == [
        (9, "Success", 1),
        (9, "Success", 1),
        (310, "Abnormal Agent", 1),
    ]
    assert _analysis(rendered)[0]["ip_list"] == [{"bk_host_id": 101, "bk_cloud_id": 0, "ip": "10.0.0.1", "ipv6": None}]
    assert rendered["step_instance_detail"] == {
        "step_instance_id": 75,
        "name": "a step",
        "type": 1,
        "operator": "admin",
        "status": 4,
        "step_id": -1,
        "job_instance_id": 100,
        "bk_biz_id": 1,
        "bk_scope_type": "biz",
        "bk_scope_id": "1",
        "target_ips": "0:10.0.0.1,0:10.0.0.2,0:10.0.0.3",
        "abnormal_agent_ips": "0:10.0.0.3",
        "retry_count": 1,
        "execute_count": 1,
        "start_time": "2020-11-11 11:11:11",
        "end_time": "2020-11-11 11:11:14",
        "total_time": 3.169,
        "total_ip_num": 3,
        "abnormal_agent_ip_num": 1,
        "running_ip_num": 0,
        "fail_ip_num": 1,
        "success_ip_num": 2,
    }


def _analysis(rendered: Any) -> Any:
    return rendered["step_instance_analyse_result"]


def test_a_host_without_ipv4_is_named_by_its_ipv6_address_in_texts_and_has_a_null_ip() -> None:
    alone = task(1, TaskStatus.AGENT_NOT_INSTALLED, target=target(1, ip=None, ipv6="fd00::1"))
    view = step_view(RunStatus.FAILED, (group(TaskStatus.AGENT_NOT_INSTALLED, "", alone),))
    assert shown(v2_steps.render(view, "zh"))["step_instance_detail"]["target_ips"] == "0:fd00::1"
    jobs = shown(v2_jobs.render(job_view(RunStatus.FAILED, (alone,))))
    [host] = jobs["blocks"][0]["step_instances"][0]["step_ip_status"]
    assert (host["ip"], host["ipv6"]) == (None, "fd00::1")


def test_the_gateway_shows_a_step_as_its_page_does() -> None:
    groups = (group(TaskStatus.SUCCEEDED, "tag1", task(1, tag="tag1"), size=2),)
    rendered = shown(steps.render(step_view(RunStatus.SUCCEEDED, groups, attempt=3), "zh"))
    assert rendered["step_result_group_list"] == [
        {
            "result_type": 9,
            "result_type_desc": "执行成功",
            "tag": "tag1",
            "host_size": 2,
            "host_result_list": [
                {
                    "bk_host_id": 101,
                    "ip": "10.0.0.1",
                    "ipv6": None,
                    "bk_agent_id": "0:10.0.0.1",
                    "bk_cloud_id": 0,
                    "bk_cloud_name": "Default Area",
                    "status": 9,
                    "status_desc": "执行成功",
                    "tag": "tag1",
                    "exit_code": 0,
                    "start_time": AT,
                    "end_time": AT + 1500,
                    "total_time": 1500,
                }
            ],
        }
    ]
    assert (rendered["execute_count"], rendered["type"], rendered["total_time"]) == (3, 1, 3169)


def test_a_step_of_the_gateway_that_runs_counts_its_time_up_to_now() -> None:
    running = steps.render(step_view(RunStatus.RUNNING, ()), "zh")
    waiting = steps.render(step_view(RunStatus.PENDING, (group(TaskStatus.WAITING, None),)), "zh")
    assert (running.total_time, waiting.total_time) == (9000, None)
    assert (running.step_result_group_list, waiting.step_result_group_list[0].tag) == ([], None)


def test_version_2_shows_logs_as_its_page_does() -> None:
    [step] = shown(v2_logs.render(job_log(RunStatus.SUCCEEDED, 1, "a <b> & c\n"), escape=False))
    assert (step["is_finished"], step["step_instance_id"], step["status"]) == (True, 75, 3)
    [result] = step["step_results"]
    assert (result["ip_status"], result["tag"]) == (9, "xxx")
    assert result["ip_logs"] == [
        {
            "ip": "10.0.0.1",
            "ipv6": None,
            "bk_cloud_id": 0,
            "start_time": "2020-11-11 11:11:11 +0800",
            "end_time": "2020-11-11 11:11:12 +0800",
            "total_time": 1.5,
            "retry_count": 1,
            "execute_count": 1,
            "error_code": 0,
            "exit_code": 0,
            "log_content": "a <b> & c\n",
        }
    ]


def test_logs_of_version_2_are_escaped_when_the_setting_says_so() -> None:
    [step] = v2_logs.render(job_log(RunStatus.SUCCEEDED, 0, 'a <b> & "c"\n'), escape=True)
    assert step.step_results[0].ip_logs[0].log_content == 'a &lt;b&gt; &amp; "c"\n'
    [blank] = v2_logs.render(job_log(RunStatus.SUCCEEDED, 0, " \n"), escape=True)
    assert blank.step_results[0].ip_logs[0].log_content == ""


def test_version_4_and_the_plugin_show_hosts_as_execution_objects() -> None:
    view = job_view(RunStatus.FAILED, (task(1, TaskStatus.NONZERO_EXIT, "t", exit_code=2),))
    [step] = shown(v4.render(view, with_tasks=True))["step_instance_list"]
    named = {
        "type": 1,
        "resource_id": "101",
        "host": {"bk_host_id": 101, "bk_cloud_id": 0, "ip": "10.0.0.1", "ipv6": None},
    }
    expected = {"status": 104, "tag": "t", "exit_code": 2, "start_time": AT, "end_time": AT + 1500, "total_time": 1500}
    assert step["step_execute_object_result_list"] == [{"execute_object": named} | expected]
    [step] = shown(plugin.render(view, with_tasks=True))["step_instance_list"]
    assert step["execute_object_result_list"] == [{"execute_object": named, "error_code": 0} | expected]
    assert shown(v4.render(view, with_tasks=False))["step_instance_list"][0]["step_execute_object_result_list"] is None


def test_ten_thousand_hosts_are_rendered_and_encoded_in_a_tenth_of_a_second() -> None:
    tasks = tuple(task(number) for number in range(10_000))
    view, groups = job_view(RunStatus.SUCCEEDED, tasks), (group(TaskStatus.SUCCEEDED, "", *tasks),)
    by_step = step_view(RunStatus.SUCCEEDED, groups)
    for render in (
        lambda: v3_jobs.render(view, with_tasks=True),
        lambda: v2_jobs.render(view),
        lambda: v2_steps.render(by_step, "zh"),
        lambda: steps.render(by_step, "zh"),
        lambda: v4.render(view, with_tasks=True),
    ):
        assert min(_seconds(render) for _ in range(3)) < 0.1


def _seconds(render: Any) -> float:
    begun = time.process_time()
    msgspec.json.encode(success(render(), "", "0" * 32))
    return time.process_time() - begun
