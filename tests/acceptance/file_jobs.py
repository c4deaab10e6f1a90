"""Jobs that move files: how they are asked for, and their logs."""

from pathlib import Path
from typing import Any

from tests.acceptance.declared import ACCOUNT, BIZ, A, B
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import Json


def host_source(*paths: Path | str, hosts: tuple[int, ...] = (A,)) -> Json:
    return {
        "file_list": [str(path) for path in paths],
        "account": {"alias": ACCOUNT},
        "server": {"host_id_list": list(hosts)},
    }


async def send(stage: Stage, target: Path | str, *sources: Json, hosts: tuple[int, ...] = (B,), **more: Any) -> Job:
    wanted = {
        "account_alias": ACCOUNT,
        "file_target_path": str(target),
        "file_source_list": list(sources),
        "target_server": {"host_id_list": list(hosts)},
        "timeout": 60,
    }
    answer = await stage.admin.v3("fast_transfer_file", **(BIZ | wanted | more))
    assert answer["code"] == 0, answer
    return Job(answer["data"]["job_instance_id"], answer["data"]["step_instance_id"], BIZ)


async def log_of(stage: Stage, job: Job, host: int) -> Json:
    named = job.named | {"step_instance_id": job.step_id, "bk_host_id": host}
    data: Json = (await stage.admin.v3("get_job_instance_ip_log", **named))["data"]
    return data
