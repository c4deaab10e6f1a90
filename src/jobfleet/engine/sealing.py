"""Seal secrets at rest, and what a step will run against a change in the database."""

import base64
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jobfleet.model.errors import InternalError

NONCE_BYTES = 12


class Sealer:
    """Encrypt values and authenticate definitions with keys derived from the master key.

    Args:
        master_key: 32 random bytes from the keys file; never in the database.
    """

    def __init__(self, master_key: bytes) -> None:
        self._box = AESGCM(_derive(master_key, b"jobfleet seal v1"))
        self._mac_key = _derive(master_key, b"jobfleet mac v1")
        self._audit_key = _derive(master_key, b"jobfleet audit v1")

    def seal(self, clear: bytes, purpose: str) -> bytes:
        """Encrypt bytes for one purpose; they open only under the same purpose."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._box.encrypt(nonce, clear, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt what `seal` made.

        Raises:
            InternalError: The value was changed, or sealed with another key or for another purpose.
        """
        try:
            return self._box.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: too short to have been sealed
            raise InternalError(detail=f"a sealed {purpose} does not open with this installation's key") from error

    def seal_text(self, clear: str, purpose: str) -> str:
        """Encrypt a text; the result is a text too."""
        return base64.b64encode(self.seal(clear.encode(), purpose)).decode()

    def open_text(self, sealed: str, purpose: str) -> str:
        """Decrypt what `seal_text` made.

        Raises:
            InternalError: As `open`.
        """
        try:
            raw = base64.b64decode(sealed)
        except ValueError:
            raw = b""
        return self.open(raw, purpose).decode()

    def mac(self, *parts: bytes) -> bytes:
        """Return the authentication code of length-prefixed parts."""
        code = hmac.new(self._mac_key, digestmod=hashlib.sha256)
        for part in parts:
            code.update(len(part).to_bytes(8, "big") + part)
        return code.digest()

    def audit_mac(self, told: bytes) -> bytes:
        """Return the authentication code of a row, link or anchor of the audit trail."""
        return hmac.digest(self._audit_key, told, "sha256")

    def matches(self, code: bytes, *parts: bytes) -> bool:
        """Tell whether `code` is the authentication code of the parts."""
        return hmac.compare_digest(code, self.mac(*parts))


def content_purpose(content_hash: str) -> str:
    """Return what a content is sealed for: in the place of another one it does not open.

    Args:
        content_hash: SHA-256 of the content, hex.
    """
    return f"content {content_hash}"


def _derive(master_key: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(master_key)
