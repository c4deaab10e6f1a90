"""Templates from the command line: they leave as a file, come back, and are tried out."""

from pathlib import Path

from tests.acceptance.cli import Cli

TEMPLATE = """
[template]
name = "Travels"
[[variables]]
name = "who"
value = "nobody"
[[steps]]
kind = "file"
name = "send"
targets = ["127.0.0.1"]
target_path = "{directory}/there/"
[[steps.sources]]
upload = ["greeting.txt"]
[[steps]]
kind = "script"
name = "greet"
enabled = false
targets = ["127.0.0.1"]
script = "echo $who; cat $1"
params = "{directory}/there/greeting.txt"
"""


async def test_a_template_travels_is_tried_out_and_removed(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "greeting.txt").write_text("hello from a file\n")
    (tmp_path / "password").write_text("open sesame\n")
    (tmp_path / "t.toml").write_text(TEMPLATE.format(directory=tmp_path))
    assert (await cli("plan", "apply", "-f", str(tmp_path / "t.toml"))).code == 0
    file, secret = str(tmp_path / "t.jft"), ("--password-file", str(tmp_path / "password"))
    out = await cli("template", "export", "Travels", "-f", file, *secret, "--secrets", "--expires-days", "1")
    assert out.code == 0, out
    assert (tmp_path / "t.jft").stat().st_mode & 0o777 == 0o600
    assert (await cli("template", "export", "Travels", "-f", file, *secret)).code == 2
    refused = await cli("template", "import", file)
    assert (refused.code, "needs its password" in refused.err) == (6, True), refused
    assert (await cli("template", "delete", "Travels")).code == 0
    back = await cli("template", "import", file, *secret, "--ids", "keep_or_skip")
    assert (back.code, back.out.count("Travels")) == (0, 4), back
    again = await cli("template", "import", file, *secret, "--ids", "keep_or_skip")
    assert (again.code, "not everything was imported" in again.err) == (6, True), again
    ran = await cli("template", "debug", "Travels", "--var", "who=world")
    assert ran.code == 0, ran
    assert [line.partition(" | ")[2] for line in ran.out.splitlines() if " | " in line][-2:] == [
        "world",
        "hello from a file",
    ]
    told = await cli("plan", "set", "Travels", "--var", "who=others", "--var", "nobody=1")
    assert (told.code, "who" in told.out, "nobody" in told.out) == (0, True, False), told
    assert "others" in (await cli("plan", "show", "Travels")).out
    assert (await cli("template", "delete", "Travels")).code == 0
