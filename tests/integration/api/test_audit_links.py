"""What is done to templates, plans, schedules and scripts is found in the audit trail by what it was done to."""

from typing import Any

import pytest
from tests.integration.api.site import Site
from tests.integration.api.test_approvals import People

Json = dict[str, Any]
SCOPE = {"scope": "biz:2"}
STEP: Json = {"name": "one", "kind": "script"}
DOES: Json = {"target": {"host_ids": [1]}, "account_alias": "root"}


@pytest.fixture
def people(working_site: Site) -> People:
    """Give people before a server."""
    return People(working_site)


async def rows(people: People, kind: str, object_id: object) -> list[Json]:
    wanted = SCOPE | {"resource_type": kind, "resource_id": str(object_id)}
    found = (await people.ask("admin", "GET", "/audit", wanted))["rows"]
    assert all((one["about"]["kind"], one["about"]["id"]) == (kind, str(object_id)) for one in found)
    return [one for one in reversed(found) if one["result"] == "done"]


def step(content: str, **more: Any) -> Json:
    return STEP | more | {"definition": DOES | {"content": content}}


async def test_what_is_kept_is_found_by_its_id(people: People) -> None:
    made = await people.ask(
        "admin", "POST", "/templates", SCOPE | {"name": "Release", "steps": [step("dHJ1ZQ==")]}, 201
    )
    plan = await people.ask("admin", "POST", f"/templates/{made['id']}/plans", SCOPE | {"name": "all"}, 201)
    changed = step("ZmFsc2U=", id=made["steps"][0]["id"])
    await people.ask(
        "admin", "POST", f"/templates/{made['id']}/update", SCOPE | {"name": "Release 2", "steps": [changed]}
    )
    await people.ask("admin", "POST", f"/plans/{plan['id']}/sync", SCOPE)
    wanted = SCOPE | {"name": "nightly", "plan_id": plan["id"], "expression": "0 2 * * *", "time_zone": "UTC"}
    schedule = (await people.ask("admin", "POST", "/schedules", wanted, 201))["schedule"]
    for what in ("enable", "disable", "delete"):
        await people.ask("admin", "POST", f"/schedules/{schedule['id']}/{what}", {})
    script = {"name": "kept", "language": "shell", "script": "true", "version": "1"}
    kept = (await people.ask("admin", "POST", "/scripts", SCOPE | script, 201))["script"]
    told = [one["subject"] for one in await rows(people, "job_template", made["id"])]
    assert told == ["create template Release", "edit template Release 2"]
    [_, edit] = await rows(people, "job_template", made["id"])
    assert edit["change"]["name"] == ["Release", "Release 2"]
    [was, now] = edit["change"]["step one"]
    assert (was.keys(), now.keys()) == ({"content"}, {"content"})
    told = [one["subject"] for one in await rows(people, "job_plan", plan["id"])]
    assert told == ["create plan all", "edit plan all"]
    told = [one["subject"].split()[0] for one in await rows(people, "cron", schedule["id"])]
    assert told == ["create", "enable", "pause", "delete"]
    assert [one["subject"] for one in await rows(people, "script", kept["id"])] == [
        f"create script {kept['id']} (kept)"
    ]
