"""Who may call: applications, people, tokens, a gateway's word; everybody else is refused in the envelope."""

import json
import logging
import time
from typing import Any

import jwt
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from tests.integration.api.site import ADMIN, APP, DEMO, G3, G4, V2, V3, Site, script

from jobfleet.api.cookies import csrf_token
from jobfleet.model.errors import UnauthenticatedError
from jobfleet.operations import callers, signin
from jobfleet.store.tables import apps, platform_settings, role_bindings

STATUS = f"{V3}/get_job_instance_status/"
ASK = DEMO | {"job_instance_id": 1}
KNOWN = 1244006
"""The code that a caller gets who came as far as asking for a job that does not exist."""

NO_USER, NO_APP, WRONG_USER, WRONG_APP, FORBIDDEN = 1247002, 1247004, 1247001, 1247403, 9900403


async def code(site: Site, members: dict[str, Any], **headers: str) -> int:
    answer = await site.http.post(STATUS, json=members, headers=headers)
    assert answer.status_code == 200
    number: int = answer.json()["code"]
    return number


def header(members: dict[str, str]) -> dict[str, str]:
    return {"X-Bkapi-Authorization": json.dumps(members)}


async def test_an_application_with_its_secret_may_name_its_user_when_it_is_trusted(site: Site) -> None:
    assert await code(site, ASK | ADMIN) == KNOWN
    assert await code(site, ASK | {**ADMIN, "bk_app_secret": "wrong"}) == WRONG_APP
    assert await code(site, ASK | {"bk_app_code": "esb_test", "bk_username": "admin"}) == WRONG_APP
    assert await code(site, ASK | {**ADMIN, "bk_app_code": "nobody"}) == WRONG_APP
    untrusted = {"bk_app_code": "robot", "bk_app_secret": "b-secret", "bk_username": "admin"}
    assert await code(site, ASK | untrusted) == WRONG_APP


async def test_what_a_request_does_not_tell_of_its_caller_is_told(site: Site) -> None:
    assert await code(site, ASK) == NO_APP
    assert await code(site, ASK | {"bk_username": "admin"}) == NO_APP
    assert await code(site, ASK | APP) == NO_USER
    assert await code(site, ASK | APP | {"bk_username": "stranger"}) == WRONG_USER
    assert await code(site, ASK | APP | {"bk_token": "made-up"}) == WRONG_USER
    assert await code(site, ASK, **{"X-Bkapi-Authorization": "{not json"}) == WRONG_USER


async def test_the_header_wins_over_body_and_query(site: Site) -> None:
    assert await code(site, ASK | ADMIN, **header(APP)) == NO_USER
    assert await code(site, ASK | APP, **header(ADMIN)) == KNOWN


async def test_credentials_in_the_query_count_on_the_bus_beside_a_body(site: Site) -> None:
    answer = await site.http.post(STATUS, params=ADMIN, json=ASK)
    assert answer.json()["code"] == KNOWN
    answer = await site.http.get(STATUS, params=ADMIN | ASK)
    assert answer.json()["code"] == KNOWN


async def test_the_gateway_surfaces_take_credentials_from_the_header_only(site: Site) -> None:
    answer = await site.http.get(f"{G3}/get_job_instance_status", params=ADMIN | ASK)
    assert answer.json()["code"] == NO_APP
    answer = await site.http.get(f"{G3}/get_job_instance_status", params=ASK, headers=header(ADMIN))
    assert answer.json()["code"] == KNOWN
    answer = await site.http.get(f"{G4}/get_job_instance_status", params=ADMIN | ASK)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


async def test_tokens_stand_for_the_person_who_signed_in_until_they_end(site: Site) -> None:
    signed_in = await signin.sign_in(site.platform, "admin", "only-for-tests")
    session = await signin.give_token(site.platform, "li", kind=signin.SESSION, life_ms=60_000)
    short = await signin.give_token(site.platform, "li", kind=signin.SESSION, life_ms=-1)
    assert await code(site, ASK, **header({"access_token": signed_in.token})) == KNOWN
    assert await code(site, ASK | APP | {"bk_token": session.token}) == KNOWN
    assert await code(site, ASK | APP, Cookie=f"bk_token={session.token}") == KNOWN
    assert await code(site, ASK | APP | {"bk_token": short.token}) == WRONG_USER
    await signin.sign_out(site.platform, session.token)
    assert await code(site, ASK | APP | {"bk_token": session.token}) == WRONG_USER


async def test_a_wrong_password_and_an_unknown_user_are_refused_alike(site: Site) -> None:
    for name, password in [("admin", "wrong"), ("nobody", "only-for-tests"), ("li", "")]:
        with pytest.raises(UnauthenticatedError, match=r"username\|password"):
            await signin.sign_in(site.platform, name, password)


