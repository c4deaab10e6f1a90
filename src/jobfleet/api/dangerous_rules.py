"""Rules on dangerous commands in version 3: what bus and gateway share."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from jobfleet.api.fields import NEEDED, Int32, Int64
from jobfleet.api.rules import given, id_of
from jobfleet.api.surface import Call
from jobfleet.model.caller import Action
from jobfleet.model.dangerous import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_EXPRESSION_CHARACTERS,
    DangerousRule,
    NewRule,
    RuleAction,
    RuleFilter,
)
from jobfleet.model.script import Language
from jobfleet.operations import access, dangerous_rules

_INT32 = {"format": "int32"}
Expression = Annotated[str, Meta(max_length=MAX_EXPRESSION_CHARACTERS)]
Description = Annotated[str, Meta(max_length=MAX_DESCRIPTION_CHARACTERS)]
LanguageNumber = Annotated[int, Meta(ge=int(min(Language)), le=int(max(Language)), extra_json_schema=_INT32)]
RuleLanguages = Annotated[tuple[LanguageNumber, ...], Meta(max_length=100)]
ActionNumber = Annotated[int, Meta(ge=int(min(RuleAction)), le=int(max(RuleAction)), extra_json_schema=_INT32)]


class CreateDangerousRule(msgspec.Struct, frozen=True, kw_only=True):
    """Say what a rule is."""

    expression: Annotated[Expression | None, NEEDED] = None
    script_language_list: Annotated[RuleLanguages | None, NEEDED] = None
    description: Description | None = None
    action: Annotated[ActionNumber | None, NEEDED] = None


class UpdateDangerousRule(CreateDangerousRule, frozen=True, kw_only=True):
    """Say what a rule becomes."""

    id: Annotated[Int64 | None, NEEDED] = None


class OneDangerousRule(msgspec.Struct, frozen=True, kw_only=True):
    """Name a rule."""

    id: Annotated[Int64 | None, NEEDED] = None


class GetDangerousRuleList(msgspec.Struct, frozen=True, kw_only=True):
    """Narrow the list of rules; texts are parts, one of the languages must be the rule's."""

    expression: Expression | None = None
    script_language_list: RuleLanguages | None = None
    description: Description | None = None
    action: ActionNumber | None = None


class Rule(msgspec.Struct, frozen=True):
    """Show a rule; times are epoch milliseconds."""

    id: Int64
    expression: str
    script_language_list: list[Int32]
    description: str
    action: Int32
    status: Int32
    creator: str
    create_time: Int64
    last_modify_user: str
    last_modify_time: Int64


class RuleStatus(msgspec.Struct, frozen=True):
    """Say whether a rule counts: 1 when it does, else 0."""

    id: Int64
    status: Int32


async def create_dangerous_rule(call: Call, wanted: CreateDangerousRule) -> Rule:
    """Keep a rule: disabled, at the end of the order.

    Source: docs/reference/dangerous-rules.md, «BlueKing API».
    """
    _permitted(call)
    return _render(await dangerous_rules.create_rule(call.platform, call.caller, _new(wanted)))


async def update_dangerous_rule(call: Call, wanted: UpdateDangerousRule) -> Rule:
    """Change a rule; whether it is enabled and its place stay."""
    _permitted(call)
    rule_id = id_of("id", wanted.id)
    return _render(await dangerous_rules.update_rule(call.platform, call.caller, rule_id, _new(wanted)))


async def delete_dangerous_rule(call: Call, wanted: OneDangerousRule) -> UnsetType:
    """Delete a rule; its hits stay."""
    _permitted(call)
    await dangerous_rules.delete_rule(call.platform, call.caller, id_of("id", wanted.id))
    return UNSET


async def enable_dangerous_rule(call: Call, wanted: OneDangerousRule) -> RuleStatus:
    """Let a rule count."""
    return await _switch(call, wanted, enabled=True)


async def disable_dangerous_rule(call: Call, wanted: OneDangerousRule) -> RuleStatus:
    """Let a rule not count."""
    return await _switch(call, wanted, enabled=False)


async def get_dangerous_rule_list(call: Call, wanted: GetDangerousRuleList) -> list[Rule]:
    """Show the rules in the order in which they are tried."""
    languages = wanted.script_language_list or ()
    those = RuleFilter(wanted.expression or "", wanted.description or "", languages, wanted.action)
    return [_render(rule) for rule in await dangerous_rules.list_rules(call.platform, call.caller, those)]


async def _switch(call: Call, wanted: OneDangerousRule, *, enabled: bool) -> RuleStatus:
    _permitted(call)
    rule_id = id_of("id", wanted.id)
    rule = await dangerous_rules.set_enabled(call.platform, call.caller, rule_id, enabled=enabled)
    return RuleStatus(rule.id, int(rule.enabled))


def _permitted(call: Call) -> None:
    """Refuse who may not, before the parameters are judged."""
    access.demand_platform(call.caller, Action.DANGEROUS_RULE)


def _new(wanted: CreateDangerousRule) -> NewRule:
    return NewRule(
        expression=given("expression", wanted.expression),
        languages=given("script_language_list", wanted.script_language_list),
        description=wanted.description or "",
        action=given("action", wanted.action),
    )


def _render(rule: DangerousRule) -> Rule:
    return Rule(
        id=rule.id,
        expression=rule.expression,
        script_language_list=list(rule.languages),
        description=rule.description,
        action=rule.action,
        status=int(rule.enabled),
        creator=rule.creator,
        create_time=rule.created_at,
        last_modify_user=rule.modifier,
        last_modify_time=rule.modified_at,
    )
