"""Keep the rules on dangerous commands, and look at their hits."""

import msgspec

from jobfleet.engine.patterns import complaint
from jobfleet.model.caller import Action, Caller
from jobfleet.model.dangerous import DangerousRule, HitRecord, NewRule, RuleAction, RuleFilter, check_rule
from jobfleet.model.errors import IllegalParameterError, IllegalParameterReasonError
from jobfleet.model.job_errors import ContentNotFoundError
from jobfleet.model.resource_errors import RuleExistsError, RuleNotFoundError
from jobfleet.operations.access import demand_platform
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
        raise IllegalParameterError("priority")
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


async def list_hits(
    platform: Platform, caller: Caller, wanted: HitFilter, *, start: int, length: int
) -> tuple[int, list[HitRecord]]:
    """Return how many hits match, and a page of them, newest first, lines in clear.

    Raises:
        ForbiddenError: The caller's role on the platform does not allow it.
    """
    demand_platform(caller, Action.DANGEROUS_HIT)
    sealer = platform.engine.sealer
    async with platform.engine.db.begin() as tx:
        return await dangerous_hits.list_page(
            tx, wanted, lambda hit, line: sealer.open(line, line_purpose(hit)).decode(), start=start, length=length
        )


async def hit_script(platform: Platform, caller: Caller, script_hash: str) -> bytes:
    """Return what is kept of a script that was hit, in clear.

    Raises:
        ForbiddenError: The caller's role on the platform does not allow it.
        ContentNotFoundError: No script of this hash was hit, or not lately.
    """
    demand_platform(caller, Action.DANGEROUS_HIT)
    async with platform.engine.db.begin() as tx:
        sealed = await dangerous_hits.find_script(tx, script_hash)
    if sealed is None:
        raise ContentNotFoundError(script_hash)
    return platform.engine.sealer.open(sealed, script_purpose(script_hash))


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
