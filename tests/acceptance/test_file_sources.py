"""Files from an object store to hosts, over the surfaces; the store is a real process that checks signatures."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.acceptance.cli import Cli
from tests.acceptance.declared import BIZ, OTHER, B, C
from tests.acceptance.file_jobs import log_of, send
from tests.acceptance.file_sources import objects, source_of
from tests.acceptance.stage import Stage
from tests.acceptance.surfaces import Json
from tests.object_store import REGION, Line, ObjectStore, object_store


@pytest.fixture(scope="module")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ObjectStore]:
    """Give an object store with a few objects."""
    async with object_store(tmp_path_factory.mktemp("store") / "log") as running:
        for key, data in OBJECTS.items():
            await running.put(key, data)
        yield running


OBJECTS = {
    "app/one.txt": b"one\n",
    "app/two.log": b"two\n",
    "app/three.log": b"three\n",
    "app/below/deep.txt": b"deep\n",
    "app/empty": b"",
    "big": os.urandom(4 * 2**20),
}


@pytest.fixture(scope="module")
async def code(stage: Stage, store: ObjectStore) -> str:
    """Give the code of a file source that leads to the store."""
    return await source_of(stage, store, "artifacts")


def placed(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


async def test_objects_go_to_hosts_by_name_pattern_and_directory(stage: Stage, code: str, tmp_path: Path) -> None:
    target = tmp_path / "target"
    paths = ("artifacts/big", "artifacts/app/*.log", "artifacts/app/REGEX:on.*", "artifacts/app/")
    job = await send(stage, target, objects(code, *paths), hosts=(B, C))
    await stage.wait(job, 9, 9, job_status=3)
    assert placed(target) == {
        "big": OBJECTS["big"],
        "two.log": b"two\n",
        "three.log": b"three\n",
        "one.txt": b"one\n",
    } | {key: data for key, data in OBJECTS.items() if key.startswith("app/")}
    files = (await log_of(stage, job, C))["file_logs"]
    received, pulled = files[:5], files[5:]
    assert [(one["mode"], one["status"]) for one in received] == [(1, 4)] * 5
    assert [(one["mode"], one["status"], one["src_ip"]) for one in pulled] == [(0, 4, None)] * 5
    assert received[0]["src_path"] == pulled[0]["src_path"] == "the artifacts/artifacts/big"
    assert "Status: finished" in pulled[0]["log_content"]
    assert pulled[0]["size"] == "4.0 MB"


async def test_what_cannot_be_had_fails_the_step_before_any_host_gets_something(
    stage: Stage, code: str, tmp_path: Path
) -> None:
    paths = ("artifacts/none", "others/secret", "artifacts/app/*.zip", "nowhere", "artifacts/app/one.txt")
    job = await send(stage, tmp_path / "target", objects(code, *paths), hosts=(B, C))
    await stage.wait(job, 5, 5, job_status=4)
    assert not (tmp_path / "target").exists()
    files = (await log_of(stage, job, B))["file_logs"]
    assert {one["status"] for one in files if one["mode"] == 1} == {5}
    told = {one["src_path"]: (one["status"], one["log_content"]) for one in files if one["mode"] == 0}
    assert told["the artifacts/artifacts/app/one.txt"][0] == 4
    reasons = {
        "artifacts/none": "no such object",
        "others/secret": "access denied",
        "artifacts/app/*.zip": "nothing fits",
    }
    for path, reason in (reasons | {"nowhere": "not of the form bucket/path"}).items():
        status, text = told[f"the artifacts/{path}"]
        assert (status, reason in text) == (5, True), text


async def test_a_retry_fetches_what_is_there_by_then(
    stage: Stage, store: ObjectStore, code: str, tmp_path: Path
) -> None:
    job = await send(stage, tmp_path / "target", objects(code, "artifacts/late"))
    await stage.wait(job, 5, job_status=4)
    await store.put("late", b"at last")
    assert (await stage.admin.v3("operate_step_instance", **job.step, operation_code=2))["code"] == 0
    data = await stage.wait(job, 9, job_status=3)
    assert placed(tmp_path / "target") == {"late": b"at last"}
    told = (await stage.admin.gateway("get_step_instance_status", **job.step))["data"]
    [host] = told["step_result_group_list"][0]["host_result_list"]
    [row] = data["step_instance_list"][0]["step_ip_result_list"]
    assert host["start_time"] < row["start_time"]
    assert host["total_time"] == host["end_time"] - host["start_time"]


async def test_a_wrong_key_is_told_as_such(stage: Stage, store: ObjectStore, tmp_path: Path) -> None:
    wrong = await source_of(stage, store, "wrong", credential={"credential_secret_key": "w" * 40})
    job = await send(stage, tmp_path / "target", objects(wrong, "artifacts/big"))
    await stage.wait(job, 5, job_status=4)
    text = (await log_of(stage, job, B))["file_logs"][-1]["log_content"]
    assert "access denied" in text


async def test_a_fetch_that_is_cut_goes_on_where_it_was_and_an_unchanged_object_is_not_fetched_again(
    stage: Stage, store: ObjectStore, tmp_path: Path
) -> None:
    line = Line(store.endpoint)
    async with line.open() as endpoint:
        cut = await source_of(stage, store, "cut", endpoint=endpoint)
        line.rations = [10_000, 2 * 2**20, 100_000]
        job = await send(stage, tmp_path / "first", objects(cut, "artifacts/big"))
        await stage.wait(job, 9, job_status=3)
        assert (tmp_path / "first/big").read_bytes() == OBJECTS["big"]
        assert line.rations == []
        assert len(OBJECTS["big"]) < line.answered_bytes < 1.3 * len(OBJECTS["big"])
        line.answered_bytes = 0
        again = await send(stage, tmp_path / "second", objects(cut, "artifacts/big"), hosts=(C,))
        await stage.wait(again, 9, job_status=3)
        assert (tmp_path / "second/big").read_bytes() == OBJECTS["big"]
        assert line.answered_bytes < 10_000


async def test_stopping_ends_the_fetch(stage: Stage, store: ObjectStore, tmp_path: Path) -> None:
    line = Line(store.endpoint)
    line.pause_s = 0.5
    async with line.open() as endpoint:
        slow = await source_of(stage, store, "slow", endpoint=endpoint)
        job = await send(stage, tmp_path / "target", objects(slow, "artifacts/big"))
        await stage.poll(lambda: _moves(line))
        assert (await stage.admin.v3("operate_job_instance", **job.named, operation_code=1))["code"] == 0
        await stage.wait(job, 5, job_status=11)
        await stage.poll(lambda: _is_broken_off(line))
        assert line.answered_bytes < len(OBJECTS["big"])
    assert (await log_of(stage, job, B))["file_logs"][-1]["status"] == 5


async def _moves(line: Line) -> bool:
    return line.answered_bytes > 100_000


async def _is_broken_off(line: Line) -> bool:
    return line.broken_off > 0


async def test_a_redirect_to_where_nobody_may_go_is_refused(stage: Stage, store: ObjectStore, tmp_path: Path) -> None:
    line = Line(store.endpoint)

    async def lead_astray(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    line.answer = lead_astray
    async with line.open() as endpoint:
        astray = await source_of(stage, store, "astray", endpoint=endpoint)
        job = await send(stage, tmp_path / "target", objects(astray, "artifacts/"))
        await stage.wait(job, 5, job_status=4)
    assert (
        "the address is refused: the store leads to another address"
        in (await log_of(stage, job, B))["file_logs"][0]["log_content"]
    )


@pytest.mark.parametrize(
    ("members", "refusal"),
    [
        ({"code": "artifacts"}, 1260015),
        ({"alias": "the artifacts"}, 1260004),
        ({"type": "FTP"}, 1241005),
        ({"type": "BLUEKING_ARTIFACTORY"}, 1241011),
        ({"access_params": {"base_url": "http://169.254.169.254"}}, 1260020),
        ({"access_params": {"base_url": "ftp://somewhere"}}, 1241010),
        ({"credential_id": "none"}, 1243048),
        ({"credential_id": ""}, 1241010),
        ({"code": "9"}, 1241005),
    ],
)
async def test_a_source_that_is_not_right_is_refused(stage: Stage, code: str, members: Json, refusal: int) -> None:
    kept = (await stage.admin.gateway("get_file_source_detail", **BIZ, code=code))["data"]
    wanted = {
        "code": "another",
        "alias": "another",
        "type": "S3",
        "access_params": {"base_url": "http://127.0.0.1:9"},
        "credential_id": kept["credential_id"],
    }
    answer = await stage.admin.v3("create_file_source", **(BIZ | wanted | members))
    assert answer["code"] == refusal, answer


async def test_sources_are_for_their_scope_and_those_that_they_are_shared_with(stage: Stage, code: str) -> None:
    wanted = {"account_alias": "root", "file_target_path": "/tmp/never", "target_server": {"host_id_list": [12]}}
    sent = await stage.admin.v3("fast_transfer_file", **OTHER, **wanted, file_source_list=[objects(code, "a/b")])
    assert sent["code"] in {1260012, 1244003}
    assert (await stage.admin.gateway("get_file_source_detail", **OTHER, code=code))["code"] == 1260012
    shared = {"scope": "biz:2", "shared_with": ["biz:3"]}
    headers = await stage.bearer()
    changed = await stage.http.post(f"/api/v1/file-sources/{code}", json=shared, headers=headers)
    assert changed.status_code == 200, changed.text
    assert (await stage.admin.gateway("get_file_source_detail", **OTHER, code=code))["data"]["code"] == code
    refused = await stage.admin.v3("update_file_source", **OTHER, code=code, alias="mine now")
    assert refused["code"] == 1260017
    listed = await stage.http.get("/api/v1/file-sources", params={"scope": "biz:3"}, headers=headers)
    assert [one["code"] for one in listed.json()["file_sources"]] == [code]


async def test_an_operator_changes_neither_sources_nor_credentials(stage: Stage, code: str) -> None:
    operator = stage.admin.as_user("oleg")
    made = await operator.v3("create_credential", **BIZ, name="n", type="PASSWORD", credential_password="p")
    changed = await operator.v3("update_file_source", **BIZ, code=code, alias="other")
    looked = await operator.gateway("get_credential_detail", **BIZ, id="x")
    actions = [answer["permission"]["actions"][0]["id"] for answer in (made, changed, looked)]
    assert actions == ["create_ticket", "manage_file_source", "use_ticket"]
    assert (await operator.gateway("get_file_source_detail", **BIZ, code=code))["data"]["enable"] is True


async def test_a_credential_keeps_its_secrets_to_itself(stage: Stage) -> None:
    canary = "canary-of-credentials-7f3a"
    made = await stage.admin.v3(
        "create_credential",
        **BIZ,
        name="quiet",
        type="USERNAME_PASSWORD",
        credential_username="u",
        credential_password=canary,
    )
    named = BIZ | {"id": made["data"]["id"]}
    again = await stage.admin.v3("create_credential", **BIZ, name="quiet", type="PASSWORD", credential_password="x")
    assert again["code"] == 1243060
    kept = await stage.admin.v3("update_credential", **named, description="new", credential_password="******")
    assert kept["code"] == 0
    detail = (await stage.admin.gateway("get_credential_detail", **named))["data"]
    assert (detail["type"], detail["description"], detail["creator"]) == ("USERNAME_PASSWORD", "new", "admin")
    other_kind = await stage.admin.v3("update_credential", **named, type="SECRET_KEY")
    assert other_kind["code"] == 1241010
    assert (await stage.admin.v3("update_credential", **OTHER, id=named["id"], name="x"))["code"] == 1243048
    headers = await stage.bearer()
    listed = await stage.http.get("/api/v1/credentials", params={"scope": "biz:2"}, headers=headers)
    assert "quiet" in listed.text
    rows = await stage.database.fetch(
        "SELECT row(c.*)::text FROM credential c UNION ALL SELECT row(a.*)::text FROM audit a"
    )
    seen = listed.text + str(made) + str(detail) + str(rows) + stage.logged()
    assert canary not in seen
    assert canary.encode().hex() not in seen
    gone = await stage.http.post(f"/api/v1/credentials/{named['id']}/delete", json={"scope": "biz:2"}, headers=headers)
    assert gone.status_code == 200
    assert (await stage.admin.gateway("get_credential_detail", **named))["code"] == 1243048


async def test_a_credential_that_a_source_uses_is_not_deleted(stage: Stage, code: str) -> None:
    used = (await stage.admin.gateway("get_file_source_detail", **BIZ, code=code))["data"]["credential_id"]
    headers = await stage.bearer()
    refused = await stage.http.post(f"/api/v1/credentials/{used}/delete", json={"scope": "biz:2"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (400, 1243055)


async def test_a_credential_that_a_source_uses_keeps_its_type_and_may_get_new_secrets(stage: Stage, code: str) -> None:
    used = (await stage.admin.gateway("get_file_source_detail", **BIZ, code=code))["data"]["credential_id"]
    other = {"type": "PASSWORD", "credential_password": "x"}
    refused = await stage.admin.v3("update_credential", **BIZ, id=used, **other)
    assert (refused["code"], code in refused["message"], "type" in refused["message"]) == (1241010, True, True), refused
    kept = (await stage.admin.gateway("get_credential_detail", **BIZ, id=used))["data"]
    assert kept["type"] == "APP_ID_SECRET_KEY"
    assert (await stage.admin.v3("update_credential", **BIZ, id=used, credential_secret_key="******"))["code"] == 0


async def test_the_command_line_keeps_credentials_and_sources(stage: Stage, store: ObjectStore, tmp_path: Path) -> None:
    cli = Cli(tmp_path, "--data-dir", str(stage.installation.directory))
    secrets = f"{store.access_key}\n{store.secret_key}\n"
    made = await cli("credential", "create", "from the command line", "--secrets-stdin", stdin=secrets)
    assert (made.code, len(made.out.strip())) == (0, 32), made
    named = made.out.strip()
    assert (await cli("credential", "create", "no secret", "--secrets-stdin", stdin="\n")).code == 2
    changed = await cli("credential", "update", named, "--secrets-stdin", "--description", "kept", stdin=secrets)
    assert changed.code == 0, changed
    where = ("--endpoint", store.endpoint, "--credential", named, "--bucket", "artifacts")
    source = await cli("file-source", "create", "shell", *where, "-o", "json")
    assert (source.json["code"], source.json["bucket"], source.json["region"]) == ("shell", "artifacts", REGION), source
    job = await send(stage, tmp_path / "target", objects("shell", "artifacts/app/one.txt"))
    await stage.wait(job, 9, job_status=3)
    assert (await cli("credential", "delete", named)).code == 6
    assert (await cli("file-source", "update", "shell", "--off", "--name", "switched off")).code == 0
    listed = (await cli("file-source", "list")).out
    assert re.search(r"shell +switched off .* off$", listed, re.MULTILINE)
    assert (await cli("file-source", "delete", "shell")).code == 0
    assert (await cli("credential", "delete", named)).code == 0
    assert "from the command line" not in (await cli("credential", "list")).out
