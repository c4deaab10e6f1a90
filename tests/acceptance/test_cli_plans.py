"""Plans from the command line: applied with their local files, run, followed, confirmed, removed."""

import asyncio
from pathlib import Path

import pytest
from tests.acceptance.cli import ENDS_WITHIN_S, Cli, ended
from tests.acceptance.declared import BIZ
from tests.acceptance.stage import Job, Stage
from tests.waiting import eventually

from jobfleet.cli import exits

PLAN = """
[template]
name = "From a file"

[plan]
name = "Nightly"

[[variables]]
name = "who"
required = true

[[variables]]
name = "web"
type = "hosts"
hosts = ["127.0.0.1"]

[[variables]]
name = "token"
type = "password"

[[steps]]
kind = "file"
name = "send"
targets = ["variable:web"]
target_path = "{directory}/there/"
[[steps.sources]]
upload = ["greeting.sh"]
[[steps.sources]]
name = "note.txt"
content_file = "note"

[[steps]]
kind = "script"
name = "look for trouble"
targets = ["variable:web"]
ignore_error = true
script = "echo trouble; exit 1"

[[steps]]
kind = "approval"
name = "ask"
message = "go on?"

[[steps]]
kind = "script"
name = "greet"
targets = ["variable:web"]
script_file = "last.sh"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the file of a plan, with the local files that it names beside it."""
    (tmp_path / "greeting.sh").write_text('echo "hello $1"\n')
    (tmp_path / "note").write_text("a note\n")
    (tmp_path / "last.sh").write_text(
        f'bash {tmp_path}/there/greeting.sh "$who, ${{#token}}"; cat {tmp_path}/there/note.txt'
    )
    (tmp_path / "token").write_text("seven\n")
    path = tmp_path / "plan.toml"
    path.write_text(PLAN.format(directory=tmp_path))
    return path


async def test_a_plan_is_applied_run_confirmed_and_removed(cli: Cli, file: Path) -> None:
    tried = await cli("plan", "apply", "-f", str(file), "--dry-run")
    assert (tried.code, tried.err) == (0, "9 added, 0 changed, 0 unchanged; nothing was written\n")
    assert (await cli("plan", "apply", "-f", str(file))).err == "9 added, 0 changed, 0 unchanged\n"
    assert (await cli("plan", "apply", "-f", str(file))).err == "0 added, 0 changed, 9 unchanged\n"
    assert "variable:web" in (await cli("plan", "show", "From a file/Nightly")).out
    values = ("--var", "who=world", "--var-file", f"token={file.parent / 'token'}")
    started = await cli("plan", "run", "Nightly", *values, "--hosts", "web=127.0.0.2,127.0.0.3", "--detach")
    following = await cli.start("job", "follow", started.out.strip())
    assert following.stdout is not None
    seen = (await asyncio.wait_for(following.stdout.readline(), ENDS_WITHIN_S)).decode()
    assert seen.endswith("| trouble\n"), await ended(following)
    assert following.stderr is not None
    waits = (await asyncio.wait_for(following.stderr.readline(), ENDS_WITHIN_S)).decode()
    assert f"`jobfleet job confirm {started.out.strip()}`" in waits
    await eventually(lambda: cli("job", "confirm", started.out.strip(), "--detach"), lambda done: done.code == 0)
    told = await ended(following, before=seen)
    assert told.code == 0, told
    assert sorted(line.partition(" | ")[2] for line in told.out.splitlines()) == [
        *["a note"] * 2,
        *["hello world, 5"] * 2,
        *["trouble"] * 2,
    ]
    await check_that_steps_are_told_apart(cli, started.out.strip())
    for words in (("plan", "delete", "Nightly"), ("template", "delete", "From a file")):
        assert (await cli(*words)).code == 0
    assert "Nightly" not in (await cli("plan", "list")).out


