"""Jobs in the browser: written, planned, run and approved; synchronised; scheduled. By address and by keyboard."""

import json
import re
import uuid

from playwright.async_api import Page, expect
from tests.acceptance.declared import ACCOUNT
from tests.acceptance.surfaces import Json
from tests.browser.listed.jobs import SCOPE, VERSION, WEB, approval_step, get, post, script_step
from tests.browser.visits import BIZ, Console, looking

JOBS = f"{BIZ}/jobs"
TEMPLATE = re.compile(r"/jobs/\d+(\?plan=\d+)?$")


def fresh(word: str) -> str:
    """Return a name that nothing in the installation has."""
    return f"{word} {uuid.uuid4().hex[:8]}"


async def ask(console: Console, path: str, **query: str) -> Json:
    """GET from the native API what is of the business, as the administrator."""
    return await get(console, path, **SCOPE, **query)


async def add(page: Page, button: str, kind: str) -> None:
    """Choose from a menu of what can be added."""
    await page.get_by_role("button", name=button, exact=True).click()
    await page.get_by_role("menuitem", name=kind, exact=True).click()


async def write_template(page: Page, name: str) -> None:
    """Fill in the editor: a host list, a script on it, and a question to the administrator."""
    await page.locator(".editor-head").get_by_label("Name").fill(name)
    await add(page, "+ Variable", "Hosts")
    await page.locator(".variable-form").get_by_label("Name").fill("web")
    await page.locator(".variable-form").get_by_label("Hosts").fill("1")
    await add(page, "+ Step", "Script")
    await page.get_by_label("Name of the step").fill("greet")
    await page.locator(".step-form .cm-content").click()
    await page.keyboard.type("echo hello from the editor")
    await page.locator(".step-form").get_by_label("Account").select_option(label=f"{ACCOUNT} · linux")
    await page.locator(".step-form").get_by_role("combobox", name="Hosts").select_option(label="{web}")
    await add(page, "+ Step", "Approval")
    await page.get_by_label("Name of the step").fill("really")
    await page.get_by_label("Message").fill("Shall it go on?")


async def test_a_template_that_is_tried_out_leads_to_its_run(console: Console) -> None:
    steps = [script_step("greet", "true\n")]
    made = await post(console, "/templates", **SCOPE, name=fresh("Tried"), steps=steps, variables=[WEB, VERSION])
    async with console.visit(f"{JOBS}/{made['id']}") as page:
        await page.get_by_role("button", name="Debug", exact=True).click()
        await page.get_by_role("dialog").get_by_label("version").fill("4.3.0")
        await page.get_by_role("dialog").get_by_role("button", name="Run 1 step").click()
        await page.wait_for_url(re.compile(rf"{BIZ}/runs/\d+"))


async def test_the_topology_is_no_part_of_the_form_that_it_fills(console: Console) -> None:
    made = await post(
        console, "/templates", **SCOPE, name=fresh("Drawn"), steps=[script_step("x", "true")], variables=[WEB]
    )
    plan = await post(console, f"/templates/{made['id']}/plans", **SCOPE, name="drawn")
    started: list[str] = []
    async with console.visit(f"{JOBS}/{made['id']}?plan={plan['id']}") as page:
        page.on("request", lambda request: started.append(request.url) if request.method == "POST" else None)
        await page.get_by_role("button", name="Remove all").click()
        await page.get_by_role("button", name="Topology").click()
        drawer = page.get_by_role("dialog", name="Choose from the topology")
        await drawer.get_by_role("searchbox").fill("web")
        tick = drawer.get_by_role("checkbox").last
        await tick.check()
        await expect(page.locator(".run-form .tag .count")).to_have_text(re.compile(r"\d"))
        await drawer.get_by_role("searchbox").press("Enter")
        await tick.press("Enter")
        await page.keyboard.press("Escape")
        await expect(drawer).to_have_count(0)
        assert not [url for url in started if url.endswith("/run")]
        # A form in a window knows what is chosen for it there.
        await page.get_by_role("button", name="Debug", exact=True).click()
        trial = page.get_by_role("dialog", name="Debug")
        await trial.get_by_role("button", name="Topology").click()
        await drawer.get_by_role("checkbox").last.check()
        await page.keyboard.press("Escape")
        await expect(drawer).to_have_count(0)
        await page.keyboard.press("Escape")
        await expect(trial.get_by_role("alertdialog")).to_contain_text("not saved")


