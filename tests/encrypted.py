"""Passwords as clients encrypt them."""

import base64

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key


def encrypted(key: tuple[str, bytes], clear: bytes) -> str:
    public = load_der_public_key(base64.b64decode(key[0]))
    assert isinstance(public, RSAPublicKey)
    return base64.b64encode(public.encrypt(clear, PKCS1v15())).decode()
