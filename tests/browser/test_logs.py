"""What hosts printed, as people look at it: long logs, hostile ones, groups and differences, links to lines."""

import base64
import hashlib
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect
from tests.acceptance.declared import IPS, A, B
from tests.acceptance.stage import Job
from tests.browser.listed.logs import files_lack_one, one_differs, send
from tests.browser.visits import BIZ, Console

LINES = 230_000
"""More than a page keeps: above 200,000 lines it looks through a window."""

_LONG = f"""\
awk 'BEGIN {{ for (n = 1; n <= {LINES}; n++) printf "%d ok %d%s\\n", n, n * 7, n == 150000 ? " ERROR disk full" : "" }}'
"""
_HOSTILE = r"""
printf '<script>window.broken=1</script><img src=x onerror=window.broken=1>\n'
printf '\033]0;title\007\033[2J\033[31mred\033[0m \033]8;;javascript:window.broken=1\033\\link\033]8;;\033\\\n'
printf 'nul \000 and \377\376 bytes\r\n'
head -c 1000000 /dev/zero | tr '\0' 'z'
printf '\nlast line\n'
"""


async def ran(console: Console, script: str, *hosts: int, within_s: float = 60) -> Job:
    job = await console.stage.run(base64.b64encode(script.encode()).decode(), *hosts)
    await console.stage.wait_end(job, within_s)
    return job


def address(job: Job, rest: str) -> str:
    return f"{BIZ}/runs/{job.id}/steps/{job.step_id}?{rest}"


async def text_of(page: Page, line: int) -> str:
    row = page.locator(f".log-row:has(> a.no[href='#L{line}'])")
    return await row.locator(".text").inner_text()


async def test_a_log_longer_than_the_page_keeps_is_scrolled_and_searched(
    console: Console, record_property: Callable[[str, object], None]
) -> None:
    job = await ran(console, _LONG, A)
    async with console.visit(address(job, f"host={A}&pane=log")) as page:
        await expect(page.locator(".log-row").first).to_contain_text("1 ok 7")
        begun = time.monotonic()
        await page.locator(".log-view").press("End")
        await expect(page.locator(".log-row").last).to_contain_text(f"{LINES} ok")
        jumped = time.monotonic() - begun
        begun = time.monotonic()
        await page.get_by_role("searchbox", name="Search the log").fill("disk full")
        await expect(page.locator(".log-find .count")).to_have_text("–/1")
        found = time.monotonic() - begun
        await page.keyboard.press("Enter")
        await expect(page.locator(".log-row.current mark")).to_have_text("disk full")
        assert await text_of(page, 150_000) == "150000 ok 1050000 ERROR disk full"
        await page.get_by_label("Only matches").check()
        await expect(page.locator(".log-row")).to_have_count(1)
        await page.get_by_label("Lines around each match").select_option("±3")
        await expect(page.locator(".log-row .no")).to_have_text([str(n) for n in range(149_997, 150_004)])
        record_property("summary", f"log of {LINES:,} lines: to its end {jumped:.2f} s, searched {found:.2f} s")


async def test_hostile_output_is_only_text(console: Console) -> None:
    job = await ran(console, _HOSTILE, A)
    async with console.visit(address(job, f"host={A}&pane=log")) as page:
        await expect(page.locator(".log-row")).to_have_count(5)
        assert (await text_of(page, 1)).startswith("<script>window.broken=1</script><img")
        assert await text_of(page, 2) == "red link"
        assert await text_of(page, 3) == "nul \u2400 and \ufffd\ufffd bytes"
        assert "961 KiB more" in await text_of(page, 4)
        assert await page.evaluate("window.broken === undefined")
        assert await page.locator(".log-view img, .log-view script, .log-row .text a").count() == 0
        await expect(page).not_to_have_title("title")
        raw = await page.request.get(f"/api/v1/jobs/{job.id}/steps/{job.step_id}/logs.zip")
        assert (raw.status, (await raw.body())[:2]) == (200, b"PK")


@pytest.fixture
async def ticking(console: Console, tmp_path: Path) -> AsyncIterator[Job]:
    """Give a run that prints line after line for as long as somebody looks."""
    gate = tmp_path / "over"
    script = f'until [ -e {gate} ]; do n=$((n + 1)); echo "tick $n"; sleep 0.05; done'
    job = await console.stage.run(base64.b64encode(script.encode()).decode(), A, timeout=900)
    yield job
    gate.touch()
    await console.stage.wait_end(job)


