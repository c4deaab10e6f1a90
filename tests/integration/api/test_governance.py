"""Governance over HTTP: API clients, roles, rule hits, notification tests, the trail as a file, agents, system."""

import asyncio
import csv
import io
import json
import time
from typing import Any

import sqlalchemy as sa
from tests.integration.api.site import DEMO, V3, Clock, Site, script
from tests.integration.api.trail import as_, trail
from tests.waiting import eventually

from jobfleet.engine.presence import keep_presence
from jobfleet.model.job_id import DAY_MS, JOBS_A_DAY
from jobfleet.model.status import RunStatus
from jobfleet.store import history_counts, partitions
from jobfleet.store.database import Transaction
from jobfleet.store.tables import agents, jobs

OPEN = "pending,running,waiting,stopping,between_batches"
Json = dict[str, Any]


async def ask(site: Site, method: str, path: str, who: str = "admin", **body: Any) -> Json:
    """Ask the native API and return its answer, which must not be a refusal."""
    given: Json = {"params": body} if method == "GET" else {"json": body}
    answer = await site.http.request(method, f"/api/v1/{path}", headers=await as_(site, who), **given)
    assert answer.status_code < 300, answer.text
    return dict(answer.json())


async def status_of(site: Site, method: str, path: str, who: str, **body: Any) -> int:
    given: Json = {"params": body} if method == "GET" else {"json": body}
    return (await site.http.request(method, f"/api/v1/{path}", headers=await as_(site, who), **given)).status_code


async def test_an_api_client_calls_with_its_secret_until_it_is_rotated_or_disabled(site: Site, clock: Clock) -> None:
    made = await ask(site, "POST", "apps", code="ci", trusted=True, description="builds")
    assert made["app"]["used_at"] is None
    assert "secret" not in json.dumps(await ask(site, "GET", "apps")).replace("secret_at", "")

    async def code(secret: str) -> int:
        who = {"bk_app_code": "ci", "bk_app_secret": secret, "bk_username": "li"}
        answer = await site.http.get(f"{V3}/get_account_list/", params=DEMO | who)
        return int(answer.json()["code"])

    assert await code(made["secret"]) == 0
    assert await code("wrong") == 1247403
    [used] = [one for one in (await ask(site, "GET", "apps"))["apps"] if one["code"] == "ci"]
    assert used["used_at"] > 0
    second = (await ask(site, "POST", "apps/ci/rotate"))["secret"]
    assert [await code(made["secret"]), await code(second)] == [1247403, 0]
    await ask(site, "POST", "apps/ci", trusted=True, scopes=["biz:3"])
    assert await code(second) == 9900403
    clock.stop()  # so that its second does not pass between two calls
    await ask(site, "POST", "apps/ci", trusted=True, rate_per_s=1)
    assert [await code(second), await code(second)] == [0, 1642902]
    await ask(site, "POST", "apps/ci/disable")
    assert await code(second) == 1247403
    told = [row["subject"] for row in await trail(site, action="app")]
    assert told[::-1] == [
        "make app ci",
        "rotate the secret of app ci",
        "change app ci",
        "change app ci",
        "disable app ci",
    ]
    assert made["secret"] not in json.dumps(await trail(site, length=100))


async def test_what_is_no_api_client_is_refused(site: Site) -> None:
    assert await status_of(site, "POST", "apps", "admin", code="esb_test") == 409
    assert await status_of(site, "POST", "apps", "admin", code="x", scopes=["biz:77"]) == 400
    assert await status_of(site, "POST", "apps/none/rotate", "admin") == 404
    assert await status_of(site, "POST", "apps", "admin", code="two words") == 400


async def test_a_role_that_is_bound_counts_until_it_is_taken_away(site: Site) -> None:
    assert await status_of(site, "GET", "jobs", "wang", scope="biz:2") == 403
    await ask(site, "POST", "roles", user="wang", scope="biz:2", role="viewer")
    assert await status_of(site, "GET", "jobs", "wang", scope="biz:2") == 200
    assert await status_of(site, "GET", "jobs", "wang", scope="biz:3") == 403
    held = (await ask(site, "GET", "roles", user="wang"))["roles"]
    assert held == [{"user": "wang", "scope": "biz:2", "role": "viewer", "source": "bound"}]
    await ask(site, "POST", "roles/revoke", user="wang", scope="biz:2")
    assert await status_of(site, "GET", "jobs", "wang", scope="biz:2") == 403
    revoked, granted = await trail(site, action="role")
    assert (granted["change"], granted["about"]) == (
        {"role": [None, "viewer"]},
        {"kind": "user", "id": "wang", "name": "", "version": ""},
    )
    assert (revoked["change"], revoked["scope"]) == ({"role": ["viewer", None]}, "biz:2")


