"""Accounts that scripts and SQL run as: make, change, remove, look at, and choose one for those who do not."""

from collections.abc import Iterator
from typing import Any

import msgspec

from jobfleet.model.account import (
    Account,
    AccountChange,
    AccountFilter,
    AccountType,
    AccountUse,
    Category,
    NewAccount,
    password_purpose,
    problems_of,
    problems_of_texts,
)
from jobfleet.model.audit import edited
from jobfleet.model.caller import Action, Caller, allows
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.job_errors import AccountNotFoundError
from jobfleet.model.permission import Resource, ResourceKind
from jobfleet.model.resource_errors import AccountInUseError, AliasTakenError, LinkedAccountNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.operations import access
from jobfleet.operations.platform import Platform
from jobfleet.operations.platform_settings import problem_of_name
from jobfleet.store import accounts, audit, declared, platform_settings
from jobfleet.store.database import Transaction

_WINDOWS_NEEDS = "is missing; a Windows account needs one"
MOST_LISTED = 100_000
"""Most accounts that are listed without pages."""


async def create_account(platform: Platform, caller: Caller, new: NewAccount) -> Account:
    """Make an account.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot make accounts in the scope.
        IllegalParameterReasonError: A value is wrong; it is named.
        AliasTakenError: Another account of the scope and category has the alias.
        LinkedAccountNotFoundError: The system account that it is linked to is not there.

    Source: docs/reference/accounts.md.
    """
    named = new if new.alias else msgspec.structs.replace(new, alias=new.account)
    async with platform.engine.db.begin() as tx:
        info = await access.enter_scope(tx, platform, caller, new.scope)
        access.demand(caller, Action.CREATE_ACCOUNT, info)
        _refuse(_problems_of_new(named))
        await _check_account_name(tx, named)
        await declared.lock(tx)
        await _check_alias(tx, new.scope, new.type.category, named.alias)
        account_id, now = await accounts.next_id(tx), platform.engine.clock()
        linked_id = await _linked(tx, new.scope, new.type, new.system_account)
        await accounts.insert(tx, account_id, named, linked_id, creator=caller.username, now=now)
        await _set_password(tx, platform, account_id, new.password)
        subject = f"account {account_id} {named.alias}"
        await audit.insert(tx, caller, Action.CREATE_ACCOUNT, subject, now, new.scope)
        return await _get(tx, new.scope, account_id)


async def update_account(
    platform: Platform, caller: Caller, scope: Scope, account_id: int, change: AccountChange
) -> Account:
    """Change an account; what the change does not name stays.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot change accounts in the scope.
        AccountNotFoundError: The scope has no such account.
        IllegalParameterReasonError, AliasTakenError, LinkedAccountNotFoundError: See `create_account`.
    """
    async with platform.engine.db.begin() as tx:
        info = await access.enter_scope(tx, platform, caller, scope)
        await access.demand_on(tx, caller, Action.MANAGE_ACCOUNT, info, ResourceKind.ACCOUNT, account_id)
        await declared.lock(tx)
        before = await _get(tx, scope, account_id)
        after = await _changed(tx, before, change)
        now = platform.engine.clock()
        stamped = msgspec.structs.replace(after, modifier=caller.username, modified_at=now)
        await accounts.update(tx, stamped)
        if change.password is not None:
            await _set_password(tx, platform, account_id, change.password)
        subject = f"account {account_id} {before.alias}: {', '.join(_named(change)) or 'nothing'}"
        edit = edited(before, after, ("alias", "port", "database", "system_account_id", "description"))
        named = Resource(ResourceKind.ACCOUNT, str(account_id), after.alias)
        await audit.insert(tx, caller, Action.MANAGE_ACCOUNT, subject, now, scope, resource=named, change=edit)
        return await _get(tx, scope, account_id)


async def delete_account(platform: Platform, caller: Caller, scope: Scope, account_id: int) -> Account:
    """Remove an account that nothing refers to, and return it; jobs and history keep what they know of it.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot change accounts in the scope.
        AccountNotFoundError: The scope has no such account.
        AccountInUseError: A database account, template or plan refers to it.
    """
    async with platform.engine.db.begin() as tx:
        info = await access.enter_scope(tx, platform, caller, scope)
        await access.demand_on(tx, caller, Action.MANAGE_ACCOUNT, info, ResourceKind.ACCOUNT, account_id)
        await declared.lock(tx)
        gone = await _get(tx, scope, account_id)
        if uses := await accounts.list_uses(tx, gone):
            raise AccountInUseError(", ".join(f"{use.kind} {use.name}" for use in uses))
        await accounts.delete(tx, account_id)
        subject, now = f"account {account_id} {gone.alias} deleted", platform.engine.clock()
        await audit.insert(tx, caller, Action.MANAGE_ACCOUNT, subject, now, scope)
    return gone


