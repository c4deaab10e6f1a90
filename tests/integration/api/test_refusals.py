"""Every refusal of the surfaces is told in the envelope, with its code, and nothing is half done."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.api.site import ADMIN, DEMO, G3, G4, V2, V3, Site, encoded, script

from jobfleet.api.reading import MAX_OPEN_BODY_BYTES
from jobfleet.store.tables import jobs

START = f"{V3}/fast_execute_script/"
BIG = 10**30

WRONG_SCRIPTS: dict[str, tuple[dict[str, Any], int, str]] = {
    "no scope": ({"bk_scope_type": None, "bk_scope_id": None}, 1240003, "bk_scope_type"),
    "half a scope": ({"bk_scope_id": None}, 1240003, "bk_scope_id"),
    "unknown kind of scope": ({"bk_scope_type": "tenant"}, 1240003, "bk_scope_type"),
    "scope id is no number": ({"bk_scope_id": "two"}, 1240003, "bk_scope_id"),
    "unknown scope": ({"bk_scope_id": "77"}, 1243049, ""),
    "no script": ({"script_content": None}, 1241004, "script_version_id|script_id|script_content"),
    "version id 0": ({"script_version_id": 0}, 1241005, "script_version_id"),
    "version id unknown": ({"script_version_id": 9}, 1243001, ""),
    "script id unknown": ({"script_id": "nine", "script_content": None}, 1243001, ""),
    "no language": ({"script_language": None}, 1241005, "script_language"),
    "language 7": ({"script_language": 7}, 1241005, "script_language"),
    "no target": ({"target_server": None}, 1241004, "target_server"),
    "empty target": ({"target_server": {"ip_list": [], "host_id_list": []}}, 1244001, ""),
    "no account": ({"account_alias": None}, 1241004, "account_id|account_alias"),
    "account id 0 and no alias": ({"account_alias": None, "account_id": 0}, 1241004, "account_id|account_alias"),
    "unknown account": ({"account_alias": "nobody"}, 1244003, "nobody"),
    "unknown host": ({"target_server": {"host_id_list": [99]}}, 1244030, "99"),
    "host of another business": ({"target_server": {"host_id_list": [3]}}, 1244002, "3"),
    "more nodes than are looked up": (
        {"target_server": {"topo_node_list": [{"id": number, "node_type": "set"} for number in range(1, 2_002)]}},
        1244022,
        "2000",
    ),
    "unknown group": ({"target_server": {"dynamic_group_list": [{"id": "g"}]}}, 1211003, "g"),
    "bad base64": ({"script_content": "%%%"}, 1240003, "script_content"),
    "bad base64 in parameters": ({"script_param": "a"}, 1240003, "script_param"),
    "parameters are no text": ({"script_param": "/w=="}, 1240003, "script_param"),
    "timeout 0": ({"timeout": 0}, 1240003, "timeout"),
    "timeout above the limit": ({"timeout": 259_201}, 1240003, "timeout"),
    "timeout is a word": ({"timeout": "long"}, 1240003, "timeout"),
    "name too long": ({"task_name": "n" * 513}, 1240003, "task_name"),
    "sensitive 2": ({"is_param_sensitive": 2}, 1240003, "is_param_sensitive"),
    "ip is none": (
        {"target_server": {"ip_list": [{"bk_cloud_id": 0, "ip": "1.2.3"}]}},
        1240003,
        "target_server.ip_list[0].ip",
    ),
    "ip without area": ({"target_server": {"ip_list": [{"ip": "1.2.3.4"}]}}, 1240003, "ip_list[0].bk_cloud_id"),
    "area below 0": ({"target_server": {"ip_list": [{"bk_cloud_id": -1, "ip": "1.2.3.4"}]}}, 1240003, "bk_cloud_id"),
    "host id 0": ({"target_server": {"host_id_list": [0]}}, 1240003, "host_id_list[0]"),
    "host id too large": ({"target_server": {"host_id_list": [BIG]}}, 1240003, "host_id_list"),
    "target is a list": ({"target_server": [1]}, 1240003, "target_server"),
    "node without type": ({"target_server": {"topo_node_list": [{"id": 1}]}}, 1240003, "node_type"),
    "callback with a user": ({"callback_url": "http://u:p@h/"}, 1240003, "callback_url"),
    "callback over ftp": ({"callback_url": "ftp://h/"}, 1240003, "callback_url"),
    "callback without host": ({"callback_url": "http://"}, 1240003, "callback_url"),
    "interpreter is no exe": ({"windows_interpreter": "C:\\perl"}, 1240003, "windows_interpreter"),
    "interpreter too long": ({"windows_interpreter": "C" * 257 + ".exe"}, 1240003, "windows_interpreter"),
    "rolling without expression": ({"rolling_config": {}}, 1240003, "rolling_config.expression"),
    "rolling by files": ({"rolling_config": {"type": 2}}, 1240003, "rolling_config.type"),
    "password without host": ({"host_password_list": [{"encrypted_password": "x"}]}, 1240003, "host_password_list[0]"),
}


async def count_jobs(site: Site) -> int:
    async with site.platform.engine.db.begin() as tx:
        return (await tx.execute(sa.select(sa.func.count()).select_from(jobs))).scalar_one()


async def test_every_wrong_script_request_has_its_code_and_starts_nothing(site: Site) -> None:
    for story, (change, code, named) in WRONG_SCRIPTS.items():
        answer = await site.post(START, script(**change), **{"blueking-language": "en"})
        assert answer["code"] == code, (story, answer)
        assert named in answer["message"], (story, answer)
    assert await count_jobs(site) == 0


async def test_the_first_violated_rule_wins(site: Site) -> None:
    wrong = script(script_content=None, target_server=None, account_alias=None)
    assert (await site.post(START, wrong))["code"] == 1241004
    assert "script_version_id" in (await site.post(START, wrong))["message"]
    wrong = script(target_server=None, account_alias=None)
    assert "target_server" in (await site.post(START, wrong))["message"]
    wrong = script(script_content=None, timeout=0)
    assert "timeout" in (await site.post(START, wrong))["message"]


async def test_scope_and_access_come_before_every_rule_on_a_script(site: Site) -> None:
    wrong = script(script_content="%", target_server={}, account_alias=None)
    assert (await site.post(START, wrong | {"bk_scope_id": "77"}))["code"] == 1243049
    assert (await site.post(START, wrong | {"bk_username": "wang"}))["code"] == 9900403
    assert (await site.post(START, wrong))["code"] == 1240003
    old = {"bk_biz_id": 77, "script_content": "%"}
    assert (await site.post(f"{V2}/fast_execute_script/", old))["code"] == 1243049


async def test_every_wrong_script_request_of_version_2_has_its_code(site: Site) -> None:
    good = {
        "bk_biz_id": 2,
        "account": "root",
        "script_type": 1,
        "script_content": encoded("true"),
        "ip_list": [{"bk_cloud_id": 0, "ip": " 127.0.0.1 "}],
    }
    stories: list[tuple[dict[str, Any], int, str]] = [
        ({"bk_biz_id": None}, 1240003, "bk_biz_id"),
        ({"bk_biz_id": 99}, 1243049, ""),
        ({"script_content": None}, 1241005, "script_content"),
        ({"script_type": 9}, 1241005, "script_type"),
        ({"script_id": 12}, 1243001, ""),
        ({"ip_list": None}, 1241007, "ip_list|custom_query_id|target_server"),
        ({"target_server": {}}, 1244001, ""),
        ({"account": None}, 1241004, "account"),
        ({"account": "x"}, 1244003, "x"),
        ({"script_timeout": 0}, 1240003, "script_timeout"),
        ({"bk_callback_url": "gopher://x"}, 1240003, "bk_callback_url"),
    ]
    for change, code, named in stories:
        answer = await site.post(f"{V2}/fast_execute_script", good | change)
        assert answer["code"] == code, (change, answer)
        assert named in answer["message"]
    assert await count_jobs(site) == 0
    assert (await site.post(f"{V2}/fast_execute_script", good))["code"] == 0


async def test_job_ids_that_are_missing_or_below_1_are_refused_by_name(site: Site) -> None:
    queries = [f"{V2}/get_job_instance_status/", f"{V2}/get_job_instance_log/", f"{V3}/get_job_instance_status/"]
    for path in queries:
        for value in (None, 0, -1, ""):
            wrong = {"job_instance_id": value}
            answer = await site.post(path, DEMO | wrong)
            assert (answer["code"], "job_instance_id" in answer["message"]) == (1241007, True), (path, wrong)
        assert (await site.post(path, DEMO | {"job_instance_id": "x"}))["code"] == 1240003
        assert (await site.post(path, DEMO | {"job_instance_id": 12345}))["code"] == 1244006
        assert (await site.post(path, {"job_instance_id": 5}))["code"] == 1240003
        assert (await site.post(path, {"bk_biz_id": 99, "job_instance_id": 5}))["code"] == 1243049


async def test_step_queries_of_version_2_tell_which_id_is_wrong(site: Site) -> None:
    path = f"{V2}/get_step_instance_status/"
    stories: list[tuple[dict[str, Any], int, str]] = [
        ({}, 1241007, "job_instance_id"),
        ({"job_instance_id": 1}, 1241007, "step_instance_id"),
        ({"job_instance_id": 1, "step_instance_id": 0}, 1241007, "step_instance_id"),
        ({"job_instance_id": "a", "step_instance_id": 1}, 1240003, "job_instance_id"),
        ({"job_instance_id": 1, "step_instance_id": 1}, 1244007, ""),
    ]
    for ids, code, named in stories:
        inside = await site.post(path, {"bk_biz_id": 2, "params": ids})
        outside = await site.post(path, {"bk_biz_id": 2} | ids)
        assert inside["code"] == outside["code"] == code, ids
        assert named in inside["message"]


async def test_step_queries_of_the_gateway_refuse_ids_that_are_none(site: Site) -> None:
    path = f"{G3}/get_step_instance_status"
    for ids, code in [
        ({}, 1240003),
        ({"job_instance_id": "x", "step_instance_id": "1"}, 1240003),
        ({"job_instance_id": "0", "step_instance_id": "-4"}, 1244007),
        ({"job_instance_id": "7", "step_instance_id": "8"}, 1244007),
        ({"job_instance_id": "7", "step_instance_id": "8", "batch": "-1"}, 1240003),
        ({"job_instance_id": "7", "step_instance_id": "8", "status": "nine"}, 1240003),
    ]:
        answer = await site.as_gateway("GET", path, DEMO | ids)
        assert (answer.status_code, answer.json()["code"]) == (200, code), ids


async def test_log_queries_tell_which_hosts_they_lack(site: Site) -> None:
    ids = DEMO | {"job_instance_id": 1, "step_instance_id": 1}
    one, many = f"{V3}/get_job_instance_ip_log/", f"{V3}/batch_get_job_instance_ip_log/"
    assert (await site.post(one, ids))["code"] == 1241007
    assert (await site.post(one, ids | {"bk_cloud_id": 0}))["code"] == 1241007
    assert (await site.post(one, ids | {"bk_host_id": 1}))["code"] == 1244006
    assert (await site.post(one, ids | {"host_id": "1"}))["code"] == 1244006
    assert (await site.post(many, ids))["code"] == 1241007
    assert (await site.post(many, ids | {"host_id_list": list(range(1, 502))}))["code"] == 1241007
    assert (await site.post(many, ids | {"host_id_list": list(range(1, 501))}))["code"] == 1244006


async def test_steering_calls_do_not_tell_which_parameter_is_wrong(site: Site) -> None:
    job_id, step_id = await site.start(start_task=False)
    job, step = f"{V3}/operate_job_instance/", f"{V3}/operate_step_instance/"
    assert (await site.post(job, DEMO | {"operation_code": 1}))["code"] == 1241002
    assert (await site.post(job, DEMO | {"job_instance_id": job_id, "operation_code": 99}))["code"] == 1241002
    assert (await site.post(step, DEMO | {"job_instance_id": job_id, "operation_code": 2}))["code"] == 1241002
    named = {"job_instance_id": job_id, "step_instance_id": step_id}
    assert (await site.post(step, DEMO | named | {"operation_code": 99}))["code"] == 1241002
    assert (await site.post(step, DEMO | named | {"operation_code": 2}))["code"] == 1241003
    foreign = {"bk_biz_id": 3} | named
    assert (await site.post(job, foreign | {"operation_code": 1}))["code"] == 1244006
    assert (await site.post(step, foreign | {"operation_code": 2}))["code"] in {1244006, 1244007}


async def test_jobs_of_another_business_are_as_unknown_as_those_that_never_were(site: Site) -> None:
    job_id, step_id = await site.start(start_task=False)
    other = {"bk_biz_id": 3, "job_instance_id": job_id, "step_instance_id": step_id}
    for path, code in [
        (f"{V2}/get_job_instance_status/", 1244006),
        (f"{V2}/get_job_instance_log/", 1244006),
        (f"{V2}/get_step_instance_status/", 1244007),
        (f"{V3}/get_job_instance_status/", 1244006),
    ]:
        foreign = await site.post(path, other)
        unknown = await site.post(path, other | {"job_instance_id": job_id + 1})
        assert foreign["code"] == unknown["code"] == code
        assert foreign["message"] == unknown["message"]


GARBAGE: dict[str, bytes] = {
    "no json": b"{",
    "a list": b"[1]",
    "a text": b'"x"',
    "null": b"null",
    "not a number": b'{"bk_biz_id": NaN}',
    "infinity": b'{"bk_biz_id": -Infinity}',
    "a float beyond all": b'{"bk_biz_id": 1e999}',
    "a number of 5000 digits": b'{"bk_biz_id": ' + b"9" * 5000 + b"}",
    "a key twice": b'{"bk_biz_id": 2, "bk_biz_id": 3}',
    "an inner key twice": b'{"target_server": {"a": 1, "a": 2}}',
    "a thousand brackets": b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "bad utf-8": b'{"bk_biz_id": "\xff"}',
    "a byte order mark": b'\xef\xbb\xbf{"bk_biz_id": 2}',
    "utf-16": '{"bk_biz_id": 2}'.encode("utf-16"),
    "a NUL": b'{"task_name": "a\\u0000b"}',
    "half a surrogate pair": b'{"task_name": "\\ud800"}',
    "a comma too many": b'{"bk_biz_id": 2,}',
    "trailing words": b'{"bk_biz_id": 2} x',
    "empty lines only": b"\n \n",
}


@pytest.mark.parametrize("path", [START, f"{V2}/get_job_instance_status", f"{G3}/fast_execute_script"])
async def test_garbage_bodies_are_refused_in_the_envelope(site: Site, path: str) -> None:
    for story, body in GARBAGE.items():
        answer = await site.http.post(path, content=body, headers={"X-Bkapi-Authorization": json.dumps(ADMIN)})
        assert (answer.status_code, answer.json()["code"]) == (200, 1240003), story
        assert answer.json()["message"]


async def test_version_4_tells_garbage_with_status_400_word_and_details(site: Site) -> None:
    for story, body in GARBAGE.items():
        header = {"X-Bkapi-Authorization": json.dumps(ADMIN)}
        answer = await site.http.post(f"{G4}/fast_execute_script", content=body, headers=header)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, "INVALID_ARGUMENT"), story
        assert error["details"][0]["code"] == "1240003"
        assert set(answer.json()) == {"error", "job_request_id"}


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(sorted(script())) | st.sampled_from(["timeout", "callback_url"]), value=ANY_JSON)
async def test_no_value_of_any_field_is_a_fault(site: Site, field: str, value: object) -> None:
    answer = await site.post(START, script(start_task=False) | {field: value})
    assert answer["code"] != 1240002, answer


async def test_unknown_addresses_and_methods_are_told_in_the_envelope_of_their_surface(site: Site) -> None:
    for method, path in [
        ("GET", f"{V2}/no_such_operation/"),
        ("POST", f"{V3}/no_such_operation"),
        ("GET", f"{G3}/no_such_operation"),
        ("GET", f"{G3}/fast_execute_script"),
        ("GET", f"{V3}/fast_execute_script/"),
        ("POST", f"{G3}/get_step_instance_status"),
        ("DELETE", f"{V3}/get_job_instance_status/"),
        ("PUT", "/api/job/v3/job-execute/fast_execute_script"),
        ("POST", "/api/job/v3/job-manage/fast_execute_script"),
        ("GET", "/api/job/v3/job-execute/get_cron_list"),
        ("GET", "/api/job/v3/no-such-service/get_cron_list"),
    ]:
        answer = await site.http.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (200, 1240003), (method, path)
        assert answer.json()["result"] is False


async def test_version_4_has_real_statuses_for_addresses_methods_and_media_types(site: Site) -> None:
    unknown = await site.http.get(f"{G4}/no_such_operation")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "NOT_FOUND")
    method = await site.http.get(f"{G4}/fast_execute_script")
    assert (method.status_code, method.json()["error"]["code"]) == (400, "INVALID_ARGUMENT")
    elsewhere = await site.http.post("/api/job/v4/job-manage/fast_execute_script")
    assert (elsewhere.status_code, elsewhere.json()["error"]["code"]) == (404, "NOT_FOUND")
    media = await site.http.post(f"{G4}/fast_execute_script", content=b"<a/>", headers={"content-type": "text/xml"})
    assert (media.status_code, media.json()["error"]["code"]) == (415, "Unsupported Media Type")


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/xml", 406),
        ("text/html, application/json;q=0", 406),
        ("text/html, application/json;q=0.2", 401),
        ("", 401),
        ("*/*", 401),
        ("application/*", 401),
        ("application/problem+json", 401),
    ],
)
async def test_version_4_tells_those_who_take_no_json(site: Site, accept: str, status: int) -> None:
    answer = await site.http.get(f"{G4}/get_job_instance_status", headers={"accept": accept})
    told = answer.json()["error"]
    assert (answer.status_code, told["code"] == "MEDIA_TYPE_NOT_ACCEPTABLE") == (status, status == 406)
    assert ("1241021" in {one["code"] for one in told["details"]}) == (status == 406)


async def test_bodies_that_say_they_are_something_else_are_refused(site: Site) -> None:
    for media in ("text/xml", "multipart/form-data; boundary=x", "application/msgpack"):
        answer = await site.http.post(START, content=b"x", headers={"content-type": media})
        assert (answer.status_code, answer.json()["code"]) == (200, 1240003)


async def test_bodies_above_the_limit_are_refused(site: Site) -> None:
    async with Site(site.platform, body_limit_bytes=1000) as small:
        answer = await small.http.post(START, content=b"{" + b" " * 1001 + b"}")
        assert (answer.status_code, answer.json()["code"]) == (200, 1240003)
        assert (await small.post(START, script(start_task=False)))["code"] == 0


async def test_garbage_query_strings_are_refused(site: Site) -> None:
    for query in ("bk_biz_id=%ff", "bk_biz_id=2&bk_biz_id=3", "&".join(f"a{n}=1" for n in range(500)), "a=%00"):
        answer = await site.http.get(f"{V2}/get_job_instance_status/?{query}")
        assert (answer.status_code, answer.json()["code"]) == (200, 1240003), query


async def test_unknown_addresses_outside_the_surfaces_have_their_status(site: Site) -> None:
    answer = await site.http.get("/nothing/here")
    assert (answer.status_code, answer.json()["code"]) == (404, 1240003)


async def test_a_script_at_its_limits_is_taken_and_above_them_refused(site: Site) -> None:
    limits: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("script_param", {"script_param": encoded("x" * 65_535)}, {"script_param": encoded("x" * 65_536)}),
        (
            "script_param",
            {"script_param": encoded("x" * 48_128), "is_param_sensitive": 1},
            {"script_param": encoded("x" * 48_129), "is_param_sensitive": 1},
        ),
        ("timeout", {"timeout": 259_200}, {"timeout": 259_201}),
        ("timeout", {"timeout": 1}, {"timeout": 0}),
        ("task_name", {"task_name": "n" * 512}, {"task_name": "n" * 513}),
    ]
    for field, good, bad in limits:
        assert (await site.post(START, script(start_task=False) | good))["code"] == 0, field
        refused = await site.post(START, script() | bad)
        assert (refused["code"], field in refused["message"]) == (1240003, True)


async def test_a_script_of_sixteen_mebibytes_is_taken_and_one_byte_more_refused(site: Site) -> None:
    most = 16_777_215
    assert (await site.post(START, script(start_task=False, script_content=encoded("#" * most))))["code"] == 0
    refused = await site.post(START, script(script_content=encoded("#" * (most + 1))))
    assert (refused["code"], "script_content" in refused["message"]) == (1240003, True)


async def test_messages_follow_the_language_of_the_request(site: Site) -> None:
    wanted = DEMO | {"job_instance_id": 4}
    path = f"{V3}/get_job_instance_status/"
    assert (await site.post(path, wanted))["message"] == "作业实例不存在"
    for language in ("en", "en-us", "EN"):
        answer = await site.post(path, wanted, **{"blueking-language": language})
        assert answer["message"] == "The job instance does not exist"


async def test_a_body_that_comes_before_anybody_is_known_is_small(site: Site) -> None:
    async def post(path: str, size: int) -> httpx.Response:
        return await site.http.post(path, content=b'{"strange":"' + b"x" * (size - 14) + b'"}')

    for path in ("/api/v1/sign-in", "/api/v1/session", "/api/agent/v1/enrol"):
        at_limit, above = await post(path, MAX_OPEN_BODY_BYTES), await post(path, MAX_OPEN_BODY_BYTES + 1)
        assert (at_limit.status_code, at_limit.json()["field"]) == (400, "strange")
        assert (above.status_code, above.json()["field"]) == (400, "body")
    many = await post("/api/agent/v1/enrol-many", MAX_OPEN_BODY_BYTES + 1)
    assert many.json()["field"] == "strange"


async def test_a_body_is_read_for_those_whom_a_header_proves(site: Site) -> None:
    read: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(1)
        yield b"{}"

    header = {"X-Bkapi-Authorization": '{"bk_app_code":"nobody","bk_app_secret":"x","bk_username":"admin"}'}
    answer = await site.http.post(START, content=body(), headers=header)
    assert (answer.json()["code"] != 0, read) == (True, [])