async def test_roles_that_cannot_be_bound_are_refused(site: Site) -> None:
    refused = {
        404: [{"user": "nobody", "scope": "biz:2"}, {"user": "li", "scope": "biz:77"}],
        400: [{"user": "admin", "scope": "platform"}, {"user": "li", "scope": "everywhere"}],
    }
    for status, bodies in refused.items():
        for body in bodies:
            assert await status_of(site, "POST", "roles", "admin", role="viewer", **body) == status
    assert await status_of(site, "POST", "roles/revoke", "admin", user="wang", scope="biz:2") == 404
    assert await status_of(site, "POST", "roles/revoke", "admin", user="admin", scope="platform") == 400


async def test_a_refusal_names_those_who_can_grant_what_is_missing(site: Site) -> None:
    answer = await site.http.get("/api/v1/apps", headers=await as_(site, "li"))
    assert (answer.status_code, answer.json()["granted_by"]) == (403, ["admin"])
    assert answer.json()["permission"]["actions"][0]["id"] == "global_settings"
    allowed = (await ask(site, "GET", "roles/allowed", who="li"))["actions"]
    assert {"place": "scope", "role": "operator"}.items() <= next(
        a for a in allowed if a["action"] == "operate_job"
    ).items()


async def test_a_hit_leads_to_the_job_that_the_script_became_and_a_refusal_to_none(site: Site) -> None:
    tried = await ask(
        site, "POST", "dangerous-rules/try", expression="^rm", language="shell", text="# rm\nls\nrm -rf /\n"
    )
    assert tried == {"searched": 2, "lines": [{"number": 3, "text": "rm -rf /"}]}
    for expression, action in (("hello", "scan"), ("mkfs", "intercept")):
        rule = await ask(site, "POST", "dangerous-rules", expression=expression, languages=["shell"], action=action)
        await ask(site, "POST", f"dangerous-rules/{rule['id']}/operate", operation="enable")
    job_id, _ = await site.start()
    refused = await site.post(f"{V3}/fast_execute_script/", script(script_content="bWtmcw=="))
    assert refused["code"] == 1244019
    blocked, ran = (await ask(site, "GET", "dangerous-hits", scope="biz:2"))["hits"]
    assert (blocked["line"], blocked["job_id"], ran["line"], ran["job_id"]) == ("mkfs", None, "echo hello", job_id)
    kept = await ask(site, "GET", f"dangerous-hits/scripts/{blocked['script_hash']}", scope="biz:2")
    assert kept == {"content": "bWtmcw=="}


async def test_hits_of_a_scope_are_for_its_administrators(site: Site) -> None:
    rule = await ask(site, "POST", "dangerous-rules", expression="hello", languages=["shell"])
    await ask(site, "POST", f"dangerous-rules/{rule['id']}/operate", operation="enable")
    await site.start()
    [hit] = (await ask(site, "GET", "dangerous-hits"))["hits"]
    await ask(site, "POST", "roles", user="wang", scope="biz:3", role="admin")
    script_of = f"dangerous-hits/scripts/{hit['script_hash']}"
    assert (await ask(site, "GET", "dangerous-hits", who="wang", scope="biz:3"))["hits"] == []
    assert await status_of(site, "GET", script_of, "wang", scope="biz:3") == 404
    for path in ("dangerous-hits", script_of):
        assert await status_of(site, "GET", path, "wang", scope="biz:2") == 403
        assert await status_of(site, "GET", path, "wang") == 403
        assert await status_of(site, "GET", path, "li", scope="biz:2") == 403


async def test_the_trail_is_sent_as_a_file_that_no_program_calculates(site: Site) -> None:
    await ask(site, "POST", "users", name="=1+1")
    job_id, _ = await site.start()
    answer = await site.http.get("/api/v1/audit/export", params={"format": "csv"}, headers=await as_(site, "admin"))
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''audit.csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    shown = await trail(site, length=1000)
    assert [row["id"] for row in rows] == [str(row["id"]) for row in shown][-len(rows) :]
    assert len(rows) > 2
    assert [json.loads(row["about"])["id"] for row in rows if row["subject"].startswith("start job")] == [str(job_id)]
    assert not any(cell.startswith("=") for row in rows for cell in row.values())
    lines = await site.http.get(
        "/api/v1/audit/export", params={"format": "jsonl", "scope": "biz:2"}, headers=await as_(site, "admin")
    )
    assert [json.loads(line)["subject"] for line in lines.text.splitlines()] == [f"start job {job_id}"]
    refused = await site.http.get("/api/v1/audit/export", params={"scope": "biz:2"}, headers=await as_(site, "li"))
    assert refused.status_code == 403


