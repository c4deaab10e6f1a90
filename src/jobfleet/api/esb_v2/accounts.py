"""Accounts in version 2: lists of those that the caller may run as, with times as texts."""

import msgspec

from jobfleet.api.accounts import system_of
from jobfleet.api.fields import Int32, Int64
from jobfleet.api.scope import ScopedV2, scope_of
from jobfleet.api.surface import Call
from jobfleet.api.times import time_texts
from jobfleet.model.account import Account, Category
from jobfleet.operations import accounts, schedule_query


class GetOsAccount(ScopedV2, frozen=True, kw_only=True):
    """Ask for system accounts."""


class GetOwnDbAccountList(ScopedV2, frozen=True, kw_only=True):
    """Ask for database accounts; all from `start` on unless `length` says how many."""

    start: Int32 | None = None
    length: Int32 | None = None


class OsAccountV2(msgspec.Struct, frozen=True):
    """Show a system account."""

    id: Int64
    account: str
    creator: str
    os: str | None
    alias: str
    bk_biz_id: Int64
    bk_scope_type: str
    bk_scope_id: str
    create_time: str | None


class DbAccountV2(msgspec.Struct, frozen=True):
    """Show a database account."""

    db_account_id: Int64
    db_alias: str
    account: str
    creator: str
    create_time: str | None


async def get_os_account(call: Call, wanted: GetOsAccount) -> list[OsAccountV2]:
    """Show the system accounts that the caller may run scripts as.

    Source: docs/reference/accounts.md, «BlueKing API».
    """
    found, zone = await _usable(call, wanted, Category.SYSTEM)
    written = time_texts(zone, offset=False)
    return [
        OsAccountV2(
            id=one.id,
            account=one.account,
            creator=one.creator,
            os=system_of(one.type),
            alias=one.alias,
            bk_biz_id=one.scope.id,
            bk_scope_type=one.scope.type.value,
            bk_scope_id=str(one.scope.id),
            create_time=written(one.created_at),
        )
        for one in found
    ]


async def get_own_db_account_list(call: Call, wanted: GetOwnDbAccountList) -> list[DbAccountV2]:
    """Show the database accounts that the caller may run SQL as.

    Source: docs/reference/accounts.md, «BlueKing API».
    """
    found, zone = await _usable(call, wanted, Category.DATABASE)
    written, start = time_texts(zone, offset=False), max(0, wanted.start or 0)
    page = found[start : start + wanted.length] if wanted.length and wanted.length > 0 else found[start:]
    return [DbAccountV2(one.id, one.alias, one.account, one.creator, written(one.created_at)) for one in page]


async def _usable(call: Call, wanted: ScopedV2, category: Category) -> tuple[list[Account], str]:
    scope = scope_of(wanted)
    found = await accounts.list_usable(call.platform, call.caller, scope, category)
    return found, await schedule_query.zone_of(call.platform, call.caller, scope)
