"""Templates and plans over the native API, on a real database."""

import httpx
from tests.integration.native_plans import FILE, get, native_client, post

http = native_client()


async def test_plans_of_a_template_are_made_changed_synchronised_and_removed(http: httpx.AsyncClient) -> None:
    applied = await post(http, "/plans/apply", toml=FILE)
    template = await get(http, f"/templates/{applied['template_id']}")
    first, second = (step["id"] for step in template["steps"])
    made = await post(http, f"/templates/{template['id']}/plans", 201, name="own", steps=[first], hosts={"web": ["2"]})
    assert [step["enabled"] for step in made["steps"]] == [True, False]
    path = f"/plans/{made['id']}"
    changed = await post(http, f"{path}/update", steps=[first, second])
    assert (changed["name"], [step["enabled"] for step in changed["steps"]]) == ("own", [True, True])
    assert changed["variables"][1]["hosts"]["host_ids"] == [2]
    await post(http, "/plans/apply", toml=FILE.replace('"two"', '"other"'))
    listed = await get(http, "/plans", name="ow")
    assert [(one["name"], one["template_name"], one["needs_sync"]) for one in listed["plans"]] == [
        ("own", "Release", True)
    ]
    synced = await post(http, f"{path}/sync")
    assert [(step["name"], step["enabled"]) for step in synced["steps"]] == [("one", True), ("other", False)]
    assert not (await get(http, path))["needs_sync"]
    await post(http, f"{path}/delete")
    await get(http, path, 404)
    await post(http, f"/templates/{template['id']}/delete")
    assert (await get(http, "/plans"))["total"] == (await get(http, "/templates"))["total"] == 0


async def test_a_plan_runs_with_values_that_it_has_and_no_others(http: httpx.AsyncClient) -> None:
    plan = (await post(http, "/plans/apply", toml=FILE))["plan_id"]
    started = await post(http, f"/plans/{plan}/run", 201, values={"secret": "x"}, start=False, name="mine")
    assert started["name"] == "mine"
    for given, field in (
        ({"values": {"web": "x"}}, "values.web"),
        ({"hosts": {"secret": ["1"]}}, "hosts.secret"),
        ({"hosts": {"web": ["?"]}}, "hosts.web"),
    ):
        assert (await post(http, f"/plans/{plan}/run", 400, **given))["field"] == field
    assert (await post(http, f"/plans/{plan + 1}/run", 404))["code"] == 1243009


async def test_a_file_is_uploaded_once_to_its_address(http: httpx.AsyncClient) -> None:
    [address] = (await post(http, "/uploads", 201, names=["a b.txt"]))["uploads"]
    assert (await http.put(address["address"], content=b"text")).json()["path"] == address["path"]
    assert (await http.put(address["address"], content=b"text")).status_code == 404
    await post(http, "/uploads", 400, names=["a/b"])


async def test_a_template_and_a_script_have_tags_of_their_scope(http: httpx.AsyncClient) -> None:
    made = await post(http, "/tags", 201, name="web", description="why")
    assert (made["scope"], made["name"], made["creator"]) == ("biz:2", "web", "admin")
    assert (await get(http, "/tags", name="WE"))["total"] == 1
    changed = await post(http, f"/tags/{made['id']}", name="www")
    assert (changed["name"], changed["description"]) == ("www", "")
    await post(http, "/tags", 409, name="www")
    script = await post(http, "/scripts", 201, name="x", version="1", script="true")
    wanted = f"/api/v1/scripts/{script['script']['id']}"
    answer = await http.post(f"{wanted}/tags", json={"tags": [made["id"]]})
    assert answer.status_code == 200, answer.text
    assert (await http.get(wanted)).json()["tags"] == [{"id": made["id"], "name": "www"}]
    assert (await get(http, "/scripts", tag_id=str(made["id"])))["total"] == 1
    assert (await get(http, "/scripts", tag_id="1"))["total"] == 0
    template = (await post(http, "/plans/apply", toml=FILE))["template_id"]
    await post(http, f"/templates/{template}/tags", tags=[made["id"]])
    await post(http, f"/templates/{template}/tags", 400, tags=[made["id"], 77])
    await post(http, "/templates/77/tags", 404, tags=[made["id"]])
    await post(http, f"/tags/{made['id']}/delete")
    assert (await http.get(wanted)).json()["tags"] == []
    found = await http.post("/api/v1/script-checks", json={"script": "rm -rf /etc"})
    assert [one["level"] for one in found.json()["findings"]] == ["error", "warning"]
