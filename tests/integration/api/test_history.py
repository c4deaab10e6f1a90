"""The history of jobs, and what a step was told to do."""

import time
from typing import Any

import pytest
import sqlalchemy as sa
from tests.integration.api.site import DEMO, G3, G4, V3, Site, encoded

from jobfleet.store import tables

DAY_MS = 86_400_000
TWO_HOSTS = {"target_server": {"host_id_list": [1, 2]}}


def window(before_ms: int = DAY_MS, after_ms: int = DAY_MS) -> dict[str, Any]:
    now = int(time.time() * 1000)
    return DEMO | {"create_time_start": now - before_ms, "create_time_end": now + after_ms}


async def listed(site: Site, **filters: Any) -> list[str]:
    """Return the names of the jobs that version 3 lists."""
    found = await site.post(f"{V3}/get_job_instance_list/", window() | filters)
    assert found["code"] == 0, found
    return [row["name"] for row in found["data"]["data"]]


async def test_every_filter_narrows_the_list_and_a_job_id_overrides_the_others(site: Site) -> None:
    first, _ = await site.start(start_task=False, task_name="Deploy 100%")
    second, _ = await site.start(start_task=False, task_name="deploy_1000", **TWO_HOSTS)
    both = ["deploy_1000", "Deploy 100%"]
    assert await listed(site) == both
    assert await listed(site, name="DEPLOY") == both
    assert await listed(site, name="100%") == ["Deploy 100%"]
    assert await listed(site, name="y_1") == ["deploy_1000"]
    assert await listed(site, ip="127.0.0.2") == ["deploy_1000"]
    assert await listed(site, ip="127.0.0.1") == both
    assert await listed(site, ip="127.0.0.") == []
    assert await listed(site, operator="admin", type=1, launch_mode=2, status=1) == both
    for nothing in (
        {"operator": "li"},
        {"type": 0},
        {"launch_mode": 3},
        {"status": 3},
        {"status": 2**31 - 1},
        {"job_cron_id": 5},
    ):
        assert await listed(site, **nothing) == []
    assert await listed(site, job_instance_id=first, operator="li", ip="10.0.0.1") == ["Deploy 100%"]
    assert await listed(site, job_instance_id=second + 1) == []


async def test_pages_count_all_and_the_versions_show_the_same_rows(site: Site) -> None:
    ids = [(await site.start(start_task=False, task_name=f"job {n}"))[0] for n in range(12)]
    page = (await site.get(f"{V3}/get_job_instance_list/", window() | {"start": -1}))["data"]
    assert (page["total"], page["start"], page["length"]) == (12, 0, 10)
    assert [row["id"] for row in page["data"]] == ids[:1:-1]
    rest = (await site.post(f"{V3}/get_job_instance_list/", window() | {"start": 10, "length": 5000}))["data"]
    assert ([row["name"] for row in rest["data"]], rest["length"]) == (["job 1", "job 0"], 1000)
    of_gateway = (await site.as_gateway("GET", f"{G3}/get_job_instance_list", window() | {"length": 2})).json()
    of_v4 = (await site.as_gateway("GET", f"{G4}/get_job_instance_list", window() | {"length": 2})).json()
    assert of_gateway["data"]["data"] == page["data"][:2] == of_v4["data"]["job_instance_list"]
    row = of_gateway["data"]["data"][0]
    assert (row["job_instance_id"], row["job_plan_id"], row["job_template_id"]) == (ids[-1], None, None)
    assert (row["create_time"] > 0, row["start_time"], row["launch_mode"]) == (True, None, 2)


async def test_jobs_of_other_scopes_and_other_times_are_not_listed(site: Site) -> None:
    await site.start(start_task=False)
    assert (await site.post(f"{V3}/get_job_instance_list/", window(after_ms=-60_000)))["data"]["total"] == 0
    other = window() | {"bk_scope_id": "3"}
    assert (await site.post(f"{V3}/get_job_instance_list/", other))["data"]["total"] == 0


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        ({"create_time_start": None}, 1241007, "create_time_start"),
        ({"create_time_start": 0}, 1241007, "create_time_start"),
        ({"create_time_end": None}, 1241007, "create_time_end"),
        ({"create_time_end": 5}, 1241007, "create_time_start|create_time_end"),
        ({"type": 3}, 1241002, ""),
        ({"launch_mode": 4}, 1241002, ""),
        ({"bk_scope_id": "77"}, 1243049, ""),
    ],
)
async def test_bad_windows_and_kinds_are_refused(site: Site, change: dict[str, Any], code: int, named: str) -> None:
    asked = {name: value for name, value in (window() | change).items() if value is not None}
    found = await site.post(f"{V3}/get_job_instance_list/", asked)
    assert (found["code"], named in found["message"]) == (code, True)


async def test_a_window_of_thirty_days_is_answered_and_no_longer_one(site: Site) -> None:
    start = 1_700_000_000_000
    for extra, code in ((0, 0), (1, 1241002)):
        asked = DEMO | {"create_time_start": start, "create_time_end": start + 30 * DAY_MS + extra}
        assert (await site.post(f"{V3}/get_job_instance_list/", asked))["code"] == code