async def test_a_log_is_followed_until_one_scrolls_up(console: Console, ticking: Job) -> None:
    async with console.visit(address(ticking, f"host={A}&pane=log")) as page:
        await expect(page.locator(".log-row").last).to_contain_text(re.compile(r"tick (6\d|7\d|8\d|9\d|\d{3})"))
        await page.locator(".log-view").hover()
        await page.mouse.wheel(0, -400)
        await expect(page.locator("button.news")).to_contain_text("new line")
        await page.keyboard.press("f")
        await expect(page.locator("button.news")).to_have_count(0)
        headers = await console.stage.bearer()
        stopped = await console.stage.http.post(
            f"/api/v1/jobs/{ticking.id}/operate", json={"operation": "stop"}, headers=headers
        )
        assert stopped.status_code == httpx.codes.OK, stopped.text


async def test_lines_are_linked_and_copied(console: Console) -> None:
    made = await one_differs(console)
    async with console.visit(f"{made['run']}?host={made['odd']}&pane=log#L2-L4") as page:
        await expect(page.locator(".log-row.picked .no")).to_have_text(["2", "3", "4"])
        await page.locator(".log-row a.no", has_text=re.compile(r"^6$")).click(modifiers=["Shift"])
        await page.wait_for_url(re.compile("#L2-L6$"))
        await page.reload()
        await expect(page.locator(".log-row.picked")).to_have_count(5)
        await page.keyboard.press("e")
        await expect(page.locator(".log-row.current")).to_contain_text("[emerg]")


_PLACES = """() => {
  const pane = document.querySelector('.log-pane');
  const place = (one) => `${one.textContent}: ${Math.round(one.getBoundingClientRect().x)}`;
  const places = () => [...pane.querySelectorAll('.tools :is(.field, button, .checkbox)')].map(place).join(', ');
  const seen = window.placesSeen = new Set([places()]);
  new MutationObserver(() => seen.add(places())).observe(pane, { subtree: true, childList: true, characterData: true });
}"""


async def test_nothing_of_the_search_bar_moves_while_one_types(console: Console) -> None:
    made = await one_differs(console)
    async with console.visit(f"{made['run']}?host={made['odd']}&pane=log&view=table") as page:
        await expect(page.locator(".log-row").first).to_be_visible()
        await page.evaluate(_PLACES)
        count = page.locator(".log-find .count")
        for text, found in (("conf", "–/43"), ("sever", "–/1"), ("nowhere", "–/0"), ("", "")):
            await page.get_by_role("searchbox", name="Search the log").fill(text)
            await expect(count).to_have_text(found)
            told = page.locator(".log-facts").get_by_text("85 matches in 43 lines")
            await expect(told).to_have_count(1 if text == "conf" else 0)
        await page.get_by_role("button", name="Regular expression").click()
        await page.get_by_role("searchbox", name="Search the log").fill("(")
        await expect(page.locator(".log-find .wrong")).to_be_visible()
        await page.get_by_role("searchbox", name="Search the log").fill("(con)")
        await expect(page.locator(".log-find .wrong")).to_have_count(0)
        await expect(count).to_have_text("–/43")
        places = await page.evaluate("[...window.placesSeen]")
        assert len(places) == 1, places


async def test_a_search_in_a_log_is_shared_by_its_address(console: Console) -> None:
    made = await one_differs(console)
    async with console.visit(f"{made['run']}?host={made['odd']}&pane=log&view=table") as page:
        await expect(page.locator(".log-row").first).to_be_visible()
        entries = await page.evaluate("history.length")
        await page.get_by_role("searchbox", name="Search the log").fill("SITE-[37]\\.conf")
        await page.get_by_role("button", name="Regular expression").click()
        await expect(page.locator(".log-find .count")).to_have_text(re.compile("/3"))
        await page.get_by_label("Only matches").check()
        await page.get_by_label("Lines around each match").select_option("±1")
        await expect(page.locator(".log-row mark")).to_have_count(3)
        shown = await page.locator(".log-row .no").all_inner_texts()
        assert await page.evaluate("history.length") == entries, "typing adds to the history"
        shared = page.url
        assert {"how=regex", "around=1", "view=table"} <= set(shared.partition("?")[2].split("&"))
        assert "case=" not in shared
        await page.reload()
        await expect(page.locator(".log-row .no")).to_have_text(shown)
        await page.get_by_role("button", name="Match case").click()
        await expect(page.locator(".log-find .count")).to_have_text("–/0")
        await page.wait_for_url("**case=1**")
        await page.locator(".host-pane .who a").click()
        await page.wait_for_url("**/hosts/**")
        await page.go_back()
        await expect(page.locator(".log-find .count")).to_have_text("–/0")
    async with console.visit(shared, language="zh") as page:
        await expect(page.locator(".log-row .no")).to_have_text(shown)
        await expect(page.locator(".log-find .count")).to_have_text("1/3")


