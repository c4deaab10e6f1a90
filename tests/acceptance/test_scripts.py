"""Kept scripts and dangerous rules against a running installation: on every surface, and from the command line."""

from pathlib import Path

import msgspec
import pytest
from tests.acceptance.cli import Cli
from tests.acceptance.declared import ACCOUNT, BIZ, OTHER, A
from tests.acceptance.gates import encoded
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import Json

TARGET: Json = {"target_server": {"host_id_list": [A]}, "account_alias": ACCOUNT}
OBJECTS: Json = {"execute_target": {"host_list": [{"bk_host_id": A}]}, "account_alias": ACCOUNT}
OLD: Json = {"account": ACCOUNT, "ip_list": [{"bk_cloud_id": 0, "ip": "127.0.0.1"}]}


class Kept(msgspec.Struct, frozen=True):
    """Name a script, its offline version 1.0, its online version 2.0 and its draft 3.0."""

    id: str
    offline: int
    online: int
    draft: int


async def keep(stage: Stage, scope: str, name: str) -> Kept:
    headers = await stage.bearer()

    async def post(path: str, **body: object) -> Json:
        answer = await stage.http.post(f"/api/v1/scripts{path}", json=body, headers=headers)
        made: Json = answer.raise_for_status().json()
        return made

    made = await post("", scope=scope, name=name, version="1.0", script="echo first $1")
    script, offline = made["script"]["id"], made["version"]["id"]
    online = (await post(f"/{script}/versions", version="2.0", script="echo second $1"))["id"]
    draft = (await post(f"/{script}/versions", version="3.0", script="echo third $1"))["id"]
    for version in (offline, online):
        await post(f"/{script}/versions/{version}/operate", operation="publish")
    return Kept(script, offline, online, draft)


@pytest.fixture(scope="module")
async def own(stage: Stage) -> Kept:
    return await keep(stage, "biz:2", "acceptance")


@pytest.fixture(scope="module")
async def public(stage: Stage) -> Kept:
    return await keep(stage, "public", "acceptance")


async def start(stage: Stage, surface: str, selector: Json, scope: Json = BIZ) -> Json:
    """Start a script on a surface; version 2 knows version ids only."""
    wanted = scope | {"script_param": encoded("x"), **selector}
    match surface:
        case "v2":
            chosen = {name: value for name, value in wanted.items() if not name.startswith("script_v")}
            return await stage.admin.v2("fast_execute_script", **chosen, **OLD)
        case "v3":
            return await stage.admin.v3("fast_execute_script", **wanted, **TARGET)
        case "gateway":
            return await stage.admin.gateway("fast_execute_script", **wanted, **TARGET)
        case "v4":
            return {"code": 0, "data": await stage.admin.v4("fast_execute_script", **wanted, **OBJECTS)}
        case _:
            return await stage.admin.system("bkci_plugin_fast_execute_script", **wanted, **OBJECTS)


SURFACES = ("v3", "gateway", "v4", "plugin")


async def printed(stage: Stage, answer: Json) -> str:
    assert answer["code"] == 0, answer
    job = Job(answer["data"]["job_instance_id"], answer["data"]["step_instance_id"], BIZ)
    await stage.wait(job, 9, job_status=3)
    log = await stage.admin.v3("get_job_instance_ip_log", **job.step, bk_host_id=A)
    text: str = log["data"]["log_content"]
    return text


async def test_a_version_and_a_script_run_by_id_on_every_surface(stage: Stage, own: Kept, public: Kept) -> None:
    for surface in SURFACES:
        assert await printed(stage, await start(stage, surface, {"script_version_id": own.offline})) == "first x\n"
        assert await printed(stage, await start(stage, surface, {"script_id": own.id})) == "second x\n"
        assert await printed(stage, await start(stage, surface, {"script_id": public.id})) == "second x\n"
    for version, text in ((own.offline, "first x\n"), (public.online, "second x\n")):
        assert await printed(stage, await start(stage, "v2", {"script_id": version})) == text


async def test_of_several_selectors_the_version_counts_then_the_script(stage: Stage, own: Kept) -> None:
    content = {"script_content": encoded("echo content"), "script_language": 1}
    every = content | {"script_id": own.id, "script_version_id": own.offline}
    assert await printed(stage, await start(stage, "v3", every)) == "first x\n"
    assert await printed(stage, await start(stage, "v3", content | {"script_id": own.id})) == "second x\n"


async def test_what_cannot_run_is_refused_on_every_surface(stage: Stage, own: Kept, public: Kept) -> None:
    async with stage.nothing_new():
        for surface in ("v3", "gateway", "plugin"):
            assert (await start(stage, surface, {"script_version_id": own.draft}))["code"] == 1244018
            assert (await start(stage, surface, {"script_version_id": public.draft}))["code"] == 1244018
            assert (await start(stage, surface, {"script_id": "0" * 32}))["code"] == 1243001
            assert (await start(stage, surface, {"script_version_id": own.online}, OTHER))["code"] == 1243001
        assert (await start(stage, "v2", {"script_id": own.draft}))["code"] == 1244018
        refused = stage.admin.v4_refused
        draft: Json = {"script_version_id": own.draft}
        for selector, told in (
            (draft, (400, "FAILED_PRECONDITION", "1244018")),
            ({"script_id": "none"}, (404, "NOT_FOUND", "1243001")),
        ):
            assert await refused("fast_execute_script", **BIZ, **selector, **OBJECTS) == told


