"""What is kept of tokens: enough to know one again, too little to make one."""

import hashlib


def hash_token(token: str) -> bytes:
    """Return what is stored of a token; tokens are long and random, so that no salt is needed."""
    return hashlib.sha256(token.encode()).digest()
