"""Queries over accounts."""

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, JSONPATH

from jobfleet.model.account import USUAL_PORTS, Account, AccountFilter, AccountType, AccountUse, Category, NewAccount
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.store.database import Transaction
from jobfleet.store.tables import accounts, plans, templates


class DatabaseAccount(msgspec.Struct, frozen=True):
    """Describe a database account with all that a step needs; `password` is sealed, "" for none.

    `os_id`, `os_alias` and `os_account` are the linked system account's; the id is None when there is none.
    """

    id: int
    alias: str
    account: str
    type: AccountType
    port: int
    database: str
    password: str
    os_id: int | None
    os_alias: str
    os_account: str


async def find_default(tx: Transaction, scope: Scope, kind: int) -> int | None:
    """Return the id of the account of a type that a scope uses when none is named, or None.

    It is the one with the alias `root`, else the one that was made first.
    """
    query = (
        sa.select(accounts.c.id)
        .where(_of(scope), accounts.c.type == kind)
        .order_by((accounts.c.alias != "root"), accounts.c.id)
        .limit(1)
    )
    return (await tx.execute(query)).scalar_one_or_none()


async def find_database(tx: Transaction, scope: Scope, account_id: int | None, alias: str) -> DatabaseAccount | None:
    """Return a database account of a scope by its id, else by its alias, or None."""
    linked = accounts.alias("linked")
    named = accounts.c.id == account_id if account_id else accounts.c.alias == alias
    query = (
        sa.select(accounts, linked.c.id.label("os_id"), linked.c.alias.label("os_alias"), linked.c.account.label("os"))
        .outerjoin(linked, linked.c.id == accounts.c.system_account_id)
        .where(_of(scope), accounts.c.category == Category.DATABASE.value, named)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _database_account(row)


def _database_account(row: Any) -> DatabaseAccount:
    return DatabaseAccount(
        id=row.id,
        alias=row.alias,
        account=row.account,
        type=AccountType(row.type),
        port=row.port or USUAL_PORTS[AccountType(row.type)],
        database=row.db_name,
        password=row.password or "",
        os_id=row.os_id,
        os_alias=row.os_alias or "",
        os_account=row.os or "",
    )


async def find(tx: Transaction, scope: Scope, account_id: int) -> Account | None:
    """Return an account of a scope, or None."""
    row = (await tx.execute(_select().where(_of(scope), accounts.c.id == account_id))).one_or_none()
    return None if row is None else _account(row)


async def find_by_alias(tx: Transaction, scope: Scope, category: Category, alias: str) -> Account | None:
    """Return the account of a scope and category that has an alias, or None."""
    query = _select().where(_of(scope), accounts.c.category == category.value, accounts.c.alias == alias)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _account(row)


async def list_named(tx: Transaction, scope: Scope, ids: Collection[int], aliases: Collection[str]) -> list[Account]:
    """Return the accounts of a scope, of every category, that have one of these ids or aliases."""
    named = sa.or_(
        accounts.c.id == sa.any_(sa.cast(list(ids), ARRAY(sa.BigInteger))),
        accounts.c.alias == sa.any_(sa.cast(list(aliases), ARRAY(sa.Text))),
    )
    return [_account(row) for row in await tx.execute(_select().where(_of(scope), named))]


async def list_accounts(tx: Transaction, scope: Scope, wanted: AccountFilter) -> tuple[int, list[Account]]:
    """Return how many accounts of a scope there are, and one page of them by id."""
    conditions = [_of(scope)]
    if wanted.category is not None:
        conditions.append(accounts.c.category == wanted.category.value)
    if wanted.alias:
        conditions.append(accounts.c.alias.icontains(wanted.alias, autoescape=True))
    if wanted.account:
        conditions.append(accounts.c.account.icontains(wanted.account, autoescape=True))
    total = (await tx.execute(sa.select(sa.func.count()).select_from(accounts).where(*conditions))).scalar_one()
    page = _select().where(*conditions).order_by(accounts.c.id).offset(wanted.start).limit(wanted.length)
    return total, [_account(row) for row in await tx.execute(page)]


async def next_id(tx: Transaction) -> int:
    """Return a fresh id; declared accounts may have taken ids of their own."""
    fresh = sa.text(
        "SELECT fresh.id FROM (SELECT nextval('account_id_seq') AS id FROM generate_series(1, 1000)) AS fresh "
        "WHERE NOT EXISTS (SELECT FROM account AS used WHERE used.id = fresh.id) LIMIT 1"
    )
    return int((await tx.execute(fresh)).scalar_one())


async def insert(
    tx: Transaction, account_id: int, new: NewAccount, linked_id: int | None, *, creator: str, now: int
) -> None:
    """Store an account without a password; `linked_id` is the system account of a database account."""
    await tx.execute(
        sa.insert(accounts).values(
            id=account_id,
            scope_type=new.scope.type.value,
            business_id=new.scope.id,
            alias=new.alias,
            account=new.account,
            category=new.type.category.value,
            type=new.type.value,
            port=new.port,
            db_name=new.database,
            system_account_id=linked_id,
            description=new.description,
            creator=creator,
            created_at=now,
            modifier=creator,
            modified_at=now,
        )
    )


async def update(tx: Transaction, account: Account) -> None:
    """Store an account's changed values, all but its password."""
    values = {
        "alias": account.alias,
        "port": account.port,
        "db_name": account.database,
        "system_account_id": account.system_account_id,
        "description": account.description,
        "modifier": account.modifier,
        "modified_at": account.modified_at,
    }
    await tx.execute(sa.update(accounts).where(accounts.c.id == account.id).values(values))


async def set_password(tx: Transaction, account_id: int, password: str | None) -> None:
    """Store an account's password, sealed, or that it has none."""
    await tx.execute(sa.update(accounts).where(accounts.c.id == account_id).values(password=password))


async def delete(tx: Transaction, account_id: int) -> None:
    """Remove an account."""
    await tx.execute(sa.delete(accounts).where(accounts.c.id == account_id))


async def list_uses(tx: Transaction, account: Account) -> list[AccountUse]:
    """Return what refers to an account, by its id or by its alias, so that it cannot be deleted.

    Whatever keeps accounts in the record adds its query here.
    """
    linked = sa.select(accounts.c.id, accounts.c.alias).where(accounts.c.system_account_id == account.id)
    rows = await tx.execute(linked.order_by(accounts.c.id))
    found = [AccountUse("database account", row.id, row.alias, row.id) for row in rows]
    prefix = "db_" if account.category is Category.DATABASE else ""
    path = f"$.** ? (@.{prefix}account_id == $id || @.{prefix}account_alias == $alias)"
    named = {"id": account.id, "alias": account.alias}
    for word, table in (("template", templates), ("plan", plans)):
        names = table.c.steps, sa.cast(path, JSONPATH), sa.cast(named, JSONB)
        own = table.c.scope_type == account.scope.type.value, table.c.scope_id == account.scope.id
        listed = ~plans.c.debug if table is plans else sa.true()
        template_id = plans.c.template_id if table is plans else templates.c.id
        query = sa.select(table.c.id, table.c.name, template_id.label("template_id"))
        rows = await tx.execute(query.where(*own, listed, sa.func.jsonb_path_exists(*names)).order_by(table.c.id))
        found += [AccountUse(word, row.id, row.name, row.template_id) for row in rows]
    return found


def _select() -> sa.Select[Any]:
    linked = accounts.alias("linked")
    query = sa.select(accounts, linked.c.alias.label("linked_alias"))
    return query.outerjoin(linked, linked.c.id == accounts.c.system_account_id)


def _of(scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(accounts.c.scope_type == scope.type.value, accounts.c.business_id == scope.id)


def _account(row: Any) -> Account:
    return Account(
        id=row.id,
        scope=Scope(ScopeType(row.scope_type), row.business_id),
        alias=row.alias,
        account=row.account,
        type=AccountType(row.type),
        port=row.port,
        database=row.db_name,
        system_account_id=row.system_account_id,
        system_account=row.linked_alias or "",
        description=row.description,
        has_password=row.password is not None,
        creator=row.creator,
        created_at=row.created_at,
        modifier=row.modifier,
        modified_at=row.modified_at,
    )
