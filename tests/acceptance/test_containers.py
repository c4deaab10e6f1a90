"""Containers as execution objects: chosen by filters, run in, shown, stopped and refused as callers are told."""

import base64
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.acceptance.declared import ACCOUNT, ALL, BIZ, CONTAINED, A
from tests.acceptance.processes import agent_of
from tests.acceptance.stage import Stage
from tests.acceptance.surfaces import Json
from tests.containers.runtimes import TestRuntime, runtime
from tests.waiting import eventually

WEB = {
    "io.jobfleet.namespace": "prod",
    "io.jobfleet.pod": "web-1",
    "io.jobfleet.workload": "web",
    "io.jobfleet.workload-kind": "deployment",
    "app": "web",
}
PLACES: dict[str, dict[str, str]] = {
    "web-1": WEB,
    "web-2": WEB | {"io.jobfleet.pod": "web-2", "weight": "7"},
    "db": {"io.jobfleet.namespace": "data", "app": "db"},
}
CLUSTER: Json = {"kube_cluster_filter": {"cluster_uid_list": ["BCS-1"]}}


@pytest.fixture(scope="module")
def containers() -> Iterator[TestRuntime]:
    with runtime() as found:
        for name, labels in PLACES.items():
            found.run(name, labels)
        yield found


@pytest.fixture(scope="module")
async def ids(stage: Stage, containers: TestRuntime) -> AsyncIterator[dict[str, int]]:
    """Give the ids of the containers by their names, while the agent of their host runs."""
    told = containers.environment | {"JOBFLEET_AGENT_CONTAINERS_EVERY": "0.3"}
    within = ("env", *(f"{name}={value}" for name, value in told.items()))
    with tempfile.TemporaryDirectory(prefix="jobfleet-agent-") as directory:
        async with agent_of(stage, CONTAINED, Path(directory), within):
            await stage.poll(lambda: _all_known(stage))
            rows = await stage.database.fetch("SELECT name, id FROM container WHERE host_id = $1", CONTAINED)
            yield {row["name"]: row["id"] for row in rows}


async def _all_known(stage: Stage) -> bool:
    query = "SELECT count(*) FROM container WHERE host_id = $1 AND gone_at IS NULL AND name = ANY($2)"
    return int(await stage.database.fetchval(query, CONTAINED, list(PLACES))) == len(PLACES)


def script(text: str) -> Json:
    encoded = base64.b64encode(text.encode()).decode()
    return BIZ | {"script_content": encoded, "script_language": 1, "account_alias": ACCOUNT, "timeout": 60}


async def start(stage: Stage, text: str, *filters: Json) -> Json:
    """Start a script on version 4 and return the members that name its step."""
    target = {"kube_container_filters": [CLUSTER | one for one in filters]}
    started = await stage.admin.v4("fast_execute_script", **script(text), execute_target=target)
    return BIZ | {name: started[name] for name in ("job_instance_id", "step_instance_id")}


async def ended(stage: Stage, step: Json) -> list[Json]:
    """Return the execution objects of a step, as version 4 shows them, once its job has ended."""
    wanted = {name: value for name, value in step.items() if name != "step_instance_id"}
    told = await eventually(
        lambda: stage.admin.v4("get_job_instance_status", **wanted, return_execute_object_result=True),
        lambda told: told["finished"],
    )
    objects: list[Json] = told["step_instance_list"][0]["step_execute_object_result_list"]
    return objects


def named(objects: list[Json]) -> list[str]:
    return sorted(one["execute_object"].get("container", {"name": "host"})["name"] for one in objects)


async def test_a_script_runs_in_the_containers_that_a_filter_chooses(
    stage: Stage, containers: TestRuntime, ids: dict[str, int]
) -> None:
    step = await start(stage, "hostname; exit 3", {"kube_namespace_filter": {"namespace_name_list": ["prod"]}})
    objects = await ended(stage, step)
    assert named(objects) == ["web-1", "web-2"]
    [first] = [one for one in objects if one["execute_object"]["container"]["name"] == "web-1"]
    assert (first["status"], first["exit_code"]) == (104, 3)
    shown = first["execute_object"]
    assert (shown["type"], shown["resource_id"], "host" in shown) == (2, str(ids["web-1"]), False)
    assert (shown["container"]["id"], shown["container"]["node_host_id"]) == (ids["web-1"], CONTAINED)
    logs = await stage.admin.v4(
        "batch_get_job_instance_execute_object_log", **step, container_id_list=[ids["web-2"], ids["db"]]
    )
    [log] = logs["script_step_execute_object_logs"]
    assert (log["execute_object"]["resource_id"], log["log_content"]) == (str(ids["web-2"]), "web-2\n")
    by_host = await stage.admin.v4("batch_get_job_instance_execute_object_log", **step, host_id_list=[CONTAINED])
    assert by_host["script_step_execute_object_logs"] == []
    why: Json = {"execute_count": 0, "execute_object_type": 2, "execute_object_resource_id": ids["web-2"]}
    context = (await stage.admin.v4("get_script_task_context", **step, **why))["field_list"]
    told = {one["name"]: one["value"] for one in context}
    assert (told["container"], told["log"], told["exit_code"]) == ("web-2", "web-2\n", "3")
    wrong = why | {"execute_object_resource_id": ids["db"]}
    assert (await stage.admin.v4_refused("get_script_task_context", **step, **wrong))[2] == "1241005"