async def list_uses(platform: Platform, caller: Caller, scope: Scope, account_id: int) -> list[AccountUse]:
    """Return what refers to an account: database accounts, templates and plans.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.
        AccountNotFoundError: The scope has no such account.
    """
    async with platform.engine.db.begin() as tx:
        await access.enter_scope(tx, platform, caller, scope)
        return await accounts.list_uses(tx, await _get(tx, scope, account_id))


async def get_account(platform: Platform, caller: Caller, scope: Scope, account_id: int) -> Account:
    """Return an account.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.
        AccountNotFoundError: The scope has no such account.
    """
    async with platform.engine.db.begin() as tx:
        await access.enter_scope(tx, platform, caller, scope)
        return await _get(tx, scope, account_id)


async def list_accounts(
    platform: Platform, caller: Caller, scope: Scope, wanted: AccountFilter
) -> tuple[int, list[Account]]:
    """Return how many accounts of a scope there are, and one page of them by id.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.
    """
    async with platform.engine.db.begin() as tx:
        await access.enter_scope(tx, platform, caller, scope)
        return await accounts.list_accounts(tx, scope, wanted)


async def list_usable(platform: Platform, caller: Caller, scope: Scope, category: Category) -> list[Account]:
    """Return all accounts of a scope and category, by id, that the caller may run scripts or SQL as.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.
    """
    async with platform.engine.db.begin() as tx:
        await access.enter_scope(tx, platform, caller, scope)
        if not allows(caller, Action.USE_ACCOUNT, scope.type, scope.id):
            return []
        return (await accounts.list_accounts(tx, scope, AccountFilter(category, length=MOST_LISTED)))[1]


async def default_account(platform: Platform, caller: Caller, scope: Scope) -> int:
    """Return the id of the Linux account of a scope that is meant when none is named: `root`, else the oldest.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        AccountNotFoundError: The scope has no Linux account.
    """
    async with platform.engine.db.begin() as tx:
        await access.enter_scope(tx, platform, caller, scope)
        found = await accounts.find_default(tx, scope, AccountType.LINUX)
    if found is None:
        raise AccountNotFoundError("root")
    return found


async def _get(tx: Transaction, scope: Scope, account_id: int) -> Account:
    found = await accounts.find(tx, scope, account_id)
    if found is None:
        raise AccountNotFoundError(account_id)
    return found


async def _changed(tx: Transaction, account: Account, change: AccountChange) -> Account:
    """Return an account as it is after a change, its password apart."""
    plain = {"alias", "port", "database", "description"} & {*_named(change)}
    values: dict[str, Any] = {name: getattr(change, name) for name in plain}
    after = msgspec.structs.replace(account, **values)
    if account.type is AccountType.WINDOWS and change.password == "":
        raise IllegalParameterReasonError("password", _WINDOWS_NEEDS)
    if change.system_account is not None:
        linked_id = await _linked(tx, account.scope, account.type, change.system_account)
        after = msgspec.structs.replace(after, system_account_id=linked_id)
    _refuse(problems_of(account.type, change.password or "", after.port, after.database))
    _refuse(problems_of_texts(after.alias, after.description))
    if after.alias != account.alias:
        await _check_alias(tx, account.scope, account.category, after.alias)
    return after


def _named(change: AccountChange) -> list[str]:
    """Return the names of what a change names."""
    return [name for name in change.__struct_fields__ if getattr(change, name) is not None]


def _problems_of_new(new: NewAccount) -> Iterator[tuple[str, str]]:
    yield from problems_of(new.type, new.password, new.port, new.database)
    yield from problems_of_texts(new.alias, new.description)
    if new.type is AccountType.WINDOWS and not new.password:
        yield "password", _WINDOWS_NEEDS


def _refuse(problems: Iterator[tuple[str, str]]) -> None:
    for field, problem in problems:
        raise IllegalParameterReasonError(field, problem)


async def _check_account_name(tx: Transaction, new: NewAccount) -> None:
    problem = problem_of_name(await platform_settings.load(tx), new.type, new.account)
    if problem:
        raise IllegalParameterReasonError("account", problem)


async def _check_alias(tx: Transaction, scope: Scope, category: Category, alias: str) -> None:
    if await accounts.find_by_alias(tx, scope, category, alias) is not None:
        raise AliasTakenError(alias)


async def _linked(tx: Transaction, scope: Scope, kind: AccountType, alias: str) -> int | None:
    """Return the id of the system account that an account is linked to; a system account is linked to none."""
    if kind.category is Category.SYSTEM:
        _refuse(iter([("system_account", "is for database accounts")] if alias else []))
        return None
    found = await accounts.find_by_alias(tx, scope, Category.SYSTEM, alias)
    if found is None:
        raise LinkedAccountNotFoundError(alias or "system_account")
    return found.id


async def _set_password(tx: Transaction, platform: Platform, account_id: int, password: str) -> None:
    sealed = platform.engine.sealer.seal_text(password, password_purpose(account_id)) if password else None
    await accounts.set_password(tx, account_id, sealed)
