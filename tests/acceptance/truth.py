"""What every surface must say of one job: said once, then held against each answer to the last field."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from tests.acceptance.stage import IPS, IPV6, Job, Stage
from tests.acceptance.surfaces import BACK3, BACK4, Json

ZONE = ZoneInfo("Asia/Shanghai")
FINISHED = {3, 4, 5, 6, 8, 9, 11, 13, 14}
UNFINISHED_HOST = {5, 7}
ABNORMAL = {1, 2, 18, 310}
LABELS = {5: "Waiting", 7: "Running", 9: "Success", 12: "Task send failed", 18: "Agent not installed"} | {
    102: "Script Execution Timeout",
    104: "Non-zero Exit Code",
    310: "Abnormal Agent",
    311: "User not exist",
    403: "Force Terminated",
    500: "Unknown",
}

_PLUGIN_STATUS = "bkci_plugin_get_job_instance_status"

Group = tuple[int, str | None, int]


class Row(msgspec.Struct, frozen=True):
    """Say how one host must be shown; `log` None leaves its log to the test."""

    host: int
    status: int
    tag: str = ""
    exit_code: int | None = None
    error_code: int = 0
    log: str | None = ""


class Truth(msgspec.Struct, frozen=True):
    """Say how a job must be shown: statuses, rows in target order, groups, and the numbers of S0.

    `numbers` are total, running, success, fail and abnormal. `hosts` are the targets where there are no rows yet.
    """

    job: int
    step: int
    rows: tuple[Row, ...]
    groups: tuple[Group, ...]
    numbers: tuple[int, int, int, int, int]
    attempt: int = 0
    hosts: tuple[int, ...] = ()
    operator: str = "admin"

    @property
    def targets(self) -> tuple[int, ...]:
        """Return the hosts in target order."""
        return self.hosts or tuple(row.host for row in self.rows)


async def hold(stage: Stage, job: Job, truth: Truth) -> Json:
    """Hold a job's answers on every surface against the truth; return it as version 3 shows it."""
    shown = await hold_job_status(stage, job, truth)
    await hold_version_4(stage, job, truth, shown)
    await hold_job_status_2(stage, job, truth, shown)
    await hold_step_status(stage, job, truth, shown)
    await hold_step_status_2(stage, job, truth, shown)
    await hold_log_2(stage, job, truth, shown)
    await hold_host_logs(stage, job, truth)
    return shown


async def hold_job_status(stage: Stage, job: Job, truth: Truth) -> Json:
    """S3: the bus and the gateway, both methods, each level, with and without hosts."""
    admin, query = stage.admin, job.named
    name, full = "get_job_instance_status", Json(return_ip_result=True)
    shown = await stage.status(job)
    _hold_heads(job, truth, shown)
    [step] = shown["step_instance_list"]
    hosts = step["step_ip_result_list"]
    assert [_row_of(host) for host in hosts] == [_known(row) for row in truth.rows]
    for row, host in zip(truth.rows, hosts, strict=True):
        hold_times(row, host)
    short = shown | {"step_instance_list": [step | {"step_ip_result_list": None}]}
    for ask in (admin.v3, admin.v3_get, admin.gateway, admin.system):
        assert (await ask(name, **query, **full))["data"] == shown
        assert (await ask(name, **query))["data"] == short
    assert (await admin.gateway(name, root=BACK3, **query, **full))["data"] == shown
    return shown


def _hold_heads(job: Job, truth: Truth, shown: Json) -> None:
    head, [step] = shown["job_instance"], shown["step_instance_list"]
    assert shown["finished"] is (truth.job in FINISHED)
    assert (head["job_instance_id"], head["status"]) == (job.id, truth.job)
    assert (head["bk_scope_type"], head["bk_scope_id"]) == (job.scope["bk_scope_type"], job.scope["bk_scope_id"])
    assert (step["step_instance_id"], step["status"], step["type"]) == (job.step_id, truth.step, 1)
    assert (step["execute_count"], step["name"]) == (truth.attempt, head["name"])
    for one, status in ((head, truth.job), (step, truth.step)):
        _hold_run_times(one, started=status != 1, finished=status in FINISHED)


