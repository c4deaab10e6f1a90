"""Every refusal of the queries and of steering: its code, in the envelope, and nothing started."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from tests.acceptance.declared import BIZ, FOREIGN, OTHER, A
from tests.acceptance.gates import encoded
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import BACK3, Json, Surfaces

Ask = Callable[..., Awaitable[Json]]
HUGE = 2**63 - 1


@pytest.fixture(scope="module")
async def ended(stage: Stage) -> Job:
    """Give a job of business 2 that has ended."""
    job = await stage.run(encoded("true"), A)
    await stage.wait(job, 9, job_status=3)
    return job


@pytest.fixture(scope="module")
async def another(stage: Stage) -> Job:
    """Give another job of business 2."""
    return await stage.run(encoded("true"), A, start_task=False)


@pytest.fixture(scope="module")
async def foreign(stage: Stage) -> Job:
    """Give a job of business 3 that has ended."""
    job = await stage.run(encoded("true"), FOREIGN, scope=OTHER)
    await stage.wait_end(job)
    return job


@pytest.fixture(autouse=True)
async def nothing_is_started(stage: Stage, ended: Job, another: Job, foreign: Job) -> AsyncIterator[None]:
    """Hold every test of this file to it: the record is as before, not a row more."""
    async with stage.nothing_new():
        yield


def in_params(admin: Surfaces) -> Ask:
    """Return version 2's step status as its page has it: ids inside `params`."""

    async def ask(name: str, **members: Any) -> Json:
        ids = {name: members.pop(name) for name in ("job_instance_id", "step_instance_id") if name in members}
        return await admin.v2(name, params=ids, **members)

    return ask


def at_the_back(admin: Surfaces) -> Ask:
    """Return the path that gateways forward to."""

    async def ask(name: str, **members: Any) -> Json:
        return await admin.gateway(name, root=BACK3, **members)

    return ask


def queries(admin: Surfaces) -> dict[str, tuple[str, list[Ask]]]:
    """Return the five queries, each with every way to ask it."""
    back = at_the_back(admin)
    return {
        "S0": ("get_step_instance_status", [admin.v2, admin.v2_get, in_params(admin)]),
        "S1": ("get_step_instance_status", [admin.gateway, admin.system, back]),
        "S2": ("get_job_instance_status", [admin.v2, admin.v2_get]),
        "S3": ("get_job_instance_status", [admin.v3, admin.v3_get, admin.gateway, admin.system, back]),
        "S4": ("get_job_instance_log", [admin.v2, admin.v2_get]),
    }


async def hold(stage: Stage, wanted: Json, *codes: int, names: tuple[str, ...] = ("", "", "", "", "")) -> None:
    """Ask all five queries in every way; S0 to S4 must answer with these codes (0: not asked), naming fields."""
    asked = zip(queries(stage.admin).items(), codes, names, strict=True)
    for (query, (name, ways)), code, named in asked:
        for ask in ways if code else []:
            answer = await ask(name, **{field: value for field, value in wanted.items() if value is not None})
            assert answer["code"] == code, (query, wanted, answer)
            assert named in answer["message"], (query, wanted, answer)


JOB, STEP = "job_instance_id", "step_instance_id"


@pytest.mark.parametrize("wrong", [0, -1])
async def test_ids_below_1(stage: Stage, ended: Job, wrong: int) -> None:
    named = (JOB, "", JOB, JOB, JOB)
    await hold(stage, ended.step | {JOB: wrong}, 1241007, 1244007, 1241007, 1241007, 1241007, names=named)
    await hold(stage, ended.step | {STEP: wrong}, 1241007, 1244007, 0, 0, 0, names=(STEP, "", "", "", ""))


async def test_missing_ids(stage: Stage, ended: Job) -> None:
    for nothing in (None, ""):
        named = (JOB, JOB, JOB, JOB, JOB)
        await hold(stage, ended.step | {JOB: nothing}, 1241007, 1240003, 1241007, 1241007, 1241007, names=named)
        await hold(stage, ended.step | {STEP: nothing}, 1241007, 1240003, 0, 0, 0, names=(STEP, STEP, "", "", ""))


