"""Making, trying out and changing templates and plans over the native API, on a real database."""

import base64

import httpx
import sqlalchemy as sa
from tests.integration.native import Json
from tests.integration.native_plans import FILE, SCOPE, get, native_client, post
from tests.integration.native_scripts import KEPT, keep_script, sent

from jobfleet.store.database import Database

http = native_client()

SCRIPT = {"target": {"host_ids": [1]}, "account_alias": "root"}
TAG = """
INSERT INTO tag (scope_type, scope_id, name, description, creator, created_at, modifier, modified_at)
VALUES ('biz', 2, 'nightly', '', 'admin', 1, 'admin', 1) RETURNING id
"""


def step(name: str, **more: object) -> Json:
    content = base64.b64encode(f"echo {name}".encode()).decode()
    return {"name": name, "kind": "script", "definition": SCRIPT | {"content": content}} | more


def known(shown: Json) -> list[Json]:
    """Return steps as they are shown, for a change that keeps them."""
    members = ("id", "name", "kind", "definition", "ignore_error")
    return [{name: one[name] for name in members} for one in shown["steps"]]


async def shown(http: httpx.AsyncClient, path: str) -> Json:
    """Return what is shown of a thing that needs no scope to be named."""
    told: Json = (await http.get(f"/api/v1{path}")).raise_for_status().json()
    return told


async def next_version(http: httpx.AsyncClient, script_id: str) -> int:
    """Add a version to a script and put it online; return its id."""
    made = await sent(http, f"/scripts/{script_id}/versions", version="2", script="echo 2")
    await sent(http, f"/scripts/{script_id}/versions/{made['id']}/operate", operation="publish")
    return int(made["id"])


async def test_a_template_is_made_and_changed_as_it_is_shown(http: httpx.AsyncClient, db: Database) -> None:
    variables = [{"name": "token", "type": "password", "value": "canary-1"}]
    async with db.begin() as tx:
        tag_id = (await tx.execute(sa.text(TAG))).scalar_one()
    made = await post(
        http, "/templates", 201, name="built", steps=[step("a"), step("b")], variables=variables, tags=[tag_id]
    )
    assert (made["tags"], made["variables"][0]["value"]) == ([{"id": tag_id, "name": "nightly"}], "******")
    steps = [*reversed(known(made)), step("c")]
    changed = await post(
        http, f"/templates/{made['id']}/update", name="rebuilt", steps=steps, variables=made["variables"]
    )
    assert [one["name"] for one in changed["steps"]] == ["b", "a", "c"]
    assert [one["id"] for one in changed["steps"]][:2] == [one["id"] for one in reversed(made["steps"])]
    assert (changed["tags"], changed["version"] == made["version"]) == (made["tags"], False)
    [line] = (await get(http, "/templates", tag=str(tag_id)))["templates"]
    assert (line["name"], line["tags"], line["scripts"]) == ("rebuilt", made["tags"], "")
    await post(http, f"/templates/{made['id']}/update", name="rebuilt", steps=steps, tags=[])
    assert (await get(http, "/templates", tag=str(tag_id)))["total"] == 0


async def test_what_no_template_can_be_is_refused_by_code(http: httpx.AsyncClient) -> None:
    async def code(**members: object) -> int:
        answer = await http.post("/api/v1/templates", json=SCOPE | {"name": "no", "steps": [step("a")]} | members)
        assert answer.status_code == 400, answer.text
        return int(answer.json()["code"])

    assert await code(variables=[{"name": "x", "type": "number"}]) == 1243022
    assert await code(steps=[step("a", kind="shell")]) == 1243029
    assert await code(steps=[step("a", definition=SCRIPT | {"contents": ""})]) == 1240003
    assert await code(steps=[step("a", definition=SCRIPT | {"content": "eA==", "account_id": 2**63})]) == 1241012
    assert await code(steps=[step("a", definition=SCRIPT | {"content": 5})]) == 1240003
    assert await code(steps=[step("a", definition=SCRIPT)]) == 1241012
    assert await code(tags=[1]) == 1241008
    assert await code(steps=[]) == 1241012


async def test_a_template_is_tried_out_by_a_plan_that_no_list_shows(http: httpx.AsyncClient, db: Database) -> None:
    applied = await post(http, "/plans/apply", toml=FILE.replace('name = "one"', 'name = "one"\nenabled = false'))
    path = f"/templates/{applied['template_id']}"
    started = await post(http, f"{path}/debug", 201, start=False, name="try", hosts={"web": ["1"]})
    job = await shown(http, f"/jobs/{started['job_id']}")
    assert [one["name"] for one in job["steps"]] == ["one", "two"]
    assert started["name"] == "try"
    again = await post(http, f"{path}/debug", 201, start=False)
    query = sa.text("SELECT DISTINCT plan_id FROM job WHERE id IN (:first, :second)")
    async with db.begin() as tx:
        [debug] = (await tx.execute(query, {"first": started["job_id"], "second": again["job_id"]})).scalars()
    assert debug != applied["plan_id"]
    await get(http, f"/plans/{debug}", 404)
    await post(http, f"/plans/{debug}/run", 404)
    assert [one["id"] for one in (await get(http, "/plans"))["plans"]] == [applied["plan_id"]]
    await post(http, f"/templates/{applied['template_id']}/delete")
    await post(http, f"{path}/debug", 404)


