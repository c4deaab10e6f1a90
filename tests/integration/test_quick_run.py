"""What stands behind a quick run: targets, previews, drafts, files, over HTTP on a real database and broker."""

import uuid
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
from jobfleet.operations.declare import apply_state
from jobfleet.store.database import Database
from jobfleet.store.tables import agents

Json = dict[str, Any]
PEOPLE = """
[[users]]
name = "li"
password = "battery staple"
[[users]]
name = "wu"
password = "battery staple"
[[businesses]]
id = 2
name = "demo"
[[businesses]]
id = 3
name = "other"
[[accounts]]
id = 1
business = 2
account = "root"
[[accounts]]
id = 2
business = 2
account = "shop"
category = "database"
type = "mysql"
password = "battery staple"
system_account = "root"
[[role_bindings]]
user = "li"
role = "editor"
business = 2
[[role_bindings]]
user = "wu"
role = "viewer"
business = 2
[[hosts]]
id = 90
ip = "10.0.9.90"
business = 3
[[hosts]]
id = 50
ip = "10.0.5.50"
cloud_id = 3
name = "far"
os = "windows"
business = 2
"""
TREE = """
[[topology_nodes]]
type = "set"
id = 1
name = "gz-01"
business = 2
[[topology_nodes]]
type = "module"
id = 11
name = "nginx"
business = 2
parent = 1
hosts = [1, 2, 3]
[[topology_nodes]]
type = "module"
id = 12
name = "redis"
business = 2
parent = 1
hosts = [3, 4]
[[dynamic_groups]]
id = "web"
name = "web hosts"
business = 2
hosts = [1, 2]
"""


def declared() -> str:
    hosts = [f'[[hosts]]\nid = {n}\nip = "10.0.0.{n}"\nname = "web-0{n}"\nbusiness = 2\n' for n in range(1, 7)]
    return PEOPLE + "".join(hosts) + TREE


class Api:
    """Asks the application as somebody."""

    def __init__(self, http: httpx.AsyncClient, db: Database) -> None:
        self.http = http
        self.db = db
        self.tokens: dict[str, str] = {}

    async def ask(self, method: str, path: str, members: Json, name: str = "li") -> httpx.Response:
        if name not in self.tokens:
            body = {"username": name, "password": "battery staple"}
            self.tokens[name] = (await self.http.post("/api/v1/sign-in", json=body)).json()["token"]
        header = {"Authorization": f"Bearer {self.tokens[name]}"}
        given: dict[str, Any] = {"params": members} if method == "GET" else {"json": members}
        return await self.http.request(method, f"/api/v1{path}", headers=header, **given)

    async def post(self, path: str, **members: Any) -> Json:
        answer = await self.ask("POST", path, {"scope": "biz:2", **members})
        assert answer.status_code < 300, answer.text
        told: Json = answer.json()
        return told

    async def get(self, path: str, **members: Any) -> Json:
        answer = await self.ask("GET", path, {"scope": "biz:2", **members})
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def resolve(self, *texts: str, show: int = 100) -> Json:
        return await self.post("/targets/resolve", texts=texts, show=show)

    async def counts(self) -> dict[str, int]:
        """Return how many rows every table has that a start may write to."""
        names = ("job", "step", "target", "task", "content", "event", "audit", "dangerous_hit", "dangerous_script")
        async with self.db.begin() as tx:
            return {
                name: int((await tx.execute(sa.text(f'SELECT count(*) FROM "{name}"'))).scalar_one()) for name in names
            }


@pytest.fixture(scope="module")
async def api(postgres: Postgres, template: str, nats: Broker) -> AsyncIterator[Api]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    await execute(postgres, f"create database {name} template {template} strategy file_copy")
    db = Database(postgres.url_of(name))
    async with platform_on(db, nats) as platform:
        await apply_state(db, parse_state(declared()), dry_run=False, sealer=platform.engine.sealer)
        await connect(db, platform.engine.clock())
        headers = {"blueking-language": "en"}
        with serving(platform) as app:
            transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://jobfleet", headers=headers) as http:
                yield Api(http, db)
    await db.close()
    await execute(postgres, f"drop database {name} with (force)")


