"""What the pages of templates, plans and schedules ask for besides, on a real database."""

import base64
import time

import httpx
from tests.integration.native import Json
from tests.integration.native_plans import get, native_client, post

http = native_client()

HOUR_MS = 3_600_000


def step(name: str, script: str, **more: object) -> Json:
    content = base64.b64encode(script.encode()).decode()
    target = {"variable": "web"}
    return {
        "name": name,
        "kind": "script",
        "definition": {"target": target, "account_alias": "root", "content": content},
    } | more


WEB = {"name": "web", "type": "hosts", "hosts": {"host_ids": [1]}}
PIN = {"name": "pin", "type": "password", "value": "canary-1"}


async def made(http: httpx.AsyncClient, name: str = "Release") -> tuple[Json, Json]:
    """Make a template of one step and a plan of it."""
    template = await post(http, "/templates", 201, name=name, steps=[step("one", "true")], variables=[WEB, PIN])
    return template, await post(http, f"/templates/{template['id']}/plans", 201, name="all")


def edited(template: Json, *steps: Json, **more: object) -> Json:
    """Return a template as an editor sends it back."""
    own = [
        {name: one[name] for name in ("id", "name", "kind", "definition", "ignore_error")} for one in template["steps"]
    ]
    return {"name": template["name"], "steps": [*own, *steps], "variables": template["variables"]} | more


async def test_versions_are_counted_and_plans_tell_how_far_they_are_behind(http: httpx.AsyncClient) -> None:
    template, plan = await made(http)
    assert (template["revision"], plan["behind"], plan["template_name"]) == (1, 0, "Release")
    path = f"/templates/{template['id']}/update"
    for name in ("two", "three"):
        template = await post(http, path, **edited(template, step(name, "true")))
    renamed = await post(http, path, **edited(template, description="only words"))
    assert (template["revision"], renamed["revision"]) == (3, 3)
    [line] = (await get(http, "/plans", needs_sync="true"))["plans"]
    assert (line["behind"], line["step_count"], line["all_count"], line["schedule_count"]) == (2, 1, 1, 0)
    assert (await get(http, "/plans", needs_sync="false"))["total"] == 0
    [listed] = (await get(http, "/templates"))["templates"]
    assert (listed["revision"], listed["used_by"]) == (3, {"plans": 1, "behind": 1, "schedules": 0})
    synced = await post(http, f"/plans/{plan['id']}/sync")
    assert (synced["behind"], synced["revision"], [one["enabled"] for one in synced["steps"]]) == (
        0,
        3,
        [True, False, False],
    )


async def test_what_somebody_else_changed_meanwhile_is_not_overwritten(http: httpx.AsyncClient) -> None:
    template, plan = await made(http)
    path, seen = f"/templates/{template['id']}/update", template["modified_at"]
    later = await post(http, path, **edited(template, description="mine", seen_at=seen))
    refused = await post(http, path, 409, **edited(template, description="theirs", seen_at=seen))
    assert (refused["code"], "admin" in refused["message"]) == (1243041, True)
    assert (await get(http, f"/templates/{template['id']}"))["description"] == "mine"
    await post(http, path, **edited(later, description="theirs", seen_at=later["modified_at"]))
    await post(http, f"/plans/{plan['id']}/update", name="first", seen_at=plan["modified_at"])
    await post(http, f"/plans/{plan['id']}/update", 409, name="second", seen_at=plan["modified_at"])
    made_one = await post(http, "/schedules", 201, name="nightly", plan_id=plan["id"], expression="0 4 * * *")
    schedule = made_one["schedule"]
    change = {"name": "daily", "seen_at": schedule["modified_at"]}
    for status in (200, 409):
        answer = await http.post(f"/api/v1/schedules/{schedule['id']}/update", json=change)
        assert answer.status_code == status, answer.text


