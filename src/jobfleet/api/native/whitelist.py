"""The white list: which scopes may use which hosts of others."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.route import Call, Done, FieldError, Route, Wanted
from jobfleet.api.native.targets import SCOPE_PATTERN
from jobfleet.model.caller import Action
from jobfleet.model.scope import parse_scope
from jobfleet.model.target_text import parse_hosts
from jobfleet.model.whitelist import MAX_HOSTS, MAX_REMARK_CHARACTERS, MAX_SCOPES, NewRecord
from jobfleet.operations import whitelist
from jobfleet.operations.whitelist import RecordView

RecordId = Annotated[int, Meta(ge=1, le=2**63 - 1)]
HostText = Annotated[str, Meta(min_length=1, max_length=64)]
ScopeOrAll = Annotated[str, Meta(pattern=rf"{SCOPE_PATTERN[:-1]}$|^all$")]
Part = Annotated[str, Meta(max_length=255, pattern=r"^[^\x00]*$")]


class RecordWords(Wanted, frozen=True, kw_only=True):
    """Say what a record is: hosts by id or address, scopes or `["all"]`, and for what."""

    hosts: Annotated[list[HostText], Meta(min_length=1, max_length=MAX_HOSTS)]
    scopes: Annotated[list[ScopeOrAll], Meta(min_length=1, max_length=MAX_SCOPES)]
    actions: Annotated[list[Literal["script", "file"]], Meta(min_length=1, max_length=2)]
    remark: Annotated[str, Meta(max_length=MAX_REMARK_CHARACTERS, pattern=r"^[^\x00]*$")] = ""


class ChangedRecord(RecordWords, frozen=True, kw_only=True):
    """Ask for a record to become this."""

    record_id: RecordId


class OneRecord(Wanted, frozen=True):
    """Name a record."""

    record_id: RecordId


class ListRecords(Wanted, frozen=True):
    """Page through records by id; `remark` is a part of theirs."""

    host_id: RecordId | None = None
    remark: Part = ""
    start: Annotated[int, Meta(ge=0, le=2**31)] = 0
    length: Annotated[int, Meta(ge=1, le=100)] = 20


class WhitelistedHostView(msgspec.Struct, frozen=True):
    """Show a host; those that are not known any more are left out."""

    id: int
    business_id: int
    cloud_id: int
    ip: str | None
    ipv6: str | None


class RecordShown(msgspec.Struct, frozen=True):
    """Show a record; times are epoch milliseconds."""

    id: int
    hosts: list[WhitelistedHostView]
    scopes: list[str]
    actions: list[str]
    remark: str
    creator: str
    created_at: int
    modifier: str
    modified_at: int


class RecordList(msgspec.Struct, frozen=True):
    """Show one page of records; `total` counts all that match."""

    total: int
    records: list[RecordShown]


async def list_records(call: Call, wanted: ListRecords) -> RecordList:
    """Show a page of records."""
    total, found = await whitelist.list_records(
        call.platform,
        call.caller,
        host_id=wanted.host_id,
        remark=wanted.remark,
        start=wanted.start,
        length=wanted.length,
    )
    return RecordList(total, [_show(view) for view in found])


async def create(call: Call, wanted: RecordWords) -> RecordShown:
    """Make a record."""
    return _show(await whitelist.create_record(call.platform, call.caller, _new(wanted)))


async def update(call: Call, wanted: ChangedRecord) -> RecordShown:
    """Change a record."""
    return _show(await whitelist.update_record(call.platform, call.caller, wanted.record_id, _new(wanted)))


async def delete(call: Call, wanted: OneRecord) -> Done:
    """Delete a record."""
    await whitelist.delete_record(call.platform, call.caller, wanted.record_id)
    return Done()


def _new(wanted: RecordWords) -> NewRecord:
    try:
        host_ids, addresses = parse_hosts(wanted.hosts)
    except ValueError as error:
        raise FieldError("hosts", str(error)) from error
    everything = "all" in wanted.scopes
    if everything and len(wanted.scopes) > 1:
        raise FieldError("scopes", "name scopes, or all")
    scopes = None if everything else tuple(parse_scope(text) for text in wanted.scopes)
    return NewRecord(host_ids, addresses, scopes, tuple(wanted.actions), wanted.remark)


def _show(view: RecordView) -> RecordShown:
    record = view.record
    return RecordShown(
        id=record.id,
        hosts=[
            WhitelistedHostView(host.id, host.business_id, host.cloud_id, host.ip, host.ipv6) for host in view.hosts
        ],
        scopes=["all"] if record.all_scopes else list(record.scopes),
        actions=list(record.actions),
        remark=record.remark,
        creator=record.creator,
        created_at=record.created_at,
        modifier=record.modifier,
        modified_at=record.modified_at,
    )


_ALL, _ONE = "/api/v1/whitelist", "/api/v1/whitelist/{record_id}"
_CREATE, _MANAGE = Action.CREATE_WHITELIST, Action.MANAGE_WHITELIST

ROUTES = (
    Route("GET", _ALL, _MANAGE, list_records, ListRecords, RecordList, "List the white list of hosts"),
    Route("POST", _ALL, _CREATE, create, RecordWords, RecordShown, "Let scopes use hosts of others", 201),
    Route("POST", _ONE, _MANAGE, update, ChangedRecord, RecordShown, "Change a record of the white list"),
    Route("POST", f"{_ONE}/delete", _MANAGE, delete, OneRecord, Done, "Delete a record of the white list"),
)
