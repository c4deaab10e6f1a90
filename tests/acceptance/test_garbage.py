"""Garbage of every kind is answered in the envelope with its code, never with a fault, and starts nothing."""

import asyncio
import base64
import gzip
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.acceptance.declared import ACCOUNT, BIZ, CROWDED_BUSINESS, A
from tests.acceptance.gates import encoded
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import BACK3, BACK4, G3, G4, V2, V3, Json, envelope
from tests.waiting import WITHIN_S

MOST_SCRIPT_BYTES = 16_777_215
MOST_TARGETS = 50_000

BODIES: dict[str, bytes] = {
    "no json": b"{",
    "a list": b"[1]",
    "a text": b'"x"',
    "null": b"null",
    "a number that is none": b'{"bk_biz_id": NaN}',
    "infinity": b'{"bk_biz_id": -Infinity}',
    "a float beyond all": b'{"bk_biz_id": 1e999}',
    "a number of 5000 digits": b'{"bk_biz_id": ' + b"9" * 5000 + b"}",
    "a key twice": b'{"bk_biz_id": 2, "bk_biz_id": 3}',
    "an inner key twice": b'{"target_server": {"a": 1, "a": 2}}',
    "brackets without end": b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "objects without end": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "bad utf-8": b'{"bk_biz_id": "\xff"}',
    "a byte order mark": b'\xef\xbb\xbf{"bk_biz_id": 2}',
    "utf-16": '{"bk_biz_id": 2}'.encode("utf-16"),
    "utf-32": '{"bk_biz_id": 2}'.encode("utf-32"),
    "a NUL": b'{"task_name": "a\\u0000b"}',
    "half a surrogate pair": b'{"task_name": "\\ud800"}',
    "a comma too many": b'{"bk_biz_id": 2,}',
    "trailing words": b'{"bk_biz_id": 2} x',
    "single quotes": b"{'bk_biz_id': 2}",
    "a form": b"bk_biz_id=2&job_instance_id=1",
    "xml": b"<job/>",
    "gzip": gzip.compress(b'{"bk_biz_id": 2}'),
}

PATHS = (
    f"{V2}/fast_execute_script/",
    f"{V2}/get_job_instance_status",
    f"{V2}/get_step_instance_status/",
    f"{V2}/get_job_instance_log/",
    f"{V2}/operate_job_instance/",
    f"{V3}/fast_execute_script",
    f"{V3}/get_job_instance_status/",
    f"{V3}/batch_get_job_instance_ip_log/",
    f"{V3}/operate_step_instance/",
    f"{G3}/fast_execute_script",
    f"{G3}/system/operate_job_instance",
    f"{BACK3}/fast_execute_script",
)


@pytest.fixture
async def nothing_new(stage: Stage) -> AsyncIterator[None]:
    """Hold a test to it: the record is as before, not a row more."""
    async with stage.nothing_new():
        yield


@pytest.mark.usefixtures("nothing_new")
@pytest.mark.parametrize("path", PATHS)
async def test_bodies_that_are_no_request(stage: Stage, path: str) -> None:
    for story, body in BODIES.items():
        told = envelope(await stage.http.post(path, content=body, headers=stage.admin.authorization()))
        assert told["code"] == 1240003, (story, told)


@pytest.mark.usefixtures("nothing_new")
async def test_bodies_that_are_no_request_of_version_4(stage: Stage) -> None:
    for path in (f"{G4}/fast_execute_script", f"{BACK4}/fast_execute_script"):
        for story, body in BODIES.items():
            answer = await stage.http.post(path, content=body, headers=stage.admin.authorization())
            error = answer.json()["error"]
            assert (answer.status_code, error["code"]) == (400, "INVALID_ARGUMENT"), story
            assert error["details"][0]["code"] == "1240003"


@pytest.mark.usefixtures("nothing_new")
async def test_queries_that_are_no_request(stage: Stage) -> None:
    for path in (f"{V2}/get_job_instance_log/", f"{V3}/get_job_instance_status", f"{G3}/get_step_instance_status"):
        for query in (
            "bk_biz_id=%ff",
            "bk_biz_id=2&bk_biz_id=3",
            "&".join(f"a{number}=1" for number in range(500)),
            "a=%00",
            "bk_scope_type=biz&bk_scope_id=" + "9" * 5000,
            "bk_biz_id=2;drop",
            "%",
            "job_instance_id[]=1",
        ):
            answer = await stage.http.get(f"{path}?{query}", headers=stage.admin.authorization())
            assert envelope(answer)["code"] == 1240003, (path, query)


@pytest.mark.usefixtures("nothing_new")
async def test_bodies_of_another_type_or_too_large(stage: Stage) -> None:
    path, who = f"{V3}/fast_execute_script", stage.admin.authorization()
    for media in ("text/xml", "multipart/form-data; boundary=x", "application/msgpack", "image/png"):
        told = envelope(await stage.http.post(path, content=b"x", headers=who | {"Content-Type": media}))
        assert told["code"] == 1240003, media
    told = envelope(await stage.http.post(path, content=b" " * (32 * 2**20 + 1), headers=who))
    assert told["code"] == 1240003
    told = envelope(await stage.http.post(path, content=_portions(), headers=who))
    assert told["code"] == 1240003


