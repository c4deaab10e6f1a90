"""Messages that wait to be sent to addresses outside: which are due, and how far each is."""

from enum import StrEnum

import msgspec
import sqlalchemy as sa

from jobfleet.store.database import Transaction, raw
from jobfleet.store.mails import SCHEME
from jobfleet.store.tables import callbacks, notifications


class Outbox(StrEnum):
    """Name the tables of messages; they share the columns that say how far each is."""

    CALLBACKS = "callback"
    NOTIFICATIONS = "notification"


class DueMessage(msgspec.Struct, frozen=True):
    """Describe a message that this server has taken to deliver; `body` is JSON, `tries` counts the earlier ones."""

    outbox: Outbox
    id: int
    url: str
    body: str
    tries: int


_TABLES = {Outbox.CALLBACKS: callbacks, Outbox.NOTIFICATIONS: notifications}
_BODIES = {
    Outbox.CALLBACKS: "jsonb_build_object('job_id', job_id, 'outcome', outcome)",
    Outbox.NOTIFICATIONS: "notice",
}


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Say which messages are taken, at most `limit`: letters or all others; for `lease_ms` nobody else takes them."""

    box: Outbox
    lease_ms: int
    limit: int
    mails: bool = False


async def claim_due(tx: Transaction, claim: Claim, now: int) -> list[DueMessage]:
    """Take messages that are due, those that wait longest first."""
    table = claim.box.value
    rows = await (await raw(tx)).fetch(
        f"""
        UPDATE {table} SET due_at = $1 + $2, tries = tries + 1 WHERE id = ANY(ARRAY(
            SELECT id FROM {table} WHERE due_at <= $1 AND starts_with(url, $4) = $5
            ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED))
        RETURNING id, url, {_BODIES[claim.box]}::text, tries
        """,  # noqa: S608 (our own names)
        now,
        claim.lease_ms,
        claim.limit,
        SCHEME,
        claim.mails,
    )
    return [DueMessage(claim.box, row[0], row[1], row[2], row[3] - 1) for row in sorted(rows)]


async def put_off(tx: Transaction, message: DueMessage, due_at: int, reason: str) -> None:
    """Try a message again at a moment (epoch ms), for a reason."""
    table = _TABLES[message.outbox]
    await tx.execute(sa.update(table).where(table.c.id == message.id).values(due_at=due_at, reason=reason))


async def finish(tx: Transaction, message: DueMessage, now: int, *, delivered: bool, reason: str) -> None:
    """Note that a message was delivered, or given up for a reason."""
    table = _TABLES[message.outbox]
    await tx.execute(
        sa.update(table)
        .where(table.c.id == message.id, table.c.due_at.is_not(None))
        .values(due_at=None, ended_at=now, delivered=delivered, reason=reason)
    )


async def delete_before(tx: Transaction, ended_before: int) -> None:
    """Forget messages that ended before a moment (epoch ms)."""
    for table in _TABLES.values():
        await tx.execute(sa.delete(table).where(table.c.ended_at < ended_before))
