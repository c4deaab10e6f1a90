"""The way from a template over a plan to a job's log, as callers of every published surface go it."""

import base64

import pytest
from tests.acceptance.declared import ACCOUNT, BIZ, OTHER, A, B
from tests.acceptance.plans import apply
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import Json

SHELL, SQL = 1, 6
TEXT = """
[template]
name = "{name}"
description = "all kinds"
[plan]
name = "{name} all"
[[variables]]
name = "web"
type = "hosts"
hosts = ["127.0.0.1"]
required = true
[[variables]]
name = "greeting"
value = "hello"
[[variables]]
name = "token"
type = "password"
value = "canary-8841"
[[steps]]
kind = "script"
name = "greet"
targets = ["variable:web"]
script = "echo $greeting $1"
params = "there"
timeout_s = 61
ignore_error = true
[[steps]]
kind = "script"
name = "secret"
targets = ["{b}"]
script = "true"
sensitive_params = "canary-8842"
[[steps]]
kind = "file"
name = "copy"
targets = ["group:100"]
target_path = "/tmp/"
upload_limit_kib_s = 2048
[[steps.sources]]
hosts = ["127.0.0.1"]
files = ["/etc/hostname"]
[[steps.sources]]
name = "a.txt"
content = "hello"
[[steps]]
kind = "sql"
name = "ask"
targets = ["127.0.0.1"]
db_account = "database"
sql = "SELECT 1"
[[steps]]
kind = "approval"
name = "wait"
message = "go on?"
users = ["oleg"]
"""


async def made(stage: Stage, name: str) -> Json:
    """Return a plan of every kind of step, as the native API shows it."""
    return await apply(stage, TEXT.format(name=name, b=B))


def clear(packed: str) -> str:
    return base64.b64decode(packed).decode()


async def test_template_plan_run_poll_and_log_on_every_surface(stage: Stage) -> None:
    plan = await made(stage, "published way")
    found = await stage.admin.gateway("get_job_template_list", **BIZ, name="published way")
    [template] = found["data"]["data"]
    detail = await stage.admin.v4("get_job_template_detail", **BIZ, id=template["id"])
    first = detail["step_list"][0]
    values = [
        {"name": "web", "execute_target": {"host_list": [{"bk_host_id": B}]}},
        {"name": "greeting", "value": "good morning"},
        {"name": "token", "follow_template": True},
    ]
    wanted = {"job_template_id": template["id"], "name": "mine", "enable_steps": [first["id"]], "variables": values}
    created = await stage.admin.v4("create_job_plan", **BIZ, **wanted)
    assert (created["job_plan_name"], created["need_update"]) == ("mine", False)
    listed = (await stage.admin.v3("get_job_plan_list", **BIZ, job_template_id=template["id"]))["data"]
    assert [one["id"] for one in listed["data"]] == [created["job_plan_id"], plan["id"]]
    for start in (stage.admin.v3, stage.admin.gateway):
        answer = await start("execute_job_plan", **BIZ, job_plan_id=created["job_plan_id"])
        job = Job(answer["data"]["job_instance_id"], 0, BIZ)
        [step] = (await stage.wait_end(job))["step_instance_list"]
        assert (step["name"], step["status"]) == ("greet", 3)
        ids = job.named | {"step_instance_id": step["step_instance_id"]}
        logs = await stage.admin.v3("batch_get_job_instance_ip_log", **ids, host_id_list=[B])
        assert logs["data"]["script_task_logs"][0]["log_content"] == "good morning there\n"
        shown = await stage.admin.v4("get_job_instance_status", **job.named)
        assert (shown["finished"], shown["job_instance"]["status"]) == (True, 3)
        objects = await stage.admin.v4("batch_get_job_instance_execute_object_log", **ids, host_id_list=[B])
        [log] = objects["script_step_execute_object_logs"]
        assert log["log_content"] == "good morning there\n"


async def test_version_4_shows_everything_of_a_template_but_its_secrets(stage: Stage) -> None:
    plan = await made(stage, "published template")
    detail = await stage.admin.v4("get_job_template_detail", **BIZ, id=plan["template_id"])
    assert "canary" not in str(detail)
    assert (detail["name"], detail["description"], detail["creator"]) == ("published template", "all kinds", "admin")
    greet, secret, copy, ask, wait = detail["step_list"]
    assert [step["type"] for step in detail["step_list"]] == [1, 1, 2, 1, 3]
    script = greet["script_info"]
    assert (clear(script["script_content"]), clear(script["script_param"])) == ("echo $greeting $1", "there")
    assert (script["script_type"], script["script_language"], script["script_timeout"]) == (1, SHELL, 61)
    assert (script["is_ignore_error"], script["account"]["alias"]) == (1, ACCOUNT)
    assert script["execute_target"]["variable"] == "web"
    assert (secret["script_info"]["script_param"], secret["script_info"]["is_param_sensitive"]) == ("******", 1)
    files = copy["file_info"]
    assert [one["file_type"] for one in files["file_source_list"]] == [1, 4]
    assert files["file_source_list"][0]["execute_target"]["host_list"] == [
        {"bk_host_id": A, "bk_cloud_id": 0, "ip": "127.0.0.1"}
    ]
    assert (files["source_speed_limit"], files["destination_speed_limit"]) == (2, None)
    assert files["file_destination"]["execute_target"]["dynamic_group_list"] == [{"id": "100"}]
    assert (ask["script_info"]["script_language"], ask["script_info"]["account"]["id"]) == (SQL, 51)
    assert wait["approval_info"]["approval_user"] == {"user_list": ["oleg"], "role_list": []}
    web, greeting, token = detail["global_var_list"]
    assert (web["type"], web["required"], web["value"]) == (3, 1, None)
    assert web["execute_target"]["host_list"][0]["bk_host_id"] == A
    assert (greeting["value"], token["value"]) == ("hello", "******")


