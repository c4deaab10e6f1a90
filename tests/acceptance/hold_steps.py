"""Hold the answers to step status against the truth: versions 2 and 3."""

from tests.acceptance.declared import IPS, IPV6
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import BACK3, Json
from tests.acceptance.truth import ABNORMAL, FINISHED, Group, Truth, seconds, text

LABELS = {5: "Waiting", 7: "Running", 9: "Success", 12: "Task send failed", 18: "Agent not installed"} | {
    102: "Script Execution Timeout",
    104: "Non-zero Exit Code",
    310: "Abnormal Agent",
    311: "User not exist",
    403: "Force Terminated",
    500: "Unknown",
}


async def hold_step_status(stage: Stage, job: Job, truth: Truth, shown: Json) -> None:
    """S1: the gateway's step status at each level; its groups partition the rows in target order."""
    admin = stage.admin
    data = (await admin.gateway("get_step_instance_status", **job.step))["data"]
    hold_step_head(truth, data, shown)
    groups = data["step_result_group_list"]
    assert groups_of(data) == list(truth.groups)
    listed = [host for group in groups for host in group["host_result_list"]]
    assert len(listed) == len(truth.targets)
    if truth.rows:
        _hold_listed(truth, groups, shown["step_instance_list"][0]["step_ip_result_list"])
    else:
        _hold_waiting(truth, listed)
    for again in (admin.system("get_step_instance_status", **job.step), _from_back(stage, job)):
        other = (await again)["data"]
        assert other | {"total_time": None} == data | {"total_time": None}
    english = await _english(stage, job)
    assert [group["result_type_desc"] for group in english] == [LABELS[status] for status, _, _ in truth.groups]


async def _from_back(stage: Stage, job: Job) -> Json:
    return await stage.admin.gateway("get_step_instance_status", root=BACK3, **job.step)


async def _english(stage: Stage, job: Job) -> list[Json]:
    headers = stage.admin.authorization() | {"blueking-language": "en"}
    answer = await stage.http.get("/api/v3/get_step_instance_status", params=job.step, headers=headers)
    groups: list[Json] = answer.json()["data"]["step_result_group_list"]
    return groups


def hold_step_head(truth: Truth, data: Json, shown: Json) -> None:
    """Hold the head of a step's status against the job's; only here a running step's duration is told."""
    [step] = shown["step_instance_list"]
    same = ("step_instance_id", "execute_count", "name", "type", "status", "create_time", "start_time", "end_time")
    assert {name: data[name] for name in same} == {name: step[name] for name in same}
    if truth.step in {2, 10}:
        assert type(data["total_time"]) is int
        assert data["total_time"] >= 0
    else:
        assert data["total_time"] == step["total_time"]


def groups_of(data: Json) -> list[Group]:
    """Return the groups of a step's status as (status, tag, size)."""
    return [(one["result_type"], one["tag"], one["host_size"]) for one in data["step_result_group_list"]]


def hosts_of(data: Json) -> list[list[int]]:
    """Return the ids of the hosts that each group of a step's status lists."""
    return [[host["bk_host_id"] for host in group["host_result_list"]] for group in data["step_result_group_list"]]


def _hold_listed(truth: Truth, groups: list[Json], hosts: list[Json]) -> None:
    by_id = {host["bk_host_id"]: host for host in hosts}
    same = ("bk_host_id", "ip", "ipv6", "bk_cloud_id", "status", "tag", "exit_code", "start_time", "end_time")
    for group in groups:
        alike = [row.host for row in truth.rows if (row.status, row.tag) == (group["result_type"], group["tag"])]
        assert [host["bk_host_id"] for host in group["host_result_list"]] == alike
        for host in group["host_result_list"]:
            known = by_id[host["bk_host_id"]]
            assert {name: host[name] for name in (*same, "total_time")} == {
                name: known[name] for name in (*same, "total_time")
            }
            assert host["status_desc"] == group["result_type_desc"]
            assert (host["bk_cloud_name"], host["bk_agent_id"]) == ("Default Area", agent_id(host["bk_host_id"]))


