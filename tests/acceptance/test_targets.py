"""What targets become hosts, in which order; on every surface that starts scripts."""

import pytest
from tests.acceptance.declared import ACCOUNT, BIZ, NO_ADDRESS, SCRIPT_LISTED, A, B, C
from tests.acceptance.gates import encoded
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import BACK4, Json

WORDS: Json = {"script_content": encoded("true"), "script_language": 1, "account_alias": ACCOUNT, "start_task": False}


def address(*hosts: int) -> list[Json]:
    """Return the addresses of hosts with an agent."""
    return [{"bk_cloud_id": 0, "ip": f"127.0.0.{host}"} for host in hosts]


async def targets_of(stage: Stage, told: Json) -> list[int]:
    """Return the hosts of a started job in target order."""
    job = Job(told["job_instance_id"], told["step_instance_id"], BIZ)
    data = (await stage.admin.gateway("get_step_instance_status", **job.step))["data"]
    return [host["bk_host_id"] for group in data["step_result_group_list"] for host in group["host_result_list"]]


STATIC_FIRST = {
    "host_id_list": [B],
    "dynamic_group_list": [{"id": "2:100"}],
    "topo_node_list": [{"id": 10, "node_type": "set"}],
}


@pytest.mark.parametrize(
    ("server", "hosts"),
    [
        ({"host_id_list": [C, A, B, A]}, [C, A, B]),
        ({"ip_list": address(B, A)}, [B, A]),
        ({"ip_list": [{"bk_cloud_id": "0", "ip": " 127.0.0.3\t"}]}, [C]),
        ({"ip_list": address(A), "host_id_list": [C]}, [C]),
        ({"dynamic_group_list": [{"id": "100"}]}, [A, C]),
        ({"dynamic_group_list": [{"id": 100}]}, [A, C]),
        ({"dynamic_group_list": [{"id": "loop"}]}, [A, B, C]),
        ({"topo_node_list": [{"id": 100, "node_type": "module"}]}, [B, C]),
        ({"topo_node_list": [{"id": 10, "node_type": "set"}]}, [B, C]),
        (STATIC_FIRST, [B, A, C]),
        ({"host_id_list": [SCRIPT_LISTED, A]}, [SCRIPT_LISTED, A]),
        ({"host_id_list": [NO_ADDRESS]}, [NO_ADDRESS]),
        ({"ip_list": [{"bk_cloud_id": 0, "ip": "FD00::0011"}]}, [NO_ADDRESS]),
    ],
)
async def test_targets_of_version_3_become_hosts_in_order(stage: Stage, server: Json, hosts: list[int]) -> None:
    for ask in (stage.admin.v3, stage.admin.gateway, stage.admin.system):
        told = await ask("fast_execute_script", **(BIZ | WORDS), target_server=server)
        assert set(told["data"]) == {"job_instance_id", "job_instance_name", "step_instance_id"}
        assert await targets_of(stage, told["data"]) == hosts


@pytest.mark.parametrize(
    ("target", "hosts"),
    [
        ({"ip_list": address(B, A)}, [B, A]),
        ({"custom_query_id": ["100"]}, [A, C]),
        ({"ip_list": address(B), "custom_query_id": ["2:100"]}, [B, A, C]),
        ({"target_server": {"ip_list": address(C)}, "ip_list": address(A)}, [C]),
        ({"target_server": {"dynamic_group_id_list": ["100"]}, "custom_query_id": ["none"]}, [A, C]),
        ({"target_server": {"topo_node_list": [{"id": 100, "node_type": "module"}]}}, [B, C]),
    ],
)
async def test_targets_of_version_2_become_hosts_in_order(stage: Stage, target: Json, hosts: list[int]) -> None:
    words = {"account": ACCOUNT, "script_type": 1, "script_content": encoded("true")}
    told = await stage.admin.v2("fast_execute_script", bk_biz_id=2, **words, **target)
    job = Job(told["data"]["job_instance_id"], told["data"]["step_instance_id"], BIZ)
    shown = await stage.wait_end(job)
    assert [host["bk_host_id"] for host in shown["step_instance_list"][0]["step_ip_result_list"]] == hosts


@pytest.mark.parametrize(
    ("target", "hosts"),
    [
        ({"host_list": [{"bk_host_id": C}, {"bk_host_id": A}]}, [C, A]),
        ({"host_list": address(B, A)}, [B, A]),
        ({"host_list": [{"bk_host_id": B}], "dynamic_group_list": [{"id": "100"}]}, [B, A, C]),
    ],
)
async def test_targets_of_version_4_become_hosts_in_order(stage: Stage, target: Json, hosts: list[int]) -> None:
    wanted = BIZ | WORDS | {"execute_target": target}
    for told in (
        await stage.admin.v4("fast_execute_script", **wanted),
        await stage.admin.v4("fast_execute_script", root=BACK4, **wanted),
    ):
        assert await targets_of(stage, told) == hosts


@pytest.mark.parametrize(
    ("language", "script"),
    [
        (1, "#!/bin/sh\necho $1-$2"),
        (1, "echo $1-$2"),
        (3, 'print "$ARGV[0]-$ARGV[1]\\n"'),
        (4, "import sys\nprint('-'.join(sys.argv[1:]))"),
    ],
)
async def test_scripts_of_each_language_get_their_parameters(stage: Stage, language: int, script: str) -> None:
    for sensitive in (0, 1):
        job = await stage.run(
            encoded(script), A, script_language=language, script_param=encoded("a b\n"), is_param_sensitive=sensitive
        )
        await stage.wait(job, 9, job_status=3)
        log = await stage.admin.v3("get_job_instance_ip_log", **job.step, bk_host_id=A)
        assert log["data"]["log_content"] == "a-b\n"


async def test_a_job_without_a_name_is_named_and_a_named_one_keeps_it(stage: Stage) -> None:
    named = await stage.admin.v3(
        "fast_execute_script", **(BIZ | WORDS), target_server={"host_id_list": [A]}, task_name="nightly 清理"
    )
    assert named["data"]["job_instance_name"] == "nightly 清理"
    plain = await stage.admin.v3("fast_execute_script", **(BIZ | WORDS), target_server={"host_id_list": [A]})
    assert plain["data"]["job_instance_name"].rstrip("0123456789")
    assert plain["data"]["job_instance_name"][-13:].isdigit()
