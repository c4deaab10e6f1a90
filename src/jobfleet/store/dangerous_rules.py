"""Queries over the rules on dangerous commands."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.dangerous import DangerousRule, RuleAction, RuleFilter
from jobfleet.store.database import Transaction
from jobfleet.store.tables import dangerous_rules, platform_settings

VERSION_SETTING = "dangerous_rules.version"
"""Platform setting that counts the changes of rules; whoever keeps rules in memory looks at it."""


async def lock(tx: Transaction) -> None:
    """Count a change of the rules; whoever else changes them waits until the transaction ends."""
    statement = pg_insert(platform_settings).values(name=VERSION_SETTING, value=1)
    grown = sa.cast(platform_settings.c.value, sa.Text).cast(sa.BigInteger) + 1
    value = sa.func.to_jsonb(grown)
    await tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


async def version(tx: Transaction) -> int:
    """Return how often the rules were changed."""
    query = sa.select(platform_settings.c.value).where(platform_settings.c.name == VERSION_SETTING)
    return int((await tx.execute(query)).scalar_one_or_none() or 0)


async def insert(tx: Transaction, rule: DangerousRule) -> int | None:
    """Store a new rule at the end of the order; return its id, or None when the same one exists.

    The rules are locked; the id and the priority that are given do not count.
    """
    last = sa.select(sa.func.coalesce(sa.func.max(dangerous_rules.c.priority), 0) + 1).scalar_subquery()
    statement = pg_insert(dangerous_rules).values(**_columns(rule) | {"priority": last})
    made = await tx.execute(statement.on_conflict_do_nothing().returning(dangerous_rules.c.id))
    row = made.one_or_none()
    return None if row is None else int(row.id)


async def update(tx: Transaction, rule: DangerousRule) -> bool:
    """Store a changed rule; tell whether no other one is the same. The rules are locked."""
    statement = sa.update(dangerous_rules).where(dangerous_rules.c.id == rule.id).values(**_columns(rule))
    try:
        async with tx.begin_nested():
            await tx.execute(statement)
    except sa.exc.IntegrityError:
        return False
    return True


async def delete(tx: Transaction, rule_id: int) -> None:
    """Delete a rule; its hits stay."""
    await tx.execute(sa.delete(dangerous_rules).where(dangerous_rules.c.id == rule_id))


async def find(tx: Transaction, rule_id: int) -> DangerousRule | None:
    """Return a rule or None."""
    row = (await tx.execute(sa.select(dangerous_rules).where(dangerous_rules.c.id == rule_id))).one_or_none()
    return None if row is None else _rule(row)


async def list_all(tx: Transaction, wanted: RuleFilter) -> list[DangerousRule]:
    """Return the rules that match, in order of priority."""
    query = sa.select(dangerous_rules).order_by(dangerous_rules.c.priority, dangerous_rules.c.id)
    if wanted.expression:
        query = query.where(dangerous_rules.c.expression.icontains(wanted.expression, autoescape=True))
    if wanted.description:
        query = query.where(dangerous_rules.c.description.icontains(wanted.description, autoescape=True))
    if wanted.languages:
        languages = sa.cast(list(wanted.languages), ARRAY(sa.SmallInteger))
        query = query.where(dangerous_rules.c.languages.overlap(languages))
    if wanted.action is not None:
        query = query.where(dangerous_rules.c.action == wanted.action)
    return [_rule(row) for row in await tx.execute(query)]


async def reorder(tx: Transaction, rule_ids: list[int]) -> None:
    """Give the rules, all of them, the order of their ids in the list. The rules are locked."""
    order = sa.func.array_position(sa.cast(rule_ids, ARRAY(sa.BigInteger)), dangerous_rules.c.id)
    await tx.execute(sa.update(dangerous_rules).values(priority=order))


def _columns(rule: DangerousRule) -> dict[str, Any]:
    return {
        "expression": rule.expression,
        "languages": list(rule.languages),
        "description": rule.description,
        "action": rule.action,
        "enabled": rule.enabled,
        "priority": rule.priority,
        "creator": rule.creator,
        "created_at": rule.created_at,
        "modifier": rule.modifier,
        "modified_at": rule.modified_at,
        "approvable": rule.approvable,
    }


def _rule(row: Any) -> DangerousRule:
    return DangerousRule(
        id=row.id,
        expression=row.expression,
        languages=tuple(row.languages),
        description=row.description,
        action=RuleAction(row.action),
        enabled=row.enabled,
        priority=row.priority,
        creator=row.creator,
        created_at=row.created_at,
        modifier=row.modifier,
        modified_at=row.modified_at,
        approvable=row.approvable,
    )