async def test_a_user_without_a_role_is_told_what_to_apply_for(site: Site) -> None:
    answer = await site.http.post(STATUS, json=ASK | APP | {"bk_username": "wang"}, headers={"blueking-language": "en"})
    refused = answer.json()
    assert (answer.status_code, refused["code"]) == (200, FORBIDDEN)
    [action] = refused["permission"]["actions"]
    [related] = action["related_resource_types"]
    assert (refused["permission"]["system_id"], action["id"]) == ("bk_job", "access_business")
    assert related["instances"] == [[{"type": "biz", "type_name": "Business", "id": "2", "name": "demo"}]]
    v4 = await site.as_gateway("GET", f"{G4}/get_job_instance_status", ASK, bk_username="wang")
    assert (v4.status_code, v4.json()["error"]["code"]) == (403, "NO_PERMISSION")
    assert v4.json()["error"]["data"]["actions"][0]["id"] == "access_business"


async def test_a_role_counts_in_its_scope_only_and_its_end_at_once(site: Site) -> None:
    li = APP | {"bk_username": "li"}
    assert await code(site, ASK | li) == KNOWN
    assert await code(site, li | {"bk_biz_id": 3, "job_instance_id": 1}) == FORBIDDEN
    async with site.platform.engine.db.begin() as tx:
        await tx.execute(sa.delete(role_bindings).where(role_bindings.c.user_name == "li"))
    assert await code(site, ASK | li) == FORBIDDEN


async def test_system_paths_need_the_application_alone(site: Site) -> None:
    path, robot = f"{G3}/system/get_job_instance_status", {"bk_app_code": "robot", "bk_app_secret": "b-secret"}
    as_itself = await site.http.get(path, params=ASK, headers=header(robot))
    assert as_itself.json()["code"] == KNOWN
    unbound = await site.http.get(path, params=ASK, headers=header(APP))
    assert unbound.json()["code"] == FORBIDDEN
    acting = await site.http.get(path, params=ASK, headers=header(APP) | {"X-Bk-Username": "li"})
    assert acting.json()["code"] == KNOWN
    overreach = await site.http.get(path, params=ASK, headers=header(robot) | {"X-Bk-Username": "admin"})
    assert overreach.json()["code"] == WRONG_APP
    nobody = await site.http.get(path, params=ASK)
    assert nobody.json()["code"] == NO_APP


async def test_no_application_becomes_a_person_by_having_the_same_name(site: Site) -> None:
    async with site.platform.engine.db.begin() as tx:
        secret = callers.hash_secret("c-secret")
        await tx.execute(sa.insert(apps).values(code="admin", secret_hash=secret, trusted=False))
    path = f"{G3}/system/get_job_instance_status"
    namesake = header({"bk_app_code": "admin", "bk_app_secret": "c-secret"})
    assert (await site.http.get(path, params=ASK, headers=namesake)).json()["code"] == WRONG_APP


async def test_a_session_cookie_counts_only_where_no_foreign_page_can_have_sent_it(site: Site) -> None:
    session = await signin.give_token(site.platform, "li", kind=signin.SESSION, life_ms=60_000)
    cookie = {"Cookie": f"bk_token={session.token}"}
    body = json.dumps(ASK)
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = await site.http.post(STATUS, content=body, headers=cookie | {"Content-Type": kind})
        assert answer.json()["code"] == NO_APP, kind
    is_json = {"Content-Type": "application/json"}
    answer = await site.http.post(STATUS, content=body, headers=cookie | is_json)
    assert answer.json()["code"] == WRONG_APP
    proof = is_json | {"X-CSRF-Token": csrf_token(session.token)}
    assert (await site.http.post(STATUS, content=body, headers=cookie | proof)).json()["code"] == KNOWN
    foreign = {"Origin": "https://elsewhere.test"}
    assert (await site.http.post(STATUS, content=body, headers=cookie | proof | foreign)).json()["code"] == WRONG_APP
    assert (await site.http.get(STATUS, params=ASK, headers=cookie)).json()["code"] == KNOWN