async def test_it_is_remembered_when_the_trail_was_proven(site: Site) -> None:
    assert (await ask(site, "GET", "audit/state"))["last"] is None
    await ask(site, "POST", "users", name="new")
    found = await ask(site, "GET", "audit/verify")
    last = (await ask(site, "GET", "audit/state"))["last"]
    assert (last["username"], last["row_count"], last["breaks"]) == ("admin", found["rows"], [])


async def test_a_change_of_a_setting_says_who_when_and_what_it_was(site: Site) -> None:
    changed = await ask(site, "POST", "settings/max_timeout_s", value=600)
    assert (changed["modifier"], changed["form"]) == (
        "admin",
        {"kind": "number", "nullable": False, "least": 1, "most": 2_592_000},
    )
    [row] = await trail(site, action="global_settings")
    assert (row["change"], row["about"]) == (
        {"max_timeout_s": [259_200, 600]},
        {"kind": "setting", "id": "max_timeout_s", "name": "", "version": ""},
    )
    reset = await ask(site, "POST", "settings/max_timeout_s/reset")
    assert (reset["is_set"], reset["modifier"], reset["value"]) == (False, None, 259_200)


async def test_a_hook_is_tried_and_what_became_of_it_is_told(working_site: Site) -> None:
    site = working_site
    hook = {"scope": "biz:2", "name": "pager"}
    await ask(site, "POST", "notification-hooks", url="http://127.0.0.1:9/", occasions=["job_failed"], **hook)
    sent = (await ask(site, "POST", "notification-hooks/test", **hook))["id"]
    [told] = (await ask(site, "GET", "notifications", scope="biz:2"))["notifications"]
    assert (told["id"], told["hook"], told["occasion"]) == (sent, "pager", "test")
    assert await status_of(site, "POST", "notification-hooks/test", "admin", scope="biz:2", name="none") == 404


async def test_agents_of_all_businesses_are_counted_and_found(site: Site) -> None:
    now = site.platform.engine.clock()
    rows = [(1, "1.0", now, {}), (2, "1.0", now - 3_600_000, {"expired": 2}), (3, "1.1", None, {})]
    async with site.platform.engine.db.begin() as tx:
        for host_id, version, seen_at, refused in rows:
            row = {"host_id": host_id, "public_key": f"key {host_id}", "version": version, "boot_id": ""}
            await tx.execute(sa.insert(agents).values(**row, enrolled_at=1, seen_at=seen_at, refused=refused))
    page = await ask(site, "GET", "agents")
    assert page["states"] == {"online": 1, "offline": 2, "revoked": 0, "never": 0}
    assert page["versions"] == [
        {"version": "1.0", "agents": 2, "online": 1},
        {"version": "1.1", "agents": 1, "online": 0},
    ]
    assert page["refusals"] == [{"reason": "expired", "orders": 2, "agents": 1}]
    for narrowed, ids in (({"state": "offline"}, [2, 3]), ({"refused": "expired"}, [2]), ({"q": "0.0.3"}, [3])):
        assert [one["host_id"] for one in (await ask(site, "GET", "agents", **narrowed))["agents"]] == ids


async def test_the_system_shows_its_servers_queues_and_what_it_keeps(site: Site) -> None:
    await site.start()
    async with site.platform.engine.db.begin() as tx:
        await tx.execute(sa.text("DELETE FROM server_presence"))

    task = asyncio.create_task(keep_presence(site.platform.engine, "all"))
    shown = await eventually(lambda: ask(site, "GET", "system"), lambda shown: shown["servers"])
    [server] = shown["servers"]
    assert (server["role"], server["silent"]) == ("all", False)
    assert 0 < server["disk_free_bytes"] < server["disk_total_bytes"]
    assert (shown["running_jobs"], shown["awaited_hosts"], shown["broker"]["connected"]) == (1, 1, True)
    assert {queue["name"]: queue["waiting"] for queue in shown["queues"]}["jobs"] == 1
    assert [(kept["kind"], kept["keep_days"]) for kept in shown["retention"]] == [("history", 180), ("output", 60)]
    assert all(kept["size_bytes"] > 0 for kept in shown["retention"])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await ask(site, "GET", "system"))["servers"] == []


