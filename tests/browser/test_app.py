"""The frame of the console: signing in and out, languages, themes, keys, and the policy that holds everywhere."""

import re

from playwright.async_api import Locator, Page, expect
from tests.browser.axe import findings
from tests.browser.visits import BIZ, PASSWORD, Console, looking, watch
from tests.waiting import until


async def fill_in(page: Page, name: str, password: str) -> None:
    """Sign in by hand, with the keyboard alone."""
    await expect(page.get_by_label("User name")).to_be_focused()
    await page.keyboard.type(name)
    await page.keyboard.press("Tab")
    await page.keyboard.type(password)
    await page.keyboard.press("Enter")


async def test_a_person_signs_in_by_keyboard_and_goes_on_where_they_wanted_to(console: Console) -> None:
    async with console.visit(f"{BIZ}/home?x=1", signed_in=False) as page:
        await fill_in(page, "admin", "wrong, and long enough")
        await expect(page.get_by_role("alert")).to_be_visible()
        await page.get_by_label("User name").fill("")
        await page.get_by_label("User name").focus()
        await fill_in(page, "admin", console.stage.made.admin_password)
        await page.wait_for_url(re.compile(rf"{BIZ}/home\?x=1$"))
        await page.get_by_role("button", name="Signed in as admin").click()
        await page.get_by_role("menuitem", name="Sign out").click()
        await page.wait_for_url("**/sign-in")
        await page.goto(f"{BIZ}/home")
        await page.wait_for_url(re.compile(r"/sign-in\?to="))


async def test_language_theme_and_zone_follow_the_person_to_another_browser(console: Console) -> None:
    state = await console.person("browser-chooser", "viewer")
    async with console.visit(f"{BIZ}/home", storage_state=state) as page:
        async with page.expect_response("**/api/v1/choices"):
            await page.get_by_role("button", name="Language: 中文").click()
        await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        await page.get_by_role("button", name="主题").click()
        async with page.expect_response("**/api/v1/choices"):
            await page.get_by_role("menuitemradio", name="深色").click()
        await page.get_by_role("button", name="时区").click()
        await page.get_by_label("查找时区").fill("new york")
        async with page.expect_response("**/api/v1/choices"):
            await page.keyboard.press("Enter")
    async with console.visit(f"{BIZ}/runs", storage_state=state) as elsewhere:
        await expect(elsewhere.locator("html[lang=zh-CN][data-theme=dark]")).to_be_visible()
        await expect(elsewhere.get_by_role("button", name="时区")).to_contain_text(re.compile("UTC-[45]"))
        await elsewhere.get_by_role("button", name="English").click()
        await expect(elsewhere.locator("html")).to_have_attribute("lang", "en")


async def test_what_is_chosen_before_signing_in_is_kept_with_the_person(console: Console) -> None:
    await console.person("browser-early", "viewer")
    async with console.visit(f"{BIZ}/home", signed_in=False) as page:
        await page.get_by_role("button", name="中文").click()
        await page.get_by_label("用户名").focus()
        await page.keyboard.type("browser-early")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        async with page.expect_response("**/api/v1/choices") as kept:
            await page.keyboard.press("Enter")
        assert (await (await kept.value).json())["language"] == "zh"
        await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


async def test_what_one_may_not_do_is_disabled_and_says_who_can_grant_it(console: Console) -> None:
    state = await console.person("browser-onlooker", "viewer")
    async with console.visit(f"{BIZ}/jobs", storage_state=state) as page:
        await expect(page.get_by_role("button", name="New template").first).to_have_accessible_description(
            re.compile(r"Create Job Template.*Ask admin")
        )
        await page.keyboard.press("n")
        await expect(page.get_by_role("list", name="News")).to_contain_text("Create Job Template")
        await expect(page).to_have_url(re.compile(rf"{BIZ}/jobs$"))
        await page.goto(f"{BIZ}/run/script")
        await page.locator(".code-editor[data-ready] .cm-content").click()
        await page.keyboard.insert_text("uptime")
        box = page.get_by_role("textbox", name="Targets", exact=True)
        await box.fill("127.0.0.1")
        await box.press("Enter")
        panel = page.get_by_label("What will happen")
        await expect(panel.get_by_role("alert")).to_contain_text("Quick Execute Script")
        run = page.get_by_role("button", name="Run", exact=True)
        await expect(run).to_have_accessible_description(re.compile("Ask admin"))
    async with console.visit(f"{BIZ}/jobs") as page:
        await expect(page.get_by_role("link", name="New template").first).to_be_visible()


async def test_a_form_that_cannot_be_sent_yet_says_what_it_needs(console: Console) -> None:
    async with console.visit("/platform/allow-list") as page:
        await page.get_by_role("button", name="New entry").first.click()
        form = page.get_by_role("dialog")
        save = form.get_by_role("button", name="Save")
        await expect(save).to_have_accessible_description("Still needed: Hosts, May be used by")
        await form.get_by_role("textbox", name="Hosts").fill("127.0.0.1")
        await expect(save).to_have_accessible_description("Still needed: May be used by")


async def test_the_reason_of_what_is_disabled_is_reached_by_keyboard_and_by_touch(console: Console) -> None:
    """It stands beside the button while the focus is there, and when it is pressed all the same."""
    state = await console.person("browser-keyboard", "viewer")
    async with console.visit(f"{BIZ}/jobs", storage_state=state, has_touch=True) as page:
        button = page.get_by_role("button", name="New template").first
        reason = button.locator(".reason-tip")
        await expect(button).to_have_attribute("aria-disabled", "true")
        await expect(reason).to_be_hidden()
        await page.get_by_role("heading", name="Jobs").click()
        await press_until_focused(page, button)
        await expect(reason).to_be_visible()
        await expect(reason).to_contain_text("Ask admin")
        assert await findings(page) == []
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile(rf"{BIZ}/jobs$"))
        await expect(reason).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(reason).to_be_hidden()
        await page.keyboard.press("Tab")
        await button.tap(force=True)  # a finger does not ask whether it may
        await expect(reason).to_be_visible()
        await page.get_by_role("heading", name="Jobs").tap()
        await expect(reason).to_be_hidden()


