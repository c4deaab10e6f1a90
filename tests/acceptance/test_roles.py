"""Who may do what: no role, viewer, operator, and a business that is not one's own."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.acceptance.declared import ACCOUNT, ALL, BIZ, OTHER, A
from tests.acceptance.gates import Gates, encoded
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import Json, Surfaces

Call = Callable[[Surfaces, Job], Awaitable[Json]]

START: Json = {
    "script_content": encoded("true"),
    "script_language": 1,
    "account_alias": ACCOUNT,
    "target_server": {"host_id_list": [A]},
}
QUERIES: dict[str, Call] = {
    "v2 job status": lambda who, job: who.v2("get_job_instance_status", **job.named),
    "v2 step status": lambda who, job: who.v2("get_step_instance_status", **job.step),
    "v2 log": lambda who, job: who.v2_get("get_job_instance_log", **job.named),
    "v3 job status": lambda who, job: who.v3("get_job_instance_status", **job.named),
    "gateway job status": lambda who, job: who.system("get_job_instance_status", **job.named),
    "gateway step status": lambda who, job: who.gateway("get_step_instance_status", **job.step),
    "v3 log": lambda who, job: who.v3("get_job_instance_ip_log", **job.step, bk_host_id=A),
    "v3 logs": lambda who, job: who.v3("batch_get_job_instance_ip_log", **job.step, host_id_list=[A]),
}


def starts(scope: Json) -> dict[str, Call]:
    """Return every way to start a script in a scope."""
    old = {"account": ACCOUNT, "script_type": 1, "ip_list": [{"bk_cloud_id": 0, "ip": "127.0.0.1"}]}
    plugin = {"execute_target": {"host_list": [{"bk_host_id": A}]}}
    return {
        "v2": lambda who, _: who.v2("fast_execute_script", **(scope | old | {"script_content": encoded("true")})),
        "v3": lambda who, _: who.v3("fast_execute_script", **(scope | START)),
        "gateway": lambda who, _: who.gateway("fast_execute_script", **(scope | START)),
        "system": lambda who, _: who.system("fast_execute_script", **(scope | START)),
        "plugin": lambda who, _: who.system("bkci_plugin_fast_execute_script", **(scope | START | plugin)),
    }


STEERS: dict[str, Call] = {
    "v2 job": lambda who, job: who.v2("operate_job_instance", **job.named, operation_code=1),
    "v3 job": lambda who, job: who.v3("operate_job_instance", **job.named, operation_code=1),
    "gateway job": lambda who, job: who.system("operate_job_instance", **job.named, operation_code=2),
    "v2 step": lambda who, job: who.v2("operate_step_instance", **job.step, operation_code=2),
    "gateway step": lambda who, job: who.gateway("operate_step_instance", **job.step, operation_code=8),
}


@pytest.fixture(scope="module")
async def job(stage: Stage) -> Job:
    """Give an administrator's job of business 2 that has ended."""
    job = await stage.run(encoded("true"), A)
    await stage.wait(job, 9, job_status=3)
    return job


def refused_for(told: Json, scope: Json, name: str, **leaves: str) -> None:
    """Hold a refusal to naming each missing action with the path to what the caller must apply for.

    `leaves` are `type:name` of what an action is asked for on, by action; "" is the scope itself.
    """
    assert told["code"] == 9900403, told
    permission = told["permission"]
    assert set(permission) == {"system_id", "system_name", "actions"}
    assert permission["system_id"] == "bk_job"
    assert [needed["id"] for needed in permission["actions"]] == list(leaves)
    for needed, leaf in zip(permission["actions"], leaves.values(), strict=True):
        assert set(needed) == {"id", "name", "related_resource_types"}
        [kind] = needed["related_resource_types"]
        assert set(kind) == {"system_id", "system_name", "type", "type_name", "instances"}
        [[root, *rest]] = kind["instances"]
        assert (root["type"], root["id"], root["name"]) == (scope["bk_scope_type"], scope["bk_scope_id"], name)
        assert root["type_name"]
        assert [f"{part['type']}:{part['name']}" for part in rest] == ([leaf] if leaf else [])


