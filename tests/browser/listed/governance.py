"""The pages of governance and of the platform."""

import base64
from collections.abc import Mapping

from playwright.async_api import Page
from tests.browser.listed import Listed
from tests.browser.listed.jobs import SCOPE, get, post
from tests.browser.visits import BIZ, Console

SCRIPT = "#!/bin/bash\nset -eu\nfor disk in sdb sdc; do\n  echo listed-danger-$disk\ndone\n"
RULE = "listed-danger-[a-z$]+"
HOOK = "Pager"
REMARK = "Jump host of the listed kind"


async def happened(console: Console) -> Mapping[str, object]:
    """Make something happen that the pages have to show: a hit, a refusal, an API client, a hook, an entry."""
    stage = console.stage
    words = {"languages": ["shell", "python"], "description": "Disks of the listed kind are never touched"}
    rule = await post(console, "/dangerous-rules", expression=RULE, action="scan", **words)
    await post(console, f"/dangerous-rules/{rule['id']}/operate", operation="enable")
    await stage.wait_end(await stage.run(base64.b64encode(SCRIPT.encode()).decode(), 1))
    app = {"code": "listed-ci", "description": "Builds of the night", "scopes": ["biz:2"], "rate_per_s": 20}
    await post(console, "/apps", **app, trusted=True)
    hook = SCOPE | {"name": HOOK}
    await post(console, "/notification-hooks", **hook, url="http://127.0.0.1:9/hook", occasions=["job_failed"])
    await post(console, "/notification-hooks/test", **hook)
    await post(console, "/users", name="listed-person")
    await post(console, "/roles", user="listed-person", scope="biz:2", role="operator")
    await post(console, "/whitelist", hosts=["1"], scopes=["all"], actions=["script"], remark=REMARK)
    await get(console, "/audit/verify")
    return {"rule": rule["id"]}


async def clear(console: Console) -> None:
    """Take away what would act on later runs: the rule, the hook and the entry of the allow-list."""
    for rule in (await get(console, "/dangerous-rules", expression=RULE))["rules"]:
        await post(console, f"/dangerous-rules/{rule['id']}/operate", operation="delete")
    for hook in (await get(console, "/notification-hooks", **SCOPE))["hooks"]:
        if hook["name"] == HOOK:
            await post(console, "/notification-hooks/delete", **SCOPE, name=HOOK)
    for entry in (await get(console, "/whitelist", remark=REMARK))["records"]:
        await post(console, f"/whitelist/{entry['id']}/delete")


async def first_row(page: Page) -> None:
    """Open the first row of a list."""
    await page.locator("tbody tr").first.click(position={"x": 4, "y": 4})
    await page.locator("dialog.drawer .fact-list, dialog.drawer .hit-script, dialog[open]").first.wait_for()


ROW = ".table tbody tr"
PAGES = (
    Listed("audit", f"{BIZ}/audit", ROW, happened),
    Listed("audit-entry", f"{BIZ}/audit?of=all&action=app", ROW, happened, first_row),
    Listed("rule-hits", f"{BIZ}/rule-hits", ROW, happened),
    Listed("rule-hit-script", f"{BIZ}/rule-hits", ROW, happened, first_row),
    Listed("notifications", f"{BIZ}/notifications", ROW, happened),
    Listed("notification-hooks", f"{BIZ}/notifications?tab=hooks", ROW, happened),
    Listed("notifications-sent", f"{BIZ}/notifications?tab=sent", ROW, happened),
    Listed("notifications-muted", f"{BIZ}/notifications?tab=muted", "form .combo", happened),
    Listed("api-clients", f"{BIZ}/api-clients", ROW, happened),
    Listed("dangerous-rules", "/platform/dangerous-rules", ROW, happened),
    Listed("dangerous-rule", "/platform/dangerous-rules?rule={rule}", "dialog[open] .trial", happened),
    Listed("detection-records", "/platform/detection-records", ROW, happened),
    Listed("allow-list", "/platform/allow-list", ROW, happened),
    Listed("agents", "/platform/agents", ROW),
    Listed("users", "/platform/users", ROW, happened),
    Listed("user", "/platform/users?user=listed-person", "dialog[open] .roles", happened),
    Listed("roles", "/platform/users?tab=allowed", ".allowed"),
    Listed("settings", "/platform/settings", ".setting"),
    Listed("system", "/platform/system", ".panel-grid"),
    Listed("all-runs", "/platform/runs", ".runs-table tbody tr", happened),
    Listed("analytics", "/platform/analytics", ".day-bars", happened),
)
