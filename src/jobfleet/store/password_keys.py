"""Queries over the keys that passwords travel under; private keys are sealed before they come here."""

import msgspec
import sqlalchemy as sa

from jobfleet.store.database import Transaction
from jobfleet.store.locks import AdvisoryLock, wait_for
from jobfleet.store.tables import password_keys


class PasswordKey(msgspec.Struct, frozen=True):
    """Hold a key: its public half as Base64 of the DER form, its private one sealed; `created_at` is epoch ms."""

    id: int
    public_key: str
    private_key: bytes
    created_at: int


async def lock(tx: Transaction) -> None:
    """Have everybody else who makes a key wait until the transaction ends."""
    await wait_for(tx, AdvisoryLock.PASSWORD_KEYS)


async def next_id(tx: Transaction) -> int:
    """Return a fresh id."""
    return int((await tx.execute(sa.text("SELECT nextval('password_key_id_seq')"))).scalar_one())


async def insert(tx: Transaction, key: PasswordKey) -> None:
    """Store a key."""
    await tx.execute(sa.insert(password_keys).values(**msgspec.structs.asdict(key)))


async def list_newest(tx: Transaction, most: int) -> list[PasswordKey]:
    """Return at most so many keys, the newest first."""
    found = await tx.execute(sa.select(password_keys).order_by(password_keys.c.id.desc()).limit(most))
    return [PasswordKey(row.id, row.public_key, row.private_key, row.created_at) for row in found]