@pytest.mark.parametrize("wrong", ["x", "1.5", "0x10", str(2**63), "-9223372036854775809", "1 2"])
async def test_ids_that_are_no_numbers(stage: Stage, ended: Job, wrong: str) -> None:
    codes = (1240003, 1240003, 1240003, 1240003, 1240003)
    await hold(stage, ended.step | {JOB: wrong}, *codes, names=(JOB, JOB, JOB, JOB, JOB))
    await hold(stage, ended.step | {STEP: wrong}, 1240003, 1240003, 0, 0, 0, names=(STEP, STEP, "", "", ""))


async def test_a_scope_that_is_missing_or_malformed(stage: Stage, ended: Job) -> None:
    codes = (1240003, 1240003, 1240003, 1240003, 1240003)
    for scope in (
        {"bk_scope_type": None, "bk_scope_id": None},
        {"bk_scope_type": None},
        {"bk_scope_id": None},
        {"bk_scope_type": "business"},
        {"bk_scope_type": "BIZ"},
        {"bk_scope_id": "two"},
        {"bk_scope_id": "0"},
        {"bk_scope_id": "-2"},
        {"bk_scope_id": "2.0"},
        {"bk_scope_id": str(2**63)},
        {"bk_scope_type": None, "bk_scope_id": None, "bk_biz_id": 0},
        {"bk_scope_type": None, "bk_scope_id": None, "bk_biz_id": "x"},
    ):
        await hold(stage, ended.step | scope, *codes)


async def test_a_scope_that_is_unknown_or_archived(stage: Stage, ended: Job) -> None:
    codes = (1243049, 1243049, 1243049, 1243049, 1243049)
    for scope in (
        {"bk_scope_id": "99"},
        {"bk_scope_id": "4"},
        {"bk_scope_id": str(HUGE)},
        {"bk_scope_type": "biz_set", "bk_scope_id": "2"},
        {"bk_scope_type": None, "bk_scope_id": None, "bk_biz_id": 99},
        {"bk_scope_type": None, "bk_scope_id": None, "bk_biz_id": 9_000_000},
    ):
        await hold(stage, ended.step | scope, *codes)


async def test_a_caller_without_access_to_the_scope(stage: Stage, ended: Job) -> None:
    sam = stage.admin.as_user("sam")
    for query, (name, ways) in queries(sam).items():
        for ask in ways:
            answer = await ask(name, **ended.step)
            assert answer["code"] == 9900403, (query, answer)
            [action] = answer["permission"]["actions"]
            assert action["id"] == "access_business"


async def test_jobs_and_steps_that_do_not_exist_or_are_elsewhere(stage: Stage, ended: Job, foreign: Job) -> None:
    codes = (1244007, 1244007, 1244006, 1244006, 1244006)
    for job_id in (ended.id + 10_000, HUGE, 1, foreign.id):
        await hold(stage, ended.step | {JOB: job_id}, *codes)
    await hold(stage, ended.step | OTHER, *codes)
    await hold(stage, ended.step | {"bk_scope_type": "biz_set", "bk_scope_id": "9991001"}, *codes)
    for step_id in (ended.step_id + 10_000, HUGE, foreign.step_id):
        await hold(stage, ended.step | {STEP: step_id}, 1244007, 1244007, 0, 0, 0)


async def test_a_step_of_another_job_of_the_same_scope(stage: Stage, ended: Job, another: Job) -> None:
    await hold(stage, ended.step | {JOB: another.id}, 1244007, 1244007, 0, 0, 0)


async def test_the_foreign_and_the_unknown_look_alike(stage: Stage, ended: Job, foreign: Job) -> None:
    for name, ways in queries(stage.admin).values():
        for ask in ways:
            there = await ask(name, **(ended.step | {JOB: foreign.id, STEP: foreign.step_id}))
            never = await ask(name, **(ended.step | {JOB: HUGE, STEP: HUGE}))
            assert (there["code"], there["message"]) == (never["code"], never["message"])


