"""What tells of the service itself, of agents, and of what was sent to them; operations of old are refused."""

from typing import Any

import pytest
import sqlalchemy as sa
from tests.integration.api.site import ADMIN, DEMO, G3, G4, V2, V3, Site

import jobfleet
from jobfleet.store import tables

ADDRESS = {"bk_cloud_id": 0, "ip": "127.0.0.1"}
SYSTEM = f"{G3}/system"


async def system(site: Site, method: str, name: str, parameters: dict[str, Any], **who: str) -> dict[str, Any]:
    """Call a system path of the gateway, and return the envelope."""
    found: dict[str, Any] = (await site.as_gateway(method, f"{SYSTEM}/{name}", parameters, **who)).json()
    return found


async def seen_now(site: Site, host_id: int) -> None:
    """Have the record say that the agent of a host was heard of this moment."""
    row = {"host_id": host_id, "public_key": f"U{host_id}", "version": "1.2.3", "boot_id": "", "refused": {}}
    now = site.platform.engine.clock()
    async with site.platform.engine.db.begin() as tx:
        await tx.execute(sa.insert(tables.agents).values(**row, enrolled_at=now, seen_at=now))


async def test_the_version_is_told_on_the_published_paths(site: Site) -> None:
    told = [
        await site.get("/api/c/compapi/esb/api/v3/get_latest_service_version/", {}),
        await site.post("/api/c/compapi/esb/api/v3/get_latest_service_version", {}),
        await site.post("/api/c/compapi/v2/jobv3/get_latest_service_version/", {}),
        await system(site, "GET", "get_latest_service_version", {}),
    ]
    assert [one["data"] for one in told] == [{"version": jobfleet.__version__}] * 4


async def test_the_version_is_told_to_known_callers_only(site: Site) -> None:
    answer = await site.http.get("/api/c/compapi/esb/api/v3/get_latest_service_version/")
    assert (answer.status_code, answer.json()["code"]) == (200, 1247004)


async def test_the_callback_entry_asks_nobody_who_they_are(site: Site) -> None:
    answer = await site.http.get(f"{G3}/callback_protocol")
    assert (answer.status_code, answer.json()["result"], "data" in answer.json()) == (200, True, False)


async def test_agents_of_the_scope_are_told_with_their_versions_and_others_left_out(site: Site) -> None:
    await seen_now(site, 1)
    asked = DEMO | {"host_id_list": [2, 1, 3, 99]}
    found = (await system(site, "POST", "query_agent_info", asked))["data"]["agent_info_list"]
    assert found == [
        {"bk_host_id": 1, "status": 1, "version": "1.2.3"},
        {"bk_host_id": 2, "status": 0, "version": ""},
    ]


async def test_version_2_tells_of_every_address_in_the_order_of_the_request(site: Site) -> None:
    await seen_now(site, 1)
    await seen_now(site, 3)
    asked = [ADDRESS | {"ip": ip} for ip in ("127.0.0.3", "127.0.0.2", "127.0.0.1", "10.9.9.9")]
    found = (await site.post(f"{V2}/get_agent_status/", {"bk_biz_id": 2, "ip_list": asked}))["data"]
    assert [(one["ip"], one["bk_agent_alive"]) for one in found] == [
        ("127.0.0.3", 0),
        ("127.0.0.2", 0),
        ("127.0.0.1", 1),
        ("10.9.9.9", 0),
    ]


async def test_five_thousand_agents_are_told_of_and_no_more(site: Site) -> None:
    for count, code in ((5_000, 0), (5_001, 1240003), (0, 1241007)):
        asked = DEMO | {"host_id_list": list(range(1, count + 1))}
        assert (await system(site, "POST", "query_agent_info", asked))["code"] == code


async def sent(site: Site, step_id: int, **who: str) -> list[dict[str, Any]]:
    found = await system(site, "GET", "query_gse_task", {"step_instance_id": step_id}, **who)
    assert found["code"] == 0, found
    links: list[dict[str, Any]] = found["data"]
    return links


async def test_what_was_sent_is_found_by_its_step_and_the_step_by_it(working_site: Site) -> None:
    site = working_site
    job_id, step_id = await site.start()
    await site.finished(job_id)
    again = DEMO | {"job_instance_id": job_id, "step_instance_id": step_id, "operation_code": 2}
    assert (await site.post(f"{V3}/operate_step_instance/", again))["code"] == 0
    await site.finished(job_id)
    links = await sent(site, step_id)
    assert [(one["retry_count"], one["batch"]) for one in links] == [(0, 0), (1, 0)]
    assert len({one["gse_task_id"] for one in links}) == 2
    for link in links:
        asked = {"gse_task_id": link["gse_task_id"]}
        assert (await system(site, "GET", "query_job_instance", asked))["data"] == link
        assert (link["job_instance_id"], link["step_instance_id"], link["bk_scope_id"]) == (job_id, step_id, "2")


async def test_each_batch_of_a_rolling_step_is_sent_by_itself(working_site: Site) -> None:
    hosts = {"target_server": {"host_id_list": [1, 2]}}
    job_id, step_id = await working_site.start(rolling_config={"expression": "1", "mode": 2, "type": 1}, **hosts)
    await working_site.finished(job_id)
    assert [one["batch"] for one in await sent(working_site, step_id)] == [1, 2]


