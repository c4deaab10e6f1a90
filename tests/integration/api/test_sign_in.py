"""Signing in over HTTP: sessions, personal tokens, wrong passwords, and what administrators do."""

import ipaddress
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from tests.integration.api.site import APP, DEMO, V3, Clock, Site

from jobfleet.model.access_token import MAX_PERSONAL_LIFE_MS, MAX_PERSONAL_TOKENS
from jobfleet.model.errors import ForbiddenError
from jobfleet.model.lockout import ADDRESS, FIRST_WAIT_MS, FREE_FAILURES, USER, Failures, Subject
from jobfleet.model.rate import Rate
from jobfleet.operations import passwords, signin
from jobfleet.operations.platform import Platform
from jobfleet.operations.rates import Rates
from jobfleet.store import signin_failures, tables

Json = dict[str, Any]
PASSWORD = "only-for-tests"
ADMIN = {"username": "admin", "password": PASSWORD}
STATUS = f"{V3}/get_job_instance_status/"
ASK = DEMO | {"job_instance_id": 1}
KNOWN, UNKNOWN, FORBIDDEN = 1244006, 1247001, 9900403


async def bearer(site: Site, username: str = "admin", password: str = PASSWORD) -> dict[str, str]:
    answer = await site.http.post("/api/v1/sign-in", json={"username": username, "password": password})
    return {"Authorization": f"Bearer {answer.raise_for_status().json()['token']}"}


async def token_for(site: Site, headers: dict[str, str], **wish: Any) -> str:
    answer = await site.http.post("/api/v1/tokens", json={"name": "ci"} | wish, headers=headers)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["token"]
    return made


async def user_with_password(site: Site, name: str) -> None:
    answer = await site.http.post(
        "/api/v1/users", json={"name": name, "password": PASSWORD}, headers=await bearer(site)
    )
    assert answer.status_code == 200, answer.text


async def opened(site: Site, **headers: str) -> tuple[str, str]:
    """Open a session as a browser does; return cookie and CSRF token, and leave the client without cookies."""
    answer = await site.http.post("/api/v1/session", json=ADMIN, headers=headers)
    assert answer.status_code == 200, answer.text
    site.http.cookies.clear()
    return answer.cookies["jobfleet_session"], answer.json()["csrf_token"]


@pytest.fixture
async def site(platform: Platform, clock: Clock) -> AsyncIterator[Site]:
    """Give the HTTP application with a client on it, at the time that the clock shows."""
    engine = msgspec.structs.replace(platform.engine, clock=clock)
    async with Site(msgspec.structs.replace(platform, engine=engine)) as site:
        yield site


async def audited(site: Site) -> list[str]:
    async with site.platform.engine.db.begin() as tx:
        rows = await tx.execute(sa.select(tables.audit.c.subject).order_by(tables.audit.c.id))
        return list(rows.scalars())


async def test_a_session_is_a_cookie_that_no_script_reads_and_no_other_site_sends(site: Site) -> None:
    answer = await site.http.post("/api/v1/session", json=ADMIN)
    [cookie] = answer.headers.get_list("set-cookie")
    assert {part.strip().lower() for part in cookie.split(";")[1:]} >= {"httponly", "samesite=lax", "path=/"}
    assert "secure" not in cookie.lower()
    assert answer.headers["cache-control"] == "no-store"
    assert (await site.http.get("/api/v1/whoami")).json()["username"] == "admin"
    async with Site(msgspec.structs.replace(site.platform, public_url="https://jobs.test")) as behind:
        [cookie] = (await behind.http.post("/api/v1/session", json=ADMIN)).headers.get_list("set-cookie")
    assert "secure" in cookie.lower()


