"""A role on the platform allows what is about no business, and nothing inside one."""

from typing import Any

import httpx
import pytest
from tests.integration.api.site import V3, Site, script

from jobfleet.model.declared import parse_state
from jobfleet.operations import signin
from jobfleet.operations.declare import apply_state

PEOPLE = "".join(
    f"[[users]]\nname = '{role}-of-all'\n[[role_bindings]]\nuser = '{role}-of-all'\nrole = '{role}'\nplatform = true\n"
    for role in ("viewer", "operator", "editor", "admin")
)
ROLES = ("viewer", "operator", "editor", "admin")
RULE = {"expression": "mkfs", "languages": ["shell"]}
SCRIPT = {"scope": "public", "name": "x", "language": "shell", "script": "true", "version": "1.0"}


@pytest.fixture
async def people(site: Site) -> Site:
    """Give the site with a person for each role on the platform."""
    await apply_state(site.platform.engine.db, parse_state(PEOPLE), dry_run=False)
    return site


async def ask(site: Site, role: str, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    token = await signin.give_token(site.platform, f"{role}-of-all", kind=signin.ACCESS, life_ms=60_000)
    header = {"Authorization": f"Bearer {token.token}"}
    return await site.http.request(method, f"/api/v1{path}", json=body, headers=header)


async def statuses(site: Site, method: str, path: str, body: dict[str, Any] | None = None) -> list[int]:
    return [(await ask(site, role, method, path, body)).status_code for role in ROLES]


async def test_each_role_allows_what_it_says(people: Site) -> None:
    assert await statuses(people, "GET", "/dangerous-hits") == [200, 200, 200, 200]
    assert await statuses(people, "GET", "/dangerous-rules") == [403, 403, 200, 200]
    assert await statuses(people, "POST", "/dangerous-rules", RULE) == [403, 403, 201, 409]
    assert await statuses(people, "POST", "/scripts", SCRIPT) == [403, 403, 201, 409]
    assert await statuses(people, "POST", "/apply", {"toml": "", "dry_run": True}) == [403, 403, 403, 200]


async def test_a_role_on_the_platform_opens_no_business(people: Site) -> None:
    assert await statuses(people, "GET", "/jobs?scope=biz:2") == [403, 403, 403, 200]
    refused = await people.post(f"{V3}/fast_execute_script/", script(bk_username="editor-of-all"))
    assert refused["permission"]["actions"][0]["id"] == "access_business"


async def test_a_refusal_about_a_public_script_names_it(people: Site) -> None:
    made = (await ask(people, "editor", "POST", "/scripts", SCRIPT)).json()
    path = f"/scripts/{made['script']['id']}"
    refused = (await ask(people, "viewer", "POST", path, {"name": "y"})).json()
    [action] = refused["permission"]["actions"]
    assert action["id"] == "manage_public_script_instance"
    [[leaf]] = action["related_resource_types"][0]["instances"]
    assert (leaf["type"], leaf["id"], leaf["name"]) == ("public_script", made["script"]["id"], "x")


async def test_people_are_shown_their_role_on_the_platform(people: Site) -> None:
    shown = (await ask(people, "editor", "GET", "/whoami")).json()
    assert (shown["grants"], shown["platform_admin"]) == ([{"role": "editor", "scope": "platform"}], False)
    assert (await ask(people, "admin", "GET", "/whoami")).json()["platform_admin"] is True
