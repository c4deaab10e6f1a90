"""Hash and compare the passwords of people, never more than a few at a time."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from jobfleet.model.signin_errors import TooManyAttemptsError

MEMORY_KIB = 64 * 1024
PASSES = 3
LANES = 4
"""What a hash (argon2id) costs: RFC 9106's second choice, some tens of milliseconds."""

AT_ONCE = 2
"""How many passwords one server hashes at a time: so many times MEMORY_KIB it needs for it."""

WAITING = 100
"""How many more sign-ins wait for their turn; further ones are told to come back."""

_COME_BACK_S = 5


class Hashing:
    """Let sign-ins take turns, so that many at once cost no more memory than a few."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._room = at_once + waiting

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it.

        Raises:
            TooManyAttemptsError: Too many wait already.
        """
        if self._room <= 0:
            raise TooManyAttemptsError(_COME_BACK_S)
        self._room -= 1
        try:
            async with self._turns:
                yield
        finally:
            self._room += 1


def hash_password(password: str) -> str:
    """Return what is stored of a person's password (argon2id, takes tens of milliseconds)."""
    return _hasher().hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """Tell whether a password is the stored one; takes tens of milliseconds, so call it in a thread."""
    try:
        return _hasher().verify(stored or _nobody(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Tell whether a hash was made at another cost than new ones are."""
    return _hasher().check_needs_rehash(stored)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(PASSES, MEMORY_KIB, LANES, type=Type.ID)


@cache
def _nobody() -> str:
    """Return a hash for users that do not exist, so that asking for them takes as long."""
    return hash_password(secrets.token_hex())