async def test_a_page_of_version_4_has_bounds(site: Site) -> None:
    for change, status in (({"offset": 10_000, "length": 200}, 200), ({"offset": 10_001}, 400), ({"length": 201}, 400)):
        answer = await site.as_gateway("GET", f"{G4}/get_job_instance_list", window() | change)
        assert answer.status_code == status


async def detail(site: Site, job_id: int, step_id: int) -> dict[str, Any]:
    ids = {"job_instance_id": job_id, "step_instance_id": step_id}
    answer = (await site.as_gateway("GET", f"{G3}/get_step_instance_detail", DEMO | ids)).json()
    assert answer["result"], answer
    data: dict[str, Any] = answer["data"]
    return data


ROOT = {"id": 1, "name": "root", "alias": "root"}


async def test_a_script_step_tells_its_script_and_hides_sensitive_parameters(site: Site) -> None:
    asked = {"script_param": encoded("--key hunter2"), "timeout": 60, "start_task": False, **TWO_HOSTS}
    told = await detail(site, *await site.start(is_param_sensitive=1, **asked))
    info = told["script_info"]
    assert (told["type"], told["file_info"], told["approval_info"]) == (1, None, None)
    assert (info["script_content"], info["script_language"], info["script_timeout"]) == ("echo hello", 1, 60)
    assert (info["script_param"], info["is_param_sensitive"]) == ("******", 1)
    assert info["account"] == ROOT
    assert info["server"]["host_id_list"] == [1, 2]
    assert (info["server"]["ip_list"][1]["ip"], info["server"]["ip_list"][1]["alive"]) == ("127.0.0.2", 0)
    open_one = await detail(site, *await site.start(**asked))
    assert open_one["script_info"]["script_param"] == "--key hunter2"


async def test_a_file_step_tells_sources_and_destination(site: Site) -> None:
    source = {"file_list": ["/tmp/a", "/tmp/b/"], "account": {"alias": "root"}, "server": {"host_id_list": [2]}}
    asked = {
        "file_source_list": [source],
        "file_target_path": "/tmp/there/",
        "account_alias": "root",
        "target_server": {"host_id_list": [1]},
        "upload_speed_limit": 3,
        "transfer_mode": 1,
        "start_task": False,
    }
    started = await site.post(f"{V3}/fast_transfer_file/", DEMO | asked)
    assert started["code"] == 0, started
    told = await detail(site, started["data"]["job_instance_id"], started["data"]["step_instance_id"])
    info = told["file_info"]
    [shown] = info["file_source_list"]
    assert (told["type"], shown["file_type"], shown["file_list"]) == (2, 1, ["/tmp/a", "/tmp/b/"])
    assert (shown["server"]["host_id_list"], shown["account"]) == ([2], ROOT)
    assert info["file_destination"]["path"] == "/tmp/there/"
    assert info["file_destination"]["server"]["host_id_list"] == [1]
    assert (info["source_speed_limit"], info["destination_speed_limit"], info["transfer_mode"]) == (3, None, 1)


async def test_a_step_is_told_only_with_its_own_job_to_those_who_may_see_it(site: Site) -> None:
    job_id, step_id = await site.start(start_task=False)
    other, _ = await site.start(start_task=False)
    path, ids = f"{G3}/get_step_instance_detail", {"job_instance_id": job_id, "step_instance_id": step_id}
    wrong = (await site.as_gateway("GET", path, DEMO | ids | {"job_instance_id": other})).json()
    missing = (await site.as_gateway("GET", path, DEMO | {"job_instance_id": job_id})).json()
    refused = (await site.as_gateway("GET", path, DEMO | ids, bk_username="wang")).json()
    assert [one["code"] for one in (wrong, missing, refused)] == [1244007, 1241007, 9900403]


async def test_the_native_list_takes_words_and_looks_thirty_days_back(site: Site) -> None:
    await site.start(start_task=False, task_name="now")
    old, _ = await site.start(start_task=False, task_name="old")
    async with site.platform.engine.db.begin() as tx:
        await tx.execute(sa.update(tables.jobs).where(tables.jobs.c.id == old).values(created_at=1))
    token = (await site.http.post("/api/v1/sign-in", json={"username": "admin", "password": "only-for-tests"})).json()
    header = {"Authorization": f"Bearer {token['token']}"}

    async def names(**query: Any) -> Any:
        answer = await site.http.get("/api/v1/jobs", params={"scope": "biz:2"} | query, headers=header)
        return [job["name"] for job in answer.json()["jobs"]] if answer.status_code == 200 else answer.status_code

    assert await names() == ["now"]
    assert await names(status="pending", type="script", launch_mode="api", name="NO") == ["now"]
    assert await names(status="failed") == []
    assert await names(status="no_such") == 400
    assert await names(job_id=old) == ["old"]
