"""The audit trail over HTTP: who did what, what it became, what was refused, and that nobody changed it."""

from tests.integration.api.site import DEMO, V3, Site, script
from tests.integration.api.trail import as_, trail

from jobfleet.operations import signin


async def test_edits_runs_and_refusals_are_told_and_the_trail_is_whole(site: Site) -> None:
    admin = await as_(site, "admin")
    body = {"scope": "biz:2", "description": "for tests", "alias": "boss"}
    assert (await site.http.post("/api/v1/accounts/1", json=body, headers=admin)).status_code == 200
    job_id, _ = await site.start(account_alias="boss")
    refused = await site.post(f"{V3}/fast_execute_script/", script(account_alias="boss", bk_username="wang"))
    assert refused["code"] == 9900403
    looked = DEMO | {"job_instance_id": job_id, "bk_username": "wang"}
    assert (await site.post(f"{V3}/get_job_instance_status/", looked))["code"] == 9900403
    denied, run, edit = await trail(site, scope="biz:2", length=3)
    assert (edit["access"], edit["source"], edit["resource_name"]) == ("web", "127.0.0.1", "boss")
    assert edit["change"] == {"alias": ["root", "boss"], "description": ["", "for tests"]}
    assert (run["action"], run["access"], run["subject"]) == ("quick_execute_script", "api", f"start job {job_id}")
    assert (denied["username"], denied["result"], denied["scope"]) == ("wang", "refused", "biz:2")
    assert denied["subject"] == "quick_execute_script: lacks access_business"
    assert [row["id"] for row in await trail(site, result="refused")] == [denied["id"]]
    assert [row["id"] for row in await trail(site, before=run["id"], username="admin", length=1)] == [edit["id"]]
    found = (await site.http.get("/api/v1/audit/verify", headers=admin)).json()
    assert (found["intact"], found["unchained"], found["breaks"]) == (True, 0, [])
    rows = (await site.http.get("/api/v1/audit", headers=admin)).json()["rows"]
    assert found["rows"] == len(rows)


async def test_what_came_by_no_way_is_asked_for_as_the_servers(site: Site) -> None:
    await signin.sign_in(site.platform, "admin", "only-for-tests")
    await site.start()
    found = await trail(site, access="server")
    assert {row["access"] for row in found} == {""}
    assert found[0]["subject"].startswith("sign-in")
    assert {row["access"] for row in await trail(site, access="api")} == {"api"}


async def test_only_those_who_may_look_at_the_trail(site: Site) -> None:
    for path in ("/api/v1/audit", "/api/v1/audit/verify", "/api/v1/audit?scope=biz:2"):
        assert (await site.http.get(path, headers=await as_(site, "li"))).status_code == 403
