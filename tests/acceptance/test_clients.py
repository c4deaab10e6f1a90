"""The habits of callers in the wild: all of them work, and all that they read has the type that they expect."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.acceptance.declared import ACCOUNT, ALL, BIZ, PASSWORD, SECRET, A, B
from tests.acceptance.gates import Gates, encoded
from tests.acceptance.processes import another_server
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import BACK3, BACK4, G3, G4, V2, V3, Json, Surfaces, Who, envelope, success_v4

PLAIN = {"Accept": "*/*"}


@pytest.fixture(scope="module")
async def ended(stage: Stage) -> Job:
    """Give a job that has ended, with output in JSON and a tag."""
    job = await stage.run(encoded("echo '{\"a\": [1, 2]}'"), A)
    await stage.wait(job, 9, job_status=3)
    return job


@pytest.fixture(scope="module")
async def token(stage: Stage) -> str:
    """Give the token of a viewer's session."""
    return await stage.sign_in("vera", PASSWORD)


async def ask(stage: Stage, path: str, body: Json, **headers: str) -> Json:
    """POST JSON without saying that it is JSON."""
    sent = json.dumps(body).encode()
    return envelope(await stage.http.post(path, content=sent, headers=PLAIN | headers))


async def test_json_needs_no_content_type_and_unknown_fields_are_ignored(stage: Stage, ended: Job) -> None:
    body = stage.admin.who.members() | ended.named | {"no_such_field": {"a": [None]}, "page": 1}
    for path in (f"{V3}/get_job_instance_status", f"{V2}/get_job_instance_status/", f"{V2}/get_job_instance_log"):
        assert (await ask(stage, path, body))["code"] == 0
    for media in ("application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded"):
        told = await ask(stage, f"{V3}/get_job_instance_status/", body, **{"Content-Type": media})
        assert told["code"] == 0, media


async def test_paths_work_with_and_without_a_slash_before_the_query(stage: Stage, ended: Job) -> None:
    who = stage.admin.authorization()
    for root in (V3, G3, f"{G3}/system", BACK3, f"{BACK3}/system"):
        for slash in ("", "/"):
            path = f"{root}/get_job_instance_status{slash}"
            headers = who | ({"X-Bk-Username": "admin"} if "system" in root else {})
            told = envelope(await stage.http.get(path, params=ended.named, headers=headers))
            assert told["data"]["finished"] is True
    for root in (G4, f"{G4}/system", BACK4, f"{BACK4}/system"):
        for slash in ("", "/"):
            answer = await stage.http.get(f"{root}/get_job_instance_status{slash}", params=ended.named, headers=who)
            assert success_v4(answer)["finished"] is True


async def test_numbers_may_be_texts_and_ids_of_scopes_numbers(stage: Stage, gates: Gates) -> None:
    wanted: Json = {
        "bk_scope_type": "biz",
        "bk_scope_id": 2,
        "script_content": gates.script,
        "script_language": "1",
        "account_alias": ACCOUNT,
        "timeout": "60",
        "is_param_sensitive": "0",
        "start_task": "true",
        "target_server": {"host_id_list": ["1"], "topo_node_list": [{"id": "10", "node_type": "set"}]},
    }
    told = await stage.admin.v3("fast_execute_script", **wanted)
    job = Job(told["data"]["job_instance_id"], told["data"]["step_instance_id"], BIZ)
    await stage.wait(job, 7, 7, 7, job_status=2)
    for host in (1, 2, 3):
        await gates.succeed(host)
    await stage.wait(job, 9, 9, 9, job_status=3)
    texts = {"bk_scope_type": "biz", "bk_scope_id": 2} | {"job_instance_id": str(job.id)}
    assert (await stage.admin.v3("get_job_instance_status", **texts, return_ip_result="true"))["code"] == 0
    step = texts | {"step_instance_id": str(job.step_id)}
    assert (await stage.admin.v2("get_step_instance_status", **step))["code"] == 0
    assert (await stage.admin.v2("get_step_instance_status", bk_biz_id="2", params=step))["code"] == 0
    log = await stage.admin.v3("batch_get_job_instance_ip_log", **step, host_id_list=["1", 2])
    assert [one["host_id"] for one in log["data"]["script_task_logs"]] == [1, 2]
    done = await stage.admin.v3("operate_job_instance", **texts, operation_code="1")
    assert done["code"] == 1241003


