"""The native API over HTTP, on a real database and broker."""

import hashlib
import itertools
import re
import time
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from tests.integration.native import STATE, Json, sign_in
from tests.platforms import platform_of, serving

from jobfleet.api.access import UndeclaredPermissionError
from jobfleet.api.native.mount import mount
from jobfleet.api.native.openapi import document
from jobfleet.api.native.route import Done, Nothing, Route
from jobfleet.api.native.routes import ROUTES
from jobfleet.bus import agent_http, identity
from jobfleet.bus.nkey import generate_user_seed, private_key, user_text
from jobfleet.operations.platform import Platform
from jobfleet.store.database import Database

platform = platform_of(STATE)


@pytest.fixture
async def http(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"blueking-language": "en"}
    with serving(platform) as app:
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 5000))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://jobfleet", headers=headers) as client:
            yield client


async def admin(http: httpx.AsyncClient) -> Json:
    return await sign_in(http, "admin", "correct horse")


async def li(http: httpx.AsyncClient) -> Json:
    return await sign_in(http, "li", "battery staple")


def script(**changes: object) -> Json:
    return {"scope": "biz:2", "targets": ["127.0.0.1"], "script": "true", **changes}


async def test_a_wrong_password_is_refused(http: httpx.AsyncClient) -> None:
    for name in ("li", "nobody"):
        answer = await http.post("/api/v1/sign-in", json={"username": name, "password": "wrong horse"})
        assert (answer.status_code, answer.json()["code"]) == (401, 1247001)


OPEN_ANSWERS = {
    "/api/v1/sign-in": 400,
    "POST /api/v1/session": 400,
    "/api/v1/sign-in/oidc": 404,
    "/api/v1/sign-in/oidc/callback": 404,
    "/api/v1/callback-key": 200,
    "/api/v1/sign-in/ways": 200,
}


async def test_every_route_but_signing_in_and_the_document_asks_who_one_is(http: httpx.AsyncClient) -> None:
    for route in ROUTES:
        path = route.path.replace("{job_id}", "1").replace("{step_id}", "1").replace("{host_id}", "1")
        answer = await http.request(route.method, path, headers={"Authorization": "Bearer nonsense"})
        expected = OPEN_ANSWERS.get(route.path) or OPEN_ANSWERS.get(f"{route.method} {route.path}", 401)
        assert answer.status_code == expected, route.path


async def test_the_key_of_callbacks_is_open_to_everybody(http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/v1/callback-key")
    assert (answer.status_code, answer.json()) == (200, {"ed25519": ""})


async def test_whoami_tells_roles_and_scopes(http: httpx.AsyncClient) -> None:
    answer = (await http.get("/api/v1/whoami", headers=await li(http))).json()
    assert answer["username"] == "li"
    assert answer["grants"] == [{"role": "operator", "scope": "biz:2"}]
    assert answer["scopes"] == [{"scope": "biz:2", "name": "demo"}]


async def test_a_token_ends_when_its_owner_signs_out(http: httpx.AsyncClient) -> None:
    headers = await li(http)
    assert (await http.post("/api/v1/sign-out", headers=headers)).status_code == 200
    assert (await http.get("/api/v1/whoami", headers=headers)).status_code == 401


async def test_a_script_job_is_accepted_shown_and_listed(http: httpx.AsyncClient) -> None:
    headers = await li(http)
    started = await http.post("/api/v1/jobs/script", json=script(start=False, name="hello"), headers=headers)
    assert started.status_code == 201, started.text
    job_id = started.json()["job_id"]
    shown = (await http.get(f"/api/v1/jobs/{job_id}?tasks=true", headers=headers)).json()
    assert (shown["job"]["name"], shown["job"]["status"], shown["job"]["finished"]) == ("hello", "pending", False)
    assert shown["steps"][0]["counters"] == {
        "total": 1,
        "waiting": 1,
        "running": 0,
        "succeeded": 0,
        "failed": 0,
        "terminated": 0,
        "done": 0,
    }
    listed = (await http.get("/api/v1/jobs?scope=biz:2", headers=headers)).json()
    assert (listed["total"], listed["jobs"][0]["id"]) == (1, job_id)


@pytest.mark.parametrize("name", ["hello", ""])
async def test_the_same_idempotency_key_gives_the_same_job(http: httpx.AsyncClient, name: str) -> None:
    headers = {**await li(http), "Idempotency-Key": f"once-{name}"}
    wanted = script(start=False, name=name)
    first, second = [(await http.post("/api/v1/jobs/script", json=wanted, headers=headers)).json() for _ in range(2)]
    assert first == second
    other = await http.post("/api/v1/jobs/script", json=script(start=False, name="other"), headers=headers)
    assert other.status_code == 409


async def test_following_a_job_waits_for_news_and_tells_the_version(http: httpx.AsyncClient) -> None:
    headers = await li(http)
    job_id = (await http.post("/api/v1/jobs/script", json=script(start=False), headers=headers)).json()["job_id"]
    first = (await http.post(f"/api/v1/jobs/{job_id}/output", json={"wait_s": 20}, headers=headers)).json()
    assert first["chunks"] == []
    begun = time.monotonic()
    wanted = {"version": first["version"], "wait_s": 0.3}
    again = (await http.post(f"/api/v1/jobs/{job_id}/output", json=wanted, headers=headers)).json()
    assert again["version"] == first["version"]
    assert time.monotonic() - begun >= 0.3


WRONG_FIELDS: list[tuple[Json, str]] = [
    ({"scope": "biz"}, "scope"),
    ({"scope": 2}, "scope"),
    ({"targets": []}, "targets"),
    ({"targets": ["somewhere"]}, "targets"),
    ({"targets": ["1", "no-such-host"]}, "targets"),
    ({"targets": ["node:set"]}, "targets"),
    ({"script": ""}, "script"),
    ({"script_base64": "dHJ1ZQ=="}, "script"),
    ({"script": None, "script_base64": "not base64!"}, "script_base64"),
    ({"language": "cobol"}, "language"),
    ({"timeout_s": 0}, "timeout_s"),
    ({"timeout_s": 259_201}, "timeout_s"),
    ({"params": "x" * 65_536}, "params"),
    ({"name": "x" * 513}, "name"),
    ({"color": "red"}, "color"),
]


async def test_a_wrong_field_is_named(http: httpx.AsyncClient) -> None:
    headers = await li(http)
    for changes, field in WRONG_FIELDS:
        answer = await http.post("/api/v1/jobs/script", json=script(**changes), headers=headers)
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, 1240003, field), changes