async def check_that_steps_are_told_apart(cli: Cli, job_id: str) -> None:
    shown = (await cli("job", "show", job_id)).out
    assert ("ask               approval  succeeded" in shown, "greet             127.0.0.3  succeeded" in shown) == (
        True,
        True,
    ), shown
    assert "== greet, 127.0.0.2: succeeded, exit code 0" in (await cli("job", "log", job_id)).out
    one = (await cli("job", "log", job_id, "--host", "127.0.0.2")).out
    assert one.endswith("trouble\nhello world, 5\na note\n"), one


STANDS = """
[template]
name = "Stands still"

[[steps]]
kind = "script"
name = "breaks"
targets = ["127.0.0.2"]
script = "echo broken; exit 1"

[[steps]]
kind = "approval"
name = "ask"
message = "go on?"

[[steps]]
kind = "script"
name = "hangs"
targets = ["127.0.0.2"]
script = "echo hangs; sleep 100"

[[steps]]
kind = "script"
name = "works"
targets = ["127.0.0.2"]
script = "echo works"
"""


async def test_a_job_that_stands_still_is_steered_on(cli: Cli, stage: Stage) -> None:
    headers = await stage.bearer()
    asked = {"scope": "biz:2", "toml": STANDS}
    applied = (await stage.http.post("/api/v1/plans/apply", json=asked, headers=headers)).json()
    made = await stage.admin.v3("execute_job_plan", **BIZ, job_plan_id=applied["plan_id"], start_task=False)
    job = str(made["data"]["job_instance_id"])
    assert (await cli("job", "start", job)).code == exits.FAILED
    assert (await cli("job", "ignore", job, "--detach")).err == f"job {job} goes on\n"
    ask = await until(stage, job, 7)
    await operate(stage, job, ask, 9)
    assert (await cli("job", "ask-again", job)).err == f"job {job} asks again\n"
    await operate(stage, job, ask, 6)
    await until(stage, job, 2)
    refused = await cli("job", "skip", job)
    assert (refused.code, "only a stopped one is skipped" in refused.err) == (exits.REFUSED, True)
    assert (await stage.admin.v3("operate_job_instance", **BIZ, job_instance_id=job, operation_code=1))["code"] == 0
    await until(stage, job, 11)
    went_on = await cli("job", "skip", job)
    assert (went_on.code, "works" in went_on.out) == (exits.SUCCEEDED, True), went_on
    path = f"/api/v1/templates/{applied['template_id']}/delete"
    assert (await stage.http.post(path, json={"scope": "biz:2"}, headers=headers)).status_code == 200


async def operate(stage: Stage, job_id: str, step_id: int, code: int) -> None:
    """Steer a step in version 3."""
    named = {"job_instance_id": job_id, "step_instance_id": step_id}
    answer = await stage.admin.v3("operate_step_instance", **BIZ, **named, operation_code=code)
    assert answer["code"] == 0, answer


async def until(stage: Stage, job_id: str, status: int) -> int:
    """Wait until a job has a status; return the id of its second step."""
    job = Job(int(job_id), 0, BIZ)
    data = await stage.wait_until(job, lambda found: bool(found["job_instance"]["status"] == status))
    second: int = data["step_instance_list"][1]["step_instance_id"]
    return second


async def test_what_a_plan_does_not_have_is_refused_by_name(cli: Cli, file: Path) -> None:
    await cli("plan", "apply", "-f", str(file))
    for flags, named in ((("--var", "nobody=1"), "values.nobody"), ((), "values.who")):
        refused = await cli("plan", "run", "Nightly", *flags)
        assert (refused.code, named in refused.err) == (2, True), refused
    change(file, 'kind = "file"', 'kind = "files"')
    wrong = await cli("plan", "apply", "-f", str(file))
    assert (wrong.code, "steps[0].kind: is none of" in wrong.err) == (2, True)
    await cli("template", "delete", "From a file")


def change(file: Path, before: str, after: str) -> None:
    file.write_text(file.read_text().replace(before, after))