async def test_a_difference_tells_steps_variables_and_schedules(http: httpx.AsyncClient) -> None:
    template, plan = await made(http)
    given = {"values": {"pin": "canary-2"}, "hosts": {"web": ["1"]}}
    await post(http, "/schedules", 201, name="nightly", plan_id=plan["id"], expression="0 4 * * *", **given)
    unchanged = await get(http, f"/plans/{plan['id']}/difference")
    assert {one["effect"] for one in unchanged["steps"] + unchanged["variables"]} == {"unchanged"}
    web, pin = template["variables"]
    changed = edited(template, step("two", "false", definition={"message": "?"}, kind="approval"))
    changed["steps"][0]["definition"]["content"] = base64.b64encode(b"false").decode()
    changed["variables"] = [web, {"name": "word", "type": "string", "value": "x"}]
    await post(http, f"/templates/{template['id']}/update", **changed)
    found = await get(http, f"/plans/{plan['id']}/difference")
    assert (found["behind"], found["changed_by"]) == (1, "admin")
    assert [(one["effect"], one["fields"]) for one in found["steps"]] == [
        ("changed", ["definition.content"]),
        ("added", []),
    ]
    assert [(one["effect"], (one["after"] or one["before"])["name"]) for one in found["variables"]] == [
        ("unchanged", "web"),
        ("added", "word"),
        ("removed", "pin"),
    ]
    assert [(one["name"], one["lost"]) for one in found["schedules"]] == [("nightly", ["pin"])]
    assert found["schedule_count"] == 1
    assert pin["value"] == "******"


async def test_the_last_run_of_a_plan_tells_its_values(http: httpx.AsyncClient) -> None:
    _, plan = await made(http)
    assert await get(http, f"/plans/{plan['id']}/last-run") == {
        "job": None,
        "values": [],
        "usual_ms": None,
        "usual_runs": 0,
    }
    ran = await post(http, f"/plans/{plan['id']}/run", 201, values={"pin": "canary-3"}, start=False)
    last = await get(http, f"/plans/{plan['id']}/last-run")
    assert last["job"]["id"] == ran["job_id"]
    assert {one["name"]: one["value"] for one in last["values"]} == {"web": "0:127.0.0.1", "pin": "******"}


async def test_coming_moments_are_told_in_the_zone_that_they_are_read_in(http: httpx.AsyncClient) -> None:
    told = await post(http, "/schedules/next-times", expression="0 4 * * *", time_zone="Asia/Tokyo", count=3)
    assert (told["time_zone"], len(told["times"])) == ("Asia/Tokyo", 3)
    assert {at % (24 * HOUR_MS) for at in told["times"]} == {19 * HOUR_MS}
    soon = int(time.time() * 1000) + HOUR_MS
    once = await post(http, "/schedules/next-times", execute_at=soon)
    assert once["times"] == [soon]
    assert (await post(http, "/schedules/next-times", expression="0 4 * * *", end_at=1))["times"] == []
    assert (await post(http, "/schedules/next-times", 400, expression="nonsense"))["field"] == "expression"
    await post(http, "/schedules/next-times", 400, expression="0 4 * * *", time_zone="Mars/Base")


async def test_a_list_of_schedules_tells_plans_and_what_became_of_their_moments(http: httpx.AsyncClient) -> None:
    _, plan = await made(http)
    made_one = await post(http, "/schedules", 201, name="nightly", plan_id=plan["id"], expression="0 4 * * *")
    path = f"/api/v1/schedules/{made_one['schedule']['id']}"
    started = [(await http.post(f"{path}/fire", json={})).json()["job_id"] for _ in range(2)]
    [line] = (await get(http, "/schedules"))["schedules"]
    assert (line["plan"], [one["job_id"] for one in line["fires"]]) == ("all", started[::-1])
    fires = (await http.get(f"{path}/fires")).json()["fires"]
    assert [(one["job_status"], one["job_status_code"]) for one in fires] == [("running", 2)] * 2
    assert (await get(http, f"/templates/{plan['template_id']}"))["used_by"]["schedules"] == 1
