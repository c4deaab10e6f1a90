"""Accounts in version 3: make, change, remove and list them; what bus and gateway share."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.fields import NEEDED, Int32, Int64, Text, text
from jobfleet.api.paging import page_of
from jobfleet.api.rules import given, id_of
from jobfleet.api.scope import Scoped, business_of, scope_of
from jobfleet.api.scripts import scope_first
from jobfleet.api.surface import Call
from jobfleet.model import account as model
from jobfleet.model.account import (
    MAX_ALIAS_CHARACTERS,
    MAX_DESCRIPTION_CHARACTERS,
    MAX_NEW_PASSWORD_CHARACTERS,
    MAX_PASSWORD_CHARACTERS,
    AccountChange,
    AccountFilter,
    AccountType,
    Category,
)
from jobfleet.operations import accounts

Alias = Annotated[Text, Meta(extra_json_schema={"maxLength": MAX_ALIAS_CHARACTERS})]
Description = Annotated[str, Meta(max_length=MAX_DESCRIPTION_CHARACTERS)]
CategoryNumber = Annotated[int, Meta(ge=1, le=2, extra_json_schema={"format": "int32"})]
SystemCategory = Annotated[int, Meta(ge=1, le=1, extra_json_schema={"format": "int32"})]
SystemType = Annotated[int, Meta(ge=1, le=2, extra_json_schema={"format": "int32"})]


class GetAccountList(Scoped, frozen=True, kw_only=True):
    """Ask for a page of accounts; `alias` and `account` may stand anywhere in theirs."""

    category: CategoryNumber | None = None
    account: Text | None = None
    alias: Text | None = None
    start: Int32 | None = None
    length: Int32 | None = None


class CreateAccount(Scoped, frozen=True, kw_only=True):
    """Ask for a system account; databases' are made on the command line or declared."""

    account: Annotated[Text | None, NEEDED] = None
    type: Annotated[SystemType | None, NEEDED] = None
    category: Annotated[SystemCategory | None, NEEDED] = None
    password: Annotated[str, Meta(max_length=MAX_NEW_PASSWORD_CHARACTERS)] | None = None
    alias: Alias | None = None
    description: Description | None = None


class UpdateAccount(Scoped, frozen=True, kw_only=True):
    """Ask for a change; what is not given stays."""

    id: Annotated[Int64 | None, NEEDED] = None
    password: Annotated[str, Meta(max_length=MAX_PASSWORD_CHARACTERS)] | None = None
    alias: Alias | None = None
    description: Description | None = None


class DeleteAccount(Scoped, frozen=True, kw_only=True):
    """Name the account that is to go."""

    id: Annotated[Int64 | None, NEEDED] = None


class Account(msgspec.Struct, frozen=True):
    """Show an account; times are epoch milliseconds. `os` is null of a database's."""

    id: Int64
    bk_scope_type: str
    bk_scope_id: str
    bk_biz_id: Int64 | None
    account: str
    alias: str
    category: Int32
    type: Int32
    db_system_account_id: Int64 | None
    os: str | None
    description: str
    creator: str
    create_time: Int64
    last_modify_user: str
    last_modify_time: Int64


class AccountPage(msgspec.Struct, frozen=True):
    """Show one page of accounts; `total` counts all that match."""

    start: Int32
    total: Int32
    length: Int32
    data: list[Account]


async def get_account_list(call: Call, wanted: GetAccountList) -> AccountPage:
    """Show a page of accounts.

    Source: docs/reference/accounts.md, «BlueKing API».
    """
    category = None if wanted.category is None else Category(wanted.category)
    start, length = page_of(wanted.start, wanted.length)
    those = AccountFilter(category, text(wanted.alias), text(wanted.account), start, length)
    total, found = await accounts.list_accounts(call.platform, call.caller, scope_of(wanted), those)
    return AccountPage(start, total, length, [render(one) for one in found])


async def create_account(call: Call, wanted: CreateAccount) -> Account:
    """Make a system account.

    Source: docs/reference/accounts.md, «BlueKing API».
    """
    async with scope_first(call, wanted):
        new = _new(wanted)
    return render(await accounts.create_account(call.platform, call.caller, new))


async def update_account(call: Call, wanted: UpdateAccount) -> Account:
    """Change an account's alias, password or description."""
    async with scope_first(call, wanted):
        account_id = id_of("id", wanted.id)
    change = AccountChange(
        alias=None if wanted.alias is None else text(wanted.alias),
        password=wanted.password,
        description=wanted.description,
    )
    return render(await accounts.update_account(call.platform, call.caller, scope_of(wanted), account_id, change))


async def delete_account(call: Call, wanted: DeleteAccount) -> Account:
    """Remove an account that nothing refers to, and show it for the last time."""
    async with scope_first(call, wanted):
        account_id = id_of("id", wanted.id)
    return render(await accounts.delete_account(call.platform, call.caller, scope_of(wanted), account_id))


def _new(wanted: CreateAccount) -> model.NewAccount:
    name, kind = given("account", text(wanted.account).strip()), given("type", wanted.type)
    given("category", wanted.category)
    return model.NewAccount(
        scope=scope_of(wanted),
        account=name,
        type=AccountType(kind),
        alias=text(wanted.alias).strip(),
        password=wanted.password or "",
        description=wanted.description or "",
    )


def system_of(kind: AccountType) -> str | None:
    """Return the operating system of a system account, None of a database's."""
    return kind.name.capitalize() if kind.category is Category.SYSTEM else None


def render(one: model.Account) -> Account:
    """Return an account as version 3 shows it."""
    return Account(
        id=one.id,
        bk_scope_type=one.scope.type.value,
        bk_scope_id=str(one.scope.id),
        bk_biz_id=business_of(one.scope),
        account=one.account,
        alias=one.alias,
        category=one.category,
        type=one.type,
        db_system_account_id=one.system_account_id,
        os=system_of(one.type),
        description=one.description,
        creator=one.creator,
        create_time=one.created_at,
        last_modify_user=one.modifier,
        last_modify_time=one.modified_at,
    )
