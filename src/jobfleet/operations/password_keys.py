"""Tell callers how passwords are to be encrypted, open what they encrypted, and change the key."""

import asyncio
from collections.abc import Sequence

from jobfleet.engine.password_cipher import generate, open_passwords
from jobfleet.model.caller import Action, Caller
from jobfleet.operations.access import demand_platform
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, password_keys
from jobfleet.store.database import Transaction
from jobfleet.store.password_keys import PasswordKey

ALGORITHM = "RSA"
MOST_READ = 3
"""How many keys, the newest first, open passwords: callers keep a key for a while."""


async def current_key(platform: Platform) -> str:
    """Return the public key to encrypt passwords with, as Base64 of its DER form; the first call makes it.

    Source: docs/reference/accounts.md, «Encrypted passwords».
    """
    async with platform.engine.db.begin() as tx:
        known = await password_keys.list_newest(tx, 1)
        if known:
            return known[0].public_key
        await password_keys.lock(tx)
        known = await password_keys.list_newest(tx, 1)
        return known[0].public_key if known else await _make(tx, platform)


async def rotate_key(platform: Platform, caller: Caller) -> str:
    """Make a new key and return its public half; what was encrypted with the last two stays readable.

    Raises:
        ForbiddenError: The caller does not administer the platform.
    """
    demand_platform(caller, Action.MANAGE_PLATFORM)
    async with platform.engine.db.begin() as tx:
        await password_keys.lock(tx)
        made = await _make(tx, platform)
        await audit.insert(tx, caller, Action.MANAGE_PLATFORM, "make a new password key", platform.engine.clock())
    return made


async def open_all(platform: Platform, written: Sequence[str]) -> list[str | None]:
    """Return what encrypted passwords say, in order; None for each that does not open."""
    sealer = platform.engine.sealer
    async with platform.engine.db.begin() as tx:
        keys = await password_keys.list_newest(tx, MOST_READ)
    opened = [sealer.open(key.private_key, _purpose(key.id)) for key in keys]
    return await asyncio.to_thread(open_passwords, opened, written)


async def _make(tx: Transaction, platform: Platform) -> str:
    public, private = await asyncio.to_thread(generate)
    key_id = await password_keys.next_id(tx)
    sealed = platform.engine.sealer.seal(private, _purpose(key_id))
    await password_keys.insert(tx, PasswordKey(key_id, public, sealed, platform.engine.clock()))
    return public


def _purpose(key_id: int) -> str:
    return f"password key {key_id}"
