"""Who signs in: secrets of applications and passwords of people, as they are stored and checked."""

import hashlib
import hmac
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_SECRET_PREFIX = "sha256:"


def hash_secret(secret: str) -> str:
    """Return what is stored of an application's secret; equal secrets give equal texts.

    Secrets of applications are long and random and come with every call, so a fast hash is enough.
    """
    return _SECRET_PREFIX + hashlib.sha256(b"jobfleet app secret\x00" + secret.encode()).hexdigest()


def secret_matches(stored: str, secret: str) -> bool:
    """Tell, in constant time, whether a secret is the stored one."""
    return hmac.compare_digest(stored.encode(), hash_secret(secret).encode())


def hash_password(password: str) -> str:
    """Return what is stored of a person's password (argon2id, takes tens of milliseconds)."""
    return _hasher().hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """Tell whether a password is the stored one; takes tens of milliseconds, so call it in a thread."""
    try:
        return stored is not None and _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()