async def test_a_job_is_written_planned_run_and_approved_from_the_keyboard(console: Console) -> None:
    name = fresh("Greeting")
    async with console.visit(JOBS) as page:
        await page.get_by_role("heading", name="Jobs").wait_for()
        await page.keyboard.press("n")
        await page.wait_for_url("**/jobs/new")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_text("At least one step is needed").first).to_be_visible()
        await write_template(page, name)
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(TEMPLATE)
        await page.get_by_role("heading", name=name).wait_for()
        await page.keyboard.press("p")
        await page.locator(".run-form").get_by_label("Name").fill("all of it")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(re.compile(r"\?plan=\d+$"))
        await expect(page.get_by_role("button", name="Run", exact=True)).not_to_have_attribute("aria-disabled", "true")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url("**/runs/**")
        found = re.search(r"/runs/(\d+)", page.url)
        assert found
        await page.goto(f"{BIZ}/approvals")
        card = page.get_by_role("article", name="all of it").filter(has_text=found[1])
        await card.wait_for(timeout=30_000)
        await expect(card).to_contain_text("Shall it go on?")
        await card.get_by_label("Reason").fill("looks good")
        await card.get_by_role("button", name="Confirm").click()
        await expect(card).to_have_count(0)

        async def ended() -> bool:
            headers = await console.stage.bearer()
            shown = (await console.stage.http.get(f"/api/v1/jobs/{found[1]}", headers=headers)).json()
            return bool(shown["job"]["status"] == "succeeded")

        await console.stage.poll(ended)


async def test_leaving_the_editor_asks_before_work_is_lost(console: Console) -> None:
    async with console.visit(f"{JOBS}/new") as page:
        await page.locator(".editor-head").get_by_label("Name").fill("something")
        await page.get_by_role("link", name="Approvals").click()
        await expect(page.get_by_role("dialog")).to_contain_text("Leave without saving?")
        await page.keyboard.press("Escape")
        await expect(page.locator(".editor-head").get_by_label("Name")).to_have_value("something")
        await page.get_by_role("link", name="Approvals").click()
        await page.get_by_role("button", name="Leave", exact=True).click()
        await page.wait_for_url("**/approvals")


async def test_steps_move_are_copied_and_removed_by_keys(console: Console) -> None:
    steps = [script_step(one, "true") for one in ("one", "two", "three")]
    made = await post(console, "/templates", **SCOPE, name=fresh("Order"), steps=steps, variables=[WEB])
    async with console.visit(f"{JOBS}/{made['id']}/edit") as page:
        options = page.locator(".step-item")
        await expect(options).to_have_count(3)
        await options.nth(0).focus()
        for key in ("Alt+ArrowDown", "d", "ArrowDown", "Delete"):
            await page.keyboard.press(key)
        await expect(options).to_have_text([re.compile("two"), re.compile("one"), re.compile("one copy")])
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(TEMPLATE)
    shown = await ask(console, f"/templates/{made['id']}")
    assert [step["name"] for step in shown["steps"]] == ["two", "one", "one copy"]


async def test_what_somebody_else_saved_is_not_overwritten_unasked(console: Console) -> None:
    made = await post(console, "/templates", **SCOPE, name=fresh("Both"), steps=[approval_step("a", "?")])
    async with console.visit(f"{JOBS}/{made['id']}/edit") as page:
        await page.locator(".editor-head").get_by_label("Description").fill("mine")
        kept = [{part: one[part] for part in ("id", "name", "kind", "definition")} for one in made["steps"]]
        theirs = {"name": made["name"], "steps": kept, "description": "theirs"}
        await post(console, f"/templates/{made['id']}/update", **SCOPE, **theirs)
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_text("admin has changed it meanwhile")).to_be_visible()
        await page.get_by_role("button", name="Save mine over it").click()
        await page.wait_for_url(TEMPLATE)
    assert (await ask(console, f"/templates/{made['id']}"))["description"] == "mine"