async def test_version_3_shows_the_steps_that_run_and_what_they_use(stage: Stage) -> None:
    plan = await made(stage, "published plan")
    kept = [step["template_step_id"] for step in plan["steps"] if step["name"] != "secret"]
    change = {"scope": "biz:2", "steps": kept}
    path = f"/api/v1/plans/{plan['id']}/update"
    (await stage.http.post(path, json=change, headers=await stage.bearer())).raise_for_status()
    shown = (await stage.admin.v3_get("get_job_plan_detail", **BIZ, job_plan_id=plan["id"]))["data"]
    assert shown == (await stage.admin.gateway("get_job_plan_detail", **BIZ, job_plan_id=plan["id"]))["data"]
    assert (shown["id"], shown["job_plan_id"], shown["job_template_id"]) == (
        plan["id"],
        plan["id"],
        plan["template_id"],
    )
    assert [step["name"] for step in shown["step_list"]] == ["greet", "copy", "ask", "wait"]
    assert clear(shown["step_list"][0]["script_info"]["script_content"]) == "echo $greeting $1"
    assert [(one["name"], one["used"]) for one in shown["global_var_list"]] == [
        ("web", True),
        ("greeting", True),
        ("token", False),
    ]
    assert shown["need_update"] is False
    assert abs(shown["create_time"] - plan["created_at"]) == 0


async def test_version_2_lists_and_shows_plans_as_jobs(stage: Stage) -> None:
    plan = await made(stage, "published job")
    [line] = (await stage.admin.v2_get("get_job_list", bk_biz_id=2, name="published job"))["data"]
    assert (line["bk_job_id"], line["step_num"], line["create_time"][-6:]) == (plan["id"], 5, " +0800")
    later = await stage.admin.v2("get_job_list", bk_biz_id=2, name="published job", create_time_start="2100-01-01")
    assert later["data"] == []
    shown = (await stage.admin.v2("get_job_detail", bk_biz_id=2, bk_job_id=plan["id"]))["data"]
    greet, secret, copy, ask, wait = shown["steps"]
    assert (greet["script_content"], greet["script_param"], greet["account"]) == ("echo $greeting $1", "there", ACCOUNT)
    assert (secret["script_param"], secret["target_server"]["ip_list"]) == (
        "******",
        [{"bk_cloud_id": 0, "ip": "127.0.0.2"}],
    )
    assert (copy["file_target_path"], copy["custom_query_id"]) == ("/tmp/", ["100"])
    assert (ask["db_account_id"], ask["script_type"], wait["confirm_message"]) == (51, SQL, "go on?")
    assert shown["global_vars"][0]["step_ids"] == [greet["step_id"]]
    assert "canary" not in str(shown)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"name": "a<b"}, (400, "INVALID_ARGUMENT", "1240003")),
        ({"name": "x" * 61}, (400, "INVALID_ARGUMENT", "1240003")),
        ({"enable_steps": []}, (400, "INVALID_ARGUMENT", "1240003")),
        ({"enable_steps": [1]}, (400, "INVALID_ARGUMENT", "1240003")),
        ({"variables": [{"name": "nothing", "value": "1"}]}, (400, "INVALID_ARGUMENT", "1240003")),
        ({"variables": [{"name": "web", "value": "1"}]}, (400, "INVALID_ARGUMENT", "1240003")),
        ({"variables": [{"name": "x"}, {"name": "x"}]}, (400, "INVALID_ARGUMENT", "1240003")),
        ({"job_template_id": 999_999}, (404, "NOT_FOUND", "1243026")),
        ({"name": "published refusals all"}, (409, "ALREADY_EXISTS", "1243042")),
        (OTHER, (404, "NOT_FOUND", "1243026")),
    ],
    ids=str,
)
async def test_version_4_refuses_plans_that_cannot_be_made(
    stage: Stage, wanted: Json, told: tuple[int, str, str]
) -> None:
    plan = await made(stage, "published refusals")
    asked = BIZ | {"job_template_id": plan["template_id"], "name": "mine"} | wanted
    assert await stage.admin.v4_refused("create_job_plan", **asked) == told