async def connect(db: Database, now: int) -> None:
    """Let the agents of hosts 1 to 4 be connected, and that of host 5 be away."""
    async with db.begin() as tx:
        for host_id in range(1, 6):
            row = {"host_id": host_id, "public_key": f"key {host_id}", "version": "1", "boot_id": "", "enrolled_at": 1}
            await tx.execute(sa.insert(agents).values(**row, refused={}, seen_at=now if host_id < 5 else 1))


def hosts_of(answer: Json) -> list[int]:
    return [host["id"] for host in answer["shown"]]


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("10.0.0.2", [2]),
        ("0:10.0.0.2", [2]),
        ("3:10.0.5.50", [50]),
        ("2", [2]),
        ("web-03", [3]),
        ("web-0*", [1, 2, 3, 4, 5, 6]),
        ("web-[02-04]", [2, 3, 4]),
        ("10.0.0.[5-250]", [5, 6]),
        ("10.0.0.0/30", [1, 2, 3]),
        ("3:10.0.0.0/16", [50]),
        ("group:web", [1, 2]),
        ("node:module:12", [3, 4]),
        ("node:set:1", [1, 2, 3, 4]),
        ("set=gz-01 module=nginx", [1, 2, 3]),
        ("module=nginx,redis name!=web-03", [1, 2, 4]),
        ("os=windows", [50]),
        ("ip=10.0.0.*  cloud=0 module!=nginx", [4, 5, 6]),
        ("10.0.0.4,web-04,linux", [4]),
    ],
)
async def test_each_text_comes_to_its_hosts(api: Api, text: str, hosts: list[int]) -> None:
    answer = await api.resolve(text)
    assert (hosts_of(answer), answer["texts"][0]["hosts"]) == (hosts, len(hosts))
    assert answer["unresolved"]["total"] == 0


async def test_hosts_are_taken_away_again(api: Api) -> None:
    assert hosts_of(await api.resolve("web-0*", "!10.0.0.3", "!module=redis")) == [1, 2, 5, 6]
    answer = await api.resolve("web-0*", "!offline")
    assert (hosts_of(answer), answer["ready"], answer["offline"]["total"]) == ([1, 2, 3, 4], 4, 0)


async def test_what_is_wrong_is_told_with_what_mends_it(api: Api) -> None:
    texts = ["10.0.0.1", "web-01", "10.0.9.90", "10.0.5.50", "10.7.7.7", "nobody", "a b", "web-05", "group:none"]
    answer = await api.resolve(*texts)
    assert {one["text"]: one["reason"] for one in answer["unresolved"]["items"]} == {
        "10.0.5.50": "unknown_host",
        "10.7.7.7": "unknown_host",
        "nobody": "unknown_host",
        "a b": "malformed",
        "group:none": "unknown_group",
    }
    lists = [answer[name]["items"] for name in ("unresolved", "foreign", "duplicates", "offline")]
    assert [one["texts"] for one in lists[1]] == [["10.0.9.90"]]
    assert [[one["host"]["id"] for one in found] for found in lists[2:]] == [[1], [5]]
    box = list(texts)
    for one in [one for found in lists for one in found]:
        box = [text for text in box if text not in one["fix"]["remove"]] + list(one["fix"]["add"])
    mended = await api.resolve(*dict.fromkeys(box))
    assert [mended[name]["total"] for name in ("unresolved", "duplicates", "foreign", "offline")] == [0, 0, 0, 0]
    assert hosts_of(mended) == [1]