async def _portions() -> AsyncIterator[bytes]:
    for _ in range(33):
        yield b" " * 2**20


@pytest.mark.usefixtures("nothing_new")
async def test_addresses_that_are_garbage(stage: Stage) -> None:
    for path in (
        f"{V2}/%00",
        f"{V3}/get_job_instance_status/extra",
        f"{V3}/../../../etc/passwd",
        f"{G3}/%ff%fe",
        f"{V2}/get_job_instance_status;a=1",
        f"{V2}/" + "x" * 4000,
        f"{V3}/作业",
    ):
        for verb in ("GET", "POST"):
            answer = await stage.http.request(verb, path)
            assert answer.status_code in {200, 404}, path
            assert answer.json()["code"] == 1240003, path


@pytest.mark.usefixtures("nothing_new")
async def test_requests_that_are_not_http_do_not_disturb_the_server(stage: Stage) -> None:
    place = urlsplit(stage.installation.url)
    for sent in (
        b"\x16\x03\x01\x02\x00" + b"\x00" * 64,
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /api/v3/fast_execute_script HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v3/fast_execute_script HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
        b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(sent)
        await writer.drain()
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), WITHIN_S)
        assert b" 500 " not in answer.partition(b"\r\n")[0]
        writer.close()
    assert (await stage.http.get("/readyz")).status_code == 200


START = {
    "script_content": encoded("echo never"),
    "script_language": 1,
    "account_alias": ACCOUNT,
    "target_server": {"host_id_list": [A]},
    "start_task": False,
}
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted({*START, *BIZ, "bk_biz_id", "timeout", "callback_url", "script_param", "rolling_config", "task_name"})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(FIELDS), value=ANY_JSON)
async def test_no_value_of_any_field_is_a_fault(stage: Stage, field: str, value: object) -> None:
    before = await stage.rows("job")
    told = await stage.admin.v3("fast_execute_script", **(BIZ | START | {field: value}))
    created = 1 if told["code"] == 0 else 0
    assert await stage.rows("job") == (before[0] + created,)


@pytest.mark.usefixtures("nothing_new")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(st.sampled_from(["params", "job_instance_id", "step_instance_id", *BIZ]), ANY_JSON))
async def test_no_query_is_a_fault(stage: Stage, body: Json) -> None:
    for ask, name in (
        (stage.admin.v2, "get_step_instance_status"),
        (stage.admin.v2, "get_job_instance_log"),
        (stage.admin.v3, "get_job_instance_status"),
        (stage.admin.v3, "batch_get_job_instance_ip_log"),
        (stage.admin.v3, "operate_step_instance"),
    ):
        assert (await ask(name, **body))["code"] != 0


@pytest.mark.usefixtures("nothing_new")
async def test_headers_that_are_garbage(stage: Stage) -> None:
    path, query = f"{V3}/get_job_instance_status/", BIZ | {"job_instance_id": 1}
    for header, code in (
        (b"{", 1247001),
        (b"[]", 1247001),
        (b'"x"', 1247001),
        (b"\xff\xfe", 1247001),
        (b'{"bk_app_code": "\\u0000"}', 1247001),
        (b'{"bk_app_code": {"a": 1}}', 1247004),
        (b'{"bk_app_code": 7, "bk_app_secret": []}', 1247004),
        (b"{}", 1247004),
        (b'{"bk_app_code": "esb_test"}', 1247403),
        (b'{"bk_app_code": "' + b"x" * 8000 + b'", "bk_app_secret": "x", "bk_username": "admin"}', 1247403),
    ):
        answer = await stage.http.post(path, json=query, headers={b"X-Bkapi-Authorization": header})
        assert envelope(answer)["code"] == code, header
    for key in ("", "a b", "k" * 129, "a  b"):
        headers = [*stage.admin.authorization().items(), ("Idempotency-Key", key)]
        answer = await stage.http.post(f"{V3}/fast_execute_script/", json=BIZ | START, headers=headers)
        assert envelope(answer)["code"] == 1240003, key


async def test_limits_hold_on_both_sides(stage: Stage) -> None:
    limits: list[tuple[Json, Json]] = [
        (Json(script_param=encoded("x" * 65_535)), Json(script_param=encoded("x" * 65_536))),
        (
            Json(script_param=encoded("x" * 48_128), is_param_sensitive=1),
            Json(script_param=encoded("x" * 48_129), is_param_sensitive=1),
        ),
        (Json(timeout=259_200), Json(timeout=259_201)),
        (Json(timeout=1), Json(timeout=0)),
        (Json(task_name="名" * 512), Json(task_name="名" * 513)),
        (Json(windows_interpreter="C" * 256 + ".exe"), Json(windows_interpreter="C" * 257 + ".exe")),
        (Json(is_param_sensitive=1), Json(is_param_sensitive=2)),
        (Json(script_content=zeros(MOST_SCRIPT_BYTES)), Json(script_content=zeros(MOST_SCRIPT_BYTES + 1))),
        (Json(bk_biz_id=2**63 - 1), Json(bk_biz_id=2**63)),
    ]
    for good, bad in limits:
        assert (await stage.admin.v3("fast_execute_script", **(BIZ | START | good)))["code"] == 0, str(good)[:80]
        async with stage.nothing_new():
            refused = await stage.admin.v3("fast_execute_script", **(BIZ | START | bad))
            assert refused["code"] == 1240003, str(bad)[:80]