async def come_back(page: Page) -> None:
    """Come back to a tab a while later: what is shown is asked for anew."""
    later = "const now = Date.now; Date.now = () => now() + 60_000"
    await page.evaluate(f"() => {{ {later}; dispatchEvent(new Event('visibilitychange')) }}")


async def test_a_plan_that_somebody_else_saved_is_not_written_over(console: Console) -> None:
    made = await post(console, "/templates", **SCOPE, name=fresh("Both"), steps=[approval_step("a", "?")])
    plan = await post(console, f"/templates/{made['id']}/plans", **SCOPE, name="ours")
    async with console.visit(f"{JOBS}/{made['id']}/plans/{plan['id']}/edit") as page:
        await page.get_by_label("Name").fill("mine")
        await post(console, f"/plans/{plan['id']}/update", **SCOPE, name="theirs")
        async with page.expect_response(f"**/api/v1/plans/{plan['id']}?*") as again:
            await come_back(page)
        assert (await (await again.value).json())["name"] == "theirs"
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("alert")).to_contain_text("admin has changed it meanwhile")
    assert (await ask(console, f"/plans/{plan['id']}"))["name"] == "theirs"


async def test_a_plan_that_is_behind_shows_what_changes_and_is_synchronised(console: Console) -> None:
    steps = [script_step("greet", "echo old\n")]
    made = await post(console, "/templates", **SCOPE, name=fresh("Behind"), steps=steps, variables=[WEB])
    plan = await post(console, f"/templates/{made['id']}/plans", **SCOPE, name="follower")
    [kept] = [{part: one[part] for part in ("id", "name", "kind", "definition")} for one in made["steps"]]
    kept["definition"] = script_step("greet", "echo new\n")["definition"]
    changed = {"name": made["name"], "steps": [kept, approval_step("ask", "?")], "variables": made["variables"]}
    await post(console, f"/templates/{made['id']}/update", **SCOPE, **changed)
    async with console.visit(f"{JOBS}/{made['id']}") as page:
        await page.get_by_role("link", name="1 behind").click()
        await page.wait_for_url(f"**/plans/{plan['id']}/sync")
        await expect(page.locator(".diff-parts")).to_contain_text("echo new")
        await expect(page.locator(".diff-parts .added")).to_contain_text("comes in switched off")
        await page.keyboard.press("Control+Enter")
        await page.get_by_role("dialog").get_by_role("button", name="Synchronise 1 plan").click()
        await page.wait_for_url(f"**/plans/{plan['id']}")
        await expect(page.locator(".page-header")).to_contain_text("in sync")


async def test_a_schedule_is_made_enabled_and_fired(console: Console) -> None:
    made = await post(
        console, "/templates", **SCOPE, name=fresh("Timed"), steps=[script_step("x", "true")], variables=[WEB]
    )
    plan = await post(console, f"/templates/{made['id']}/plans", **SCOPE, name="timed")
    name = fresh("weekdays")
    async with console.visit(f"{BIZ}/schedules/new?plan={plan['id']}") as page:
        await page.locator(".schedule-form").get_by_label("Name").fill(name)
        await page.get_by_label("Expression").fill("30 8 * * 1-5")
        await expect(page.get_by_text("Monday to Friday, at 08:30")).to_be_visible()
        await expect(page.locator(".next-times li")).to_have_count(5)
        await page.get_by_label("Expression").fill("30 8 * *")
        await expect(page.get_by_role("alert")).to_contain_text("needs five fields")
        await page.get_by_label("Expression").fill("30 8 * * 1-5")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(re.compile(r"/schedules/\d+$"))
        await expect(page.locator(".page-header")).to_contain_text("Paused")
        await page.keyboard.press("s")
        dialog = page.get_by_role("dialog", name=f"Enable {name}")
        await dialog.get_by_role("button", name="Enable", exact=True).click()
        await expect(page.locator(".page-header")).to_contain_text("Enabled")
        address = page.url
        await page.keyboard.press("x")
        await page.get_by_role("dialog").get_by_role("button", name="Run on 2 hosts").click()
        await page.wait_for_url("**/runs/**")
        await page.goto(address)
        await expect(page.get_by_role("region", name="Results").locator("tbody tr")).to_contain_text("by hand, admin")
        await page.goto(f"{BIZ}/schedules?q={name}")
        row = page.get_by_role("row", name=name)
        await row.get_by_role("button", name=f"Pause {name}").click()
        await expect(row).to_contain_text("Paused")
        await row.get_by_role("button", name=f"Enable {name}").click()
        dialog = page.get_by_role("dialog", name=f"Enable {name}")
        await expect(dialog).to_contain_text("2 hosts")
        await dialog.get_by_role("button", name="Enable", exact=True).click()
        await expect(row).to_contain_text("Enabled")


