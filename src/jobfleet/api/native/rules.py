"""Rules on dangerous commands, and their hits."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.content import LanguageName, language_name, language_of
from jobfleet.api.native.route import Call, Done, Route, Wanted
from jobfleet.api.native.targets import SCOPE_PATTERN
from jobfleet.model.caller import Action
from jobfleet.model.dangerous import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_EXPRESSION_CHARACTERS,
    DangerousRule,
    HitRecord,
    NewRule,
    RuleAction,
    RuleFilter,
)
from jobfleet.model.job import LaunchMode
from jobfleet.model.scope import parse_scope, scope_text
from jobfleet.operations import dangerous_rules
from jobfleet.store.dangerous_hits import HitFilter

RuleId = Annotated[int, Meta(ge=1, le=2**63 - 1)]
ActionName = Literal["scan", "intercept"]
Part = Annotated[str, Meta(max_length=255, pattern=r"^[^\x00]*$")]
Moment = Annotated[int, Meta(ge=0, le=2**53)]


class RuleWords(Wanted, frozen=True, kw_only=True):
    """Say what a rule is."""

    expression: Annotated[str, Meta(min_length=1, max_length=MAX_EXPRESSION_CHARACTERS)]
    languages: Annotated[list[LanguageName], Meta(min_length=1, max_length=6)]
    description: Annotated[str, Meta(max_length=MAX_DESCRIPTION_CHARACTERS)] = ""
    action: ActionName = "scan"
    approvable: Annotated[bool, Meta(description="A second person may let a start past it")] = False


class UpdateRule(RuleWords, frozen=True, kw_only=True):
    """Ask for a rule to become this."""

    rule_id: RuleId


class OperateRule(Wanted, frozen=True):
    """Enable, disable, delete or move a rule; `place` counts from 1 and is for moving only."""

    rule_id: RuleId
    operation: Literal["enable", "disable", "delete", "move"]
    place: Annotated[int, Meta(ge=1, le=2**31)] = 1


class TryRule(Wanted, frozen=True):
    """Ask which lines of a text an expression would hit, as a rule for this language."""

    expression: Annotated[str, Meta(min_length=1, max_length=MAX_EXPRESSION_CHARACTERS)]
    language: LanguageName
    text: Annotated[str, Meta(max_length=100_000)]


class ListRules(Wanted, frozen=True):
    """Narrow the list of rules; texts are parts, a language is one of the rule's."""

    expression: Part = ""
    description: Part = ""
    language: LanguageName | None = None
    action: ActionName | None = None


class ListHits(Wanted, frozen=True):
    """Page through hits, newest first; `since` (inclusive) and `until` (exclusive) are epoch milliseconds."""

    rule_id: RuleId | None = None
    scope: Annotated[str, Meta(pattern=SCOPE_PATTERN)] | None = None
    operator: Part = ""
    action: ActionName | None = None
    since: Moment | None = None
    until: Moment | None = None
    start: Annotated[int, Meta(ge=0, le=2**31)] = 0
    length: Annotated[int, Meta(ge=1, le=1000)] = 20


class OneHitScript(Wanted, frozen=True):
    """Name a script that was hit, by the SHA-256 of its content in hex; with a scope, one that was hit there."""

    script_hash: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    scope: Annotated[str, Meta(pattern=SCOPE_PATTERN)] | None = None


class RuleView(msgspec.Struct, frozen=True):
    """Show a rule; times are epoch milliseconds."""

    id: int
    expression: str
    languages: list[str]
    description: str
    action: str
    enabled: bool
    creator: str
    created_at: int
    modifier: str
    modified_at: int
    approvable: bool


class RuleList(msgspec.Struct, frozen=True):
    """Show rules in the order in which they are tried."""

    rules: list[RuleView]


class HitView(msgspec.Struct, frozen=True):
    """Show a hit: the rule as it was, the line, and who ran the script where, how and when (epoch ms).

    `job_id` is the job that the script became, null of a refusal and of a job that is not kept any more.
    """

    id: int
    at: int
    rule_id: int
    expression: str
    action: str
    scope: str
    operator: str
    app_code: str
    launch_mode: str
    language: str
    line_number: int
    line: str
    script_hash: str
    job_id: int | None


class HitList(msgspec.Struct, frozen=True):
    """Show one page of hits; `total` counts them all."""

    total: int
    hits: list[HitView]


class HitLine(msgspec.Struct, frozen=True):
    """Show a line that an expression hits, numbered from 1."""

    number: int
    text: str


class TriedRule(msgspec.Struct, frozen=True):
    """Show the lines that were hit, the first thousand of them; `searched` counts those that are no comments."""

    searched: int
    lines: list[HitLine]


class HitScript(msgspec.Struct, frozen=True):
    """Show what is kept of a script that was hit, as Base64."""

    content: bytes


