"""Quick runs and the list of runs, as people use them."""

import asyncio
import base64
import re
import uuid
from collections.abc import Callable
from pathlib import Path

from playwright.async_api import Page, Response, Route, expect
from tests.acceptance.declared import A, B
from tests.browser.test_moved_on import retried_elsewhere
from tests.browser.test_runview import STATUS
from tests.browser.visits import BIZ, Console

EDITOR = ".code-editor[data-ready] .cm-content"


async def write(page: Page, script: str) -> None:
    await page.locator(EDITOR).click()
    await page.keyboard.insert_text(script)


async def aim(page: Page, *texts: str) -> None:
    box = page.get_by_role("textbox", name="Targets", exact=True)
    for text in texts:
        await box.fill(text)
        await box.press("Enter")


async def test_a_script_runs_from_an_empty_page_by_keyboard_alone(console: Console) -> None:
    async with console.visit(f"{BIZ}/home") as page:
        await page.get_by_role("heading", level=1).wait_for()
        await page.keyboard.press("g")
        await page.keyboard.press("n")
        await page.locator(EDITOR).wait_for()
        await page.get_by_role("textbox", name="Name").focus()
        await page.keyboard.type("by keyboard")
        for _ in range(20):
            await page.keyboard.press("Tab")
            if await page.locator(".code-editor").evaluate("one => one.contains(document.activeElement)"):
                break
        await page.keyboard.insert_text("hostname; exit 0")
        await page.keyboard.press("Escape")
        for _ in range(20):
            await page.keyboard.press("Tab")
            if await page.locator(".target-box .write").evaluate("one => one === document.activeElement"):
                break
        await page.keyboard.type("127.0.0.1 ")
        panel = page.get_by_role("complementary", name="What will happen")
        await expect(panel.get_by_text("1 host", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="Run", exact=False).first).not_to_have_attribute(
            "aria-disabled", "true"
        )
        await page.keyboard.type("127.0.0.2")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(re.compile(rf"{BIZ}/runs/\d+"))
        await expect(page.locator(STATUS)).to_have_text("Succeeded")
        await expect(page.get_by_role("main").get_by_text("2/2").first).to_be_visible()


async def test_a_start_whose_answer_is_lost_becomes_no_second_job(console: Console) -> None:
    lost: list[int] = []

    async def lose(route: Route) -> None:
        if lost:
            await route.continue_()
            return
        answer = await route.fetch()
        lost.append((await answer.json())["job_id"])
        await route.abort()

    async with console.visit(f"{BIZ}/run/script?hosts=127.0.0.1") as page:
        await page.route("**/api/v1/jobs/script", lose)
        await write(page, "hostname\n")
        await expect(page.get_by_text("1 host, 1 ready")).to_be_visible()
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("list", name="News").get_by_text("The server cannot be reached.")).to_be_visible()
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(re.compile(rf"{BIZ}/runs/{lost[0]}\b"))


SELF = b"#!/usr/bin/env -S base64 -w0 #"
"""A script that prints itself, whatever follows; what else stands in its first line is a comment."""


def job_of(page: Page) -> str:
    return str(re.findall(r"/runs/(\d+)", page.url)[0])


async def ran(page: Page, console: Console) -> bytes:
    """Start what is on the page; return the script as the host had it."""
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url(re.compile(rf"{BIZ}/runs/\d+"))
    await expect(page.locator(".run-header")).to_contain_text("Succeeded")
    answer = await console.stage.http.get(f"/api/v1/jobs/{job_of(page)}/log", headers=await console.stage.bearer())
    logs = answer.raise_for_status().json()["logs"]
    return base64.b64decode(logs[0]["text"])


async def test_a_script_from_a_file_reaches_the_host_byte_by_byte(console: Console) -> None:
    returns, gbk = SELF + b"\r\necho off\r\n", SELF + "\r\nrem 中文".encode("gb18030")
    async with console.visit(f"{BIZ}/run/script?hosts=127.0.0.1") as page:
        foot = page.locator(".code-editor .foot")
        await page.locator(EDITOR).wait_for()
        await choose_file(page, returns)
        await expect(foot).to_have_text("CRLF")
        await page.locator(EDITOR).click()
        await page.keyboard.press("Control+End")
        await page.keyboard.type("more")
        await page.keyboard.press("Enter")
        assert await ran(page, console) == returns + b"more\r\n"
        await page.goto(f"{BIZ}/run/script?from=run:{job_of(page)}")
        await expect(foot).to_have_text("CRLF")
        await foot.get_by_role("button").click()
        await expect(foot).to_have_text("LF")
        assert await ran(page, console) == (returns + b"more\r\n").replace(b"\r", b"")
    async with console.visit(f"{BIZ}/run/script?hosts=127.0.0.1") as page:
        await page.locator(EDITOR).wait_for()
        await choose_file(page, gbk)
        await expect(page.locator(".bytes-script")).to_contain_text("No UTF-8")
        await expect(page.locator(EDITOR)).to_contain_text("rem 中文")
        assert await ran(page, console) == gbk
        await page.goto(f"{BIZ}/run/script?from=run:{job_of(page)}")
        await page.get_by_role("button", name="Turn into UTF-8 and edit").click()
        await expect(page.locator(".code-editor .foot")).to_have_text("CRLF")
        assert await ran(page, console) == gbk.decode("gb18030").encode()


