"""Runs as calls: what is copied is run as it stands, by curl and by Python, and starts what the run was."""

import asyncio
import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.cli import ENDS_WITHIN_S
from tests.acceptance.declared import ACCOUNT, BIZ, PASSWORD, A, B, C
from tests.acceptance.file_jobs import host_source, send
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import Json

SCRIPT = {"scope": "biz:2", "targets": [str(A), str(B)], "account": ACCOUNT, "start": False}
TRICKY = "#!/bin/bash\r\necho \"it's $HOME\" `id` \\n\r\nJOBFLEET\n'''\n# 你好 \u2028\n"
PLAN = f"""
[template]
name = "{{name}}"
[[variables]]
name = "version"
value = "1"
[[variables]]
name = "token"
type = "password"
value = "of the plan"
[[variables]]
name = "web"
type = "hosts"
hosts = ["127.0.0.1"]
[[steps]]
kind = "script"
name = "one"
account = "{ACCOUNT}"
targets = ["variable:web"]
script = "true"
[[steps]]
kind = "script"
name = "two"
account = "{ACCOUNT}"
targets = ["127.0.0.2"]
script = "echo $version"
"""


class Copier:
    """Somebody who copies runs as calls, and runs what they have copied."""

    def __init__(self, stage: Stage, headers: dict[str, str]) -> None:
        self.stage = stage
        self.headers = headers

    async def native(self, path: str, body: Json, status: int = 201) -> Json:
        answer = await self.stage.http.post(f"/api/v1{path}", json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    async def copied(self, job_id: int, form: str, headers: dict[str, str] | None = None) -> Json:
        """Return a run as a call."""
        asked = {"form": form, "origin": self.stage.installation.url}
        answer = await self.stage.http.get(f"/api/v1/jobs/{job_id}/call", params=asked, headers=headers or self.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def started_by(self, text: str, form: str) -> int:
        """Run a copied call; return the id of the job that it starts."""
        program = ["bash", "-s"] if form == "curl" else [sys.executable, "-"]
        pipe, token = asyncio.subprocess.PIPE, self.headers["Authorization"].removeprefix("Bearer ")
        environment = os.environ | {"JOBFLEET_TOKEN": token}
        run = await asyncio.create_subprocess_exec(*program, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)
        out, wrong = await asyncio.wait_for(run.communicate(text.encode()), ENDS_WITHIN_S)
        told = json.loads(out or b"null")
        assert run.returncode == 0, (wrong.decode(), text)
        if isinstance(told, int):
            return told
        assert told.get("job_id") or told.get("data"), told
        return int(told.get("job_id") or told["data"]["job_instance_id"])

    async def definition(self, job_id: int) -> list[Any]:
        """Return what the record keeps of a job, without ids and times of its own and without sealed texts."""
        database = self.stage.database
        head = await database.fetchrow("SELECT name, type, plan_id FROM job WHERE id = $1", job_id)
        steps = await database.fetch(
            "SELECT name, type, ignore_error, target_count, definition, rolling, batch_count FROM step"
            " WHERE job_id = $1 ORDER BY ordinal",
            job_id,
        )
        hosts = await database.fetch("SELECT host_id FROM target WHERE job_id = $1 ORDER BY step_id, ordinal", job_id)
        told: list[Any] = [tuple(head), [one["host_id"] for one in hosts]]
        for one in steps:
            kept = json.loads(one["definition"])
            sealed = {"params"} if kept.get("sensitive") else {"db_password"}
            told.append(dict(one) | {"definition": {name: kept[name] for name in sorted(kept.keys() - sealed)}})
        return told

    async def is_whole(self, job_id: int, *, secret: str = "", notes: int = 0) -> str:
        """See that both forms of the call start what a job is; return where they are sent to."""
        for form in ("curl", "python"):
            told = await self.copied(job_id, form)
            assert (told["problem"], len(told["notes"])) == ("", notes), told
            assert all(note in told["text"] for note in told["notes"])
            assert not secret or secret not in told["text"]
            new = await self.started_by(told["text"].replace("YOUR SECRET", secret), form)
            assert new > job_id
            assert await self.definition(new) == await self.definition(job_id)
        return str(told["path"])


@pytest.fixture
async def copier(stage: Stage) -> Copier:
    """Give the administrator, who copies."""
    return Copier(stage, await stage.bearer())


async def script(copier: Copier, **more: Any) -> int:
    return int((await copier.native("/jobs/script", SCRIPT | more))["job_id"])


async def test_scripts_are_called_as_they_were(copier: Copier) -> None:
    long = "# fills an argument of a command\n" * 10_000 + "true\n"
    for content in ("true", TRICKY, long):
        assert await copier.is_whole(await script(copier, script=content, timeout_s=77)) == "/api/v1/jobs/script"
    bytes_ = base64.b64encode("echo 你好\r\n".encode("gb18030")).decode()
    await copier.is_whole(await script(copier, script_base64=bytes_, language="bat", interpreter="C:\\x.exe"))
    rolling = {"expression": "1 100%", "on_failure": "go_on", "parallel": True, "wait_ms": 20, "random_ms": 40}
    await copier.is_whole(await script(copier, script="true", rolling=rolling, name="it's «rolling» $name"))
    secret = await script(copier, script="true", params="--key canary", sensitive_params=True)
    await copier.is_whole(secret, secret="--key canary", notes=1)


async def test_a_kept_script_is_named_while_it_is_what_ran(copier: Copier) -> None:
    kept = await copier.native(
        "/scripts", {"scope": "biz:2", "name": "called again", "script": "true", "language": "shell", "version": "1"}
    )
    version = int(kept["version"]["id"])
    operate = f"/scripts/{kept['script']['id']}/versions/{version}/operate"
    await copier.native(operate, {"operation": "publish"}, 200)
    job_id = await script(copier, script_version_id=version)
    assert f'"script_version_id": {version}' in (await copier.copied(job_id, "curl"))["text"]
    await copier.is_whole(job_id)
    await copier.native(operate, {"operation": "disable"}, 200)
    told = await copier.copied(job_id, "curl")
    assert (told["text"], told["problem"]) == ("", "not_kept")
    assert told["message"]


async def test_files_are_called_as_they_were(copier: Copier, tmp_path: Path) -> None:
    (tmp_path / "one").write_text("1")
    stage, uploaded = copier.stage, await _uploaded(copier)
    sources = [{"paths": [str(tmp_path / "one")], "hosts": [str(A)], "account": ACCOUNT}, {"paths": [uploaded]}]
    limits = {"upload_limit_kib_s": 100, "download_limit_kib_s": 7, "mode": "safe_by_date", "target_name": "x"}
    files = {
        "scope": "biz:2",
        "targets": [str(B)],
        "account": ACCOUNT,
        "target_path": str(tmp_path / "to"),
        "start": False,
    }
    sent = await copier.native("/jobs/file", files | limits | {"sources": sources})
    assert await copier.is_whole(sent["job_id"]) == "/api/v1/jobs/file"
    by_source = {"type": 2, "mode": 1, "file_source": {"max_execute_object_num_in_batch": 1}}
    rolls = await send(
        stage, tmp_path / "t", host_source(tmp_path / "one", hosts=(A, C)), rolling_config=by_source, start_task=False
    )
    assert await copier.is_whole(rolls.id) == "/api/v3/fast_transfer_file"


async def test_contents_are_called_by_those_who_may_send_them(copier: Copier, tmp_path: Path) -> None:
    stage, content = copier.stage, bytes(range(256))
    pushed = await _pushed(stage, tmp_path / "to", content)
    assert await copier.is_whole(pushed.id) == "/api/v3/push_config_file"
    assert (tmp_path / "to" / "all.bin").read_bytes() == content
    vera = {"Authorization": f"Bearer {await stage.sign_in('vera', PASSWORD)}"}
    answer = await stage.http.get(f"/api/v1/jobs/{pushed.id}/call", headers=vera)
    assert answer.status_code == 403
    assert (await stage.http.get(f"/api/v1/jobs/{pushed.id}/definition", headers=vera)).status_code == 200


async def test_sql_and_objects_of_sources_are_called_as_they_were(copier: Copier) -> None:
    sql = {"scope": "biz:2", "targets": [str(A)], "db_account": "database", "start": False, "timeout_s": 5}
    asked = await copier.native("/jobs/sql", sql | {"sql": "SELECT 'it''s';\r\n"})
    assert await copier.is_whole(asked["job_id"]) == "/api/v1/jobs/sql"
    wanted = BIZ | {"db_account_id": 51, "target_server": {"host_id_list": [A]}, "start_task": False, "timeout": 5}
    content = base64.b64encode("SELECT '你';".encode("gb18030")).decode()
    bytes_ = (await copier.stage.admin.gateway("fast_execute_sql", **wanted, script_content=content))["data"]
    assert await copier.is_whole(bytes_["job_instance_id"]) == "/api/v1/jobs/sql"
    objects = {"sources": [{"paths": ["a/b.tgz"], "file_source": await _file_source(copier)}], "target_path": "/tmp/o/"}
    files = {"scope": "biz:2", "targets": [str(A)], "account": ACCOUNT, "start": False} | objects
    taken = await copier.native("/jobs/file", files)
    assert await copier.is_whole(taken["job_id"]) == "/api/v1/jobs/file"


async def test_plans_and_test_runs_are_called_with_what_they_were_given(copier: Copier) -> None:
    plan = await copier.native("/plans/apply", {"scope": "biz:2", "toml": PLAN.format(name="called again")}, 200)
    given = {
        "scope": "biz:2",
        "start": False,
        "values": {"version": "2 'x'", "token": "canary"},
        "hosts": {"web": ["3"]},
    }
    run = f"/plans/{plan['plan_id']}/run"
    job_id = (await copier.native(run, given))["job_id"]
    assert await copier.is_whole(job_id, secret="canary", notes=1) == f"/api/v1{run}"
    test = f"/templates/{plan['template_id']}/debug"
    tried = (await copier.native(test, given))["job_id"]
    assert await copier.is_whole(tried, secret="canary", notes=1) == f"/api/v1{test}"
    await copier.native(f"/plans/{plan['plan_id']}/delete", {"scope": "biz:2"}, 200)
    told = await copier.copied(job_id, "python")
    assert (told["text"], told["problem"]) == ("", "plan_gone")


async def _uploaded(copier: Copier) -> str:
    made = (await copier.native("/uploads", {"scope": "biz:2", "names": ["up.txt"]}))["uploads"][0]
    (await copier.stage.http.put(made["address"], content=b"up")).raise_for_status()
    return str(made["path"])


async def _pushed(stage: Stage, target: Path, content: bytes) -> Job:
    wanted = {"account_alias": ACCOUNT, "file_target_path": str(target), "target_server": {"host_id_list": [B]}}
    file = {"file_name": "all.bin", "content": base64.b64encode(content).decode()}
    data = (await stage.admin.v3("push_config_file", **BIZ, **wanted, file_list=[file]))["data"]
    job = Job(data["job_instance_id"], data["step_instance_id"], BIZ)
    await stage.wait(job, 9, job_status=3)
    return job


async def _file_source(copier: Copier) -> str:
    secrets = {"access_key": "a", "secret_key": "b"}
    credential = await copier.native(
        "/credentials",
        {"scope": "biz:2", "name": "called again", "type": "access_key", "secrets": secrets},
    )
    source = {"scope": "biz:2", "code": "called_again", "name": "Called again", "endpoint": "http://127.0.0.1:9"}
    await copier.native("/file-sources", source | {"credential_id": credential["id"]})
    return "called_again"