@pytest.mark.parametrize(
    ("one", "names"),
    [
        ({"execute_in_whole_cluster": True}, ["db", "web-1", "web-2"]),
        ({"kube_workload_filter": {"kind": "Deployment", "workload_name_list": ["web"]}}, ["web-1", "web-2"]),
        ({"kube_pod_filter": {"pod_name_list": ["web-2"]}}, ["web-2"]),
        ({"kube_pod_filter": {"label_selector_expr": "app in (web, db),!weight"}}, ["db", "web-1"]),
        ({"kube_pod_filter": {"label_selector": [{"key": "weight", "operator": "gt", "values": [6]}]}}, ["web-2"]),
        ({"kube_container_prop_filter": {"container_name_list": ["db", "web-2"]}}, ["db", "web-2"]),
    ],
)
async def test_each_part_of_a_filter_counts(stage: Stage, ids: dict[str, int], one: Json, names: list[str]) -> None:
    assert named(await ended(stage, await start(stage, "true", one))) == names


async def test_the_plug_in_runs_on_a_host_and_in_one_container_of_it(stage: Stage, ids: dict[str, int]) -> None:
    target = {
        "host_list": [{"bk_host_id": CONTAINED}],
        "kube_container_filters": [{"is_empty_filter": True, "fetch_any_one_container": True}],
    }
    answer = await stage.admin.system("bkci_plugin_fast_execute_script", **script("hostname"), execute_target=target)
    assert answer["code"] == 0, answer
    step = BIZ | {name: answer["data"][name] for name in ("job_instance_id", "step_instance_id")}
    objects = await ended(stage, step)
    assert [(one["status"], one["execute_object"]["type"]) for one in objects] == [(9, 1), (9, 2)]
    asked = [{name: one["execute_object"][name] for name in ("type", "resource_id")} for one in objects]
    told = await stage.admin.system(
        "bkci_plugin_batch_get_job_instance_execute_object_log", **step, execute_object_list=asked
    )
    logs = {
        one["execute_object"]["type"]: one["log_content"] for one in told["data"]["script_execute_object_task_logs"]
    }
    assert logs[2].strip() == objects[1]["execute_object"]["container"]["name"] != logs[1].strip()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Give a file to send."""
    path = tmp_path / "a file"
    path.write_text("content")
    return path


async def test_files_go_to_hosts_and_containers_say_why_they_get_none(
    stage: Stage, ids: dict[str, int], source: Path
) -> None:
    directory = source.parent
    sources = [{"file_list": [str(source)], "account": {"alias": ACCOUNT}, "server": {"host_id_list": [A]}}]
    wanted = {"file_target_path": f"{directory}/there/", "file_source_list": sources, "account_alias": ACCOUNT}
    target = {"host_list": [{"bk_host_id": CONTAINED}], "kube_container_filters": [CLUSTER]}
    answer = await stage.admin.system("bkci_plugin_fast_transfer_file", **BIZ, **wanted, execute_object=target)
    assert answer["code"] == 0, answer
    step = BIZ | {name: answer["data"][name] for name in ("job_instance_id", "step_instance_id")}
    objects = await ended(stage, step)
    assert [one["status"] for one in objects] == [9, 2, 2, 2]
    assert [one.name for one in (directory / "there").iterdir()] == ["a file"]
    told = await stage.admin.v4("batch_get_job_instance_execute_object_log", **step, container_id_list=[ids["db"]])
    [log] = told["file_step_execute_object_logs"]
    assert "files cannot be sent into containers" in log["download_log"][0]["log_content"]


async def test_stopping_a_job_ends_what_runs_in_its_containers(
    stage: Stage, containers: TestRuntime, ids: dict[str, int]
) -> None:
    step = await start(
        stage, "sleep 4720 & sleep 4720", {"kube_container_prop_filter": {"container_name_list": ["db"]}}
    )

    async def sleeps() -> bool:
        return "4720" in containers.execute("db", "ps ax -o args 2>/dev/null || ps -o args")

    await stage.poll(sleeps)
    named = {name: value for name, value in step.items() if name != "step_instance_id"}
    answer = await stage.admin.v3("operate_job_instance", **named, operation_code=1)
    assert answer["code"] == 0, answer
    assert [one["status"] for one in await ended(stage, step)] == [403]
    assert not await sleeps()


async def test_a_container_that_is_gone_is_told_when_a_job_is_done_once_more(
    stage: Stage, containers: TestRuntime, ids: dict[str, int]
) -> None:
    containers.run("passing", {"io.jobfleet.namespace": "passing"})
    known = "SELECT id FROM container WHERE name = 'passing' AND host_id = $1 AND gone_at IS NULL"

    async def is_known() -> bool:
        return await stage.database.fetchval(known, CONTAINED) is not None

    async def is_gone() -> bool:
        return not await is_known()

    await stage.poll(is_known)
    step = await start(stage, "true", {"kube_namespace_filter": {"namespace_name_list": ["passing"]}})
    assert [one["status"] for one in await ended(stage, step)] == [9]
    path = f"/api/v1/jobs/{step['job_instance_id']}/redo"
    again = await stage.http.post(path, json={}, headers=await stage.bearer())
    assert again.status_code == 201, again.text
    assert named(await ended(stage, BIZ | {"job_instance_id": again.json()["job_id"]})) == ["passing"]
    containers.remove("passing")
    await stage.poll(is_gone)
    again = await stage.http.post(path, json={}, headers=await stage.bearer())
    assert again.json()["code"] == 1244030, again.text


@pytest.mark.parametrize(
    ("target", "word", "number"),
    [
        ({"kube_container_filters": [CLUSTER]}, 400, "1241012"),
        ({"host_list": [{"bk_host_id": 1}], "kube_container_filters": [CLUSTER]}, 400, "1241012"),
        ({"kube_container_filters": [{"execute_in_whole_cluster": True}]}, 400, "1240003"),
        ({"kube_container_filters": [CLUSTER | {"execute_in_whole_cluster": True}] * 51}, 400, "1240003"),
        (
            {"kube_container_filters": [CLUSTER | {"kube_pod_filter": {"label_selector_expr": "a in b"}}]},
            400,
            "1244031",
        ),
        (
            {
                "kube_container_filters": [
                    CLUSTER | {"kube_pod_filter": {"label_selector": [{"key": "a", "operator": "in"}]}}
                ]
            },
            400,
            "1244031",
        ),
        (
            {"kube_container_filters": [CLUSTER | {"kube_pod_filter": {"pod_name_list": ["nobody"]}}]},
            400,
            "1244028",
        ),
    ],
)
async def test_what_cannot_be_chosen_is_refused(
    stage: Stage, ids: dict[str, int], target: Json, word: int, number: str
) -> None:
    refused = await stage.admin.v4_refused("fast_execute_script", **script("true"), execute_target=target)
    assert (refused[0], refused[2]) == (word, number)


async def test_business_sets_have_no_containers(stage: Stage, ids: dict[str, int]) -> None:
    target = {"kube_container_filters": [CLUSTER | {"execute_in_whole_cluster": True}]}
    refused = await stage.admin.v4_refused("fast_execute_script", **script("true") | ALL, execute_target=target)
    assert refused[2] == "1241013"


async def test_the_native_api_lists_containers_and_runs_in_one(stage: Stage, ids: dict[str, int]) -> None:
    headers = await stage.bearer()
    listed = await stage.http.get("/api/v1/containers", params={"scope": "biz:2"}, headers=headers)
    [web] = [one for one in listed.json()["containers"] if one["id"] == ids["web-1"]]
    assert (web["id"], web["host_id"], web["cluster"], web["namespace"]) == (ids["web-1"], CONTAINED, "BCS-1", "prod")
    assert (web["workload_kind"], web["workload"], web["labels"]["app"]) == ("deployment", "web", "web")
    wanted = {"scope": "biz:2", "targets": [f"container:{ids['db']}"], "script": "hostname"}
    started = (await stage.http.post("/api/v1/jobs/script", json=wanted, headers=headers)).raise_for_status().json()
    assert named(await ended(stage, BIZ | {"job_instance_id": started["job_id"]})) == ["db"]
    path = f"/api/v1/jobs/{started['job_id']}"
    [task] = (await stage.http.get(path, params={"tasks": True}, headers=headers)).json()["tasks"]
    assert (task["host"]["id"], task["host"]["container"]["name"]) == (CONTAINED, "db")
    unknown = wanted | {"targets": ["container:999999"]}
    refused = await stage.http.post("/api/v1/jobs/script", json=unknown, headers=headers)
    assert refused.json()["code"] == 1244030
