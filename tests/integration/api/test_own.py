"""What is one's own: how one wants to see things, and what one may do."""

from typing import Any

import sqlalchemy as sa
from tests.integration.api.site import Site

from jobfleet.model.declared import parse_state
from jobfleet.operations import signin
from jobfleet.operations.declare import apply_state
from jobfleet.store import people, tables

PASSWORD = "only-for-tests"
NOTHING = {"language": None, "time_zone": None, "theme": None}
PEOPLE = "".join(
    f"[[users]]\nname = '{role}-here'\n[[role_bindings]]\nuser = '{role}-here'\nrole = '{role}'\nbusiness = 2\n"
    for role in ("viewer", "editor")
)


async def session(site: Site) -> dict[str, Any]:
    answer = await site.http.post("/api/v1/session", json={"username": "admin", "password": PASSWORD})
    shown: dict[str, Any] = answer.raise_for_status().json()
    return shown


async def choose(site: Site, csrf: str, **wanted: Any) -> tuple[int, Any]:
    answer = await site.http.post("/api/v1/choices", json=wanted, headers={"X-CSRF-Token": csrf})
    return answer.status_code, answer.json()


async def test_choices_follow_the_person_to_their_next_session_and_their_mails(site: Site) -> None:
    first = await session(site)
    assert (first["choices"], first["time_zone"]) == (NOTHING, site.platform.time_zone)
    csrf = first["csrf_token"]
    assert await choose(site, csrf, language="en", theme="dark") == (
        200,
        {"language": "en", "time_zone": None, "theme": "dark"},
    )
    assert (await choose(site, csrf, time_zone="Europe/Berlin", theme=None))[1]["theme"] is None
    chosen = {"language": "en", "time_zone": "Europe/Berlin", "theme": None}
    assert (await session(site))["choices"] == chosen
    assert (await site.http.get("/api/v1/session")).json()["choices"] == chosen
    async with site.platform.engine.db.begin() as tx:
        assert await people.list_languages(tx, ["admin"]) == {"admin": "en"}
        noted = list(
            (await tx.execute(sa.select(tables.audit.c.subject).where(tables.audit.c.action == "choices"))).scalars()
        )
    assert noted == [
        "choose language en, choose theme dark",
        "choose theme of the browser, choose time_zone Europe/Berlin",
    ]


async def test_what_is_declared_takes_no_choice_away(site: Site) -> None:
    csrf = (await session(site))["csrf_token"]
    await choose(site, csrf, language="en")
    declared = parse_state("[[users]]\nname = 'admin'\nplatform_admin = true\nlanguage = 'zh'\n")
    await apply_state(site.platform.engine.db, declared, dry_run=False)
    assert (await site.http.get("/api/v1/session")).json()["choices"]["language"] == "en"


async def test_a_zone_that_nobody_knows_is_refused(site: Site) -> None:
    csrf = (await session(site))["csrf_token"]
    status, refusal = await choose(site, csrf, time_zone="Mars/Olympus")
    assert (status, refusal["field"]) == (400, "time_zone")


async def permissions(site: Site, role: str, scope: str, language: str = "en") -> dict[str, Any]:
    token = await signin.give_token(site.platform, f"{role}-here", kind=signin.ACCESS, life_ms=60_000)
    headers = {"Authorization": f"Bearer {token.token}", "blueking-language": language}
    answer = await site.http.get("/api/v1/permissions", params={"scope": scope}, headers=headers)
    shown: dict[str, Any] = answer.raise_for_status().json()
    return shown


async def test_people_are_told_what_they_may_do_and_who_can_grant_the_rest(site: Site) -> None:
    await apply_state(site.platform.engine.db, parse_state(PEOPLE), dry_run=False)
    seen = await permissions(site, "viewer", "biz:2")
    by_id = {one["id"]: one for one in seen["actions"]}
    assert by_id["view_history"]["allowed"] is True
    assert by_id["quick_execute_script"] == {
        "id": "quick_execute_script",
        "name": "Quick Execute Script",
        "allowed": False,
    }
    assert "admin" in seen["granted_by"]
    edits = {one["id"]: one["allowed"] for one in (await permissions(site, "editor", "biz:2"))["actions"]}
    assert (edits["edit_job_template"], edits["manage_account"], edits["global_settings"]) == (True, False, False)
    assert (await permissions(site, "viewer", "biz:2", "zh-cn"))["actions"][0]["name"] == "业务访问"
    above = await permissions(site, "viewer", "platform")
    assert above["actions"]
    assert not any(one["allowed"] for one in above["actions"])
