"""A start that somebody else asks to be let pass, opened by who may decide."""

from collections.abc import Mapping

from playwright.async_api import Page
from tests.browser.listed import Listed
from tests.browser.listed.jobs import SCOPE, get, post
from tests.browser.visits import BIZ, PASSWORD, Console

ASKER = "listed-asker"
WORD = "wipe-what-is-listed"
RULE = {"expression": WORD, "languages": ["shell"], "action": "intercept", "approvable": True}
SCRIPT = "#!/bin/sh\nset -e\ntrue wipe-what-is-listed\necho done\n"
WHY = "The disks of both hosts are almost full, and nobody needs these files."


async def prepare(console: Console) -> Mapping[str, object]:
    """Have an editor ask for a start that a second person may let pass."""
    return {"request": await requested(console, ASKER)}


async def requested(console: Console, asker: str) -> int:
    """Make a rule, and somebody who asks for a start that it blocks; return the id of what is asked for."""
    rule = await post(console, "/dangerous-rules", **RULE, description="Wipes a whole directory")
    await post(console, f"/dangerous-rules/{rule['id']}/operate", operation="enable")
    await post(console, "/users", name=asker, password=PASSWORD)
    await post(console, "/roles", user=asker, scope="biz:2", role="editor")
    token = await console.stage.sign_in(asker, PASSWORD)
    start = SCOPE | {"targets": ["127.0.0.1", "127.0.0.2"], "script": SCRIPT, "name": "Clean both hosts"}
    wanted = {"script": start, "reason": WHY}
    headers = {"Authorization": f"Bearer {token}"}
    answer = await console.stage.http.post("/api/v1/start-requests", json=wanted, headers=headers)
    return int(answer.raise_for_status().json()["id"])


async def clear(console: Console) -> None:
    """Take away what was prepared."""
    await forget(console, ASKER)


async def forget(console: Console, asker: str) -> None:
    """Take the rule away, and what somebody asks for."""
    for rule in (await get(console, "/dangerous-rules", expression=WORD))["rules"]:
        await post(console, f"/dangerous-rules/{rule['id']}/operate", operation="delete")
    for request in (await get(console, "/start-requests", **SCOPE))["requests"]:
        if (request["asked_by"], request["state"]) == (asker, "pending"):
            await post(console, f"/start-requests/{request['id']}/refuse", **SCOPE)


async def approve(page: Page) -> None:
    """Ask to approve it: a line that a rule blocks has the number of hosts typed."""
    await page.locator(".start-request .decision button[type=submit]").first.click()
    await page.locator("dialog[open] .blast-actions").wait_for()


OPENED = f"{BIZ}/approvals?request={{request}}"
SEEN = ".start-asked .code-editor[data-ready] >> nth=0"
PAGES = (
    Listed("approval-of-a-start", OPENED, SEEN, prepare),
    Listed("approval-typed", OPENED, SEEN, prepare, approve),
    Listed("approval-asked", f"{BIZ}/approvals?show=own", ".start-request .decision", prepare, person=ASKER),
)
