"""Keep the rules on dangerous commands, and look at their hits."""

import asyncio
from collections.abc import Sequence

import msgspec

from jobfleet.engine.patterns import checker_of, complaint
from jobfleet.model.caller import Action, Caller
from jobfleet.model.dangerous import (
    MAX_HITS,
    DangerousRule,
    HitRecord,
    NewRule,
    RuleAction,
    RuleFilter,
    check_rule,
    search,
    searched_lines,
)
from jobfleet.model.errors import IllegalParameterError, IllegalParameterReasonError
from jobfleet.model.job_errors import ContentNotFoundError
from jobfleet.model.resource_errors import RuleExistsError, RuleNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.operations.access import demand, demand_platform, enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.operations.scan import line_purpose, script_purpose
from jobfleet.store import audit, dangerous_hits, dangerous_rules
from jobfleet.store.dangerous_hits import HitFilter
from jobfleet.store.database import Transaction


async def create_rule(platform: Platform, caller: Caller, new: NewRule) -> DangerousRule:
    """Keep a rule: disabled, at the end of the order.

    Raises:
        ForbiddenError: The caller's role on the platform does not allow it.
        IllegalParameterError, IllegalParameterReasonError: A value is none; of an expression it tells why.
        RuleExistsError: There is one of the same expression and languages.

    Source: docs/reference/dangerous-rules.md, «Rules».
    """
    demand_platform(caller, Action.DANGEROUS_RULE)
    _check(new)
    now = platform.engine.clock()
    rule = _changed(DangerousRule(0, "", (), "", RuleAction.SCAN, False, 0, caller.username, now, "", 0), new)
    rule = msgspec.structs.replace(rule, modifier=caller.username, modified_at=now)
    async with platform.engine.db.begin() as tx:
        await dangerous_rules.lock(tx)
        rule_id = await dangerous_rules.insert(tx, rule)
        if rule_id is None:
            raise RuleExistsError(new.expression)
        await _note(tx, platform, caller, f"create dangerous rule {rule_id}")
        return await _rule(tx, rule_id)


async def update_rule(platform: Platform, caller: Caller, rule_id: int, new: NewRule) -> DangerousRule:
    """Change a rule; whether it is enabled and its place in the order stay.

    Raises:
        ForbiddenError, IllegalParameterError, IllegalParameterReasonError, RuleExistsError: See `create_rule`.
        RuleNotFoundError: There is no such rule.
    """
    demand_platform(caller, Action.DANGEROUS_RULE)
    _check(new)
    async with platform.engine.db.begin() as tx:
        await dangerous_rules.lock(tx)
        return await _store(tx, platform, caller, _changed(await _rule(tx, rule_id), new), "update")


async def set_enabled(platform: Platform, caller: Caller, rule_id: int, *, enabled: bool) -> DangerousRule:
    """Enable or disable a rule; one that is so already stays so.

    Raises:
        ForbiddenError, RuleNotFoundError: See `update_rule`.
    """
    demand_platform(caller, Action.DANGEROUS_RULE)
    async with platform.engine.db.begin() as tx:
        await dangerous_rules.lock(tx)
        rule = msgspec.structs.replace(await _rule(tx, rule_id), enabled=enabled)
        return await _store(tx, platform, caller, rule, "enable" if enabled else "disable")


async def move_rule(platform: Platform, caller: Caller, rule_id: int, place: int) -> None:
    """Put a rule at a place in the order, counted from 1; a place behind the last is the last.

    Raises:
        ForbiddenError, RuleNotFoundError: See `update_rule`.
        IllegalParameterError: The place is below 1.
    """
    demand_platform(caller, Action.DANGEROUS_RULE)
    if place < 1:
        raise IllegalParameterError("priority", "is missing or below 1")
    async with platform.engine.db.begin() as tx:
        await dangerous_rules.lock(tx)
        await _rule(tx, rule_id)
        others = [rule.id for rule in await dangerous_rules.list_all(tx, RuleFilter()) if rule.id != rule_id]
        await dangerous_rules.reorder(tx, [*others[: place - 1], rule_id, *others[place - 1 :]])
        await _note(tx, platform, caller, f"move dangerous rule {rule_id}")


async def delete_rule(platform: Platform, caller: Caller, rule_id: int) -> None:
    """Delete a rule; its hits stay.

    Raises:
        ForbiddenError, RuleNotFoundError: See `update_rule`.
    """
    demand_platform(caller, Action.DANGEROUS_RULE)
    async with platform.engine.db.begin() as tx:
        await dangerous_rules.lock(tx)
        await _rule(tx, rule_id)
        await dangerous_rules.delete(tx, rule_id)
        await _note(tx, platform, caller, f"delete dangerous rule {rule_id}")


