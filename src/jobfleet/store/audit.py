"""The audit trail: who did what, in the transaction that did it, and its chain."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert

from jobfleet.model.audit import Access, AuditEntry, Place, Result, StoredEntry, change_text, mac_of
from jobfleet.model.caller import Caller
from jobfleet.model.permission import Resource
from jobfleet.model.scope import Scope
from jobfleet.store.database import Transaction, audit_mac, raw
from jobfleet.store.locks import AdvisoryLock
from jobfleet.store.tables import audit, audit_anchor

_TOLD = [audit.c[name] for name in AuditEntry.__struct_fields__]
_NAMES = ", ".join((*AuditEntry.__struct_fields__, "mac"))
_PLACES = ", ".join(f"${number}" for number in range(1, len(_TOLD) + 2))
_INSERT = f"INSERT INTO audit ({_NAMES}) VALUES ({_PLACES})"  # noqa: S608 (our own names)
_CLEAN = str.maketrans("", "", "\x00")


class AuditFilter(msgspec.Struct, frozen=True):
    """Say which rows are wanted; times are epoch milliseconds, `since` inclusive, `until` exclusive.

    `access` is one of `Access`; rows keep "" for what the server did.
    """

    scope: Scope | None = None
    username: str = ""
    action: str = ""
    resource_type: str = ""
    resource_id: str = ""
    result: str = ""
    access: str = ""
    app_code: str = ""
    since: int | None = None
    until: int | None = None


async def insert(  # noqa: PLR0913 - what a row tells
    tx: Transaction,
    caller: Caller,
    action: str,
    subject: str,
    at: int,
    scope: Scope | None = None,
    *,
    resource: Resource | None = None,
    change: Mapping[str, Any] | None = None,
    result: Result = Result.DONE,
) -> None:
    """Remember that a caller did something.

    Args:
        action: An action's id, such as `global_settings`.
        subject: What was done, in words; never a secret.
        at: Epoch milliseconds.
        scope: Where it was done; None stands for the whole platform.
        resource: What it was done to.
        change: What of it became another, see `model.audit.edited`; never a secret.
    """
    told = AuditEntry(
        entry=str(uuid.uuid4()),
        at=at,
        username=caller.username,
        app_code=caller.app_code,
        action=str(action),
        scope_type="" if scope is None else scope.type.value,
        scope_id=0 if scope is None else scope.id,
        subject=subject.translate(_CLEAN),
        result=result.value,
        access=caller.origin.access,
        source=caller.origin.source,
        resource_type="" if resource is None else resource.kind.value,
        resource_id="" if resource is None else resource.id,
        resource_name="" if resource is None else resource.name,
        change=change_text(change or {}),
    )
    mac = audit_mac(tx)
    sealed = b"" if mac is None else mac_of(mac, told)
    # Straight to the driver: every start of a job writes a row.
    await (await raw(tx)).execute(_INSERT, *msgspec.structs.astuple(told), sealed)


async def list_entries(tx: Transaction, wanted: AuditFilter, *, before: int | None, length: int) -> list[StoredEntry]:
    """Return rows that match, newest first, at most `length`.

    Args:
        before: Only rows with a smaller id: the last one of the page before.
    """
    query = _entries().where(*_conditions(wanted)).order_by(audit.c.id.desc()).limit(length)
    if before is not None:
        query = query.where(audit.c.id < before)
    return [_stored(row) for row in await tx.execute(query)]


async def hold(tx: Transaction) -> bool:
    """Tell whether the chain is ours until the transaction ends; False when another server works on it."""
    held = await tx.execute(sa.text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": int(AdvisoryLock.AUDIT_CHAIN)})
    return bool(held.scalar_one())


async def find_place(tx: Transaction, seq: int) -> Place | None:
    """Return the place of a row of the chain, or None."""
    query = sa.select(audit.c.seq, audit.c.link).where(audit.c.seq == seq)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else Place(row.seq, row.link)


async def find_head(tx: Transaction) -> Place | None:
    """Return the last place of the chain, or None."""
    query = sa.select(audit.c.seq, audit.c.link).where(audit.c.seq.is_not(None)).order_by(audit.c.seq.desc()).limit(1)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else Place(row.seq, row.link)


async def find_anchor(tx: Transaction) -> tuple[Place, bytes] | None:
    """Return up to which place the trail was forgotten, and the proof of it; None when nothing was."""
    row = (await tx.execute(sa.select(audit_anchor))).one_or_none()
    return None if row is None else (Place(row.seq, row.link), row.mac)


async def list_unchained(tx: Transaction, limit: int) -> list[StoredEntry]:
    """Return rows that have no place in the chain yet, oldest id first."""
    query = _entries().where(audit.c.seq.is_(None)).order_by(audit.c.id).limit(limit)
    return [_stored(row) for row in await tx.execute(query)]


async def list_chained(tx: Transaction, after: int, limit: int) -> list[StoredEntry]:
    """Return rows behind a place of the chain, in order."""
    query = _entries().where(audit.c.seq > after).order_by(audit.c.seq).limit(limit)
    return [_stored(row) for row in await tx.execute(query)]


async def find_double(tx: Transaction) -> str | None:
    """Return an entry that stands in the record twice, or None."""
    query = sa.select(audit.c.entry).group_by(audit.c.entry).having(sa.func.count() > 1).limit(1)
    return (await tx.execute(query)).scalar_one_or_none()


async def chain(tx: Transaction, ids: Sequence[int], places: Sequence[Place]) -> None:
    """Give rows their places."""
    statement = sa.text(
        "UPDATE audit SET seq = placed.seq, link = placed.link FROM unnest(CAST(:ids AS bigint[]), "
        "CAST(:seqs AS bigint[]), CAST(:links AS bytea[])) AS placed (id, seq, link) WHERE audit.id = placed.id"
    )
    seqs, links = [place.seq for place in places], [place.link for place in places]
    await tx.execute(statement, {"ids": list(ids), "seqs": seqs, "links": links})


async def set_mac(tx: Transaction, row_id: int, mac: bytes) -> None:
    """Seal a row that was written before rows were sealed."""
    await tx.execute(sa.update(audit).where(audit.c.id == row_id).values(mac=mac))


async def forget(tx: Transaction, place: Place, proof: bytes, now: int) -> None:
    """Remove the rows up to and including a place, and keep the proof that a server did."""
    await tx.execute(sa.delete(audit).where(audit.c.seq <= place.seq))
    values = {"seq": place.seq, "link": place.link, "at": now, "mac": proof}
    statement = upsert(audit_anchor).values(id=1, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


def _entries() -> sa.Select[Any]:
    return sa.select(audit.c.id, audit.c.mac, audit.c.seq, audit.c.link, *_TOLD)


def _stored(row: Any) -> StoredEntry:
    told = AuditEntry(**{name: getattr(row, name) for name in AuditEntry.__struct_fields__})
    return StoredEntry(row.id, told, row.mac, row.seq, row.link)


def _conditions(wanted: AuditFilter) -> list[sa.ColumnElement[bool]]:
    names = ("username", "action", "resource_type", "resource_id", "result", "app_code")
    found = [audit.c[name] == getattr(wanted, name) for name in names if getattr(wanted, name)]
    if wanted.access:
        found.append(audit.c.access == ("" if wanted.access == Access.SERVER else wanted.access))
    if wanted.scope is not None:
        found += [audit.c.scope_type == wanted.scope.type.value, audit.c.scope_id == wanted.scope.id]
    if wanted.since is not None:
        found.append(audit.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(audit.c.at < wanted.until)
    return found