def _hold_run_times(one: Json, *, started: bool, finished: bool) -> None:
    assert one["create_time"] > 1_600_000_000_000
    assert (one["start_time"] is not None) is started
    assert (one["end_time"] is not None) is finished
    assert (one["total_time"] is not None) is finished
    if finished:
        assert one["total_time"] == one["end_time"] - one["start_time"] >= 0


def _row_of(host: Json) -> tuple[object, ...]:
    members = ("bk_host_id", "ip", "ipv6", "bk_cloud_id", "status", "tag", "exit_code", "error_code")
    return tuple(host[name] for name in members)


def _known(row: Row) -> tuple[object, ...]:
    address = (IPS.get(row.host), IPV6.get(row.host), 0)
    return (row.host, *address, row.status, row.tag, row.exit_code, row.error_code)


def hold_times(row: Row, host: Json) -> None:
    """Hold a host's times against the rules for its status."""
    start, end, total = host["start_time"], host["end_time"], host["total_time"]
    if row.status in UNFINISHED_HOST:
        assert (start is not None, end, total) == (row.status == 7, None, None)
    elif row.status in {2, 18}:
        assert start == end is not None
        assert total == 0
    elif row.status == 500:
        assert (end is not None, total) == (True, None)
    else:
        assert total == max(100, end - start)


async def hold_version_4(stage: Stage, job: Job, truth: Truth, shown: Json) -> None:
    """Version 4: the same job with execution objects."""
    data = await stage.admin.v4("get_job_instance_status", **job.named, return_execute_object_result=True)
    assert data == await stage.admin.v4(
        "get_job_instance_status", root=BACK4, **job.named, return_execute_object_result=True
    )
    [step], [known] = data["step_instance_list"], shown["step_instance_list"]
    objects, hosts = step.pop("step_execute_object_result_list"), known["step_ip_result_list"]
    assert data["finished"] is shown["finished"]
    assert data["job_instance"] == shown["job_instance"]
    assert step == {name: value for name, value in known.items() if name != "step_ip_result_list"}
    assert objects == [_object(host) for host in hosts]
    plugin = (await stage.admin.system(_PLUGIN_STATUS, **job.named, include_execute_object_task_result=True))["data"]
    [other] = plugin["step_instance_list"]
    assert other["execute_object_result_list"] == [_object(host) | {"error_code": host["error_code"]} for host in hosts]
    short = await stage.admin.v4("get_job_instance_status", **job.named)
    assert short["step_instance_list"][0]["step_execute_object_result_list"] is None


def _object(host: Json) -> Json:
    address = {name: host[name] for name in ("bk_host_id", "bk_cloud_id", "ip", "ipv6")}
    named = {"type": 1, "resource_id": str(host["bk_host_id"]), "host": address}
    result = ("status", "tag", "exit_code", "start_time", "end_time", "total_time")
    return {"execute_object": named} | {name: host[name] for name in result}


async def hold_job_status_2(stage: Stage, job: Job, truth: Truth, shown: Json) -> None:
    """S2: version 2, both methods, texts for times and seconds for durations."""
    data = (await stage.admin.v2("get_job_instance_status", **job.named))["data"]
    assert (await stage.admin.v2_get("get_job_instance_status", **job.named))["data"] == data
    [block], [step] = data["blocks"], shown["step_instance_list"]
    [one] = block["step_instances"]
    head = data["job_instance"]
    assert (data["is_finished"], block["type"]) == (shown["finished"], 1)
    assert (head["bk_job_id"], head["start_way"], head["operator"]) == (-1, 2, "admin")
    assert head["current_step_instance_id"] == (0 if truth.job == 1 else job.step_id)
    assert (one["step_id"], one["type"], one["operator"]) == (-1, 1, truth.operator)
    assert one["retry_count"] == one["execute_count"] == truth.attempt
    for texts, numbers in ((head, shown["job_instance"]), (one, step)):
        assert (texts["name"], texts["status"]) == (numbers["name"], numbers["status"])
        assert _clock(texts) == _clock_of(numbers)
        assert texts["create_time"] == _text(numbers["create_time"])
    assert one["step_ip_status"] == [
        {"ip": IPS.get(row.host), "ipv6": IPV6.get(row.host), "bk_cloud_id": 0, "status": row.status}
        for row in truth.rows
    ]


def _clock(texts: Json) -> tuple[object, ...]:
    return texts["start_time"], texts["end_time"], texts["total_time"]