async def choose_file(page: Page, content: bytes) -> None:
    await page.locator(".script-bar input[type=file]").set_input_files(
        {"name": "a.bat", "mimeType": "text/plain", "buffer": content}
    )


async def test_a_rule_blocks_and_what_is_dangerous_is_asked_about_once(console: Console) -> None:
    word = f"forbidden{uuid.uuid4().hex[:8]}"
    bearer = await console.stage.bearer()
    rule = {"expression": word, "languages": ["shell"], "description": "not this", "action": "intercept"}
    made = await console.stage.http.post("/api/v1/dangerous-rules", json=rule, headers=bearer)
    assert made.status_code == 201, made.text
    path = f"/api/v1/dangerous-rules/{made.json()['id']}/operate"
    await console.stage.http.post(path, json={"operation": "enable"}, headers=bearer)
    try:
        async with console.visit(f"{BIZ}/run/script?hosts=127.0.0.1") as page:
            await write(page, f"echo {word}\n")
            await expect(page.locator(".cm-lint-marker-error")).to_be_visible()
            panel = page.get_by_role("complementary", name="What will happen")
            await expect(panel.get_by_text("line 1: not this blocks")).to_be_visible()
            run = (
                page.get_by_role("banner")
                .or_(page.locator(".page-header"))
                .get_by_role("button", name=re.compile("Run"))
            )
            await expect(run.last).to_have_attribute("aria-disabled", "true")
            await page.locator(EDITOR).press("Control+a")
            await page.keyboard.insert_text("true || rm -rf /etc\n")
            await expect(panel.get_by_text("Much could break.")).to_be_visible()
            await page.keyboard.press("Control+Enter")
            dialog = page.get_by_role("dialog")
            await expect(dialog.get_by_text("rm -rf /etc")).to_be_visible()
            await dialog.get_by_role("textbox").fill("1")
            await dialog.get_by_role("button", name="Run on 1 host").click()
            await page.wait_for_url(re.compile(rf"{BIZ}/runs/\d+"))
    finally:
        await console.stage.http.post(path, json={"operation": "delete"}, headers=bearer)


async def test_a_draft_survives_a_reload_without_its_secret(console: Console) -> None:
    async with console.visit(f"{BIZ}/run/script") as page:
        await write(page, "echo kept on the server\n")
        await page.get_by_role("checkbox", name="Secret").check()
        await page.get_by_role("textbox", name="Arguments").fill("hunter2-in-a-browser")
        async with page.expect_response(_keeps("127.0.0.1")):  # what was written before may be kept already
            await aim(page, "127.0.0.1")
        await page.wait_for_url(re.compile(r"from=draft:\d+|from=draft%3A\d+"))
        await expect(page.get_by_text("draft saved")).to_be_visible()
        async with page.expect_response(re.compile(r"/api/v1/drafts/\d+")) as answered:
            await page.reload()
        assert "hunter2" not in await (await answered.value).text()
        await expect(page.locator(EDITOR)).to_contain_text("echo kept on the server")
        await expect(page.locator(".target-box .tag")).to_have_count(1)
        await expect(page.get_by_role("textbox", name="Arguments")).to_have_value("")
        drafted = page.url
        await page.goto(f"{BIZ}/run/script")
        await page.get_by_role("button", name=re.compile("draft")).click()
        await page.get_by_role("menuitem", name=re.compile("echo kept on the server")).first.click()
        await page.wait_for_url(drafted)
        await expect(page.locator(EDITOR)).to_contain_text("echo kept on the server")
        await page.get_by_role("button", name="Clear").click()
        await expect(page.locator(EDITOR)).not_to_contain_text("echo")
        assert "draft" not in page.url


def _keeps(text: str) -> Callable[[Response], bool]:
    """Return what tells the answer to a draft that is kept with a text in it."""

    def keeps(answer: Response) -> bool:
        asked = answer.request
        return "/api/v1/drafts" in asked.url and asked.method == "POST" and text in (asked.post_data or "")

    return keeps


async def test_what_is_wrong_with_targets_is_mended_by_a_press(console: Console) -> None:
    async with console.visit(f"{BIZ}/run/script?hosts=127.0.0.1,10.0.0.10,nobody-here") as page:
        findings = page.locator(".target-findings")
        await expect(findings.get_by_text("1 text names nothing")).to_be_visible()
        await expect(findings.get_by_text("1 host is not connected")).to_be_visible()
        await findings.get_by_role("button", name="Remove", exact=True).click()
        await expect(findings.get_by_text("1 text names nothing")).to_have_count(0)  # the other one stands still now
        await findings.get_by_role("button", name="Leave out", exact=True).click()
        await expect(findings).to_have_count(0)
        await expect(page.get_by_text("1 host, 1 ready")).to_be_visible()


