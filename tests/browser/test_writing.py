"""What people are told while they write scripts that are kept, and steps of jobs."""

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route, expect
from tests.acceptance.declared import ACCOUNT
from tests.browser.listed.jobs import SCOPE, WEB, post, script_step
from tests.browser.test_jobs import come_back
from tests.browser.visits import BIZ, Console

EDITOR = ".code-editor[data-ready] .cm-content"


@asynccontextmanager
async def rule(console: Console, word: str) -> AsyncIterator[None]:
    """Keep a rule that blocks a word, as long as it is looked at."""
    made = await post(
        console,
        "/dangerous-rules",
        expression=word,
        languages=["shell"],
        description="not this word",
        action="intercept",
    )
    path = f"/dangerous-rules/{made['id']}/operate"
    await post(console, path, operation="enable")
    try:
        yield
    finally:
        await post(console, path, operation="delete")


async def test_rules_are_told_of_while_a_kept_script_and_a_step_are_written(console: Console) -> None:
    word = f"forbidden{uuid.uuid4().hex[:8]}"
    steps = [script_step("greet", f"true\necho {word}\n")]
    made = await post(console, "/templates", **SCOPE, name=f"Lint {word}", steps=steps, variables=[WEB])
    async with rule(console, word):
        async with console.visit(f"{BIZ}/scripts/new") as page:
            await page.locator(EDITOR).click()
            await page.keyboard.insert_text(f"true\n\necho {word}\n")
            await expect(page.locator(".cm-lint-marker-error")).to_be_visible()
            found = page.get_by_role("listitem").filter(has_text="not this word")
            await expect(found).to_contain_text("A dangerous rule blocks this")
            await found.get_by_role("button", name="Line 3").click()
            await page.keyboard.press("Home")
            await page.keyboard.insert_text("# ")
            await expect(page.locator(EDITOR)).to_contain_text(f"# echo {word}")
        async with console.visit(f"{BIZ}/jobs/{made['id']}/edit") as page:
            await expect(page.locator(".step-form .cm-lint-marker-error")).to_be_visible()
            await expect(page.get_by_role("button", name="Line 2")).to_be_visible()


async def test_a_file_step_takes_its_source_from_the_list_and_keeps_limits_and_waits(console: Console) -> None:
    code = f"kept_{uuid.uuid4().hex[:8]}"
    keys = {"access_key": "AKIA", "secret_key": "only-here"}
    credential = await post(console, "/credentials", **SCOPE, name=code, type="access_key", secrets=keys)
    place = {"endpoint": "http://127.0.0.1:9", "bucket": "images", "credential_id": credential["id"]}
    await post(console, "/file-sources", **SCOPE, code=code, name="Kept images", **place)
    async with console.visit(f"{BIZ}/jobs/new") as page:
        await page.locator(".editor-head").get_by_label("Name").fill(f"Files {code}")
        await page.get_by_role("button", name="+ Step", exact=True).click()
        await page.get_by_role("menuitem", name="Files", exact=True).click()
        form = page.locator(".step-form")
        await form.get_by_label("Name of the step").fill("send")
        await form.get_by_role("button", name="+ File source").click()
        await form.get_by_role("combobox", name="File source").select_option(label=f"Kept images ({code})")
        await form.get_by_label("Files, one a line").fill("release.tar.gz")
        await form.get_by_label("Directory").fill("/tmp/kept")
        await form.get_by_role("textbox", name="Hosts", exact=True).fill("1")
        await form.get_by_label("Account").select_option(label=f"{ACCOUNT} · linux")
        await form.get_by_label("Upload limit").fill("512")
        await form.get_by_role("checkbox", name="Rolling").check()
        await form.get_by_role("checkbox", name="Start batches by the clock").check()
        await form.get_by_label("Each after").fill("30")
        await form.get_by_label("plus by chance from").fill("5")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(re.compile(r"/jobs/\d+$"))
        kept = await console.stage.http.get(
            f"/api/v1/templates/{page.url.rpartition('/')[2]}", params=SCOPE, headers=await console.stage.bearer()
        )
    definition = kept.json()["steps"][0]["definition"]
    assert definition["sources"][0]["file_source_code"] == code
    assert definition["upload_limit_kib_s"] == 512
    rolling = definition["rolling"]
    assert rolling["parallel"]
    assert (rolling["wait_fixed_ms"], rolling["wait_random_min_ms"], rolling["wait_random_max_ms"]) == (
        30_000,
        5_000,
        5_000,
    )


