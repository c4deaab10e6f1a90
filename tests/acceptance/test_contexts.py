"""What version 4 gathers of a task that failed: everything that helps, and no secret."""

from pathlib import Path

from tests.acceptance.declared import ACCOUNT, BIZ, A, B
from tests.acceptance.gates import encoded
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import Json

TOKEN = "s3cret-t0ken"


def of(job: Job, host: int, **more: object) -> Json:
    named = {"execute_count": 0, "execute_object_type": 1, "execute_object_resource_id": host}
    return job.step | named | more


async def items(stage: Stage, name: str, asked: Json) -> dict[str, str]:
    found = (await stage.admin.v4(name, **asked))["field_list"]
    assert all(set(one) == {"name", "value", "description"} and one["description"] for one in found)
    return {one["name"]: one["value"] for one in found}


async def test_a_failed_script_is_told_with_its_text_and_log_and_without_its_secrets(stage: Stage) -> None:
    script = f'echo "using $2"; echo {TOKEN} >&2; exit 3'
    job = await stage.run(encoded(script), A, script_param=encoded(f"--token {TOKEN}"), is_param_sensitive=1)
    await stage.wait_end(job)
    told = await items(stage, "get_script_task_context", of(job, A))
    assert (told["exit_code"], told["status"], told["host"], told["script_language"]) == (
        "3",
        "104",
        "0:127.0.0.1",
        "shell",
    )
    assert (told["account"], told["timeout"], told["job_instance_id"]) == (ACCOUNT, "60", str(job.id))
    assert told["script_param"] == "******"
    assert told["script_content"] == 'echo "using $2"; echo ****** >&2; exit 3'
    assert told["log"].splitlines() == ["using ******", "******"]
    assert TOKEN not in str(told)
    picked = await items(stage, "get_script_task_context", of(job, A, content=f"line of {TOKEN}"))
    assert picked["log"] == "line of ******"


async def test_contexts_that_do_not_exist_are_refused_by_name(stage: Stage) -> None:
    job = await stage.run(encoded("false"), A)
    await stage.wait_end(job)
    for change, code in (
        ({"execute_count": 1}, "1241005"),
        ({"execute_object_resource_id": B}, "1241005"),
        ({"execute_object_type": 3}, "1240003"),
        ({"step_instance_id": job.step_id + 10_000}, "1244007"),
        ({"bk_scope_id": "3"}, "1244007"),
        ({"bk_scope_id": "777777"}, "1243049"),
    ):
        _, _, told = await stage.admin.v4_refused("get_script_task_context", **(of(job, A) | change))
        assert told == code, change
    assert (await stage.admin.v4_refused("get_file_task_context", **of(job, A, mode=1)))[2] == "1241003"
    sam = stage.admin.as_user("sam")
    assert (await sam.v4_refused("get_script_task_context", **of(job, A)))[:2] == (403, "NO_PERMISSION")


async def test_files_that_did_not_arrive_are_told_on_both_sides(stage: Stage, tmp_path: Path) -> None:
    source = {"file_list": [str(tmp_path / "missing")], "account": {"alias": ACCOUNT}, "server": {"host_id_list": [A]}}
    wanted = {
        "account_alias": ACCOUNT,
        "file_target_path": str(tmp_path / "there"),
        "file_source_list": [source],
        "target_server": {"host_id_list": [B]},
        "timeout": 60,
    }
    data = (await stage.admin.v3("fast_transfer_file", **(BIZ | wanted)))["data"]
    job = Job(data["job_instance_id"], data["step_instance_id"], BIZ)
    await stage.wait_end(job)
    sent = await items(stage, "get_file_task_context", of(job, A, mode=0))
    assert (sent["direction"], sent["file_count"], sent["host_id"]) == ("upload", "1", str(A))
    assert sent["files"].startswith(f"failed 127.0.0.1:{tmp_path}/missing")
    got = await items(stage, "get_file_task_context", of(job, B, mode=1))
    assert (got["direction"], got["target_path"], got["file_count"]) == ("download", f"{tmp_path}/there", "1")
    assert "failed" in got["files"]
    assert (await stage.admin.v4_refused("get_file_task_context", **of(job, 3, mode=1)))[2] == "1241005"