@pytest.mark.parametrize("text", ["host:90", "90", "10.0.9.90"])
async def test_of_another_businesses_host_nothing_but_ones_own_text_is_told(api: Api, text: str) -> None:
    answer = (
        await api.ask("POST", "/targets/resolve", {"scope": "biz:2", "texts": [text, f" {text}"], "show": 9}, "wu")
    ).json()
    assert answer["foreign"] == {
        "total": 1,
        "items": [{"texts": [text, f" {text}"], "fix": {"remove": [text, f" {text}"], "add": []}}],
    }
    assert (answer["ready"], answer["shown"]) == (0, [])
    assert [answer[name]["total"] for name in ("unresolved", "duplicates", "offline")] == [0, 0, 0]


async def test_the_topology_counts_each_host_once(api: Api) -> None:
    answer = await api.get("/topology")
    assert {(one["text"], one["parent"], one["host_count"]) for one in answer["nodes"]} == {
        ("node:biz:2", "", 7),
        ("node:set:1", "node:biz:2", 4),
        ("node:module:11", "node:set:1", 3),
        ("node:module:12", "node:set:1", 2),
    }
    assert [(one["text"], one["host_count"]) for one in answer["groups"]] == [("group:web", 2)]


TARGETS = [
    ["10.0.0.1"],
    ["web-0*", "!web-02"],
    ["set=gz-01 module=nginx"],
    ["2", "10.0.0.1", "group:web"],
    ["10.0.0.[1-250]", "3:10.0.5.50"],
]


@pytest.mark.parametrize("targets", TARGETS)
async def test_the_hosts_and_batches_of_a_preview_are_those_of_the_job(api: Api, targets: list[str]) -> None:
    wanted: Json = {"scope": "biz:2", "targets": targets, "script": "hostname", "rolling": {"expression": "1 50%"}}
    wanted |= {"start": False, "name": "the same"}
    shown = await api.post("/targets/resolve", texts=targets, show=100)
    before = await api.counts()
    answer = (await api.ask("POST", "/preview", {"script": wanted})).json()
    assert await api.counts() == before
    assert (answer["startable"], answer["problems"], answer["steps"][0]["problems"]) == (True, [], [])
    started = await api.ask("POST", "/jobs/script", wanted)
    assert started.status_code == 201, started.text
    job = started.json()
    async with api.db.begin() as tx:
        query = f"SELECT host_id FROM target WHERE job_id = {job['job_id']} ORDER BY ordinal"
        hosts = list((await tx.execute(sa.text(query))).scalars())
        query = f"SELECT batch_count FROM step WHERE id = {job['step_id']}"
        batches = (await tx.execute(sa.text(query))).scalar_one()
    assert hosts == hosts_of(shown)
    assert answer["hosts"]["total"] == len(hosts)
    sizes = answer["steps"][0]["rolling"]["sizes"]
    assert (sum(sizes), len(sizes)) == (len(hosts), batches)


async def test_a_preview_tells_what_stands_in_the_way(api: Api) -> None:
    script: Json = {"scope": "biz:2", "targets": ["10.0.9.90"], "script": "true", "account": "nobody"}
    answer = (await api.ask("POST", "/preview", {"script": script})).json()
    assert not answer["startable"]
    assert [one["code"] for one in answer["steps"][0]["problems"]] == [1244002]
    script |= {"targets": ["web-0*"], "rolling": {"expression": "x"}, "account": "root"}
    answer = (await api.ask("POST", "/preview", {"script": script})).json()
    assert [one["code"] for one in answer["steps"][0]["problems"]] == [1244026]
    assert (answer["hosts"]["ready"], answer["hosts"]["offline"]) == (4, 2)
    assert [one["id"] for one in answer["away"]["items"]] == [5, 6]
    assert [one["id"] for one in answer["ready"]["items"]] == [1, 2, 3, 4]
    plain = {"scope": "biz:2", "targets": ["1"], "script": "true"}
    answer = (await api.ask("POST", "/preview", {"script": plain}, "wu")).json()
    [lacking] = answer["problems"]
    assert lacking["permission"] == "quick_execute_script, use_account"
    assert len(lacking["lacks"]) == 2
    assert "quick_execute_script" not in lacking["lacks"]
    assert not answer["startable"]