async def test_a_kept_script_that_was_searched_for_goes_by_its_name(console: Console) -> None:
    name = f"Searched {uuid.uuid4().hex[:8]}"
    wanted = {"name": name, "script": "select 1;\n", "language": "sql", "version": "1.0"}
    made = await post(console, "/scripts", **SCOPE, **wanted)
    await post(
        console, f"/scripts/{made['script']['id']}/versions/{made['version']['id']}/operate", operation="publish"
    )
    asked: list[str] = []

    async def only_found_by_name(route: Route) -> None:
        asked.append(route.request.url)
        if f"name={name[:8]}" in route.request.url:
            await route.continue_()
        else:
            await route.fulfill(json={"total": 51, "scripts": []})

    async with console.visit(f"{BIZ}/jobs/new") as page:
        await page.route("**/api/v1/scripts?*", only_found_by_name)
        for kind in ("SQL", "Approval"):
            await page.get_by_role("button", name="+ Step", exact=True).click()
            await page.get_by_role("menuitem", name=kind, exact=True).click()
        await page.locator(".step-item").nth(0).click()
        form = page.locator(".step-form")
        await form.get_by_text("Kept script", exact=True).click()
        await expect(form).to_contain_text("newest are offered")
        await form.get_by_role("combobox", name="Script and version").press_sequentially(name[:8])
        await page.get_by_role("option", name=name).click()
        await page.locator(".step-item").nth(1).click()
        await expect(form.get_by_label("Message")).to_be_visible()
        await page.locator(".step-item").nth(0).click()
        await expect(form.locator(".combo")).to_contain_text(f"{name} @1.0")
    assert all("language=sql" in url for url in asked)


async def test_hosts_that_cannot_be_kept_are_said_and_become_the_hosts_of_now(console: Console) -> None:
    name = f"Kept hosts {uuid.uuid4().hex[:8]}"
    steps = [script_step("greet", "true\n")]
    made = await post(console, "/templates", **SCOPE, name=name, steps=steps, variables=[WEB])
    async with console.visit(f"{BIZ}/jobs/{made['id']}/edit") as page:
        form = page.locator(".variable-form")
        await form.get_by_role("button", name="Remove all").click()
        await form.get_by_role("textbox", name="Hosts").fill("ip=127.0.0.0/30 agent=online")
        await form.get_by_role("textbox", name="Hosts").press("Enter")
        await expect(form.locator(".tag .count")).to_have_text("3")
        await page.keyboard.press("Control+Enter")
        await expect(form.get_by_role("alert")).to_have_text("Take the hosts of now for what cannot be kept")
        await form.locator(".not-kept").get_by_role("button").click()
        await expect(form.locator(".tag")).to_have_count(3)
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(re.compile(r"/jobs/\d+$"))
    headers = await console.stage.bearer()
    kept = await console.stage.http.get(f"/api/v1/templates/{made['id']}", params=SCOPE, headers=headers)
    assert kept.json()["variables"][0]["hosts"]["host_ids"] == [1, 2, 3]


async def test_what_was_written_is_not_lost_by_the_way(console: Console) -> None:
    name = f"kept {uuid.uuid4().hex[:8]}"
    async with console.visit(f"{BIZ}/approvals") as page:
        await page.get_by_role("link", name="Tags", exact=True).click()
        await page.get_by_role("button", name="New tag").first.click()
        dialog = page.get_by_role("dialog", name="New tag")
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await page.get_by_role("button", name="New tag").first.click()
        await dialog.get_by_label("Name").fill(name)
        asked = dialog.get_by_role("alertdialog")
        await dialog.get_by_label("Name").dispatch_event("keydown", {"key": "Escape", "isComposing": True})
        await expect(asked).to_have_count(0)
        await page.keyboard.press("Escape")
        await expect(asked).to_contain_text("not saved")
        await page.keyboard.press("Enter")
        await expect(asked).to_have_count(0)
        await expect(dialog.get_by_label("Name")).to_have_value(name)
        # Back, and closing the tab, lose it as well.
        await page.go_back()
        leaving = page.get_by_role("dialog", name="Leave without saving?")
        await expect(leaving).to_be_visible()
        await leaving.get_by_role("button", name="Cancel").click()
        await expect(dialog.get_by_label("Name")).to_have_value(name)
        async with page.expect_event("dialog") as told:
            await page.close(run_before_unload=True)
        question = await told.value
        assert question.type == "beforeunload"
        await question.dismiss()
        await page.keyboard.press("Escape")
        await asked.get_by_role("button", name="Close without saving").click()
        await expect(dialog).to_have_count(0)
        await page.get_by_role("link", name="Approvals").click()
        await page.wait_for_url("**/approvals")