async def test_a_file_is_uploaded_and_distributed(console: Console, tmp_path: Path) -> None:
    sent = tmp_path / "sent.txt"
    sent.write_text("from a browser")
    target = tmp_path / "target"
    async with console.visit(f"{BIZ}/run/file") as page:
        await page.get_by_role("button", name="+ Upload").click()
        await page.locator("input[type=file]").set_input_files(sent)
        await expect(page.locator(".upload-box").get_by_text("sent.txt")).to_be_visible()
        await page.get_by_role("textbox", name="Target path").fill(f"{target}/")
        await aim(page, "127.0.0.2")
        panel = page.get_by_role("complementary", name="What will happen")
        await expect(panel.get_by_text(f"{target}/")).to_be_visible()
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(re.compile(rf"{BIZ}/runs/\d+"))
        await expect(page.locator(STATUS)).to_have_text("Succeeded")
    assert (target / "sent.txt").read_text() == "from a browser"


async def test_the_list_of_runs_is_its_address_and_moves_only_when_asked(console: Console) -> None:
    name = f"listed {uuid.uuid4().hex[:8]}"
    bad, good = (base64.b64encode(text).decode() for text in (b"exit 3", b"true"))
    failed = await console.stage.run(bad, A, B, task_name=f"{name} one")
    await console.stage.wait_end(failed)
    async with console.visit(f"{BIZ}/runs?name={name.replace(' ', '+')}&status=failed,succeeded&since=24h") as page:
        rows = page.locator(".runs-table tbody tr")
        await expect(rows).to_have_count(1)
        await expect(page.locator(".filters .tag")).to_have_count(3)
        await expect(rows.first.get_by_role("button", name="Retry failed hosts (2)")).to_be_visible()
        done = await console.stage.run(good, A, task_name=f"{name} two")
        await console.stage.wait_end(done)
        news = page.get_by_role("button", name="1 new run")
        await expect(news).to_be_visible()
        await expect(rows).to_have_count(1)
        await news.click()
        await expect(rows).to_have_count(2)
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile(rf"{BIZ}/runs/{failed.id}"))
        await page.go_back()
        await expect(rows).to_have_count(2)
        await page.goto(f"{BIZ}/runs?name={name.replace(' ', '+')}&host=127.0.0.2")
        await expect(rows).to_have_count(1)
        await expect(rows.first.locator(".own")).to_contain_text("exit 3")


async def test_picks_on_other_pages_are_told_and_can_be_let_go(console: Console, tmp_path: Path) -> None:
    name = f"paged {uuid.uuid4().hex[:8]}"
    gate = tmp_path / "open"
    bad = base64.b64encode(f"[ -e {gate} ] || exit 3".encode()).decode()
    jobs = [await console.stage.run(bad, A, task_name=f"{name} {number}") for number in range(31)]
    for job in jobs:
        await console.stage.wait_end(job)
    async with console.visit(f"{BIZ}/runs?name={name.replace(' ', '+')}&status=failed") as page:
        rows = page.locator(".runs-table tbody tr")
        await expect(rows).to_have_count(30)
        await expect(page.locator(".runs-pages")).to_contain_text("of 31")
        await rows.first.get_by_role("checkbox").check()
        await page.get_by_role("button", name="Next page").click()
        await expect(rows).to_have_count(1)
        told = page.locator(".runs-picked")
        await expect(told).to_contain_text("1 run picked")
        await expect(told).to_contain_text(f"{name} 30 #{jobs[-1].id}")
        await rows.first.get_by_role("checkbox").check()
        await page.get_by_role("button", name="Retry failed hosts (2) · 2 runs").click()
        asked = page.get_by_role("dialog").get_by_role("listitem")
        await expect(asked).to_have_text([re.compile(r"30.*not on this page"), re.compile(rf"{name} 0 #\d+$")])
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Let these go").click()
        await expect(told).to_have_text(re.compile("^1 run picked"))
        await expect(told.locator(".unshown")).to_have_count(0)
        gate.touch()
        await retried_elsewhere(console, jobs[0])
        await expect(rows.first).to_contain_text("no longer matches")
        await expect(page.locator(".runs-pages")).to_contain_text("30 runs match now")


async def test_the_first_start_leads_to_a_quick_run_of_hostname(console: Console) -> None:
    async with console.visit(f"{BIZ}/run/script?from=sample:hostname") as page:
        await expect(page.locator(EDITOR)).to_have_text("hostname")
        await expect(page.get_by_role("textbox", name="Name")).to_have_value("hostname")


async def test_who_writes_before_the_editor_is_there_goes_on_in_it(console: Console) -> None:
    released = asyncio.Event()

    async def hold(route: Route) -> None:
        await released.wait()
        await route.continue_()

    async with console.visit(f"{BIZ}/home") as page:
        await page.route(re.compile(r"/assets/editor-.*\.js"), hold)
        await page.goto(f"{BIZ}/run/script")
        await page.locator(".code-editor textarea").click()
        await page.keyboard.type("echo first\necho sec")
        released.set()
        await page.locator(EDITOR).wait_for()
        await page.keyboard.type("ond")
        await expect(page.locator(EDITOR)).to_contain_text("echo second")