async def press_until_focused(page: Page, button: Locator) -> None:
    """Go on by Tab until a button has the focus."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await button.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError("Tab does not lead there")


async def test_question_mark_lists_the_keys_and_escape_closes_them(console: Console) -> None:
    async with console.visit(f"{BIZ}/home") as page:
        await page.get_by_role("navigation").first.wait_for()
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_contain_text("Keyboard")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_personal_token_is_made_shown_once_and_revoked(console: Console) -> None:
    async with console.visit("/me/tokens") as page:
        await page.get_by_role("button", name="New token").first.click()
        await page.get_by_label("Name").fill("made in a browser")
        await page.get_by_role("dialog").get_by_role("button", name="New token").click()
        await expect(page.get_by_text("jf_pat_")).to_be_visible()
        await page.keyboard.press("Escape")
        row = page.get_by_role("row", name="made in a browser")
        await row.get_by_role("button", name="Revoke").click()
        await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        await expect(row).to_have_count(0)


async def test_a_breach_of_the_policy_is_heard(console: Console) -> None:
    """Prove that the watch over every visit is not deaf."""
    async with console.window(signed_in=False) as window:
        page = await window.new_page()
        wrong = watch(page)
        await page.goto("/sign-in")
        await page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'bad = 1'}))")
        assert await page.evaluate("'bad' in window") is False
        await until(lambda: wrong)
        assert len(wrong) == 1, wrong


async def test_a_fault_of_a_part_is_heard(console: Console) -> None:
    """Prove that what the page takes to show that it failed is heard by the watch over every visit."""
    async with console.window() as window:
        page = await window.new_page()
        wrong = watch(page)
        await page.route("**/api/v1/tags?*", lambda route: route.fulfill(json={"tags": [None], "total": 1}))
        await page.goto(f"{BIZ}/tags")
        await expect(page.get_by_text("The error is ours")).to_be_visible()
        assert wrong


async def test_texts_are_copied_where_browsers_offer_no_clipboard(console: Console) -> None:
    """On plain http they offer none, and one press on Copy must not cost the page."""
    job = await console.stage.run("dHJ1ZQ==", 1)
    async with console.window() as window:
        await window.add_init_script("Object.defineProperty(Navigator.prototype, 'clipboard', {value: undefined})")
        async with looking(window, f"{BIZ}/runs/{job.id}/steps/{job.step_id}?host=1") as page:
            copy = page.locator(".host-pane").get_by_role("button", name="Copy", exact=True)
            await page.evaluate("document.execCommand = () => false")
            await copy.click()
            await expect(page.get_by_role("list", name="News").get_by_text("did not let us copy")).to_be_visible()
            await page.reload()
            await copy.click()
            await page.keyboard.press("Control+k")
            await page.keyboard.press("Control+v")
            await expect(page.get_by_role("combobox", name="Search or jump")).to_have_value("127.0.0.1")


async def test_the_palette_finds_pages_hosts_and_runs_by_their_number(console: Console) -> None:
    job = await console.stage.run("dHJ1ZQ==", 1)
    async with console.visit(f"{BIZ}/home") as page:
        await page.get_by_role("navigation").first.wait_for()
        await page.keyboard.press("Control+k")
        await page.keyboard.type("audit")
        await expect(page.get_by_role("option").first).to_contain_text("Audit")
        await page.get_by_role("combobox").fill("127.0.0.2")
        await expect(page.get_by_role("option", name="127.0.0.2")).to_be_visible()
        await page.get_by_role("combobox").fill(f"#{job.id}")
        await expect(page.get_by_role("option", name=f"#{job.id} ")).to_be_visible()
        # Enter of an input method takes over the words that are being composed; it goes nowhere.
        await page.get_by_role("combobox").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
        await expect(page.get_by_role("option", name=f"#{job.id} ")).to_be_visible()
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile(rf"{BIZ}/runs/{job.id}"))


async def test_links_of_bk_job_lead_to_the_same_things_here(console: Console) -> None:
    job = await console.stage.run("dHJ1ZQ==", 1)
    step = f"{BIZ}/runs/{job.id}/steps/{job.step_id}"
    links = {
        f"/api_execute/{job.id}": f"{BIZ}/runs/{job.id}",
        f"/api_execute/{job.id}?stepInstanceId={job.step_id}&retryCount=1": f"{step}?attempt=1",
        f"/api_execute_step/{job.id}/{job.step_id}?retryCount=0": f"{step}?attempt=0",
        f"/api_execute_step/{job.id}/{job.step_id}": step,
        f"/2/execute/step/{job.id}": f"{BIZ}/runs/{job.id}",
    }
    async with console.visit("/me/password") as page:
        for link, place in links.items():
            await page.goto(link)
            await page.wait_for_url(re.compile(rf"{re.escape(place)}([?&/]|$)"))
        await page.goto(f"/api_execute/{job.id + 1_000_000}")
        await expect(page.get_by_text("is gone, or you may not see it")).to_be_visible()


async def test_a_page_in_a_frame_has_neither_bar_nor_menu(console: Console) -> None:
    job = await console.stage.run("dHJ1ZQ==", 1)
    async with console.visit(f"{BIZ}/runs/{job.id}?embed=1") as page:
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.locator(".top-bar, .side-menu")).to_have_count(0)
        assert "embed=1" in page.url