async def test_nothing_was_sent_of_a_step_that_waits(site: Site) -> None:
    _, step_id = await site.start(start_task=False)
    assert await sent(site, step_id) == []


async def test_what_was_sent_in_an_archived_business_is_like_nothing(site: Site) -> None:
    job_id, step_id = await site.start(start_task=False)
    async with site.platform.engine.db.begin() as tx:
        await tx.execute(sa.update(tables.businesses).where(tables.businesses.c.id == 2).values(archived=True))
    wang = {"bk_username": "wang"}
    for given in (step_id, 10**9):
        answer = await system(site, "GET", "query_gse_task", {"step_instance_id": given}, **wang)
        assert answer["code"] == 1244007
    named = {"gse_task_id": f"JF-{job_id}-{step_id}-0-0"}
    assert (await system(site, "GET", "query_job_instance", named, **wang))["code"] == 1244006


async def test_what_was_sent_exists_only_for_those_who_may_see_the_job(working_site: Site) -> None:
    job_id, step_id = await working_site.start()
    await working_site.finished(job_id)
    [link] = await sent(working_site, step_id, bk_username="li")
    steps = {"step_instance_id": step_id}
    assert (await system(working_site, "GET", "query_gse_task", steps, bk_username="wang"))["code"] == 1244007
    assert (await system(working_site, "GET", "query_gse_task", {"step_instance_id": 10**9}))["code"] == 1244007
    named = {"gse_task_id": link["gse_task_id"]}
    assert (await system(working_site, "GET", "query_job_instance", named, bk_username="wang"))["code"] == 1244006
    made_up = {"gse_task_id": f"JF-{job_id}-{step_id}-7-0"}
    assert (await system(working_site, "GET", "query_job_instance", made_up))["code"] == 1244006


async def test_names_that_were_never_given_are_refused(site: Site) -> None:
    for name, code in (("x", 1244006), ("JF-" + "9" * 40 + "-1-0-0", 1244006), ("", 1241007)):
        assert (await system(site, "GET", "query_job_instance", {"gse_task_id": name}))["code"] == code


async def test_the_scopes_of_a_user_come_in_pages_and_no_others(site: Site) -> None:
    async def scopes(**asked: Any) -> dict[str, Any]:
        who = asked.pop("who", "admin")
        answer = await site.as_gateway("GET", f"{G4}/get_user_authorized_scopes", asked, bk_username=who)
        found: dict[str, Any] = answer.json()["data"]
        return found

    whole = await scopes()
    assert [(one["bk_scope_type"], one["bk_scope_id"]) for one in whole["scope_list"]] == [
        ("biz", "2"),
        ("biz", "3"),
        ("biz_set", "9991001"),
    ]
    assert (whole["total"], whole["scope_list"][0]["favor"]) == (3, False)
    second = await scopes(offset=1, length=1)
    assert (second["total"], second["scope_list"]) == (3, whole["scope_list"][1:2])
    assert [one["bk_scope_id"] for one in (await scopes(who="li"))["scope_list"]] == ["2"]
    assert (await scopes(who="wang"))["total"] == 0


async def test_a_page_of_scopes_has_bounds(site: Site) -> None:
    for length, status in ((1, 200), (200, 200), (0, 400), (201, 400)):
        answer = await site.as_gateway("GET", f"{G4}/get_user_authorized_scopes", {"length": length})
        assert answer.status_code == status


PROCESS = {"proc_name": "p", "proc_owner": "li", "setup_path": "/opt", "pid_path": "/p.pid", "ip_list": [ADDRESS]}
REPORTS = dict.fromkeys(
    (f"{kind}_id" for kind in ["sys", "cpu", "mem", "net", "disk", "proc", "crontab", "iptables"]), -1
)
OF_OLD: dict[str, dict[str, Any]] = {
    "manage_proc": {"op_type": 1, "process_infos": [PROCESS]},
    "operate_proc": {"op_type": 0, "process_infos": [PROCESS]},
    "operate_process": {"op_type": 9, "process_infos": [PROCESS]},
    "get_proc_result": {"bk_gse_taskid": "x"},
    "set_base_report": REPORTS | {"ip_list": [ADDRESS]},
}


@pytest.mark.parametrize("bus", [V2, V3])
async def test_process_operations_are_refused_once_caller_scope_and_parameters_are_good(site: Site, bus: str) -> None:
    wang = ADMIN | {"bk_username": "wang"}
    for name, wanted in OF_OLD.items():
        good = wanted | {"bk_biz_id": 2}
        first = next(iter(wanted))
        for body, code in (
            (good, 1241011),
            (good | {"bk_biz_id": 77}, 1243049),
            (good | wang, 9900403),
            ({field: value for field, value in good.items() if field != first}, 1240003),
        ):
            answer = await site.http.post(f"{bus}/{name}/", json=ADMIN | body)
            assert (answer.status_code, answer.json()["code"]) == (200, code), name