async def test_a_body_that_is_no_json_object_is_refused(http: httpx.AsyncClient) -> None:
    headers = await li(http)
    for body in (b"{", b"[]", b'{"scope": NaN}', b"\xff", b'{"a": 1, "a": 2}'):
        assert (await http.post("/api/v1/jobs/script", content=body, headers=headers)).status_code == 400, body


UNKNOWN: list[tuple[Json, int, int]] = [
    ({"scope": "biz:77"}, 404, 1243049),
    ({"targets": ["10.9.9.9"]}, 400, 1244030),
    ({"targets": ["group:none"]}, 404, 1211003),
    ({"account": "nobody"}, 404, 1244003),
]


async def test_what_does_not_exist_has_its_code(http: httpx.AsyncClient) -> None:
    headers = await li(http)
    for changes, status, code in UNKNOWN:
        answer = await http.post("/api/v1/jobs/script", json=script(**changes), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code), changes


async def test_who_has_no_role_is_told_what_to_apply_for(http: httpx.AsyncClient) -> None:
    headers = await sign_in(http, "wu", "battery staple")
    answer = await http.post("/api/v1/jobs/script", json=script(), headers=headers)
    assert answer.status_code == 403
    assert answer.json()["permission"]["actions"][0]["id"] == "access_business"


