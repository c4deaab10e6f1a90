"""Mails that are to be sent, beside what hooks are to be told; the outbox delivers both."""

import msgspec
import sqlalchemy as sa

from jobfleet.model.mail import Letter, Mailed
from jobfleet.model.scope import Scope
from jobfleet.store.database import Transaction
from jobfleet.store.tables import notifications

SCHEME = "mailto:"
"""How the address of a letter begins."""


class NewMail(msgspec.Struct, frozen=True):
    """Say what is written to whom, by user name and by address."""

    receiver: str
    address: str
    letter: Letter


async def insert(tx: Transaction, scope: Scope, mail: NewMail, now: int, *, refused: str = "") -> None:
    """Note a mail that is to be sent, or with a reason one that is not."""
    values = {
        "scope_type": scope.type.value,
        "scope_id": scope.id,
        "hook": "",
        "url": SCHEME + mail.address,
        "receiver": mail.receiver,
        "notice": msgspec.to_builtins(mail.letter),
        "due_at": None if refused else now,
        "created_at": now,
        "ended_at": now if refused else None,
        "reason": refused,
    }
    await tx.execute(sa.insert(notifications).values(values))


async def count_since(tx: Transaction, scope: Scope, receiver: str, since: int) -> Mailed:
    """Count the mails written after a moment (epoch ms); those that were refused do not count."""
    ours = sa.and_(notifications.c.scope_type == scope.type.value, notifications.c.scope_id == scope.id)
    query = sa.select(
        sa.func.count().filter(notifications.c.receiver == receiver),
        sa.func.count().filter(ours),
        sa.func.count(),
    ).where(
        notifications.c.receiver != "",
        notifications.c.created_at > since,
        sa.or_(notifications.c.ended_at.is_(None), notifications.c.delivered),
    )
    row = (await tx.execute(query)).one()
    return Mailed(int(row[0]), int(row[1]), int(row[2]))
