"""Signing in through a real identity provider: the whole way of a browser, and every way to be refused."""

import time
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import msgspec
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, GROUP, USER, IdentityProvider
from tests.integration.api.site import Clock, Site
from tests.platforms import ADMIN

from jobfleet.model.errors import UnauthenticatedError
from jobfleet.model.oidc import Provider, read_group_role
from jobfleet.operations import oidc
from jobfleet.operations.oidc_provider import OidcProvider, Tokens
from jobfleet.operations.platform import Platform
from jobfleet.operations.users import set_disabled
from jobfleet.store import tables

BEGIN = "/api/v1/sign-in/oidc"


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[IdentityProvider]:
    running = IdentityProvider()
    await running.start()
    yield running
    await running.stop()


def believed(provider: IdentityProvider, **change: object) -> Provider:
    made = Provider(
        issuer=provider.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        scopes="openid profile groups",
        username_claim="sub",
        roles=(read_group_role(f"{GROUP}=operator@biz:2"),),
        new_users=True,
    )
    return msgspec.structs.replace(made, **change)


@pytest.fixture
async def site(platform: Platform, provider: IdentityProvider, clock: Clock) -> AsyncIterator[Site]:
    engine = msgspec.structs.replace(platform.engine, clock=clock)
    oidc = OidcProvider(believed(provider))
    async with Site(
        msgspec.structs.replace(platform, engine=engine, oidc=oidc, public_url="http://jobfleet.test")
    ) as site:
        yield site


async def come_back(site: Site, provider: IdentityProvider, return_to: str = "/") -> httpx.URL:
    """Begin to sign in, log in at the provider, and return the address that the browser is sent back to."""
    begun = await site.http.get(BEGIN, params={"return_to": return_to})
    assert begun.status_code == 302, begun.text
    return await provider.log_in(begun.headers["location"])


async def refused(site: Site, address: httpx.URL | str) -> str:
    answer = await site.http.get(address)
    assert (answer.status_code, answer.headers.get_list("set-cookie")) == (401, []), answer.text
    assert answer.json()["code"] == 1247001
    return str(answer.json()["message"])


async def test_a_browser_goes_to_the_provider_and_comes_back_signed_in(site: Site, provider: IdentityProvider) -> None:
    back = await come_back(site, provider, "/S/runs?x=1")
    landed = await site.http.get(back)
    assert (landed.status_code, landed.headers.get("location")) == (302, "/S/runs?x=1"), landed.text
    whoami = (await site.http.get("/api/v1/whoami")).json()
    assert (whoami["username"], whoami["grants"]) == (USER, [{"role": "operator", "scope": "biz:2"}])
    csrf = (await site.http.get("/api/v1/session")).json()["csrf_token"]
    ended = await site.http.post("/api/v1/session/end", headers={"X-CSRF-Token": csrf})
    assert ended.json()["logout_url"].startswith(f"{provider.issuer}/oauth/end_session?")
    assert (await site.http.get("/api/v1/whoami")).status_code == 401


async def test_a_code_is_good_once_and_with_its_own_browser_only(site: Site, provider: IdentityProvider) -> None:
    back = await come_back(site, provider)
    kept = dict(site.http.cookies)
    site.http.cookies.clear()
    assert "another browser" in await refused(site, back)
    query = {name: values[0] for name, values in parse_qs(back.query.decode()).items()}
    site.http.cookies.update(kept)
    forged = back.copy_with(query=urlencode(query | {"state": "forged"}).encode())
    await refused(site, forged)
    await refused(site, back.copy_with(query=urlencode(query | {"iss": "https://elsewhere.test"}).encode()))
    assert (await site.http.get(back)).status_code == 302
    site.http.cookies.clear()
    site.http.cookies.update(kept)
    await refused(site, back)