async def test_what_changes_something_needs_the_sessions_own_csrf_token(site: Site) -> None:
    session, csrf = await opened(site)
    _, foreign = await opened(site)
    cookie = {"Cookie": f"jobfleet_session={session}"}
    for headers, status in (
        ({}, 403),
        ({"X-CSRF-Token": "made-up"}, 403),
        ({"X-CSRF-Token": foreign}, 403),
        ({"X-CSRF-Token": csrf, "Origin": "https://elsewhere.test"}, 403),
        ({"X-CSRF-Token": csrf, "Origin": "null"}, 403),
        ({"X-CSRF-Token": csrf, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-site"}, 403),
        ({"X-CSRF-Token": csrf, "Origin": "http://jobfleet.test", "Sec-Fetch-Site": "same-origin"}, 201),
    ):
        answer = await site.http.post("/api/v1/tokens", json={"name": "t"}, headers=cookie | headers)
        assert answer.status_code == status, (headers, answer.text)
    shown = await site.http.get("/api/v1/session", headers=cookie)
    assert shown.json()["csrf_token"] == csrf


async def test_no_other_site_signs_a_browser_in(site: Site) -> None:
    answer = await site.http.post("/api/v1/session", json=ADMIN, headers={"Origin": "https://elsewhere.test"})
    assert (answer.status_code, answer.headers.get("set-cookie")) == (403, None)


async def test_a_session_ends_without_use_after_its_life_and_by_signing_out(site: Site, clock: Clock) -> None:
    session, csrf = await opened(site)
    cookie = {"Cookie": f"jobfleet_session={session}"}
    lasting = site.platform.sessions

    async def status(at_ms: int) -> int:
        clock.ahead_ms = at_ms
        return (await site.http.get("/api/v1/whoami", headers=cookie)).status_code

    assert await status(lasting.idle_ms) == 401
    for step in range(1, lasting.life_ms // (lasting.idle_ms // 2)):
        assert await status(step * (lasting.idle_ms // 2)) == 200
    assert await status(lasting.life_ms) == 401
    clock.ahead_ms = 0
    ended = await site.http.post("/api/v1/session/end", headers=cookie | {"X-CSRF-Token": csrf})
    assert ended.status_code == 200
    assert (await site.http.get("/api/v1/whoami", headers=cookie)).status_code == 401


async def test_signing_in_again_gives_another_session_and_ends_the_one_before(site: Site) -> None:
    first, _ = await opened(site)
    second, _ = await opened(site, Cookie=f"jobfleet_session={first}")
    assert first != second
    answers = [
        (await site.http.get("/api/v1/whoami", headers={"Cookie": f"jobfleet_session={one}"})).status_code
        for one in (first, second)
    ]
    assert answers == [401, 200]


async def test_signing_out_everywhere_ends_sessions_and_sign_ins_but_no_personal_token(site: Site) -> None:
    headers, (session, _) = await bearer(site), await opened(site)
    personal = await token_for(site, headers)
    assert (await site.http.post("/api/v1/sessions/end", headers=headers)).json() == {"ended": 2}
    for who, status in (
        (headers, 401),
        ({"Cookie": f"jobfleet_session={session}"}, 401),
        ({"Authorization": f"Bearer {personal}"}, 200),
    ):
        assert (await site.http.get("/api/v1/whoami", headers=who)).status_code == status


async def test_only_a_session_counts_in_the_sessions_cookie(site: Site) -> None:
    personal = await token_for(site, await bearer(site))
    answer = await site.http.get("/api/v1/whoami", headers={"Cookie": f"jobfleet_session={personal}"})
    assert answer.status_code == 401


async def test_a_personal_token_works_on_the_native_api_and_on_the_bus_within_its_ceiling(site: Site) -> None:
    token = await token_for(site, await bearer(site), role="viewer", scopes=["biz:2"])
    assert token.startswith("jf_pat_")
    headers = {"Authorization": f"Bearer {token}"}
    whoami = (await site.http.get("/api/v1/whoami", headers=headers)).json()
    assert whoami["platform_admin"] is False
    assert [one["scope"] for one in whoami["scopes"]] == ["biz:2"]
    start = {"scope": "biz:2", "targets": ["127.0.0.1"], "script": "true", "start": False}
    assert (await site.http.post("/api/v1/jobs/script", json=start, headers=headers)).status_code == 403
    for scope, code in ((DEMO, KNOWN), ({"bk_biz_id": 3}, FORBIDDEN)):
        told = await site.http.post(STATUS, json=scope | {"job_instance_id": 1} | APP | {"access_token": token})
        assert told.json()["code"] == code
    whole = {"Authorization": f"Bearer {await token_for(site, await bearer(site), name='ops', role='operator')}"}
    assert (await site.http.post("/api/v1/jobs/script", json=start, headers=whole)).status_code == 201
    assert (await site.http.get("/api/v1/users", headers=whole)).status_code == 403


async def test_a_token_makes_no_tokens_and_changes_no_password(site: Site) -> None:
    token = await token_for(site, await bearer(site), role="admin", platform=True)
    headers = {"Authorization": f"Bearer {token}"}
    assert (await site.http.get("/api/v1/users", headers=headers)).status_code == 200
    again = await site.http.post("/api/v1/tokens", json={"name": "more"}, headers=headers)
    change = {"old_password": PASSWORD, "new_password": "another-one"}
    changed = await site.http.post("/api/v1/password", json=change, headers=headers)
    assert [(one.status_code, one.json()["code"]) for one in (again, changed)] == [(403, 1247403)] * 2


async def test_tokens_are_listed_without_themselves_and_revoked_by_owner_or_administrator(site: Site) -> None:
    await user_with_password(site, "li")
    li, admin = await bearer(site, "li"), await bearer(site)
    token = await token_for(site, li)
    await site.http.get("/api/v1/whoami", headers={"Authorization": f"Bearer {token}"})
    listed = await site.http.get("/api/v1/tokens", headers=li)
    [shown] = listed.json()["tokens"]
    assert token not in listed.text
    assert (shown["username"], shown["name"], shown["role"], shown["scopes"]) == ("li", "ci", "viewer", [])
    assert shown["used_at"] is not None
    assert (await site.http.get("/api/v1/tokens", headers=admin)).json()["tokens"] == []
    assert [one["id"] for one in (await site.http.get("/api/v1/tokens?all=true", headers=admin)).json()["tokens"]] == [
        shown["id"]
    ]
    assert (await site.http.get("/api/v1/tokens?all=true", headers=li)).status_code == 403
    admins = await token_for(site, admin, name="own")
    own_id = (await site.http.get("/api/v1/tokens", headers=admin)).json()["tokens"][0]["id"]
    foreign = await site.http.post(f"/api/v1/tokens/{own_id}/revoke", headers=li)
    assert (foreign.status_code, foreign.json()["code"]) == (404, 1243061)
    assert (await site.http.post(f"/api/v1/tokens/{shown['id']}/revoke", headers=admin)).status_code == 200
    for one, status in ((token, 401), (admins, 200)):
        answer = await site.http.get("/api/v1/whoami", headers={"Authorization": f"Bearer {one}"})
        assert answer.status_code == status
    async with site.platform.engine.db.begin() as tx:
        stored = str((await tx.execute(sa.select(tables.access_tokens))).all())
    assert admins not in stored


async def test_a_user_has_one_token_of_a_name_so_many_tokens_and_none_for_ever(site: Site, clock: Clock) -> None:
    headers = await bearer(site)
    for number in range(MAX_PERSONAL_TOKENS):
        await token_for(site, headers, name=f"t{number}", expires_in_s=60)
    one_more = await site.http.post("/api/v1/tokens", json={"name": "more"}, headers=headers)
    assert (one_more.status_code, one_more.json()["code"]) == (429, 1243063)
    clock.ahead_ms = 60_000
    longest = MAX_PERSONAL_LIFE_MS // 1000
    await token_for(site, headers, name="long", expires_in_s=longest)
    for wish, code in (({"name": "long"}, 1243062), ({"name": "x", "expires_in_s": longest + 1}, 1240003)):
        assert (await site.http.post("/api/v1/tokens", json=wish, headers=headers)).json()["code"] == code
    mixed = await site.http.post("/api/v1/tokens", json={"name": "p", "platform": True}, headers=headers)
    assert mixed.status_code == 400


@pytest.mark.parametrize("name", ["admin", "nobody"])
async def test_wrong_passwords_make_sign_ins_wait_whether_the_user_exists_or_not(
    site: Site, clock: Clock, name: str
) -> None:
    valid = await bearer(site)

    async def attempt(password: str) -> httpx.Response:
        return await site.http.post("/api/v1/sign-in", json={"username": name, "password": password})

    told = [(await attempt("wrong")).status_code for _ in range(FREE_FAILURES[USER])]
    assert told == [401] * FREE_FAILURES[USER]
    locked = await attempt(PASSWORD)
    assert (locked.status_code, locked.json()["code"]) == (429, UNKNOWN)
    assert 0 < int(locked.headers["retry-after"]) <= FIRST_WAIT_MS // 1000
    assert (await site.http.get("/api/v1/whoami", headers=valid)).status_code == 200
    unlocked = await site.http.post(f"/api/v1/users/{name}/unlock", headers=valid)
    assert unlocked.json() == {"unlocked": True}
    assert (await attempt(PASSWORD)).status_code == (200 if name == "admin" else 401)
    clock.ahead_ms = FIRST_WAIT_MS
    assert (await attempt("wrong")).status_code == 401
    assert f"sign-in: user {name} has to wait" in await audited(site)


async def test_a_right_password_ends_the_count_of_a_user_but_not_that_of_an_address(site: Site, clock: Clock) -> None:
    before = Failures(FREE_FAILURES[ADDRESS] - 2, clock(), 0)
    async with site.platform.engine.db.begin() as tx:
        await signin_failures.upsert(tx, Subject(ADDRESS, "127.0.0.1"), before)
    await site.http.post("/api/v1/sign-in", json={"username": "u", "password": "wrong"})
    assert (await site.http.post("/api/v1/sign-in", json=ADMIN)).status_code == 200
    await site.http.post("/api/v1/sign-in", json={"username": "u", "password": "wrong"})
    assert (await site.http.post("/api/v1/sign-in", json=ADMIN)).status_code == 429


async def test_a_changed_password_ends_the_users_other_sign_ins(site: Site) -> None:
    here, there = await bearer(site), await bearer(site)
    change = {"old_password": "wrong", "new_password": "another-one"}
    assert (await site.http.post("/api/v1/password", json=change, headers=here)).status_code == 401
    for new in ("short", "admin"):
        answer = await site.http.post("/api/v1/password", json=change | {"new_password": new}, headers=here)
        assert answer.status_code == 400
    right = change | {"old_password": PASSWORD}
    assert (await site.http.post("/api/v1/password", json=right, headers=here)).status_code == 200
    statuses = [(await site.http.get("/api/v1/whoami", headers=one)).status_code for one in (here, there)]
    assert statuses == [200, 401]
    assert (await site.http.post("/api/v1/sign-in", json=ADMIN)).status_code == 401
    await bearer(site, password="another-one")


async def test_a_disabled_user_is_nobody_on_every_way_in_until_enabled_again(site: Site) -> None:
    await user_with_password(site, "li")
    li, admin = await bearer(site, "li"), await bearer(site)
    personal = {"Authorization": f"Bearer {await token_for(site, li)}"}
    assert (await site.http.post("/api/v1/users/li/disable", headers=admin)).status_code == 200
    for headers in (li, personal):
        assert (await site.http.get("/api/v1/whoami", headers=headers)).status_code == 401
    named = await site.http.post(STATUS, json=ASK | APP | {"bk_username": "li"})
    assert named.json()["code"] == UNKNOWN
    signing_in = await site.http.post("/api/v1/sign-in", json={"username": "li", "password": PASSWORD})
    assert signing_in.status_code == 401
    assert (await site.http.post("/api/v1/users/li/enable", headers=admin)).status_code == 200
    assert (await site.http.get("/api/v1/whoami", headers=personal)).status_code == 200
    for path, status in (("admin/disable", 400), ("stranger/disable", 404), ("stranger/end-sessions", 404)):
        assert (await site.http.post(f"/api/v1/users/{path}", headers=admin)).status_code == status


async def test_a_hash_of_lower_cost_is_replaced_when_its_owner_signs_in(site: Site) -> None:
    cheap = PasswordHasher(1, 1024, 1).hash(PASSWORD)
    async with site.platform.engine.db.begin() as tx:
        await tx.execute(sa.update(tables.users).where(tables.users.c.name == "li").values(password_hash=cheap))
    await bearer(site, "li")
    async with site.platform.engine.db.begin() as tx:
        query = sa.select(tables.users.c.password_hash).where(tables.users.c.name == "li")
        stored = (await tx.execute(query)).scalar_one()
    assert not passwords.is_outdated(stored)
    assert passwords.password_matches(stored, PASSWORD)


async def test_the_audit_trail_tells_of_sign_ins_and_tokens_and_of_no_secret(site: Site) -> None:
    headers = await bearer(site)
    await site.http.post("/api/v1/sign-in", json={"username": "admin", "password": "wrong-secret"})
    token = await token_for(site, headers)
    await signin.sign_out(site.platform, headers["Authorization"].removeprefix("Bearer "))
    told = await audited(site)
    assert [one.partition(" from ")[0] for one in told] == ["sign-in: access", "sign-in: failed", told[2], "sign-out"]
    assert told[2].startswith("make token")
    assert not any(secret in " ".join(told) for secret in (token, PASSWORD, "wrong-secret"))


async def test_who_asks_too_often_is_told_so_in_the_envelope_with_status_429(site: Site, clock: Clock) -> None:
    clock.stop()  # so that nothing is given back between two calls
    async with Site(msgspec.structs.replace(site.platform, rates=Rates(Rate(per_s=1, burst=2)))) as slow:

        async def ask(path: str, **who: str) -> httpx.Response:
            header = {"X-Bkapi-Authorization": json.dumps(APP | {"bk_username": "admin"} | who)}
            return await slow.http.get(path, params=ASK, headers=header)

        answers = [await ask(STATUS) for _ in range(3)]
        assert [one.status_code for one in answers] == [200, 200, 429]
        assert (answers[2].json()["code"], answers[2].json()["result"]) == (1642902, False)
        assert answers[2].headers["retry-after"] == "1"
        v4 = await ask("/api/v4/get_job_instance_status", bk_username="li")
        assert (v4.status_code, v4.json()["error"]["code"]) == (429, "RATELIMIT_EXCEED")
        native = await bearer(slow)
        statuses = [(await slow.http.get("/api/v1/whoami", headers=native)).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        clock.ahead_ms = 1000
        assert (await ask(STATUS)).status_code == 200


async def test_failures_count_for_the_address_that_trusted_proxies_tell(site: Site) -> None:
    proxies = (ipaddress.ip_network("127.0.0.0/8"),)
    async with Site(msgspec.structs.replace(site.platform, trusted_proxies=proxies)) as behind:
        forwarded = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
        wrong = {"username": "admin", "password": "wrong"}
        await behind.http.post("/api/v1/sign-in", json=wrong, headers=forwarded)
    assert (await audited(site))[-1] == "sign-in: failed from 198.51.100.7"


async def test_a_personal_token_ends_no_sessions_and_revokes_no_other_token(site: Site) -> None:
    headers = await bearer(site)
    await token_for(site, headers, name="other")
    [other] = (await site.http.get("/api/v1/tokens", headers=headers)).json()["tokens"]
    low = {"Authorization": f"Bearer {await token_for(site, headers)}"}
    for path in ("sessions/end", f"tokens/{other['id']}/revoke"):
        answer = await site.http.post(f"/api/v1/{path}", headers=low)
        assert (path, answer.status_code, answer.json().get("code")) == (path, 403, 1247403)
    assert (await site.http.get("/api/v1/whoami", headers=headers)).status_code == 200
    for_all = {"Authorization": f"Bearer {await token_for(site, headers, name='p', role='admin', platform=True)}"}
    assert (await site.http.post(f"/api/v1/tokens/{other['id']}/revoke", headers=for_all)).status_code == 200


async def test_wrong_passwords_from_one_network_of_a_person_are_counted_together(site: Site) -> None:
    """Whoever has an IPv6 address has a whole /64 of them."""
    trusted = msgspec.structs.replace(site.platform, trusted_proxies=(ipaddress.ip_network("127.0.0.0/8"),))
    async with Site(trusted) as behind:

        async def attempt(source: str, password: str) -> int:
            wanted = ADMIN | {"password": password}
            headers = {"X-Forwarded-For": source}
            return (await behind.http.post("/api/v1/sign-in", json=wanted, headers=headers)).status_code

        assert await attempt("2001:db8::1", "wrong") == 401
        almost = sa.update(tables.sign_in_failures).values(failures=FREE_FAILURES[ADDRESS] - 1)
        async with site.platform.engine.db.begin() as tx:
            await tx.execute(almost.where(tables.sign_in_failures.c.kind == ADDRESS))
        assert await attempt("2001:db8::2", "wrong") == 401
        assert await attempt("2001:db8::ffff:1", ADMIN["password"]) == 429
        assert await attempt("2001:db8:0:1::1", ADMIN["password"]) == 200
        unlocked = await behind.http.post(
            "/api/v1/unlock-address", json={"address": "2001:db8::3"}, headers=await bearer(site)
        )
        assert unlocked.status_code == 200, unlocked.text
        assert await attempt("2001:db8::ffff:1", ADMIN["password"]) == 200


async def test_a_token_for_looking_steers_not_even_the_jobs_of_its_user(site: Site) -> None:
    headers = await bearer(site)
    job_id, step_id = await site.start(start_task=False)
    steering = {
        "operate_job_instance": {"job_instance_id": job_id, "operation_code": 2},
        "operate_step_instance": {"job_instance_id": job_id, "step_instance_id": step_id, "operation_code": 2},
    }
    viewer, operator = await token_for(site, headers), await token_for(site, headers, name="op", role="operator")
    for name, wanted in steering.items():
        answer = await site.http.post(f"{V3}/{name}/", json=DEMO | wanted | {"access_token": viewer})
        assert (name, answer.json()["code"]) == (name, ForbiddenError.code), answer.text
    start = DEMO | steering["operate_job_instance"] | {"access_token": operator}
    assert (await site.http.post(f"{V3}/operate_job_instance/", json=start)).json()["code"] == 0