async def test_a_version_that_was_written_is_not_cancelled_away(console: Console) -> None:
    name = f"Cancelled {uuid.uuid4().hex[:8]}"
    wanted = {"name": name, "script": "true\n", "language": "shell", "version": "1.0"}
    kept = await post(console, "/scripts", **SCOPE, **wanted)
    async with console.visit(f"{BIZ}/scripts/{kept['script']['id']}/versions/{kept['version']['id']}") as page:
        await page.get_by_role("button", name="Edit", exact=True).click()
        await page.locator(EDITOR).click()
        await page.keyboard.insert_text("# more\n")
        await page.get_by_role("button", name="Cancel", exact=True).click()
        leaving = page.get_by_role("dialog", name="Leave without saving?")
        await leaving.get_by_role("button", name="Cancel").click()
        await expect(page.locator(EDITOR)).to_contain_text("# more")
        await page.get_by_role("button", name="Cancel", exact=True).click()
        await leaving.get_by_role("button", name="Leave").click()
        await expect(page.get_by_role("button", name="Edit", exact=True)).to_be_visible()


async def test_what_others_do_meanwhile_takes_nothing_that_is_written(console: Console) -> None:
    name = f"Both {uuid.uuid4().hex[:8]}"
    keys = {"access_key": "AKIA", "secret_key": "only-here"}
    words = {"name": name, "type": "access_key", "secrets": keys}
    credential = await post(console, "/credentials", **SCOPE, **words)
    async with console.visit(f"{BIZ}/credentials?open={credential['id']}") as page:
        form = page.get_by_role("dialog", name=name)
        await form.get_by_label("Description").fill("mine")
        await post(console, f"/credentials/{credential['id']}", **SCOPE, **words, description="theirs")
        await come_back(page)
        await expect(form).to_contain_text("Somebody has changed this meanwhile")
        await expect(form.get_by_label("Description")).to_have_value("mine")
        await form.get_by_role("button", name="Drop mine, show theirs").click()
        await expect(form.get_by_label("Description")).to_have_value("theirs")
        await form.get_by_label("Description").fill("ours")
        await form.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("row", name=name)).to_contain_text("ours")
        await page.keyboard.press("Escape")
        await expect(form).to_have_count(0)
        await lose_no_rule(console, page)
        await lose_no_version(console, page, name)


async def lose_no_rule(console: Console, page: Page) -> None:
    """See that a rule that somebody else changes and deletes stays as it is written."""
    words = {"expression": f"both{uuid.uuid4().hex[:8]}", "languages": ["shell"], "action": "scan"}
    made = await post(console, "/dangerous-rules", **words, description="first")
    path = f"/dangerous-rules/{made['id']}"
    await page.goto(f"/platform/dangerous-rules?rule={made['id']}&expression={words['expression']}")
    reason = page.get_by_role("dialog").get_by_label("Reason")
    await reason.fill("mine")
    await post(console, path, **words, description="theirs")
    await come_back(page)
    await expect(page.locator("tbody")).to_contain_text("theirs")
    await expect(reason).to_have_value("mine")
    await post(console, f"{path}/operate", operation="delete")
    await come_back(page)
    await expect(page.locator("tbody")).to_have_count(0)
    await expect(reason).to_have_value("mine")


async def lose_no_version(console: Console, page: Page, name: str) -> None:
    """See that a draft that somebody else deletes stays in the editor."""
    first = {"name": name, "script": "true\n", "language": "shell", "version": "1.0"}
    script = f"/scripts/{(await post(console, '/scripts', **SCOPE, **first))['script']['id']}"
    draft = await post(console, f"{script}/versions", script="true\n", version="1.1")
    await page.goto(f"{BIZ}{script}/versions/{draft['id']}?edit=1")
    await page.locator(EDITOR).click()
    await page.keyboard.insert_text("# mine\n")
    await post(console, f"{script}/versions/{draft['id']}/operate", operation="delete")
    await come_back(page)
    await expect(page.locator(".versions")).not_to_contain_text("1.1")
    await expect(page.locator(EDITOR)).to_contain_text("# mine")
