"""The RSA keys that passwords travel under: make one, and open what was encrypted for any of several."""

import base64
import binascii
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

KEY_BITS = 2048
_CIPHER_BYTES = KEY_BITS // 8
MAX_CIPHER_CHARACTERS = 4 * -(-_CIPHER_BYTES // 3)
"""Length of an encrypted password as Base64."""


def generate() -> tuple[str, bytes]:
    """Return a fresh key: its public half as Base64 of DER (SubjectPublicKeyInfo), its private half as DER (PKCS 8)."""
    key = generate_private_key(65537, KEY_BITS)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return base64.b64encode(public).decode(), private


def open_passwords(private_keys: Sequence[bytes], written: Sequence[str]) -> list[str | None]:
    """Return what encrypted passwords say, in order; None for each that opens with none of the keys.

    The padding is PKCS #1 v1.5, with which callers' libraries encrypt by default. What is wrong cannot be told from
    outside: bad Base64, bad padding and a strange key take the same work and give the same None. For bad padding
    decryption gives noise instead of an error (implicit rejection), and noise is nearly never a printable text; what
    is, is short, so the longest text is the password's.

    Source: docs/reference/accounts.md, «Encrypted passwords».
    """
    keys = [_loaded(private) for private in private_keys]
    return [max((_opened(key, text) for key in keys), key=len, default="") or None for text in written]


def _loaded(private: bytes) -> RSAPrivateKey:
    key = load_der_private_key(private, None, unsafe_skip_rsa_key_validation=True)  # ours, and sealed until now
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("a password key is no RSA key")
    return key


def _opened(key: RSAPrivateKey, written: str) -> str:
    try:
        clear = key.decrypt(_cipher(written), PKCS1v15())
    except ValueError:  # a number that is no ciphertext of this key
        return ""
    try:
        text = clear.decode()
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() else ""


def _cipher(written: str) -> bytes:
    """Return the bytes of a ciphertext; for what is none, bytes that open to noise."""
    try:
        found = binascii.a2b_base64("".join(written.split()), strict_mode=True)
    except (binascii.Error, ValueError):
        found = b""
    return found if len(found) == _CIPHER_BYTES else bytes(_CIPHER_BYTES - 1) + b"\x02"