async def test_a_viewer_may_look_at_scripts_and_not_run_them(stage: Stage, own: Kept, public: Kept) -> None:
    vera = stage.admin.as_user("vera")
    for kept, action in ((own, "execute_script"), (public, "execute_public_script")):
        told = await vera.v3("fast_execute_script", **BIZ, **TARGET, script_version_id=kept.online)
        assert (told["code"], told["permission"]["actions"][0]["id"]) == (9900403, action)


async def test_an_intercepted_script_is_refused_on_every_surface_and_its_hits_stay(stage: Stage, cli: Cli) -> None:
    rule = (await cli("rule", "create", "acceptance-[d]anger", "--intercept")).out.strip()
    assert (await cli("rule", "enable", rule)).code == 0
    danger: Json = {"script_content": encoded("true\necho acceptance-danger"), "script_language": 1}
    try:
        async with stage.nothing_new():
            for surface in ("v3", "gateway", "plugin"):
                assert (await start(stage, surface, danger))["code"] == 1244019
            old = BIZ | OLD | {"script_content": danger["script_content"], "script_type": 1}
            assert (await stage.admin.v2("fast_execute_script", **old))["code"] == 1244019
            told = await stage.admin.v4_refused("fast_execute_script", **BIZ, **danger, **OBJECTS)
            assert told == (500, "INTERNAL", "1244019")
            refused = await cli("run", "-t", "127.0.0.1", "--", "acceptance-danger")
            assert "acceptance-[d]anger" in refused.err
    finally:
        assert (await cli("rule", "delete", rule)).code == 0
    shown = (await cli("rule", "hits", "--rule", rule)).out.splitlines()
    assert (len(shown), shown[1].endswith("  acceptance-danger")) == (7, True), shown
    found = (await cli("rule", "hits", "--rule", rule, "-o", "json")).json
    assert found["total"] == 6
    assert {(hit["line_number"], hit["line"]) for hit in found["hits"]} == {
        (2, "echo acceptance-danger"),
        (1, "acceptance-danger"),
    }
    assert await printed(stage, await start(stage, "v3", danger)) == "acceptance-danger\n"


async def test_scripts_are_kept_and_run_from_the_command_line(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "hello.sh"
    file.write_bytes(b"#!/bin/sh\necho hello \xff | tr -d '\\377'\n")
    made = await cli("script", "create", "hello", "-f", str(file), "--description", "greets")
    assert (made.code, made.out) == (0, ""), made
    assert (await cli("run", "-t", "127.0.0.1", "--script", "hello")).code == 6
    assert (await cli("script", "publish", "hello", "--version", "1.0")).code == 0
    ran = await cli("run", "-t", "127.0.0.1", "--script", "hello")
    assert (ran.code, "hello" in ran.out) == (0, True), ran
    added = await cli("script", "add-version", "hello", "-f", "-", "--version", "2.0", stdin="echo two\n")
    assert added.code == 0, added
    assert (await cli("script", "edit", "hello", "-f", "-", "--version", "2.0", stdin="echo 2\n")).code == 0
    assert (await cli("script", "show", "hello", "--version", "2.0")).out == "echo 2\n"
    assert (await cli("script", "publish", "hello", "--version", "2.0")).code == 0
    assert (await cli("script", "disable", "hello", "--version", "1.0")).code == 0
    states = [version["state"] for version in (await cli("script", "versions", "hello", "-o", "json")).json["versions"]]
    assert states == ["online", "disabled"]
    assert (await cli("script", "rename", "hello", "goodbye")).code == 0
    listed = (await cli("script", "list", "--name", "good", "-o", "json")).json["scripts"]
    assert [(script["name"], script["online_version"], script["description"]) for script in listed] == [
        ("goodbye", "2.0", "greets")
    ]
    assert (await cli("script", "delete", "goodbye")).code == 0


async def test_scripts_are_checked_and_found_by_tags_from_the_command_line(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "careless.sh"
    file.write_text("#!/bin/sh\ncd /data\nrm -rf /etc\n")
    found = await cli("script", "check", str(file))
    assert (found.code, [line.split()[:2] for line in found.out.splitlines()[1:]]) == (
        1,
        [["2", "warning"], ["3", "error"]],
    )
    file.write_text("#!/bin/sh\ncd /data\n")
    assert (await cli("script", "check", str(file))).code == 0
    for name in ("careless", "other"):
        assert (await cli("script", "create", name, "-f", str(file))).code == 0
    assert (await cli("tag", "create", "care", "--description", "needs care")).code == 0
    assert (await cli("tag", "script", "careless", "care")).code == 0
    listed = (await cli("script", "list", "--tag", "care", "-o", "json")).json["scripts"]
    assert [(one["name"], [tag["name"] for tag in one["tags"]]) for one in listed] == [("careless", ["care"])]
    assert (await cli("tag", "rename", "care", "careful")).code == 0
    shown = {tag["name"]: tag["description"] for tag in (await cli("tag", "list", "-o", "json")).json["tags"]}
    assert (shown.get("careful"), "care" in shown) == ("needs care", False)
    assert (await cli("tag", "script", "careless", "no such tag")).code == 6
    assert (await cli("tag", "delete", "careful")).code == 0
    assert "careful" not in (await cli("tag", "list")).out
    for name in ("careless", "other"):
        assert (await cli("script", "delete", name)).code == 0
