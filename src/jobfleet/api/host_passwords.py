"""Encrypted passwords of accounts on single hosts, and how callers learn to encrypt them."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.fields import Int64
from jobfleet.api.surface import Call
from jobfleet.engine.password_cipher import MAX_CIPHER_CHARACTERS
from jobfleet.model.errors import BadRequestError
from jobfleet.operations import password_keys

MAX_HOST_PASSWORDS = 1_000
DOES_NOT_OPEN = "does not open with a key of this installation"


class HostPassword(msgspec.Struct, frozen=True):
    """Carry the encrypted password of an account on one Windows host; Linux hosts need none."""

    encrypted_password: Annotated[str, Meta(max_length=MAX_CIPHER_CHARACTERS)]
    bk_cloud_id: Int64 | None = None
    ip: str | None = None
    host_id: Int64 | None = None


HostPasswords = Annotated[tuple[HostPassword, ...], Meta(max_length=MAX_HOST_PASSWORDS)]


class GetEncryptionMetadata(msgspec.Struct, frozen=True):
    """Ask how passwords are to be encrypted."""


class EncryptionMetadata(msgspec.Struct, frozen=True):
    """Tell the key, as Base64 of its DER form, and the algorithm; the padding is PKCS #1 v1.5."""

    public_key: str
    encrypt_algorithm: str


async def get_account_password_encryption_metadata(call: Call, _wanted: GetEncryptionMetadata) -> EncryptionMetadata:
    """Tell how passwords of accounts on hosts are to be encrypted.

    Source: docs/reference/accounts.md, «Encrypted passwords».
    """
    return EncryptionMetadata(await password_keys.current_key(call.platform), password_keys.ALGORITHM)


async def check_host_passwords(call: Call, entries: Sequence[HostPassword]) -> None:
    """Do nothing when each entry names a host and its password opens.

    All are opened before one is refused, so that nobody learns from the time which one it was, and why.

    Raises:
        BadRequestError: One does not; it is named.
    """
    for index, entry in enumerate(entries):
        if entry.host_id is None and (entry.bk_cloud_id is None or not entry.ip):
            raise BadRequestError(f"host_password_list[{index}]", "names a host by neither id nor address")
    opened = await password_keys.open_all(call.platform, [entry.encrypted_password for entry in entries])
    if None in opened:
        raise BadRequestError(f"host_password_list[{opened.index(None)}].encrypted_password", DOES_NOT_OPEN)
