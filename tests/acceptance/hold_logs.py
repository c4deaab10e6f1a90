"""Hold the answers to log queries against the truth: versions 2, 3 and 4."""

from tests.acceptance.declared import IPS
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import Json
from tests.acceptance.truth import FINISHED, Row, Truth, clock, clock_of


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
        assert clock(log) == clock_of(host)
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
    # Version 3 leaves out hosts without a log, version 4 does not.
    printed = [row for row in truth.rows if row.log != ""]
    wanted = Json(host_id_list=list(truth.targets))
    for ask in (stage.admin.v3, stage.admin.gateway, stage.admin.system):
        data = (await ask("batch_get_job_instance_ip_log", **job.step, **wanted))["data"]
        assert (data["job_instance_id"], data["step_instance_id"], data["log_type"]) == (job.id, job.step_id, 1)
        logs = {one["host_id"]: one["log_content"] for one in data["script_task_logs"]}
        assert list(logs) == [row.host for row in printed]
        assert {row.host: row.log for row in printed if row.log is not None}.items() <= logs.items()
    pairs = [{"bk_cloud_id": 0, "ip": IPS[row.host]} for row in truth.rows if row.host in IPS]
    if pairs:
        data = (await stage.admin.v3("batch_get_job_instance_ip_log", **job.step, ip_list=pairs))["data"]
        assert [one["ip"] for one in data["script_task_logs"]] == [IPS[row.host] for row in printed if row.host in IPS]
    data = await stage.admin.v4("batch_get_job_instance_execute_object_log", **job.step, **wanted)
    logs = {
        one["execute_object"]["host"]["bk_host_id"]: one["log_content"]
        for one in data["script_step_execute_object_logs"]
    }
    assert list(logs) == [row.host for row in truth.rows]
    assert {row.host: row.log for row in rows}.items() <= logs.items()
