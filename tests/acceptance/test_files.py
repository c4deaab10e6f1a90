"""Files from host to host over the surfaces: what arrives, what the statuses and logs say."""

import asyncio
import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.stage import ACCOUNT, BIZ, NO_AGENT, A, B, C, Job, Stage, host_statuses
from tests.acceptance.surfaces import Json


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Give a directory with files that a host offers; all hosts of a stage share one disk."""
    directory = tmp_path / "source"
    (directory / "tree" / "below").mkdir(parents=True)
    (directory / "tree" / "empty").mkdir()
    (directory / "one.txt").write_bytes(b"one\n")
    (directory / "two.log").write_bytes(b"two\n")
    (directory / "three.log").write_bytes(b"three\n")
    (directory / "tree" / "top").write_bytes(b"top\n")
    (directory / "tree" / "below" / "deep.sh").write_bytes(b"#!/bin/sh\n")
    (directory / "tree" / "below" / "deep.sh").chmod(0o755)
    return directory


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


async def test_a_file_goes_from_one_host_to_another(stage: Stage, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    job = await send(stage, target, host_source(source / "one.txt"))
    data = await stage.wait(job, 9, job_status=3)
    assert (target / "one.txt").read_bytes() == b"one\n"
    [host] = data["step_instance_list"][0]["step_ip_result_list"]
    assert (host["bk_host_id"], host["error_code"], host["tag"]) == (B, 0, "")
    assert data["step_instance_list"][0]["type"] == 2
    log = await log_of(stage, job, B)
    assert (log["log_type"], log["log_content"]) == (2, None)
    received, sent = log["file_logs"]
    assert (received["mode"], received["status"], received["process"]) == (1, 4, "100%")
    assert received["src_ip"]["ip"] == "127.0.0.1"
    assert received["dest_ip"]["ip"] == "127.0.0.2"
    assert (received["src_path"], received["dest_path"]) == (str(source / "one.txt"), str(target / "one.txt"))
    assert f"FileName: {target}/one.txt FileSize: 4 B Status: finished" in received["log_content"]
    assert (sent["mode"], sent["status"], sent["dest_ip"], sent["dest_path"]) == (0, 4, None, None)
