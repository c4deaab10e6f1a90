"""Keep the white list: records of which scopes may use which hosts of others, and for what."""

import msgspec

from jobfleet.model.caller import Action, Caller
from jobfleet.model.resource_errors import (
    UnknownScopeError,
    WhitelistAddressesError,
    WhitelistHostsError,
    WhitelistRecordNotFoundError,
)
from jobfleet.model.scope import scope_text
from jobfleet.model.target import Host
from jobfleet.model.whitelist import NewRecord, WhitelistRecord, in_order
from jobfleet.operations.access import demand_platform
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, inventory, whitelist
from jobfleet.store.database import Transaction

MOST_NAMED = 20
"""How many unknown hosts a refusal names."""


class RecordView(msgspec.Struct, frozen=True):
    """Hold a record with those of its hosts that are still known."""

    record: WhitelistRecord
    hosts: tuple[Host, ...]


async def create_record(platform: Platform, caller: Caller, new: NewRecord) -> RecordView:
    """Let scopes use hosts of others; it counts for the next job on every server.

    Raises:
        ForbiddenError: The caller may not make records.
        WhitelistHostsError, WhitelistAddressesError: Hosts are not known; they are named.
        UnknownScopeError: A scope does not exist; it is named.

    Source: docs/reference/white-list.md.
    """
    demand_platform(caller, Action.CREATE_WHITELIST)
    now = platform.engine.clock()
    empty = WhitelistRecord(0, (), False, (), (), "", caller.username, now, "", 0)
    async with platform.engine.db.begin() as tx:
        record = await _changed(tx, empty, new, caller, now)
        record = msgspec.structs.replace(record, id=await whitelist.insert(tx, record))
        await audit.insert(tx, caller, Action.CREATE_WHITELIST, _subject("create", record), now)
        return await _view(tx, record, now)


async def update_record(platform: Platform, caller: Caller, record_id: int, new: NewRecord) -> RecordView:
    """Change a record; what it allowed and does not any more ends with it.

    Raises:
        ForbiddenError: The caller may not change records.
        WhitelistRecordNotFoundError: There is none of this id.
        WhitelistHostsError, WhitelistAddressesError, UnknownScopeError: See `create_record`.
    """
    demand_platform(caller, Action.MANAGE_WHITELIST)
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        record = await _changed(tx, await _get(tx, record_id), new, caller, now)
        await whitelist.update(tx, record)
        await audit.insert(tx, caller, Action.MANAGE_WHITELIST, _subject("update", record), now)
        return await _view(tx, record, now)


async def delete_record(platform: Platform, caller: Caller, record_id: int) -> None:
    """Delete a record.

    Raises:
        ForbiddenError, WhitelistRecordNotFoundError: See `update_record`.
    """
    demand_platform(caller, Action.MANAGE_WHITELIST)
    async with platform.engine.db.begin() as tx:
        gone = await _get(tx, record_id)
        await whitelist.delete(tx, record_id)
        subject = _subject("delete", gone)
        await audit.insert(tx, caller, Action.MANAGE_WHITELIST, subject, platform.engine.clock())


async def list_records(
    platform: Platform, caller: Caller, *, host_id: int | None, remark: str, start: int, length: int
) -> tuple[int, list[RecordView]]:
    """Return how many records match, and a page of them by id.

    Raises:
        ForbiddenError: The caller may not change records.
    """
    demand_platform(caller, Action.MANAGE_WHITELIST)
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        total, found = await whitelist.list_page(tx, host_id=host_id, remark=remark, start=start, length=length)
        return total, [await _view(tx, record, now) for record in found]


async def _get(tx: Transaction, record_id: int) -> WhitelistRecord:
    found = await whitelist.find(tx, record_id, lock=True)
    if found is None:
        raise WhitelistRecordNotFoundError(record_id)
    return found


async def _changed(
    tx: Transaction, record: WhitelistRecord, new: NewRecord, caller: Caller, now: int
) -> WhitelistRecord:
    for scope in new.scopes or ():
        if await inventory.find_scope(tx, scope) is None:
            raise UnknownScopeError(scope_text(scope))
    return msgspec.structs.replace(
        record,
        host_ids=await _host_ids(tx, new, now),
        all_scopes=new.scopes is None,
        scopes=tuple(dict.fromkeys(scope_text(scope) for scope in new.scopes or ())),
        actions=in_order(new.actions),
        remark=new.remark,
        modifier=caller.username,
        modified_at=now,
    )


async def _host_ids(tx: Transaction, new: NewRecord, now: int) -> tuple[int, ...]:
    known = await inventory.hosts_by_id(tx, new.host_ids, now)
    unknown = [str(host_id) for host_id in new.host_ids if host_id not in known]
    if unknown:
        raise WhitelistHostsError(_shortened(unknown))
    placed = await inventory.hosts_by_address(tx, new.addresses, now)
    nowhere = [f"{one.cloud_id}:{one.ip}" for one in new.addresses if one not in placed]
    if nowhere:
        raise WhitelistAddressesError(_shortened(nowhere))
    return tuple(sorted({*known, *(host.id for host in placed.values())}))


def _shortened(names: list[str]) -> str:
    return ",".join(names[:MOST_NAMED]) + (",…" if len(names) > MOST_NAMED else "")


async def _view(tx: Transaction, record: WhitelistRecord, now: int) -> RecordView:
    hosts = await inventory.hosts_by_id(tx, record.host_ids, now)
    return RecordView(record, tuple(hosts.values()))


def _subject(what: str, record: WhitelistRecord) -> str:
    return f"{what} white list record {record.id}: {len(record.host_ids)} hosts"
