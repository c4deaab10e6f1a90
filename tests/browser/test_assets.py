"""Scripts from draft to run, a host that comes, secrets that stay inside, addresses that are kept."""

import base64
import re
import shlex
from pathlib import Path

from playwright.async_api import Page, expect
from tests.acceptance.processes import running
from tests.browser.listed.jobs import post
from tests.browser.visits import BIZ, Console
from tests.environment import plain_environment

NAME = re.compile("^Name")


async def write(page: Page, text: str) -> None:
    """Put a text into the editor in place of what it holds."""
    await page.locator(".code-editor[data-ready]").wait_for()
    await page.locator(".code-editor .cm-content").click()
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Delete")  # who writes over it has Chromium keep its style, which the policy refuses
    await page.keyboard.insert_text(text)


async def test_a_script_is_kept_published_compared_and_run(console: Console) -> None:
    async with console.visit(f"{BIZ}/scripts") as page:
        await page.get_by_role("link", name="New script").first.click()
        await page.get_by_label("Name").fill("made in a browser")
        await write(page, "echo one\n")
        await page.get_by_role("button", name="Save draft").click()
        await page.wait_for_url(re.compile(r"/versions/\d+$"))
        await page.get_by_role("button", name="Publish", exact=True).click()
        await page.get_by_role("dialog").get_by_role("button", name="Publish 1.0").click()
        await expect(page.get_by_role("button", name="Publish", exact=True)).to_have_accessible_description(
            "It is online already"
        )
        first = page.url.rpartition("/")[2]
        await page.get_by_role("button", name="New version").click()
        await expect(page.get_by_label("Version")).to_have_value("1.1")
        await write(page, "echo two\n")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(re.compile(rf"/versions/(?!{first}$)\d+$"))
        await page.get_by_role("link", name="Compare").click()
        await page.wait_for_url("**/compare/**")
        await expect(page.locator(".panel")).to_have_count(1)
        await expect(page.locator(".panel")).to_contain_text("echo one")
        await expect(page.locator(".panel")).to_contain_text("echo two")
        await page.go_back()
        await page.locator(".versions").get_by_role("link", name=re.compile(r"^1\.0\b")).click()
        await page.get_by_role("link", name="Run", exact=True).click()
        await page.wait_for_url(re.compile(rf"/run/script\?from=script:[0-9a-f]+@{first}"))


async def test_a_script_that_is_no_utf8_text_is_kept_byte_for_byte(console: Console) -> None:
    bytes_of_gbk = "@echo off\r\necho 中文\r\n".encode("gbk")
    kept = base64.b64encode(bytes_of_gbk).decode()
    words = {"name": "in GBK", "language": "bat", "version": "1.0", "script_base64": kept}
    made = await post(console, "/scripts", scope="biz:2", **words)
    script, version = made["script"]["id"], made["version"]["id"]
    async with console.visit(f"{BIZ}/scripts/{script}/versions/{version}?edit=1") as page:
        await expect(page.get_by_role("note")).to_contain_text("No UTF-8 (22 B)")
        async with page.expect_download() as saving:
            await page.get_by_role("button", name="Download").click()
        assert (await (await saving.value).path()).read_bytes() == bytes_of_gbk
        await page.get_by_label("Description").fill("Only this changes")
        await page.get_by_role("button", name="Save draft").click()
        await expect(page.get_by_role("button", name="Save draft")).to_have_count(0)
        await expect(page.get_by_text("Only this changes").first).to_be_visible()
        told = await console.stage.http.get(
            f"/api/v1/scripts/{script}/versions/{version}", headers=await console.stage.bearer()
        )
        assert told.json()["content"] == kept


async def test_a_host_comes_by_the_command_that_the_page_shows(console: Console, tmp_path: Path) -> None:
    async with console.visit("/biz/3/hosts/add") as page:
        await page.get_by_role("button", name="Make the command").click()
        command = shlex.split(await page.locator("pre.command").inner_text())
        assert command[:2] == ["jobfleet", "agent"]
        told = dict(zip(command[2::2], command[3::2], strict=True)) | {"--data-dir": str(tmp_path), "--ip": "127.0.9.9"}
        arguments = [word for pair in told.items() for word in pair]
        await expect(page.get_by_text("Waiting for the first agent")).to_be_visible()
        async with running("agent", *arguments, env=plain_environment()):
            came = page.get_by_role("listitem").filter(has_text="127.0.9.9").last
            await expect(came.get_by_text("Online")).to_be_visible(timeout=30_000)
        await came.get_by_role("link", name="127.0.9.9").click()
        await expect(page.get_by_text("Nothing ran on this host")).to_be_visible()
        await page.get_by_role("button", name="Revoke agent").click()
        await page.get_by_role("dialog").get_by_role("button", name="Revoke this agent").click()
        await expect(
            page.get_by_role("banner").or_(page.locator(".page-header")).get_by_text("Revoked", exact=True)
        ).to_be_visible()


