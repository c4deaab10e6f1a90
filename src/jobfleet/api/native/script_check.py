"""Looking at a script before anybody runs it."""

from typing import Literal

import msgspec

from jobfleet.api.access import SIGNED_IN
from jobfleet.api.native.content import LanguageName, content_of, language_of
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model.dangerous import MAX_LINE_CHARACTERS, Hit, RuleAction
from jobfleet.model.script_check import Finding
from jobfleet.operations import scan, script_check


class CheckScript(Wanted, frozen=True, kw_only=True):
    """Name a script: its content as text in `script`, or as any bytes in `script_base64`."""

    language: LanguageName = "shell"
    script: str | None = None
    script_base64: str | None = None


class FindingView(msgspec.Struct, frozen=True):
    """Show what was found in a line, counted from 1; `match` is the part that was found."""

    line: int
    text: str
    match: str
    level: Literal["warning", "error", "fatal"]
    description: str


class RuleHit(msgspec.Struct, frozen=True):
    """Show the hit of a rule: `action` is block, which refuses the script, or record.

    `approvable`: a second person may let the script pass.
    """

    line: int
    text: str
    rule_id: int
    expression: str
    description: str
    action: Literal["block", "record"]
    approvable: bool


class Findings(msgspec.Struct, frozen=True):
    """Show what was found, by line; `rules` says of the findings of rules which they are and what they do."""

    findings: list[FindingView]
    rules: list[RuleHit]


async def check_script(call: Call, wanted: CheckScript) -> Findings:
    """Tell what may be wrong with a script."""
    content, language = content_of(wanted.script, wanted.script_base64), language_of(wanted.language)
    found = await script_check.check_script(call.platform, language, content)
    hits = await scan.list_hits(call.platform, language, content)
    return Findings([_show(one, call.caller.language) for one in found], [show_hit(hit) for hit in hits])


def show_hit(hit: Hit) -> RuleHit:
    """Return the hit of a rule as it is shown."""
    rule = hit.rule
    action: Literal["block", "record"] = "block" if rule.action is RuleAction.INTERCEPT else "record"
    text = hit.line[:MAX_LINE_CHARACTERS]
    return RuleHit(hit.line_number, text, rule.id, rule.expression, rule.description, action, rule.approvable)


def _show(one: Finding, language: str) -> FindingView:
    words = one.words.en if language == "en" else one.words.zh
    level: Literal["warning", "error", "fatal"] = _LEVELS[one.level - 1]
    return FindingView(one.line, one.text, one.match, level, words)


_LEVELS: tuple[Literal["warning"], Literal["error"], Literal["fatal"]] = ("warning", "error", "fatal")

ROUTES = (Route("POST", "/api/v1/script-checks", SIGNED_IN, check_script, CheckScript, Findings, "Look for danger"),)