def zeros(size: int) -> str:
    """Return a script of so many bytes in Base64."""
    return base64.b64encode(b"#" * size).decode()


async def test_a_large_script_runs(stage: Stage) -> None:
    script = b"#!/bin/bash\necho large\nexit 0\n" + b"#" * (1 << 20)
    job = await stage.run(base64.b64encode(script).decode(), A)
    await stage.wait(job, 9, job_status=3)
    log = await stage.admin.v3("get_job_instance_ip_log", **job.step, bk_host_id=A)
    assert log["data"]["log_content"] == "large\n"


@pytest.mark.usefixtures("nothing_new")
async def test_a_list_of_more_hosts_than_a_step_may_have_is_refused(stage: Stage) -> None:
    unknown = [{"bk_cloud_id": 7, "ip": f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"} for n in range(MOST_TARGETS + 1)]
    for target in ({"ip_list": unknown}, {"host_id_list": list(range(1_000_000, 1_000_000 + MOST_TARGETS + 1))}):
        told = await stage.admin.v3("fast_execute_script", **(BIZ | START | {"target_server": target}))
        assert (told["code"], len(told["message"]) < 1000) == (1244030, True)


@pytest.fixture(scope="module")
async def many(stage: Stage) -> Json:
    """Give the scope of a business with 50,001 hosts."""
    await stage.database.execute("INSERT INTO business (id, name) VALUES ($1, 'many')", CROWDED_BUSINESS)
    await stage.database.execute(
        "INSERT INTO account (id, business_id, scope_type, alias, account, category, type)"
        " VALUES (90, $1, 'biz', 'root', 'root', 1, 1)",
        CROWDED_BUSINESS,
    )
    await stage.database.execute(
        "INSERT INTO host (id, business_id, cloud_id, ip) SELECT 2000000 + n, $1::bigint, 9, host('10.0.0.0'::inet + n)"
        f" FROM generate_series(1, {MOST_TARGETS + 1}) n",
        CROWDED_BUSINESS,
    )
    return {"bk_scope_type": "biz", "bk_scope_id": str(CROWDED_BUSINESS), "account_alias": "root"}


async def test_50000_hosts_are_taken_and_one_more_is_refused(stage: Stage, many: Json) -> None:
    def targets(count: int) -> Json:
        return {"target_server": {"host_id_list": list(range(2_000_001, 2_000_001 + count))}}

    node: Json = {"target_server": {"topo_node_list": [{"id": CROWDED_BUSINESS, "node_type": "biz"}]}}
    async with stage.nothing_new():
        for target in (node, targets(MOST_TARGETS + 1)):
            refused = await stage.admin.v3("fast_execute_script", **(START | many | target))
            assert (refused["code"], str(MOST_TARGETS) in refused["message"]) == (1244022, True)
    told = await stage.admin.v3("fast_execute_script", **(START | many | targets(MOST_TARGETS)))
    job = Job(
        told["data"]["job_instance_id"], told["data"]["step_instance_id"], {**BIZ, "bk_scope_id": many["bk_scope_id"]}
    )
    step = (await stage.admin.v2("get_step_instance_status", **job.step))["data"]["step_instance_detail"]
    counted = step["running_ip_num"] + step["fail_ip_num"]
    assert (step["total_ip_num"], counted, step["success_ip_num"]) == (MOST_TARGETS, MOST_TARGETS, 0)


@pytest.mark.usefixtures("nothing_new")
async def test_texts_that_look_like_commands_are_only_texts(stage: Stage) -> None:
    for text in ("'; DROP TABLE job; --", "${jndi:ldap://x}", "../../etc/passwd", "%s%s%n", "<script>", "\u202e"):
        for wanted in (
            Json(account_alias=text),
            Json(target_server={"dynamic_group_list": [{"id": text}]}),
            Json(target_server={"topo_node_list": [{"id": 1, "node_type": text}]}),
        ):
            told = await stage.admin.v3("fast_execute_script", **(BIZ | START | wanted))
            assert told["code"] in {1244003, 1211003, 1244028}, (text, told)


async def test_a_step_is_named_with_any_text(stage: Stage) -> None:
    name: Any = "'; DROP TABLE job; -- 名 \u202e <b> \U0001f680"
    told = await stage.admin.v3("fast_execute_script", **(BIZ | START | {"task_name": name}))
    assert told["data"]["job_instance_name"] == name
    shown = await stage.admin.v2("get_job_instance_status", **BIZ, job_instance_id=told["data"]["job_instance_id"])
    assert shown["data"]["job_instance"]["name"] == name