async def test_a_password_goes_in_and_never_comes_out(console: Console) -> None:
    secret, answers = "never to be seen again", list[str]()
    async with console.visit(f"{BIZ}/accounts?open=new") as page:
        await page.get_by_role("textbox", name="Account").fill("deploy")
        await page.get_by_label("Alias", exact=True).fill("made in a browser")
        await page.get_by_label("Password").fill(secret)
        await page.get_by_role("dialog").get_by_role("button", name="New account").click()
        await page.wait_for_url(re.compile(r"open=\d+"))
        page.on("response", lambda answer: answers.append(answer.url) if "/api/v1/accounts" in answer.url else None)
        await page.reload()
        await expect(page.get_by_text("Set. It is never shown.")).to_be_visible()
        assert secret not in await page.content()
        assert answers
        texts = [await (await page.request.get(url)).text() for url in answers]
        assert not any(secret in text for text in texts)
        await page.get_by_role("button", name="Take away").click()
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator("input[type=password]")).to_have_value("")


async def test_a_secret_of_a_credential_is_replaced_and_stays_inside(console: Console) -> None:
    first, second = "the first of its secrets", "another one in its place"
    keys = {"username": "robot", "password": first}
    made = await post(console, "/credentials", scope="biz:2", name="registry", type="username_password", secrets=keys)
    asked: list[str] = []
    async with console.visit(f"{BIZ}/credentials?open={made['id']}") as page:
        page.on("request", lambda one: asked.append(one.url) if "/api/v1/credentials" in one.url else None)
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("textbox", name=NAME).fill("registry of images")
        await dialog.get_by_role("button", name="Replace").last.click()
        await dialog.get_by_label("Password").fill(second)
        async with page.expect_response(re.compile(rf"/credentials/{made['id']}$")) as kept:
            await dialog.get_by_role("button", name="Save").click()
        assert second in ((await kept.value).request.post_data or "")
        await page.reload()
        await expect(dialog.get_by_text("Set. It is never shown.")).to_have_count(2)
        await expect(dialog.get_by_role("textbox", name=NAME)).to_have_value("registry of images")
        texts = [await page.content(), *[await (await page.request.get(url)).text() for url in set(asked)]]
    assert any("registry of images" in text for text in texts[1:])
    assert not any(secret in text for text in texts for secret in (first, second))


async def test_a_tag_is_renamed_and_its_scripts_keep_it(console: Console) -> None:
    tag = await post(console, "/tags", scope="biz:2", name="to be renamed", description="")
    words = {"language": "shell", "version": "1", "script": "true"}
    made = await post(console, "/scripts", scope="biz:2", name="tagged in a browser", **words)
    await post(console, f"/scripts/{made['script']['id']}/tags", tags=[tag["id"]])
    async with console.visit(f"{BIZ}/tags?q=to+be+renamed") as page:
        await page.get_by_role("button", name="to be renamed").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("textbox", name=NAME).fill("renamed")
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog).to_have_count(0)
        await page.goto(f"{BIZ}/scripts?q=tagged+in+a+browser")
        await expect(page.get_by_role("row", name="tagged in a browser")).to_contain_text("renamed")


async def test_the_address_of_a_list_brings_it_back(console: Console) -> None:
    async with console.visit(f"{BIZ}/hosts") as page:
        await page.locator(".table tbody tr").first.wait_for()
        await page.keyboard.press("/")
        await page.keyboard.insert_text("127.0.0.")
        await page.wait_for_url(re.compile(r"\?q=127\.0\.0\."))
        await page.get_by_text(re.compile("^Online")).first.click()
        await page.wait_for_url(re.compile("agent=online"))
        await page.reload()
        await expect(page.get_by_role("searchbox")).to_have_value("127.0.0.")
        await expect(page.get_by_role("radio", name=re.compile("Online"))).to_be_checked()
        await expect(page.locator(".table tbody tr").filter(has_not_text="127.0.0.")).to_have_count(0)
        await page.locator(".table tbody tr").first.wait_for()
        await page.locator("h1").click()
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile(r"/hosts/\d+$"))
        await page.go_back()
        await expect(page.get_by_role("searchbox")).to_have_value("127.0.0.")


async def test_a_job_runs_on_all_hosts_that_were_found_by_what_found_them(console: Console) -> None:
    allowed = ["clipboard-read", "clipboard-write"]
    async with console.visit(f"{BIZ}/hosts?q=ip%3D127.0.0.0%2F30&agent=online", permissions=allowed) as page:
        await page.get_by_role("button", name="Copy hosts").click()
        await page.get_by_role("menuitem", name="IPv4", exact=True).click()
        await expect(page.get_by_role("list", name="News")).to_contain_text("3 lines copied")
        copied = (await page.evaluate("navigator.clipboard.readText()")).split("\n")
        assert sorted(copied) == ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
        await page.get_by_role("row").filter(has_text="127.0.0.2").get_by_role("checkbox").check()
        await page.get_by_role("button", name="Copy hosts").click()
        await page.get_by_role("menuitem", name="Area:IPv4").click()
        await expect(page.get_by_role("list", name="News")).to_contain_text("1 line copied")
        assert await page.evaluate("navigator.clipboard.readText()") == "0:127.0.0.2"
        await page.get_by_role("row").filter(has_text="127.0.0.2").get_by_role("checkbox").uncheck()
        await page.get_by_role("link", name="Run on all 3 hosts").click()
        await page.wait_for_url("**/run/script?target=**")
        chip = page.locator(".target-box .tag")
        await expect(chip).to_contain_text("ip=127.0.0.0/30 agent=online")
        await expect(chip.locator(".count")).to_have_text("3")
        await page.go_back()
        await page.get_by_role("row").filter(has_text="127.0.0.1").get_by_role("button", name="loopback").click()
        await page.wait_for_url(re.compile("group"))
        await expect(page.get_by_role("link", name="Run on", exact=False)).to_be_visible()
