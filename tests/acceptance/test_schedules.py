"""Schedules as people use them: a file, the command line, and the job that runs by itself on a real host."""

import time
from datetime import UTC, datetime
from pathlib import Path

from tests.acceptance.cli import Cli
from tests.acceptance.stage import Stage
from tests.waiting import eventually

MOMENT_PASSED = 1245006
PLAN = """
[template]
name = "greet"
[[variables]]
name = "who"
value = "nobody"
[[steps]]
kind = "script"
name = "say"
targets = ["127.0.0.1"]
script = "echo hello $who"
"""
SCHEDULES = """
[[schedules]]
name = "once"
plan = "greet"
execute_at = {at}
values = {{ who = "world" }}

[[schedules]]
name = "nightly"
plan = "greet"
expression = "30 4 * * *"
time_zone = "Europe/Berlin"
overlap = "queue"
enabled = false
"""


async def bring_forward(stage: Stage, name: str) -> None:
    """Have a schedule fire in a moment, or later where that passes before it is enabled.

    Over HTTP, as commands take their time on a busy machine.
    """
    headers = await stage.bearer()
    listed = await stage.http.get("/api/v1/schedules", params={"scope": "biz:2", "name": name}, headers=headers)
    one = f"/api/v1/schedules/{listed.json()['schedules'][0]['id']}"
    for ahead_ms in (3_000, 10_000, 30_000):
        soon = {"execute_at": int(time.time() * 1000) + ahead_ms}
        changed = await stage.http.post(f"{one}/update", json=soon, headers=headers)
        assert changed.status_code == 200, changed.text
        enabled = await stage.http.post(f"{one}/enable", json={}, headers=headers)
        if enabled.json().get("code") != MOMENT_PASSED:
            break
    assert enabled.status_code == 200, enabled.text


async def test_a_declared_schedule_runs_its_plan_by_itself(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    plan, file = tmp_path / "plan.toml", tmp_path / "schedules.toml"
    plan.write_text(PLAN)
    file.write_text(SCHEDULES.format(at=datetime.fromtimestamp(int(time.time()) + 3600, UTC).isoformat()))
    assert (applied := await cli("plan", "apply", "-f", str(plan))).code == 0, applied.err
    first = await cli("schedule", "apply", "-f", str(file))
    assert first.code == 0, first.err
    assert [line.partition(":")[0] for line in first.out.splitlines()] == ["added once", "added nightly"]
    await bring_forward(stage, "once")
    ended = await eventually(
        lambda: cli("schedule", "fires", "once", "-o", "json"), lambda shown: shown.json["fires"], within_s=60
    )
    fired = ended.json["fires"]
    assert [fire["state"] for fire in fired] == ["started"]
    followed = await cli("job", "follow", str(fired[0]["job_id"]))
    assert (followed.code, "hello world" in followed.out) == (0, True)
    listed = (await cli("schedule", "list")).out.splitlines()
    assert {("nightly", "paused"), ("once", "paused")} <= {tuple(line.split()[1:3]) for line in listed[1:]}
    assert "overlap queue" in (await cli("schedule", "show", "nightly")).out
    assert (await cli("schedule", "enable", "nightly")).code == 0
    assert (await cli("schedule", "disable", "nightly")).code == 0
    fired_now = await cli("schedule", "fire", "nightly")
    assert (await cli("job", "follow", fired_now.out.strip())).code == 0
    assert (await cli("schedule", "delete", "nightly")).code == 0
    gone = await cli("schedule", "show", "nightly")
    assert (gone.code, gone.err) == (6, "jobfleet: biz:2 has no schedule nightly\n")


async def test_the_schedule_that_is_refused_is_named(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text('[[schedules]]\nname = "x"\nplan = "no such"\nexpression = "* * * * *"')
    refused = await cli("schedule", "apply", "-f", str(file))
    assert (refused.code, "schedule 'x'" in refused.err) == (2, True), refused.err


async def test_hooks_are_set_and_removed_from_the_command_line(cli: Cli) -> None:
    flags = ("--url", "https://pager.example/jobfleet", "--on", "job_failed", "--on", "schedule_failed")
    assert (made := await cli("hook", "set", "pager", *flags)).code == 0, made.err
    assert "job_failed, schedule_failed" in (await cli("hook", "list")).out
    assert (await cli("hook", "delete", "pager")).code == 0
    assert (await cli("hook", "delete", "pager")).code == 6


async def test_notification_policies_are_set_and_shown_from_the_command_line(cli: Cli) -> None:
    flags = ("--fail", "mail", "--fail", "sms", "--role", "operator", "--observer", "admin", "--own")
    assert (made := await cli("notify", "set", "timer", *flags)).code == 0, made.err
    shown = await cli("notify", "show", "--own")
    assert "TIMER_TASK" in shown.out
    assert "operator, JOB_EXTRA_OBSERVER, admin" in shown.out
    assert "fail: mail, sms" in shown.out
    assert (await cli("notify", "set", "api", "--success", "mail", "--own")).code == 0
    policies = (await cli("notify", "show", "--own", "--output", "json")).json["policies"]
    assert [one["trigger"] for one in policies] == ["TIMER_TASK", "API_INVOKE"]
    assert (await cli("notify", "reset", "--own")).code == 0
    assert (await cli("notify", "show", "--own", "--output", "json")).json["policies"] == []
    assert (muted := await cli("notify", "mute", "--user", "sam")).out.split() == ["sam"], muted.err
    assert (await cli("notify", "mute", "--clear")).out == ""