async def made_older(tx: Transaction, job_id: int, days: int) -> None:
    """Put a job so many days back, with all that is kept of it."""
    older = {"old": job_id, "new": job_id - days * JOBS_A_DAY, "past": days * DAY_MS}
    await partitions.ensure(tx, time.time_ns() // 1_000_000 - older["past"])
    await tx.execute(sa.text("UPDATE job SET id = :new, created_at = created_at - :past WHERE id = :old"), older)
    for table in ("step", "task", "target"):
        await tx.execute(sa.text(f"UPDATE {table} SET job_id = :new WHERE job_id = :old"), older)


async def test_every_sum_of_health_and_analytics_is_the_number_of_a_list(site: Site, clock: Clock) -> None:
    ids = [(await site.start(task_name=f"run {number}"))[0] for number in range(6)]
    statuses = (RunStatus.FAILED, RunStatus.ABNORMAL, RunStatus.SUCCEEDED, RunStatus.WAITING, RunStatus.RUNNING)
    async with site.platform.engine.db.begin() as tx:
        for job_id, status in zip(ids[:5], statuses, strict=True):
            await tx.execute(sa.update(jobs).where(jobs.c.id == job_id).values(status=int(status)))
        await tx.execute(sa.update(jobs).where(jobs.c.id == ids[0]).values(scope_id=3, operator="li", app_code=""))
        for job_id, days in ((ids[0], 3), (ids[1], 3), (ids[2], 2), (ids[3], 3), (ids[5], 43)):
            await made_older(tx, job_id, days)
        await history_counts.count_days(tx, clock(), 60)

    async def listed(where: str = "platform/runs", **words: Any) -> int:
        return int((await ask(site, "GET", where, **words))["total"])

    for scope, where in (({}, "platform/runs"), ({"scope": "biz:2"}, "runs")):
        shown = await ask(site, "GET", "analytics", days=7, **scope)
        window = scope | {"since": shown["since"]}
        assert shown["jobs"] == await listed(where, **window) == (4 if scope else 5)
        words = {"succeeded": "succeeded", "failed": "failed,abnormal", "running": OPEN}
        for sum_of, chosen in words.items():
            total = sum(day[sum_of] for day in shown["days"])
            assert total == await listed(where, **window, status=chosen) > 0, sum_of
        for shares, name in (("kinds", "type"), ("launch_modes", "via"), ("operators", "by"), ("apps", "app")):
            for one in [one for one in shown[shares] if one["key"]]:
                assert one["jobs"] == await listed(where, **window, **{name: one["key"]}), (shares, one)
        for day in shown["days"]:
            assert day["jobs"] == await listed(where, **scope, since=day["at"], until=day["at"] + DAY_MS - 1)
    running = (await ask(site, "GET", "system"))["running_jobs"]
    found = await ask(site, "GET", "platform/runs", status="pending,running,stopping")
    assert (running, found["total"]) == (2, 2)
    assert [run["id"] for run in found["runs"]] == [ids[4], ids[5] - 43 * JOBS_A_DAY]
    assert {run["scope"] for run in (await ask(site, "GET", "platform/runs"))["runs"]} == {"biz:2", "biz:3"}
    assert await status_of(site, "GET", "platform/runs", "li") == 403


async def test_analytics_count_what_ran_and_how_it_ended(site: Site, clock: Clock) -> None:
    clock.stop()  # so that all is of one day
    failed, _ = await site.start(task_name="bad")
    good, _ = await site.start(task_name="good")
    await site.start(task_name="runs")
    async with site.platform.engine.db.begin() as tx:
        for job_id, status, total_ms in ((failed, RunStatus.FAILED, 9_000), (good, RunStatus.SUCCEEDED, 1_000)):
            done = {"status": int(status), "total_ms": total_ms}
            await tx.execute(sa.update(jobs).where(jobs.c.id == job_id).values(done))
        await tx.execute(sa.text("UPDATE task SET status = 104 WHERE job_id = :job"), {"job": failed})
    shown = await ask(site, "GET", "analytics", scope="biz:2", days=3)
    assert [day["jobs"] for day in shown["days"]] == [0, 0, 3]
    today = {"at": clock() // DAY_MS * DAY_MS, "jobs": 3, "succeeded": 1, "failed": 1, "running": 1, "other": 0}
    assert shown["days"][-1] == today
    assert shown["launch_modes"] == [{"key": "api", "jobs": 3}]
    assert shown["apps"] == [{"key": "esb_test", "jobs": 3}]
    assert [run["name"] for run in shown["slow_runs"]] == ["bad", "good"]
    [host] = shown["failing_hosts"]
    assert (host["host_id"], host["runs"], host["last_job_id"]) == (1, 1, failed)
    assert shown["basis"] == {"newest_runs": 3, "all_runs": True, "failed_runs": 1, "all_hosts": True}
    assert (await ask(site, "GET", "analytics", scope="biz:3"))["jobs"] == 0
    assert (await ask(site, "GET", "analytics"))["jobs"] == 3