def _clock_of(numbers: Json) -> tuple[object, ...]:
    return _text(numbers["start_time"]), _text(numbers["end_time"]), _seconds(numbers["total_time"])


def _text(at: int | None, form: str = "%Y-%m-%d %H:%M:%S +0800") -> str | None:
    return None if at is None else datetime.fromtimestamp(at // 1000, ZONE).strftime(form)


def _seconds(duration_ms: int | None) -> float | None:
    return None if duration_ms is None else duration_ms / 1000


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
        _text(step["start_time"], form),
        _text(step["end_time"], form),
    )
    assert detail["total_time"] == _seconds(step["total_time"])
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


async def hold_log_2(stage: Stage, job: Job, truth: Truth, shown: Json) -> None:
    """S4: version 2's logs of every host, grouped, both methods."""
    data = (await stage.admin.v2("get_job_instance_log", **job.named))["data"]
    assert (await stage.admin.v2_get("get_job_instance_log", **job.named))["data"] == data
    [step], [known] = data, shown["step_instance_list"]
    head = (step["is_finished"], step["step_instance_id"], step["name"], step["status"])
    assert head == (truth.step in FINISHED, job.step_id, known["name"], truth.step)
    groups = [(one["ip_status"], one["tag"], len(one["ip_logs"])) for one in step["step_results"]]
    assert groups == (list(truth.groups) if truth.rows else [])
    by_address = {(host["ip"], host["ipv6"]): host for host in known["step_ip_result_list"]}
    for row, log in _paired(truth, step["step_results"]):
        host = by_address[log["ip"], log["ipv6"]]
        assert (log["ip"], log["bk_cloud_id"]) == (IPS.get(row.host), 0)
        assert _clock(log) == _clock_of(host)
        assert (log["error_code"], log["exit_code"]) == (row.error_code, row.exit_code)
        assert log["retry_count"] == log["execute_count"] == truth.attempt
        assert row.log is None or log["log_content"] == row.log


def _paired(truth: Truth, results: list[Json]) -> list[tuple[Row, Json]]:
    pairs: list[tuple[Row, Json]] = []
    for group in results:
        rows = [row for row in truth.rows if (row.status, row.tag) == (group["ip_status"], group["tag"])]
        pairs += zip(rows, group["ip_logs"], strict=True)
    return pairs


async def hold_host_logs(stage: Stage, job: Job, truth: Truth) -> None:
    """The log queries: one host, several hosts, version 4; by id and by address."""
    for row in [row for row in truth.rows if row.log is not None]:
        for address in ({"bk_host_id": row.host}, {"bk_cloud_id": 0, "ip": IPS.get(row.host)}):
            if None in address.values():
                continue
            for ask in (stage.admin.v3, stage.admin.v3_get, stage.admin.gateway, stage.admin.system):
                data = (await ask("get_job_instance_ip_log", **job.step, **address))["data"]
                assert (data["log_type"], data["log_content"], data["file_logs"]) == (1, row.log, None)
                assert (data["bk_host_id"], data["bk_cloud_id"], data["ip"]) == (row.host, 0, IPS.get(row.host))
    await _hold_many_logs(stage, job, truth)


async def _hold_many_logs(stage: Stage, job: Job, truth: Truth) -> None:
    rows = [row for row in truth.rows if row.log is not None]
    wanted = Json(host_id_list=list(truth.targets))
    for ask in (stage.admin.v3, stage.admin.gateway, stage.admin.system):
        data = (await ask("batch_get_job_instance_ip_log", **job.step, **wanted))["data"]
        assert (data["job_instance_id"], data["step_instance_id"], data["log_type"]) == (job.id, job.step_id, 1)
        logs = {one["host_id"]: one["log_content"] for one in data["script_task_logs"]}
        assert list(logs) == [row.host for row in truth.rows]
        assert {row.host: row.log for row in rows}.items() <= logs.items()
    data = await stage.admin.v4("batch_get_job_instance_execute_object_log", **job.step, **wanted)
    logs = {
        one["execute_object"]["host"]["bk_host_id"]: one["log_content"]
        for one in data["script_step_execute_object_logs"]
    }
    assert list(logs) == [row.host for row in truth.rows]
    assert {row.host: row.log for row in rows}.items() <= logs.items()
