"""The page of a run in its states and views."""

from collections.abc import Mapping

from tests.browser.listed import Listed
from tests.browser.run_samples import failed, waiting_between_batches, waiting_for_a_person
from tests.browser.visits import BIZ, Console


async def runs(console: Console) -> Mapping[str, object]:
    """Make the runs that are looked at."""
    job, rolling = await failed(console), await waiting_between_batches(console)
    plan = await waiting_for_a_person(console)
    return {"failed": job.id, "step": job.step_id, "rolling": rolling.id, "plan": plan}


GRID, TABLE = ".host-grid canvas", ".host-table [role=row][aria-rowindex='3']"
STEP = f"{BIZ}/runs/{{failed}}/steps/{{step}}"

PAGES = (
    Listed("run-grid", f"{BIZ}/runs/{{failed}}", GRID, runs),
    Listed("run-table", f"{STEP}?view=table&host=10&pane=why", TABLE, runs),
    Listed("run-timeline", f"{STEP}?view=timeline", ".run-timeline .bar", runs),
    Listed("run-nothing-left", f"{STEP}?q=nowhere", ".hosts-side .empty", runs),
    Listed("run-batches", f"{BIZ}/runs/{{rolling}}", ".batches-bar .batch + .batch", runs),
    Listed("run-approval", f"{BIZ}/runs/{{plan}}", ".approval-box textarea", runs),
    Listed("run-variables", f"{BIZ}/runs/{{plan}}/variables", ".record-table tbody tr", runs),
    Listed("run-audit", f"{BIZ}/runs/{{plan}}/audit", ".record-table tbody tr", runs),
    Listed("run-definition", f"{BIZ}/runs/{{plan}}/definition", ".run-definition pre", runs),
    Listed("run-embedded", f"{BIZ}/runs/{{failed}}?embed=1", GRID, runs),
    Listed("run-gone", f"{BIZ}/runs/999999", ".panel .empty"),
)
