"""What a second person approves is what starts, whatever kind of start it is, and nothing else."""

import hashlib
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from tests.integration.api.site import DEMO, V3, Site, encoded, script
from tests.integration.api.test_approvals import People
from tests.integration.api.test_start_requests import SCOPE, decide, detail, rows

from jobfleet.engine.context import wall_clock
from jobfleet.engine.housekeeping import Windows, keep_house
from jobfleet.model.access_token import TokenKind
from jobfleet.model.caller import Approval, Caller
from jobfleet.model.job import NewScriptJob
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.start_errors import StartChangedError
from jobfleet.model.target import TargetSpec
from jobfleet.operations import execute, signin
from jobfleet.store import tables

Json = dict[str, Any]
HELLO = hashlib.sha256(b"hello").hexdigest()
ON = SCOPE | {"targets": ["127.0.0.1"]}
RELEASE = """
[template]
name = "Release"
[[variables]]
name = "web"
type = "hosts"
hosts = ["127.0.0.1"]
[[variables]]
name = "secret"
type = "password"
value = "canary-of-the-plan"
[[steps]]
kind = "script"
name = "install"
targets = ["variable:web"]
script = "echo {word}"
sensitive_params = "canary-of-the-step"
ignore_error = true
[[steps]]
kind = "file"
name = "push"
targets = ["variable:web"]
target_path = "/tmp/there/"
sources = [{{name = "motd", content = "hello"}}]
[[steps]]
kind = "approval"
name = "go or not"
message = "Ship it?"
"""


@pytest.fixture
async def people(working_site: Site) -> People:
    """Give people before a server where no one starts anything alone."""
    people = People(working_site)
    await people.ask("admin", "POST", "/settings/second_person_hosts", {"value": 0})
    return people


async def asked_for(people: People, kind: str, wanted: Json) -> tuple[Json, Json]:
    """Return a request of li, and what an administrator sees of it."""
    asked = await people.ask("li", "POST", "/start-requests", {kind: wanted}, 201)
    assert (asked["kind"], asked["reasons"]) == (kind, [{"what": "hosts", "value": "1"}])
    shown = await detail(people, "admin", asked["id"])
    assert (shown["trouble"], shown["changed"]) == ("", False)
    assert "canary" not in str(shown)
    return asked, shown


async def release(people: People, word: str) -> Json:
    applied = await people.ask("admin", "POST", "/plans/apply", SCOPE | {"toml": RELEASE.format(word=word)})
    return SCOPE | {"plan_id": applied["plan_id"]}


async def test_every_kind_of_start_starts_as_it_was_shown(people: People) -> None:
    account = SCOPE | {"account": "shop", "type": "mysql", "system_account": "root"}
    await people.ask("admin", "POST", "/accounts", account, 201)
    sql = ON | {"sql": "select 1", "db_account": "shop"}
    files = ON | {"target_path": "/tmp/there/", "sources": [{"hosts": ["127.0.0.2"], "paths": ["/tmp/a"]}]}
    secret = {"params": "canary", "sensitive_params": True, "rolling": {"expression": "1"}}
    for kind, wanted, told in (
        ("script", ON | {"script": "echo hello"} | secret, ["echo hello"]),
        ("sql", sql, ["select 1"]),
        ("files", files, ["root@127.0.0.2:/tmp/a\n-> /tmp/there/"]),
        ("plan", await release(people, "one"), ["echo one", f"motd  5 bytes  sha256 {HELLO}\n-> /tmp/there/"]),
    ):
        asked, shown = await asked_for(people, kind, wanted)
        assert [one["text"] for one in shown["scripts"]] == told
        started = await decide(people, "admin", asked, "approve", 201, seen=shown["digest"])
        assert started["job_id"]


async def test_a_plan_that_changed_since_is_shown_as_changed_and_looked_at_again(people: People) -> None:
    asked, before = await asked_for(people, "plan", await release(people, "one"))
    await release(people, "two")
    refusal = await decide(people, "admin", asked, "approve", 409, seen=before["digest"])
    assert refusal["message"] == "It would do something else by now than what was looked at: look again"
    now = await detail(people, "admin", asked["id"])
    assert (now["scripts"][0]["text"], now["changed"]) == ("echo two", True)
    assert await rows(people, tables.jobs.c.id) == []
    await decide(people, "admin", asked, "approve", 201, seen=now["digest"])