async def test_a_preview_of_a_run_a_template_and_a_schedule_counts_their_hosts(api: Api) -> None:
    steps = [{"name": "x", "kind": "script", "definition": {"content": "true", "account_alias": "root"}}]
    steps[0]["definition"]["target"] = {"variable": "web"}  # type: ignore[index]
    web = {"name": "web", "type": "hosts", "hosts": {"host_ids": [1, 2]}}
    made = await api.post("/templates", name="counted", steps=steps, variables=[web])
    plan = await api.post(f"/templates/{made['id']}/plans", name="counted")
    kept = {"plan_id": plan["id"], "name": "nightly", "expression": "0 2 * * *", "time_zone": "UTC"}
    schedule = (await api.post("/schedules", **kept, hosts={"web": ["10.0.0.3"]}))["schedule"]
    job = await api.post("/jobs/script", targets=["web-0[2-4]"], script="rm -rf /etc", start=False)
    before = await api.counts()
    wanted = {
        2: {"template": {"scope": "biz:2", "template_id": made["id"]}},
        1: {"schedule": {"schedule_id": schedule["id"]}},
        3: {"run": {"job_id": job["job_id"]}},
    }
    for hosts, body in wanted.items():
        answer = await api.ask("POST", "/preview", body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["hosts"]["total"] == hosts
        assert answer.json()["startable"] is ("run" not in body), answer.text
    early = (await api.ask("POST", "/preview", wanted[3])).json()
    assert (early["blast"]["level"], [one["code"] for one in early["problems"]]) == ("high", [1241003])
    assert await api.counts() == before


async def test_a_preview_tells_of_dangerous_lines(api: Api) -> None:
    wanted = {"scope": "biz:2", "targets": ["1"], "script": "cd /\nrm -rf /etc\n"}
    answer = (await api.ask("POST", "/preview", {"script": wanted})).json()
    assert [one["line"] for one in answer["steps"][0]["dangers"]] == [2]
    assert answer["blast"]["level"] == "high"
    assert answer["startable"]


async def test_a_preview_of_files_tells_where_they_land(api: Api) -> None:
    source = {"hosts": ["group:web"], "paths": ["/var/log/a.log"]}
    wanted = {"scope": "biz:2", "targets": ["web-0*"], "sources": [source], "target_path": "/var/log/"}
    [step] = (await api.ask("POST", "/preview", {"files": wanted})).json()["steps"]
    assert {(one["trouble"], one["path"]) for one in step["files"]} == {
        ("same_name", "/var/log/a.log"),
        ("same_place", "/var/log/a.log"),
    }
    kept_apart = wanted | {"target_path": "/data/[FILESRCIP]"}
    [step] = (await api.ask("POST", "/preview", {"files": kept_apart})).json()["steps"]
    assert step["files"] == []
    assert [one["directory"] for one in step["landings"]] == ["/data/0_10.0.0.1/", "/data/0_10.0.0.2/"]
    started = await api.ask("POST", "/jobs/file", kept_apart | {"start": False})
    assert started.status_code == 201, started.text


async def test_a_start_refuses_a_text_that_names_nothing(api: Api) -> None:
    before = await api.counts()
    for text in ("nobody-*", "zone=x", "failed:run:77"):
        wanted = {"scope": "biz:2", "targets": ["10.0.0.1", text], "script": "true"}
        answer = await api.ask("POST", "/jobs/script", wanted)
        assert (answer.status_code, answer.json()["field"]) == (400, "targets"), text
        assert text in answer.json()["message"]
    assert await api.counts() == before


async def test_the_hosts_of_an_earlier_run_are_named_by_it(api: Api) -> None:
    job = await api.post("/jobs/script", targets=["web-0[2-3]"], script="true", start=False)
    assert hosts_of(await api.resolve(f"run:{job['job_id']}")) == [2, 3]


async def test_hosts_of_a_step_are_told_by_where_they_stand(api: Api) -> None:
    job = await api.post("/jobs/script", targets=["web-0*", "3:10.0.5.50"], script="true", start=False)
    path = f"/jobs/{job['job_id']}/steps/{job['step_id']}/places"
    modules = (await api.ask("GET", path, {"level": "module"})).json()
    assert [one["name"] for one in modules["nodes"]] == ["nginx", "redis"]
    assert dict(zip(modules["host_id"], modules["node"], strict=True)) == {1: 0, 2: 0, 3: 0, 4: 1}
    sets = (await api.ask("GET", path, {"level": "set"})).json()
    assert (sets["nodes"], sets["node"]) == ([{"id": 1, "name": "gz-01"}], [0, 0, 0, 0])
    assert (await api.ask("GET", path, {"level": "rack"})).status_code == 400


async def test_a_kept_script_of_sql_runs_as_it_is_kept(api: Api) -> None:
    made = await api.post("/scripts", name="kept sql", language="sql", script="SELECT 'kept'", version="1.0")
    version = made["version"]["id"]
    published = f"/scripts/{made['script']['id']}/versions/{version}/operate"
    assert (await api.ask("POST", published, {"operation": "publish"})).status_code == 200
    wanted: Json = {"scope": "biz:2", "targets": ["10.0.0.1"], "db_account": "shop", "start": False}
    for chosen in ({}, {"sql": "DELETE FROM written", "script_version_id": version}):
        refused = await api.ask("POST", "/jobs/sql", wanted | chosen)
        assert (refused.status_code, refused.json()["field"]) == (400, "sql")
    answer = (await api.ask("POST", "/preview", {"sql": wanted | {"script_version_id": version}})).json()
    assert (answer["startable"], answer["steps"][0]["kind"]) == (True, "sql"), answer
    job = await api.post("/jobs/sql", **wanted | {"script_version_id": version})
    [step] = (await api.ask("GET", f"/jobs/{job['job_id']}/definition", {})).json()["steps"]
    told = step["script"]
    assert (told["content"], told["script_version_id"]) == ("SELECT 'kept'", version)


async def test_a_draft_is_its_users_own_and_keeps_no_secret(api: Api) -> None:
    content = {"script": "echo s3cr3t-text", "params": "hunter2", "sensitive_params": True}
    made = await api.post("/drafts", kind="script", title="first", content=content)
    assert "params" not in made["content"]
    saved = await api.post(f"/drafts/{made['id']}", kind="script", title="second", content={"script": "echo s3cr3t-2"})
    assert (await api.get(f"/drafts/{made['id']}"))["content"] == saved["content"]
    assert [one["title"] for one in (await api.get("/drafts"))["drafts"]] == ["second"]
    async with api.db.begin() as tx:
        stored = (await tx.execute(sa.text("SELECT content FROM draft"))).scalars().all()
    assert not any(b"s3cr3t" in one or b"hunter2" in one for one in stored)
    for method, path in (("GET", ""), ("POST", "/delete")):
        foreign = await api.ask(method, f"/drafts/{made['id']}{path}", {"scope": "biz:2"}, "wu")
        assert (foreign.status_code, foreign.json()["code"]) == (404, 1241012)
    await api.post(f"/drafts/{made['id']}/delete")
    assert (await api.get("/drafts"))["drafts"] == []


async def test_only_the_newest_drafts_stay(api: Api) -> None:
    for number in range(52):
        await api.post("/drafts", kind="sql", title=str(number), content={})
    titles = [one["title"] for one in (await api.get("/drafts"))["drafts"]]
    assert titles == [str(number) for number in range(51, 1, -1)]
    large = await api.ask("POST", "/drafts", {"scope": "biz:2", "kind": "sql", "content": {"sql": "x" * 2_100_000}})
    assert large.status_code == 400


async def test_views_and_favourites_are_kept_for_their_user(api: Api) -> None:
    await api.post("/views", page="runs", name="mine", query="status=failed")
    await api.post("/views", page="runs", name="mine", query="status=failed&by=me")
    assert [(one["name"], one["query"]) for one in (await api.get("/views"))["views"]] == [
        ("mine", "status=failed&by=me")
    ]
    await api.post("/favourites", kind="plan", id="7")
    await api.post("/favourites", kind="plan", id="7")
    assert [(one["kind"], one["id"]) for one in (await api.get("/favourites"))["favourites"]] == [("plan", "7")]
    mine = await api.ask("GET", "/views", {"scope": "biz:2"}, "wu")
    assert mine.json() == {"views": []}
    for number in range(199):
        await api.post("/views", page="runs", name=str(number), query="")
    full = {"scope": "biz:2", "page": "runs", "name": "one more", "query": ""}
    assert (await api.ask("POST", "/views", full)).status_code == 429
    for name in ("mine", *map(str, range(199))):
        await api.post("/views/delete", page="runs", name=name)
    await api.post("/favourites/delete", kind="plan", id="7")
    assert (await api.get("/views"), await api.get("/favourites")) == ({"views": []}, {"favourites": []})


async def test_runs_are_listed_by_several_filters_with_the_hosts_own_result(api: Api) -> None:
    names = {f"listed {number}": ["10.0.0.2"] if number % 2 else ["web-0*"] for number in range(4)}
    ids = [
        (await api.post("/jobs/script", targets=targets, script="true", name=name, start=number < 2))["job_id"]
        for number, (name, targets) in enumerate(names.items())
    ]
    found = await api.get("/runs", name="listed", by="me", length=3)
    assert (found["total"], [one["id"] for one in found["runs"]]) == (4, ids[:0:-1])
    assert [one["own"] for one in found["runs"]] == [None, None, None]
    waiting = await api.get("/runs", name="listed", status="pending,failed")
    assert [one["id"] for one in waiting["runs"]] == ids[:1:-1]
    assert [one["name"] for one in waiting["runs"][0]["actions"]] == ["start"]
    own = await api.get("/runs", name="listed", host="10.0.0.1")
    assert [one["id"] for one in own["runs"]] == [ids[2], ids[0]]
    assert [one["own"]["host_id"] for one in own["runs"]] == [1, 1]
    assert [one["own"]["status"] for one in own["runs"]] == [None, 5]
    assert (await api.get("/runs", name="listed", host="2"))["total"] == 4
    assert (await api.get("/runs", host="90"))["total"] == 0
    hours = await api.get("/runs/hours", name="listed")
    assert sum(span["runs"] for span in hours["spans"]) == 4
    assert all(span["at"] % hours["span_ms"] == 0 for span in hours["spans"])
    assert hours["span_ms"] > 3_600_000
    for length in (900_000, 3_600_000):
        fine = await api.get("/runs/hours", name="listed", span_ms=length)
        assert (fine["span_ms"], sum(span["runs"] for span in fine["spans"])) == (length, 4)
        assert all(span["at"] % length == 0 for span in fine["spans"])
    wrong = await api.ask("GET", "/runs", {"scope": "biz:2", "status": "odd"})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "status")


