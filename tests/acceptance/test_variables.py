"""Variables on real hosts: a plan of three steps, with a host that fails, a retry, and an agent that is killed."""

import asyncio
import json
import re
from pathlib import Path

import psutil
from tests.acceptance.cli import Cli
from tests.acceptance.declared import BIZ, LATE, A, B
from tests.acceptance.processes import agent_of, restarted
from tests.acceptance.stage import Job, Stage
from tests.acceptance.surfaces import Json

SECRET = "hunter2-canary"
PREPARE = """\
#!/bin/bash
# job_import {{web}}
set -eu
trap 'greeting=two' EXIT
own="task $JOBFLEET_TASK"
map[b]="two three"
list+=('$(third)')
secret="$secret-changed"
echo "web=$web fixed=$fixed"
mkdir FLAG 2>/dev/null && exit 3
exit 0
"""
WORK = """\
#!/bin/bash
# job_import {{JOB_LAST_SUCCESS}}
# job_import {{JOB_LAST_FAIL}}
# job_import {{JOB_NAMESPACE_own}}
until [ -e GO ]; do sleep 0.05; done
[ "$secret" = "hunter2-canary-changed" ] || exit 4
echo "$1|$own|${map[a]}|${map[b]}|${list[*]}"
echo "$JOB_LAST_SUCCESS|$JOB_LAST_FAIL"
echo "$JOB_NAMESPACE_own"
greeting="$greeting three"
fixed=changed
"""
PLAN = """\
[template]
name = "NAME"
[[variables]]
name = "greeting"
value = "one"
[[variables]]
name = "fixed"
value = "fixed"
changeable = false
[[variables]]
name = "own"
type = "namespace"
value = "none"
[[variables]]
name = "secret"
type = "password"
value = "hunter2-canary"
[[variables]]
name = "map"
type = "associative"
value = '([a]=1)'
[[variables]]
name = "list"
type = "indexed"
value = '("first" "second")'
[[variables]]
name = "web"
type = "hosts"
hosts = ["127.0.0.1", "127.0.0.2", "10.0.1.25"]
[[steps]]
kind = "script"
name = "prepare"
targets = ["variable:web"]
script = '''
PREPARE'''
[[steps]]
kind = "script"
name = "work"
targets = ["variable:web"]
params = "'${greeting}'"
script = '''
WORK'''
[[steps]]
kind = "script"
name = "tell"
language = "python"
targets = ["127.0.0.1"]
params = "${greeting} ${secret} [DATEFMT:%Y]"
script = "import sys; print(sys.argv[1:])"
"""


async def test_three_steps_carry_variables_past_a_failed_host_a_retry_and_a_killed_agent(
    stage: Stage, tmp_path: Path
) -> None:
    flag, go = tmp_path / "flag", tmp_path / "go"
    async with agent_of(stage, LATE, tmp_path / "agent") as late:
        job = await run_plan(stage, PREPARE.replace("FLAG", str(flag)), WORK.replace("GO", str(go)))
        await stage.wait_until(job, lambda data: data["job_instance"]["status"] == 4)
        assert await stage.admin.v3("operate_step_instance", **job.step, operation_code=2)
        await stage.wait_until(job, lambda data: step_statuses(data, 1) == [7, 7, 7])
        assert not await asyncio.to_thread(processes_that_show, SECRET)
        late.kill()
        await late.wait()
        await asyncio.to_thread(go.touch)
        async with restarted(tmp_path / "agent"):
            data = await stage.wait_end(job, within_s=60)
    assert (data["job_instance"]["status"], step_statuses(data, 1)) == (3, [9, 9, 9])
    await hold_logs(stage, job, data)
    await hold_values(stage, job, data)
    await hold_command_line(Cli(tmp_path, "--data-dir", str(stage.installation.directory)), job)
    assert SECRET not in stage.logged()


async def hold_logs(stage: Stage, job: Job, data: Json) -> None:
    """See what the scripts were given, host by host."""
    first, second, third = [step["step_instance_id"] for step in data["step_instance_list"]]
    web = ["0:127.0.0.1", "0:127.0.0.2", "0:10.0.1.25"]
    own = {}
    for host, name in zip((A, B, LATE), web, strict=True):
        assert await log(stage, job, first, host) == f"web={','.join(web)} fixed=fixed\n"
        given, last, everybody = (await log(stage, job, second, host)).splitlines()
        greeting, own[name], *arrays = given.split("|")
        assert (greeting, arrays) == ("two", ["1", "two three", "first second $(third)"])
        assert last == f"{','.join(web)}|"
        assert json.loads(everybody)[name] == own[name]
    assert len(set(own.values())) == 3
    assert re.fullmatch(r"\['two', 'three', '20\d\d'\]\n", await log(stage, job, third, A))