async def test_a_rule_that_came_since_is_looked_at_too(people: People) -> None:
    asked, before = await asked_for(people, "script", ON | {"script": "wipe all"})
    words = {"expression": "^wipe", "languages": ["shell"], "action": "intercept", "approvable": True}
    rule = await people.ask("admin", "POST", "/dangerous-rules", words, 201)
    await people.ask("admin", "POST", f"/dangerous-rules/{rule['id']}/operate", {"operation": "enable"})
    await decide(people, "admin", asked, "approve", 409, seen=before["digest"])
    now = await detail(people, "admin", asked["id"])
    assert now["preview"]["approval"]["reasons"] == [
        {"what": "rule", "value": "^wipe"},
        {"what": "hosts", "value": "1"},
    ]
    await decide(people, "admin", asked, "approve", 201, seen=now["digest"])


async def test_an_upload_that_was_replaced_since_is_looked_at_again(people: People) -> None:
    """The path stays the same; what the hosts would get does not."""
    wanted = ON | {"target_path": "/t/", "sources": [{"paths": [await upload(people, b"good")]}]}
    asked, before = await asked_for(people, "files", wanted)
    assert f"4 bytes  sha256 {hashlib.sha256(b'good').hexdigest()}" in before["scripts"][0]["text"]
    async with people.site.platform.engine.db.begin() as tx:
        await tx.execute(sa.update(tables.uploads).values(hash="0" * 64))
    await decide(people, "admin", asked, "approve", 409, seen=before["digest"])


async def upload(people: People, content: bytes) -> str:
    made = await people.ask("li", "POST", "/uploads", SCOPE | {"names": ["a.txt"]}, 201)
    [place] = made["uploads"]
    (await people.site.http.put(place["address"], content=content)).raise_for_status()
    return str(place["path"])


async def test_a_start_stores_nothing_but_what_its_approval_is_for(people: People) -> None:
    """Whatever changes between the last look and the start: the gate stands where the job is stored."""
    new = NewScriptJob(
        scope=Scope(ScopeType.BUSINESS, 2),
        name="",
        language=1,
        content=b"true",
        params="",
        sensitive=False,
        account_id=None,
        account_alias="root",
        timeout_s=None,
        target=TargetSpec(host_ids=(1,)),
    )
    starter = Caller("admin", "", platform_admin=True, grants=(), approval=Approval("wang", b"another start"))
    with pytest.raises(StartChangedError):
        await execute.start_script(people.site.platform, starter, new)
    assert await rows(people, tables.jobs.c.id) == []


async def test_a_person_needs_a_second_one_at_every_entrance(people: People) -> None:
    """What applications start is agreed on elsewhere."""
    wanted = script(script_content=encoded("true"))
    assert (await people.site.post(f"{V3}/fast_execute_script/", wanted))["result"]
    token = (await signin.give_token(people.site.platform, "li", kind=TokenKind.ACCESS, life_ms=60_000)).token
    header = {"X-Bkapi-Authorization": msgspec.json.encode({"access_token": token}).decode()}
    answer = (await people.site.http.post(f"{V3}/fast_execute_script/", json=wanted, headers=header)).json()
    assert (answer["result"], answer["code"]) == (False, 1241012)
    plan = await release(people, "one")
    body = DEMO | {"job_plan_id": plan["plan_id"]}
    answer = (await people.site.http.post(f"{V3}/execute_job_plan/", json=body, headers=header)).json()
    assert (answer["result"], answer["code"]) == (False, 1241012)
    await people.ask("li", "POST", f"/plans/{plan['plan_id']}/run", SCOPE, 409)


async def test_who_may_no_longer_start_it_is_not_started_for(people: People) -> None:
    asked, shown = await asked_for(people, "script", ON | {"script": "echo hello"})
    await people.ask("admin", "POST", "/users/li/disable", {})
    await decide(people, "admin", asked, "approve", 403, seen=shown["digest"])
    assert await rows(people, tables.start_requests.c.state) == ["pending"]
    assert await rows(people, tables.jobs.c.id) == []


async def test_what_nobody_decided_on_in_time_is_forgotten(people: People) -> None:
    ctx = people.site.platform.engine
    await asked_for(people, "script", ON | {"script": "echo hello"})
    for days, left in ((2, [b""]), (31, [])):
        later = msgspec.structs.replace(ctx, clock=lambda days=days: wall_clock() + days * DAY_MS)
        await keep_house(later, Windows(history_days=60, output_days=60, audit_days=60))
        assert await rows(people, tables.start_requests.c.body) == left
