"""What the pages of hosts, scripts, accounts, files, credentials and tags ask the native API, on a real database."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from tests.conftest import execute
from tests.engines import Broker
from tests.platforms import platform_on, serving

from jobfleet.embedded.postgres import Postgres
from jobfleet.model.declared import parse_state
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.operations import signin
from jobfleet.operations.declare import apply_state
from jobfleet.operations.platform import Platform
from jobfleet.store.database import Database
from jobfleet.store.tables import agents, jobs, tasks

STATE = """
[[users]]
name = "admin"
platform_admin = true
[[users]]
name = "li"
[[businesses]]
id = 2
name = "demo"
[[businesses]]
id = 3
name = "other"
[[role_bindings]]
user = "li"
role = "editor"
business = 2
[[hosts]]
id = 1
ip = "10.0.0.1"
name = "web-1"
os = "linux"
business = 2
tags = { env = "prod" }
[[hosts]]
id = 2
ip = "10.0.0.2"
name = "web-2"
os = "windows"
business = 2
[[hosts]]
id = 3
ip = "10.1.0.3"
ipv6 = "fd00::3"
name = "db-3"
os = "linux"
cloud_id = 4
business = 2
[[hosts]]
id = 5
name = "old-5"
ip = "10.9.0.5"
os = "aix"
business = 2
[[hosts]]
id = 4
ip = "10.0.0.4"
name = "web-4"
business = 3
[[topology_nodes]]
type = "set"
id = 11
name = "gz 01"
business = 2
[[topology_nodes]]
type = "module"
id = 12
name = "nginx"
business = 2
parent = 11
hosts = [1, 3]
[[dynamic_groups]]
id = "g1"
name = "nightly"
business = 2
filter = { name = ["web-*"] }
"""
Json = dict[str, Any]
TRUE = "dHJ1ZQ=="
ON_ONE = {"host_ids": [1]}


@pytest.fixture(scope="module")
async def platform(postgres: Postgres, template: str, nats: Broker) -> AsyncIterator[Platform]:
    name = "native_assets"
    await execute(postgres, f"create database {name} template {template} strategy file_copy")
    db = Database(postgres.url_of(name))
    async with platform_on(db, nats) as platform:
        await apply_state(db, parse_state(STATE), dry_run=False, sealer=platform.engine.sealer)
        await enrol(platform, 1, seen_ago_ms=0)
        await enrol(platform, 2, seen_ago_ms=100_000)
        await enrol(platform, 5, seen_ago_ms=0, revoked=True)
        yield platform
    await db.close()
    await execute(postgres, f"drop database {name} with (force)")


@pytest.fixture(scope="module")
async def http(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    with serving(platform) as app:
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://jobfleet.test") as client:
            client.headers.update({"Authorization": f"Bearer {await token(platform, 'li')}", "blueking-language": "en"})
            yield client


async def token(platform: Platform, name: str) -> str:
    return (await signin.give_token(platform, name, kind=signin.ACCESS, life_ms=3_600_000)).token


async def get(http: httpx.AsyncClient, path: str, **query: Any) -> Json:
    answer = await http.get(f"/api/v1{path}", params={"scope": "biz:2"} | query)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def post(http: httpx.AsyncClient, path: str, **members: Any) -> Json:
    answer = await http.post(f"/api/v1{path}", json=members)
    assert answer.status_code in {200, 201}, answer.text
    told: Json = answer.json()
    return told


async def enrol(platform: Platform, host_id: int, *, seen_ago_ms: int | None, revoked: bool = False) -> None:
    now = platform.engine.clock()
    row = {"host_id": host_id, "public_key": f"key {host_id}", "version": f"1.{host_id}", "boot_id": "", "refused": {}}
    times = {
        "enrolled_at": now - 100_000 + host_id,
        "seen_at": None if seen_ago_ms is None else now - seen_ago_ms,
        "revoked_at": now if revoked else None,
    }
    async with platform.engine.db.begin() as tx:
        await tx.execute(sa.insert(agents).values(**row, **times))


async def found(http: httpx.AsyncClient, q: str, **more: Any) -> list[int]:
    return [host["id"] for host in (await get(http, "/hosts", q=q, **more))["hosts"]]


QUERIES = {
    "": [1, 2, 3, 5],
    "WEB": [1, 2],
    "10.0.0.": [1, 2],
    "10.0.0.0/24": [1, 2],
    "fd00::/8": [3],
    "4:10.1.0.3": [3],
    "3": [3],
    "os=linux": [1, 3],
    "cloud=4": [3],
    "cloud=x": [],
    "id=2": [2],
    "version=1.2": [2],
    "name=db* os:linux": [3],
    "name=db": [],
    "os!=linux": [2, 5],
    "fe80::%1/64": [],
    "agent=online,revoked": [1, 5],
    "ip=10.0.0.0/31,fd00::/8": [1, 3],
    "tag.env=pro*": [1],
    "module=nginx": [1, 3],
    '"set=gz 01" web': [1],
    "env=prod": [1],
    "group=nightly": [1, 2],
    "group=g1 os=windows": [2],
    "group=gone": [],
    "100%_": [],
}


async def test_hosts_are_found_by_what_people_type(http: httpx.AsyncClient) -> None:
    assert {q: await found(http, q) for q in QUERIES} == QUERIES
    for q, ids in QUERIES.items():
        target = (await get(http, "/hosts", q=q))["target"]
        named = await post(http, "/targets/resolve", scope="biz:2", texts=[target], show=100)
        assert [host["id"] for host in named["shown"]] == ids, (q, target)
    refused = await http.get("/api/v1/hosts", params={"scope": "biz:2", "q": "a " * 21})
    assert (refused.status_code, refused.json()["message"]) == (400, "Illegal parameter q: holds more than 20 terms")


async def test_hosts_are_counted_by_state_and_paged(platform: Platform, http: httpx.AsyncClient) -> None:
    page = await get(http, "/hosts", length=1, start=1)
    assert (page["total"], [host["id"] for host in page["hosts"]]) == (4, [2])
    assert page["counts"] == {"online": 1, "offline": 1, "revoked": 1, "never": 1}
    assert [await found(http, "", agent=state) for state in ("online", "offline", "revoked", "never")] == [
        [1],
        [2],
        [5],
        [3],
    ]
    offline = await get(http, "/hosts", agent="offline")
    assert offline["offline_since"] == page["offline_since"] == offline["hosts"][0]["seen_at"]
    assert (await get(http, "/hosts", q="id=1"))["offline_since"] is None
    assert (offline["target"], page["target"]) == ("agent=offline", "name=*")
    assert (await get(http, "/hosts", q="web", enrolled_since=1))["target"] == ""
    assert (offline["total"], offline["counts"]) == (1, page["counts"])
    assert await found(http, "", enrolled_since=offline["hosts"][0]["enrolled_at"]) == [2, 5]
    assert await found(http, "", enrolled_since=platform.engine.clock() + 1) == []


async def test_a_page_of_hosts_tells_their_places_and_groups(http: httpx.AsyncClient) -> None:
    page = await get(http, "/hosts", length=2)
    places = [[(one["type"], one["name"]) for one in places] for places in page["places"]]
    assert places[0] == [("set", "gz 01"), ("module", "nginx")]
    assert [[one["name"] for one in groups] for groups in page["groups"]] == [
        [group["name"] for group in (await get(http, f"/hosts/{host['id']}"))["groups"]] for host in page["hosts"]
    ]
    assert any(page["groups"])
    assert ((await get(http, "/hosts"))["places"], (await get(http, "/hosts"))["groups"]) == ([], [])


async def test_a_host_tells_its_places_and_groups(http: httpx.AsyncClient) -> None:
    old = (await get(http, "/hosts/5"))["host"]
    assert (old["agent"], old["revoked_at"] is not None) == ("revoked", True)
    told = await get(http, "/hosts/1")
    assert [[one["name"] for one in way] for way in told["places"]] == [["gz 01", "nginx"]]
    assert told["groups"] == [{"id": "g1", "name": "nightly"}]
    assert (await get(http, "/hosts/2"))["places"] == []
    foreign, unknown = [await http.get(f"/api/v1/hosts/{one}", params={"scope": "biz:2"}) for one in (4, 6)]
    assert foreign.json()["code"] == unknown.json()["code"] == 1244030


async def test_what_ran_on_a_host_has_its_own_result(platform: Platform, http: httpx.AsyncClient) -> None:
    wanted: Json = {"scope": "biz:2", "script": "true"}
    first = await post(http, "/jobs/script", **wanted, targets=["1", "2"], name="first")
    second = await post(http, "/jobs/script", **wanted, targets=["1"], name="second")
    async with platform.engine.db.begin() as tx:  # no engine and no agent runs here
        mine = sa.update(tasks).where(tasks.c.job_id == first["job_id"])
        await tx.execute(mine.where(tasks.c.host_id == 1).values(status=int(TaskStatus.NONZERO_EXIT), exit_code=3))
        await tx.execute(mine.where(tasks.c.host_id == 2).values(status=int(TaskStatus.SUCCEEDED), exit_code=0))
        await tx.execute(sa.update(jobs).where(jobs.c.id == first["job_id"]).values(status=int(RunStatus.FAILED)))
    ran = (await get(http, "/hosts/1/runs"))["runs"]
    assert [(one["job_name"], one["status"], one["exit_code"]) for one in ran] == [
        ("second", "waiting", None),
        ("first", "nonzero_exit", 3),
    ]
    assert (ran[1]["job_label"], ran[1]["label"]) == ("Failed", "Non-zero Exit Code")
    assert [one["status"] for one in (await get(http, "/hosts/2/runs"))["runs"]] == ["succeeded"]
    running = await get(http, "/hosts/1/runs", open=True)
    assert ([one["job_id"] for one in running["runs"]], running["before"]) == ([second["job_id"]], None)
    page = await get(http, "/hosts/1/runs", length=1)
    assert ([one["job_id"] for one in page["runs"]], page["before"]) == ([second["job_id"]], second["job_id"])
    rest = await get(http, "/hosts/1/runs", before=page["before"])
    assert ([one["job_id"] for one in rest["runs"]], rest["before"]) == ([first["job_id"]], None)


MORE_TASKS = """
    INSERT INTO task (job_id, id, step_id, attempt, batch, ordinal, host_id, log_task_id, status)
    SELECT job_id, nextval('task_id_seq'), step_id, attempt, :batch, :ordinal, host_id, log_task_id, :status
    FROM task WHERE job_id = :job
