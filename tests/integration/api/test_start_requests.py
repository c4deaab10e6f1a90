"""Starts that wait for a second person, over the native API."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from tests.integration.api.site import Site, encoded, script
from tests.integration.api.test_approvals import People

from jobfleet.store import tables

Json = dict[str, Any]
SCOPE = {"scope": "biz:2"}
WIPE: Json = SCOPE | {
    "targets": ["127.0.0.1"],
    "account": "root",
    "script": "rm -rf /data",
    "params": "s3cr3t-canary",
    "sensitive_params": True,
    "name": "wipe",
}


@pytest.fixture
async def people(working_site: Site) -> People:
    """Give people before a server with two rules that block, one of which a second person lets a start pass."""
    people = People(working_site)
    for expression, approvable in (("rm -rf /data", True), ("mkfs", False)):
        words = {"expression": expression, "languages": ["shell"], "action": "intercept", "approvable": approvable}
        rule = await people.ask("admin", "POST", "/dangerous-rules", words, 201)
        await people.ask("admin", "POST", f"/dangerous-rules/{rule['id']}/operate", {"operation": "enable"})
    return people


async def detail(people: People, who: str, request_id: int, status: int = 200) -> Json:
    return await people.ask(who, "GET", f"/start-requests/{request_id}", SCOPE, status)


async def decide(people: People, who: str, request: Json, what: str, status: int, **more: Any) -> Json:
    path = f"/start-requests/{request['id']}/{what}"
    return await people.ask(who, "POST", path, SCOPE | more, status)


async def rows(people: People, column: sa.Column[Any]) -> list[Any]:
    async with people.site.platform.engine.db.begin() as tx:
        return list((await tx.execute(sa.select(column))).scalars())


async def test_what_a_rule_blocks_starts_when_somebody_else_lets_it(people: People) -> None:
    await people.ask("li", "POST", "/jobs/script", WIPE, 409)
    need = (await people.ask("li", "POST", "/preview", {"script": WIPE}))["approval"]
    assert (need["reasons"], need["possible"]) == ([{"what": "rule", "value": "rm -rf /data"}], True)
    assert need["approvers"] == ["admin"]
    asked = await people.ask("li", "POST", "/start-requests", {"script": WIPE, "reason": "the disk is full"}, 201)
    assert (asked["state"], asked["own"], asked["allowed"], asked["hosts"]) == ("pending", True, False, 1)
    assert b"canary" not in b"".join(await rows(people, tables.start_requests.c.body))
    await nobody_approves_their_own(people, asked)
    shown = await detail(people, "admin", asked["id"])
    [told] = shown["scripts"]
    assert (told["text"], told["params"]) == ("rm -rf /data", "******")
    assert "canary" not in str(shown)
    assert shown["preview"]["steps"][0]["rules"][0]["approvable"]
    await decide(people, "admin", asked, "approve", 409, seen="0" * 64)
    started = await decide(people, "admin", asked, "approve", 201, seen=shown["digest"], answer="go")
    await decide(people, "admin", asked, "approve", 409, seen=shown["digest"])
    await its_record_names_both(people, asked, started["job_id"])


async def nobody_approves_their_own(people: People, asked: Json) -> None:
    await people.ask("admin", "POST", "/roles", {"user": "li", "scope": "biz:2", "role": "admin"})
    seen = (await detail(people, "li", asked["id"]))["digest"]
    refusal = await decide(people, "li", asked, "approve", 400, seen=seen)
    assert refusal["message"] == "Nobody decides on what they ask for themselves"
    await decide(people, "li", asked, "refuse", 400)
    await detail(people, "wang", asked["id"], 403)


async def its_record_names_both(people: People, asked: Json, job_id: int) -> None:
    """The job is the asker's; event, audit and the run's page name who let it start; the secret is forgotten."""
    run = await people.ask("li", "GET", f"/jobs/{job_id}/run", {})
    assert (run["provenance"]["operator"], run["provenance"]["approved_by"]) == ("li", "admin")
    [first, *_] = (await people.ask("li", "GET", f"/jobs/{job_id}/events", {}))["events"]
    assert (first["actor"], first["detail"]) == ("li", "approved by admin")
    trail = await rows(people, tables.audit.c.subject)
    assert f"start job {job_id}, approved by admin" in trail
    assert f"approved start request {asked['id']} of li: job {job_id}: go" in trail
    assert await rows(people, tables.start_requests.c.body) == [b""]
    decided = await detail(people, "li", asked["id"])
    assert (decided["request"]["state"], decided["request"]["job_id"], decided["preview"]) == ("approved", job_id, None)
    hits = (await people.ask("admin", "GET", "/dangerous-hits", {}))["hits"]
    assert [hit["operator"] for hit in hits] == ["li", "li"]


async def test_only_what_a_second_person_can_lift_is_asked_for(people: People) -> None:
    for change, status in (
        ({"script": "true"}, 400),
        ({"script": "mkfs /dev/sda; rm -rf /data"}, 400),
        ({"account": "nobody"}, 404),
        ({"targets": ["192.0.2.1"]}, 400),
    ):
        await people.ask("li", "POST", "/start-requests", {"script": WIPE | change}, status)
    await people.ask("li", "POST", "/start-requests", {"reason": "nothing"}, 400)
    assert (await people.ask("li", "GET", "/start-requests", SCOPE))["requests"] == []


async def test_a_request_can_be_refused_taken_back_and_grows_old(people: People) -> None:
    first, second, third = [await people.ask("li", "POST", "/start-requests", {"script": WIPE}, 201) for _ in range(3)]
    assert (await people.ask("admin", "GET", "/runs/counts", SCOPE))["own_approvals"] == 3
    assert (await people.ask("li", "GET", "/runs/counts", SCOPE))["own_approvals"] == 0
    await decide(people, "admin", first, "refuse", 200, answer="not today")
    await decide(people, "admin", second, "withdraw", 404)
    await decide(people, "li", second, "withdraw", 200)
    async with people.site.platform.engine.db.begin() as tx:
        late = sa.update(tables.start_requests).where(tables.start_requests.c.id == third["id"]).values(expires_at=1)
        await tx.execute(late)
    for one, what in ((first, "refuse"), (second, "withdraw"), (third, "refuse")):
        who = "li" if what == "withdraw" else "admin"
        await decide(people, who, one, what, 409)
    listed = (await people.ask("li", "GET", "/start-requests", SCOPE))["requests"]
    assert {one["id"]: (one["state"], one["decided_by"], one["answer"]) for one in listed} == {
        first["id"]: ("refused", "admin", "not today"),
        second["id"]: ("withdrawn", "li", ""),
        third["id"]: ("expired", "", ""),
    }


async def test_two_who_approve_at_once_start_one_job(people: People) -> None:
    await people.ask("admin", "POST", "/roles", {"user": "wang", "scope": "biz:2", "role": "admin"})
    asked = await people.ask("li", "POST", "/start-requests", {"script": WIPE}, 201)
    seen = (await detail(people, "admin", asked["id"]))["digest"]

    async def approve(who: str) -> bool:
        try:
            await decide(people, who, asked, "approve", 201, seen=seen)
        except AssertionError:
            return False
        return True

    assert sorted(await asyncio.gather(approve("admin"), approve("wang"))) == [False, True]
    assert len(await rows(people, tables.jobs.c.id)) == 1


async def test_large_starts_need_a_second_person_once_the_platform_says_so(people: People) -> None:
    plain = WIPE | {"script": "true", "targets": ["127.0.0.1", "127.0.0.2"]}
    await people.ask("li", "POST", "/jobs/script", plain, 201)
    await people.ask("admin", "POST", "/settings/second_person_hosts", {"value": 1})
    refusal = await people.ask("li", "POST", "/jobs/script", plain, 409)
    assert refusal["message"] == "More than 1 hosts: a second person has to approve the start"
    await people.ask("li", "POST", "/jobs/script", plain | {"targets": ["127.0.0.1"]}, 201)
    hosts = {"ip_list": [{"bk_cloud_id": 0, "ip": ip} for ip in ("127.0.0.1", "127.0.0.2")]}
    answer = await people.site.post(
        "/api/c/compapi/v2/jobv3/fast_execute_script/", script(script_content=encoded("true"), target_server=hosts)
    )
    assert answer["result"], answer
    asked = await people.ask("li", "POST", "/start-requests", {"script": plain}, 201)
    assert asked["reasons"] == [{"what": "hosts", "value": "2"}]
    seen = (await detail(people, "admin", asked["id"]))["digest"]
    await decide(people, "admin", asked, "approve", 201, seen=seen)