class Gateway:
    """A gateway with its key pair; it vouches for whom it is told to."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self.public_pem = public.decode()
        self.private_pem = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def token(self, algorithm: str = "RS512", key: str = "", **change: Any) -> str:
        claims = {
            "iss": "APIGW",
            "exp": int(time.time()) + 600,
            "app": {"app_code": "some_app", "verified": True},
            "user": {"username": "li", "verified": True},
        }
        wanted = {name: value for name, value in (claims | change).items() if value is not None}
        return jwt.encode(wanted, key or self.private_pem, algorithm)


@pytest.fixture(scope="module")
def gateway() -> Gateway:
    return Gateway()


async def declare(site: Site, gateway: Gateway) -> None:
    async with site.platform.engine.db.begin() as tx:
        await tx.execute(sa.insert(platform_settings).values(name="gateway.jwt_public_key", value=gateway.public_pem))


async def vouched(site: Site, token: str, path: str = "/api/job/v3/job-execute/get_job_instance_status") -> int:
    answer = await site.http.get(path, params=ASK, headers={"X-Bkapi-JWT": token})
    assert answer.status_code == 200
    number: int = answer.json()["code"]
    return number


async def test_a_declared_gateway_is_believed(site: Site, gateway: Gateway) -> None:
    assert await vouched(site, gateway.token()) == WRONG_USER
    await declare(site, gateway)
    assert await vouched(site, gateway.token()) == KNOWN
    assert await vouched(site, gateway.token("RS256")) == KNOWN
    assert await code(site, ASK, **{"X-Bkapi-JWT": gateway.token()}) == KNOWN


async def test_a_gateway_token_that_is_not_whole_is_refused(site: Site, gateway: Gateway) -> None:
    await declare(site, gateway)
    foreign, past = Gateway(), int(time.time()) - 120
    for story, token, expected in [
        ("expired", gateway.token(exp=past), WRONG_USER),
        ("without expiry", gateway.token(exp=None), WRONG_USER),
        ("not yet valid", gateway.token(nbf=int(time.time()) + 600), WRONG_USER),
        ("foreign issuer", gateway.token(iss="someone"), WRONG_USER),
        ("without issuer", gateway.token(iss=None), WRONG_USER),
        ("foreign key", foreign.token(), WRONG_USER),
        ("another algorithm", gateway.token("RS384"), WRONG_USER),
        ("the public key as a password", hmac_token(gateway), WRONG_USER),
        ("unsigned", jwt.encode({"iss": "APIGW"}, "", "none"), WRONG_USER),
        ("no token at all", "x.y.z", WRONG_USER),
        ("app not verified", gateway.token(app={"app_code": "a", "verified": False}), WRONG_APP),
        ("verified is a word", gateway.token(app={"app_code": "a", "verified": "true"}), WRONG_APP),
        ("no app", gateway.token(app=None), NO_APP),
        ("user not verified", gateway.token(user={"username": "li", "verified": False}), NO_USER),
        ("no user", gateway.token(user=None), NO_USER),
        ("a user without roles", gateway.token(user={"username": "new", "verified": True}), FORBIDDEN),
    ]:
        assert await vouched(site, token) == expected, story


def hmac_token(gateway: Gateway) -> str:
    """Return a token signed with the public key as if it were a shared secret."""
    import base64
    import hashlib
    import hmac

    def part(value: dict[str, Any]) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    claims = {"iss": "APIGW", "exp": int(time.time()) + 600, "app": {"app_code": "a", "verified": True}}
    signed = part({"alg": "HS256", "typ": "JWT"}) + b"." + part(claims | {"user": {"username": "li", "verified": True}})
    mac = hmac.new(gateway.public_pem.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


async def test_a_gateways_application_acts_for_others_only_when_it_is_trusted_here(
    site: Site, gateway: Gateway
) -> None:
    await declare(site, gateway)
    path = "/api/job/v3/job-execute/system/get_job_instance_status"

    async def acting(app: str, **headers: str) -> int:
        token = gateway.token(app={"app_code": app, "verified": True}, user=None)
        answer = await site.http.get(path, params=ASK, headers={"X-Bkapi-JWT": token} | headers)
        number: int = answer.json()["code"]
        return number

    assert await acting("robot") == KNOWN
    assert await acting("some_app") == FORBIDDEN
    assert await acting("li") == FORBIDDEN
    assert await acting("some_app", **{"X-Bk-Username": "admin"}) == WRONG_APP
    assert await acting("robot", **{"X-Bk-Username": "admin"}) == WRONG_APP
    assert await acting("esb_test", **{"X-Bk-Username": "admin"}) == KNOWN


async def test_gateways_forward_both_levels_to_one_path_and_tell_them_apart_in_a_header(
    site: Site, gateway: Gateway
) -> None:
    await declare(site, gateway)
    back_end, front = "/api/job/v3/job-execute/get_job_instance_status", "/api/v3/get_job_instance_status"

    async def asked(path: str, **headers: str) -> int:
        token = gateway.token(app={"app_code": "esb_test", "verified": True}, user=None)
        answer = await site.http.get(path, params=ASK, headers={"X-Bkapi-JWT": token} | headers)
        number: int = answer.json()["code"]
        return number

    of_apps = {"X-Bk-Job-Api-Type": "app", "X-Bk-Username": "admin"}
    assert await asked(back_end, **of_apps) == KNOWN
    assert await asked(back_end, **{"X-Bk-Username": "admin"}) == NO_USER
    assert await asked(front, **of_apps) == NO_USER


async def test_secrets_are_in_no_answer_and_no_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for members in (ADMIN, {**ADMIN, "bk_app_secret": "wrong-secret"}, {**ADMIN, "bk_app_code": "nobody"}):
        for path in (STATUS, f"{V2}/get_job_instance_log/"):
            answer = await site.http.post(path, json=ASK | members)
            assert "a-secret" not in answer.text
            assert "wrong-secret" not in answer.text
    assert "a-secret" not in caplog.text
    assert "wrong-secret" not in caplog.text


async def test_the_job_belongs_to_the_user_and_application_that_asked(site: Site) -> None:
    answer = await site.http.post(
        f"{V3}/fast_execute_script/", json=script(start_task=False) | APP | {"bk_username": "li"}
    )
    job_id = answer.json()["data"]["job_instance_id"]
    status = await site.post(f"{V2}/get_job_instance_status/", {"bk_biz_id": 2, "job_instance_id": job_id})
    assert status["data"]["job_instance"]["operator"] == "li"