async def test_the_search_among_the_files_of_a_step_and_of_a_host_are_shared_by_address(console: Console) -> None:
    sent = (await files_lack_one(console))["sent"]
    async with console.visit(f"{sent}?fq=hostname") as page:
        lines = page.get_by_role("table", name="Files of all hosts").locator(".space .line")
        await expect(lines.first).to_contain_text("/etc/hostname")
        await lines.get_by_role("button", name="127.0.0.2").first.click()
        rows = page.locator(".files-pane tbody tr")
        others = rows.filter(has_text="/etc/hostname")
        await expect(others.first).to_be_visible()
        await page.get_by_role("searchbox", name="Search the files").fill("release")
        await expect(others).to_have_count(0)
        await page.reload()
        await expect(rows.first).to_contain_text("/nowhere/release.tar.gz")
        await expect(others).to_have_count(0)
        await page.go_back()
        await expect(lines.first).to_contain_text("/etc/hostname")


async def test_files_on_their_way_arrive_without_a_reload(console: Console) -> None:
    content = bytes(300_000)
    release = console.stage.installation.directory / "release.bin"
    release.write_bytes(content)
    agent = console.stage.installation.children()["agent 2"]
    agent.suspend()  # whatever the speed: the file gets nowhere on this host before somebody looks
    try:
        job = await send(console, str(release), download_limit_kib_s=256)
        async with console.visit(f"{BIZ}/runs/{job}") as page:
            lines = page.get_by_role("table", name="Files of all hosts").locator(".space .line")
            finished = lines.filter(has_text="Finished")
            await expect(finished).to_have_count(2)
            await expect(finished.filter(has_text=IPS[B])).to_have_count(0)
            agent.resume()
            await expect(finished).to_have_count(3)
            await expect(lines.first).to_contain_text(hashlib.sha256(content).hexdigest()[:8])
            await page.get_by_role("searchbox", name="Search the files").fill(hashlib.sha256(content).hexdigest())
            await expect(lines).to_have_count(3)
    finally:
        agent.resume()


async def test_outputs_lead_from_the_odd_one_out_to_its_difference(console: Console) -> None:
    made = await one_differs(console)
    async with console.visit(f"{made['run']}?pane=outputs&norm=times") as page:
        letters = page.locator(".outputs-pane .letter")
        await expect(letters).to_have_text(["B", "A"])
        await expect(page.locator(".outputs-pane li").first).to_contain_text("exit 1")
        await expect(page.locator(".outputs-pane .partial")).to_have_count(0)  # it goes once all are looked at
        await page.get_by_role("button", name="Only these").first.click()
        await page.wait_for_url(re.compile("out=B"))
        await expect(page.locator(".host-pane .place")).to_contain_text("/1")
        await page.get_by_role("button", name="Diff A").first.click()
        await expect(page.locator(".diff-view td.new")).to_contain_text(["unknown directive", "test failed"])
        await expect(page.locator(".diff-view .fold")).to_have_count(1)
        await page.go_back()
        await expect(letters.first).to_be_visible()


async def test_a_host_says_why_it_ended_so(console: Console) -> None:
    job = await ran(console, "exit 127", B)
    async with console.visit(address(job, f"host={B}&pane=why")) as page:
        await expect(page.locator(".why")).to_contain_text("command not found")
        await expect(page.locator(".why")).to_contain_text("Where the time went")
        await expect(page.locator(".why dd", has_text="online")).to_be_visible()


async def test_the_files_of_all_hosts_stand_in_one_list_those_that_failed_first(console: Console) -> None:
    sent = (await files_lack_one(console))["sent"]
    async with console.visit(str(sent)) as page:
        lines = page.get_by_role("table", name="Files of all hosts").locator(".space .line")
        await expect(lines.first).to_contain_text("Failed")
        await expect(lines.first).to_contain_text("/nowhere/release.tar.gz")
        await expect(lines.filter(has_text="Finished").first).to_contain_text("/etc/hostname")
        await page.locator(".step-files .choice").get_by_text("Failed", exact=True).click()
        await expect(lines.filter(has_text="Finished")).to_have_count(0)
        await page.wait_for_url("**files=failed**")
        await page.get_by_role("searchbox", name="Search the files").fill("127.0.0.2")
        await lines.get_by_role("button", name="127.0.0.2").first.click()
        await expect(page.locator(".files-pane tbody tr").first).to_contain_text("/nowhere/release.tar.gz")
        await page.get_by_role("button", name="All hosts").click()
        await expect(lines.first).to_contain_text("/nowhere/release.tar.gz")