async def test_a_scope_may_be_a_business_id_alone(stage: Stage, ended: Job) -> None:
    alone = Json(bk_biz_id=2, job_instance_id=ended.id)
    for told in (
        await stage.admin.v2("get_job_instance_log", **alone),
        await stage.admin.v3("get_job_instance_status", **alone),
        await stage.admin.gateway("get_job_instance_status", **alone),
    ):
        assert told["code"] == 0
    assert (await stage.admin.v3("get_job_instance_status", **(alone | {"bk_biz_id": 9991001})))["code"] == 1244006


async def test_what_stands_beside_params_wins_over_what_stands_inside(stage: Stage, ended: Job) -> None:
    wrong = {"job_instance_id": 1, "step_instance_id": 1}
    name = "get_step_instance_status"
    assert (await stage.admin.v2(name, **ended.step, params=wrong))["code"] == 0
    assert (await stage.admin.v2(name, **(BIZ | wrong), params=ended.step))["code"] == 1244007
    assert (await stage.admin.v2(name, params=ended.step))["code"] == 0
    assert (await stage.admin.v2(name, bk_biz_id=3, params=ended.step))["code"] == 1244007


async def test_the_scope_pair_wins_over_the_business_id(stage: Stage, ended: Job) -> None:
    for query in (stage.admin.v2, stage.admin.v3, stage.admin.gateway):
        assert (await query("get_job_instance_status", bk_biz_id=3, **ended.named))["code"] == 0


async def test_labels_and_messages_follow_the_language_and_numbers_never_do(stage: Stage, ended: Job) -> None:
    body = stage.admin.who.members() | ended.step
    for words, label, refusal in (
        ({}, "执行成功", "作业实例不存在"),
        ({"blueking-language": "zh-cn"}, "执行成功", "作业实例不存在"),
        ({"blueking-language": "en"}, "Success", "The job instance does not exist"),
        ({"blueking-language": "en-US"}, "Success", "The job instance does not exist"),
        ({"blueking-language": "fr"}, "执行成功", "作业实例不存在"),
    ):
        told = await ask(stage, f"{V2}/get_step_instance_status/", body, **words)
        [group] = told["data"]["step_instance_analyse_result"]
        assert (group["result_type"], group["result_type_text"]) == (9, label)
        told = await ask(stage, f"{V3}/get_job_instance_status/", body | {"job_instance_id": 7}, **words)
        assert (told["code"], told["message"]) == (1244006, refusal)


@pytest.mark.parametrize("flag", ["true", "True", "TRUE", "1"])
async def test_flags_of_queries_are_written_in_many_ways(stage: Stage, ended: Job, flag: str) -> None:
    for query in (stage.admin.v3_get, stage.admin.gateway):
        told = await query("get_job_instance_status", **ended.named, return_ip_result=flag)
        assert len(told["data"]["step_instance_list"][0]["step_ip_result_list"]) == 1
        told = await query("get_job_instance_status", **ended.named, return_ip_result=flag.translate(_NO))
        assert told["data"]["step_instance_list"][0]["step_ip_result_list"] is None


_NO = {ord("1"): "0", ord("t"): "f", ord("T"): "F", ord("r"): "a", ord("R"): "A", ord("u"): "ls", ord("U"): "LS"}


async def test_who_asks_may_stand_in_header_body_query_or_cookie(stage: Stage, ended: Job, token: str) -> None:
    path, body = f"{V3}/get_job_instance_status/", ended.named
    app = {"bk_app_code": "esb_test", "bk_app_secret": SECRET}
    for user in ({"bk_username": "admin"}, {"bk_token": token}, {"access_token": token}):
        who = app | user
        header = {"X-Bkapi-Authorization": json.dumps(who)}
        assert (await ask(stage, path, body, **header))["code"] == 0
        assert (await ask(stage, path, body | who))["code"] == 0
        assert envelope(await stage.http.post(path, json=body, params=who))["code"] == 0
        assert envelope(await stage.http.get(path, params=body | who))["code"] == 0
    cookie = {"Cookie": f"bk_token={token}"}
    assert envelope(await stage.http.post(path, json=body | app, headers=cookie))["code"] == 0
    assert envelope(await stage.http.get(path, params=body | app, headers=cookie))["code"] == 0
    # What another site's page can make a browser send counts for nothing.
    assert (await ask(stage, path, body | app, **cookie))["code"] == 1247002
    assert (await ask(stage, path, body | app, **cookie, **{"Content-Type": "text/plain"}))["code"] == 1247002


