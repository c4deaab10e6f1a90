"""What a job was told to do, what happened to it and when, over the native API."""

from typing import Any

import pytest
from tests.integration.api.site import Site
from tests.waiting import eventually

from jobfleet.model.access_token import TokenKind
from jobfleet.operations import signin

Json = dict[str, Any]
SCRIPT = {"scope": "biz:2", "targets": ["127.0.0.1"], "account": "root"}
PLAN = """
[template]
name = "Release"
[[steps]]
kind = "approval"
name = "go or not"
message = "Ship it?"
users = ["li"]
[[steps]]
kind = "file"
name = "push"
account = "root"
targets = ["127.0.0.1"]
target_path = "/tmp/x/"
[[steps.sources]]
hosts = ["127.0.0.1"]
files = ["/etc/hostname"]
"""


class Native:
    """The native API to one person."""

    def __init__(self, site: Site, who: str) -> None:
        self.site, self.who = site, who

    async def ask(self, method: str, path: str, members: Json | None = None, status: int = 200) -> Json:
        token = (await signin.give_token(self.site.platform, self.who, kind=TokenKind.ACCESS, life_ms=60_000)).token
        headers = {"Authorization": f"Bearer {token}", "blueking-language": "en"}
        answer = await self.site.http.request(method, f"/api/v1{path}", headers=headers, json=members)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    async def ended(self, job_id: int) -> Json:
        """Return a job once it is over."""
        return await eventually(lambda: self.ask("GET", f"/jobs/{job_id}"), lambda told: told["job"]["finished"])


@pytest.fixture
def native(working_site: Site) -> Native:
    """Give a person before a server with a running engine."""
    return Native(working_site, "li")


async def test_a_job_is_shown_as_it_was_asked_for(native: Native) -> None:
    await _script_is_shown_and_what_is_sensitive_is_masked(native)
    await _long_script_is_cut_and_says_so(native)
    await _files_and_approvals_are_shown(native)
    for part in ("definition", "events", "timeline"):
        assert (await native.ask("GET", f"/jobs/999999/{part}", status=404))["code"]


async def _script_is_shown_and_what_is_sensitive_is_masked(native: Native) -> None:
    started = await native.ask(
        "POST", "/jobs/script", SCRIPT | {"script": "echo a", "params": "secret-b", "sensitive_params": True}, 201
    )
    [step] = (await native.ask("GET", f"/jobs/{started['job_id']}/definition"))["steps"]
    assert step["script"]["content"] == "echo a"
    assert step["script"]["language"] == "shell"
    assert (step["account"], step["target_count"], step["rolling"]) == ("root", 1, None)
    assert "secret-b" not in str(step)
    assert step["script"]["params"]


async def _long_script_is_cut_and_says_so(native: Native) -> None:
    script = "# a\n" * 100_000
    started = await native.ask("POST", "/jobs/script", SCRIPT | {"script": script, "start": False}, 201)
    [step] = (await native.ask("GET", f"/jobs/{started['job_id']}/definition"))["steps"]
    shown = step["script"]
    assert shown["cut"]
    assert shown["content_bytes"] == len(script)
    assert script.startswith(shown["content"])
    assert len(shown["content"]) < len(script)
    [step] = (await native.ask("GET", f"/jobs/{started['job_id']}/definition?whole={started['step_id']}"))["steps"]
    assert step["script"] == shown | {"content": script, "cut": False}
    [step] = (await native.ask("GET", f"/jobs/{started['job_id']}/definition?whole=1"))["steps"]
    assert step["script"] == shown


async def _files_and_approvals_are_shown(native: Native) -> None:
    admin = Native(native.site, "admin")
    applied = await admin.ask("POST", "/plans/apply", {"scope": "biz:2", "toml": PLAN})
    ran = await native.ask("POST", f"/plans/{applied['plan_id']}/run", {"scope": "biz:2"}, 201)
    asked, pushed = (await native.ask("GET", f"/jobs/{ran['job_id']}/definition"))["steps"]
    assert asked["approval"] == {"message": "Ship it?", "users": ["li"], "roles": [], "channels": []}
    assert pushed["files"]["target_path"] == "/tmp/x/"
    assert [source["files"] for source in pushed["files"]["sources"]] == [["/etc/hostname"]]
    assert (await native.ask("GET", f"/jobs/{ran['job_id']}/timeline"))["spans"] == []


async def test_hosts_that_are_chosen_run_again(native: Native) -> None:
    two = SCRIPT | {"targets": ["127.0.0.1", "127.0.0.2"], "script": "true"}
    started = await native.ask("POST", "/jobs/script", two, 201)
    job, operate = f"/jobs/{started['job_id']}", f"/jobs/{started['job_id']}/steps/{started['step_id']}/operate"
    await native.ended(started["job_id"])  # no agent is connected: both fail
    first, second = [one["id"] for one in (await native.ask("GET", f"{job}?tasks=true"))["tasks"]]
    run = await native.ask("GET", f"{job}/run")
    assert [(one["name"], one["of_batch"]) for one in run["actions"] if one["takes_hosts"]] == [("retry_failed", 0)]
    wish = {"operation": "retry_failed", "version": run["version"], "task_ids": [second]}
    mistakes: list[Json] = [{"task_ids": ids} for ids in ([], [0], ["1"], [second, 999_999])]
    for wrong in (*mistakes, {"operation": "retry_all"}, {"operation": "ignore_error"}):
        refusal = await native.ask("POST", operate, wish | wrong, 400)
        assert refusal["field"].partition("[")[0] == "task_ids", refusal
    await Native(native.site, "wang").ask("POST", operate, wish, 404)
    await native.ask("POST", operate, wish)
    assert (await native.ask("POST", operate, wish, 409))["run"]["steps"][0]["attempt"] == 1
    kept, again = (await native.ask("GET", f"{job}?tasks=true"))["tasks"]
    assert (kept["log_task_id"], again["log_task_id"]) == (first, again["id"])
    [told] = [one for one in (await native.ask("GET", f"{job}/events"))["events"] if "chosen" in one["detail"]]
    assert (told["actor"], told["detail"]) == ("li", "attempt 1, chosen hosts: 1")


async def test_every_attempt_has_its_times_and_every_deed_its_person(native: Native) -> None:
    started = await native.ask("POST", "/jobs/script", SCRIPT | {"script": "true"}, 201)
    job = f"/jobs/{started['job_id']}"
    await native.ended(started["job_id"])  # no agent is connected: the host fails
    await native.ask("POST", f"{job}/steps/{started['step_id']}/operate", {"operation": "retry_failed"})
    await native.ended(started["job_id"])
    spans = (await native.ask("GET", f"{job}/timeline"))["spans"]
    assert [(span["attempt"], span["batch"], span["counts"]["total"], span["counts"]["failed"]) for span in spans] == [
        (0, 0, 1, 1),
        (1, 0, 1, 1),
    ]
    assert all(span["ended_at"] >= (span["started_at"] or 0) for span in spans)
    told = await native.ask("GET", f"{job}/events")
    assert not told["cut"]
    assert [event["at"] for event in told["events"]] == sorted(event["at"] for event in told["events"])
    deeds = [event["kind"] for event in told["events"] if event["actor"] == "li"]
    assert deeds[0] == "job accepted"
    assert len(deeds) >= 2
