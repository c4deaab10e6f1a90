"""The pages of jobs, plans, schedules and approvals."""

import base64
from collections.abc import Mapping

from playwright.async_api import Page
from tests.acceptance.declared import ACCOUNT
from tests.acceptance.surfaces import Json
from tests.browser.listed import Listed
from tests.browser.visits import BIZ, Console

SCOPE = {"scope": "biz:2"}
NAME = "Listed release"
WEB = {"name": "web", "type": "hosts", "hosts": {"host_ids": [1, 2]}, "description": "where it goes"}
VERSION = {"name": "version", "type": "string", "value": "4.2.0", "required": True}
PIN = {"name": "pin", "type": "password", "value": "only-for-tests"}


def script_step(name: str, script: str, **more: object) -> Json:
    """Return a step that runs a script on the hosts of the variable `web`."""
    content = base64.b64encode(script.encode()).decode()
    does = {"target": {"variable": "web"}, "account_alias": ACCOUNT, "content": content}
    return {"name": name, "kind": "script", "definition": does | more}


def approval_step(name: str, message: str) -> Json:
    """Return a step at which the administrator is asked."""
    return {"name": name, "kind": "approval", "definition": {"message": message, "users": ["admin"]}}


async def post(console: Console, path: str, **members: object) -> Json:
    """POST to the native API as the administrator."""
    headers = await console.stage.bearer()
    answer = await console.stage.http.post(f"/api/v1{path}", json=members, headers=headers)
    assert answer.is_success, answer.text
    told: Json = answer.json()
    return told


async def get(console: Console, path: str, **query: str) -> Json:
    """GET from the native API as the administrator."""
    headers = await console.stage.bearer()
    answer = await console.stage.http.get(f"/api/v1{path}", params=query, headers=headers)
    told: Json = answer.raise_for_status().json()
    return told


async def prepare(console: Console) -> Mapping[str, object]:
    """Make a template with a plan that has fallen behind, a schedule of it, and a run that waits for a person."""
    rolling = {"expression": "1 100%", "mode": 1}
    steps = [
        script_step("precheck", "df -h /\n", timeout_s=60),
        script_step("restart", 'echo "$version"\n', rolling=rolling),
        approval_step("Go live?", "Both hosts restarted. Shall the rest follow?"),
    ]
    made = await post(console, "/templates", **SCOPE, name=NAME, steps=steps, variables=[WEB, VERSION, PIN])
    plans = f"/templates/{made['id']}/plans"
    waiting = await post(console, plans, **SCOPE, name="ask first", steps=[made["steps"][2]["id"]])
    plan = await post(console, plans, **SCOPE, name="canary")
    kept = [{part: one[part] for part in ("id", "name", "kind", "definition")} for one in made["steps"]]
    kept[0]["definition"] = script_step("precheck", "df -h /\nuptime\n", timeout_s=60)["definition"]
    changed = {"name": NAME, "steps": [*kept, script_step("smoke test", "true\n")], "variables": made["variables"]}
    await post(console, f"/templates/{made['id']}/update", **SCOPE, **changed)
    timing = {"expression": "30 8 * * 1-5", "time_zone": "Europe/Berlin", "overlap": "skip"}
    schedule = await post(console, "/schedules", **SCOPE, name="weekday mornings", plan_id=plan["id"], **timing)
    await post(console, f"/schedules/{schedule['schedule']['id']}/enable")
    await post(console, f"/plans/{waiting['id']}/run", **SCOPE, name="Listed release 4.2")
    return {"template": made["id"], "plan": plan["id"], "schedule": schedule["schedule"]["id"]}


async def fire(page: Page) -> None:
    """Ask to fire a schedule now; what it would do is shown first."""
    await page.keyboard.press("x")
    await page.locator("dialog[open] .preview-panel .big").wait_for()


JOBS = f"{BIZ}/jobs"
ONE, PLAN = f"{JOBS}/{{template}}", f"{JOBS}/{{template}}/plans/{{plan}}"
PAGES = (
    Listed("jobs", JOBS, "tbody tr", prepare),
    Listed("job-template", f"{ONE}?plan={{plan}}", ".run-form .value-row", prepare),
    Listed("job-editor", f"{ONE}/edit?step=2", ".step-form", prepare),
    Listed("job-editor-new", f"{JOBS}/new", ".editor-grid"),
    Listed("job-import", f"{JOBS}/import", ".import form"),
    Listed("job-gone", f"{JOBS}/999999", ".panel .empty"),
    Listed("plan-new", f"{ONE}/plans/new", ".plan-steps li, .steps li, .value-row", prepare),
    Listed("plan-gone", f"{ONE}/plans/999999", ".panel .empty", prepare),
    Listed("plans-sync", f"{ONE}/sync", ".sync-plan + .sync-plan .diff-parts li", prepare),
    Listed("plan", PLAN, ".plan-steps li", prepare),
    Listed("plan-editor", f"{PLAN}/edit", ".follows", prepare),
    Listed("plan-run", f"{PLAN}/run", ".run-form .value-row", prepare),
    Listed("plan-sync", f"{PLAN}/sync", ".diff-parts li", prepare),
    Listed("schedules", f"{BIZ}/schedules", "tbody tr", prepare),
    Listed("schedule", f"{BIZ}/schedules/{{schedule}}", ".next-times li", prepare),
    Listed("schedule-editor", f"{BIZ}/schedules/{{schedule}}/edit", ".next-times li", prepare),
    Listed("schedule-new", f"{BIZ}/schedules/new", ".schedule-form input", prepare),
    Listed("schedule-fire", f"{BIZ}/schedules/{{schedule}}", ".next-times li", prepare, act=fire),
    Listed("approvals", f"{BIZ}/approvals", ".approval", prepare),
)
