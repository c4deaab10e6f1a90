"""The text form of Ed25519 keys on NATS (nkeys): encode, decode, generate.

The agent stays small by doing this itself: the nkeys library would load a second Ed25519 implementation.
"""

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_SEED = 18 << 3
_USER = 20 << 3


def generate_user_seed() -> str:
    """Return a new user seed as NATS writes it («SU…»)."""
    raw = Ed25519PrivateKey.generate().private_bytes_raw()
    return _encode(bytes([_SEED | (_USER >> 5), (_USER & 31) << 3]) + raw)


def private_key(seed: str) -> Ed25519PrivateKey:
    """Return the private key in a seed.

    Raises:
        ValueError: The text is not a user seed.
    """
    payload = _decode(seed)
    if len(payload) != 34 or payload[0] & 0xF8 != _SEED:
        raise ValueError("not an nkey seed")
    return Ed25519PrivateKey.from_private_bytes(payload[2:])


def user_text(key: Ed25519PublicKey) -> str:
    """Return the public form of a user key («U…»)."""
    return _encode(bytes([_USER]) + key.public_bytes_raw())


def user_key(text: str) -> Ed25519PublicKey:
    """Return the key that a user's public text names.

    Raises:
        ValueError: The text is not the public key of a user.
    """
    payload = _decode(text)
    if len(payload) != 33 or payload[0] != _USER:
        raise ValueError("not the public nkey of a user")
    return Ed25519PublicKey.from_public_bytes(payload[1:])


def _encode(payload: bytes) -> str:
    checked = payload + binascii.crc_hqx(payload, 0).to_bytes(2, "little")
    return base64.b32encode(checked).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        checked = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error as error:
        raise ValueError("not an nkey") from error
    payload, crc = checked[:-2], checked[-2:]
    if binascii.crc_hqx(payload, 0).to_bytes(2, "little") != crc:
        raise ValueError("nkey with a wrong checksum")
    return payload