async def planned(api: Api, name: str, **variable: Any) -> tuple[int, int]:
    """Keep a template with one step on the hosts of a list, and a plan of it; return their ids."""
    definition = {"content": "true", "account_alias": "root", "target": {"variable": "web"}}
    steps = [{"name": "x", "kind": "script", "definition": definition}]
    web = {"name": "web", "type": "hosts", "hosts": variable}
    made = await api.post("/templates", name=name, steps=steps, variables=[web])
    return made["id"], (await api.post(f"/templates/{made['id']}/plans", name=name))["id"]


async def test_what_fires_next_says_on_how_many_hosts(api: Api) -> None:
    _, plan = await planned(api, "fires", topology_nodes=[{"type": "module", "id": 11}])
    timing = {"plan_id": plan, "time_zone": "UTC"}
    lists = {"all": {}, "one": {"web": ["10.0.0.3"]}, "lost": {"web": ["4", "999999"]}, "gone": {"web": ["group:web"]}}
    for number, (name, hosts) in enumerate(lists.items()):
        await api.post("/schedules", **timing, name=f"fires {name}", expression=f"{number} 2 1 1 *", hosts=hosts)
    async with api.db.begin() as tx:
        await tx.execute(sa.text("UPDATE dynamic_group SET id = 'away' WHERE id = 'web'"))
    try:
        asked = await api.get("/schedules", name="fires", hosts=True, order="changed")
        unasked = await api.get("/schedules", name="fires")
    finally:
        async with api.db.begin() as tx:
            await tx.execute(sa.text("UPDATE dynamic_group SET id = 'web' WHERE id = 'away'"))
    counted = {one["name"]: one["hosts"] for one in asked["schedules"]}
    assert counted == {"fires all": 3, "fires one": 1, "fires lost": 1, "fires gone": None}
    assert [one["hosts"] for one in unasked["schedules"]] == [None] * 4
    soon = await api.post("/schedules", **timing, name="fires soon", expression="* * * * *")
    one = f"/schedules/{soon['schedule']['id']}"
    next_at = (await api.ask("POST", f"{one}/enable", {})).json()["next_fire_at"]
    for before, names in ((next_at + 1, ["fires soon"]), (next_at, [])):
        coming = await api.get("/schedules", name="fires", enabled=True, fires_before=before, order="next")
        assert ([one["name"] for one in coming["schedules"]], coming["total"]) == (names, len(names))
    assert (await api.ask("POST", f"{one}/delete", {})).status_code == 200


