"""Every refusal of starting a script: its code, in the envelope, and nothing started."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.acceptance.declared import ACCOUNT, BIZ, FILE_LISTED, FOREIGN, A
from tests.acceptance.gates import encoded
from tests.acceptance.stage import Stage
from tests.acceptance.surfaces import Json

HUGE = 2**63 - 1


@pytest.fixture(autouse=True)
async def nothing_is_started(stage: Stage) -> AsyncIterator[None]:
    """Hold every test of this file to it: the record is as before, not a row more."""
    async with stage.nothing_new():
        yield


def started(**changes: Any) -> Json:
    """Return a good request of version 3 with changes; None leaves a field out."""
    wanted = BIZ | {
        "script_content": encoded("echo never"),
        "script_language": 1,
        "account_alias": ACCOUNT,
        "target_server": {"host_id_list": [A]},
    }
    return {name: value for name, value in (wanted | changes).items() if value is not None}


def server(**lists: Any) -> Json:
    """Return a change of the target."""
    return {"target_server": lists}


def address(ip: Any, cloud: Any = 0) -> Json:
    """Return a target of one address."""
    return server(ip_list=[{"bk_cloud_id": cloud, "ip": ip}])


WRONG_STARTS: list[tuple[Json, int, str]] = [
    (Json(bk_scope_type=None, bk_scope_id=None), 1240003, "bk_scope_type"),
    (Json(bk_scope_id="99"), 1243049, ""),
    (Json(bk_scope_id="4"), 1243049, ""),
    (Json(script_content=None), 1241004, "script_version_id|script_id|script_content"),
    (Json(script_content=""), 1241004, "script_version_id|script_id|script_content"),
    (Json(script_version_id=0), 1241005, "script_version_id"),
    (Json(script_version_id=77), 1243001, ""),
    (Json(script_id="none"), 1243001, ""),
    (Json(script_language=None), 1241005, "script_language"),
    (Json(script_language=0), 1241005, "script_language"),
    (Json(script_language=7), 1241005, "script_language"),
    (Json(target_server=None), 1241004, "target_server"),
    (server(), 1244001, ""),
    (server(ip_list=[], host_id_list=[], dynamic_group_list=[], topo_node_list=[]), 1244001, ""),
    (Json(account_alias=None), 1241004, "account_id|account_alias"),
    (Json(account_alias="  "), 1241004, "account_id|account_alias"),
    (Json(account_alias=None, account_id=0), 1241004, "account_id|account_alias"),
    (Json(account_alias="nobody"), 1244003, "nobody"),
    (Json(account_alias=None, account_id=9999), 1244003, "9999"),
    (Json(account_alias="database"), 1244003, "database"),
    (Json(account_alias=None, account_id=53), 1244003, "53"),
    (Json(timeout=0), 1240003, "timeout"),
    (Json(timeout=-1), 1240003, "timeout"),
    (Json(timeout=259_201), 1240003, "timeout"),
    (Json(timeout="soon"), 1240003, "timeout"),
    (Json(script_content="%%%"), 1240003, "script_content"),
    (Json(script_content="YQ"), 1240003, "script_content"),
    (Json(script_content="YQ==YQ=="), 1240003, "script_content"),
    (Json(script_content=7), 1240003, "script_content"),
    (Json(script_param="%%%"), 1240003, "script_param"),
    (Json(script_param=encoded("x" * 65_536)), 1240003, "script_param"),
    (Json(script_param=encoded("x" * 48_129), is_param_sensitive=1), 1240003, "script_param"),
    (Json(script_param="/w=="), 1240003, "script_param"),
    (Json(is_param_sensitive=2), 1240003, "is_param_sensitive"),
    (Json(task_name="n" * 513), 1240003, "task_name"),
    (Json(task_name="a\0b"), 1240003, "task_name"),
    (Json(task_name={"a": 1}), 1240003, "task_name"),
    (Json(callback_url="ftp://h/"), 1240003, "callback_url"),
    (Json(callback_url="http://u:p@h/"), 1240003, "callback_url"),
    (Json(callback_url="http://"), 1240003, "callback_url"),
    (Json(windows_interpreter="C:\\perl"), 1240003, "windows_interpreter"),
    (Json(windows_interpreter="C" * 257 + ".exe"), 1240003, "windows_interpreter"),
    (Json(start_task="maybe"), 1240003, "start_task"),
    (Json(target_server=[1]), 1240003, "target_server"),
    (Json(target_server="all"), 1240003, "target_server"),
    (server(host_id_list=[A, 0]), 1240003, "host_id_list"),
    (server(host_id_list=["x"]), 1240003, "host_id_list"),
    (server(host_id_list=[2**63]), 1240003, "host_id_list"),
    (server(host_id_list=[9_999]), 1244030, "9999"),
    (server(host_id_list=[A, HUGE]), 1244030, str(HUGE)),
    (server(host_id_list=[FOREIGN]), 1244002, "10.0.0.12"),
    (server(host_id_list=[A, FILE_LISTED]), 1244002, "10.0.0.14"),
    (address("10.9.9.9"), 1244030, "10.9.9.9"),
    (address("127.0.0.1", 5), 1244030, "5:127.0.0.1"),
    (address("127.0.0.1", -1), 1240003, "ip_list"),
    (address("127.0.0.1", "x"), 1240003, "ip_list"),
    (address("127.0.0.256"), 1240003, "ip_list[0].ip"),
    (address("127.0.0.1;reboot"), 1240003, "ip_list[0].ip"),
    (address("127.1"), 1240003, "ip_list[0].ip"),
    (address(""), 1240003, "ip_list[0].ip"),
    (address(None), 1240003, "ip_list[0].ip"),
    (server(ip_list=[{"ip": "127.0.0.1"}]), 1240003, "bk_cloud_id"),
    (server(dynamic_group_list=[{"id": "none"}]), 1211003, "none"),
    (server(dynamic_group_list=[{"id": ""}]), 1240003, "dynamic_group_list"),
    (server(dynamic_group_list=[{}]), 1240003, "dynamic_group_list"),
    (server(dynamic_group_list=[{"id": "empty"}]), 1244028, ""),
    (server(topo_node_list=[{"id": 999, "node_type": "module"}]), 1244028, ""),
    (server(topo_node_list=[{"id": 300, "node_type": "module"}]), 1244028, ""),
    (server(topo_node_list=[{"id": 3, "node_type": "biz"}]), 1244028, ""),
    (server(topo_node_list=[{"id": 0, "node_type": "set"}]), 1240003, "topo_node_list"),
    (server(topo_node_list=[{"id": 10}]), 1240003, "node_type"),
    (server(variable="hosts"), 1244001, ""),
]


async def test_starts_that_are_wrong(stage: Stage) -> None:
    for change, code, named in WRONG_STARTS:
        async with stage.nothing_new():
            for ask in (stage.admin.v3, stage.admin.gateway, stage.admin.system):
                answer = await ask("fast_execute_script", **started(**change))
                assert answer["code"] == code, (change, answer)
                assert named in answer["message"], (change, answer)


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        ({"bk_biz_id": None}, 1240003, "bk_biz_id"),
        ({"bk_biz_id": 99}, 1243049, ""),
        ({"script_content": None}, 1241005, "script_content"),
        ({"script_content": " "}, 1241005, "script_content"),
        ({"script_content": "%"}, 1240003, "script_content"),
        ({"script_type": None}, 1241005, "script_type"),
        ({"script_type": 9}, 1241005, "script_type"),
        ({"script_id": 0}, 1241005, "script_id"),
        ({"script_id": 12}, 1243001, ""),
        ({"ip_list": None}, 1241007, "ip_list|custom_query_id|target_server"),
        ({"ip_list": [{"bk_cloud_id": 0, "ip": "nowhere"}]}, 1240003, "ip_list[0].ip"),
        ({"ip_list": [{"bk_cloud_id": 0, "ip": "10.9.9.9"}]}, 1244030, "10.9.9.9"),
        ({"custom_query_id": ["none"], "ip_list": None}, 1211003, "none"),
        ({"target_server": {}}, 1244001, ""),
        ({"target_server": {"dynamic_group_id_list": ["none"]}}, 1211003, "none"),
        ({"account": None}, 1241004, "account"),
        ({"account": "x"}, 1244003, "x"),
        ({"script_timeout": 0}, 1240003, "script_timeout"),
        ({"script_timeout": 259_201}, 1240003, "script_timeout"),
        ({"bk_callback_url": "gopher://x"}, 1240003, "bk_callback_url"),
    ],
)
async def test_starts_of_version_2_that_are_wrong(stage: Stage, change: Json, code: int, named: str) -> None:
    good = {"bk_biz_id": 2, "account": ACCOUNT, "script_type": 1, "script_content": encoded("true")}
    wanted = good | {"ip_list": [{"bk_cloud_id": 0, "ip": "127.0.0.1"}]} | change
    answer = await stage.admin.v2(
        "fast_execute_script", **{name: value for name, value in wanted.items() if value is not None}
    )
    assert (answer["code"], named in answer["message"]) == (code, True), answer


async def test_the_first_violated_rule_is_told(stage: Stage) -> None:
    changes: Json = {"script_content": None, "target_server": None, "account_alias": None}
    for name, good in (
        ("script_version_id", {}),
        ("target_server", {"script_content": encoded("true")}),
        ("account_id", {"script_content": encoded("true"), "target_server": {"host_id_list": [A]}}),
    ):
        answer = await stage.admin.v3("fast_execute_script", **started(**(changes | good)))
        assert (answer["code"], name in answer["message"]) == (1241004, True), answer
    worse = {"timeout": 0, "script_content": None}
    assert (await stage.admin.v3("fast_execute_script", **started(**worse)))["code"] == 1240003


async def test_starts_of_version_4_that_are_wrong(stage: Stage) -> None:
    def wanted(**change: Any) -> Json:
        target = {"execute_target": {"host_list": [{"bk_host_id": A}]}, "target_server": None}
        return started(**(target | change))

    for change, refusal in (
        (Json(bk_scope_id="99"), (404, "NOT_FOUND", "1243049")),
        (Json(script_content=None), (400, "INVALID_ARGUMENT", "1241004")),
        (Json(execute_target=None), (400, "INVALID_ARGUMENT", "1241004")),
        (Json(execute_target={}), (400, "INVALID_ARGUMENT", "1244001")),
        (Json(execute_target={"host_list": [{"bk_host_id": 9_999}]}), (400, "FAILED_PRECONDITION", "1244030")),
        (Json(execute_target={"host_list": [{"bk_host_id": FOREIGN}]}), (400, "FAILED_PRECONDITION", "1244002")),
        (Json(execute_target={"host_list": [{"bk_cloud_id": 0}]}), (400, "INVALID_ARGUMENT", "1240003")),
        (Json(execute_target={"kube_container_filters": [{}]}), (400, "INVALID_ARGUMENT", "1240003")),
        (Json(account_alias="nobody"), (404, "NOT_FOUND", "1244003")),
        (Json(timeout=0), (400, "INVALID_ARGUMENT", "1240003")),
    ):
        assert await stage.admin.v4_refused("fast_execute_script", **wanted(**change)) == refusal, change
    sam = stage.admin.as_user("sam")
    assert await sam.v4_refused("fast_execute_script", **wanted()) == (403, "NO_PERMISSION", "9900403")
