"""Plans over real HTTP on real hosts: values, steps that are off, fail, are retried, passed over, and ask people."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.acceptance.declared import ACCOUNT, BIZ, OTHER, A, B, C
from tests.acceptance.plans import apply
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import Json

TARGETS = 'targets = ["127.0.0.1"]'
RETRY_FAILED, CONFIRM, NEXT_STEP, STOP = 2, 6, 11, 1


def declared(name: str, *steps: str, variables: str = "") -> str:
    """Return a plan as a file declares it; a step is its members besides kind and name."""
    head = f'[template]\nname = "{name}"\n'
    named = (f'[[steps]]\nkind = "script"\nname = "step {number}"\n{step}\n' for number, step in enumerate(steps))
    return head + variables + "".join(named)


def script(text: str, more: str = "") -> str:
    return f"{TARGETS}\nscript = '''{text}'''\n{more}"


async def start(stage: Stage, plan: Json, **more: object) -> Job:
    answer = await stage.admin.v3("execute_job_plan", **BIZ, job_plan_id=plan["id"], **more)
    assert answer["code"] == 0, answer
    data = answer["data"]
    assert (data["job_instance_name"], data["step_instance_id"]) == (plan["name"], None)
    return Job(data["job_instance_id"], 0, BIZ)


async def wait(stage: Stage, job: Job, status: int, within_s: float = 30) -> list[Json]:
    """Return the steps of a job once it has a status."""
    shown = await stage.wait_until(job, lambda data: data["job_instance"]["status"] == status, within_s)
    steps: list[Json] = shown["step_instance_list"]
    return steps


def statuses(steps: list[Json]) -> list[int]:
    return [step["status"] for step in steps]


async def operate(stage: Stage, job: Job, step: Json, operation: int) -> None:
    ids = job.named | {"step_instance_id": step["step_instance_id"]}
    answer = await stage.admin.v3("operate_step_instance", **ids, operation_code=operation)
    assert answer["code"] == 0, answer


async def printed(stage: Stage, job: Job) -> list[str]:
    """Return what each host of each step printed, in order."""
    answer = await stage.http.get(f"/api/v1/jobs/{job.id}/log", headers=await stage.bearer())
    return [log["text"].strip() for log in answer.raise_for_status().json()["logs"]]


VARIABLES = """
[[variables]]
name = "x"
value = "x of the plan"
[[variables]]
name = "y"
value = "y of the plan"
[[variables]]
name = "web"
type = "hosts"
hosts = ["127.0.0.1"]
"""


async def test_values_are_given_by_id_or_name_and_steps_that_are_off_do_not_run(stage: Stage) -> None:
    shown = "targets = ['variable:web']\nscript = 'echo $x, $y'"
    plan = await apply(stage, declared("values", shown, script("exit 1", "enabled = false"), variables=VARIABLES))
    ids = {one["name"]: one["id"] for one in plan["variables"]}
    own = await start(stage, plan)
    assert len(await wait(stage, own, 3)) == 1
    assert await printed(stage, own) == ["x of the plan, y of the plan"]
    given: list[Json] = [
        {"id": ids["x"], "name": "y", "value": "by id"},
        {"name": "y", "value": "by name"},
        {"name": "web", "server": {"host_id_list": [B, C]}},
        {"name": "unknown", "value": "of no interest"},
        {"id": 1, "value": "neither"},
    ]
    job = await start(stage, plan, global_var_list=given)
    [step] = await wait(stage, job, 3)
    assert [host["bk_host_id"] for host in step["step_ip_result_list"]] == [B, C]
    assert await printed(stage, job) == ["by id, by name"] * 2


async def test_version_2_and_the_gateway_start_plans_too(stage: Stage) -> None:
    shown = "targets = ['variable:web']\nscript = 'echo $x'"
    plan = await apply(stage, declared("surfaces", shown, variables=VARIABLES))
    given = [{"name": "x", "value": 2}, {"name": "web", "ip_list": [{"bk_cloud_id": 0, "ip": "127.0.0.2"}]}]
    old = await stage.admin.v2("execute_job", bk_biz_id=2, bk_job_id=plan["id"], global_vars=given)
    assert set(old["data"]) == {"job_instance_id", "job_instance_name"}
    new = await stage.admin.gateway("execute_job_plan", **BIZ, job_plan_id=plan["id"], start_task=False)
    waiting = Job(new["data"]["job_instance_id"], 0, BIZ)
    assert statuses(await wait(stage, waiting, 1)) == [1]
    job = Job(old["data"]["job_instance_id"], 0, BIZ)
    [step] = await wait(stage, job, 3)
    assert await printed(stage, job) == ["2"]
    assert [host["bk_host_id"] for host in step["step_ip_result_list"]] == [B]


async def test_a_failed_step_in_the_middle_is_retried_and_the_job_goes_on(stage: Stage) -> None:
    with TemporaryDirectory() as directory:
        marker = Path(directory) / "marker"
        once = script(f"test -e {marker} || {{ touch {marker}; exit 5; }}")
        plan = await apply(
            stage, declared("middle", script("exit 1", "ignore_error = true"), once, script("echo the end"))
        )
        job = await start(stage, plan)
        steps = await wait(stage, job, 4)
        assert statuses(steps) == [6, 4, 1]
        await operate(stage, job, steps[1], RETRY_FAILED)
        steps = await wait(stage, job, 3)
    assert statuses(steps) == [6, 3, 3]
    assert [step["execute_count"] for step in steps] == [0, 1, 0]
    assert (await printed(stage, job))[-1] == "the end"


async def test_a_stopped_job_goes_on_with_the_next_step(stage: Stage) -> None:
    plan = await apply(stage, declared("stopped", script("sleep 600"), script("echo after")))
    job = await start(stage, plan)
    await stage.wait_until(job, lambda data: data["step_instance_list"][0]["step_ip_result_list"][0]["status"] == 7)
    assert (await stage.admin.v3("operate_job_instance", **job.named, operation_code=STOP))["code"] == 0
    steps = await wait(stage, job, 11)
    assert statuses(steps) == [11, 1]
    await operate(stage, job, steps[0], NEXT_STEP)
    assert statuses(await wait(stage, job, 3)) == [5, 3]


async def test_a_job_waits_for_a_person_between_steps(stage: Stage) -> None:
    ask = '[[steps]]\nkind = "approval"\nname = "ask"\nmessage = "?"\nusers = ["oleg"]\n'
    after = '[[steps]]\nkind = "script"\nname = "after"\n' + script("true")
    plan = await apply(stage, declared("asks", script("true")) + ask + after)
    job = await start(stage, plan)
    steps = await wait(stage, job, 7)
    assert statuses(steps) == [3, 7, 1]
    ids = job.named | {"step_instance_id": steps[1]["step_instance_id"], "operation_code": CONFIRM}
    assert (await stage.admin.v3("operate_step_instance", **ids))["code"] == 1244016
    assert (await stage.admin.as_user("oleg").v3("operate_step_instance", **ids))["code"] == 0
    assert statuses(await wait(stage, job, 3)) == [3, 3, 3]


async def test_a_job_of_fifty_steps_runs_them_in_order(stage: Stage) -> None:
    count = 'n=$((n + 1)); echo "$n"'
    variables = '[[variables]]\nname = "n"\nvalue = "0"\n'
    plan = await apply(stage, declared("fifty", *(script(count) for _ in range(50)), variables=variables))
    job = await start(stage, plan)
    assert statuses(await wait(stage, job, 3, within_s=90)) == [3] * 50
    assert await printed(stage, job) == [str(n) for n in range(1, 51)]


async def test_plans_that_cannot_start_are_refused_by_code(stage: Stage) -> None:
    web = "targets = ['variable:web']\nscript = 'true'"
    plan = await apply(stage, declared("refused", web, variables=VARIABLES))
    nothing = await apply(stage, declared("nothing", script("true", "enabled = false")))
    alias = {"scope": "biz:2", "account": ACCOUNT, "alias": "renamed later"}
    made = await stage.http.post("/api/v1/accounts", json=alias, headers=await stage.bearer())
    other = await apply(stage, declared("no account", script("true", 'account = "renamed later"')))
    renamed = {"scope": "biz:2", "alias": "renamed"}
    path = f"/api/v1/accounts/{made.json()['id']}"
    (await stage.http.post(path, json=renamed, headers=await stage.bearer())).raise_for_status()

    async def code(plan_id: int | None, scope: Json = BIZ, **more: object) -> tuple[int, str]:
        answer = await stage.admin.v3("execute_job_plan", **scope, job_plan_id=plan_id, **more)
        return answer["code"], answer["message"]

    async with stage.nothing_new():
        assert (await code(plan["id"] + 10_000))[0] == 1244012
        assert (await code(plan["id"], OTHER))[0] == 1244012
        assert (await code(nothing["id"]))[0] == 1244011
        assert (await code(other["id"]))[0] == 1244003
        lost = [{"name": "web", "server": {"host_id_list": [A, 4040]}}]
        assert (await code(plan["id"], global_var_list=lost))[0] == 1244030
        empty = [{"name": "web", "server": {"topo_node_list": [{"id": 99, "node_type": "module"}]}}]
        assert (await code(plan["id"], global_var_list=empty))[0] == 1244028
        assert await code(None) == (1241005, "参数不合法：job_plan_id")
        assert await code(plan["id"], global_var_list=[{"value": "1"}]) == (
            1241005,
            "参数不合法：global_var.id|global_var.name",
        )


async def test_only_operators_start_plans(stage: Stage) -> None:
    plan = await apply(stage, declared("roles", script("true")))
    answer = await stage.admin.as_user("vera").v3("execute_job_plan", **BIZ, job_plan_id=plan["id"])
    assert answer["code"] == 9900403
    assert answer["permission"]["actions"][0]["id"] == "launch_job_plan"