async def test_checks_come_in_order(stage: Stage, ended: Job) -> None:
    sam = stage.admin.as_user("sam")
    for query, (name, ways) in queries(sam).items():
        for ask in ways:
            assert (await ask(name, **(ended.step | {JOB: "x"})))["code"] == 1240003, query
            assert (await ask(name, **(ended.step | {"bk_scope_id": "99", JOB: HUGE})))["code"] == 1243049, query
            assert (await ask(name, **(ended.step | {JOB: HUGE})))["code"] == 9900403, query


async def test_filters_of_a_step_that_are_no_numbers_or_below_0(stage: Stage, ended: Job) -> None:
    for name in ("execute_count", "batch", "max_host_num_per_group"):
        for wrong in ("x", "-1", "1.5", str(2**31)):
            told = await stage.admin.gateway("get_step_instance_status", **(ended.step | {name: wrong}))
            assert (told["code"], name in told["message"]) == (1240003, True), (name, wrong)
    told = await stage.admin.gateway("get_step_instance_status", **(ended.step | {"status": "good"}))
    assert (told["code"], "status" in told["message"]) == (1240003, True)


async def test_log_queries(stage: Stage, ended: Job, foreign: Job) -> None:
    host, hosts = Json(bk_host_id=A), Json(host_id_list=[A])
    for wrong, code, named in (
        ({JOB: None}, 1241007, JOB),
        ({STEP: None}, 1241007, STEP),
        ({JOB: 0}, 1241007, JOB),
        ({STEP: -1}, 1241007, STEP),
        ({JOB: "x"}, 1240003, JOB),
        ({JOB: HUGE}, 1244006, ""),
        ({STEP: HUGE}, 1244006, ""),
        ({JOB: foreign.id, STEP: foreign.step_id}, 1244006, ""),
        (OTHER, 1244006, ""),
        ({"bk_scope_id": "99"}, 1243049, ""),
        ({"bk_scope_id": None}, 1240003, "bk_scope_id"),
    ):
        members: Json = {name: value for name, value in (ended.step | wrong).items() if value is not None}
        for ask in (stage.admin.v3, stage.admin.v3_get, stage.admin.gateway, stage.admin.system):
            answer = await ask("get_job_instance_ip_log", **members, **host)
            assert (answer["code"], named in answer["message"]) == (code, True), (wrong, answer)
        for ask in (stage.admin.v3, stage.admin.gateway, stage.admin.system):
            answer = await ask("batch_get_job_instance_ip_log", **members, **hosts)
            assert (answer["code"], named in answer["message"]) == (code, True), (wrong, answer)


async def test_log_queries_without_hosts_or_with_too_many(stage: Stage, ended: Job) -> None:
    one: list[Json] = [{}, {"bk_cloud_id": 0}, {"ip": "127.0.0.1"}, {"bk_cloud_id": 0, "ip": ""}]
    for hosts in one:
        answer = await stage.admin.v3("get_job_instance_ip_log", **ended.step, **hosts)
        assert (answer["code"], "host_id/(bk_cloud_id+ip)" in answer["message"]) == (1241007, True)
    ids, pairs = list(range(1, 502)), [{"bk_cloud_id": 0, "ip": f"10.1.{n // 256}.{n % 256}"} for n in range(501)]
    several: list[Json] = [{}, {"host_id_list": []}, {"host_id_list": ids}, {"ip_list": pairs}]
    for hosts in several:
        answer = await stage.admin.gateway("batch_get_job_instance_ip_log", **ended.step, **hosts)
        assert (answer["code"], "host_id_list/ip_list" in answer["message"]) == (1241007, True)
    for good in (Json(host_id_list=ids[:500]), Json(ip_list=pairs[:500]), Json(host_id_list=[A], ip_list=pairs)):
        assert (await stage.admin.gateway("batch_get_job_instance_ip_log", **ended.step, **good))["code"] == 0


async def test_a_job_that_was_not_started_can_neither_be_stopped_nor_retried(stage: Stage, another: Job) -> None:
    told = await stage.admin.v3("operate_job_instance", **another.named, operation_code=1)
    assert told["code"] == 1241003
    for operation in (2, 3, 8, 11, 12):
        told = await stage.admin.gateway("operate_step_instance", **another.step, operation_code=operation)
        assert told["code"] == 1241003