async def list_rules(platform: Platform, caller: Caller, wanted: RuleFilter) -> list[DangerousRule]:
    """Return the rules that match, in order of priority.

    Raises:
        ForbiddenError: The caller's role on the platform does not allow it.
    """
    demand_platform(caller, Action.DANGEROUS_RULE)
    async with platform.engine.db.begin() as tx:
        return await dangerous_rules.list_all(tx, wanted)


async def try_rule(caller: Caller, expression: str, language: int, text: str) -> tuple[int, list[tuple[int, str]]]:
    """Return how many lines of a text are searched, and those that an expression hits, the first MAX_HITS of them.

    Raises:
        ForbiddenError: The caller's role on the platform does not allow it.
        IllegalParameterError, IllegalParameterReasonError: The expression is none.
    """
    demand_platform(caller, Action.DANGEROUS_RULE)
    _check(NewRule(expression, (language,), "", int(RuleAction.SCAN)))
    rule = DangerousRule(0, expression, (language,), "", RuleAction.SCAN, True, 0, "", 0, "", 0)
    return await asyncio.to_thread(_tried, rule, language, text.encode())


def _tried(rule: DangerousRule, language: int, content: bytes) -> tuple[int, list[tuple[int, str]]]:
    found = [(hit.line_number, hit.line) for hit in search(checker_of([rule], language), language, content)]
    return sum(1 for _ in searched_lines(language, content)), found[:MAX_HITS]


async def list_hits(
    platform: Platform, caller: Caller, wanted: HitFilter, *, start: int, length: int
) -> tuple[int, list[HitRecord]]:
    """Return how many hits match, and a page of them, newest first, lines in clear.

    Raises:
        ScopeNotFoundError: There is no such scope.
        ForbiddenError: The caller's role in the scope, or without one on the platform, does not allow it.
    """
    sealer = platform.engine.sealer
    async with platform.engine.db.begin() as tx:
        await _demand_hits(tx, platform, caller, wanted.scope)
        return await dangerous_hits.list_page(
            tx, wanted, lambda hit, line: sealer.open(line, line_purpose(hit)).decode(), start=start, length=length
        )


async def runs_of_hits(platform: Platform, hits: Sequence[HitRecord]) -> dict[int, int]:
    """Return which jobs the scripts of hits became, by the ids of the hits; those of refusals are left out."""
    async with platform.engine.db.begin() as tx:
        return await dangerous_hits.find_jobs(tx, [hit for hit in hits if hit.action is RuleAction.SCAN])


async def hit_script(platform: Platform, caller: Caller, script_hash: str, scope: Scope | None = None) -> bytes:
    """Return what is kept of a script that was hit, in a scope if one is given, in clear.

    Raises:
        ScopeNotFoundError: There is no such scope.
        ForbiddenError: The caller's role in the scope, or without one on the platform, does not allow it.
        ContentNotFoundError: No script of this hash was hit there, or not lately.
    """
    async with platform.engine.db.begin() as tx:
        await _demand_hits(tx, platform, caller, scope)
        sealed = await dangerous_hits.find_script(tx, script_hash, scope)
    if sealed is None:
        raise ContentNotFoundError(script_hash)
    return platform.engine.sealer.open(sealed, script_purpose(script_hash))


async def _demand_hits(tx: Transaction, platform: Platform, caller: Caller, scope: Scope | None) -> None:
    if scope is None:
        demand_platform(caller, Action.DANGEROUS_HIT)
    else:
        demand(caller, Action.DANGEROUS_HIT, await enter_scope(tx, platform, caller, scope))


def _check(new: NewRule) -> None:
    check_rule(new)
    reason = complaint(new.expression)
    if reason:
        raise IllegalParameterReasonError("expression", reason)


def _changed(rule: DangerousRule, new: NewRule) -> DangerousRule:
    return msgspec.structs.replace(
        rule,
        expression=new.expression,
        languages=tuple(sorted(set(new.languages))),
        description=new.description,
        action=RuleAction(new.action),
        approvable=rule.approvable if new.approvable is None else new.approvable,
    )


async def _rule(tx: Transaction, rule_id: int) -> DangerousRule:
    rule = await dangerous_rules.find(tx, rule_id)
    if rule is None:
        raise RuleNotFoundError(rule_id)
    return rule


async def _store(tx: Transaction, platform: Platform, caller: Caller, rule: DangerousRule, what: str) -> DangerousRule:
    rule = msgspec.structs.replace(rule, modifier=caller.username, modified_at=platform.engine.clock())
    if not await dangerous_rules.update(tx, rule):
        raise RuleExistsError(rule.expression)
    await _note(tx, platform, caller, f"{what} dangerous rule {rule.id}")
    return rule


async def _note(tx: Transaction, platform: Platform, caller: Caller, subject: str) -> None:
    await audit.insert(tx, caller, Action.DANGEROUS_RULE, subject, platform.engine.clock())