async def list_rules(call: Call, wanted: ListRules) -> RuleList:
    """Show the rules."""
    languages = () if wanted.language is None else (language_of(wanted.language),)
    chosen = RuleFilter(wanted.expression, wanted.description, languages, _action(wanted.action))
    found = await dangerous_rules.list_rules(call.platform, call.caller, chosen)
    return RuleList([_rule(rule) for rule in found])


async def create_rule(call: Call, wanted: RuleWords) -> RuleView:
    """Keep a rule."""
    return _rule(await dangerous_rules.create_rule(call.platform, call.caller, _new(wanted)))


async def update_rule(call: Call, wanted: UpdateRule) -> RuleView:
    """Change a rule."""
    return _rule(await dangerous_rules.update_rule(call.platform, call.caller, wanted.rule_id, _new(wanted)))


async def operate_rule(call: Call, wanted: OperateRule) -> Done:
    """Enable, disable, delete or move a rule."""
    platform, caller, rule_id = call.platform, call.caller, wanted.rule_id
    match wanted.operation:
        case "delete":
            await dangerous_rules.delete_rule(platform, caller, rule_id)
        case "move":
            await dangerous_rules.move_rule(platform, caller, rule_id, wanted.place)
        case switch:
            await dangerous_rules.set_enabled(platform, caller, rule_id, enabled=switch == "enable")
    return Done()


async def try_rule(call: Call, wanted: TryRule) -> TriedRule:
    """Show what an expression would hit."""
    searched, found = await dangerous_rules.try_rule(
        call.caller, wanted.expression, language_of(wanted.language), wanted.text
    )
    return TriedRule(searched, [HitLine(number, line) for number, line in found])


async def list_hits(call: Call, wanted: ListHits) -> HitList:
    """Show a page of hits."""
    scope = None if wanted.scope is None else parse_scope(wanted.scope)
    action = _action(wanted.action)
    chosen = HitFilter(wanted.rule_id, scope, wanted.operator, action, wanted.since, wanted.until)
    total, found = await dangerous_rules.list_hits(
        call.platform, call.caller, chosen, start=wanted.start, length=wanted.length
    )
    ran = await dangerous_rules.runs_of_hits(call.platform, found)
    return HitList(total, [_hit(hit, ran.get(hit.id)) for hit in found])


async def show_hit_script(call: Call, wanted: OneHitScript) -> HitScript:
    """Show what is kept of a script that was hit."""
    scope = None if wanted.scope is None else parse_scope(wanted.scope)
    return HitScript(await dangerous_rules.hit_script(call.platform, call.caller, wanted.script_hash, scope))


def _action(name: str | None) -> int | None:
    return None if name is None else int(RuleAction[name.upper()])


def _new(wanted: RuleWords) -> NewRule:
    languages = tuple(language_of(name) for name in wanted.languages)
    action = int(RuleAction[wanted.action.upper()])
    return NewRule(wanted.expression, languages, wanted.description, action, wanted.approvable)


def _rule(rule: DangerousRule) -> RuleView:
    fields = msgspec.structs.asdict(rule)
    del fields["priority"]
    languages = [language_name(number) for number in rule.languages]
    return RuleView(**fields | {"languages": languages, "action": rule.action.name.lower()})


def _hit(hit: HitRecord, job_id: int | None) -> HitView:
    words = {
        "action": hit.action.name.lower(),
        "scope": scope_text(hit.scope),
        "launch_mode": LaunchMode(hit.launch_mode).name.lower(),
        "language": language_name(hit.language),
    }
    return HitView(**msgspec.structs.asdict(hit) | words, job_id=job_id)


_RULE, _HIT = Action.DANGEROUS_RULE, Action.DANGEROUS_HIT
_ALL = "/api/v1/dangerous-rules"

ROUTES = (
    Route("GET", _ALL, _RULE, list_rules, ListRules, RuleList, "List dangerous rules"),
    Route("POST", _ALL, _RULE, create_rule, RuleWords, RuleView, "Keep a dangerous rule, disabled", 201),
    Route("POST", f"{_ALL}/try", _RULE, try_rule, TryRule, TriedRule, "Look what an expression hits"),
    Route("POST", f"{_ALL}/{{rule_id}}", _RULE, update_rule, UpdateRule, RuleView, "Change a dangerous rule"),
    Route("POST", f"{_ALL}/{{rule_id}}/operate", _RULE, operate_rule, OperateRule, Done, "Switch, move or delete it"),
    Route("GET", "/api/v1/dangerous-hits", _HIT, list_hits, ListHits, HitList, "List hits of dangerous rules"),
    Route(
        "GET",
        "/api/v1/dangerous-hits/scripts/{script_hash}",
        _HIT,
        show_hit_script,
        OneHitScript,
        HitScript,
        "Show a script that was hit",
    ),
)
