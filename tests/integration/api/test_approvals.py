"""Jobs that wait for a person, over the native API."""

from typing import Any

import pytest
import sqlalchemy as sa
from tests.integration.api.site import DEMO, G3, G4, V2, V3, Site
from tests.waiting import eventually

from jobfleet.model.access_token import TokenKind
from jobfleet.operations import signin
from jobfleet.store import tables

Json = dict[str, Any]
SCOPE = {"scope": "biz:2"}
PLAN = """
[template]
name = "Release"
[[steps]]
kind = "approval"
name = "go or not"
message = "Ship it?"
users = ["li"]
"""


class People:
    """The native API to several people."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def ask(self, who: str, method: str, path: str, members: Json, status: int = 200) -> Json:
        token = (await signin.give_token(self.site.platform, who, kind=TokenKind.ACCESS, life_ms=60_000)).token
        headers = {"Authorization": f"Bearer {token}", "blueking-language": "en"}
        given: Json = {"params": members} if method == "GET" else {"json": members}
        answer = await self.site.http.request(method, f"/api/v1{path}", headers=headers, **given)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    async def waiting(self, who: str) -> list[Json]:
        listed: list[Json] = (await self.ask(who, "GET", "/approvals", SCOPE))["approvals"]
        return listed

    async def wait_until(self, count: int) -> list[Json]:
        return await eventually(lambda: self.waiting("li"), lambda found: len(found) == count)


@pytest.fixture
def people(working_site: Site) -> People:
    """Give people before a server with a running engine."""
    return People(working_site)


async def test_who_may_decide_sees_so_and_a_reason_stays_in_the_record(people: People) -> None:
    applied = await people.ask("admin", "POST", "/plans/apply", SCOPE | {"toml": PLAN})
    ran = await people.ask("li", "POST", f"/plans/{applied['plan_id']}/run", SCOPE, 201)
    [waits] = await people.wait_until(1)
    assert (waits["job_id"], waits["step_name"], waits["message"]) == (ran["job_id"], "go or not", "Ship it?")
    assert (waits["users"], waits["own"], waits["allowed"], waits["reason"]) == (["li"], True, True, "")
    counted = {who: await people.ask(who, "GET", "/runs/counts", SCOPE) for who in ("li", "admin")}
    assert [(one["running"], one["waiting"], one["own_approvals"]) for one in counted.values()] == [
        (0, 1, 1),
        (0, 1, 0),
    ]
    [theirs] = await people.waiting("admin")
    assert (theirs["own"], theirs["allowed"], theirs["reason"]) == (False, False, "You may not confirm this step")
    path = f"/jobs/{waits['job_id']}/steps/{waits['step_id']}/operate"
    await check_that_logs_are_empty(people.site, waits["job_id"], waits["step_id"])
    await people.ask("admin", "POST", path, {"operation": "confirm"}, 400)
    await people.ask("li", "POST", path, {"operation": "reject", "reason": "x" * 1001}, 400)
    page = await people.ask("li", "GET", f"/jobs/{waits['job_id']}/run", {})
    [listed] = (await people.ask("li", "GET", "/runs", SCOPE | {"status": "waiting"}))["runs"]
    assert waits["version"] == page["version"] == listed["version"]
    await people.ask("li", "POST", path, {"operation": "reject", "version": "older"}, 409)
    await people.ask("li", "POST", path, {"operation": "reject", "reason": "the freeze began"})
    [step] = (await people.ask("admin", "GET", f"/jobs/{ran['job_id']}/run", {}))["steps"]
    decision = step["approval"]["decision"]
    assert (decision["confirmed"], decision["by"], decision["reason"]) == (False, "li", "the freeze began")
    assert await people.waiting("li") == []
    async with people.site.platform.engine.db.begin() as tx:
        told = set((await tx.execute(sa.select(tables.events.c.detail))).scalars())
        audited = set((await tx.execute(sa.select(tables.audit.c.subject))).scalars())
    assert "the freeze began" in told
    assert any(subject.endswith(": the freeze began") for subject in audited)


async def check_that_logs_are_empty(site: Site, job_id: int, step_id: int) -> None:
    """Ask every surface for what an approval printed, and the two that refuse it for its results."""
    ids = DEMO | {"job_instance_id": job_id, "step_instance_id": step_id}
    one = await site.post(f"{V3}/get_job_instance_ip_log/", ids | {"bk_host_id": 1})
    assert one["data"] == {
        "bk_host_id": 1,
        "bk_cloud_id": None,
        "ip": None,
        "log_type": 1,
        "log_content": None,
        "file_logs": None,
    }
    many = await site.post(f"{V3}/batch_get_job_instance_ip_log/", ids | {"host_id_list": [1]})
    assert (many["data"]["script_task_logs"], many["data"]["file_task_logs"]) == ([], None)
    v4 = await site.as_gateway("POST", f"{G4}/batch_get_job_instance_execute_object_log", ids | {"host_id_list": [1]})
    assert v4.json()["data"]["script_step_execute_object_logs"] == []
    objects = {"execute_object_list": [{"type": 1, "resource_id": "1"}]}
    plugin = f"{G3}/system/bkci_plugin_batch_get_job_instance_execute_object_log"
    found = (await site.as_gateway("POST", plugin, ids | objects)).json()
    assert (found["code"], found["data"]["script_execute_object_task_logs"]) == (0, [])
    old = await site.post(f"{V2}/get_step_instance_status/", ids)
    new = await site.as_gateway("GET", f"{G3}/get_step_instance_status", ids)
    assert (old["code"], new.json()["code"]) == (1241003, 1241003)


async def test_approvals_of_a_foreign_business_are_refused(people: People) -> None:
    await people.ask("wang", "GET", "/approvals", SCOPE, 403)
