"""Accounts: make, change, remove and look at them."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id, ScopeText
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model import account as model
from jobfleet.model.account import MAX_PORT, AccountChange, AccountFilter, AccountType, Category
from jobfleet.model.caller import Action
from jobfleet.model.scope import parse_scope, scope_text
from jobfleet.operations import accounts

Port = Annotated[int, Meta(ge=1, le=MAX_PORT)]


class AccountView(msgspec.Struct, frozen=True):
    """Show an account; times are epoch milliseconds. Its password is never shown."""

    id: int
    scope: str
    alias: str
    account: str
    category: str
    type: str
    port: int | None
    database: str
    system_account: str
    description: str
    has_password: bool
    creator: str
    created_at: int
    modifier: str
    modified_at: int


class AccountList(msgspec.Struct, frozen=True):
    """Show one page of accounts; `total` counts them all."""

    total: int
    accounts: list[AccountView]


class UseView(msgspec.Struct, frozen=True):
    """Name what uses an account: a database account, template or plan (`kind`); `template_id` is the plan's."""

    kind: str
    id: int
    name: str
    template_id: int


class UseList(msgspec.Struct, frozen=True):
    """Show what uses an account."""

    uses: list[UseView]


class ListAccounts(Wanted, frozen=True):
    """Page through the accounts of a scope by id; `alias` and `account` may stand anywhere in theirs."""

    scope: ScopeText
    category: Literal["system", "database"] | None = None
    alias: str = ""
    account: str = ""
    start: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    length: Annotated[int, Meta(ge=1, le=1000)] = 100


class NewAccount(Wanted, frozen=True):
    """Ask for an account; `system_account` is the alias of the one that a database account's client runs as."""

    scope: ScopeText
    account: str
    type: Literal["linux", "windows", "mysql", "oracle", "db2", "postgresql"] = "linux"
    alias: str = ""
    password: str = ""
    port: Port | None = None
    database: str = ""
    system_account: str = ""
    description: str = ""


class ChangedAccount(Wanted, frozen=True):
    """Ask for a change; what is left out stays, an empty password takes it away."""

    scope: ScopeText
    account_id: Id
    alias: str | None = None
    password: str | None = None
    port: Port | None = None
    database: str | None = None
    system_account: str | None = None
    description: str | None = None


class OneAccount(Wanted, frozen=True):
    """Name an account."""

    scope: ScopeText
    account_id: Id


async def list_accounts(call: Call, wanted: ListAccounts) -> AccountList:
    """Show a page of accounts."""
    category = None if wanted.category is None else Category[wanted.category.upper()]
    asked = AccountFilter(category, wanted.alias, wanted.account, wanted.start, wanted.length)
    total, found = await accounts.list_accounts(call.platform, call.caller, parse_scope(wanted.scope), asked)
    return AccountList(total, [_show(account) for account in found])


async def create(call: Call, wanted: NewAccount) -> AccountView:
    """Make an account."""
    new = model.NewAccount(
        scope=parse_scope(wanted.scope),
        account=wanted.account,
        type=AccountType[wanted.type.upper()],
        alias=wanted.alias,
        password=wanted.password,
        port=wanted.port,
        database=wanted.database,
        system_account=wanted.system_account,
        description=wanted.description,
    )
    return _show(await accounts.create_account(call.platform, call.caller, new))


async def show(call: Call, wanted: OneAccount) -> AccountView:
    """Show an account."""
    scope = parse_scope(wanted.scope)
    return _show(await accounts.get_account(call.platform, call.caller, scope, wanted.account_id))


async def list_uses(call: Call, wanted: OneAccount) -> UseList:
    """Show what uses an account."""
    found = await accounts.list_uses(call.platform, call.caller, parse_scope(wanted.scope), wanted.account_id)
    return UseList([UseView(**msgspec.structs.asdict(one)) for one in found])


async def update(call: Call, wanted: ChangedAccount) -> AccountView:
    """Change an account."""
    change = AccountChange(
        alias=wanted.alias,
        password=wanted.password,
        port=wanted.port,
        database=wanted.database,
        system_account=wanted.system_account,
        description=wanted.description,
    )
    scope = parse_scope(wanted.scope)
    return _show(await accounts.update_account(call.platform, call.caller, scope, wanted.account_id, change))


async def delete(call: Call, wanted: OneAccount) -> AccountView:
    """Remove an account and show it for the last time."""
    scope = parse_scope(wanted.scope)
    return _show(await accounts.delete_account(call.platform, call.caller, scope, wanted.account_id))


def _show(account: model.Account) -> AccountView:
    return AccountView(
        id=account.id,
        scope=scope_text(account.scope),
        alias=account.alias,
        account=account.account,
        category=account.category.name.lower(),
        type=account.type.name.lower(),
        port=account.port,
        database=account.database,
        system_account=account.system_account,
        description=account.description,
        has_password=account.has_password,
        creator=account.creator,
        created_at=account.created_at,
        modifier=account.modifier,
        modified_at=account.modified_at,
    )


_ONE = "/api/v1/accounts/{account_id}"

ROUTES = (
    Route(
        "GET",
        "/api/v1/accounts",
        Action.ACCESS_BUSINESS,
        list_accounts,
        ListAccounts,
        AccountList,
        "List the accounts of a scope",
    ),
    Route("POST", "/api/v1/accounts", Action.CREATE_ACCOUNT, create, NewAccount, AccountView, "Make an account", 201),
    Route("GET", _ONE, Action.ACCESS_BUSINESS, show, OneAccount, AccountView, "Show an account"),
    Route("GET", f"{_ONE}/uses", Action.ACCESS_BUSINESS, list_uses, OneAccount, UseList, "What uses an account"),
    Route("POST", _ONE, Action.MANAGE_ACCOUNT, update, ChangedAccount, AccountView, "Change an account"),
    Route("POST", f"{_ONE}/delete", Action.MANAGE_ACCOUNT, delete, OneAccount, AccountView, "Remove an account"),
)