async def test_an_id_token_of_another_sign_in_is_not_taken_for_this_one(site: Site, provider: IdentityProvider) -> None:
    """The answer to one attempt is brought to another: its state is put right, but its code and nonce are not."""
    first = await come_back(site, provider)
    kept = dict(site.http.cookies)
    begun = await site.http.get(BEGIN)
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    code = parse_qs(first.query.decode())["code"][0]
    await refused(site, f"{first.copy_with(query=None)}?{urlencode({'state': state, 'code': code})}")
    # The code is spent where it belongs: Canaille, when it keeps things in memory, mixes unspent codes up.
    site.http.cookies.clear()
    site.http.cookies.update(kept)
    assert (await site.http.get(first)).status_code == 302


async def test_an_attempt_and_an_id_token_end(site: Site, provider: IdentityProvider, clock: Clock) -> None:
    back = await come_back(site, provider)
    clock.ahead_ms = 600_000
    assert "too long" in await refused(site, back)
    clock.ahead_ms = 0
    assert (await site.http.get(back)).status_code == 302


async def test_a_provider_may_change_its_key(site: Site, provider: IdentityProvider) -> None:
    assert (await site.http.get(await come_back(site, provider))).status_code == 302
    await provider.rotate_key()
    assert (await site.http.get(await come_back(site, provider))).status_code == 302


async def test_a_disabled_user_does_not_come_in_by_the_provider(site: Site, provider: IdentityProvider) -> None:
    assert (await site.http.get(await come_back(site, provider))).status_code == 302
    await set_disabled(site.platform, ADMIN, USER, disabled=True)
    assert (await site.http.get("/api/v1/whoami")).status_code == 401
    assert "disabled" in await refused(site, await come_back(site, provider))


async def test_nobody_becomes_an_administrator_an_application_or_unknown_by_a_name(
    site: Site, provider: IdentityProvider
) -> None:
    async def attempt() -> str:
        return await refused(site, await come_back(site, provider))

    async def rename(row: str) -> None:
        async with site.platform.engine.db.begin() as tx:
            await tx.execute(sa.text(row))

    strict = msgspec.structs.replace(site.platform, oidc=OidcProvider(believed(provider, new_users=False)))
    async with Site(strict) as closed:
        assert "no user here" in await refused(closed, await come_back(closed, provider))
    await rename(f"INSERT INTO app (code, secret_hash) VALUES ('{USER}', '')")
    assert "somebody else" in await attempt()
    await rename("DELETE FROM app WHERE code = 'ann'")
    await rename(f"INSERT INTO app_user (name, password_hash) VALUES ('{USER}', 'x')")
    assert "somebody else" in await attempt()
    await rename("UPDATE app_user SET password_hash = NULL, platform_admin = true WHERE name = 'ann'")
    assert "somebody else" in await attempt()
    await rename("UPDATE app_user SET platform_admin = false WHERE name = 'ann'")
    assert (await site.http.get(await come_back(site, provider))).status_code == 302


async def test_roles_that_a_provider_gives_and_takes_leave_a_row_in_the_audit_trail(
    site: Site, provider: IdentityProvider
) -> None:
    async def rows() -> list[str]:
        query = sa.text("SELECT subject FROM audit WHERE subject LIKE 'roles by groups%' ORDER BY id")
        async with site.platform.engine.db.begin() as tx:
            return list((await tx.execute(query)).scalars())

    for _ in range(2):
        assert (await site.http.get(await come_back(site, provider))).status_code == 302
    assert await rows() == ["roles by groups: operator@biz:2"]
    other = msgspec.structs.replace(site.platform, oidc=OidcProvider(believed(provider, roles=())))
    async with Site(other) as changed:
        assert (await changed.http.get(await come_back(changed, provider))).status_code == 302
    assert (await rows())[1:] == ["roles by groups: none"]


async def test_nobody_becomes_by_a_name_who_looks_after_the_platform_in_part(
    site: Site, provider: IdentityProvider
) -> None:
    async with site.platform.engine.db.begin() as tx:
        await tx.execute(sa.text(f"INSERT INTO app_user (name) VALUES ('{USER}')"))
        row = {"user_name": USER, "scope_type": "platform", "scope_id": 0, "role": "editor"}
        await tx.execute(sa.insert(tables.role_bindings).values(row))
    assert "somebody else" in await refused(site, await come_back(site, provider))