async def test_ones_own_favourite_templates_come_first_on_every_page(api: Api) -> None:
    made = [(await planned(api, f"starred {number}", host_ids=[1]))[0] for number in range(3)]
    await api.post("/favourites", kind="template", id=str(made[0]))
    await api.post("/favourites", kind="plan", id=str(made[1]))

    async def listed(name: str = "li", **members: Any) -> list[int]:
        answer = await api.ask("GET", "/templates", {"scope": "biz:2", "name": "starred", **members}, name)
        return [one["id"] for one in answer.json()["templates"]]

    assert await listed(favourites_first=True, length=1) == made[:1]
    assert await listed(favourites_first=True, start=1) == [made[2], made[1]]
    assert await listed() == made[::-1]
    assert await listed("wu", favourites_first=True) == made[::-1]
    for kind, thing in (("template", made[0]), ("plan", made[1])):
        await api.post("/favourites/delete", kind=kind, id=str(thing))


async def test_a_plan_says_how_long_its_runs_usually_take(api: Api) -> None:
    _, plan = await planned(api, "usual", host_ids=[1])
    assert await api.get(f"/plans/{plan}/last-run") == {"job": None, "values": [], "usual_ms": None, "usual_runs": 0}
    jobs = [(await api.post(f"/plans/{plan}/run", start=False))["job_id"] for _ in range(4)]
    took = {jobs[0]: (3, 1_000), jobs[1]: (3, 9_000), jobs[2]: (3, 5_000), jobs[3]: (4, 70_000)}
    async with api.db.begin() as tx:
        for job, (status, total_ms) in took.items():
            moved = "UPDATE job SET status = :status, total_ms = :total_ms WHERE id = :id"
            await tx.execute(sa.text(moved), {"id": job, "status": status, "total_ms": total_ms})
    told = await api.get(f"/plans/{plan}/last-run")
    assert (told["job"]["id"], told["usual_ms"], told["usual_runs"]) == (jobs[3], 5_000, 3)


async def test_a_list_of_runs_says_how_much_longer_those_at_work_take(api: Api) -> None:
    job = (await api.post("/jobs/script", targets=["web-0*"], script="sleep 1", name="how much longer"))["job_id"]
    [asked] = (await api.get("/runs", name="how much longer", eta=True))["runs"]
    page = (await api.ask("GET", f"/jobs/{job}/run", {})).json()
    assert asked["eta"] is not None
    assert asked["eta"]["usual_ms"] == page["eta"]["usual_ms"]
    [unasked] = (await api.get("/runs", name="how much longer"))["runs"]
    assert unasked["eta"] is None