async def test_steps_are_given_a_newer_version_of_their_script(http: httpx.AsyncClient) -> None:
    script_id, first = await keep_script(http)
    applied = await post(http, "/plans/apply", toml=KEPT.format(version=first))
    path = f"/templates/{applied['template_id']}"
    assert (await get(http, path))["steps"][0]["script"]["standing"] == "current"
    second = await next_version(http, script_id)
    before = await get(http, path)
    assert (before["steps"][0]["script"]["standing"], before["steps"][1]["script"]) == ("outdated", None)
    [line] = (await get(http, "/templates"))["templates"]
    assert line["scripts"] == "outdated"
    [user] = (await get(http, "/templates/script-steps", script_id=script_id))["steps"]
    assert (user["step_id"], user["version_id"], user["state"]) == (before["steps"][0]["id"], first, "offline")
    steps = [{"template_id": before["id"], "step_id": one["id"]} for one in before["steps"]]
    answer = await post(
        http, "/templates/sync-script", script_version=second, steps=[*steps, {"template_id": 9, "step_id": 9}]
    )
    assert [(one["done"], one["code"]) for one in answer["steps"]] == [(True, 0), (False, 1243045), (False, 1243026)]
    after = await get(http, path)
    assert (after["steps"][0]["definition"]["script_version_id"], after["steps"][0]["script"]["standing"]) == (
        second,
        "current",
    )
    assert (await get(http, f"/plans/{applied['plan_id']}"))["needs_sync"]
    refused = await post(http, "/templates/sync-script", 400, script_version=first, steps=steps)
    assert refused["code"] == 1243017
    await sent(http, f"/scripts/{script_id}/versions/{second}/operate", operation="disable")
    assert (await get(http, "/templates"))["templates"][0]["scripts"] == "disabled"


async def audited(db: Database, action: str) -> list[str]:
    """Return what the audit trail says of an action, in the order in which it was done."""
    query = sa.text("SELECT subject FROM audit WHERE action = :action AND result <> 'refused' ORDER BY id")
    async with db.begin() as tx:
        return list((await tx.execute(query, {"action": action})).scalars())


async def test_values_of_many_plans_change_together_or_not_at_all(http: httpx.AsyncClient, db: Database) -> None:
    text = FILE.replace("[[steps]]", '[[variables]]\nname = "v"\nvalue = "1"\n[[steps]]', 1)
    template_id = (await post(http, "/plans/apply", toml=text))["template_id"]
    own = await post(http, f"/templates/{template_id}/plans", 201, name="own")
    following = await post(http, f"/templates/{template_id}/plans", 201, name="following", follows=["v"])
    ids = [following["id"], own["id"]]

    async def values() -> list[str]:
        shown = [await get(http, f"/plans/{plan_id}") for plan_id in ids]
        return [next(one["value"] for one in plan["variables"] if one["name"] == "v") for plan in shown]

    before = await audited(db, "edit_job_plan")
    done = await post(http, "/plans/values", plans=ids, values={"v": "2", "nobody's": "3"}, hosts={"web": ["2"]})
    assert {(one["name"], tuple(one["changed"]), tuple(one["following"])) for one in done["plans"]} == {
        ("own", ("v", "web"), ()),
        ("following", ("web",), ("v",)),
    }
    assert await values() == ["1", "2"]
    told = (await audited(db, "edit_job_plan"))[len(before) :]
    assert sorted(told) == ["edit plan following", "edit plan own"]
    for wrong in ({"plans": [*ids, 99_999]}, {"values": {"v": "4", "web": "5"}}):
        refused = await post(http, "/plans/values", 400, **({"plans": ids, "values": {"v": "4"}} | wrong))
        assert refused["code"] == 1243046
    assert await values() == ["1", "2"]
    assert (await audited(db, "edit_job_plan"))[len(before) :] == told


async def test_schedules_are_confirmed_with_the_plan_that_they_start(http: httpx.AsyncClient, db: Database) -> None:
    applied = await post(http, "/plans/apply", toml=FILE)
    plan_id = applied["plan_id"]
    other = await post(http, f"/templates/{applied['template_id']}/plans", 201, name="other")
    made = await post(http, "/schedules", 201, name="nightly", plan_id=plan_id, expression="0 3 * * *")
    foreign = await post(http, "/schedules", 201, name="foreign", plan_id=other["id"], expression="0 3 * * *")
    more = FILE.replace("[[steps]]", '[[variables]]\nname = "new"\n[[steps]]', 1)
    changed = await post(
        http, "/plans/apply", toml=more.replace('name = "Release"', 'name = "Release"\n[plan]\nname="x"')
    )
    assert changed["template_id"] == applied["template_id"]
    [found] = (await get(http, "/schedules", plan_id=str(plan_id)))["schedules"]
    assert (found["id"], found["enabled"]) == (made["schedule"]["id"], False)
    path, choice = f"/plans/{plan_id}/sync", {"schedule_id": found["id"], "values": {"new": "given"}}
    refused = await post(http, path, 404, schedules=[choice, {"schedule_id": foreign["schedule"]["id"]}])
    assert refused["code"] == 1245001
    assert (await get(http, f"/plans/{plan_id}"))["needs_sync"]
    assert await audited(db, "sync_job_plan") == []
    synced = await post(http, path, schedules=[choice])
    assert await audited(db, "sync_job_plan") == ["edit plan Release"]
    assert [one["name"] for one in synced["variables"]] == ["secret", "web", "new"]
    after = await shown(http, f"/schedules/{found['id']}")
    assert after["schedule"]["enabled"]
    assert [(one["name"], one["value"]) for one in after["values"]] == [("new", "given")]
