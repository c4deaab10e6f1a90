"""The page of a run in its states and views."""

from collections.abc import Mapping

from playwright.async_api import Page
from tests.acceptance.declared import A, B, C
from tests.acceptance.stage import host_statuses
from tests.browser.listed import Listed
from tests.browser.run_samples import encoded, end, failed, gate_of, waiting_between_batches, waiting_for_a_person
from tests.browser.visits import BIZ, Console

LIVE = "Warm the caches"
_LIVE = """\
echo "warming $(hostname)"
mkdir {gate}.first 2>/dev/null && {{ echo "no memory left" >&2; exit 12; }}
until [ -e {gate} ]; do sleep 0.2; done
"""


async def clear(console: Console) -> None:
    """Let the run that is at work come to its end."""
    await end(console, LIVE)


async def at_work(console: Console) -> tuple[int, int]:
    """Return a run of three hosts of which one has failed, and one of the two that are at work."""
    script = encoded(_LIVE.format(gate=gate_of(console)))
    job = await console.stage.run(script, A, B, C, task_name=LIVE, timeout=900)
    shown = await console.stage.wait_until(job, lambda data: sorted(host_statuses(data)) == [7, 7, 104])
    hosts = shown["step_instance_list"][0]["step_ip_result_list"]
    return job.id, next(host["bk_host_id"] for host in hosts if host["status"] == 7)


async def why(page: Page) -> None:
    """Wait for the reasons beside the table."""
    await page.locator(".why .list li").first.wait_for()


async def ask_to_stop(page: Page) -> None:
    """Ask to terminate a run, and do not."""
    await page.keyboard.press("Shift+Delete")
    await page.locator("dialog[open] .blast-actions").wait_for()


async def runs(console: Console) -> Mapping[str, object]:
    """Make the runs that are looked at."""
    job, rolling = await failed(console), await waiting_between_batches(console)
    plan = await waiting_for_a_person(console)
    live, one = await at_work(console)
    return {"live": live, "one": one, "failed": job.id, "step": job.step_id, "rolling": rolling.id, "plan": plan}


GRID, TABLE = ".host-grid canvas", ".host-table [role=row][aria-rowindex='3']"
STEP = f"{BIZ}/runs/{{failed}}/steps/{{step}}"

PAGES = (
    Listed("run-grid", f"{BIZ}/runs/{{failed}}", GRID, runs),
    Listed("run-table", f"{STEP}?view=table&host=10&pane=why", f"{TABLE} >> visible=true", runs, act=why),
    Listed("run-timeline", f"{STEP}?view=timeline", ".run-timeline .bar", runs),
    Listed("run-nothing-left", f"{STEP}?q=nowhere", ".hosts-side .empty", runs),
    Listed("run-batches", f"{BIZ}/runs/{{rolling}}", ".batches-bar .batch + .batch", runs),
    Listed("run-approval", f"{BIZ}/runs/{{plan}}", ".approval-box textarea", runs),
    Listed("run-variables", f"{BIZ}/runs/{{plan}}/variables", ".record-table tbody tr", runs),
    Listed("run-audit", f"{BIZ}/runs/{{plan}}/audit", ".record-table tbody tr", runs),
    Listed("run-definition", f"{BIZ}/runs/{{plan}}/definition", ".run-definition pre", runs),
    Listed("run-embedded", f"{BIZ}/runs/{{failed}}?embed=1", GRID, runs),
    Listed("run-live", f"{BIZ}/runs/{{live}}?host={{one}}&pane=log", ".log-row", runs),
    Listed("run-terminate", f"{BIZ}/runs/{{live}}", GRID, runs, act=ask_to_stop),
    Listed("run-step-gone", f"{BIZ}/runs/{{plan}}/steps/999999", ".frame .empty", runs),
    Listed("run-gone", f"{BIZ}/runs/999999", ".panel .empty"),
)
