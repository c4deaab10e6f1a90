"""A cron as callers of the published API have it: saved, enabled, fired on a host, wrong values refused by name."""

import secrets
import time

import pytest
from tests.acceptance.declared import BIZ, OTHER
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import Json

MOMENT_PASSED = 1245006
PLAN = """
[template]
name = "{name}"
[[steps]]
kind = "script"
name = "say"
targets = ["127.0.0.1"]
script = "echo from a cron"
"""


@pytest.fixture(scope="module")
async def plan_id(stage: Stage) -> int:
    """Give a plan that prints a line on one host."""
    body = {"scope": "biz:2", "toml": PLAN.format(name=f"cron {secrets.token_hex(4)}")}
    made = await stage.http.post("/api/v1/plans/apply", json=body, headers=await stage.bearer())
    assert made.status_code == 200, made.text
    found: int = made.json()["plan_id"]
    return found


async def test_a_cron_is_saved_enabled_and_fires_once(stage: Stage, plan_id: int) -> None:
    wanted: Json = {"name": f"once {secrets.token_hex(4)}", "job_plan_id": plan_id}
    cron: Json = {}
    for after_s in (4, 12, 30):  # later where the moment passes before it is enabled
        at = int(time.time()) + after_s
        saved = await stage.admin.v3("save_cron", **BIZ, **wanted, **cron, execute_time=at)
        assert (saved["code"], saved["data"]["status"]) == (0, 2), saved
        cron = {"id": saved["data"]["id"]}
        enabled = await stage.admin.v3("update_cron_status", **BIZ, **cron, status=1)
        if enabled["code"] != MOMENT_PASSED:
            break
    assert enabled["data"]["status"] == 1, enabled
    since: Json = {"create_time_start": (at - 600) * 1000, "create_time_end": (at + 600) * 1000}
    jobs: list[Json] = []

    async def fired() -> bool:
        page = await stage.admin.v3("get_job_instance_list", **BIZ, **since, job_cron_id=cron["id"])
        jobs[:] = page["data"]["data"]
        return bool(jobs)

    await stage.poll(fired, within_s=60)
    [job] = jobs
    assert (job["launch_mode"], job["operator"], job["job_plan_id"]) == (3, "admin", plan_id)
    data = await stage.wait_end(Job(job["job_instance_id"], 0, BIZ), within_s=60)
    assert data["job_instance"]["status"] == 3
    gone = await stage.http.post(
        "/api/c/compapi/v2/jobv3/delete_cron/", json=BIZ | cron, headers=stage.admin.authorization()
    )
    assert gone.json()["code"] == 0
    assert (await stage.admin.v3("get_cron_detail", **BIZ, **cron))["code"] == 1245001


@pytest.mark.parametrize(
    ("members", "code", "word"),
    [
        ({"job_plan_id": None}, 1241005, "job_plan_id"),
        ({"name": ""}, 1241004, "name"),
        ({"expression": "61 * * * *"}, 1241010, "expression"),
        ({"execute_time": "soon"}, 1240003, "execute_time"),
        ({"execute_time_zone": "Mars/Base"}, 1241010, "execute_time_zone"),
        ({"bk_scope_id": "777777"}, 1243049, ""),
        ({"global_var_list": [{"value": "x"}]}, 1241012, ""),
    ],
    ids=str,
)
async def test_a_wrong_cron_is_refused(stage: Stage, plan_id: int, members: Json, code: int, word: str) -> None:
    wanted: Json = BIZ | {"job_plan_id": plan_id, "name": "wrong", "expression": "0 4 * * *"} | members
    answer = await stage.admin.v3("save_cron", **{name: value for name, value in wanted.items() if value is not None})
    assert (answer["code"], word in answer["message"]) == (code, True), answer


@pytest.mark.parametrize(
    ("members", "code", "word"),
    [
        ({"cron_expression": "0 0 12 * * ?"}, 1241010, "cron_expression"),
        ({"cron_expression": ""}, 1241010, "cron_expression"),
        ({"cron_name": " "}, 1241004, "cron_name"),
        ({"cron_name": "x" * 61}, 1241010, "cron_name"),
        ({"bk_job_id": 0}, 1241005, "bk_job_id"),
    ],
    ids=str,
)
async def test_refusals_of_version_2_name_its_own_fields(
    stage: Stage, plan_id: int, members: Json, code: int, word: str
) -> None:
    wanted: Json = {"bk_biz_id": 2, "bk_job_id": plan_id, "cron_name": "wrong", "cron_expression": "0 4 * * *"}
    answer = await stage.admin.v2("save_cron", **(wanted | members))
    assert (answer["code"], word in answer["message"]) == (code, True), answer


async def test_a_cron_is_for_its_scope_and_for_editors(stage: Stage, plan_id: int) -> None:
    wanted: Json = {"job_plan_id": plan_id, "name": "not mine", "expression": "0 4 * * *"}
    assert (await stage.admin.v3("save_cron", **OTHER, **wanted))["code"] in {1243009, 1244012}
    refused = await stage.admin.as_user("oleg").v3("save_cron", **BIZ, **wanted)
    assert refused["permission"]["actions"][0]["id"] == "create_cron"


async def test_lists_take_any_case_either_unit_of_time_and_senseless_bounds(stage: Stage, plan_id: int) -> None:
    token = secrets.token_hex(4)
    for name in (f"Kept {token} a", f"kept {token} B"):
        saved = await stage.admin.v3("save_cron", **BIZ, job_plan_id=plan_id, name=name, expression="0 0 1 1 *")
        assert saved["code"] == 0, saved
    bounds: Json = {"start": -1, "length": -1}
    found = (await stage.admin.v3("get_cron_list", **BIZ, name=f"KEPT {token}".upper(), **bounds))["data"]
    assert (found["start"], found["length"], found["total"], len(found["data"])) == (0, 20, 2, 2)
    now = int(time.time())
    for unit in (1, 1000):
        for begin, total in ((now - 600, 2), (now + 600, 0)):
            span = {"create_time_start": begin * unit, "create_time_end": (now + 900) * unit}
            page = (await stage.admin.v3("get_cron_list", **BIZ, name=f"kept {token}", **span))["data"]
            assert page["total"] == total, (span, page)
    old = (await stage.admin.v2("get_cron_list", bk_biz_id=2, cron_name=f"KEPT {token}", **bounds))["data"]
    assert len(old) == 2
    plan = (await stage.admin.v3("get_job_plan_detail", **BIZ, job_plan_id=plan_id))["data"]
    for one in ("get_job_plan_list", "get_job_template_list"):
        assert (await stage.admin.v3(one, **BIZ, name=plan["name"].upper(), **bounds))["data"]["total"] == 1
    assert len((await stage.admin.v2("get_job_list", bk_biz_id=2, name=plan["name"].upper(), **bounds))["data"]) == 1