async def test_the_header_wins_over_the_body(stage: Stage, ended: Job) -> None:
    wrong = {"bk_app_code": "esb_test", "bk_app_secret": "wrong", "bk_username": "sam"}
    told = await ask(stage, f"{V3}/get_job_instance_status/", ended.named | wrong, **stage.admin.authorization())
    assert told["code"] == 0


async def test_callers_who_are_not_known_are_refused(stage: Stage, ended: Job) -> None:
    app, untrusted = Who("esb_test", SECRET, ""), Who("untrusted", SECRET)
    for who, more, code in (
        (Who("", "", ""), {}, 1247004),
        (Who("nobody", SECRET), {}, 1247403),
        (Who("esb_test", "wrong"), {}, 1247403),
        (Who("esb_test", ""), {}, 1247403),
        (app, {}, 1247002),
        (untrusted, {}, 1247403),
        (Who("esb_test", SECRET, "nobody"), {}, 1247001),
        (app, {"bk_token": "wrong"}, 1247001),
        (untrusted, {"bk_token": "wrong"}, 1247001),
    ):
        for path in (f"{V2}/get_job_instance_status/", f"{V3}/get_job_instance_status"):
            told = await ask(stage, path, ended.named | who.members() | more)
            assert (told["code"], SECRET in told["message"]) == (code, False), (who.app_code, more)
    for root, status in ((G3, 200), (G4, 401), (f"{G3}/system", 200), (f"{G4}/system", 401)):
        answer = await stage.http.get(f"{root}/get_job_instance_status", params=ended.named | app.members())
        assert answer.status_code == status
        assert "1247004" in answer.text


async def test_an_untrusted_application_needs_its_users_token(stage: Stage, ended: Job, token: str) -> None:
    who = Who("untrusted", SECRET, "").members() | {"bk_token": token}
    assert (await ask(stage, f"{V3}/get_job_instance_status", ended.named | who))["code"] == 0


async def test_an_application_alone_acts_with_its_own_roles(stage: Stage, ended: Job) -> None:
    for code, expected in (("robot", 0), ("untrusted", 9900403), ("esb_test", 9900403)):
        header = {"X-Bkapi-Authorization": json.dumps(Who(code, SECRET, "").members())}
        path = f"{G3}/system/get_job_instance_status"
        assert envelope(await stage.http.get(path, params=ended.named, headers=header))["code"] == expected
        in_header = {"X-Bkapi-Authorization": json.dumps(Who(code, SECRET).members())}
        told = envelope(await stage.http.get(path, params=ended.named, headers=in_header))
        assert told["code"] == (0 if code == "esb_test" else 1247403)
        named = header | {"X-Bk-Username": "admin"}
        allowed = 0 if code == "esb_test" else 1247403
        assert envelope(await stage.http.get(path, params=ended.named, headers=named))["code"] == allowed


def claims(**changes: Any) -> Json:
    """Return what a gateway tells of an application and a user that it has verified."""
    now = int(time.time())
    told = {
        "iss": "APIGW",
        "exp": now + 60,
        "nbf": now - 60,
        "app": {"app_code": "any", "verified": True},
        "user": {"username": "vera", "verified": True},
    }
    return {name: value for name, value in (told | changes).items() if value is not None}


@pytest.mark.parametrize("algorithm", ["RS256", "RS512"])
async def test_a_gateway_vouches_for_its_callers(stage: Stage, ended: Job, algorithm: str) -> None:
    signed = stage.gateway.sign(claims(), algorithm)
    for path in (f"{BACK3}/get_job_instance_status", f"{G3}/get_job_instance_status", f"{V3}/get_job_instance_status"):
        assert envelope(await stage.http.get(path, params=ended.named, headers=signed))["code"] == 0
    answer = await stage.http.get(f"{BACK4}/get_job_instance_status", params=ended.named, headers=signed)
    assert success_v4(answer)["finished"] is True
    stranger = stage.gateway.sign(claims(user={"username": "unknown", "verified": True}), algorithm)
    path = f"{BACK3}/get_job_instance_status"
    assert envelope(await stage.http.get(path, params=ended.named, headers=stranger))["code"] == 9900403