async def test_a_job_of_a_scope_that_one_may_not_access_looks_like_none(http: httpx.AsyncClient) -> None:
    started = await http.post("/api/v1/jobs/script", json=script(start=False), headers=await li(http))
    headers = await sign_in(http, "wu", "battery staple")
    answer = await http.get(f"/api/v1/jobs/{started.json()['job_id']}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, 1244006)


async def test_a_job_id_that_is_no_number_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/v1/jobs/seven", headers=await li(http))
    assert (answer.status_code, answer.json()["field"]) == (400, "job_id")


async def test_hosts_are_listed_with_their_agents(http: httpx.AsyncClient) -> None:
    answer = (await http.get("/api/v1/hosts?scope=biz:2", headers=await li(http))).json()
    assert [(host["ip"], host["agent"], host["seen_at"]) for host in answer["hosts"]] == [("127.0.0.1", "never", None)]


async def test_applying_state_is_for_platform_administrators(http: httpx.AsyncClient) -> None:
    wanted = {"toml": "[[businesses]]\nid = 3\nname = 'new'", "dry_run": True}
    assert (await http.post("/api/v1/apply", json=wanted, headers=await li(http))).status_code == 403
    answer = await http.post("/api/v1/apply", json=wanted, headers=await admin(http))
    assert answer.json()["changes"][0] == {
        "table": "businesses",
        "key": "3",
        "effect": "added",
        "fields": [
            {"name": "id", "before": None, "after": 3},
            {"name": "name", "before": None, "after": "new"},
            {"name": "archived", "before": None, "after": False},
        ],
    }


async def test_declared_state_and_its_row_in_the_audit_trail_are_one_transaction(
    http: httpx.AsyncClient, db: Database
) -> None:
    wanted = {"toml": "[[businesses]]\nid = 3\nname = 'new'", "dry_run": False}
    assert (await http.post("/api/v1/apply", json=wanted, headers=await admin(http))).status_code == 200
    query = """SELECT business.xmin::text = audit.xmin::text FROM business, audit
        WHERE business.id = 3 AND audit.subject LIKE 'apply declared state: %' AND audit.username = 'admin'"""
    async with db.begin() as tx:
        assert list((await tx.execute(sa.text(query))).scalars()) == [True]


async def test_mistakes_in_declared_state_are_listed(http: httpx.AsyncClient) -> None:
    answer = await http.post("/api/v1/apply", json={"toml": "[[hosts]]\nip = 1"}, headers=await admin(http))
    assert (answer.status_code, answer.json()["code"]) == (400, 1241012)
    assert answer.json()["mistakes"] == ["hosts[0].ip: expected `str | null`, got `int`"]


async def enrolment_token(http: httpx.AsyncClient) -> str:
    answer = await http.post("/api/v1/agents/tokens", json={"expires_in_s": 60}, headers=await admin(http))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


async def test_an_agent_enrols_with_the_address_it_comes_from(http: httpx.AsyncClient) -> None:
    key = identity.public_key(identity.new_seed())
    wanted = {"token": await enrolment_token(http), "public_key": key}
    answer = await http.post("/api/agent/v1/enrol", json=wanted)
    assert answer.status_code == 200, answer.text
    assert answer.json()["host_id"] == 1
    assert set(answer.json()) == {"host_id", "user_jwt", "nats_urls", "order_key", "nats_ca"}


async def test_an_agent_without_a_good_token_is_refused(http: httpx.AsyncClient) -> None:
    key = identity.public_key(identity.new_seed())
    answer = await http.post("/api/agent/v1/enrol", json={"token": "nonsense", "public_key": key})
    assert answer.status_code == 401


async def test_an_agent_fetches_only_what_an_unfinished_task_of_its_host_runs(http: httpx.AsyncClient) -> None:
    seed = generate_user_seed()
    key = private_key(seed)
    wanted = {"token": await enrolment_token(http), "public_key": user_text(key.public_key())}
    assert (await http.post("/api/agent/v1/enrol", json=wanted)).status_code == 200
    large = "#" * 70_000
    started = await http.post("/api/v1/jobs/script", json=script(script=large, start=False), headers=await li(http))
    assert started.status_code == 201
    path = "/api/agent/v1/content/" + hashlib.sha256(large.encode()).hexdigest()
    now = time.time_ns() // 1_000_000
    proof = {agent_http.HEADER: agent_http.sign(key, 1, now, "GET", path)}
    assert (await http.get(path, headers=proof)).status_code == 400
    assert (await http.get(path)).status_code == 401
    stale = {agent_http.HEADER: agent_http.sign(key, 1, now - 3_600_000, "GET", path)}
    assert (await http.get(path, headers=stale)).status_code == 401
    foreign = {agent_http.HEADER: agent_http.sign(private_key(generate_user_seed()), 1, now, "GET", path)}
    assert (await http.get(path, headers=foreign)).status_code == 401


GARBAGE: list[object] = [
    *(None, True, -1, 0, 1, 2**31, 2**63, 10**30, 1.5, "", " ", "x", "\u2028\U0001f4a5", "x" * 70_000),
    *("1" * 40, "٣", [], {}, [[]], [{}], [None], [10**30], ["9" * 30], ["node:set:" + "9" * 30], {"x": 1}),
    *({"1": 10**30}, {str(10**30): 1}, {"-1": -1}),
]


async def test_garbage_in_any_field_is_refused_and_never_a_fault(http: httpx.AsyncClient) -> None:
    """Each field gets nine of the values, the next one the next nine; the document's test makes up others."""
    headers, values = await admin(http), itertools.cycle(GARBAGE)
    for route in (route for route in ROUTES if route.method == "POST" and route.path != "/api/v1/sign-out"):
        path = re.sub(r"\{\w+\}", "1", route.path)
        good = script() if route.path.endswith("/script") else {}
        for field in msgspec.structs.fields(route.wanted):
            for value in itertools.islice(values, 9):
                answer = await http.post(path, json={**good, field.name: value}, headers=headers)
                assert answer.status_code < 500, (path, field.name, value, answer.text)


async def test_any_job_id_is_refused_or_not_found(http: httpx.AsyncClient) -> None:
    headers = await li(http)
    for job_id in ("0", "-1", "1.5", "9" * 18, "9" * 19, "9" * 5000, "%00", "x", "١"):
        for path in (f"/api/v1/jobs/{job_id}", f"/api/v1/jobs/{job_id}/log"):
            assert (await http.get(path, headers=headers)).status_code in {400, 404}, path
        answer = await http.post(f"/api/v1/jobs/{job_id}/operate", json={"operation": "stop"}, headers=headers)
        assert answer.status_code in {400, 404}, job_id


async def nothing(_call: object, _wanted: object) -> Done:
    return Done()


async def test_a_route_without_a_permission_is_not_served(platform: Platform) -> None:
    with pytest.raises(UndeclaredPermissionError):
        mount(platform, [Route("GET", "/api/v1/secret", None, nothing, Nothing, Done, "Tell")])


async def test_the_document_describes_every_route(http: httpx.AsyncClient) -> None:
    shown = (await http.get("/openapi/native")).json()
    assert {(method.upper(), path) for path, item in shown["paths"].items() for method in item} == {
        (route.method, route.path) for route in ROUTES
    }
    ids = [operation["operationId"] for item in shown["paths"].values() for operation in item.values()]
    assert len(set(ids)) == len(ids)
    assert "job_id" not in document().components["schemas"]["Follow"]["properties"]
