"""The advisory locks of the database: a number and one purpose each, so that nobody waits for what is not theirs."""

from enum import IntEnum, unique

import sqlalchemy as sa

from jobfleet.store.database import Transaction


@unique
class AdvisoryLock(IntEnum):
    """Name what only one transaction at a time may do."""

    MIGRATION = 7425123
    PARTITIONS = 7425124
    TEMPLATE = 7425125
    """With a template's id: saving it."""

    AUDIT_CHAIN = 7425126
    DECLARED_STATE = 7425127
    HISTORY_COUNTS = 7425128
    CREDENTIAL_NAMES = 7425129
    """The seed of a hash of a scope: changing its credentials or file sources."""

    PASSWORD_KEYS = 7425131


async def wait_for(tx: Transaction, lock: AdvisoryLock) -> None:
    """Wait until nobody else holds a lock, and hold it until the transaction ends."""
    await tx.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": int(lock)})