async def test_what_no_gateway_has_signed_is_refused(stage: Stage, ended: Job) -> None:
    now, other = int(time.time()), rsa.generate_private_key(65537, 2048)
    sign = stage.gateway.sign
    unverified_app, unverified_user = {"app_code": "any", "verified": False}, {"username": "vera", "verified": False}
    for headers, code in (
        (sign(claims(), "RS512", other), 1247001),
        (sign(claims(exp=now - 120)), 1247001),
        (sign(claims(nbf=now + 600)), 1247001),
        (sign(claims(iss="other")), 1247001),
        (sign(claims(iss=None)), 1247001),
        (sign(claims(exp=None)), 1247001),
        (sign(claims(), "HS256", b"a key that everybody knows, of 32 bytes"), 1247001),
        ({"X-Bkapi-JWT": "e30.e30."}, 1247001),
        ({"X-Bkapi-JWT": "nonsense"}, 1247001),
        (sign(claims(app=unverified_app)), 1247403),
        (sign(claims(app=None)), 1247004),
        (sign(claims(app={"verified": True})), 1247004),
        (sign(claims(user=unverified_user)), 1247002),
        (sign(claims(user=None)), 1247002),
    ):
        answer = await stage.http.get(f"{BACK3}/get_job_instance_status", params=ended.named, headers=headers)
        assert envelope(answer)["code"] == code, headers


async def test_a_forged_token_beside_a_good_header_is_not_overlooked(stage: Stage, ended: Job) -> None:
    headers = stage.admin.authorization() | {"X-Bkapi-JWT": "nonsense"}
    answer = await stage.http.get(f"{G3}/get_job_instance_status", params=ended.named, headers=headers)
    assert envelope(answer)["code"] == 1247001


async def test_log_content_is_the_output_and_nothing_else(stage: Stage, ended: Job) -> None:
    data = (await stage.admin.v2("get_job_instance_log", **ended.named))["data"]
    content = data[0]["step_results"][0]["ip_logs"][0]["log_content"]
    assert json.loads(content) == {"a": [1, 2]}
    one = await stage.admin.v3("get_job_instance_ip_log", **ended.step, bk_cloud_id="0", ip=" 127.0.0.1 ")
    assert json.loads(one["data"]["log_content"]) == {"a": [1, 2]}


async def test_polling_until_finished_finds_everything_readable_at_once(stage: Stage) -> None:
    for _ in range(5):
        job = await stage.run(encoded("echo out; echo 'job_success:[t]'"), A, B)
        await stage.wait_end(job)
        log = await stage.admin.v3("batch_get_job_instance_ip_log", **job.step, host_id_list=[A, B])
        assert [one["log_content"] for one in log["data"]["script_task_logs"]] == ["out\njob_success:[t]\n"] * 2


async def test_a_requests_own_trace_id_comes_back(stage: Stage, ended: Job) -> None:
    trace = "0123456789abcdef" * 2
    for given, expected in ((trace, trace), (f"{trace[:8]}-{trace[8:]}", trace), ("nonsense", None), ("x" * 999, None)):
        headers = stage.admin.authorization() | {"X-Bkapi-Request-Id": given}
        for job_id in (ended.id, 7):
            query = ended.named | {"job_instance_id": job_id}
            told = envelope(await stage.http.get(f"{G3}/get_job_instance_status", params=query, headers=headers))
            assert told["request_id"] == expected or (expected is None and told["request_id"] != given)
            assert "x" * 32 not in told["request_id"]


async def test_the_same_idempotency_key_starts_one_job_on_every_surface(stage: Stage) -> None:
    wanted = BIZ | {"script_content": encoded("true"), "script_language": 1, "account_alias": ACCOUNT}
    old = {"bk_biz_id": 2, "script_content": encoded("true"), "script_type": 1, "account": ACCOUNT}
    three, four = {"target_server": {"host_id_list": [A]}}, {"execute_target": {"host_list": [{"bk_host_id": A}]}}
    two = {"target_server": {"ip_list": [{"bk_cloud_id": 0, "ip": "127.0.0.1"}]}}
    for number, (path, body) in enumerate(
        (
            (f"{V2}/fast_execute_script/", old | two),
            (f"{V3}/fast_execute_script", wanted | three),
            (f"{G3}/fast_execute_script", wanted | three),
            (f"{G4}/fast_execute_script", wanted | four),
            (f"{BACK3}/fast_execute_script", wanted | three),
        )
    ):
        headers = stage.admin.authorization() | {"Idempotency-Key": f"once-{number}"}
        before = await stage.rows("job")
        answers = await asyncio.gather(*(stage.http.post(path, json=body, headers=headers) for _ in range(4)))
        started = {json.dumps(answer.json()["data"]) for answer in answers}
        assert (len(started), await stage.rows("job")) == (1, (before[0] + 1,)), path
        changed = await stage.http.post(path, json=body | {"task_name": "another"}, headers=headers)
        assert "1241012" in changed.text
        [name] = started
        await stage.wait_end(Job(json.loads(name)["job_instance_id"], json.loads(name)["step_instance_id"], BIZ))