async def test_a_schedule_that_is_enabled_at_once_asks_first_and_is_made_once(console: Console) -> None:
    made = await post(
        console, "/templates", **SCOPE, name=fresh("Timed"), steps=[script_step("x", "true")], variables=[WEB]
    )
    plan = await post(console, f"/templates/{made['id']}/plans", **SCOPE, name="timed")
    name = fresh("nightly")
    async with console.visit(f"{BIZ}/schedules/new?plan={plan['id']}") as page:
        await page.route("**/schedules/*/enable", lambda route: route.abort())  # the wire is cut in between
        await page.locator(".schedule-form").get_by_label("Name").fill(name)
        await page.get_by_label("Expression").fill("30 3 1 1 *")
        await page.get_by_role("button", name="Save and enable").click()
        dialog = page.get_by_role("dialog", name=f"Enable {name}")
        await expect(dialog).to_contain_text("2 hosts")
        await dialog.get_by_role("button", name="Save and enable").click()
        await page.wait_for_url(re.compile(r"/schedules/\d+$"))
        await expect(page.locator(".page-header")).to_contain_text("Paused")
        await expect(page.locator(".toasts .fail")).to_be_visible()


async def test_a_schedule_whose_plan_cannot_be_read_keeps_its_values(console: Console) -> None:
    steps = [script_step("x", "true")]
    made = await post(console, "/templates", **SCOPE, name=fresh("Unread"), steps=steps, variables=[WEB, VERSION])
    plan = await post(console, f"/templates/{made['id']}/plans", **SCOPE, name="unread")
    given = {"name": fresh("unread"), "plan_id": plan["id"], "values": {"version": "4.3.0"}}
    timing = {"expression": "30 3 1 1 *", "time_zone": "UTC"}
    schedule = (await post(console, "/schedules", **SCOPE, **given, **timing))["schedule"]
    sent: list[str] = []
    unread = f"**/api/v1/plans/{plan['id']}?*"
    address = f"{BIZ}/schedules/{schedule['id']}/edit"
    async with console.window() as window:
        await window.route(unread, lambda route: route.fulfill(status=403, json={}))
        async with looking(window, address) as page:
            page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/update") else None)
            await page.locator(".schedule-form").get_by_label("Name").fill(f"{given['name']} twice")
            save = page.get_by_role("button", name="Save, paused")
            await expect(save).to_have_attribute("aria-disabled", "true")
            await expect(save).to_have_accessible_description("The plan could not be read")
            await page.keyboard.press("Control+Enter")
            await window.unroute(unread)
            await page.locator(".panel", has_text="Variables").get_by_role("button", name="Retry").click()
            await expect(save).not_to_have_attribute("aria-disabled", "true")
            assert sent == []
            await page.keyboard.press("Control+Enter")
            await page.wait_for_url(f"**/schedules/{schedule['id']}")
    shown = await console.stage.http.get(f"/api/v1/schedules/{schedule['id']}", headers=await console.stage.bearer())
    kept = shown.raise_for_status().json()
    assert kept["schedule"]["name"] == f"{given['name']} twice"
    assert [(one["name"], one["value"]) for one in kept["values"]] == [("version", "4.3.0")]


