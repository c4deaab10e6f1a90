"""Hold the answers to job status against the truth: versions 2, 3 and 4, and the CI plugin's."""

from tests.acceptance.declared import IPS, IPV6
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import BACK3, BACK4, Json
from tests.acceptance.truth import FINISHED, Row, Truth, clock, clock_of, text

UNFINISHED_HOST = {5, 7}
_PLUGIN_STATUS = "bkci_plugin_get_job_instance_status"


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
    _hold_run_times(head, started=truth.job != 1, ended=truth.job in FINISHED)
    # A step that waits between two batches has the end of the last one.
    _hold_run_times(step, started=truth.step != 1, ended=truth.step in FINISHED | {7})


def _hold_run_times(one: Json, *, started: bool, ended: bool) -> None:
    assert one["create_time"] > 1_600_000_000_000
    assert (one["start_time"] is not None) is started
    assert (one["end_time"] is not None) is ended
    assert (one["total_time"] is not None) is ended
    if ended:
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
    else:
        assert total == max(100, end - start)


async def hold_version_4(stage: Stage, job: Job, shown: Json) -> None:
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
        assert clock(texts) == clock_of(numbers)
        assert texts["create_time"] == text(numbers["create_time"])
    assert one["step_ip_status"] == [
        {"ip": IPS.get(row.host), "ipv6": IPV6.get(row.host), "bk_cloud_id": 0, "status": row.status}
        for row in truth.rows
    ]