async def test_plans_are_found_by_people_and_by_times_in_seconds_or_milliseconds(stage: Stage) -> None:
    plan = await made(stage, "published filters")
    at = plan["created_at"]
    sought: list[tuple[Json, int]] = [
        ({"creator": "admin", "last_modify_user": "admin"}, 1),
        ({"creator": "vera"}, 0),
        ({"create_time_start": at - 60_000, "create_time_end": at + 60_000}, 1),
        ({"create_time_end": at - 60_000}, 0),
        ({"create_time_start": at // 1000 - 60, "create_time_end": at // 1000 + 60}, 1),
        ({"create_time_end": at // 1000 - 60}, 0),
        ({"last_modify_time_start": at + 60_000}, 0),
        ({"start": 1}, 1),
    ]
    for wanted, count in sought:
        for name in ("get_job_plan_list", "get_job_template_list"):
            page = (await stage.admin.v3(name, **BIZ, name="published filters", **wanted))["data"]
            assert page["total"] == count, (name, wanted)
            assert len(page["data"]) == (0 if "start" in wanted else count)
    answer = await stage.admin.v3("get_job_plan_detail", **OTHER, job_plan_id=plan["id"])
    assert answer["code"] == 1243009
    assert (await stage.admin.v3("get_job_plan_detail", **BIZ))["code"] == 1241007


async def archive(stage: Stage, template_id: int, password: str) -> str:
    """Return an archive of a template as Base64."""
    wanted = {"scope": "biz:2", "templates": [template_id], "password": password}
    answer = await stage.http.post("/api/v1/templates/export", json=wanted, headers=await stage.bearer())
    return base64.b64encode(answer.raise_for_status().content).decode()


async def test_version_2_imports_archives_and_no_other_files(stage: Stage) -> None:
    plan = await made(stage, "published archive")
    content = await archive(stage, plan["template_id"], "open sesame")
    params = {"content": content, "password": "open sesame"}
    [job] = (await stage.admin.v2("import_job", bk_biz_id=2, params=params))["data"]
    assert (job["original_job_id"], job["new_job_name"]) == (plan["id"], plan["name"])
    shown = (await stage.admin.v2("get_job_detail", bk_biz_id=2, bk_job_id=job["new_job_id"]))["data"]
    assert [step["step_id"] for step in shown["steps"]] == [pair["new_id"] for pair in job["step_id_mapping"]]
    assert [pair["original_id"] for pair in job["step_id_mapping"]] == [step["id"] for step in plan["steps"]]
    assert len(job["global_var_id_mapping"]) == len(shown["global_vars"])
    for wanted, code in (
        ({"params": params | {"password": "wrong"}}, 1241016),
        ({"params": params | {"content": "b2xk"}}, 1241016),
        ({"params": params | {"content": "?"}}, 1241016),
        ({"params": params | {"rename": False}}, 1243040),
        ({"params": {"password": "x"}}, 1241004),
        ({"params": params, "bk_biz_id": 99}, 1243049),
    ):
        assert (await stage.admin.v2("import_job", **({"bk_biz_id": 2} | wanted)))["code"] == code, wanted


async def test_jobs_between_businesses_are_refused_in_so_many_words(stage: Stage) -> None:
    both = {"bk_job_id": 1, "source_bk_biz_id": 2, "target_bk_biz_id": 3}
    assert (await stage.admin.v2("execute_platform_job", **both))["code"] == 1241011
    assert (await stage.admin.as_user("oleg").v2("execute_platform_job", **both))["code"] == 9900403
    assert (await stage.admin.v2("execute_platform_job", bk_job_id=1))["code"] == 1241004
    assert (await stage.admin.v2("execute_platform_job", **(both | {"target_bk_biz_id": 99})))["code"] == 1243049


async def test_a_plan_whose_script_was_disabled_does_not_start(stage: Stage) -> None:
    content = base64.b64encode(b"true").decode()
    kept = {"name": "to be disabled", "script_language": SHELL, "content": content, "version": "1"}
    script = (await stage.admin.v3("create_script", **BIZ, **kept))["data"]
    named = {"script_id": script["script_id"], "script_version_id": script["id"]}
    assert (await stage.admin.v3("publish_script_version", **BIZ, **named))["code"] == 0
    text = f"""
[template]
name = "published script"
[[steps]]
kind = "script"
name = "one"
targets = ["127.0.0.1"]
script_version = {script["id"]}
"""
    plan = await apply(stage, text)
    shown = (await stage.admin.v3("get_job_plan_detail", **BIZ, job_plan_id=plan["id"]))["data"]
    info = shown["step_list"][0]["script_info"]
    assert (info["script_type"], info["script_id"], info["script_content"]) == (2, script["script_id"], None)
    assert (await stage.admin.v3("disable_script_version", **BIZ, **named))["code"] == 0
    for start in (stage.admin.v3, stage.admin.gateway):
        assert (await start("execute_job_plan", **BIZ, job_plan_id=plan["id"]))["code"] == 1244014
    assert (await stage.admin.v3("delete_script_version", **BIZ, **named))["code"] == 1243054