async def test_steering(stage: Stage, ended: Job, foreign: Job) -> None:
    job, step = "operate_job_instance", "operate_step_instance"
    for ask in (stage.admin.v2, stage.admin.v3, stage.admin.gateway, stage.admin.system):
        for name, wrong, code in (
            (job, {"operation_code": 1}, 1241003),
            (job, {"operation_code": 2}, 1241015),
            (job, {"operation_code": 99}, 1241002),
            (job, {"operation_code": 0}, 1241002),
            (job, {}, 1241002),
            (job, {"operation_code": 1, JOB: 0}, 1241002),
            (job, {"operation_code": 1, JOB: HUGE}, 1244006),
            (job, {"operation_code": 1, JOB: foreign.id}, 1244006),
            (job, {"operation_code": 1} | OTHER, 1244006),
            (job, {"operation_code": "stop"}, 1240003),
            (step, {"operation_code": 2}, 1241003),
            (step, {"operation_code": 3}, 1241003),
            (step, {"operation_code": 6}, 1241003),
            (step, {"operation_code": 8}, 1241003),
            (step, {"operation_code": 9}, 1241003),
            (step, {"operation_code": 10}, 1241003),
            (step, {"operation_code": 11}, 1241003),
            (step, {"operation_code": 12}, 1241003),
            (step, {"operation_code": 13}, 1241003),
            (step, {"operation_code": 99}, 1241002),
            (step, {"operation_code": 1}, 1241002),
            (step, {}, 1241002),
            (step, {"operation_code": 2, STEP: 0}, 1241002),
            (step, {"operation_code": 2, STEP: HUGE}, 1244007),
            (step, {"operation_code": 2, STEP: foreign.step_id}, 1244007),
            (step, {"operation_code": 2, JOB: foreign.id}, 1244006),
            (step, {"operation_code": 2} | OTHER, 1244006),
        ):
            answer = await ask(name, **(ended.step | wrong))
            assert answer["code"] == code, (name, wrong, answer)


async def test_queries_of_version_4_that_are_wrong(stage: Stage, ended: Job, foreign: Job) -> None:
    status, log = "get_job_instance_status", "batch_get_job_instance_execute_object_log"
    not_found, invalid = (404, "NOT_FOUND", "1244006"), (400, "INVALID_ARGUMENT", "1241007")
    refused = stage.admin.v4_refused
    for job_id in (HUGE, foreign.id):
        assert await refused(status, **(ended.named | {JOB: job_id})) == not_found
        assert await refused(log, **(ended.step | {JOB: job_id}), host_id_list=[A]) == not_found
    assert await refused(status, **BIZ) == invalid
    assert await refused(status, **(ended.named | {JOB: "x"})) == (400, "INVALID_ARGUMENT", "1240003")
    assert await refused(log, **ended.step) == invalid
    assert await refused(log, **ended.step, host_id_list=list(range(1, 52))) == invalid
    assert await stage.admin.v4(log, **ended.step, host_id_list=list(range(1, 51)))


async def test_wrong_methods_and_addresses(stage: Stage) -> None:
    for verb, path in (
        ("GET", "/api/c/compapi/v2/job/fast_execute_script/"),
        ("GET", "/api/c/compapi/v2/jobv3/operate_job_instance"),
        ("GET", "/api/v3/fast_execute_script"),
        ("POST", "/api/v3/get_step_instance_status"),
        ("PUT", "/api/v3/system/fast_execute_script"),
        ("DELETE", "/api/job/v3/job-execute/get_job_instance_status"),
        ("POST", "/api/c/compapi/v2/jobv3/no_such_operation/"),
        ("GET", "/api/c/compapi/v2/job/"),
        ("GET", "/api/v3/no/such/operation"),
        ("PATCH", "/api/c/compapi/v2/jobv3/get_job_instance_status/"),
    ):
        answer = await stage.http.request(verb, path)
        assert (answer.status_code, answer.json()["code"], answer.json()["result"]) == (200, 1240003, False), path
    unknown = await stage.http.get("/api/v4/no_such_operation")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "NOT_FOUND")
    method = await stage.http.get("/api/v4/fast_execute_script")
    assert (method.status_code, method.json()["error"]["code"]) == (400, "INVALID_ARGUMENT")