async def test_somebody_without_a_role_is_told_what_to_apply_for(stage: Stage, job: Job) -> None:
    sam = stage.admin.as_user("sam")
    async with stage.nothing_new():
        for call in (*QUERIES.values(), *starts(BIZ).values(), *STEERS.values()):
            refused_for(await call(sam, job), BIZ, "demo", access_business="")
        refused_for(await starts(ALL)["v3"](sam, job), ALL, "all", access_business="")


async def test_a_viewer_may_look_but_neither_start_nor_steer(stage: Stage, job: Job) -> None:
    vera, account = stage.admin.as_user("vera"), f"account:{ACCOUNT}"
    async with stage.nothing_new():
        for story, call in QUERIES.items():
            assert (await call(vera, job))["code"] == 0, story
        for call in starts(BIZ).values():
            refused_for(await call(vera, job), BIZ, "demo", quick_execute_script="host:127.0.0.1", use_account=account)
        for call in STEERS.values():
            refused_for(await call(vera, job), BIZ, "demo", operate_job="")


async def test_an_operator_may_start_look_and_steer(stage: Stage, gates: Gates, job: Job) -> None:
    oleg = stage.admin.as_user("oleg")
    told = await oleg.v3("fast_execute_script", **(BIZ | START | {"script_content": gates.script}))
    own = Job(told["data"]["job_instance_id"], told["data"]["step_instance_id"], BIZ)
    await gates.fail(A, 1)
    await stage.wait(own, 104, job_status=4)
    for story, call in QUERIES.items():
        assert (await call(oleg, job))["code"] == 0, story
        assert (await call(oleg, own))["code"] == 0, story
    assert (await oleg.v3("operate_step_instance", **own.step, operation_code=2))["code"] == 0
    await gates.succeed(A)
    await stage.wait(own, 9, job_status=3)
    detail = (await stage.admin.v2("get_step_instance_status", **own.step))["data"]["step_instance_detail"]
    assert detail["operator"] == "oleg"
    async with stage.nothing_new():
        refused_for(await starts(ALL)["v3"](oleg, job), ALL, "all", access_business="")


async def test_who_retries_becomes_the_operator_of_the_step(stage: Stage, gates: Gates) -> None:
    own = await stage.run(gates.script, A)
    await gates.fail(A, 1)
    await stage.wait(own, 104, job_status=4)
    assert (await stage.admin.as_user("oleg").v3("operate_step_instance", **own.step, operation_code=2))["code"] == 0
    await gates.succeed(A)
    await stage.wait(own, 9, job_status=3)
    shown = (await stage.admin.v2("get_job_instance_status", **own.named))["data"]
    assert shown["job_instance"]["operator"] == "admin"
    assert shown["blocks"][0]["step_instances"][0]["operator"] == "oleg"


async def test_a_business_that_is_not_ones_own_reveals_nothing(stage: Stage, job: Job) -> None:
    olga = stage.admin.as_user("olga")
    never = Job(job.id + 5_000_000, job.step_id + 5_000_000, BIZ)

    def without_ids(told: Json) -> Json:
        return {name: value for name, value in told.items() if not name.endswith("request_id")}

    async with stage.nothing_new():
        for story, call in {**QUERIES, **STEERS}.items():
            there, nothing = await call(olga, job), await call(olga, never)
            refused_for(there, BIZ, "demo", access_business="")
            assert without_ids(there) == without_ids(nothing), story
            own = Job(job.id, job.step_id, OTHER), Job(never.id, never.step_id, OTHER)
            there, nothing = await call(olga, own[0]), await call(olga, own[1])
            assert there["code"] in {1244006, 1244007}, story
            assert without_ids(there) == without_ids(nothing), story


async def test_version_4_tells_what_to_apply_for_in_its_error(stage: Stage, job: Job) -> None:
    sam: Any = stage.admin.as_user("sam")
    answer = await stage.http.get("/api/v4/get_job_instance_status", params=job.named, headers=sam.authorization())
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["details"][0]["code"]) == (403, "NO_PERMISSION", "9900403")
    assert error["data"]["actions"][0]["id"] == "access_business"