def agent_id(host: int) -> str | None:
    """Return the agent id that a host is shown with."""
    return f"0:{IPS[host]}" if host in IPS else None


def _hold_waiting(truth: Truth, listed: list[Json]) -> None:
    assert [host["bk_host_id"] for host in listed] == list(truth.targets)
    for host in listed:
        assert (host["status"], host["tag"], host["exit_code"]) == (5, None, 0)
        assert (host["start_time"], host["end_time"], host["total_time"]) == (None, None, 0)


async def hold_step_status_2(stage: Stage, job: Job, truth: Truth, shown: Json) -> None:
    """S0: version 2, ids inside `params` as on the page, outside, and in a query."""
    inside = {"job_instance_id": job.id, "step_instance_id": job.step_id}
    name, admin = "get_step_instance_status", stage.admin
    answer = await admin.v2(name, bk_biz_id=2, params=inside) if _is_business(job) else await admin.v2(name, **job.step)
    data = answer["data"]
    assert answer["message"] == "OK"
    assert (await admin.v2(name, **job.step))["data"] == data
    assert (await admin.v2_get(name, **job.step))["data"] == data
    assert data["is_finished"] is (truth.step in FINISHED)
    _hold_detail(job, truth, data["step_instance_detail"], shown["step_instance_list"][0])
    _hold_analysis(truth, data["step_instance_analyse_result"])


def _is_business(job: Job) -> bool:
    return (job.scope["bk_scope_type"], job.scope["bk_scope_id"]) == ("biz", "2")


def _hold_detail(job: Job, truth: Truth, detail: Json, step: Json) -> None:
    form = "%Y-%m-%d %H:%M:%S"
    abnormal = [row.host for row in truth.rows if row.status in ABNORMAL]
    numbers = ("total_ip_num", "running_ip_num", "success_ip_num", "fail_ip_num", "abnormal_agent_ip_num")
    assert tuple(detail[name] for name in numbers) == truth.numbers
    assert detail["total_ip_num"] == detail["running_ip_num"] + detail["success_ip_num"] + detail["fail_ip_num"]
    assert detail["target_ips"] == _addresses(truth.targets)
    assert detail["abnormal_agent_ips"] == _addresses(tuple(abnormal))
    assert detail["retry_count"] == detail["execute_count"] == truth.attempt
    assert (detail["start_time"], detail["end_time"]) == (
        text(step["start_time"], form),
        text(step["end_time"], form),
    )
    assert detail["total_time"] == seconds(step["total_time"])
    assert (detail["step_instance_id"], detail["job_instance_id"], detail["step_id"]) == (job.step_id, job.id, -1)
    assert (detail["name"], detail["type"], detail["status"]) == (step["name"], 1, truth.step)
    assert detail["operator"] == truth.operator
    assert detail["bk_scope_id"] == str(detail["bk_biz_id"]) == job.scope["bk_scope_id"]


def _addresses(hosts: tuple[int, ...]) -> str:
    return ",".join(f"0:{IPS.get(host) or IPV6[host]}" for host in hosts)


def _hold_analysis(truth: Truth, analysis: list[Json]) -> None:
    found = [(one["result_type"], one["count"], [host["bk_host_id"] for host in one["ip_list"]]) for one in analysis]
    waiting: list[tuple[int, str | None, int]] = [(5, None, host) for host in truth.targets]
    rows = [(row.status, row.tag, row.host) for row in truth.rows] if truth.rows else waiting
    expected = [
        (status, size, [host for one, tagged, host in rows if (one, tagged) == (status, tag)])
        for status, tag, size in truth.groups
    ]
    assert found == expected
    for host in (host for one in analysis for host in one["ip_list"]):
        address = (IPS.get(host["bk_host_id"]), IPV6.get(host["bk_host_id"]), 0)
        assert (host["ip"], host["ipv6"], host["bk_cloud_id"]) == address