async def hold_values(stage: Stage, job: Job, data: Json) -> None:
    """Ask every surface for the strings after each step, and the native one for all."""
    ids = [step["step_instance_id"] for step in data["step_instance_list"]]
    texts = [("two", "fixed"), ("two three", "fixed"), ("two three", "fixed")]
    shown = [[("greeting", one), ("fixed", other)] for one, other in texts]
    name = "get_job_instance_global_var_value"
    lists = [[{"name": n, "value": v, "type": 1} for n, v in values] for values in shown]
    steps = [{"step_instance_id": i, "global_var_list": one} for i, one in zip(ids, lists, strict=True)]
    wanted = {"job_instance_id": job.id, "step_instance_var_list": steps}
    for ask in (stage.admin.v3, stage.admin.v3_get, stage.admin.gateway, stage.admin.system):
        assert (await ask(name, **job.named))["data"] == wanted
    old = (await stage.admin.v2(name, bk_biz_id=2, job_instance_id=job.id))["data"]
    assert old["job_instance_var_values"][1] == {
        "step_instance_id": ids[1],
        "step_instance_var_values": [{"name": n, "value": v, "category": 1} for n, v in shown[1]],
    }
    answer = await stage.http.get(f"/api/v1/jobs/{job.id}/variables", headers=await stage.bearer())
    assert SECRET not in answer.text
    native = answer.json()
    assert {one["name"]: one["value"] for one in native["steps"][0]["variables"]} == {
        "greeting": "two",
        "fixed": "fixed",
        "own": "none",
        "secret": "******",
        "map": '(["a"]="1" ["b"]="two three")',
        "list": '("first" "second" "\\$(third)")',
        "web": "0:127.0.0.1,0:127.0.0.2,0:10.0.1.25",
    }


async def hold_command_line(cli: Cli, job: Job) -> None:
    """See the command line show the values after each step, and no password."""
    shown = await cli("job", "variables", str(job.id))
    assert (shown.code, SECRET in shown.out) == (0, False)
    lines = [line.split() for line in shown.out.splitlines()]
    assert [line[1:] for line in lines if "greeting" in line and line[1] == "work"] == [
        ["work", "greeting", "string", "two", "three"]
    ]
    assert len([line for line in lines if line[-1] == "******"]) == 4


async def test_the_values_of_foreign_and_unknown_jobs_are_told_to_nobody(stage: Stage) -> None:
    job = await stage.run("dHJ1ZQ==", A)
    await stage.wait(job, 9, job_status=3)
    name = "get_job_instance_global_var_value"
    shown = await stage.admin.v3(name, **job.named)
    assert shown["data"] == {"job_instance_id": job.id, "step_instance_var_list": []}
    foreign = {"bk_scope_type": "biz", "bk_scope_id": "3"}
    assert (await stage.admin.v3(name, **foreign, job_instance_id=job.id))["code"] == 1244006
    assert (await stage.admin.v3(name, **BIZ, job_instance_id=1))["code"] == 1244006
    assert (await stage.admin.v3(name, **BIZ, job_instance_id=0))["code"] == 1241007
    assert (await stage.admin.v3(name, **BIZ))["code"] == 1241007


async def run_plan(stage: Stage, prepare: str, work: str) -> Job:
    """Apply the plan with these scripts and run it."""
    toml = PLAN.replace("NAME", f"variables of {prepare[-40:-30]}").replace("PREPARE", prepare).replace("WORK", work)
    headers, scope = await stage.bearer(), "biz:2"
    applied = await stage.http.post("/api/v1/plans/apply", json={"scope": scope, "toml": toml}, headers=headers)
    plan_id = applied.raise_for_status().json()["plan_id"]
    ran = await stage.http.post(f"/api/v1/plans/{plan_id}/run", json={"scope": scope}, headers=headers)
    started = ran.raise_for_status().json()
    return Job(started["job_id"], started["step_id"], BIZ)


async def log(stage: Stage, job: Job, step_id: int, host: int) -> str:
    wanted = job.named | {"step_instance_id": step_id, "bk_host_id": host}
    return str((await stage.admin.v3("get_job_instance_ip_log", **wanted))["data"]["log_content"])


def step_statuses(data: Json, step: int) -> list[int]:
    return [host["status"] for host in data["step_instance_list"][step]["step_ip_result_list"] or []]


def processes_that_show(secret: str) -> list[int]:
    """Return the processes that have a text in their command line or environment."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        words = [*(process.info["cmdline"] or []), *(process.info["environ"] or {}).values()]
        if any(secret in word for word in words):
            found.append(process.pid)
    return found
