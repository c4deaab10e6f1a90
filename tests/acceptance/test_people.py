"""Users and tokens from the command line, against a running installation."""

from pathlib import Path

from tests.acceptance.cli import Cli
from tests.acceptance.stage import Stage


async def test_a_user_is_made_signs_in_changes_the_password_and_is_disabled(
    cli: Cli, stage: Stage, tmp_path: Path
) -> None:
    assert (await cli("user", "add", "maya", "--password-stdin", stdin="four candles\n")).code == 0
    hers = Cli(tmp_path / "hers")
    (tmp_path / "hers").mkdir()
    login = ("login", "--server", stage.installation.url, "--username", "maya", "--password-stdin")
    assert (await hers(*login, stdin="four candles\n")).code == 0
    assert (await hers("password", "--password-stdin", stdin="four candles\nfork handles\n")).code == 0
    made = await hers("token", "create", "ci", "--expires", "1h")
    assert made.out.startswith("jf_pat_")
    with_token = Cli(tmp_path / "hers", "--server", stage.installation.url, "--token", made.out.strip())
    assert (await with_token("token", "create", "more")).code == 6
    assert "ci" in (await with_token("token", "list")).out
    assert (await cli("user", "disable", "maya")).code == 0
    assert (await with_token("token", "list")).code == 6
    listed = (await cli("user", "list", "-o", "json")).json["users"]
    assert [user["disabled_at"] is not None for user in listed if user["name"] == "maya"] == [True]
    assert (await cli("user", "unlock", "maya")).err.strip() == "maya did not have to wait"


async def test_an_administrator_sees_and_revokes_everybodys_tokens(cli: Cli, stage: Stage) -> None:
    made = await cli("token", "create", "deploy", "--role", "operator", "--scope", "2", "-o", "json")
    about = made.json["about"]
    assert (about["role"], about["scopes"], about["platform"]) == ("operator", ["biz:2"], False)
    assert made.json["token"] not in (await cli("token", "list", "--all")).out
    as_token = Cli(stage.installation.directory, "--server", stage.installation.url, "--token", made.json["token"])
    assert (await as_token("host", "list")).code == 0
    assert (await cli("token", "revoke", str(about["id"]))).code == 0
    assert (await as_token("host", "list")).code == 6
    assert made.json["token"] not in stage.logged()