"""
MORE_TARGETS = """
    INSERT INTO target (job_id, step_id, ordinal, host_id, cloud_id, cloud_name, ip, os, alive, initial, container)
    SELECT job_id, step_id, 1, host_id, cloud_id, cloud_name, ip, os, alive, initial,
        '{"id": 7, "uid": "u", "runtime": "docker", "name": "nginx"}'::jsonb
    FROM target WHERE job_id = :job
"""


async def test_a_host_with_several_tasks_tells_the_worst_and_each_container(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    wanted: Json = {"scope": "biz:2", "script": "true", "targets": ["2"]}
    parted, boxed = [(await post(http, "/jobs/script", **wanted, name=name))["job_id"] for name in ("by source", "box")]
    async with platform.engine.db.begin() as tx:  # what an engine makes of files by source, and of containers
        rolling = """UPDATE step SET rolling = '{"by_source": true}', batch_count = 2 WHERE job_id = :job"""
        await tx.execute(sa.text(rolling), {"job": parted})
        await tx.execute(sa.update(tasks).where(tasks.c.job_id == parted).values(batch=1))
        running = int(TaskStatus.RUNNING)
        await tx.execute(sa.text(MORE_TASKS), {"job": parted, "batch": 2, "ordinal": 0, "status": running})
        await tx.execute(sa.text(MORE_TARGETS), {"job": boxed})
        await tx.execute(sa.text(MORE_TASKS), {"job": boxed, "batch": 0, "ordinal": 1, "status": running})

    async def told(job: int, **query: Any) -> list[tuple[str, str, bool]]:
        ran = (await get(http, "/hosts/2/runs", **query))["runs"]
        mine = [one for one in ran if one["job_id"] == job]
        assert [one["ordinal"] for one in mine] == list(range(len(mine)))
        return [(one["status"], one["container"], one["task_id"] is not None) for one in mine]

    assert await told(boxed) == [("waiting", "", False), ("running", "nginx", True)] == await told(boxed, open=True)
    assert await told(parted, open=True) == [("running", "", True)]
    for status, worst in ((TaskStatus.SUCCEEDED, "succeeded"), (TaskStatus.NONZERO_EXIT, "nonzero_exit")):
        async with platform.engine.db.begin() as tx:
            mine = sa.update(tasks).where(tasks.c.job_id == parted)
            await tx.execute(mine.where(tasks.c.batch == 1).values(status=int(TaskStatus.SUCCEEDED)))
            await tx.execute(mine.where(tasks.c.batch == 2).values(status=int(status)))
        assert await told(parted) == [(worst, "", True)]
    assert await told(parted, open=True) == []


async def test_a_script_tells_who_uses_its_versions(platform: Platform, http: httpx.AsyncClient) -> None:
    made = await post(http, "/scripts", scope="biz:2", name="mine", version="1", script="true")
    script, version = made["script"]["id"], made["version"]["id"]
    await post(http, f"/scripts/{script}/versions/{version}/operate", operation="publish")
    step = {
        "name": "s",
        "kind": "script",
        "definition": {"script_version_id": version, "account_alias": "root", "target": ON_ONE},
    }
    template = await post(http, "/templates", scope="biz:2", name="release", steps=[step])
    plan = await post(http, f"/templates/{template['id']}/plans", scope="biz:2", name="full")
    job = await post(http, "/jobs/script", scope="biz:2", targets=["1"], script_version_id=version)
    uses = (await http.get(f"/api/v1/scripts/{script}/uses")).json()
    assert [(one["version_id"], one["kind"], one["name"]) for one in uses["kept"]] == [
        (version, "template", "release"),
        (version, "plan", "full"),
    ]
    assert uses["kept"][1]["id"] == plan["id"]
    assert ([one["job_id"] for one in uses["running"]], uses["hidden"]) == ([job["job_id"]], 0)
    async with platform.engine.db.begin() as tx:
        await tx.execute(sa.update(jobs).where(jobs.c.id == job["job_id"]).values(look_at=None))
    assert (await http.get(f"/api/v1/scripts/{script}/uses")).json()["running"] == []


async def test_uses_of_public_scripts_elsewhere_are_counted_only(platform: Platform, http: httpx.AsyncClient) -> None:
    as_li = {"Authorization": http.headers["Authorization"]}
    http.headers["Authorization"] = f"Bearer {await token(platform, 'admin')}"
    try:
        script = await used_elsewhere(http)
        assert [one["name"] for one in (await http.get(f"/api/v1/scripts/{script}/uses")).json()["kept"]] == ["theirs"]
    finally:
        http.headers.update(as_li)
    assert (await http.get(f"/api/v1/scripts/{script}/uses")).json() == {"kept": [], "running": [], "hidden": 1}


async def used_elsewhere(http: httpx.AsyncClient) -> str:
    made = await post(http, "/scripts", scope="public", name="deploy", version="1", script="true")
    script, version = made["script"]["id"], made["version"]["id"]
    await post(http, f"/scripts/{script}/versions/{version}/operate", operation="publish")
    target = {"account_alias": "root", "target": {"host_ids": [4]}}
    step = {"name": "s", "kind": "script", "definition": {"script_version_id": version} | target}
    await post(http, "/templates", scope="biz:3", name="theirs", steps=[step])
    return str(script)


async def test_accounts_and_credentials_tell_what_uses_them(http: httpx.AsyncClient) -> None:
    root = (await get(http, "/accounts", alias="root"))["accounts"][0]
    step = {"name": "s", "kind": "script", "definition": {"content": TRUE, "account_id": root["id"], "target": ON_ONE}}
    await post(http, "/templates", scope="biz:2", name="with root", steps=[step])
    uses = (await get(http, f"/accounts/{root['id']}/uses"))["uses"]
    assert ("template", "with root", True) in [
        (one["kind"], one["name"], one["template_id"] == one["id"]) for one in uses
    ]
    keys = {"access_key": "a", "secret_key": "b"}
    made = await post(http, "/credentials", scope="biz:2", name="k", type="access_key", secrets=keys)
    assert await get(http, f"/credentials/{made['id']}/uses") == {"file_sources": []}
    source = {"scope": "biz:2", "code": "store", "name": "Store", "endpoint": "http://192.0.2.1"}
    await post(http, "/file-sources", **source, credential_id=made["id"], bucket="images")
    told = await get(http, f"/credentials/{made['id']}/uses")
    assert told == {"file_sources": [{"code": "store", "name": "Store"}]}
    wrong = await http.post("/api/v1/file-sources/store/check", json={"scope": "biz:2", "path": "other/"})
    assert (wrong.status_code, "path" in wrong.json()["message"]) == (400, True)


async def test_uploaded_files_say_until_when_they_are_kept(platform: Platform, http: httpx.AsyncClient) -> None:
    made = await post(http, "/uploads", scope="biz:2", names=["a.conf", "never-sent"])
    address, path = made["uploads"][0]["address"], made["uploads"][0]["path"]
    assert (await http.put(address, content=b"hello")).status_code == 200
    [told] = (await get(http, "/uploads", name="CONF"))["files"]
    assert (told["name"], told["uploaded_by"], told["size_bytes"]) == ("a.conf", "li", 5)
    assert told["forgotten_at"] > platform.engine.clock() + 6 * 86_400_000
    assert (await get(http, "/uploads", name="biz-2"))["total"] == 0
    sends = {
        "sources": [{"kind": 2, "paths": [path]}],
        "target_path": "/tmp/",
        "account_alias": "root",
        "target": ON_ONE,
    }
    step = {"name": "s", "kind": "file", "definition": sends | {"target": ON_ONE}}
    await post(http, "/templates", scope="biz:2", name="with a file", steps=[step])
    assert [one["forgotten_at"] for one in (await get(http, "/uploads"))["files"]] == [None]


async def test_many_things_are_tagged_at_once_or_none(http: httpx.AsyncClient) -> None:
    made = [
        await post(http, "/scripts", scope="biz:2", name=name, version="1", script="true") for name in ("one", "two")
    ]
    scripts = [one["script"]["id"] for one in made]
    old, new = [(await post(http, "/tags", scope="biz:2", name=name))["id"] for name in ("old", "new")]
    await post(http, "/tags/change", scope="biz:2", scripts=scripts, add=[old, new])
    await post(http, "/tags/change", scope="biz:2", scripts=scripts[:1], add=[new], remove=[old])
    counts = {one["id"]: one["script_count"] for one in (await get(http, "/tags"))["tags"]}
    assert counts == {old: 1, new: 2}
    wrong = {"scope": "biz:2", "scripts": [scripts[0], "no such"], "remove": [new]}
    assert (await http.post("/api/v1/tags/change", json=wrong)).status_code == 404
    assert (await http.get(f"/api/v1/scripts/{scripts[0]}")).json()["tags"] == [{"id": new, "name": "new"}]
    assert (await http.post("/api/v1/tags/change", json=wrong | {"templates": [1]})).status_code == 404
    foreign = {"scope": "biz:2", "scripts": scripts, "add": [new + 100]}
    assert (await http.post("/api/v1/tags/change", json=foreign)).status_code in {400, 404}
