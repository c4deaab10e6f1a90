"""`check_script` on the surfaces, natively, and what bash is asked."""

import time
from pathlib import Path
from typing import Any

import pytest
from tests.integration.api.site import ADMIN, APP, G3, V3, Site, encoded
from tests.platforms import ADMIN as SUPERUSER

from jobfleet.engine import grammar
from jobfleet.model.dangerous import NewRule, RuleAction
from jobfleet.model.script import MAX_SCRIPT_BYTES
from jobfleet.model.script_check import CHECKER_LIMIT_S
from jobfleet.operations import dangerous_rules, script_check

SCRIPT = """#!/bin/bash
cd /data
rm -rf /etc
echo x > /dev/sda
# rm -rf /
make mischief
if true; then
"""
ALL = [(2, 1), (3, 2), (4, 2), (6, 3), (7, 2)]


async def forbid(site: Site, expression: str, language: int) -> None:
    new = NewRule(expression, (language,), "no mischief", RuleAction.INTERCEPT)
    rule = await dangerous_rules.create_rule(site.platform, SUPERUSER, new)
    await dangerous_rules.set_enabled(site.platform, SUPERUSER, rule.id, enabled=True)


async def checked(site: Site, script: str, language: int = 1, path: str = V3, **who: Any) -> Any:
    wanted = ADMIN | who | {"script_language": language, "content": encoded(script)}
    answer = (await site.http.post(f"{path}/check_script", json=wanted, headers={"blueking-language": "en"})).json()
    assert answer["code"] == 0, answer
    return answer["data"]


async def test_every_checker_tells_what_it_finds(site: Site) -> None:
    await forbid(site, "mis[a-z]+", 1)
    found = await checked(site, SCRIPT)
    assert [(one["line"], one["level"]) for one in found] == ALL
    fatal = found[3]
    assert fatal == {
        "line": 6,
        "line_content": "make mischief",
        "match_content": "mischief",
        "level": 3,
        "description": "no mischief",
    }
    assert "rm -rf /etc" in found[1]["match_content"]
    assert found[4]["description"].startswith("Grammar: ")


async def test_other_languages_are_held_against_the_administrators_rules_only(site: Site) -> None:
    await forbid(site, "(?i)drop", 6)
    assert await checked(site, SCRIPT, 4) == []
    assert [(one["line"], one["level"]) for one in await checked(site, "-- DROP\n# drop", 6)] == [(1, 3), (2, 3)]
    assert await checked(site, "drop", 4) == []


async def test_everybody_may_check_and_a_wrong_request_is_named(site: Site) -> None:
    assert await checked(site, "#!/bin/sh\ntrue\n", bk_username="wang") == []
    answer = await site.as_gateway("POST", f"{G3}/check_script", {"script_language": 1, "content": encoded("reboot")})
    assert [one["level"] for one in answer.json()["data"]] == [2, 1]
    for wrong, code in (
        ({"content": None}, 1241004),
        ({"content": "%"}, 1240003),
        ({"script_language": None}, 1241004),
        ({"script_language": 7}, 1241005),
    ):
        wanted = APP | {"bk_username": "wang", "script_language": 1, "content": encoded("x")} | wrong
        assert (await site.http.post(f"{V3}/check_script", json=wanted)).json()["code"] == code, wrong


def test_bash_runs_nothing_of_what_it_is_asked_about(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    script = f"touch {mark}\n$(touch {mark})\nset +n\ntrap 'touch {mark}' EXIT\neval touch {mark}\necho > {mark}\n(("
    assert "line 7" in grammar.grammar(script.encode(), 60)
    assert not mark.exists()


def test_what_bash_cannot_read_or_takes_too_long_is_left_out() -> None:
    assert grammar.grammar(b"${x:-" * 100_000, 5) == ""
    assert " line " not in grammar.grammar(b"\xff\x00binary\x00", 5)
    assert grammar.grammar(b"(" * (grammar.MAX_BYTES + 1), 5) == ""
    late = b"echo x\n" * 140_000 + b"if"
    assert "end of file" in grammar.grammar(late, 60)
    assert grammar.grammar(late, 0) == ""
    assert len(grammar.grammar(b"a=(\n" * 100_000, 5)) <= grammar.MAX_TOLD_KIB << 10


@pytest.mark.parametrize("line", ["\n", "then cd" + " " * 4000])
async def test_the_largest_script_does_not_hold_the_server_up(site: Site, line: str) -> None:
    begun = time.monotonic()
    content = (line.encode() * (MAX_SCRIPT_BYTES // len(line)))[:MAX_SCRIPT_BYTES]
    await script_check.check_script(site.platform, 1, content)
    assert time.monotonic() - begun < 4 * CHECKER_LIMIT_S + 20