async def copied_call(console: Console, job_id: int) -> tuple[str, Json]:
    """Return path and body of the call that the page of a run copies."""
    allowed = ["clipboard-read", "clipboard-write"]
    async with console.visit(f"{BIZ}/runs/{job_id}", permissions=allowed) as page:
        await expect(page.locator(".run-header")).to_contain_text("Succeeded")  # what may be done changes until then
        await page.get_by_role("button", name="More actions").click()
        await page.get_by_role("menuitem", name="Copy as API call").click()
        dialog = page.get_by_role("dialog", name="The run as an API call")
        await expect(dialog.locator("pre")).to_contain_text("curl")
        await dialog.get_by_role("button", name="Copy").click()
        await expect(page.get_by_role("list", name="News")).to_contain_text("Copied")
        command: str = await page.evaluate("navigator.clipboard.readText()")
    address, body = re.search(r"curl -sS '([^']*)'.*?<<'JOBFLEET'\n(.*)\nJOBFLEET\n$", command, re.DOTALL).groups()  # type: ignore[union-attr]
    assert address.startswith(console.url)
    return address.removeprefix(f"{console.url}/api/v1"), json.loads(body)


async def test_a_run_is_copied_as_the_very_call_that_starts_it_again(console: Console) -> None:
    steps = [script_step("greet", 'echo "$version"\n')]
    made = await post(console, "/templates", **SCOPE, name=fresh("Copied"), steps=steps, variables=[WEB, VERSION])
    plan = await post(console, f"/templates/{made['id']}/plans", **SCOPE, name="copied")
    run = await post(console, f"/plans/{plan['id']}/run", **SCOPE, values={"version": "4.3.0"})
    path, body = await copied_call(console, run["job_id"])
    assert (path, body["values"]) == (f"/plans/{plan['id']}/run", {"version": "4.3.0"})
    again = await post(console, path, **body)
    _, told = await copied_call(console, again["job_id"])
    assert told == body
    source = {"hosts": ["1"], "paths": ["/etc/hostname"], "account": ACCOUNT}
    files = await post(
        console, "/jobs/file", **SCOPE, targets=["2"], sources=[source], target_path="/tmp/", account=ACCOUNT
    )
    path, body = await copied_call(console, files["job_id"])
    assert (path, body["target_path"], body["sources"][0]["paths"]) == ("/jobs/file", "/tmp/", ["/etc/hostname"])
    assert (await post(console, path, **body))["job_id"] != files["job_id"]


async def test_a_run_whose_plan_is_gone_says_why_no_call_starts_it(console: Console) -> None:
    made = await post(
        console, "/templates", **SCOPE, name=fresh("Gone"), steps=[script_step("x", "true")], variables=[WEB]
    )
    plan = await post(console, f"/templates/{made['id']}/plans", **SCOPE, name="gone")
    run = await post(console, f"/plans/{plan['id']}/run", **SCOPE)
    await post(console, f"/plans/{plan['id']}/delete", **SCOPE)
    async with console.visit(f"{BIZ}/runs/{run['job_id']}") as page:
        await expect(page.locator(".run-header")).to_contain_text("Succeeded")
        await page.get_by_role("button", name="More actions").click()
        await page.get_by_role("menuitem", name="Copy as API call").click()
        dialog = page.get_by_role("dialog", name="The run as an API call")
        await expect(dialog).to_contain_text("is not there any more")
        await expect(dialog.get_by_role("button", name="Copy")).to_have_count(0)
        await dialog.get_by_role("button", name="Run once more…").click()
        await expect(page.get_by_role("dialog", name=re.compile("once more"))).to_be_visible()


async def test_the_palette_finds_plans_and_schedules(console: Console) -> None:
    name = fresh("Found")
    made = await post(
        console, "/templates", **SCOPE, name=fresh("Of plans"), steps=[script_step("x", "true")], variables=[WEB]
    )
    plan = await post(console, f"/templates/{made['id']}/plans", **SCOPE, name=name)
    await post(console, "/schedules", **SCOPE, name=name, plan_id=plan["id"], expression="0 1 * * *")
    async with console.visit(f"{BIZ}/home") as page:
        await page.get_by_role("navigation").first.wait_for()
        await page.keyboard.press("Control+k")
        await page.keyboard.type(name)
        await expect(page.get_by_role("option", name=name)).to_have_count(2)
        await page.get_by_role("option", name=name).filter(has_text="Plan").click()
        await page.wait_for_url(f"**/plans/{plan['id']}")
