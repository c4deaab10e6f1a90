"""Files from host to host over the surfaces: what arrives, what the statuses and logs say."""

import asyncio
import base64
import hashlib
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from tests.acceptance.declared import ACCOUNT, BIZ, NO_AGENT, A, B, C
from tests.acceptance.file_jobs import host_source, log_of, send
from tests.acceptance.stage import Job, Stage, host_statuses
from tests.acceptance.surfaces import Json
from tests.walking import files_below


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


async def grouped(stage: Stage, job: Job, **wanted: Any) -> list[int]:
    """Return the sizes of a step's groups of hosts."""
    data = (await stage.admin.gateway("get_step_instance_status", **job.step, **wanted))["data"]
    return [group["host_size"] for group in data["step_result_group_list"]]


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
    assert [await grouped(stage, job, keyword=word) for word in ("", "size_bytes", "one.txt")] == [[1], [0], [0]]
    assert (sent["mode"], sent["status"], sent["dest_ip"], sent["dest_path"]) == (0, 4, None, None)


async def test_many_paths_of_many_hosts_go_to_many_targets(stage: Stage, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    paths = (source / "one.txt", source / "*.log", f"{source}/REGEX:o.*t", f"{source}/tree/")
    job = await send(stage, f"{target}/[FILESRCIP]", host_source(*paths, hosts=(A, B)), hosts=(B, C))
    await stage.wait(job, 9, 9, job_status=3)
    for address in ("0_127.0.0.1", "0_127.0.0.2"):
        found = {str(path.relative_to(target / address)) for path in (target / address).rglob("*") if path.is_file()}
        assert found == {"one.txt", "two.log", "three.log", "tree/top", "tree/below/deep.sh"}
        assert (target / address / "tree/empty").is_dir()
        assert (target / address / "tree/below/deep.sh").stat().st_mode & 0o777 == 0o755
    answer = await stage.admin.v3("batch_get_job_instance_ip_log", **job.step, host_id_list=[A, B, C])
    logs = {host["bk_host_id"]: host["file_logs"] for host in answer["data"]["file_task_logs"]}
    assert {host: len(files) for host, files in logs.items()} == {A: 4, B: 16, C: 16}
    assert {file["status"] for files in logs.values() for file in files} == {4}
    assert answer["data"]["script_task_logs"] is None


async def test_more_paths_than_an_order_holds_are_sent(stage: Stage, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    paths = [many / f"{number:04}-{'x' * 220}" for number in range(260)]
    for path in paths:
        path.write_bytes(path.name.encode())
    job = await send(stage, tmp_path / "target", host_source(*paths))
    await stage.wait(job, 9, job_status=3, within_s=60)
    arrived = sorted((tmp_path / "target").iterdir())
    assert [path.name for path in arrived] == [path.name for path in paths]
    assert all(path.read_bytes() == path.name.encode() for path in arrived)
    assert len((await log_of(stage, job, B))["file_logs"]) == 520


async def test_version_2_and_the_gateway_send_files(stage: Stage, source: Path, tmp_path: Path) -> None:
    address = {"ip_list": [{"bk_cloud_id": 0, "ip": "127.0.0.1"}]}
    old = await stage.admin.v2(
        "fast_push_file",
        bk_biz_id=2,
        account=ACCOUNT,
        file_target_path=str(tmp_path / "v2"),
        file_source=[{"files": [str(source / "one.txt")], "account": ACCOUNT, **address}],
        **address,
    )
    wanted: Json = {
        "account_alias": ACCOUNT,
        "file_target_path": str(tmp_path / "gateway"),
        "file_source_list": [host_source(source / "one.txt")],
        "target_server": {"host_id_list": [C]},
        "file_target_name": "renamed",
    }
    new = await stage.admin.gateway("fast_transfer_file", **BIZ, **wanted)
    for answer in (old, new):
        job = Job(answer["data"]["job_instance_id"], answer["data"]["step_instance_id"], BIZ)
        await stage.wait(job, 9, job_status=3)
    assert (tmp_path / "v2/one.txt").read_bytes() == (tmp_path / "gateway/renamed").read_bytes() == b"one\n"
    log = await stage.admin.v2("get_job_instance_log", bk_biz_id=2, job_instance_id=old["data"]["job_instance_id"])
    assert "Status: finished" in log["data"][0]["step_results"][0]["ip_logs"][0]["log_content"]


async def test_the_ci_plugin_sends_files_and_reads_their_records(stage: Stage, source: Path, tmp_path: Path) -> None:
    wanted: Json = {
        "account_alias": ACCOUNT,
        "file_target_path": str(tmp_path / "target"),
        "file_source_list": [host_source(source / "one.txt")],
        "execute_object": {"host_list": [{"bk_host_id": B}]},
    }
    answer = await stage.admin.system("bkci_plugin_fast_transfer_file", **BIZ, **wanted)
    job = Job(answer["data"]["job_instance_id"], answer["data"]["step_instance_id"], BIZ)
    await stage.wait(job, 9, job_status=3)
    objects = [{"type": 1, "resource_id": str(B)}]
    name = "bkci_plugin_batch_get_job_instance_execute_object_log"
    logs = (await stage.admin.system(name, **job.step, execute_object_list=objects))["data"]
    [told] = logs["file_execute_object_task_logs"]
    assert [(one["mode"], one["status"]) for one in told["file_atomic_task_logs"]] == [(1, 4), (0, 4)]
    logs = await stage.admin.v4("batch_get_job_instance_execute_object_log", **job.step, host_id_list=[B])
    [shown] = logs["file_step_execute_object_logs"]
    assert (logs["log_type"], logs["script_step_execute_object_logs"]) == (2, None)
    assert shown["download_log"][0]["src_execute_object"]["host"]["bk_host_id"] == A
    assert [one["dest_path"] for one in shown["upload_log"]] == [None]


async def test_a_missing_source_fails_its_targets_but_not_the_other_files(
    stage: Stage, source: Path, tmp_path: Path
) -> None:
    job = await send(stage, tmp_path / "target", host_source(source / "none", source / "one.txt"), hosts=(B, C))
    await stage.wait(job, 320, 320, job_status=4)
    assert (tmp_path / "target/one.txt").exists()
    files = (await log_of(stage, job, C))["file_logs"]
    failed = [file for file in files if file["status"] == 5]
    assert {(file["mode"], file["src_path"]) for file in failed} == {
        (0, str(source / "none")),
        (1, str(source / "none")),
    }
    assert all("no such file" in file["log_content"] for file in failed)


@pytest.mark.parametrize(
    ("target", "more", "status"),
    [
        ("missing/below", {"transfer_mode": 1}, 320),
        ("source/one.txt", {}, 320),
        ("target", {"account_alias": "nobody-has-it"}, 311),
        ("target", {"target_server": {"host_id_list": [NO_AGENT]}}, 310),
    ],
    ids=["strict and no directory", "target is a file", "no account", "target offline"],
)
async def test_a_target_that_cannot_take_files_says_why(
    stage: Stage, source: Path, tmp_path: Path, target: str, more: Json, status: int
) -> None:
    job = await send(stage, tmp_path / target, host_source(source / "one.txt"), **more)
    await stage.wait(job, status, job_status=4)
    host = more.get("target_server", {"host_id_list": [B]})["host_id_list"][0]
    file = (await log_of(stage, job, host))["file_logs"][0]
    assert (file["mode"], file["status"]) == (1, 5)
    assert file["log_content"]
    assert (source / "one.txt").read_bytes() == b"one\n"


async def test_a_source_that_is_offline_fails_the_targets(stage: Stage, source: Path, tmp_path: Path) -> None:
    job = await send(stage, tmp_path / "target", host_source(source / "one.txt", hosts=(NO_AGENT,)))
    await stage.wait(job, 329, job_status=4)
    received, sent = (await log_of(stage, job, B))["file_logs"]
    assert (received["status"], sent["status"]) == (5, 5)
    assert "not connected" in received["log_content"]


async def test_a_retry_sends_again_what_is_there_now(stage: Stage, source: Path, tmp_path: Path) -> None:
    job = await send(stage, tmp_path / "target", host_source(source / "late"))
    await stage.wait(job, 320, job_status=4)
    (source / "late").write_bytes(b"at last")
    answer = await stage.admin.v3("operate_step_instance", **job.step, operation_code=2)
    assert answer["code"] == 0
    await stage.wait(job, 9, job_status=3)
    assert (tmp_path / "target/late").read_bytes() == b"at last"


async def test_a_content_that_is_damaged_on_the_servers_disk_is_dropped_and_sent_anew(
    stage: Stage, source: Path, tmp_path: Path
) -> None:
    content = os.urandom(50_000)
    (source / "big").write_bytes(content)
    await stage.wait(await send(stage, tmp_path / "first", host_source(source / "big")), 9, job_status=3)
    digest = hashlib.sha256(content).hexdigest()
    [kept] = [path for path, _ in files_below(stage.installation.directory) if path.name == digest]
    kept.write_bytes(content[:-1] + b"?" if content[-1:] != b"?" else content[:-1] + b"!")
    job = await send(stage, tmp_path / "second", host_source(source / "big"))
    await stage.wait(job, 329, job_status=4)
    assert list((tmp_path / "second").iterdir()) == []
    [received] = [file for file in (await log_of(stage, job, B))["file_logs"] if file["mode"] == 1]
    assert (received["status"], "dropped" in received["log_content"]) == (5, True)
    assert (await stage.admin.v3("operate_step_instance", **job.step, operation_code=2))["code"] == 0
    await stage.wait(job, 9, job_status=3)
    assert (tmp_path / "second/big").read_bytes() == content


async def test_limits_hold_in_both_directions(stage: Stage, tmp_path: Path) -> None:
    size_kib, up_kib_s, down_kib_s = 15 * 1024, 4 * 1024, 5 * 1024
    big = tmp_path / "big"
    big.write_bytes(os.urandom(size_kib * 1024))
    limits: Json = {"upload_speed_limit": up_kib_s // 1024, "download_speed_limit": down_kib_s // 1024}
    job = await send(stage, tmp_path / "limited", host_source(big), **limits)
    data = await stage.wait(job, 9, job_status=3, within_s=60)
    received, sent = (await log_of(stage, job, B))["file_logs"]
    assert int(sent["speed"].split()[0]) <= up_kib_s * 1.1
    assert int(received["speed"].split()[0]) <= down_kib_s * 1.1
    [step] = data["step_instance_list"]
    assert step["step_ip_result_list"][0]["total_time"] >= 0.9 * 1000 * size_kib / down_kib_s
    assert step["total_time"] >= 0.9 * 1000 * (size_kib / down_kib_s + size_kib / up_kib_s)
    assert (tmp_path / "limited/big").read_bytes() == big.read_bytes()


async def test_a_kill_leaves_nothing_behind(stage: Stage, tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(bytes(20 * 2**20))
    slow = await send(stage, tmp_path / "killed", host_source(big), download_speed_limit=1)
    await stage.wait_until(slow, lambda data: host_statuses(data) == [7])
    await stage.poll(lambda: _exists(tmp_path / "killed"))
    assert (await stage.admin.v3("operate_job_instance", **slow.named, operation_code=1))["code"] == 0
    await stage.wait(slow, 403, job_status=11)
    assert list((tmp_path / "killed").iterdir()) == []


async def test_a_kill_while_a_source_sends_ends_the_source_and_no_target_starts(stage: Stage, tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(b"1" * 8 * 2**20)
    job = await send(stage, tmp_path / "target", host_source(big), upload_speed_limit=1)
    await stage.wait_until(job, lambda data: host_statuses(data) == [5])
    await stage.poll(lambda: _is_sending(stage, job))
    assert (await stage.admin.v3("operate_job_instance", **job.named, operation_code=1))["code"] == 0
    await stage.wait(job, 5, job_status=11)
    received, sent = (await log_of(stage, job, B))["file_logs"]
    assert (received["status"], sent["status"]) == (1, 5)
    assert not (tmp_path / "target").exists()


async def test_files_roll_over_targets_and_a_retry_of_a_batch_offers_anew(
    stage: Stage, source: Path, tmp_path: Path
) -> None:
    rolling = {"type": 1, "mode": 1, "expression": "1"}
    target = tmp_path / "target"
    job = await send(stage, target, host_source(source / "late"), hosts=(B, C), rolling_config=rolling)
    await stage.wait(job, 320, 5, job_status=4)
    (source / "late").write_bytes(b"at last")
    assert (await stage.admin.v3("operate_step_instance", **job.step, operation_code=2))["code"] == 0
    await stage.wait(job, 9, 9, job_status=3)
    assert (target / "late").read_bytes() == b"at last"


@pytest.fixture
def open_place() -> Iterator[Path]:
    """Give a directory that every account may use."""
    directory = Path(tempfile.mkdtemp(prefix="jobfleet-open-"))
    directory.chmod(0o777)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


async def test_files_are_read_and_written_with_the_rights_of_their_accounts(stage: Stage, open_place: Path) -> None:
    (open_place / "free").write_bytes(b"free")
    (open_place / "secret").write_bytes(b"secret")
    (open_place / "secret").chmod(0o600)
    source = host_source(open_place / "free", open_place / "secret") | {"account": {"alias": "other"}}
    job = await send(stage, open_place / "target", source, account_alias="other")
    await stage.wait_end(job)
    if os.geteuid() != 0:  # then agents become nobody else
        assert host_statuses(await stage.status(job)) == [399]
        return
    assert host_statuses(await stage.status(job)) == [320]
    assert [path.name for path in (open_place / "target").iterdir()] == ["free"]
    assert (open_place / "target/free").stat().st_uid == pwd.getpwnam("nobody").pw_uid
    job = await send(stage, "/root/jobfleet-test", host_source(open_place / "free"), account_alias="other")
    await stage.wait(job, 320, job_status=4)
    assert "ermission denied" in (await log_of(stage, job, B))["file_logs"][0]["log_content"]


async def test_what_others_laid_ready_is_not_taken_for_the_rest_of_a_transfer(stage: Stage, open_place: Path) -> None:
    source, target = open_place / "source", open_place / "target"
    source.mkdir()
    target.mkdir()
    contents = {name: name.encode() * 10 for name in ("linked", "open", "foreign")}
    planted = [plant(target, name, content) for name, content in contents.items()]
    for name, content in contents.items():
        (source / name).write_bytes(content)
    job = await send(stage, target, host_source(f"{source}/*"))
    await stage.wait(job, 9, job_status=3)
    there = {path.name: path for path in target.iterdir()}
    assert {name: path.read_bytes() for name, path in there.items() if name != "other name"} == contents
    for name, file in zip(contents, planted, strict=True):
        with file:
            assert not os.path.samestat(os.fstat(file.fileno()), there[name].stat()), name
    assert {there[name].stat().st_uid for name in contents} == {os.geteuid()}


def plant(target: Path, name: str, content: bytes) -> BinaryIO:
    """Lay a file ready where a transfer of a content looks for what an earlier one left, and keep it open."""
    mark = hashlib.sha256(f"{hashlib.sha256(content).hexdigest()} {name}".encode()).hexdigest()[:24]
    file = target / f".jobfleet-{mark}"
    file.write_bytes(content[:20])
    file.chmod(0o666 if name == "open" else 0o600)
    if name == "linked":
        (target / "other name").hardlink_to(file)
    if name == "foreign" and os.geteuid() == 0:
        os.chown(file, 65534, 65534)
    elif name == "foreign":
        file.unlink()
        file.symlink_to(target / "other name")
    return file.open("rb")


async def test_a_time_limit_ends_a_transfer(stage: Stage, tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(b"0" * 8 * 2**20)
    job = await send(stage, tmp_path / "target", host_source(big), download_speed_limit=1, timeout=1)
    await stage.wait(job, 303, job_status=4)


async def test_files_in_the_request_are_written(stage: Stage, tmp_path: Path) -> None:
    content = base64.b64encode(b"key = value\n").decode()
    files = [{"file_name": "a.conf", "content": content}, {"file_name": "b.conf", "content": content}]
    wanted = {"account_alias": ACCOUNT, "file_target_path": str(tmp_path / "etc"), "file_list": files}
    answer = await stage.admin.v3("push_config_file", **BIZ, **wanted, target_server={"host_id_list": [A, B]})
    assert answer["data"]["job_instance_name"].startswith("API_PUSH_CONFIG_FILE_")
    job = Job(answer["data"]["job_instance_id"], answer["data"]["step_instance_id"], BIZ)
    await stage.wait(job, 9, 9, job_status=3)
    assert (tmp_path / "etc/b.conf").read_bytes() == b"key = value\n"
    [first, _] = (await log_of(stage, job, B))["file_logs"]
    assert (first["src_ip"], first["src_path"], first["dest_path"]) == (None, "a.conf", f"{tmp_path}/etc/a.conf")


async def test_who_may_only_look_sends_nothing(stage: Stage) -> None:
    viewer = stage.admin.as_user("vera")
    wanted = {"account_alias": ACCOUNT, "file_target_path": "/tmp/never", "target_server": {"host_id_list": [B]}}
    files = [{"file_name": "a", "content": base64.b64encode(b"never").decode()}]
    sent = await viewer.v3("fast_transfer_file", **BIZ, **wanted, file_source_list=[host_source("/etc/hostname")])
    pushed = await viewer.v3("push_config_file", **BIZ, **wanted, file_list=files)
    assert [answer["permission"]["actions"][0]["id"] for answer in (sent, pushed)] == ["quick_transfer_file"] * 2


@pytest.mark.parametrize("name", ["..", ".", "a/b", "x" * 256, " "])
async def test_an_upload_has_the_name_of_a_file(stage: Stage, name: str) -> None:
    answer = await stage.admin.v3("generate_local_file_upload_url", **BIZ, file_name_list=["good", name])
    assert (answer["code"], "file_name_list" in answer["message"]) == (1241010, True), answer


async def test_an_uploaded_file_is_sent_and_its_address_is_good_once(stage: Stage, tmp_path: Path) -> None:
    answer = await stage.admin.v3("generate_local_file_upload_url", **BIZ, file_name_list=["tool.bin"])
    address = answer["data"]["url_map"]["tool.bin"]
    stored = await stage.http.put(address["upload_url"], content=b"\x00\xff" * 1000)
    assert stored.status_code == 200, stored.text
    assert (await stage.http.put(address["upload_url"], content=b"again")).status_code == 404
    upload = {"file_list": [address["path"]], "file_type": 2}
    job = await send(stage, tmp_path / "target", upload)
    await stage.wait(job, 9, job_status=3)
    assert (tmp_path / "target/tool.bin").read_bytes() == b"\x00\xff" * 1000


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"file_target_path": "relative"}, 1241007),
        ({"account_alias": ""}, 1241004),
        ({"target_server": None}, 1241004),
        ({"target_server": {"host_id_list": []}}, 1241004),
        ({"file_source_list": []}, 1241004),
        ({"file_source_list": [{"file_type": 9, "file_list": ["/a"]}]}, 1241005),
        ({"file_source_list": [{"file_type": 3, "file_list": ["/a"]}]}, 1241004),
        ({"file_source_list": [{"file_type": 3, "file_list": ["/a"], "file_source_id": 99999}]}, 1260001),
        ({"file_source_list": [{"file_type": 3, "file_list": ["/a"], "file_source_code": "none"}]}, 1260012),
        ({"file_source_list": [{"file_list": []}]}, 1241004),
        ({"file_source_list": [{"file_list": ["a/b"]}]}, 1241005),
        ({"file_source_list": [{"file_list": ["/a"]}]}, 1241004),
        ({"file_source_list": [{"file_list": ["/a"], "account": {}}]}, 1241004),
        ({"file_source_list": [{"file_list": ["/a"], "account": {"alias": ACCOUNT}}]}, 1241004),
        ({"file_source_list": [{"file_list": ["gone"], "file_type": 2}]}, 1241005),
        ({"account_alias": "nobody"}, 1244003),
    ],
)
async def test_a_wrong_request_is_refused_and_starts_nothing(stage: Stage, change: Json, code: int) -> None:
    wanted = {
        "account_alias": ACCOUNT,
        "file_target_path": "/tmp/never",
        "file_source_list": [host_source("/etc/hostname")],
        "target_server": {"host_id_list": [B]},
    }
    async with stage.nothing_new():
        answer = await stage.admin.v3("fast_transfer_file", **(BIZ | wanted | change))
        assert answer["code"] == code, answer


async def _is_sending(stage: Stage, job: Job) -> bool:
    files = (await log_of(stage, job, A))["file_logs"]
    return [file["status"] for file in files] == [2]


async def _exists(path: Path) -> bool:
    return await asyncio.to_thread(path.exists)


async def test_files_roll_over_their_sources_and_each_batch_goes_to_all_targets(
    stage: Stage, source: Path, tmp_path: Path
) -> None:
    split = {"max_execute_object_num_in_batch": 1, "max_file_num_of_single_execute_object": 1}
    rolling = {"type": 2, "mode": 3, "file_source": split}
    paths, target = (source / "one.txt", source / "two.log"), tmp_path / "target"
    both = host_source(*paths, hosts=(A, B))
    job = await send(stage, f"{target}/[FILESRCIP]", both, hosts=(B, C), rolling_config=rolling)
    await stage.wait(job, 9, 9, 5, 5, 5, 5, 5, 5, job_status=7)
    assert {str(path.relative_to(target)) for path in target.rglob("*.*") if path.is_file()} == {"0_127.0.0.1/one.txt"}
    for done in (2, 3, 4):
        assert (await stage.admin.v3("operate_step_instance", **job.step, operation_code=13))["code"] == 0
        statuses = [9] * 2 * done + [5] * (8 - 2 * done)
        await stage.wait(job, *statuses, job_status=3 if done == 4 else 7)
    assert {str(path.relative_to(target)) for path in target.rglob("*.*") if path.is_file()} == {
        f"0_127.0.0.{number}/{name}" for number in (1, 2) for name in ("one.txt", "two.log")
    }
    answer = await stage.admin.gateway("get_step_instance_status", **job.step, batch=1)
    [group] = answer["data"]["step_result_group_list"]
    assert [host["bk_host_id"] for host in group["host_result_list"]] == [B, C]
    files = (await log_of(stage, job, C))["file_logs"]
    assert [(one["mode"], one["status"]) for one in files] == [(1, 4)] * 4 + [(0, 4)] * 4


async def test_a_batch_of_sources_that_failed_is_retried_alone(stage: Stage, source: Path, tmp_path: Path) -> None:
    rolling = {"type": 2, "mode": 1, "file_source": {"max_file_num_of_single_execute_object": 1}}
    paths = (source / "one.txt", source / "late", source / "two.log")
    job = await send(stage, tmp_path / "target", host_source(*paths), rolling_config=rolling)
    await stage.wait(job, 9, 320, 5, job_status=4)
    (tmp_path / "target/one.txt").unlink()
    (source / "late").write_bytes(b"at last")
    assert (await stage.admin.v3("operate_step_instance", **job.step, operation_code=2))["code"] == 0
    await stage.wait(job, 9, 9, 9, job_status=3)
    assert {path.name for path in (tmp_path / "target").iterdir()} == {"late", "two.log"}


async def test_only_files_of_hosts_roll_by_source(stage: Stage, source: Path, tmp_path: Path) -> None:
    wanted: Json = {"account_alias": ACCOUNT, "file_target_path": str(tmp_path), "target_server": {"host_id_list": [B]}}
    uploaded = {"file_list": ["somewhere"], "file_type": 2}
    for sources, rolling, code in (
        ([host_source(source / "one.txt"), uploaded], {"type": 2, "file_source": {}}, 1244035),
        ([host_source(source / "one.txt")], {"type": 2}, 1240003),
        ([host_source(source / "one.txt")], {"type": 2, "execution_mode": 2, "file_source": {}}, 1240003),
    ):
        more: Json = {"file_source_list": sources, "rolling_config": rolling}
        assert (await stage.admin.v3("fast_transfer_file", **BIZ, **wanted, **more))["code"] == code
