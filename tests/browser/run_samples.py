"""Runs to look at: one that failed on one host, one that waits for a person, one that waits between batches."""

import base64
from pathlib import Path

from tests.acceptance.declared import ACCOUNT, BIZ, NO_AGENT, A, B, C
from tests.acceptance.stage import Job
from tests.browser.visits import Console

SCRIPT = """echo "checking $(hostname)"
for number in 1 2 3; do echo "reload worker $number"; done
"""
PLAN = f"""
[template]
name = "Release 4.2"
[[variables]]
name = "version"
type = "string"
value = "4.2.0"
[[steps]]
kind = "script"
name = "precheck"
account = "{ACCOUNT}"
targets = ["{{host}}"]
script = "echo checking ${{{{version}}}}"
[[steps]]
kind = "approval"
name = "go or not"
message = "Ship it to everybody?\\nLook at the first batch before."
users = ["admin"]
[[steps]]
kind = "script"
name = "smoke test"
account = "{ACCOUNT}"
targets = ["{{host}}"]
script = "echo fine"
"""


def gate_of(console: Console) -> Path:
    """Return the file that lets runs that are at work go on to their end, once it is there."""
    return console.stage.installation.directory / "listed-runs-may-end"


async def end(console: Console, name: str) -> None:
    """Let the runs of a name that wait at the gate go on, and wait for their end."""
    gate_of(console).touch()
    headers = await console.stage.bearer()
    wanted = {"scope": "biz:2", "name": name, "status": "pending,running,stopping"}
    answer = await console.stage.http.get("/api/v1/runs", params=wanted, headers=headers)
    for run in answer.raise_for_status().json()["runs"]:
        await console.stage.wait_end(Job(run["id"], run["step_id"], BIZ))


def encoded(script: str) -> str:
    """Return a script as version 3 takes it."""
    return base64.b64encode(script.encode()).decode()


async def failed(console: Console) -> Job:
    """Return a run that failed on one of four hosts: nobody listens there."""
    job = await console.stage.run(encoded(SCRIPT), A, B, C, NO_AGENT, task_name="Nightly backup")
    await console.stage.wait_end(job)
    return job


async def waiting_between_batches(console: Console) -> Job:
    """Return a run whose first batch of two is done, and which asks before the second."""
    rolling = {"expression": "1", "mode": 3}
    job = await console.stage.run(encoded("true"), A, B, rolling_config=rolling, task_name="Rolling nginx")
    await console.stage.wait_until(job, lambda data: data["job_instance"]["status"] == 7)
    return job


async def waiting_for_a_person(console: Console) -> int:
    """Return the id of a run of a plan that waits at its second step."""
    stage = console.stage
    header = await stage.bearer()
    plan = {"scope": "biz:2", "toml": PLAN.format(host="127.0.0.1")}
    applied = (await stage.http.post("/api/v1/plans/apply", json=plan, headers=header)).raise_for_status().json()
    ran = await stage.http.post(f"/api/v1/plans/{applied['plan_id']}/run", json={"scope": "biz:2"}, headers=header)
    job_id: int = ran.raise_for_status().json()["job_id"]

    async def waits() -> bool:
        shown = await stage.http.get(f"/api/v1/jobs/{job_id}", headers=header)
        return bool(shown.raise_for_status().json()["job"]["status"] == "waiting")

    await stage.poll(waits)
    return job_id