@pytest.fixture(scope="module")
async def prefixed(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of a second server, behind a gateway's prefixes, that escapes the logs of version 2."""
    flags = ("--path-prefix", "/prod,/api/bk-job/prod", "--compat-escape-v2-logs", "true")
    async with another_server(stage, *flags) as url, httpx.AsyncClient(base_url=url) as http:
        yield http


async def test_a_gateways_prefix_may_stand_before_the_path(
    stage: Stage, prefixed: httpx.AsyncClient, ended: Job
) -> None:
    who = stage.admin.authorization()
    for prefix in ("", "/prod", "/api/bk-job/prod"):
        for root in (G3, f"{G3}/system", BACK3, V3, V2):
            for slash in ("", "/"):
                path = f"{prefix}{root}/get_job_instance_status{slash}"
                headers = who | {"X-Bk-Username": "admin"}
                assert envelope(await prefixed.get(path, params=ended.named, headers=headers))["code"] == 0, path
        answer = await prefixed.get(f"{prefix}{G4}/get_job_instance_status", params=ended.named, headers=who)
        assert success_v4(answer)["finished"] is True
        unknown = await prefixed.get(f"{prefix}{G3}/no_such_operation", headers=who)
        assert envelope(unknown)["code"] == 1240003
    assert (await prefixed.get(f"/stage{G3}/get_job_instance_status")).json()["code"] == 1240003


async def test_logs_of_version_2_are_escaped_by_a_setting_and_others_never(
    stage: Stage, prefixed: httpx.AsyncClient
) -> None:
    job = await stage.run(encoded("echo '<a> & \"b\"'"), A)
    await stage.wait(job, 9, job_status=3)
    other = Surfaces(prefixed, stage.admin.who)
    [step] = (await other.v2("get_job_instance_log", **job.named))["data"]
    assert step["step_results"][0]["ip_logs"][0]["log_content"] == '&lt;a&gt; &amp; "b"\n'
    one = await other.v3("get_job_instance_ip_log", **job.step, bk_host_id=A)
    assert one["data"]["log_content"] == '<a> & "b"\n'


async def test_a_business_set_runs_on_its_members_hosts(stage: Stage) -> None:
    job = await stage.run(encoded("echo set"), A, B, scope=ALL)
    shown = await stage.wait(job, 9, 9, job_status=3)
    head = shown["job_instance"]
    assert (head["bk_scope_type"], head["bk_scope_id"], head["bk_biz_id"]) == ("biz_set", "9991001", None)
    old = (await stage.admin.v2("get_job_instance_status", bk_biz_id=9991001, job_instance_id=job.id))["data"]
    assert (old["job_instance"]["bk_biz_id"], old["job_instance"]["bk_scope_type"]) == (9991001, "biz_set")


async def test_times_of_version_2_are_those_of_the_scope(stage: Stage) -> None:
    other = {"bk_scope_type": "biz", "bk_scope_id": "3"}
    told = await stage.admin.v3(
        "fast_execute_script",
        **other,
        script_content=encoded("true"),
        script_language=1,
        account_alias=ACCOUNT,
        target_server={"host_id_list": [12]},
    )
    job = Job(told["data"]["job_instance_id"], told["data"]["step_instance_id"], other)
    await stage.wait_end(job)
    data = (await stage.admin.v2("get_job_instance_status", **job.named))["data"]
    assert data["job_instance"]["start_time"][-6:] in {" -0500", " -0400"}
    log = (await stage.admin.v2("get_job_instance_log", **job.named))["data"]
    assert log[0]["step_results"][0]["ip_logs"][0]["start_time"][-6:] in {" -0500", " -0400"}
