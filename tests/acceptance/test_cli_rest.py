"""Commands that no other test calls, each by what it prints and by what is different afterwards."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.cli import Cli
from tests.acceptance.declared import PASSWORD
from tests.acceptance.stage import Stage
from tests.waiting import eventually

PLAN = """
[template]
name = "Kept steps"
[[steps]]
kind = "script"
name = "one"
targets = ["127.0.0.1"]
script_version = {version}
[[steps]]
kind = "approval"
name = "ask"
message = "go on?"
"""

ASKED = """
[template]
name = "Asked for"
[[steps]]
kind = "script"
name = "one"
targets = ["127.0.0.1"]
script = "echo one"
"""
NIGHTLY = """
[[schedules]]
name = "asked nightly"
plan = "Asked for"
expression = "0 3 * * *"
enabled = false
"""


@pytest.fixture
async def cli(stage: Stage, tmp_path: Path) -> Cli:
    """Give the command line of an administrator who is signed in."""
    return await cli_of(stage, tmp_path, "admin", stage.made.admin_password)


async def cli_of(stage: Stage, home: Path, user: str, password: str) -> Cli:
    """Return the command line of somebody who is signed in."""
    token = await stage.sign_in(user, password)
    return Cli(home, "--server", stage.installation.url, "--token", token)


async def done(cli: Cli, *words: str, stdin: str = "") -> str:
    """Return what a command that succeeds writes, to either stream."""
    told = await cli(*words, stdin=stdin)
    assert told.code == 0, (words, told)
    return told.out + told.err


async def told(cli: Cli, *words: str) -> Any:
    """Return the JSON of a command that succeeds."""
    return json.loads(await done(cli, *words, "-o", "json"))


async def test_the_trail_is_listed_by_who_did_what_and_a_changed_row_is_found(
    cli: Cli, stage: Stage, tmp_path: Path
) -> None:
    await done(cli, "tag", "create", "audited", "--description", "why")
    newest = ("audit", "list", "--scope", "biz:2", "--user", "admin", "--action", "create_tag", "-n", "1")
    [row] = (await told(cli, *newest))["rows"]
    assert ("audited" in row["subject"], row["scope"]) == (True, "biz:2")
    assert f"{row['id']} " in await done(cli, *newest)
    before = await told(cli, *newest[:2], "--before", str(row["id"]), "-n", "5")
    assert all(one["id"] < row["id"] for one in before["rows"])
    vera = await cli_of(stage, tmp_path, "vera", PASSWORD)
    assert (await vera("tag", "create", "hers")).code == 6
    [refused] = (await told(cli, "audit", "list", "--user", "vera", "--refused", "-n", "1"))["rows"]
    assert refused["result"] == "refused"
    whole = await cli("audit", "verify")
    assert (whole.code, "rows from" in whole.out) == (0, True), whole
    change = "UPDATE audit SET subject = $1 WHERE id = $2"
    await stage.database.execute(change, "nothing at all", row["id"])
    try:
        broken = await cli("audit", "verify")
        as_json = await cli("audit", "verify", "-o", "json")
    finally:
        await stage.database.execute(change, row["subject"], row["id"])
    assert (broken.code, as_json.code, as_json.json["intact"]) == (1, 1, False), broken
    assert as_json.json["breaks"] == broken.err.splitlines()
    assert f"id {row['id']})" in broken.err
    assert (await told(cli, "audit", "verify"))["intact"]
    await done(cli, "tag", "delete", "audited")


async def test_a_job_is_redone_and_one_that_waits_is_rejected(cli: Cli, tmp_path: Path) -> None:
    first = (await done(cli, "run", "-t", "1", "--detach", "--", "echo again")).strip()
    await done(cli, "job", "follow", first)
    redone = await cli("job", "redo", first)
    assert (redone.code, redone.out) == (0, "127.0.0.1 | again\n"), redone
    assert f"job {first}" not in redone.err
    await done(cli, "script", "create", "kept steps", "-f", "-", "--version", "1", stdin="echo one\n")
    await done(cli, "script", "publish", "kept steps", "--version", "1")
    script, version = await version_of(cli, "1")
    (tmp_path / "plan.toml").write_text(PLAN.format(version=version))
    await done(cli, "plan", "apply", "-f", str(tmp_path / "plan.toml"))
    [template] = (await told(cli, "template", "list", "--name", "kept ste"))["templates"]
    assert (template["name"], template["step_count"]) == ("Kept steps", 2)
    assert "Kept steps" in await done(cli, "template", "list")
    await check_that_its_script_is_brought_up_to_date(cli, script)
    job = (await done(cli, "plan", "run", "Kept steps", "--detach")).strip()
    rejected = await eventually(
        lambda: cli("job", "reject", job), lambda done: done.code == 0 or "waits for nobody" not in done.err
    )
    assert rejected.code == 0, rejected
    ended = await cli("job", "follow", job)
    assert (ended.code, ended.out, "rejected" in ended.err) == (1, "127.0.0.1 | two\n", True), ended
    await done(cli, "tag", "create", "nightly")
    assert "1 tags" in await done(cli, "tag", "template", str(template["id"]), "nightly")
    assert "0 tags" in await done(cli, "tag", "template", str(template["id"]))
    for words in (("tag", "delete", "nightly"), ("template", "delete", "Kept steps"), ("script", "delete", script)):
        await done(cli, *words)


async def version_of(cli: Cli, name: str) -> tuple[str, int]:
    """Return the id of the script and of its version of a name."""
    found = await told(cli, "script", "versions", "kept steps")
    [version] = [one for one in found["versions"] if one["version"] == name]
    return version["script_id"], version["id"]


async def check_that_its_script_is_brought_up_to_date(cli: Cli, script: str) -> None:
    """Give the template's step the script's next version, and the plan what the template has then."""
    await done(cli, "script", "add-version", "kept steps", "-f", "-", "--version", "2", stdin="echo two\n")
    await done(cli, "script", "publish", "kept steps", "--version", "2")
    _, second = await version_of(cli, "2")
    synced = await done(cli, "template", "sync-script", script, str(second), "--template", "Kept steps")
    assert synced.splitlines()[1].split() == ["Kept", "steps", "one", "done"]
    assert "approval" in await done(cli, "template", "show", "Kept steps")
    assert (await told(cli, "plan", "show", "Kept steps"))["needs_sync"]
    assert "one" in await done(cli, "plan", "sync", "Kept steps")
    assert not (await told(cli, "plan", "show", "Kept steps"))["needs_sync"]


async def test_rules_are_changed_and_moved_in_the_order(cli: Cli) -> None:
    first, second = [(await done(cli, "rule", "create", name)).split()[0] for name in ("first-[r]ule", "second-[r]ule")]
    stops = ("--intercept", "--approvable")
    await done(cli, "rule", "set", second, "third-[r]ule", "--lang", "shell,python", *stops, "--description", "d")
    await done(cli, "rule", "move", second, "1")
    rules = (await told(cli, "rule", "list"))["rules"]
    assert [str(one["id"]) for one in rules if str(one["id"]) in {first, second}] == [second, first]
    kept = ("expression", "languages", "action", "description", "enabled", "approvable")
    assert [rules[0][name] for name in kept] == ["third-[r]ule", ["shell", "python"], "intercept", "d", False, True]
    line = (await done(cli, "rule", "list")).splitlines()[1]
    assert ("third-[r]ule" in line, "intercept, approvable" in line) == (True, True)
    for rule in (first, second):
        await done(cli, "rule", "delete", rule)


async def test_a_record_of_the_white_list_is_made_another(cli: Cli) -> None:
    record = await told(cli, "whitelist", "add", "-t", "10.0.0.12", "--scopes", "biz:2", "--actions", "script")
    await done(cli, "whitelist", "set", str(record["id"]), "-t", "10.0.0.13", "--scopes", "all", "--remark", "why")
    [changed] = [one for one in (await told(cli, "whitelist", "list"))["records"] if one["id"] == record["id"]]
    assert ([host["id"] for host in changed["hosts"]], changed["actions"]) == ([13], ["script", "file"])
    assert changed["remark"] == "why"
    await done(cli, "whitelist", "delete", str(record["id"]))


async def test_containers_are_listed_and_the_key_of_passwords_is_made_anew(cli: Cli) -> None:
    assert (await done(cli, "container", "list")).split()[:3] == ["ID", "HOST", "NAME"]
    assert isinstance((await told(cli, "container", "list"))["containers"], list)
    first, second = await done(cli, "account", "rotate-key"), await done(cli, "account", "rotate-key")
    assert base64.b64decode(first, validate=False)[:1] == b"0"  # a sequence of ASN.1
    assert first != second


async def test_users_and_clients_come_back_and_lose_their_sessions_and_identities(
    cli: Cli, stage: Stage, tmp_path: Path
) -> None:
    await done(cli, "user", "add", "nora")
    await done(cli, "user", "set-password", "nora", "--password-stdin", stdin="four candles\n")
    hers = await cli_of(stage, tmp_path, "nora", "four candles")
    assert "1 ended" in await done(cli, "user", "end-sessions", "nora")
    assert (await hers("token", "list")).code == 6
    for words in (("disable", "nora"), ("enable", "nora")):
        await done(cli, "user", *words)
    assert (await (await cli_of(stage, tmp_path, "nora", "four candles"))("token", "list")).code == 0
    alone = await cli("user", "link", "nora", "sub-1")
    assert (alone.code, "No such address" in alone.err) == (2, True), alone  # there is no provider here
    assert "0 forgotten" in await done(cli, "user", "unlink", "nora")
    await done(cli, "api-client", "create", "comes-back")
    for words in (("disable", "comes-back"), ("enable", "comes-back")):
        await done(cli, "api-client", *words)
    [client] = [one for one in (await told(cli, "api-client", "list"))["apps"] if one["code"] == "comes-back"]
    assert client["disabled_at"] is None


async def test_a_start_that_a_rule_blocks_is_asked_for_and_let_pass_by_somebody_else(
    cli: Cli, stage: Stage, tmp_path: Path
) -> None:
    rule = (await done(cli, "rule", "create", "wipe-all-of-it", "--intercept", "--approvable")).split()[0]
    await done(cli, "rule", "enable", rule)
    run = ("run", "-t", "127.0.0.1", "--", "echo wipe-all-of-it\x1b[2K")
    asked = (*run[:3], "--ask", "the disk is full", *run[3:])
    try:
        refused = await cli(*run)
        assert (refused.code, "--ask" in refused.err) == (6, True)
        mine = json.loads(await done(cli, *asked[:3], "-o", "json", *asked[3:]))
        assert (mine["state"], mine["own"]) == ("pending", True)
        own = await cli("request", "approve", str(mine["id"]))
        assert (own.code, "Nobody decides" in own.err) == (6, True)
        await done(cli, "request", "withdraw", str(mine["id"]))
        other = await asker(cli, stage, tmp_path)
        request = (await done(other, *asked)).split()[0]
        assert "the disk is full" in await done(cli, "request", "list")
        shown = await done(cli, "request", "show", request)
        assert "echo wipe-all-of-it\\x1b[2K" in shown
        unsure = await cli("request", "approve", request, stdin="n\n")
        assert (unsure.code, "Start it now as cli-asker?" in unsure.err) == (1, True)
        assert "cli-asker" in await done(cli, "request", "list")
        started = await cli("request", "approve", request, "--answer", "go", stdin="y\n")
        assert (await told(cli, "job", "show", started.out.split()[-1]))["job"]["operator"] == "cli-asker"
        other_one = (await done(other, *asked)).split()[0]
        await done(cli, "request", "refuse", other_one, "--answer", "no")
        states = {one["id"]: one["state"] for one in (await told(cli, "request", "list"))["requests"]}
        assert (states[int(request)], states[int(other_one)]) == ("approved", "refused")
        assert request in await done(cli, "request", "list", "--all")
    finally:
        await done(cli, "rule", "delete", rule)


async def test_what_is_kept_is_asked_for_as_well(cli: Cli, stage: Stage, tmp_path: Path) -> None:
    """A run once more, a template that is tried out, a schedule that is fired: each by its own command."""
    (tmp_path / "plan.toml").write_text(ASKED)
    await done(cli, "plan", "apply", "-f", str(tmp_path / "plan.toml"))
    (tmp_path / "schedule.toml").write_text(NIGHTLY)
    await done(cli, "schedule", "apply", "-f", str(tmp_path / "schedule.toml"))
    job = (await done(cli, "run", "-t", "1", "--detach", "--", "echo once")).strip()
    await done(cli, "job", "follow", job)
    other = await asker(cli, stage, tmp_path, "cli-repeater")
    await done(cli, "setting", "set", "second_person_hosts", "0")
    try:
        refused = await other("job", "redo", job)
        assert (refused.code, "--ask" in refused.err) == (6, True), refused
        for words, kind, shown in (
            (("job", "redo", job), "run", f"job {job} once more on 1 host,"),
            (("template", "debug", "Asked for"), "template", "tried out on 1 host,"),
            (("schedule", "fire", "asked nightly"), "schedule", "fired now on 1 host,"),
        ):
            asked = json.loads(await done(other, *words, "--ask", "please", "-o", "json"))
            assert (asked["kind"], asked["state"]) == (kind, "pending")
            digest = (await told(cli, "request", "show", str(asked["id"])))["digest"]
            assert shown in await done(cli, "request", "show", str(asked["id"]))
            started = (await done(cli, "request", "approve", str(asked["id"]), "--seen", digest)).strip()
            assert (await told(cli, "job", "show", started))["job"]["operator"] == "cli-repeater"
    finally:
        await done(cli, "setting", "reset", "second_person_hosts")
        for words in (("schedule", "delete", "asked nightly"), ("template", "delete", "Asked for")):
            await done(cli, *words)


async def asker(cli: Cli, stage: Stage, home: Path, name: str = "cli-asker") -> Cli:
    """Return the command line of somebody new, who may run scripts and approve nothing."""
    await done(cli, "user", "add", name, "--password-stdin", stdin=f"{PASSWORD}\n")
    await done(cli, "role", "grant", name, "editor", "--scope", "biz:2")
    return await cli_of(stage, home, name, PASSWORD)