async def test_an_administrator_links_and_unlinks_an_identity(site: Site, provider: IdentityProvider) -> None:
    signing_in = {"username": "admin", "password": "only-for-tests"}
    token = (await site.http.post("/api/v1/sign-in", json=signing_in)).json()["token"]
    admin = {"Authorization": f"Bearer {token}"}
    assert (await site.http.get(await come_back(site, provider))).status_code == 302
    listed = (await site.http.get("/api/v1/users", params={"name": USER.upper()}, headers=admin)).json()["users"]
    [subject] = [one["identities"][0]["subject"] for one in listed if one["identities"]]
    assert (await site.http.post(f"/api/v1/users/{USER}/unlink", headers=admin)).json() == {"unlinked": 1}
    site.http.cookies.clear()
    linked = await site.http.post("/api/v1/users/admin/link", json={"subject": subject}, headers=admin)
    assert linked.status_code == 200, linked.text
    assert (await site.http.get(await come_back(site, provider))).status_code == 302
    assert (await site.http.get("/api/v1/whoami")).json()["username"] == "admin"


async def test_an_id_token_of_another_key_audience_or_algorithm_is_not_believed(provider: IdentityProvider) -> None:
    now = time.time_ns() // 1_000_000
    believer = OidcProvider(believed(provider))
    [kid] = await provider.keys()
    claims = {"iss": provider.issuer, "aud": CLIENT_ID, "sub": "1", "iat": now // 1000, "exp": now // 1000 + 60}
    foreign = rsa.generate_private_key(65537, 2048)
    for token in (
        jwt.encode(claims, foreign, "RS256", headers={"kid": kid}),
        jwt.encode(claims, foreign, "RS256", headers={"kid": "unknown"}),
        jwt.encode(claims, "a-secret-of-ours-that-is-long-enough", "HS256", headers={"kid": kid}),
        jwt.encode(claims, "", "none", headers={"kid": kid}),
        "x.y.z",
        "",
    ):
        with pytest.raises(UnauthenticatedError):
            await believer.claims(Tokens(token), now)


async def test_a_token_for_another_client_is_not_for_us(site: Site, provider: IdentityProvider) -> None:
    """The provider's own token, with its own signature, is refused by who is called otherwise."""
    now = site.platform.engine.clock()
    begun = await site.http.get(BEGIN)
    back = await provider.log_in(begun.headers["location"])
    attempt = oidc._opened(site.platform, site.http.cookies["jobfleet_oidc"])
    believer = OidcProvider(believed(provider))
    code = parse_qs(back.query.decode())["code"][0]
    tokens = await believer.exchange(code, attempt, "http://jobfleet.test" + oidc.CALLBACK_PATH, now)
    assert (await believer.claims(tokens, now))["aud"]
    with pytest.raises(UnauthenticatedError, match="Audience"):
        await OidcProvider(believed(provider, client_id="somebody")).claims(tokens, now)


async def test_a_session_ends_though_its_provider_is_away(site: Site, provider: IdentityProvider) -> None:
    assert (await site.http.get(await come_back(site, provider))).status_code == 302
    csrf = (await site.http.get("/api/v1/session")).json()["csrf_token"]
    away = OidcProvider(believed(provider, issuer="http://127.0.0.1:9"))
    async with Site(msgspec.structs.replace(site.platform, oidc=away)) as now:
        now.http.cookies.update(site.http.cookies)
        ended = await now.http.post("/api/v1/session/end", headers={"X-CSRF-Token": csrf})
    assert (ended.status_code, ended.json()) == (200, {"logout_url": ""})
    assert "Max-Age=0" in ended.headers["set-cookie"]


async def test_without_a_provider_there_is_no_such_address(platform: Platform) -> None:
    async with Site(platform) as site:
        for path in (BEGIN, f"{BEGIN}/callback"):
            assert (await site.http.get(path)).status_code == 404
